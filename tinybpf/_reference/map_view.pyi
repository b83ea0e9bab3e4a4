# SPDX-License-Identifier: MIT
"""Keys, values and items of a map, and what takes them out."""

from collections.abc import Iterable, Iterator
from typing import Any

from typing_extensions import Self, TypeVar, final

_T_co = TypeVar("_T_co", covariant=True)
_K = TypeVar("_K", default=Any)
_V = TypeVar("_V", default=Any)

@final
class BpfMapView(Iterable[_T_co]):
    """A live view of a map's keys, values or items."""

    def __iter__(self) -> BpfMapIterator[_T_co]: ...
    def __next__(self) -> _T_co: ...
    def __len__(self) -> int: ...
    def __contains__(self, item: object, /) -> bool: ...

@final
class BpfMapIterator(Iterator[_T_co]):
    """A walk over a map's keys, values or items."""

    def __next__(self) -> _T_co: ...

@final
class BpfMapDrain(Iterator[tuple[_K, _V]]):
    """Entries that are taken out of a map, as (key, value) pairs."""

    def __next__(self) -> tuple[_K, _V]: ...
    def close(self) -> None:
        """End the drain: what was not handed out goes back into the map.

        May be called again; the end of a `with` block does it.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
