# SPDX-License-Identifier: MIT
"""Object files changed in place: what no compiler writes, and somebody might.

A Patch is a 64-bit little-endian object with its sections and types found; `put()`
writes a word where `members()` and the like say that it lies.
"""

import pathlib
import struct
from typing import NamedTuple

STRUCT, ENUM, TYPEDEF, ARRAY, VAR, DATASEC = 4, 6, 8, 3, 14, 15
# Bytes that follow a type of that kind, and for each of its parts.
_MORE = {1: 4, 3: 12, 14: 4, 17: 4}
_EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}


class Section(NamedTuple):
    """Where a section's bytes and its header lie in the file."""

    at: int
    size: int
    header: int


class Type(NamedTuple):
    """Where a type's record lies, and what it is."""

    at: int
    name: str
    kind: int
    n: int


class Patch:
    """An object file that can be changed."""

    def __init__(self, path: pathlib.Path) -> None:
        self.data = bytearray(path.read_bytes())
        self.sections = self._find_sections()
        self.types = self._find_types()

    def _find_sections(self) -> "dict[str, Section]":
        table = struct.unpack_from("<Q", self.data, 40)[0]
        count, names = struct.unpack_from("<HH", self.data, 60)
        heads = [struct.unpack_from("<IIQQQQ", self.data, table + 64 * i) for i in range(count)]
        start = heads[names][4]
        return {
            self.text(start + head[0]): Section(head[4], head[5], table + 64 * i)
            for i, head in enumerate(heads)
        }

    def _find_types(self) -> "dict[int, Type]":
        start = self.sections[".BTF"].at
        head, types, size, strings = struct.unpack_from("<IIII", self.data, start + 4)
        self.strings = start + head + strings
        at, end = start + head + types, start + head + types + size
        found: dict[int, Type] = {}
        while at < end:
            name, info = self.get(at), self.get(at + 4)
            kind, n = info >> 24 & 31, info & 0xFFFF
            found[len(found) + 1] = Type(at, self.text(self.strings + name), kind, n)
            at += 12 + _MORE.get(kind, 0) + _EACH.get(kind, 0) * n
        return found

    def text(self, at: int) -> str:
        """Return the text that begins there, up to its NUL."""
        return self.data[at : self.data.index(0, at)].decode()

    def get(self, at: int) -> int:
        """Return the word that lies there."""
        word: int = struct.unpack_from("<I", self.data, at)[0]
        return word

    def put(self, at: int, value: int) -> None:
        """Write a word."""
        struct.pack_into("<I", self.data, at, value)

    def put_long(self, at: int, value: int) -> None:
        """Write 8 bytes."""
        struct.pack_into("<Q", self.data, at, value)

    def find(self, kind: int, name: "str | None" = None) -> int:
        """Return the number of the first type of that kind, and name if one is given."""
        return next(
            i for i, t in self.types.items() if t.kind == kind and name in (None, t.name)
        )

    def at(self, kind: int, name: "str | None" = None) -> int:
        """Return where that type's size, or the number of what it is of, lies."""
        return self.types[self.find(kind, name)].at + 8

    def parts(self, number: int) -> "list[int]":
        """Return where each member or variable of a type begins: three words each."""
        found = self.types[number]
        return [found.at + 12 + 12 * i for i in range(found.n)]

    def member(self, name: str) -> "list[int]":
        """Return where the members of that name begin, of whichever struct."""
        structs = [i for i, t in self.types.items() if t.kind == STRUCT]
        return [
            at
            for i in structs
            for at in self.parts(i)
            if self.text(self.strings + self.get(at)) == name
        ]

    def rename(self, old: bytes, new: bytes) -> None:
        """Give everything of that name another one, which is no longer."""
        assert len(new) == len(old)
        assert b"\0" + old + b"\0" in self.data
        self.data = self.data.replace(b"\0" + old + b"\0", b"\0" + new + b"\0")
