# SPDX-License-Identifier: MIT
"""The coroutines of ring and perf buffers, for asyncio; imported when the first is made.

Each of them lets other tasks run before it reads, and again every few records: a ring
that is never empty must not keep the event loop for itself. Nothing is awaited between
taking a record and giving it out, so a cancelled task loses none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tinybpf._core import BpfClosedError

if TYPE_CHECKING:
    from tinybpf import BpfPerfBuffer, BpfRingBuffer, RingBufferEvent

    _Ring = BpfRingBuffer[Any] | BpfPerfBuffer[Any]

_T = TypeVar("_T")
_TURN = 64  # records that a task may take before others have their turn


def _settle(ready: asyncio.Future[bool], readable: bool) -> None:
    if not ready.done():
        ready.set_result(readable)


async def _readable(ring: _Ring, deadline: float | None) -> bool:
    """Wait until records may be there or the ring is closed, or until the deadline."""
    loop = asyncio.get_running_loop()
    interval = ring._interval()  # of looks at rings whose program wakes nobody
    if interval is not None:
        look = loop.time() + interval
        deadline = look if deadline is None else min(deadline, look)
    ready: asyncio.Future[bool] = loop.create_future()
    with ring._wait() as fd:
        timer = None
        loop.add_reader(fd, _settle, ready, True)
        try:
            if deadline is not None:
                timer = loop.call_at(deadline, _settle, ready, False)
            return await ready
        finally:
            if timer is not None:
                timer.cancel()
            if not loop.is_closed():
                loop.remove_reader(fd)


async def poll(ring: _Ring, timeout_ms: int) -> int:
    """Do as BpfRingBuffer.poll(), but let other tasks run meanwhile."""
    loop = asyncio.get_running_loop()
    deadline = None if timeout_ms < 0 else loop.time() + timeout_ms / 1000
    await asyncio.sleep(0)
    while True:
        handled = ring.consume()
        if handled or (deadline is not None and loop.time() >= deadline):
            return handled
        await _readable(ring, deadline)


class _Records(Generic[_T]):
    """Asynchronous iterator of what make(map_name, data) returns for each record.

    It ends when the ring, or the object that it reads, is closed and nothing lies there.
    """

    def __init__(self, ring: _Ring, make: Callable[[str, Any], _T]) -> None:
        self._ring = ring
        self._make = make
        self._left = 0  # records until others have their turn

    def __aiter__(self) -> _Records[_T]:
        return self

    async def __anext__(self) -> _T:
        if self._left == 0:
            await asyncio.sleep(0)
            self._left = _TURN
        while True:
            event = self._ring._take()
            if event is not None:
                self._left -= 1
                return self._make(*event)
            try:
                if not self._ring.consume():
                    await _readable(self._ring, None)
            except BpfClosedError:
                raise StopAsyncIteration from None


def records(ring: BpfRingBuffer[_T] | BpfPerfBuffer[_T]) -> _Records[_T]:
    """Return an asynchronous iterator of the records."""
    return _Records(ring, lambda map_name, data: data)


def events(ring: BpfRingBuffer[_T]) -> _Records[RingBufferEvent[_T]]:
    """Return an asynchronous iterator of a RingBufferEvent for each record."""
    from tinybpf._values import RingBufferEvent

    return _Records(ring, RingBufferEvent)


async def enter(ring: _T) -> _T:
    """Begin `async with`."""
    return ring


async def leave(ring: _Ring) -> None:
    """End `async with`."""
    ring.close()
