# SPDX-License-Identifier: MIT
"""Comments of the C: long functions have a contract, files that are named exist."""

import pathlib
import re

import csource
import project

LONG = 20  # lines, from which on a function wants a contract
C_FILES = ("tinybpf/core/*.c", "tinybpf/core/*/*.[ch]", "runner/*.[ch]", "runner/*/*.[ch]")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FILE = re.compile(r"(?<![\w/.-])((?:[\w.-]+/)*[\w-]+\.(?:c|h|py|sh|cmake|toml|def))\b(?!\.)")
# Files of others: of a source tree whose folder is named (the kernel's, CPython's), or
# well known by their names alone.
FOREIGN_FOLDERS = (
    *("Include", "Lib", "Modules", "Objects", "Parser", "Python"),
    *("arch", "fs", "include", "kernel", "lib", "linux", "net", "src", "tools", "sys"),
)
FOREIGN = {
    *("libbpf.c", "bpf_helpers.h", "bpf_tracing.h", "bpf_core_read.h", "relo_core.c"),
    *("Python.h", "structmember.h", "pyconfig.h", "vmlinux.h", "usdt.c", "libbpf.h", "elf.h"),
    *("getpath.py", "file.c"),  # of CPython; in examples of verifier logs
}


def contract_complaints(name: str, text: str, header: str) -> list[str]:
    """Return the long functions with no comment above, in the file or in its header."""
    lines = text.splitlines()
    return [
        f"{name}:{f.line} {f.name}: {f.lines} lines without a contract"
        for f in csource.functions(text)
        if f.lines >= LONG
        and not lines[f.line - 2].rstrip().endswith("*/")
        and not _is_described(f.name, header)
    ]


def _is_described(function: str, header: str) -> bool:
    """Tell whether a comment stands above the paragraph that declares a function."""
    for paragraph in re.split(r"\n[ \t]*\n", header):
        declared = re.search(rf"\b{function}\(", csource.code(paragraph))
        if declared and paragraph.lstrip().startswith("/*"):
            return True
    return False


def file_complaints(path: pathlib.Path, text: str) -> list[str]:
    """Return the files that comments name and that do not exist."""
    roots = (path.parent, project.ROOT, project.ROOT / "tinybpf/core")
    found = []
    for comment in _COMMENT.finditer(text):
        for named in _FILE.findall(comment.group()):
            if named in FOREIGN or named.partition("/")[0] in FOREIGN_FOLDERS:
                continue
            if not any((root / named).is_file() for root in roots):
                line = text.count("\n", 0, comment.start()) + 1
                found.append(f"{project.shown(path)}:{line} names {named}: there is none")
    return found


def test_long_functions_have_contracts() -> None:
    """A function of 20 lines or more says above, or in its header, what it promises."""
    found = []
    for path in project.matching(*C_FILES):
        header = path.with_suffix(".h")
        promised = header.read_text() if path.suffix == ".c" and header.exists() else ""
        found += contract_complaints(project.shown(path), path.read_text(), promised)
    project.none(found)


def test_files_that_comments_name_exist() -> None:
    """A comment that names a file names one that is there, from where it stands."""
    paths = project.matching(*C_FILES)
    assert len(paths) > 100
    project.none(c for path in paths for c in file_complaints(path, path.read_text()))


def test_walks_lead_through_files() -> None:
    """Each file that the map of the core names is there, and each folder has its line."""
    core = project.ROOT / "tinybpf/core"
    text = (core / "README.md").read_text()
    named = re.findall(r"`([\w/]+\.[ch])`", text)
    assert len(named) > 20
    project.none(f"there is no {name}" for name in named if not list(core.rglob(name)))
    project.none(
        f"no word about {folder.name}/"
        for folder in core.iterdir()
        if folder.is_dir() and f"`{folder.name}`" not in text
    )


def test_the_checks_find_what_is_wrong() -> None:
    """A silent function and a stale name are found, what is described is not."""
    body = "int\nlong_one(void)\n{\n" + "    step();\n" * 20 + "}\n"
    assert len(contract_complaints("a.c", body, "")) == 1
    assert contract_complaints("a.c", "/* Why. */\n" + body, "") == []
    assert (
        contract_complaints("a.c", body, "/* What. */\nint other(void);\nint long_one(void);\n")
        == []
    )
    assert (
        len(
            contract_complaints(
                "a.c", body, "/* What. */\nint other(void);\n\nint long_one(void);\n"
            )
        )
        == 1
    )
    here = project.ROOT / "tinybpf/core/base/args.c"
    assert (
        file_complaints(here, "/* args.h, base/args.c, host/kernel.h, Python/ceval.c */") == []
    )
    assert len(file_complaints(here, "/* see nowhere.c */ call(missing.c);")) == 1
    assert len(file_complaints(here, "/* map/nowhere.h and args.py */")) == 2
