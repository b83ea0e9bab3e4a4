# SPDX-License-Identifier: MIT
"""References of buffers and their records: nothing stays behind, read or forgotten."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import traffic
from support.objects import Load
from support.references import Table, Use, each

Do = Callable[[Any], object]


class Things:
    """A ring that a trigger writes 8 records to, and two that nobody writes to."""

    def __init__(self, load: Load) -> None:
        self.obj, self.rings = load("ring"), load("rings").maps
        self.events = self.obj.maps["events"]
        self.producer = traffic.Producer(self.obj).setup(count=8, size=100)

    def fresh(self) -> tinybpf.BpfMap:
        """Return the ring, with new records in it."""
        self.producer.fire()
        return self.events


@pytest.fixture
def things(load: Load) -> Iterator[Things]:
    """Return things to use."""
    found = Things(load)
    with found.obj.attach():
        yield found


def answered(answer: Any) -> Do:
    """Return the use of a callback that gives that answer."""

    def callback(data: bytes) -> Any:
        return answer and int(str(answer))  # a number of its own each time

    def use(things: Things) -> None:
        with tinybpf.BpfRingBuffer(things.fresh(), callback) as ring:
            for _ in range(8):
                ring.consume()

    return use


def failing(things: Things) -> None:
    """Use a callback that raises for each record."""

    def callback(data: bytes) -> int:
        raise ZeroDivisionError

    with tinybpf.BpfRingBuffer(things.fresh(), callback) as ring:
        for _ in range(7):
            with contextlib.suppress(ZeroDivisionError):
                ring.consume()
        ring.consume()


def make_and_close(things: Things) -> None:
    """Make a buffer of two rings, and close it with its callbacks."""
    with tinybpf.BpfRingBuffer(things.rings["even"], lambda data: None) as ring:
        ring.add(things.rings["odd"], lambda data: None)


def wait(things: Things) -> None:
    """Wait in asyncio to the end, and until a wait is cancelled."""

    async def waits() -> None:
        with tinybpf.BpfRingBuffer(things.rings["even"]) as ring:
            assert await ring.poll_async(1) == 0
            task = asyncio.ensure_future(ring.poll_async())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(waits())


def columns(things: Things, queued: bool = False, **more: Any) -> None:
    """Read the records as columns."""
    with tinybpf.BpfRingBuffer(things.fresh()) as ring:
        if queued:
            ring.consume()
        assert len(ring.read_columns(timeout=0, **more)) == 8


def refused_late(things: Things) -> None:
    """Read columns until a record is refused, and close before that is told."""
    with tinybpf.BpfRingBuffer(things.fresh()) as ring:
        things.producer.setup(count=1, size=90).fire()
        things.producer.setup(count=8, size=100)
        assert len(ring.read_columns(timeout=0, type="hundred")) == 8


TABLE: Table = {
    "answer None": Use(answered(None)),
    "answer 0": Use(answered(0)),
    "answer -1": Use(answered(-1)),
    "large answer": Use(answered(10**6)),
    "large negative answer": Use(answered(-(10**6))),
    "exception": Use(failing, ZeroDivisionError),
    "two rings": Use(make_and_close),
    "iterator": Use(lambda t: list(tinybpf.BpfRingBuffer(t.fresh()).__enter__())),
    "queue": Use(lambda t: tinybpf.BpfRingBuffer(t.fresh()).consume()),
    "one of a queue": Use(lambda t: next(iter(tinybpf.BpfRingBuffer(t.fresh())))),
    "views": Use(lambda t: tinybpf.BpfRingBuffer(t.fresh(), len, as_memoryview=True).consume()),
    "coroutine": Use(lambda t: tinybpf.BpfRingBuffer(t.fresh()).poll_async(1).close()),
    "waits": Use(wait, rounds=50),
    "columns": Use(lambda t: columns(t, type="hundred")),
    "columns of the queue": Use(lambda t: columns(t, queued=True, type="hundred")),
    "columns of no type": Use(columns, ValueError),
    "columns of another size": Use(
        lambda t: columns(t, type="config"), tinybpf.BtfValidationError
    ),
    "columns and a refusal that nobody asks for": Use(refused_late),
    "map that is no ring": Use(
        lambda t: tinybpf.BpfRingBuffer(t.obj.maps["stats"], print), tinybpf.BpfError
    ),
}


@each(TABLE)
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_use_of_buffers_keeps_no_object(things: Things, use: Use) -> None:
    """Records that are handed over, queued, viewed or awaited leave nothing behind."""
    use.check(things)
