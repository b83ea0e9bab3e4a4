# SPDX-License-Identifier: MIT
"""64-bit ELF files as far as the checks need them: sections, symbols, what is needed."""

import pathlib
import struct
from typing import NamedTuple

SHT_SYMTAB, SHT_DYNAMIC, SHT_DYNSYM = 2, 6, 11
SHF_WRITE, SHF_TLS = 1, 0x400
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
STT_OBJECT, STT_FUNC, STT_TLS = 1, 2, 6
DT_NEEDED = 1


class Section(NamedTuple):
    """A section header, with its name and contents."""

    name: str
    kind: int
    flags: int
    link: int
    data: bytes


class Symbol(NamedTuple):
    """A symbol; section is its index there, 0 if it is undefined."""

    name: str
    binding: int
    kind: int
    section: int


class Elf:
    """One file, read whole."""

    def __init__(self, path: pathlib.Path) -> None:
        self.data = path.read_bytes()
        assert self.data[:6] == b"\x7fELF\x02\x01", f"{path} is no 64-bit ELF file"
        shoff = struct.unpack_from("<Q", self.data, 40)[0]
        count, names = struct.unpack_from("<HH", self.data, 60)
        headers = [
            struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + 64 * i) for i in range(count)
        ]
        strings = headers[names][4]
        self.sections = [
            Section(
                self._text(strings + h[0]),
                h[1],
                h[2],
                h[6],
                b"" if h[1] == 8 else self.data[h[4] : h[4] + h[5]],  # 8: SHT_NOBITS
            )
            for h in headers
        ]

    def _text(self, at: int) -> str:
        return self.data[at : self.data.index(b"\0", at)].decode()

    def symbols(self, kind: int) -> list[Symbol]:
        """Return the symbols of the table of that kind (SHT_SYMTAB or SHT_DYNSYM)."""
        return [
            Symbol(self._name(table, name), info >> 4, info & 15, section)
            for table in self.sections
            if table.kind == kind
            for name, info, _, section, _, _ in struct.iter_unpack("<IBBHQQ", table.data)
        ]

    def exported(self) -> set[str]:
        """Return the names that the file defines for others."""
        return {
            s.name
            for s in self.symbols(SHT_DYNSYM)
            if s.section and s.binding in (STB_GLOBAL, STB_WEAK)
        }

    def defined(self) -> set[str]:
        """Return the global names that an object file defines."""
        return {
            s.name
            for s in self.symbols(SHT_SYMTAB)
            if s.section and s.binding in (STB_GLOBAL, STB_WEAK)
        }

    def needed(self) -> list[str]:
        """Return the shared libraries that the file asks for."""
        return [
            self._name(table, value)
            for table in self.sections
            if table.kind == SHT_DYNAMIC
            for tag, value in struct.iter_unpack("<QQ", table.data)
            if tag == DT_NEEDED
        ]

    def _name(self, table: Section, at: int) -> str:
        """Return the text at an offset of the string table that belongs to a table."""
        names = self.sections[table.link].data
        return names[at : names.index(b"\0", at)].decode()

    def variables(self) -> set[str]:
        """Return the variables that the program can write to, thread-local ones included."""
        return {
            s.name
            for s in self.symbols(SHT_SYMTAB)
            if s.kind in (STT_OBJECT, STT_TLS)
            and 0 < s.section < len(self.sections)
            and self.sections[s.section].flags & SHF_WRITE
            and not self.sections[s.section].name.startswith(".data.rel.ro")
        }
