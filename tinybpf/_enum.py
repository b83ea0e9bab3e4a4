# SPDX-License-Identifier: MIT
"""Enums of BTF; imported with the first of them, for enum itself takes its time."""

from __future__ import annotations

import enum
from collections.abc import Callable


class BtfEnum(enum.IntEnum):
    """An enum of C: its members are ints, and pickle as plain ints."""

    def __reduce_ex__(self, protocol: object) -> tuple[type[int], tuple[int]]:
        return int, (int(self),)

    def __copy__(self) -> BtfEnum:
        return self

    def __deepcopy__(self, memo: object) -> BtfEnum:
        return self

    __str__ = int.__repr__
    __format__ = int.__format__  # type: ignore[assignment]


def _is_usable(name: str) -> bool:
    """Tell whether enum takes the name: none, _x_ and __x__ are not for it, nor is mro."""
    return name not in ("", "mro") and not (name.startswith("_") and name.endswith("_"))


def make(name: str, members: list[tuple[str, int]], module: str) -> type[BtfEnum]:
    """Return the class of an enum; numbers that share a name keep the first."""
    usable = {key: number for key, number in reversed(members) if _is_usable(key)}
    listed = [(key, usable[key]) for key, _ in members if key in usable]
    functional: Callable[..., type[BtfEnum]] = BtfEnum  # type: ignore[assignment]
    return functional(name, list(dict.fromkeys(listed)), module=module)
