# SPDX-License-Identifier: MIT
"""Time zones from inside, for zoneinfo where the host has no database and no tzdata."""

import io
from collections.abc import Iterable


def names() -> Iterable[str]:
    """Return the names of all zones."""
    from _tbpy_zones import PLACES

    return PLACES


def find(name: str) -> io.BytesIO | None:
    """Return the file of a zone; None if there is none of that name."""
    from _tbpy_zones import FILES, PLACES

    place = PLACES.get(name)
    return io.BytesIO(FILES[place[0] : place[1]]) if place else None
