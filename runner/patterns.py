# SPDX-License-Identifier: MIT
# mypy: disable-error-code="import-not-found"
"""Compile the library's regular expressions into a module, when the runner is built.

    python patterns.py LIST OUTPUT

Python compiles them at each import: that was a tenth of the start of a typical tool. LIST
is stdlib.toml: the modules of its [patterns] are imported here, what command lines do with
argparse is done once, and each expression that is compiled meanwhile is kept. The module
`re` looks there first (edits.toml). The same inputs give the same bytes.
"""

import importlib
import os
import re
import sys
import types
import warnings
from typing import Any

MODULE = '''\
"""Regular expressions of the library, compiled; written by patterns.py.

By the type of the pattern, then by pattern and flags: the resulting flags, the names of
the groups by their numbers, the code of 32 bits each.
"""

READY = {{
    str: {{
{texts}
    }},
    bytes: {{
{bytes}
    }},
}}
'''

Key = tuple[str | bytes, int]


class Recorder:
    """Stands between re and its compiler, and the compiler and the engine."""

    def __init__(self, compiler: Any) -> None:
        self.found: dict[Key, tuple[Any, ...]] = {}
        self._compiler = compiler
        self._compile = compiler.compile
        self._engine = compiler._sre
        self._last: tuple[Any, ...] = ()

    def __enter__(self) -> Recorder:
        """Begin."""
        engine = types.SimpleNamespace(**vars(self._engine))
        engine.compile = self._make
        self._compiler._sre = engine
        self._compiler.compile = self._record
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._compiler._sre = self._engine
        self._compiler.compile = self._compile

    def _make(self, *made: Any) -> Any:
        self._last = made
        return self._engine.compile(*made)

    def _record(self, pattern: Any, flags: int = 0) -> Any:
        with warnings.catch_warnings():
            # one that warns is no expression of the library's to keep: its users see it
            warnings.simplefilter("error")
            made = self._compile(pattern, flags)
        _, final, code, _, _, names = self._last
        words = b"".join(int(word).to_bytes(4, sys.byteorder) for word in code)
        self.found[pattern, int(flags)] = int(final), names, words
        return made


def import_modules(path: str) -> None:
    """Import what [patterns] names; nothing of it has been imported before."""
    import tomllib

    with open(path, "rb") as file:
        names = tomllib.load(file)["patterns"]["modules"]
    for name in names:
        importlib.import_module(name)


# How many arguments the positional ones of a tool take: argparse makes an expression of
# all of them.
LAYOUTS: list[list[str | None]] = [
    [], [None], [None] * 2, [None] * 3, ["?"], ["*"], ["+"], ["..."],
    [None, "?"], [None, "*"], [None, "+"], [None, "..."], ["?", "?"],
]  # fmt: skip


def parse_command_lines() -> None:
    """Have argparse compile what it compiles for tools."""
    import argparse

    for layout in LAYOUTS:
        parser = argparse.ArgumentParser(prog="tool", description="Watch something.")
        parser.add_argument("-p", "--pid", type=int, default=-1, help="process (%(default)s)")
        parser.add_argument("-v", "--verbose", action="store_true")
        parser.add_argument("--maybe", nargs="?")
        parser.add_argument("--some", nargs="*")
        parser.add_argument("--all", nargs="+")
        for i, nargs in enumerate(layout):
            parser.add_argument(f"name{i}", nargs=nargs)
        names = ["x"] * max(1, len(layout)) if layout else []
        for options in (["-p", "1", "-v"], ["--maybe"], ["--some", "a"], ["--all", "a", "b"]):
            parser.parse_args([*names, *options])
        parser.parse_args(names)
        parser.format_help()


def rows(found: dict[Key, tuple[Any, ...]], kind: type) -> str:
    """Return the expressions of a type, sorted."""
    keys = [key for key in found if type(key[0]) is kind]
    return "\n".join(f"        {key!r}: {found[key]!r}," for key in sorted(keys))


def main() -> None:
    """Write the module."""
    os.environ.clear()  # colours and columns
    with Recorder(importlib.import_module("re._compiler")) as recorder:
        re.compile("")  # re itself wants the type of one
        import_modules(sys.argv[1])
        parse_command_lines()
    texts, other = rows(recorder.found, str), rows(recorder.found, bytes)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(MODULE.format(texts=texts, bytes=other))


if __name__ == "__main__":
    main()
