# SPDX-License-Identifier: MIT
"""BtfType and BtfField: what a BTF says of a type, as values that stand for themselves.

Imported when the first one is asked for: importing dataclasses takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tinybpf._core import BtfKind


@dataclass(frozen=True)
class BtfField:
    """A member of a struct or union, or a variable of a section.

    Attributes:
        name: "" for an anonymous member, whose own fields C finds in the parent.
        offset: bytes from the start; of a bit field, the byte that it begins in.
        size: bytes of its type; 0 for a flexible array.
        type: how C writes its type, such as 'struct list_head' or 'char[16]'.
        type_id: number of that type in the Btf.
        bit_offset: bits from the start.
        bit_size: bits of a bit field; 0 for other fields.
    """

    name: str
    offset: int
    size: int
    type: str = ""
    type_id: int = 0
    bit_offset: int = 0
    bit_size: int = 0


@dataclass(frozen=True)
class BtfType:
    """A type of a Btf.

    Attributes:
        name: as in C, without "struct"; "" if it has none.
        kind: what it is.
        size: bytes of a value; 0 for functions and for what is only declared.
        fields: members of a struct or union, variables of a section.
        id: its number in the Btf.
        c_name: how C writes it, such as 'struct flow' or 'unsigned int[4]'.
        type: what a pointer, typedef, array, qualifier, variable or tag refers to, or a
            function returns, as C writes it; "" for other kinds.
        type_id: number of that type; of a function, the number of its FUNC_PROTO.
        nelems: elements of an array.
        values: (name, number) of an enum.
        parameters: (name, type as C writes it) of a function.
        encoding: of an INT 'signed', 'unsigned' or 'bool', of an ENUM one of the first
            two, of a FLOAT 'float', else "".
    """

    name: str
    kind: BtfKind
    size: int
    fields: tuple[BtfField, ...] = ()
    id: int = 0
    c_name: str = ""
    type: str = ""
    type_id: int = 0
    nelems: int = 0
    values: tuple[tuple[str, int], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    encoding: str = ""


BtfField.__module__ = BtfType.__module__ = "tinybpf"
