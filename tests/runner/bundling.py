# SPDX-License-Identifier: MIT
"""Make and start bundles, for the tests of this folder."""

import pathlib
from typing import Any, Protocol

from launch import Completed


class Bundle(Protocol):
    """Make a bundle of files, which must succeed; `words` come before them, `name` is its."""

    def __call__(self, *files: object, **options: Any) -> pathlib.Path: ...


class Start(Protocol):
    """Make a bundle of texts by name, start it with arguments, return what it did."""

    def __call__(self, files: "dict[str, str]", *args: object, **options: Any) -> Completed: ...


def write(root: pathlib.Path, files: "dict[str, str]") -> "list[pathlib.Path]":
    """Write texts by name; return what is at the top, in the order in which it came."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return [root / name for name in dict.fromkeys(name.partition("/")[0] for name in files)]
