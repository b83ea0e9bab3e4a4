# SPDX-License-Identifier: MIT
"""Perf buffers without callbacks: lists, loops and asyncio; order, CPUs, wake-ups."""

import asyncio
import os
import select
import struct
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support.objects import DEADLINE_S, Load
from support.traffic import Producer

NOT_PADDED = 12  # 8 * n + 4 bytes fill what the kernel reserves for a record
two_cpus = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="records of two CPUs need two"
)


@pytest.fixture
def producer(load: Load) -> Iterator[Producer]:
    """Return the attached producer, set to 1 record for a trigger."""
    obj = load("perf")
    with obj.attach():
        yield Producer(obj).setup(count=1, size=NOT_PADDED)


def fire_on(producer: Producer, *cpus: int) -> None:
    """Trigger once on each CPU, one after the other."""
    before = os.sched_getaffinity(0)
    try:
        for cpu in cpus:
            os.sched_setaffinity(0, {cpu})
            producer.fire()
    finally:
        os.sched_setaffinity(0, before)


def numbers(records: list[bytes]) -> list[int]:
    """Return the sequence numbers of records."""
    return [struct.unpack_from("=Q", record)[0] for record in records]


async def first_of(buffer: Any, count: int) -> list[bytes]:
    """Return as many records of an asynchronous loop."""
    records: list[bytes] = []
    async for record in buffer:
        records.append(record)
        if len(records) == count:
            break
    return records


SHAPES: dict[str, Callable[[Any], list[bytes]]] = {
    "read": lambda buffer: buffer.read(timeout=DEADLINE_S),
    "stream": lambda buffer: list(buffer.stream(0)),
    "loop": list,
    "queue": lambda buffer: [next(buffer) for _ in range(buffer.poll(1000))],
    "async for": lambda buffer: asyncio.run(first_of(buffer, 3)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("order", ["cpu", "time"])
def test_shape_gives_each_record(producer: Producer, shape: str, order: Any) -> None:
    """Bytes as the kernel pads them, in the order of one CPU."""
    with tinybpf.BpfPerfBuffer(producer.events, order=order) as buffer:
        fire_on(producer, *[max(os.sched_getaffinity(0))] * 3)
        records = SHAPES[shape](buffer)
    assert records == [producer.record(n) for n in range(3)]


def test_async_with_closes(producer: Producer) -> None:
    """poll_async() works, too, and what it queues is there for loops."""

    async def use() -> Any:
        async with tinybpf.BpfPerfBuffer(producer.events) as buffer:
            task = asyncio.ensure_future(buffer.poll_async())
            await asyncio.sleep(0.01)
            producer.fire()
            assert await asyncio.wait_for(task, DEADLINE_S) == 1
            assert next(buffer) == producer.record(0)
            return buffer

    assert repr(asyncio.run(use())) == "<BpfPerfBuffer closed>"


def test_max_events_is_kept_over_all_cpus(producer: Producer) -> None:
    """read() gives no more, and the rest later."""
    cpus = sorted(os.sched_getaffinity(0))
    with tinybpf.BpfPerfBuffer(producer.events) as buffer:
        fire_on(producer, *cpus, *cpus, *cpus)
        seen = []
        for _ in range(3 * len(cpus)):
            batch = buffer.read(max_events=1, timeout=DEADLINE_S)
            assert len(batch) == 1
            seen.extend(numbers(batch))
        assert buffer.read(timeout=0) == []
    assert sorted(seen) == list(range(3 * len(cpus)))


@two_cpus
def test_order_of_time_merges_the_cpus(producer: Producer) -> None:
    """Records of several CPUs come as they were written; without it CPU by CPU."""
    one, other = sorted(os.sched_getaffinity(0))[:2]
    turns = [one, other, other, one, other, one, one, other]
    for order, wanted in (("time", list(range(8))), ("cpu", [0, 3, 5, 6, 1, 2, 4, 7])):
        with tinybpf.BpfPerfBuffer(producer.events, order=order) as buffer:  # type: ignore[call-overload]
            fire_on(producer, *turns)
            seen = numbers(buffer.read(timeout=DEADLINE_S))
        assert [n % 8 for n in seen] == wanted, order


@two_cpus
def test_cpus_are_chosen(producer: Producer) -> None:
    """Only those are read: what others write finds no ring."""
    one, other = sorted(os.sched_getaffinity(0))[:2]
    with tinybpf.BpfPerfBuffer(producer.events, cpus=[other]) as buffer:
        fire_on(producer, one, other, one)
        assert numbers(buffer.read(timeout=DEADLINE_S)) == [1]
        assert "cpus=1," in repr(buffer)
    with tinybpf.BpfPerfBuffer(producer.events, cpus={one, other, one}) as buffer:
        assert "cpus=2," in repr(buffer)


@pytest.mark.parametrize("cpus", [[100_000], [-1], ["0"]])
def test_cpus_that_there_are_not_are_refused(producer: Producer, cpus: Any) -> None:
    """A number that is no CPU of the machine is a mistake, and not an empty buffer."""
    with pytest.raises(ValueError, match="are not all CPUs of this machine"):
        tinybpf.BpfPerfBuffer(producer.events, cpus=cpus)


def test_sample_period_wakes_for_every_so_many(producer: Producer) -> None:
    """Fewer wake nobody; a look finds them all the same."""
    cpu = max(os.sched_getaffinity(0))
    with tinybpf.BpfPerfBuffer(producer.events, sample_period=4) as buffer:
        fire_on(producer, cpu, cpu, cpu)
        assert numbers(buffer.read(timeout=0)) == [0, 1, 2]
        timer = threading.Timer(0.05, fire_on, (producer, cpu))
        timer.start()
        assert numbers(buffer.read(timeout=DEADLINE_S)) == [3]
        timer.join()


def test_watermark_wakes_for_so_many_bytes(producer: Producer) -> None:
    """Records below it wait, until drain_interval looks."""
    cpu = max(os.sched_getaffinity(0))
    with tinybpf.BpfPerfBuffer(producer.events, watermark=10_000) as buffer:
        fire_on(producer, cpu)
        assert select.select([buffer], [], [], 0)[0] == []
        assert numbers(buffer.read(timeout=0)) == [0]
    with tinybpf.BpfPerfBuffer(
        producer.events, watermark=10_000, drain_interval=0.01
    ) as buffer:
        timer = threading.Timer(0.05, fire_on, (producer, cpu))
        timer.start()
        assert numbers(buffer.read(timeout=DEADLINE_S)) == [1]
        timer.join()


def test_snapshot_gives_the_newest_records(producer: Producer) -> None:
    """With overwrite=True old ones give way; they stay to be seen again."""
    cpu = max(os.sched_getaffinity(0))
    with tinybpf.BpfPerfBuffer(producer.events, page_count=1, overwrite=True) as buffer:
        assert buffer.snapshot() == []
        fire_on(producer, *[cpu] * 3)
        assert numbers(buffer.snapshot()) == [0, 1, 2]
        assert numbers(buffer.snapshot(max_events=2)) == [1, 2]
        with pytest.raises(tinybpf.BpfError, match="written over: snapshot"):
            buffer.read()
        for _ in range(200):
            fire_on(producer, *[cpu] * 5)
        seen = numbers(buffer.snapshot())
        assert seen == list(range(1003 - len(seen), 1003))
        assert len(seen) == os.sysconf("SC_PAGE_SIZE") // (8 + 8 + 4 + NOT_PADDED)
        producer.setup(count=3, size=1020)
        fire_on(producer, *[cpu] * 5)
        assert numbers(buffer.snapshot(1)) == [1017]


@two_cpus
def test_snapshot_merges_the_cpus(producer: Producer) -> None:
    """Records of all CPUs are in the order of their times."""
    one, other = sorted(os.sched_getaffinity(0))[:2]
    with tinybpf.BpfPerfBuffer(producer.events, overwrite=True) as buffer:
        fire_on(producer, one, other, one, other, other)
        assert numbers(buffer.snapshot()) == [0, 1, 2, 3, 4]


def test_snapshot_needs_overwrite(producer: Producer) -> None:
    """Other buffers say so; a closed one says that it is closed."""
    with tinybpf.BpfPerfBuffer(producer.events) as buffer:
        with pytest.raises(tinybpf.BpfError, match="overwrite=True"):
            buffer.snapshot()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        buffer.snapshot()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"order": "cpus"}, ValueError),
        ({"watermark": 4096, "sample_period": 2}, ValueError),
        ({"watermark": 0}, ValueError),
        ({"sample_period": 0}, ValueError),
        ({"sample_period": 2**32}, ValueError),
        ({"overwrite": True, "sample_callback": print}, ValueError),
        ({"drain_interval": 0}, ValueError),
        ({"cpus": 3}, TypeError),
    ],
)
def test_misuse_is_refused(producer: Producer, more: Any, error: type[Exception]) -> None:
    """What does not go together, or is out of range, leaves nothing behind."""
    with pytest.raises(error):
        tinybpf.BpfPerfBuffer(producer.events, **more)


def test_partial_record_keeps_the_padding(load: Load) -> None:
    """`_rest` of a perf record has what the kernel added."""
    obj = load("perf")
    types = load("events").types
    producer = Producer(obj).setup(count=1, size=24)
    with (
        obj.attach(),
        tinybpf.BpfPerfBuffer(
            obj.maps["events"], event_type=types["event"], partial=True
        ) as buffer,
    ):
        producer.fire()
        (event,) = buffer.read(timeout=DEADLINE_S)
    assert event._rest[:4] == producer.record(0)[20:24]
    assert len(event._rest) == 8
