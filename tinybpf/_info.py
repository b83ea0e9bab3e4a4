# SPDX-License-Identifier: MIT
"""What things say of themselves: values that outlive the handle they came from.

Imported when the first one is asked for: importing dataclasses takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tinybpf._core import BpfMapType, BpfProgType


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


MapInfo.__module__ = ProgramInfo.__module__ = "tinybpf"
