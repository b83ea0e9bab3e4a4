# SPDX-License-Identifier: MIT
"""Code that processes have mapped: libraries that are written here, and where they lie."""

import contextlib
import os
import pathlib
import struct
import subprocess
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from support import child
from support.objects import wait_for

CODE_AT = 0x1000  # of a library, in its file; 0x10000 further in memory
MACHINES = {"x86_64": 62, "aarch64": 183}


class Mapping(NamedTuple):
    """A line of /proc/PID/maps."""

    start: int
    end: int
    offset: int
    path: str


def code_of(pid: int) -> list[Mapping]:
    """Return the executable mappings of a process."""
    found = []
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, mode, offset, _, _, *path = line.split(None, 5)
        if "x" in mode:
            start, end = (int(part, 16) for part in span.split("-"))
            found.append(Mapping(start, end, int(offset, 16), path[0] if path else ""))
    return found


@contextlib.contextmanager
def running(*command: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Start a program and wait until it is that program; end it at last."""
    with subprocess.Popen([*command], stdin=subprocess.DEVNULL) as process:
        try:
            name = os.path.realpath(command[0])
            exe = f"/proc/{process.pid}/exe"
            wait_for("the program", lambda: os.path.realpath(exe) == name)
            wait_for("its code", lambda: any(m.path == name for m in code_of(process.pid)))
            yield process
        finally:
            process.kill()


class Function(NamedTuple):
    """A function of an ELF file that was written here."""

    name: bytes
    address: int
    size: int


ONE = (Function(b"first", 0x11000, 0x40), Function(b"second", 0x11040, 0))


class _Section(NamedTuple):
    name: bytes
    kind: int
    flags: int
    link: int
    entry: int
    data: bytes


def _tables(functions: "tuple[Function, ...]") -> list[_Section]:
    names, symbols = b"\0", bytes(24)
    for one in functions:
        symbols += struct.pack("<IBBHQQ", len(names), 0x12, 0, 1, one.address, one.size)
        names += one.name + b"\0"
    return [
        _Section(b".symtab", 2, 0, 3, 24, symbols),
        _Section(b".strtab", 3, 0, 0, 0, names),
    ]


def _marks(build_id: bytes, debuglink: str, debug: bytes) -> list[_Section]:
    found = []
    if build_id:
        note = struct.pack("<III", 4, len(build_id), 3) + b"GNU\0" + build_id
        found.append(_Section(b".note", 7, 0, 0, 0, note))
    if debuglink:
        name = debuglink.encode() + b"\0"
        data = name.ljust((len(name) + 3) & ~3, b"\0") + struct.pack("<I", zlib.crc32(debug))
        found.append(_Section(b".gnu_debuglink", 1, 0, 0, 0, data))
    return found


def library(
    functions: "tuple[Function, ...]" = ONE,
    size: int = 0x1000,
    build_id: bytes = b"",
    debuglink: str = "",
    debug: bytes = b"",
) -> bytes:
    """Return a shared object of 64 bits with `size` bytes of code; stripped without functions.

    `debuglink` names the file of which `debug` are the bytes.
    """
    sections = [_Section(b".text", 1, 6, 0, 0, b"\xc3" * size)]
    sections += _tables(functions) if functions else []
    sections += _marks(build_id, debuglink, debug)
    labels = b"\0" + b"\0".join(s.name for s in sections) + b"\0.shstrtab\0"
    sections.append(_Section(b".shstrtab", 3, 0, 0, 0, labels))
    image, heads = bytes(CODE_AT), bytes(64)
    for s in sections:
        numbers = (s.kind, s.flags, len(image), len(image), len(s.data), s.link, 1, 4, s.entry)
        heads += struct.pack("<IIQQQQIIQQ", labels.index(s.name), *numbers)
        image += s.data + bytes(-len(s.data) % 16)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQ", 3, MACHINES[os.uname().machine], 1, 0, 64, len(image))
    head += struct.pack("<IHHHHHH", 0, 64, 56, 1, 64, len(sections) + 1, len(sections))
    address = CODE_AT + 0x10000
    head += struct.pack("<IIQQQQQQ", 1, 5, CODE_AT, address, address, size, size, 0x1000)
    return head + image[len(head) :] + heads


MAP = """
import mmap, time
with open({path!r}, "rb") as file:
    code = mmap.mmap(file.fileno(), 0x1000, mmap.MAP_PRIVATE,
                     mmap.PROT_READ | mmap.PROT_EXEC, offset=0x1000)
print("ready", flush=True)
time.sleep(1000)
"""


@contextlib.contextmanager
def mapped(path: pathlib.Path) -> Iterator[tuple[int, int]]:
    """Map a library's code in a child; yield its pid and the address of the code."""
    with child.started(MAP.format(path=str(path))) as process:
        name = str(path)
        (found,) = (m for m in code_of(process.pid) if m.path == name)
        yield process.pid, found.start
