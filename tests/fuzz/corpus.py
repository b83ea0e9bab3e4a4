# SPDX-License-Identifier: MIT
"""Writes what the fuzzers begin with: inputs (input.h) made of object files.

usage: corpus.py FOLDER OBJECT...
"""

import pathlib
import struct
import sys

HEAD = struct.Struct("<IIH22s")
# enum input_flag: the kernel's BTF by btf=, prepare(), all programs, kconfig=, one type
CUSTOM, PREPARES, AUTOLOADS, HAS_CONFIG, ONE_TYPE = 1, 2, 4, 8, 32


def section(image: bytes, name: str) -> bytes:
    """Return a section of an ELF file of 64 bits; nothing if it has none of that name."""
    (table,) = struct.unpack_from("<Q", image, 40)
    size, n, names = struct.unpack_from("<HHH", image, 58)
    (strings,) = struct.unpack_from("<Q", image, table + names * size + 24)
    for i in range(n):
        at = table + i * size
        (name_at,) = struct.unpack_from("<I", image, at)
        begin, length = struct.unpack_from("<QQ", image, at + 24)
        if image[strings + name_at :].startswith(name.encode() + b"\0"):
            return image[begin : begin + length]
    return b""


def seed(btf: bytes, rest: bytes, flags: int) -> bytes:
    """Return an input."""
    btf += bytes(-len(btf) % 8)
    return HEAD.pack(len(btf), 0, flags, bytes(22)) + btf + rest


def main(folder: pathlib.Path, objects: list[str]) -> None:
    """Write inputs for the targets: each object over its own types as the kernel's."""
    for name in ("object", "btf", "layout", "python"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(map(pathlib.Path, objects)):
        image = path.read_bytes()
        btf = section(image, ".BTF")
        flags = PREPARES | AUTOLOADS | HAS_CONFIG | ONE_TYPE | (CUSTOM if number % 2 else 0)
        name = path.name.split(".")[0]
        (folder / "object" / name).write_bytes(seed(btf, image, flags))
        (folder / "python" / name).write_bytes(seed(btf, image, flags))
        (folder / "btf" / name).write_bytes(seed(btf, section(image, ".BTF.ext"), 0))
        (folder / "layout" / name).write_bytes(seed(btf, bytes(range(256)), 0))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
