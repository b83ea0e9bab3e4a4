# SPDX-License-Identifier: MIT
"""RingBufferEvent; importing dataclasses takes its time, so it waits for the first use."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class RingBufferEvent:
    """A record of a ring buffer and the name of the map that it came from.

    Attributes:
        map_name: name of the map, as `BpfMap.name`.
        data: the record's bytes.
    """

    map_name: str
    data: bytes


RingBufferEvent.__module__ = "tinybpf"
