# SPDX-License-Identifier: MIT
"""Rings in overwrite mode: snapshot() gives the newest records, whole and in order."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import traffic
from support.gating import kernel
from support.objects import Load

RING = 4096
overwrite = kernel("6.19", "ring buffer in overwrite mode")


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Return the attached producer of overwritten.bpf.c."""
    obj = load("overwritten")
    with obj.attach():
        yield traffic.Producer(obj)


def expected(producer: traffic.Producer, begin: int, end: int) -> list[bytes]:
    """Return the records of those numbers."""
    return [producer.record(number) for number in range(begin, end)]


@overwrite
def test_snapshot_gives_what_lies_there(producer: traffic.Producer) -> None:
    """As often as it is asked for; the newest of them if so many are asked for."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        assert ring.snapshot() == []
        producer.setup(count=5, size=24).fire()
        assert ring.snapshot() == expected(producer, 0, 5)
        assert ring.snapshot() == expected(producer, 0, 5)
        assert ring.snapshot(max_events=2) == expected(producer, 3, 5)


@overwrite
def test_old_records_are_written_over(producer: traffic.Producer) -> None:
    """None finds no room; what is left is whole, and the newest."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        producer.setup(count=60, size=9, vary=(37, 131))
        for _ in range(20):
            producer.fire()
            records = ring.snapshot()
            last = producer.tried
            assert records == expected(producer, last - len(records), last)
            assert sum(map(len, records)) > RING // 2
        assert producer.no_room == 0


@overwrite
def test_snapshot_under_load_has_no_torn_record(producer: traffic.Producer) -> None:
    """The program goes on to write: what was written over meanwhile is left out."""
    producer.setup(count=64, size=40)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            producer.fire(10)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with tinybpf.BpfRingBuffer(producer.events) as ring:
            for _ in range(200):
                records = ring.snapshot()
                numbers = [int.from_bytes(record[:8], "little") for record in records]
                assert records == [producer.record(n) for n in numbers]
                assert numbers == list(range(numbers[0], numbers[-1] + 1)) if numbers else True
    finally:
        stop.set()
        thread.join()


@overwrite
def test_nothing_else_reads_it(producer: traffic.Producer) -> None:
    """A wait would see records that are written over while it reads them."""
    uses: list[Any] = [
        lambda ring: ring.read(),
        lambda ring: ring.poll(),
        lambda ring: next(ring.stream()),
        iter,
    ]
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        for use in uses:
            with pytest.raises(tinybpf.BpfError, match="written over: snapshot"):
                use(ring)


def test_other_rings_have_no_snapshots(load: Load) -> None:
    """They are read; a closed buffer says that it is closed."""
    with tinybpf.BpfRingBuffer(load("ring").maps["events"]) as ring:
        with pytest.raises(tinybpf.BpfError, match="BPF_F_RB_OVERWRITE"):
            ring.snapshot()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        ring.snapshot()
