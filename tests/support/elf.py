# SPDX-License-Identifier: MIT
"""ELF files made by hand: what no compiler option at hand makes, or makes wrong.

minimal() writes the smallest BPF object that loads (one socket filter that returns
0, no BTF), for any word size and byte order: its two instructions are the same bytes
in both. compress_debug() does what `objcopy --compress-debug-sections` does.
"""

import platform
import struct
import zlib
from typing import NamedTuple

EM_BPF = 247
EM_X86_64 = 62
SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOTE = 1, 2, 3, 7
SHF_ALLOC, SHF_EXECINSTR, SHF_COMPRESSED = 2, 4, 0x800
ELFCOMPRESS_ZLIB = 1
STT_FUNC_GLOBAL = 0x12

PROBED_AT = 0x800

RETURN_0 = b"\xb7" + bytes(7) + b"\x95" + bytes(7)  # r0 = 0; exit


class Section(NamedTuple):
    """One section to write."""

    name: str
    kind: int
    flags: int
    data: bytes
    link: int = 0
    info: int = 0
    entsize: int = 0


def _symbols(bits: int, order: str, section: int) -> bytes:
    """Return a symbol table: the empty symbol, and the function at name offset 1."""
    if bits == 64:
        form = order + "IBBHQQ"
        return bytes(24) + struct.pack(form, 1, STT_FUNC_GLOBAL, 0, section, 0, 16)
    form = order + "IIIBBH"
    return bytes(16) + struct.pack(form, 1, 0, 16, STT_FUNC_GLOBAL, 0, section)


def minimal(
    bits: int = 64,
    order: str = "<",
    machine: int = EM_BPF,
    section: str = "socket",
    extra: str = "",
) -> bytes:
    """Return a BPF object with one program named `entry`, and maybe one section more."""
    sections = _entry(bits, order, section)
    if extra:
        sections.append(Section(extra, SHT_PROGBITS, SHF_ALLOC, bytes(20)))
    return _assemble(bits, order, machine, sections)


def typed(btf: bytes, ext: bytes = b"", code: bytes = RETURN_0) -> bytes:
    """Return a BPF object with one program `entry` of socket, its types and relocations."""
    sections = _entry(64, "<", "socket", code)
    sections.append(Section(".BTF", SHT_PROGBITS, 0, btf))
    if ext:
        sections.append(Section(".BTF.ext", SHT_PROGBITS, 0, ext))
    return _assemble(64, "<", EM_BPF, sections)


def _entry(bits: int, order: str, section: str, code: bytes = RETURN_0) -> list[Section]:
    """Return the sections of an object with one program."""
    symbols = _symbols(bits, order, 1)
    return [
        Section("", 0, 0, b""),
        Section(section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code),
        Section("license", SHT_PROGBITS, SHF_ALLOC, b"MIT\0"),
        Section(".symtab", SHT_SYMTAB, 0, symbols, 4, 1, len(symbols) // 2),
        Section(".strtab", SHT_STRTAB, 0, b"\0entry\0"),
    ]


def _assemble(bits: int, order: str, machine: int, sections: list[Section]) -> bytes:
    names = b"".join(s.name.encode() + b"\0" for s in sections) + b".shstrtab\0"
    sections = [*sections, Section(".shstrtab", SHT_STRTAB, 0, names)]
    word = "Q" if bits == 64 else "I"
    ehdr = struct.Struct(order + "16sHHI" + word * 3 + "IHHHHHH")
    shdr = struct.Struct(order + "II" + word * 4 + "II" + word * 2)
    body, table = b"", b""
    for section in sections:
        name = names.index(section.name.encode() + b"\0") if section.name else 0
        table += shdr.pack(
            name,
            section.kind,
            section.flags,
            0,
            ehdr.size + len(body) if section.name else 0,
            len(section.data),
            section.link,
            section.info,
            8 if section.name else 0,
            section.entsize,
        )
        body += section.data + bytes(-len(section.data) % 8)
    ident = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    count = len(sections)
    at = ehdr.size + len(body)
    header = ehdr.pack(
        ident, 1, machine, 1, 0, 0, at, 0, ehdr.size, 0, 0, shdr.size, count, count - 1
    )
    return header + body + table


def enable(data: bytes, section: str) -> bytes:
    """Return an object with the programs of SEC("?section") switched on.

    The name loses its "?" in all string tables: that of the sections and BTF's.
    """
    name = section.encode()
    assert data.count(b"?" + name + b"\0") > 1, f"no program in ?{section}"
    return data.replace(b"?" + name + b"\0", name + b"\0\0")


def without_btf(data: bytes) -> bytes:
    """Return an object whose type information nobody finds."""
    assert b".BTF\0" in data
    return data.replace(b".BTF\0", b".OFF\0")


def compress_debug(data: bytes) -> bytes:
    """Return a 64-bit little-endian object with its .debug_* sections compressed."""
    shoff = struct.unpack_from("<Q", data, 40)[0]
    count, names_index = struct.unpack_from("<HH", data, 60)
    shdr = struct.Struct("<IIQQQQIIQQ")
    headers = [list(shdr.unpack_from(data, shoff + i * shdr.size)) for i in range(count)]
    names_at = headers[names_index][4]
    out = bytearray(data)
    done = 0
    for i, header in enumerate(headers):
        start = names_at + header[0]
        name = data[start : data.index(b"\0", start)]
        if not name.startswith(b".debug_"):
            continue
        offset, size, align = header[4], header[5], header[8]
        packed = struct.pack("<IIQQ", ELFCOMPRESS_ZLIB, 0, size, align)
        packed += zlib.compress(data[offset : offset + size])
        out += bytes(-len(out) % 8)
        header[2] |= SHF_COMPRESSED
        header[4], header[5], header[8] = len(out), len(packed), 8
        out += packed
        shdr.pack_into(out, shoff + i * shdr.size, *header)
        done += 1
    assert done, "the object has no debug sections"
    return bytes(out)


def renamed(data: bytes, before: str, after: str) -> bytes:
    """Return an object with another name of the same length in all its string tables."""
    old, new = b"\0" + before.encode() + b"\0", b"\0" + after.encode() + b"\0"
    assert len(old) == len(new)
    assert old in data, f"no name {before}"
    return data.replace(old, new)


def probed() -> bytes:
    """Return a library with the function work_one and the USDT probe demo:request.

    No loader takes it; the function does nothing, at PROBED_AT of the file.
    """
    machine, nop, leave = (
        (183, b"\x1f\x20\x03\xd5", b"\xc0\x03\x5f\xd6")
        if platform.machine() == "aarch64"
        else (62, b"\x90" * 4, b"\x90\x90\x90\xc3")
    )
    at = PROBED_AT
    argument = b"-4@5\0" if machine == 183 else b"-4@$5\0"
    described = struct.pack("<QQQ", at, 0, 0) + b"demo\0request\0" + argument
    note = struct.pack("<III", 8, len(described), 3) + b"stapsdt\0" + described
    note += bytes(-len(note) % 4)
    symbol = struct.pack("<IBBHQQ", 1, STT_FUNC_GLOBAL, 0, 1, at, 64)
    names = b"\0.text\0.note.stapsdt\0.symtab\0.strtab\0.shstrtab\0"
    parts = [
        Section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, nop * 15 + leave),
        Section(".note.stapsdt", SHT_NOTE, 0, note),
        Section(".symtab", SHT_SYMTAB, 0, bytes(24) + symbol, link=4, info=1, entsize=24),
        Section(".strtab", SHT_STRTAB, 0, b"\0work_one\0"),
        Section(".shstrtab", SHT_STRTAB, 0, names),
    ]
    body, table = bytes(at - 64 - 56), bytes(64)
    for part in parts:
        start = 64 + 56 + len(body)
        table += struct.pack(
            "<IIQQQQIIQQ",
            names.index(part.name.encode() + b"\0"),
            part.kind,
            part.flags,
            start if part.flags else 0,
            start,
            len(part.data),
            part.link,
            part.info,
            4,
            part.entsize,
        )
        body += part.data + bytes(-len(part.data) % 8)
    end = 64 + 56 + len(body)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, end, end, 0x1000)
    ident = b"\x7fELF\2\1\1" + bytes(9)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", ident, 3, machine, 1, 0, 64, end, 0, 64, 56, 1, 64, 6, 5
    )
    return header + segment + body + table
