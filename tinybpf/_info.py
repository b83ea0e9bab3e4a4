# SPDX-License-Identifier: MIT
"""What things say of themselves: values that outlive the handle they came from.

Imported when the first one is asked for: importing dataclasses takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tinybpf._core import BpfMapType, BpfProgType


@dataclass(frozen=True)
class MapInfo:
    """What a map is: `BpfMap.info`.

    Sizes are in bytes; value_size is that of one CPU's value in a per-CPU map.
    """

    name: str
    type: BpfMapType
    key_size: int
    value_size: int
    max_entries: int


@dataclass(frozen=True)
class ProgramInfo:
    """What a program is: `BpfProgram.info`."""

    name: str
    section: str
    type: BpfProgType


MapInfo.__module__ = ProgramInfo.__module__ = "tinybpf"
