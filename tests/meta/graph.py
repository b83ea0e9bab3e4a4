# SPDX-License-Identifier: MIT
"""The graph of tinybpf/core: which file names what of which other, tables included.

A file is its .c and .h together. An arrow leads from a file to another one whose global
functions or tables it names anywhere: in a call, or in a table of methods or functions,
which no include betrays. `python3 tests/meta/graph.py [CORE]` prints its figures.
"""

import pathlib
import re
import sys
from collections.abc import Iterable
from typing import NamedTuple

import csource

_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
_VARIABLE = re.compile(r"(\w+)\s*(?:\[[^\]]*\]\s*)*=\s*$")
Arrows = dict[str, set[str]]


class Global(NamedTuple):
    """A function or a table that other files can name, and the file that defines it."""

    name: str
    file: str


def globals_of(text: str) -> list[str]:
    """Return the functions and initialised variables of a C file that are not static."""
    found = []
    before = ""
    for head in csource.heads(csource.code(text)):
        variable = _VARIABLE.search(head)
        # "static struct { ... } rows[] = {": what is static stands before the first brace.
        whole = before + " " + head if variable and variable.start() == 0 else head
        before = head
        if re.search(r"\b(static|typedef)\b", whole):
            continue
        if variable:
            found.append(variable.group(1))
        elif head.endswith(")"):
            found.append(csource.name_of(head))
    return found


def read(core: pathlib.Path) -> dict[str, str]:
    """Return the text of each file of the core, by its path without .c or .h."""
    texts: dict[str, str] = {}
    for path in sorted(core.rglob("*.[ch]")):
        name = str(path.relative_to(core))[:-2]
        texts[name] = texts.get(name, "") + path.read_text()
    return texts


def definitions(core: pathlib.Path) -> list[Global]:
    """Return all global names of the core."""
    return [
        Global(name, str(path.relative_to(core))[:-2])
        for path in sorted(core.rglob("*.c"))
        for name in globals_of(path.read_text())
    ]


def arrows(texts: dict[str, str], defined: Iterable[Global]) -> Arrows:
    """Return, for each file, the other files whose names stand in it.

    Prototypes count for nothing: a header may declare only what its own file defines.
    """
    home = {entry.name: entry.file for entry in defined}
    found: Arrows = {}
    for file, text in texts.items():
        names = set(_NAME.findall(csource.code(text)))
        found[file] = {home[name] for name in names if name in home} - {file}
    return found


def circles(graph: Arrows) -> list[list[str]]:
    """Return the groups of files that reach each other (Tarjan's components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(graph.get(node, ())):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            at = stack.index(node)
            group = sorted(stack[at:])
            del stack[at:]
            if len(group) > 1:
                found.append(group)

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def upward(graph: Arrows, folders: tuple[str, ...]) -> list[str]:
    """Return the arrows that lead from a folder to one above it."""
    height = {folder: i for i, folder in enumerate(folders)}
    return [
        f"{file} names what {target} defines"
        for file in sorted(graph)
        for target in sorted(graph[file])
        if height.get(target.partition("/")[0], len(folders))
        > height.get(file.partition("/")[0], len(folders))
    ]


def floors(graph: Arrows) -> int:
    """Return how many files stand above one another, a circle being one floor."""
    group = {name: min(circle) for circle in circles(graph) for name in circle}
    merged: Arrows = {}
    for file, targets in graph.items():
        own = group.get(file, file)
        merged.setdefault(own, set()).update(group.get(t, t) for t in targets)
    height: dict[str, int] = {}

    def climb(node: str) -> int:
        if node not in height:
            below = [climb(t) for t in merged.get(node, ()) if t != node]
            height[node] = 1 + max(below, default=0)
        return height[node]

    return max(map(climb, merged), default=0)


def tells(entry: Global) -> bool:
    """Tell whether a name begins as its file or folder does: tb_<file>_, tb_<folder>_."""
    words = entry.file.split("/")
    return any(re.match(rf"tb_{word}(_|$)", entry.name) for word in words)


def main(core: pathlib.Path) -> None:
    """Print the figures of a core."""
    defined = definitions(core)
    graph = arrows(read(core), defined)
    print(f"files {len(graph)}, arrows {sum(map(len, graph.values()))}, floors {floors(graph)}")
    for circle in circles(graph):
        print(f"circle of {len(circle)}: {' '.join(circle)}")
    told = sum(map(tells, defined))
    print(f"global names {len(defined)}, that tell file or folder {told}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if sys.argv[1:] else "tinybpf/core"))
