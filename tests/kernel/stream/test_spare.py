# SPDX-License-Identifier: MIT
"""Lists that read() gave out are filled again only if nobody has them, or their events."""

import gc
import resource
import tracemalloc
import weakref
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import traffic
from support.objects import Find, Load

ROUNDS = 8
LARGE = 200 * traffic.BURST  # records
COUNTS = (10, 3, 0, 20, 20, 7, 1, 64)  # records of the rounds


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Return the attached producer of ring.bpf.c."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj)


def write(producer: traffic.Producer, count: int, size: int = 32) -> list[bytes]:
    """Have records written; return them."""
    first = producer.tried
    producer.setup(count=count, size=size)
    if count:
        producer.fire()
    return [producer.record(seq) for seq in range(first, first + count)]


def test_lists_that_are_dropped_hold_what_was_written(producer: traffic.Producer) -> None:
    """A loop that keeps no list gets each record once, however many come at a time."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        for count in COUNTS * 3:
            records = write(producer, count)
            batch = ring.read(timeout=0)
            assert batch == records
            assert [hash(event) for event in batch] == [hash(bytes(r)) for r in records]


def test_lists_that_are_kept_stay_as_they_are(producer: traffic.Producer) -> None:
    """A list of which anybody has a reference is never written to again."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        kept, iterators, written = [], [], []
        for count in COUNTS * 2:
            written.append(write(producer, count))
            batch = ring.read(timeout=0)
            kept.append(batch)
            iterators.append(iter(batch))
            del batch
        assert kept == written
        del kept
        for _ in range(ROUNDS):
            write(producer, 5)
            ring.read(timeout=0)
        assert [list(iterator) for iterator in iterators] == written


def test_events_that_are_kept_stay_as_they_are(producer: traffic.Producer) -> None:
    """An event outlives its list unchanged, also as what a view or a set refers to."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        kept: list[Any] = []
        wanted: list[bytes] = []
        for n in range(ROUNDS):
            records = write(producer, 10)
            batch = ring.read(timeout=0)
            kept += [batch[n], memoryview(batch[n + 1]), next(iter({batch[n + 2]}))]
            wanted += records[n : n + 3]
        assert [bytes(event) for event in kept] == wanted


def test_sizes_change_from_list_to_list(producer: traffic.Producer) -> None:
    """Records that are longer or shorter than those before are whole."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        for size in (8, 32, 8, 1000, 1000, 1001, 16, 1000):
            records = write(producer, 4, size)
            assert ring.read(timeout=0) == records


def test_what_a_program_does_with_its_list_is_its_own(producer: traffic.Producer) -> None:
    """Lists that were changed before they were dropped disturb nothing."""
    changes: list[Callable[[list[Any]], object]] = [
        lambda batch: batch.clear(),
        lambda batch: batch.append("more"),
        lambda batch: batch.insert(0, None),
        lambda batch: batch.append(batch),
        lambda batch: batch.__setitem__(0, [batch[0], batch]),
    ]
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        for change in changes * 4:
            records = write(producer, 6)
            batch = ring.read(timeout=0)
            assert batch == records
            change(batch)


def test_objects_of_a_program_are_let_go(producer: traffic.Producer) -> None:
    """What event_type's function made is gone with the program's own references."""

    class Event:
        def __init__(self, data: bytes) -> None:
            self.data = data

    def make(data: bytes) -> Event:
        return Event(data)

    with tinybpf.BpfRingBuffer(producer.events, event_type=make) as ring:
        records = write(producer, 5)
        batch = ring.read(timeout=0)
        assert [event.data for event in batch] == records
        gone = [weakref.ref(event) for event in batch]
        del batch
        gc.collect()
        assert [ref() for ref in gone] == [None] * 5


@pytest.mark.parametrize("is_derived", [False, True])
def test_records_are_those_that_were_written(
    producer: traffic.Producer, is_derived: bool
) -> None:
    """Records, and instances of classes derived from theirs, are as new each time."""
    kind: Any = producer.obj.types.config
    size = len(kind())
    if is_derived:
        kind = type("Derived", (kind,), {})
    kept: list[Any] = []
    wanted: list[int] = []
    with tinybpf.BpfRingBuffer(producer.events, event_type=kind) as ring:
        for _ in range(ROUNDS):
            numbers = list(range(producer.tried, producer.tried + 6))
            write(producer, 6, size)
            batch = ring.read(timeout=0)
            assert [event.cookie for event in batch] == numbers
            assert {type(event) for event in batch} == {kind}
            assert not any(hasattr(event, "mark") for event in batch)
            if is_derived:
                batch[0].mark = True
            kept.append(batch[1])
            wanted.append(numbers[1])
    assert [event.cookie for event in kept] == wanted


def test_closed_buffer_keeps_no_list(producer: traffic.Producer) -> None:
    """close() lets go of the lists that were to be filled again."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        for _ in range(3):
            write(producer, 6)
            ring.read(timeout=0)
        held = [found for found in gc.get_referents(ring) if type(found) is list]
    assert any(len(found) == 6 for found in held) == (len(held) > 1)
    left = [found for found in gc.get_referents(ring) if type(found) is list]
    assert not any(found for found in left if found and type(found[0]) is bytes)


def test_failure_puts_back_what_was_read_into_a_spare_list(
    producer: traffic.Producer,
) -> None:
    """A read() that fails in the middle gives its events to the next one, no older ones."""
    kind: Any = producer.obj.types.config
    size = len(kind())
    with tinybpf.BpfRingBuffer(producer.events, event_type=kind) as ring:
        for _ in range(3):
            write(producer, 9, size)
            assert len(ring.read(timeout=0)) == 9
        first = producer.tried
        write(producer, 4, size)
        write(producer, 1, size - 8)
        write(producer, 2, size)
        with pytest.raises(tinybpf.BtfValidationError):
            ring.read(timeout=0)
        read = [event.cookie for event in ring.read(timeout=0) + ring.read(timeout=0)]
        assert read == [first, first + 1, first + 2, first + 3, first + 5, first + 6]


@pytest.fixture
def large(bpf: Find) -> Iterator[traffic.Producer]:
    """Yield a producer of records of 256 bytes, whose ring has room for many."""
    settings = {"events": {"max_entries": 4 << 20}}
    with tinybpf.load(bpf("ring"), maps=settings) as obj, obj.attach():
        yield traffic.Producer(obj).setup(count=traffic.BURST, size=256)


def test_large_lists_take_no_new_memory(large: traffic.Producer) -> None:
    """The records of a loop that reads many at once lie where those before them lay."""
    faults = []
    with tinybpf.BpfRingBuffer(large.events, event_type=bytes) as ring:
        for _ in range(6):
            large.fire(LARGE // traffic.BURST)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            assert len(ring.read()) == LARGE
            faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    pages = LARGE * 256 // resource.getpagesize()
    assert max(faults[3:]) < pages / 10


def test_large_lists_are_freed_by_small_ones(large: traffic.Producer) -> None:
    """What a burst has taken is not held behind it, as long as the buffer is open."""
    tracemalloc.start()
    try:
        with tinybpf.BpfRingBuffer(large.events, event_type=bytes) as ring:
            for _ in range(2):
                large.fire(LARGE // traffic.BURST)
                ring.read()
            before, _ = tracemalloc.get_traced_memory()
            large.setup(count=1, size=256)
            for _ in range(2):
                large.fire()
                ring.read()
            after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert before - after > LARGE * 256
