# SPDX-License-Identifier: MIT
"""Types of maps that the modules made by `python -m tinybpf stubs` name: checkers know more
of a map there than BpfMap[key, value] can say. There is nothing of it at run time."""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, overload

from typing_extensions import TypeVar

from tinybpf._reference.map import BpfMap

_T = TypeVar("_T")
_K = TypeVar("_K")
_V = TypeVar("_V")
_K_in = TypeVar("_K_in")  # what else is taken for a key: a tuple for a struct
_V_in = TypeVar("_V_in")
_E = TypeVar("_E")

class EventMap(BpfMap[Any, Any], Generic[_E]):  # type: ignore[misc]
    """A ring or perf buffer whose source declares what its records are."""

    _event_type: type[_E]

class TypedMap(BpfMap[_K, _V], Generic[_K, _V, _K_in, _V_in]):  # type: ignore[misc]
    """A map that gives keys and values of one type, and takes more."""

    def __getitem__(self, key: _K | _K_in, /) -> _V: ...
    def __setitem__(self, key: _K | _K_in, value: _V | _V_in, /) -> None: ...
    def __delitem__(self, key: _K | _K_in, /) -> None: ...
    def lookup(self, key: _K | _K_in, /, flags: int = 0) -> _V | None: ...
    def lookup_and_delete(self, key: _K | _K_in, /, flags: int = 0) -> _V | None: ...
    @overload
    def get(self, key: _K | _K_in, default: None = None, /) -> _V | None: ...
    @overload
    def get(self, key: _K | _K_in, default: _V | _T, /) -> _V | _T: ...
    @overload  # type: ignore[override]  # as that of BpfMap
    def update(self, key: _K | _K_in, value: _V | _V_in, flags: int = ...) -> None: ...
    @overload
    def update(
        self,
        entries: Mapping[_K, _V | _V_in]
        | Mapping[_K_in, _V | _V_in]
        | Iterable[tuple[_K | _K_in, _V | _V_in]],
        /,
        *,
        flags: int = ...,
    ) -> None: ...
    def setdefault(self, key: _K | _K_in, default: _V | _V_in = ..., /) -> _V: ...
    def delete(self, key: _K | _K_in, /) -> bool: ...
    def delete_many(self, keys: Iterable[_K | _K_in], /) -> int: ...
