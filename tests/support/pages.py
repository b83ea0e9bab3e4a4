# SPDX-License-Identifier: MIT
"""The pages of the documentation, taken apart into the blocks between their fences."""

import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

FENCE = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One block of code of a page."""

    line: int  # of its first line
    language: str
    text: str
    file: str  # that it is the whole of; "": none


def blocks(page: pathlib.Path) -> Iterator[Block]:
    """Yield the blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        yield Block(text.count("\n", 0, found.start(3)) + 1, found[1], found[3], found[2] or "")
