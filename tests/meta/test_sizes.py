# SPDX-License-Identifier: MIT
"""Budgets: file 500 lines, function 60, nesting 3, parameters 5; less for some kinds."""

import ast
import pathlib
from collections.abc import Iterator
from typing import Union

import csource
import project

FILE, FUNCTION, NESTING, PARAMETERS = 500, 60, 3, 5
CMAKE_FILE, BPF_FILE = 80, 60
STUB_FILE = 800  # the reference of a class, or of its methods of one kind

SOURCES = ("*.py", "*.pyi", "*.c", "*.h", "*.cmake")
_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
_CONTROL = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)


def file_complaints(name: str, text: str) -> list[str]:
    """Return a complaint if the file is too long for its kind."""
    limit = FILE
    if name.endswith((".cmake", "CMakeLists.txt")):
        limit = CMAKE_FILE
    elif name.endswith(".pyi"):
        limit = STUB_FILE
    elif name.startswith("tests/bpf/"):
        limit = BPF_FILE
    lines = text.count("\n")
    return [f"{name}: {lines} lines, {limit} are allowed"] if lines > limit else []


def function_complaints(name: str, text: str) -> list[str]:
    """Return the functions of a C or Python file that are over a budget."""
    return [
        f"{name}:{f.line} {f.name}: {what} {figure}, {limit} allowed"
        for f in (csource.functions(text) if name.endswith((".c", ".h")) else _python(text))
        for what, figure, limit in (
            ("lines", f.lines, FUNCTION),
            ("nesting", f.nesting, NESTING),
            ("parameters", f.parameters, PARAMETERS),
        )
        if figure > limit
    ]


def _python(text: str) -> Iterator[csource.Function]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield csource.Function(
                node.name, node.lineno, lines, _parameters(node), _depth(node) - 1
            )


def _parameters(node: _Function) -> int:
    args = node.args
    names = [arg.arg for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs]]
    return len([name for name in names if name not in ("self", "cls")])


def _depth(node: ast.AST) -> int:
    """Return how deep control statements lie in one another; the function counts as 1."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue  # counted on its own
        below = _depth(child)
        if isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse:
            below -= 1  # elif
        deepest = max(deepest, below)
    counted = (*_CONTROL, ast.FunctionDef, ast.AsyncFunctionDef)
    return deepest + isinstance(node, counted)


def _sources() -> list[pathlib.Path]:
    names = [n for n in project.files() if pathlib.PurePath(n).suffix[1:] in _suffixes()]
    scripts = [n for n in ("dev",) if (project.ROOT / n).is_file()]
    return [project.ROOT / n for n in [*names, *scripts, "CMakeLists.txt"]]


def _suffixes() -> set[str]:
    return {pattern.rpartition(".")[2] for pattern in SOURCES}


def test_files_keep_their_budget() -> None:
    """No source file is longer than its kind may be."""
    paths = _sources()
    assert len(paths) > 50
    found = [c for p in paths for c in file_complaints(project.shown(p), p.read_text())]
    project.none(found)


def test_functions_keep_their_budgets() -> None:
    """No function is too long, nested too deeply, or takes too many parameters."""
    found = []
    for path in _sources():
        is_python = path.suffix == ".py" or path.read_text().startswith("#!/usr/bin/env python")
        if is_python or path.suffix in (".c", ".h"):
            name = project.shown(path) if path.suffix else project.shown(path) + ".py"
            found += function_complaints(name, path.read_text())
    project.none(found)


def test_the_check_finds_what_is_too_large() -> None:
    """Each budget, in C and in Python, is kept by a check that can fail."""
    assert file_complaints("a.c", "x\n" * 500) == []
    assert len(file_complaints("a.c", "x\n" * 501)) == 1
    assert len(file_complaints("cmake/a.cmake", "x\n" * 81)) == 1
    assert file_complaints("tinybpf/_reference/a.pyi", "x\n" * STUB_FILE) == []
    assert len(file_complaints("tinybpf/_reference/a.pyi", "x\n" * (STUB_FILE + 1))) == 1
    assert len(file_complaints("tests/bpf/a.bpf.c", "x\n" * 61)) == 1
    deep = "void f(int a, int b, int c, int d, int e)\n{\n" + "if (1) {\n" * 3 + "}\n" * 3
    assert function_complaints("a.c", deep + "}\n") == []
    assert len(function_complaints("a.c", deep + "\n" * 60 + "}\n")) == 1
    assert (
        len(function_complaints("a.c", deep.replace("(1)", "(1) { if (1)", 1) + "}\n}\n")) == 1
    )
    assert len(function_complaints("a.c", deep.replace("int e", "int e, int g") + "}\n")) == 1
    body = (
        "def f(self, a, b, c, d, e):\n  if 1:\n    for x in y:\n      while 1:\n        pass\n"
    )
    assert function_complaints("a.py", body) == []
    assert (
        function_complaints("a.py", body.replace("while 1", "if 1: pass\n      elif 1")) == []
    )
    assert len(function_complaints("a.py", body.replace("pass", "with z: pass"))) == 1
    assert len(function_complaints("a.py", body.replace("e)", "e, f)"))) == 1
    assert len(function_complaints("a.py", body + "  x\n" * 60)) == 1
