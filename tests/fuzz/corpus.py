# SPDX-License-Identifier: MIT
"""Writes what the fuzzers begin with: inputs (input.h) made of object files.

usage: corpus.py FOLDER OBJECT...
"""

import pathlib
import struct
import sys
import zlib

HEAD = struct.Struct("<IIH22s")
# Sizes of a bundle's header, and of a file in its table.
BUNDLE_HEAD, BUNDLE_FILE = 96, struct.Struct("<8I")
# enum input_flag: the kernel's BTF by btf=, prepare(), all programs, kconfig=, one type
CUSTOM, PREPARES, AUTOLOADS, HAS_CONFIG, ONE_TYPE = 1, 2, 4, 8, 32
# What the first byte of an input of `symbols` chooses, and one of each but objects.
ELF, KALLSYMS, PERF_MAP, MAPPINGS, NAME = range(5)
TEXTS = (
    ("kallsyms", KALLSYMS, b"ffffffff81000000 T _text\nffffffffc0000000 t x\t[mod]\n"),
    ("perf_map", PERF_MAP, b"7f00 20 py::f:x.py\n7f00 10 g\n8000 1 z\n"),
    (
        "mappings",
        MAPPINGS,
        b"55d0-55d1 r-xp 00002000 fe:00 24 /bin/x\n7ff0-7ff1 r-xp 0 00:00 0\n",
    ),
    ("legacy", NAME, b"_ZN44_$LT$T$u20$as$u20$a..b$GT$3fmt17h0123456789abcdefE"),
    ("v0", NAME, b"_RINvCsjMaewn57Afh_1t3genNCNvB2_4mains_0EB2_"),
)


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


def bundle(objects: "list[pathlib.Path]") -> bytes:
    """Return what a bundle of objects has, its names sorted (runner/bundle.h)."""
    files = sorted(
        (f"{n}/{path.name}".encode(), path.read_bytes()[:500]) for n, path in enumerate(objects)
    )
    at = BUNDLE_HEAD + len(files) * BUNDLE_FILE.size
    table, tail = b"", b""
    for name, data in files:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = packer.compress(data) + packer.flush()
        where = at + len(tail)
        tail += name + b"\0" + packed
        code = (where, len(name))
        table += BUNDLE_FILE.pack(
            where, len(name), where + len(name) + 1, len(packed), len(data), *code, 0
        )
    return struct.pack("<36xI56x", len(files)) + table + tail


def main(folder: pathlib.Path, objects: list[str]) -> None:
    """Write inputs for the targets: each object over its own types as the kernel's."""
    for name in ("bundle", "object", "btf", "layout", "python", "symbols", "linker"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, kind, data in TEXTS:
        (folder / "symbols" / name).write_bytes(bytes([kind]) + data)
    (folder / "bundle" / "objects").write_bytes(bundle([*map(pathlib.Path, objects)][:20]))
    for number, path in enumerate(map(pathlib.Path, objects)):
        image = path.read_bytes()
        btf = section(image, ".BTF")
        flags = PREPARES | AUTOLOADS | HAS_CONFIG | ONE_TYPE | (CUSTOM if number % 2 else 0)
        name = path.name.split(".")[0]
        (folder / "object" / name).write_bytes(seed(btf, image, flags))
        (folder / "python" / name).write_bytes(seed(btf, image, flags))
        (folder / "linker" / name).write_bytes(seed(b"", image, 0))
        (folder / "btf" / name).write_bytes(seed(btf, section(image, ".BTF.ext"), 0))
        (folder / "symbols" / name).write_bytes(bytes([ELF]) + image)
        (folder / "layout" / name).write_bytes(seed(btf, bytes(range(256)), 0))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
