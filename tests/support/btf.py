# SPDX-License-Identifier: MIT
"""BTF written by hand, byte by byte: what no compiler would write."""

import struct
from collections.abc import Iterable

MAGIC = 0xEB9F
INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF = range(1, 9)
FUNC, FUNC_PROTO, VAR, DATASEC = 12, 13, 14, 15
KIND_FLAG = 1 << 31  # or-ed to vlen: the offsets of members have the widths of bitfields


def record(kind: int, name: int, word: int, *more: int, vlen: int = 0) -> bytes:
    """Return a type: its name's offset, its size or target, and what follows."""
    return struct.pack(f"<{3 + len(more)}I", name, kind << 24 | vlen, word, *more)


def image(types: Iterable[bytes], strings: bytes) -> bytes:
    """Return a BTF with these types and these strings (each ends in a NUL)."""
    data = b"".join(types)
    head = struct.pack("<HBBIIIII", MAGIC, 1, 0, 24, 0, len(data), len(data), len(strings))
    return head + data + strings


def integer(name: int = 1, size: int = 4) -> bytes:
    """Return an unsigned int of that many bytes."""
    return record(INT, name, size, size * 8)


def extension(functions: int, relocations: Iterable[tuple[int, int, int, int]]) -> bytes:
    """Return a section .BTF.ext for the section whose name is the string at 1.

    It has so many functions, all of type 1, and relocations: the offset of an
    instruction, a type, the string that is the way to what is accessed, a kind.
    """
    info = struct.pack("<III", 8, 1, functions) + struct.pack("<II", 0, 1) * functions
    records = [struct.pack("<IIII", *one) for one in relocations]
    core = struct.pack("<III", 16, 1, len(records)) + b"".join(records)
    sizes = 0, len(info), len(info), 0, len(info), len(core)
    return struct.pack("<HBBI6I", MAGIC, 1, 0, 32, *sizes) + info + core
