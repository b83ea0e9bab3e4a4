# SPDX-License-Identifier: MIT
"""The end of a buffer, or of its object: what lies there is delivered, and then no more."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import pins, traffic
from support.objects import DEADLINE_S, Find, ended

LONG_MS = int(DEADLINE_S * 1000)  # a wait that must end long before


def attached(path: Any) -> Iterator[traffic.Producer]:
    """Load an object that the test closes; yield its producer of 10 records for a trigger."""
    with tinybpf.load(path) as obj, obj.attach():
        yield traffic.Producer(obj).setup(count=10, size=12)


@pytest.fixture
def producer(bpf: Find) -> Iterator[traffic.Producer]:
    """Return the producer of ring.bpf.c."""
    yield from attached(bpf("ring"))


@pytest.fixture
def perf(bpf: Find) -> Iterator[traffic.Producer]:
    """Return the producer of perf.bpf.c."""
    yield from attached(bpf("perf"))


@pytest.fixture
def ring(producer: traffic.Producer) -> Iterator["tinybpf.BpfRingBuffer[bytes]"]:
    """Return a buffer that reads the producer's ring without a callback."""
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"]) as made:
        yield made


def expected(producer: traffic.Producer, count: int) -> list[bytes]:
    """Return the first records."""
    return [producer.record(number) for number in range(count)]


Read = Callable[["tinybpf.BpfRingBuffer[Any]"], int]
READS: dict[str, Read] = {
    "poll": lambda ring: ring.poll(LONG_MS),
    "consume": lambda ring: ring.consume(),
    "poll_async": lambda ring: asyncio.run(waited(ring)),
}


async def waited(ring: "tinybpf.BpfRingBuffer[Any]") -> int:
    """Await poll_async()."""
    return await ring.poll_async(LONG_MS)


async def taken(ring: "tinybpf.BpfRingBuffer[bytes]") -> list[bytes]:
    """Return all records up to the end."""
    return [record async for record in ring]


async def named(ring: "tinybpf.BpfRingBuffer[bytes]") -> list[bytes]:
    """Return the data of all events up to the end."""
    return [event.data async for event in ring.events()]


LOOPS: dict[str, Callable[["tinybpf.BpfRingBuffer[bytes]"], list[bytes]]] = {
    "for": list,
    "async for": lambda ring: asyncio.run(taken(ring)),
    "events": lambda ring: asyncio.run(named(ring)),
}
each_read = pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
each_loop = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())


@each_loop
def test_loop_ends_with_the_object(
    producer: traffic.Producer, ring: "tinybpf.BpfRingBuffer[bytes]", loop: Any
) -> None:
    """A loop gives out what was queued and what lies in the ring, then ends."""
    producer.fire()
    assert ring.poll(LONG_MS) == 10
    producer.fire()
    producer.obj.close()
    assert loop(ring) == expected(producer, 20)
    assert loop(ring) == []


@each_loop
def test_loop_over_a_closed_buffer_gives_what_was_read(
    producer: traffic.Producer, ring: "tinybpf.BpfRingBuffer[bytes]", loop: Any
) -> None:
    """close() unmaps the rings; what was queued before is still there, once."""
    producer.fire()
    assert ring.poll(LONG_MS) == 10
    ring.close()
    assert loop(ring) == expected(producer, 10)
    assert loop(ring) == []


@each_read
def test_reading_delivers_what_lies_there_then_raises(
    producer: traffic.Producer, read: Read
) -> None:
    """A closed object's records reach the callbacks; the next call says that it is closed."""
    records: list[bytes] = []
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"], records.append) as ring:
        producer.fire()
        producer.obj.close()
        assert read(ring) == 10
        assert records == expected(producer, 10)
        for _ in range(2):
            with pytest.raises(tinybpf.BpfClosedError, match=r"object .* is closed"):
                read(ring)


@each_read
def test_reading_a_closed_buffer_raises(
    producer: traffic.Producer, ring: "tinybpf.BpfRingBuffer[bytes]", read: Read
) -> None:
    """What was queued is for loops: there is nothing to read any more."""
    producer.fire()
    assert ring.poll(LONG_MS) == 10
    ring.close()
    with pytest.raises(tinybpf.BpfClosedError, match="ring buffer is closed"):
        read(ring)


def test_object_that_closes_ends_a_wait(
    producer: traffic.Producer, ring: "tinybpf.BpfRingBuffer[bytes]"
) -> None:
    """poll() in another thread does not wait for records that cannot come."""
    timer = threading.Timer(0.05, producer.fire)
    timer.start()
    assert ended(ring.poll) >= 1
    timer.join()
    assert list(ring) == expected(producer, 10)
    timer = threading.Timer(0.05, producer.obj.close)
    timer.start()
    with pytest.raises(tinybpf.BpfClosedError, match=r"object .* is closed"):
        ended(ring.poll)
    timer.join()


def test_object_that_closes_ends_waits_of_tasks(
    producer: traffic.Producer, ring: "tinybpf.BpfRingBuffer[bytes]"
) -> None:
    """An asynchronous loop ends, poll_async() raises."""

    async def main() -> None:
        loop = asyncio.ensure_future(taken(ring))
        poll = asyncio.ensure_future(waited(ring))
        for _ in range(5):
            await asyncio.sleep(0)
        assert (loop.done(), poll.done()) == (False, False)
        producer.obj.close()
        assert await asyncio.wait_for(loop, DEADLINE_S) == []
        with pytest.raises(tinybpf.BpfClosedError):
            await asyncio.wait_for(poll, DEADLINE_S)

    asyncio.run(main())


def test_object_that_a_callback_closes(producer: traffic.Producer) -> None:
    """The call delivers the rest of what lies there."""
    records: list[bytes] = []

    def close(record: bytes) -> None:
        records.append(record)
        producer.obj.close()

    with tinybpf.BpfRingBuffer(producer.obj.maps["events"], close) as ring:
        producer.fire()
        assert ring.poll(LONG_MS) == 10
        assert records == expected(producer, 10)


def test_one_object_of_several_ends_the_buffer(
    bpf: Find, producer: traffic.Producer, ring: "tinybpf.BpfRingBuffer[bytes]"
) -> None:
    """All rings are emptied first; then the buffer is over, as a whole."""
    with tinybpf.load(bpf("rings")) as other:
        ring.add(other.maps["even"])
        producer.fire()
        other.close()
        assert list(ring) == expected(producer, 10)
        with pytest.raises(tinybpf.BpfClosedError):
            ring.consume()


def test_perf_buffer_ends_with_the_object(perf: traffic.Producer) -> None:
    """Perf buffers end as ring buffers do."""
    records: list[tuple[int, bytes]] = []
    buffer = tinybpf.BpfPerfBuffer(perf.obj.maps["events"], lambda *got: records.append(got))
    with buffer:
        perf.fire()
        perf.obj.close()
        assert buffer.poll(LONG_MS) == 10
        assert [data for _, data in records] == expected(perf, 10)
        with pytest.raises(tinybpf.BpfClosedError, match=r"object .* is closed"):
            buffer.poll(LONG_MS)
        with pytest.raises(tinybpf.BpfClosedError, match=r"object .* is closed"):
            buffer.consume()


def test_pinned_map_does_not_depend_on_the_object(producer: traffic.Producer) -> None:
    """A buffer of a map that was opened by its pin goes on when the object is closed."""
    with pins.folder() as folder:
        producer.obj.maps["events"].pin(folder / "events")
        with tinybpf.open_pinned_map(folder / "events") as pinned:
            with tinybpf.BpfRingBuffer(pinned) as ring:
                producer.fire()
                producer.obj.close()
                assert list(ring) == expected(producer, 10)
                assert (ring.consume(), ring.poll(0)) == (0, 0)


def test_buffers_that_are_gone_are_not_told(producer: traffic.Producer) -> None:
    """An object tells those buffers that are open, in whatever order others closed."""
    events = producer.obj.maps["events"]
    rings = [tinybpf.BpfRingBuffer(events) for _ in range(4)]
    rings.pop(1).close()
    rings.pop(0).close()
    rings.pop(1).close()
    producer.obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match=r"object .* is closed"):
        rings[0].consume()
    rings[0].close()
