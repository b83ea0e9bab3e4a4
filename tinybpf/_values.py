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
    """What a program is: `BpfProgram.info`.

    The section is "" of one that was in the kernel already. The rest is what the kernel
    says of a loaded program, None of others; these take no part in comparisons.

    Attributes:
        id: number that the kernel knows it by.
        tag: hash of its instructions, as bpftool shows it.
        xlated_size: bytes of its instructions behind the verifier.
        jited_size: bytes of its machine code; 0 where it is interpreted, or hidden.
        verified_insns: instructions that the verifier looked at (5.16).
        run_time_ns: nanoseconds that it ran while enable_stats() counted.
        run_cnt: how often it ran meanwhile.
        recursion_misses: how often it did not run because it was running (5.12).
        load_time: nanoseconds from the machine's start to its load.
        created_by_uid: number of the user who loaded it.
        map_ids: numbers of the maps that it uses.
        ifindex: the network device that it is bound to; 0: none.
        gpl_compatible: whether its licence lets it call GPL-only helpers.
        btf_id: number of its BTF; 0: none.
        attach_btf_obj_id: number of the BTF of what it is made for; 0: none (5.17).
        attach_btf_id: the type there.
        memlock: bytes of memory that it is charged for; None where /proc does not tell.
    """

    name: str
    section: str
    type: BpfProgType
    id: int | None = field(default=None, compare=False)
    tag: str | None = field(default=None, compare=False)
    xlated_size: int | None = field(default=None, compare=False)
    jited_size: int | None = field(default=None, compare=False)
    verified_insns: int | None = field(default=None, compare=False)
    run_time_ns: int | None = field(default=None, compare=False)
    run_cnt: int | None = field(default=None, compare=False)
    recursion_misses: int | None = field(default=None, compare=False)
    load_time: int | None = field(default=None, compare=False)
    created_by_uid: int | None = field(default=None, compare=False)
    map_ids: tuple[int, ...] | None = field(default=None, compare=False)
    ifindex: int | None = field(default=None, compare=False)
    gpl_compatible: bool | None = field(default=None, compare=False)
    btf_id: int | None = field(default=None, compare=False)
    attach_btf_obj_id: int | None = field(default=None, compare=False)
    attach_btf_id: int | None = field(default=None, compare=False)
    memlock: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ProgramLine:
    """Where instructions of a program come from: `BpfProgram.lines()`.

    Attributes:
        insn: number of the first instruction that comes from it.
        file: path of the source, as it was given to clang.
        line: number of the line, from 1; 0: of what only the compiler wrote.
        column: number of the column, from 1; 0 where it is not known.
        text: the line of C; "" where it is not kept.
        address: where the machine code of that instruction begins; None where programs
            are interpreted, or the kernel hides addresses (kernel.kptr_restrict).
    """

    insn: int
    file: str
    line: int
    column: int
    text: str
    address: int | None = field(default=None, compare=False)


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


@dataclass(frozen=True)
class RingStats:
    """What went through a ring or perf buffer since it was made: `BpfRingBuffer.stats()`.

    Attributes:
        records: records that were handed over, or queued.
        bytes: their sizes together.
        fill: how full its rings are now, all together: 0 to 1.
        high_water: how full the fullest of them was found at most: 0 to 1.
        wakeups: how often the kernel ended a wait.
        discarded: records that the program reserved and then discarded.
        lost: records that found no room; None: unknown, for the program does not count
            them (a tag "tinybpf:dropped=MAP" on its counter says that it does).
    """

    records: int
    bytes: int
    fill: float
    high_water: float
    wakeups: int
    discarded: int
    lost: int | None

    def __str__(self) -> str:
        return (
            f"records={self.records} bytes={self.bytes} lost={self.lost} "
            f"fill={self.fill:.0%} high_water={self.high_water:.0%}"
        )


for _class in (
    *(MapInfo, ProgramInfo, ProgramLine, BtfField, BtfType, RingBufferEvent, RingStats),
):
    _class.__module__ = "tinybpf"
