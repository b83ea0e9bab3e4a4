# SPDX-License-Identifier: MIT
"""Put the whole docstrings of the stubs into the method tables of C files.

In the source a row of a table has the signature and the first sentence; arguments,
results, errors and kernel versions stand in the stub, which the runner does not carry.
Run by core.cmake:

    python fill.py --core tinybpf/core --output DIR FILES -- STUBS

Each of FILES, paths below the core, is written to DIR with its rows filled; line numbers
stay those of the source.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLE = re.compile(r"^static (?:const )?PyMethodDef \w+\[\] = \{.*?^\};", re.M | re.S)
_LITERALS = r'(?:"(?:[^"\\]|\\.)*"\s*)+'
_ROW = re.compile(r'(\{"(\w+)",[^"{}]*)(' + _LITERALS + r")(?=\})")
_CLASS = re.compile(r'^\s*(?:\.name = )?"tinybpf\.(\w+)"', re.M)
_END = "--\n\n"  # of the signature, as CPython reads it


def documented(stubs: Iterable[Path]) -> dict[str, str]:
    """Return {"function" or "Class.method": docstring} of what the stubs define.

    A class whose name begins with "_" is a part of the one that has it as its base.
    """
    found: dict[str, str] = {}
    trees = [ast.parse(stub.read_text(encoding="utf-8")) for stub in stubs]
    nodes = [node for tree in trees for node in tree.body]
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    wholes = {ast.unparse(base): each.name for each in classes for base in each.bases}
    for node in nodes:
        owner = node if isinstance(node, ast.ClassDef) else None
        name = owner.name if owner else ""
        prefix = f"{wholes[name] if name.startswith('_') else name}." if owner else ""
        for each in owner.body if owner else [node]:
            if isinstance(each, ast.FunctionDef) and ast.get_docstring(each):
                found.setdefault(prefix + each.name, ast.get_docstring(each) or "")
    return found


def literal(text: str) -> str:
    """Return a C string literal, on one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def filled(source: str, docs: dict[str, str]) -> str:
    """Return the text of a C file with its rows filled."""
    owners = ["", *(f"{name}." for name in _CLASS.findall(source))]

    def fill(row: re.Match[str]) -> str:
        head, name, literals = row.groups()
        old = ast.literal_eval(f"({literals})")
        whole = [docs[owner + name] for owner in owners[::-1] if owner + name in docs]
        if not whole:
            return row[0]
        signature = old[: old.index(_END)] + _END if _END in old else ""
        text = literal(signature + inspect.cleandoc(whole[0]))
        return head + text + "\n" * literals.count("\n")

    return _TABLE.sub(lambda table: _ROW.sub(fill, table[0]), source)


def main() -> None:
    """Write the files."""
    _, core, _, output, *names = sys.argv[1:]
    at = names.index("--")
    docs = documented(Path(name) for name in names[at + 1 :])
    for name in names[:at]:
        text = filled((Path(core) / name).read_text(encoding="utf-8"), docs)
        path = Path(output) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#line 1 "tinybpf/core/{name}"\n{text}', encoding="utf-8")


if __name__ == "__main__":
    main()
