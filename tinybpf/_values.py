# SPDX-License-Identifier: MIT
"""What maps, programs, types and rings say, as values that outlive what they came from.

Imported when the first one is asked for: importing dataclasses takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic

    from typing_extensions import TypeVar

    from tinybpf._core import BpfMapType, BpfProgType, BtfKind

    _E = TypeVar("_E", default=bytes)

    class _Generic(Generic[_E]):
        """What a type checker sees, so that typing need not be imported."""
else:

    class _Generic:
        __class_getitem__ = classmethod(type(list[int]))


@dataclass(frozen=True)
class MapInfo:
    """What a map is: `BpfMap.info`.

    Sizes are in bytes; value_size is that of one CPU's value in a per-CPU map. The rest
    is what the kernel says of an open map, None of one that is closed or not loaded:
    its id, its BPF_F_* flags, map_extra, the network device it is bound to (0: none),
    the ids of its BTF and of the types there (0: none), the bytes that it is charged
    for, and whether it is frozen. These take no part in comparisons.
    """

    name: str
    type: BpfMapType
    key_size: int
    value_size: int
    max_entries: int
    id: int | None = field(default=None, compare=False)
    flags: int | None = field(default=None, compare=False)
    map_extra: int | None = field(default=None, compare=False)
    ifindex: int | None = field(default=None, compare=False)
    btf_id: int | None = field(default=None, compare=False)
    btf_key_type_id: int | None = field(default=None, compare=False)
    btf_value_type_id: int | None = field(default=None, compare=False)
    memlock: int | None = field(default=None, compare=False)
    frozen: bool | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ProgramInfo:
    """What a program is: `BpfProgram.info`."""

    name: str
    section: str
    type: BpfProgType


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


@dataclass(frozen=True)
class RingBufferEvent(_Generic["_E"]):
    """A record of a ring buffer and the name of the map that it came from.

    Attributes:
        map_name: name of the map, as `BpfMap.name`.
        data: the record: bytes, or of the event_type that its map was added with.
    """

    map_name: str
    data: _E


for _class in (MapInfo, ProgramInfo, BtfField, BtfType, RingBufferEvent):
    _class.__module__ = "tinybpf"
