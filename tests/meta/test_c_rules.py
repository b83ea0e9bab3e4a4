# SPDX-License-Identifier: MIT
"""Rules of the C: no unsafe calls, no variable arrays, no mutable globals, tame macros."""

import re

import csource
import elfread
import project

FORBIDDEN = ("sprintf", "vsprintf", "strcpy", "strcat", "gets", "alloca", "strtok")
_CALL = re.compile(r"\b(" + "|".join(FORBIDDEN) + r")\s*\(")
_JUMP = re.compile(r"\b(return|goto|break|continue)\b")
_PYTHONS_OWN = re.compile(r"\s*#\s*define\s+Py_RETURN_")  # abi3.h: as Python.h has them
# A declaration of an array inside a function whose size has a lower-case name in it.
_ARRAY = re.compile(
    r"^\s+(?!return\b|else\b|case\b)(?:[A-Za-z_]\w*[\s*]+)+\w+\[([^\]]+)\]\s*[=;]", re.MULTILINE
)
_SIZEOF = re.compile(r"\bsizeof\b(\s*\([^()]*(\([^()]*\))*[^()]*\)|\s*\w+)")

C_FILES = (
    *("tinybpf/core/*.c", "tinybpf/core/*/*.[ch]", "runner/*.[ch]", "runner/*/*.[ch]"),
    *(
        "tests/leak/*.c",
        "tests/probed/*.c",
        "tests/bench/*.c",
        "tests/runner/*/*.c",
        "cmake/shims/*.[ch]",
    ),
)

# Tables that the C API takes by pointers that are not const; nobody writes to them.
TABLES = re.compile(r"^(\w+_)?(methods|getset|members|slots|spec|definition)(_\d+_\d+)?$")
# The variables of the core: the log that this thread captures, and the kernel's BTF,
# which is the process's (libbpf's print callback and its own calls have no context
# argument). libbpf's own slot for the callback is libbpf's.
MUTABLE = {"error/log.c": {"current"}, "host/kernel_btf.c": {"kernel_btf"}}


def call_complaints(name: str, text: str) -> list[str]:
    """Return the calls of functions that must not be called."""
    plain = csource.code(text)
    return [
        f"{name}:{plain.count(chr(10), 0, found.start()) + 1} calls {found.group(1)}()"
        for found in _CALL.finditer(plain)
    ]


def array_complaints(name: str, text: str) -> list[str]:
    """Return the arrays whose size is not a constant."""
    plain = csource.code(text)
    found = []
    for array in _ARRAY.finditer(plain):
        size = _SIZEOF.sub("", array.group(1))
        if re.search(r"\b[a-z_]\w*", size):
            line = plain.count("\n", 0, array.start(1)) + 1
            found.append(f"{name}:{line} array of a variable size: [{array.group(1)}]")
    return found


def macro_complaints(name: str, text: str) -> list[str]:
    """Return the macros that return or jump."""
    return [
        f"{name}: macro jumps: {' '.join(body.split())[:60]}"
        for body in csource.macros(text)
        if _JUMP.search(body) and not _PYTHONS_OWN.match(body)
    ]


def variable_complaints(source: str, variables: set[str]) -> list[str]:
    """Return the variables of an object file that are neither tables nor allowed."""
    allowed = MUTABLE.get(source, set())
    wrong = {name for name in variables if not TABLES.match(name)} - allowed
    return [f"{source} has a mutable global: {name}" for name in sorted(wrong)]


def test_c_keeps_the_rules() -> None:
    """No C file calls what it must not, has arrays of variable size, or jumping macros."""
    paths = project.matching(*C_FILES)
    assert len(paths) > 20
    checks = (call_complaints, array_complaints, macro_complaints)
    project.none(c for p in paths for f in checks for c in f(project.shown(p), p.read_text()))


def test_core_has_no_mutable_globals() -> None:
    """The built objects of the core hold no variable but the allowed one."""
    build = project.built("TINYBPF_BUILD")
    objects = {
        str(path).rpartition("/core/")[2].removesuffix(".o").removesuffix(".obj"): path
        for path in build.glob("**/tinybpf_core.dir/**/*.o*")
    }
    core = project.ROOT / "tinybpf/core"
    sources = {str(path.relative_to(core)) for path in core.rglob("*.c")}
    missing = sources - set(objects)
    assert not missing, f"no object files of {sorted(missing)} below {build}"
    project.none(
        c
        for source in sorted(sources)
        for c in variable_complaints(source, elfread.Elf(objects[source]).variables())
    )


def test_the_checks_find_what_is_wrong() -> None:
    """Each rule is kept by a check that can fail."""
    assert len(call_complaints("a.c", "void f(void) { sprintf(a, b); }")) == 1
    assert call_complaints("a.c", "snprintf(a); /* strcpy(x) */ my_strcpy(b);") == []
    assert len(array_complaints("a.c", "{\n    char buffer[n + 1];\n}")) == 1
    assert len(array_complaints("a.c", "{\n    struct x *many[count] = {0};\n}")) == 1
    fine = (
        "{\n  return a[n];\n  char a[MAX], b[16];\n  char c[sizeof(struct x)];\n  a[i] = 1;\n"
    )
    assert array_complaints("a.c", fine + "}") == []
    assert len(macro_complaints("a.c", "#define TRY(x) \\\n    if (x) goto error\n")) == 1
    assert macro_complaints("a.c", "#define MAX 3\n") == []
    assert len(variable_complaints("map.c", {"counter", "map_methods"})) == 1
    assert variable_complaints("error/log.c", {"current"}) == []


_FORMATTED = re.compile(r"\b(?:PyArg_\w+|Py_BuildValue|PyObject_Call(?:Function|Method))\s*\(")


def format_complaints(name: str, text: str) -> list[str]:
    """Return the calls with a '#' in a format: a length, whose type depends on the headers."""
    return [
        f"{name}: '#' in the format of {text[call.start() : call.end()]}"
        for call in _FORMATTED.finditer(text)
        if "#" in "".join(re.findall(r'"[^"]*"', text[call.end() : text.find(";", call.end())]))
    ]


def test_no_format_has_a_length() -> None:
    """The core can be compiled with the headers of any Python (base/abi3.h says why)."""
    assert format_complaints("x.c", 'Py_BuildValue("(y#i)", data, size, 1);')
    assert not format_complaints("x.c", 'Py_BuildValue("(Oi)", bytes, 1); // "#"')
    paths = project.matching("tinybpf/core/*/*.[ch]")
    project.none(c for p in paths for c in format_complaints(project.shown(p), p.read_text()))
