# SPDX-License-Identifier: MIT
"""Compile what the guest imports, with the names and in the places that it has there.

    tinybpf-run precompile.py FOLDER <<<'{"name in the guest": "path here", ...}'

An emulated processor takes longer to compile pytest and the tests than to run most of
them. This runs in the guest's own kind of Python, with pytest on its path; it leaves a
tree of what is to be added to the guest's, pytest's zip included, in the folder. Assert
statements are rewritten as pytest would do it there. What does not fit the guest's
Python after all is not used by it.
"""

import ast
import contextlib
import importlib.util
import io
import json
import marshal
import os
import pathlib
import struct
import sys
import types
import zipfile

from _pytest.assertion import rewrite

UNCHECKED = 1  # PEP 552: by hash, and nobody looks whether the source has that
REWRITTEN = ("test_*.py", "conftest.py", "plugins/*.py")


def plain(name: str, source: bytes) -> bytes:
    """Return the contents of the .pyc file that import takes for a module."""
    code = compile(source, name, "exec", dont_inherit=True)
    head = importlib.util.MAGIC_NUMBER + struct.pack("<L", UNCHECKED) + bytes(8)
    return head + marshal.dumps(code)


def rewritten(name: str, source: bytes) -> bytes:
    """Return that which pytest takes: its reader wants the source's time and size."""
    tree = ast.parse(source, filename=name)
    rewrite.rewrite_asserts(tree, source, name, config=None)
    code: types.CodeType = compile(tree, name, "exec", dont_inherit=True)
    file = io.BytesIO()
    # The archive gives every file the time 0.
    status = os.stat_result((0, 0, 0, 0, 0, 0, len(source), 0, 0, 0))
    rewrite._write_pyc_fp(file, status, code)
    return file.getvalue()


def module(name: str, path: pathlib.Path, folder: pathlib.Path) -> None:
    """Compile one module into the cache beside it."""
    source, place = path.read_bytes(), pathlib.PurePosixPath(name)
    by_pytest = any(place.match(pattern) for pattern in REWRITTEN)
    tail = rewrite.PYC_TAIL if by_pytest else f".{sys.implementation.cache_tag}.pyc"
    made = folder / name.lstrip("/")
    made = made.parent / "__pycache__" / (place.stem + tail)
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(rewritten(name, source) if by_pytest else plain(name, source))


def archive(name: str, path: pathlib.Path, folder: pathlib.Path) -> None:
    """Write a zip of modules again, with what each of them compiles to beside it."""
    made = folder / name.lstrip("/")
    made.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.namelist():
            contents = old.read(entry)
            new.writestr(entry, contents)
            if entry.endswith(".py"):
                new.writestr(entry + "c", plain(f"{name}/{entry}", contents))


def main() -> None:
    """Compile all that standard input names."""
    folder = pathlib.Path(sys.argv[1])
    for name, text in json.load(sys.stdin).items():
        with contextlib.suppress(SyntaxError):  # whoever imports it is told
            (archive if name.endswith(".zip") else module)(name, pathlib.Path(text), folder)


if __name__ == "__main__":
    main()
