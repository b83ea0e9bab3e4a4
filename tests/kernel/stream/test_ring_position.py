# SPDX-License-Identifier: MIT
"""Rings that somebody else writes into: no record is read where none lies.

The page with the consumer's position can be written by whoever has the map, by a pin or
a descriptor that was passed; a perf ring by whoever has its event.
"""

import contextlib
import errno
import mmap
import os
import struct
from collections.abc import Iterator

import pytest

import tinybpf
from support import traffic
from support.objects import Load

PAGE = mmap.PAGESIZE
RING = 64 * 1024  # bytes of `events` in ring.bpf.c
HEADER = 8


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Return the attached producer of ring.bpf.c, whose records have 24 bytes."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=3, size=24)


@pytest.fixture
def page(producer: traffic.Producer) -> Iterator[mmap.mmap]:
    """Return the consumer's page of the producer's ring, as another process has it."""
    with mmap.mmap(producer.events.fd, PAGE) as mapped:
        yield mapped


def set_position(page: mmap.mmap, position: int) -> None:
    """Write where the consumer is to stand."""
    page[:8] = struct.pack("=Q", position % 2**64)


POSITIONS = {
    "between words": 4,
    "odd": 3,
    "beyond the producer": 1 << 20,
    "a record further": 4 * (HEADER + 24),
    "before the beginning": -8,
    "as far as can be": -(1 << 62),
}


@pytest.mark.parametrize("position", POSITIONS.values(), ids=list(POSITIONS))
def test_position_where_no_record_begins_is_told(
    producer: traffic.Producer, page: mmap.mmap, position: int
) -> None:
    """What is there is given up with an error; what comes then is read as ever."""
    records: list[bytes] = []
    with tinybpf.BpfRingBuffer(producer.events, records.append) as ring:
        producer.fire()
        set_position(page, position)
        with pytest.raises(tinybpf.BpfError, match="position was moved") as told:
            ring.consume()
        assert told.value.errno == errno.EBADMSG
        assert records == []
        producer.fire()
        assert ring.poll(1000) == 3
    assert records == [producer.record(seq) for seq in (3, 4, 5)]


def test_data_taken_for_a_header_is_told(producer: traffic.Producer, page: mmap.mmap) -> None:
    """A position inside of a record makes its data a length, which the ring has not."""
    lengths = struct.pack("=IIII", 0x2FFFFFFF, 0, RING, 0)
    producer.obj.maps["pattern"][0] = lengths * 256
    for inside in (HEADER + 8, HEADER + 16):
        with tinybpf.BpfRingBuffer(producer.events) as ring:
            producer.fire()
            (begin,) = struct.unpack("=Q", page[:8])
            set_position(page, begin + inside)
            with pytest.raises(tinybpf.BpfError, match="position was moved"):
                list(ring)
            assert list(ring) == []


def consume_or_be_told(ring: tinybpf.BpfRingBuffer) -> None:
    """Read what is there, which may no longer begin where it did."""
    with contextlib.suppress(tinybpf.BpfError):
        ring.consume()


def test_neighbour_that_takes_all_while_a_callback_runs_is_survived(
    producer: traffic.Producer, page: mmap.mmap
) -> None:
    """Memory that the kernel writes anew meanwhile is not believed, nor read beyond."""
    seen: list[int] = []

    def overrun() -> None:
        producer.setup(count=64, size=2000)
        for _ in range(2):
            producer.fire()
            (end,) = struct.unpack("=Q", memory[:8])
            set_position(page, end)

    def callback(data: bytes) -> None:
        seen.append(len(data))
        if len(seen) == 1:
            overrun()

    fd = producer.events.fd
    with mmap.mmap(fd, PAGE, offset=PAGE, prot=mmap.PROT_READ) as memory:
        with tinybpf.BpfRingBuffer(producer.events, callback) as ring:
            producer.fire()
            for _ in range(3):
                consume_or_be_told(ring)
            producer.setup(count=1, size=24).fire()
            assert ring.consume() == 1
    assert seen[-1] == 24


def test_reading_on_inside_of_a_callback_is_no_mistake(producer: traffic.Producer) -> None:
    """A callback that consumes stands further than the batch around it, and that is right."""
    records: list[bytes] = []

    def callback(data: bytes) -> None:
        records.append(data)
        if len(records) == 2:
            producer.fire()
            assert ring.consume() == 4

    with tinybpf.BpfRingBuffer(producer.events, callback) as ring:
        producer.fire()
        assert ring.consume() == 2
        assert ring.consume() == 0
    assert records == [producer.record(seq) for seq in range(6)]


def perf_events() -> set[int]:
    """Return the descriptors of perf events that this process has."""
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            if "perf_event" in os.readlink(f"/proc/self/fd/{fd}"):
                found.add(int(fd))
    return found


class PerfNeighbour:
    """The pages of perf rings of this process, as one that was passed the events has them."""

    def __init__(self, events: set[int], pages: int) -> None:
        self.memory = [mmap.mmap(fd, (1 + pages) * PAGE) for fd in events]

    def __enter__(self) -> "PerfNeighbour":
        return self

    def __exit__(self, *error: object) -> None:
        for memory in self.memory:
            memory.close()

    def set_head(self, head: int) -> None:
        """Write where the producer is to stand, in each ring that has a record."""
        for memory in self.memory:
            if memory[DATA_HEAD : DATA_HEAD + 8] != bytes(8):
                memory[DATA_HEAD : DATA_HEAD + 8] = struct.pack("=Q", head)


DATA_HEAD = 1024  # of struct perf_event_mmap_page
HEADS = {"inside of a record": 16, "between words": 13, "beyond the ring": 1 << 20}


@pytest.mark.parametrize("head", HEADS.values(), ids=list(HEADS))
def test_wrong_end_of_a_perf_ring_is_told(load: Load, head: int) -> None:
    """Nothing is read up to an end that cannot be; the next record sets it right."""
    obj = load("perf")
    records: list[bytes] = []

    def sample(cpu: int, data: bytes) -> None:
        records.append(data[:20])

    producer = traffic.Producer(obj).setup(count=2, size=20)
    with obj.attach():
        others = perf_events()
        with tinybpf.BpfPerfBuffer(obj.maps["events"], sample, page_count=1) as buffer:
            with PerfNeighbour(perf_events() - others, 1) as neighbour:
                producer.fire()
                neighbour.set_head(head)
            with pytest.raises(tinybpf.BpfError, match="positions of the ring of CPU") as told:
                buffer.consume()
            assert told.value.errno == errno.EBADMSG
            assert records == []
            producer.fire()
            assert buffer.poll(1000) == 4
    assert records == [producer.record(seq) for seq in range(4)]
