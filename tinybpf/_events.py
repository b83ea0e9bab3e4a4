# SPDX-License-Identifier: MIT
"""RingBufferEvent; importing dataclasses takes its time, so it waits for the first use."""

from __future__ import annotations

import dataclasses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic

    from typing_extensions import TypeVar

    _E = TypeVar("_E", default=bytes)

    class _Generic(Generic[_E]):
        """What a type checker sees, so that typing need not be imported."""
else:

    class _Generic:
        __class_getitem__ = classmethod(type(list[int]))


@dataclasses.dataclass(frozen=True)
class RingBufferEvent(_Generic["_E"]):
    """A record of a ring buffer and the name of the map that it came from.

    Attributes:
        map_name: name of the map, as `BpfMap.name`.
        data: the record: bytes, or of the event_type that its map was added with.
    """

    map_name: str
    data: _E


RingBufferEvent.__module__ = "tinybpf"
