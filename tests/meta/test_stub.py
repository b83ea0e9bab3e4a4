# SPDX-License-Identifier: MIT
"""The stubs of tinybpf._core in step with the module, and complete as a reference."""

import ast
import importlib
import inspect
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Optional, Union

import project
import pytest

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
SECTIONS = ("Args", "Returns", "Raises", "Kernel", "Source")
# Dunders that every object has, or that Python makes of others.
INHERITED = set(dir(Mapping))  # what the stub's base classes declare and document
OBVIOUS = set(dir(object)) | {"__module__", "__dict__", "__weakref__", "__orig_bases__"}
# "As attach_kprobe(): func, retprobe." in Args: they are explained there.
_ELSEWHERE = re.compile(r"^ {4}As (\w+)\(\): (\w+(?:, \w+)*)\.$", re.MULTILINE)
OBVIOUS |= {"__getstate__", "__static_attributes__", "__firstlineno__", "__abstractmethods__"}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a folder with the package of the wheel."""
    return project.unpack_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def core(unpacked: pathlib.Path) -> Iterator[ModuleType]:
    """Return tinybpf._core out of the wheel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(unpacked))
        yield importlib.import_module("tinybpf._core")


def stub_tree() -> ast.Module:
    """Return what all stubs define, as one module."""
    paths = project.matching("tinybpf/_core.pyi", "tinybpf/_reference/*.pyi")
    assert len(paths) > 5
    return ast.Module(whole([n for p in paths for n in ast.parse(p.read_text()).body]), [])


def whole(nodes: list[ast.stmt]) -> list[ast.stmt]:
    """Put the classes whose names begin with "_", which are parts that stubs alone have,
    into those that have them as their bases."""
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    parts = {name for name in classes if name.startswith("_")}
    for node in classes.values():
        for base in parts & {ast.unparse(each) for each in node.bases}:
            node.body += classes[base].body
    return [node for node in nodes if getattr(node, "name", None) not in parts]


def first_sentence(doc: Optional[str]) -> str:
    """Return the first sentence of a docstring, on one line."""
    text = " ".join(inspect.cleandoc(doc or "").split("\n\n")[0].split())
    found = re.match(r"(.*?[.:])(?: |$)(?=[A-Z]|$)", text)
    return found.group(1) if found else text


def members(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield (dotted name, node) of what the stub defines, methods included."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            inside = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
            yield from ((f"{node.name}.{inner.name}", inner) for inner in inside)


def find(module: Any, name: str) -> Any:
    """Return the object of a dotted name; AttributeError where it is missing."""
    found = module
    for part in name.split("."):
        found = getattr(found, part)
    return found


def is_property(node: ast.AST) -> bool:
    """Tell whether a stub function is a property, or the setter of one."""
    decorators = [ast.unparse(d) for d in getattr(node, "decorator_list", [])]
    return any(d == "property" or d.endswith(".setter") for d in decorators)


def parameters(node: Function) -> list[str]:
    """Return the parameters of a stub function but self; "/" behind positional ones."""
    args = node.args
    names = [f"{arg.arg}/" for arg in args.posonlyargs]
    varying = [args.vararg] if args.vararg else []
    names += [arg.arg for arg in [*args.args, *varying, *args.kwonlyargs]]
    return [name for name in names if name.rstrip("/") not in ("self", "cls")]


def signature(function: Any) -> list[str]:
    """Return the parameters of a function of the module in the same form."""
    found = inspect.signature(function).parameters.values()
    named = [p for p in found if p.kind is not p.VAR_KEYWORD]
    names = [p.name + ("/" if p.kind is p.POSITIONAL_ONLY else "") for p in named]
    return [name for name in names if name.rstrip("/") != "self"]


def constants(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the stub that are assigned a value: X, and Class.X."""
    for node in tree.body:
        name = node.name + "." if isinstance(node, ast.ClassDef) else ""
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(inner, ast.AnnAssign) and inner.value is not None:
                yield name + ast.unparse(inner.target)


def docstring_complaints(name: str, node: Function) -> list[str]:
    """Return what a docstring lacks as the reference of a function."""
    doc = ast.get_docstring(node)
    if not doc:
        return []  # undocumented() is about those
    sections = re.findall(r"^(\w+):", doc, re.MULTILINE)
    found = [f"{name}: unknown section {s}" for s in sections if s not in SECTIONS]
    if sections != sorted(sections, key=lambda s: SECTIONS.index(s) if s in SECTIONS else 0):
        found.append(f"{name}: sections are not in the order {' '.join(SECTIONS)}")
    if not doc.split("\n")[0].endswith((".", ")")):
        found.append(f"{name}: the first line is no sentence")
    if is_property(node):
        return found
    named = explained(doc)
    named += [word for _, words in _ELSEWHERE.findall(doc) for word in words.split(", ")]
    unexplained = {parameter.rstrip("/") for parameter in parameters(node)} - set(named)
    found += [f"{name}: the docstring does not explain {p}" for p in sorted(unexplained)]
    returns = ast.unparse(node.returns) if node.returns else "None"
    if returns != "None" and "Returns" not in sections:
        found.append(f"{name}: the docstring does not say what it returns")
    if re.search(r"^ *Source: (bpf|BPF)_", doc, re.MULTILINE) and "Raises" not in sections:
        found.append(f"{name}: it asks the kernel and does not say what it raises")
    if re.match(r"\w+s\b", doc) and not doc.startswith(("Pass", "Process", "Address", "Miss")):
        found.append(f"{name}: begin with an imperative, not {doc.split()[0]!r}")
    return found


def explained(doc: str) -> list[str]:
    """Return the parameters that a docstring explains itself."""
    return re.findall(r"^ {4}(\w+):", doc, re.MULTILINE)


def elsewhere_complaints(tree: ast.Module) -> list[str]:
    """Return the parameters that are not explained where a docstring says that they are."""
    docs = {name: ast.get_docstring(node) or "" for name, node in members(tree)}  # type: ignore[arg-type]
    return [
        f"{name}: {other}() does not explain {word}"
        for name, doc in docs.items()
        for other, words in _ELSEWHERE.findall(doc)
        for word in words.split(", ")
        if word not in explained(docs.get(f"{name.rpartition('.')[0]}.{other}".lstrip("."), ""))
    ]


def undocumented(tree: ast.Module) -> list[str]:
    """Return the public names of the stub without a docstring."""
    found = []
    overloaded = {name for name, node in members(tree) if ast.get_docstring(node)}  # type: ignore[arg-type]
    for name, _ in members(tree):
        last = name.rpartition(".")[2]
        inherited = "Collection." in name and last in INHERITED
        if not last.startswith("_") and name not in overloaded and not inherited:
            found.append(f"{name} has no docstring")
    return found


def test_stub_defines_what_the_module_has(core: ModuleType) -> None:
    """Every name of the stub is in the module, and the other way round."""
    in_stub = {name for name, _ in members(stub_tree())} | set(constants(stub_tree()))
    missing = [name for name in sorted(in_stub) if not _exists(core, name)]
    project.none(f"{name} is in the stub only" for name in missing)
    public = {name for name in vars(core) if not name.startswith("_")}
    project.none(f"{name} is in the module only" for name in sorted(public - in_stub))
    for name in sorted(public):
        kind = getattr(core, name)
        if isinstance(kind, type) and not issubclass(kind, Exception):
            has = {m for m in vars(kind) if m not in OBVIOUS and not m.startswith("_")}
            extra = {m for m in has if f"{name}.{m}" not in in_stub} - _enum_members(kind)
            extra -= INHERITED if issubclass(kind, Mapping) else set()
            project.none(f"{name}.{m} is in the module only" for m in sorted(extra))


def _exists(module: Any, name: str) -> bool:
    try:
        find(module, name)
    except AttributeError:
        return False
    return True


def _enum_members(kind: Any) -> set[str]:
    return set(getattr(kind, "__members__", ()))


def test_enums_of_the_stub_are_those_of_the_module(core: ModuleType) -> None:
    """The stub lists each member of the enums with its number."""
    for node in stub_tree().body:
        if isinstance(node, ast.ClassDef) and hasattr(getattr(core, node.name), "__members__"):
            listed = {
                target.id: ast.literal_eval(inner.value)
                for inner in node.body
                if isinstance(inner, ast.Assign)
                for target in inner.targets
                if isinstance(target, ast.Name)
            }
            has = {k: int(v) for k, v in getattr(core, node.name).__members__.items()}
            assert listed == has, node.name


def test_signatures_of_module_and_stub_are_the_same(core: ModuleType) -> None:
    """The parameters that help() shows are the stub's."""
    wrong = []
    for name, node in members(stub_tree()):
        last = name.rpartition(".")[2]
        if isinstance(node, ast.ClassDef) or is_property(node) or last.startswith("__"):
            continue
        if any("overload" in ast.unparse(d) for d in node.decorator_list):  # type: ignore[attr-defined]
            continue
        try:
            shown = signature(find(core, name))
        except (ValueError, TypeError):
            wrong.append(f"{name} has no __text_signature__")
            continue
        if shown != parameters(node):  # type: ignore[arg-type]
            wrong.append(f"{name}: help() shows {shown}, the stub {parameters(node)}")  # type: ignore[arg-type]
    project.none(wrong)


def test_first_sentences_of_module_and_stub_are_the_same(core: ModuleType) -> None:
    """help() begins with the stub's first sentence, for everything that has one there."""
    wrong = []
    for name, node in members(stub_tree()):
        doc = ast.get_docstring(node)  # type: ignore[arg-type]
        if doc and _exists(core, name):
            ours, theirs = first_sentence(doc), first_sentence(find(core, name).__doc__)
            if ours != theirs:
                wrong.append(f"{name}: stub {ours!r}, module {theirs!r}")
    project.none(wrong)


def test_methods_of_the_module_have_the_whole_docstring(core: ModuleType) -> None:
    """help() shows what the stub says, all of it: the build put it in."""
    wrong, n = [], 0
    for name, node in members(stub_tree()):
        own = isinstance(node, ast.FunctionDef) and not name.rpartition(".")[2].startswith("__")
        doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
        if own and doc and not is_property(node) and _exists(core, name):
            n += 1
            wrong += [name] if inspect.getdoc(find(core, name)) != doc else []
    assert n > 80
    project.none(wrong)


def test_everything_public_is_documented() -> None:
    """Every public class, function, method and property of the stub has a docstring."""
    project.none(undocumented(stub_tree()))


def test_docstrings_have_their_parts() -> None:
    """Docstrings explain each parameter and the result, in sections of one order."""
    functions = [(n, f) for n, f in members(stub_tree()) if isinstance(f, ast.FunctionDef)]
    assert len(functions) > 40
    project.none(c for name, node in functions for c in docstring_complaints(name, node))
    project.none(elsewhere_complaints(stub_tree()))


def test_stubtest_agrees(unpacked: pathlib.Path) -> None:
    """mypy's own comparison of stub and module finds no difference."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "tinybpf._core", "--concise"],
        env={**os.environ, "PYTHONPATH": str(unpacked), "MYPY_CACHE_DIR": os.devnull},
        cwd=unpacked,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


BAD = '''
def good(path: str) -> int:
    """Return the size of a file.

    Args:
        path: which file.

    Returns:
        Bytes.
    """
def bad(path: str) -> int:
    """Returns the size

    Returns:
        Bytes.

    Args:
        other: what.

    Note:
        none

    Source: bpf_nothing.
    """
def mute() -> None: ...
def like(path: str, other: int) -> None:
    """Do as good() does.

    Args:
        As good(): path, other.
    """
'''


def test_the_checks_find_what_is_wrong() -> None:
    """Each rule about docstrings is kept by a check that can fail."""
    tree = ast.parse(BAD)
    good, bad, _, like = (node for _, node in members(tree))
    assert docstring_complaints("good", good) == []  # type: ignore[arg-type]
    assert docstring_complaints("like", like) == []  # type: ignore[arg-type]
    assert elsewhere_complaints(tree) == ["like: good() does not explain other"]
    text = "\n".join(docstring_complaints("bad", bad))  # type: ignore[arg-type]
    parts = ("unknown section Note", "order", "no sentence", "explain path", "imperative")
    for part in (*parts, "does not say what it raises"):
        assert part in text
    assert undocumented(tree) == ["mute has no docstring"]
    assert first_sentence("Do this, e.g. that; or: more. Then rest.") == (
        "Do this, e.g. that; or: more."
    )
