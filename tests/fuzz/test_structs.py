# SPDX-License-Identifier: MIT
"""Random structs: what BTF makes of memory is what the C compiler put there.

Clang compiles them for BPF, gcc the same for this machine; the machine's program prints
bytes and values, and records made of the bytes must have just these values.
"""

import pathlib
import re
import struct
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from structs import Maker, Struct, definitions, program

SEEDS = range(16)
STRUCTS = 25
CLANG = ["clang-22", "-target", "bpf", "-g", "-O2", "-w", "-c"]
GCC = ["gcc", "-O1", "-w"]


def reports(folder: pathlib.Path, structs: list[Struct], seed: int) -> Iterator[list[str]]:
    """Compile both, run the program; yield the words of its lines."""
    (folder / "types.c").write_text(definitions(structs))
    (folder / "program.c").write_text(program(structs, seed))
    subprocess.run([*CLANG, folder / "types.c", "-o", folder / "types.o"], check=True)
    subprocess.run([*GCC, folder / "program.c", "-o", folder / "program"], check=True)
    done = subprocess.run([folder / "program"], stdout=subprocess.PIPE, check=True)
    yield from (line.split() for line in done.stdout.decode().splitlines())


def follow(record: Any, path: str) -> Any:
    """Return what a path of fields and indices leads to."""
    for name, index in re.findall(r"(\w+)(?![\w\]])|\[(\d+)\]", path):
        record = record[int(index)] if index else getattr(record, name)
    return record


def expected(kind: str, text: str) -> Any:
    """Return the Python value of what the program printed."""
    if kind == "F":
        return struct.unpack(">d", bytes.fromhex(text))[0]
    if kind == "R":
        return bytes.fromhex(text).split(b"\0")[0].decode("utf-8", "backslashreplace")
    return int(text, 16)


def lossless(value: Any, raw: bytes = b"") -> Any:
    """Return a value as what makes it again: text, whose str may be escapes, as its bytes."""
    if isinstance(value, str):
        return raw.split(b"\0")[0]
    if hasattr(value, "_fields"):
        return {name: lossless(part, raw_of(value, name)) for name, part in fields(value)}
    if isinstance(value, tuple):
        size = len(raw) // len(value) if value else 0
        return [lossless(part, raw[i * size :][:size]) for i, part in enumerate(value)]
    return value


def fields(record: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a record's fields."""
    return ((name, record[name]) for name in record._fields)


def raw_of(record: Any, name: str) -> bytes:
    """Return the bytes of a field that text may lie in; a bitfield has none of its own."""
    has_text = isinstance(record[name], (str, tuple))
    return record._raw(name) if has_text else b""


def complaints(types: Any, structs: list[Struct], lines: Iterator[list[str]]) -> list[str]:
    """Compare each line of the program with the records; return what differs."""
    named = {s.name: s for s in structs}
    name, size, found = "", 0, []
    record: Any = None
    for kind, what, *rest in lines:
        if kind == "S":
            name, size = what, int(rest[0])
        elif kind == "V":
            record = types[name](bytes.fromhex(what))
            assert len(record) == len(types[name]()) == size, name
        elif kind == "Z":
            again = types[name](lossless(record))
            if bytes(again).hex() != what and not named[name].overlaps(named):
                found.append(f"{name}: {bytes(again).hex()} is made, not {what}")
        else:
            value = follow(record, what)
            value = value % 2**128 if kind == "I" else value
            if value != expected(kind, rest[0]):
                found.append(f"{name}.{what}: {value}, not {expected(kind, rest[0])}")
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_fields_are_where_the_compiler_put_them(
    tinybpf: Any, tmp_path: pathlib.Path, seed: int
) -> None:
    """Sizes, offsets, bitfields and values agree field by field, read and written."""
    maker = Maker(seed)
    structs = [maker.struct() for _ in range(STRUCTS)]
    lines = list(reports(tmp_path, structs, seed))
    types = tinybpf.Btf.file(tmp_path / "types.o").classes
    assert len(lines) > 4 * STRUCTS
    assert complaints(types, structs, iter(lines)) == []


def test_the_check_finds_a_wrong_field(tinybpf: Any, tmp_path: pathlib.Path) -> None:
    """A value that is off by one, and a byte that is another, are found."""
    maker = Maker(0)
    structs = [maker.struct() for _ in range(STRUCTS)]
    lines = list(reports(tmp_path, structs, 0))
    types = tinybpf.Btf.file(tmp_path / "types.o").classes
    number = next(i for i, words in enumerate(lines) if words[0] == "I")
    lines[number][2] = f"{int(lines[number][2], 16) ^ 1:032x}"
    assert len(complaints(types, structs, iter(lines))) == 1


def test_kernel_types_have_layouts(tinybpf: Any) -> None:
    """Every struct and union of the running kernel has a class of the size that BTF says."""
    btf = tinybpf.Btf.kernel()
    wrong = []
    for kind in (4, 5):  # BTF_KIND_STRUCT, BTF_KIND_UNION
        for found in btf.types(kind):  # one of two of a name is asked for by the type itself
            if found.name and len(btf.classes[found]()) != found.size:
                wrong.append(found.name)
    assert wrong == []
