# SPDX-License-Identifier: MIT
"""Ring buffers as iterators: poll() queues, a loop drains what is there, no more."""

import struct
from typing import Any

import pytest

import tinybpf
from support import traffic
from support.objects import Load


@pytest.fixture
def producer(load: Load) -> Any:
    """Return the attached producer of ring.bpf.c, set to 10 records for a trigger."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=10, size=24)


@pytest.fixture
def ring(producer: traffic.Producer) -> Any:
    """Return a buffer that reads the producer's ring without a callback."""
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"]) as made:
        yield made


def expected(producer: traffic.Producer, *numbers: int) -> list[bytes]:
    """Return the records of those numbers."""
    return [producer.record(number) for number in numbers]


@pytest.mark.parametrize("read", ["poll", "consume"])
def test_loop_drains_what_was_queued(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer, read: str
) -> None:
    """poll() and consume() queue the records and count them; a loop gives their bytes."""
    producer.fire()
    assert getattr(ring, read)() == 10
    records = list(ring)
    assert {type(record) for record in records} == {bytes}
    assert records == expected(producer, *range(10))
    assert list(ring) == []


def test_loop_reads_what_is_there(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """A loop without poll() gives what is in the ring, behind what was queued."""
    producer.fire()
    assert ring.poll(1000) == 10
    producer.fire()
    assert list(ring) == expected(producer, *range(20))


def test_polls_queue_one_behind_the_other(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """Each poll() counts its own records; nothing that was queued is lost."""
    for _ in range(30):
        producer.fire()
        assert ring.poll(1000) == 10
    assert ring.poll(0) == 0
    assert list(ring) == expected(producer, *range(300))


def test_loop_that_is_left_goes_on_later(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """break leaves the other records for the next loop, before newer ones."""
    producer.fire()
    for number, record in enumerate(ring):
        assert record == producer.record(number)
        if number == 3:
            break
    producer.fire()
    assert list(ring) == expected(producer, *range(4, 20))


def test_loop_ends_although_its_body_produces(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """A loop gives what was there when it began: a busy producer cannot keep it."""
    producer.fire()
    seen = 0
    for _ in ring:
        seen += 1
        producer.fire()
    assert seen == 10


def test_next_takes_queued_records_only(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """next() gives one record of the queue, StopIteration when it is empty."""
    producer.fire()
    assert next(ring, None) is None
    assert ring.consume() == 10
    assert next(ring) == producer.record(0)


def test_records_of_all_maps_come(load: Load, trigger: traffic.Trigger) -> None:
    """Several maps without callbacks share one loop."""
    obj = load("rings")
    trigger.arm(obj)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["even"]) as both:
        both.add(obj.maps["odd"])
        trigger.fire(6)
        numbers = [struct.unpack("=Q", record)[0] for record in both]
    assert sorted(numbers) == [0, 1, 2, 3, 4, 5]
    assert [n for n in numbers if n % 2] == [1, 3, 5]


def test_maps_can_be_added_to_an_empty_buffer(load: Load, trigger: traffic.Trigger) -> None:
    """The first map decides: without a callback the buffer is an iterator."""
    obj = load("rings")
    trigger.arm(obj)
    with obj.attach(), tinybpf.BpfRingBuffer() as made:
        made.add(obj.maps["even"], callback=None)
        trigger.fire(1)
        assert list(made) == [struct.pack("=Q", 0)]


def test_callback_and_iterator_do_not_mix(load: Load) -> None:
    """All maps of a buffer have a callback, or none has; a refused map is not added."""
    obj = load("rings")
    with tinybpf.BpfRingBuffer(obj.maps["even"]) as iterator:
        with pytest.raises(tinybpf.BpfError, match="Cannot mix callback and iterator"):
            iterator.add(obj.maps["odd"], print)
        iterator.add(obj.maps["odd"])
    with tinybpf.BpfRingBuffer(obj.maps["even"], print) as calling:
        with pytest.raises(tinybpf.BpfError, match="Cannot mix callback and iterator"):
            calling.add(obj.maps["odd"])
        calling.add(obj.maps["odd"], print)


def test_callback_mode_cannot_be_iterated(load: Load) -> None:
    """A buffer with callbacks is no iterator, in no way."""
    with tinybpf.BpfRingBuffer(load("rings").maps["even"], print) as calling:
        uses: list[Any] = [iter, next, lambda r: r.__aiter__(), lambda r: r.events()]
        for use in uses:
            with pytest.raises(tinybpf.BpfError, match="Cannot iterate on callback-mode"):
                use(calling)


def test_buffer_without_maps_cannot_be_iterated() -> None:
    """A loop over nothing says so, instead of ending at once."""
    with tinybpf.BpfRingBuffer() as made:
        with pytest.raises(tinybpf.BpfError, match="No maps added"):
            iter(made)


def test_close_in_the_loop_leaves_what_was_read(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """The loop gives out what was queued, and ends."""
    producer.fire()
    records = []
    for record in ring:
        records.append(record)
        ring.close()
    assert records == expected(producer, *range(10))
    assert list(ring) == []


def test_forgotten_queue_is_freed(load: Load) -> None:
    """A buffer that is dropped with records in its queue gives all back."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=64)
    with obj.attach():
        for _ in range(5):
            producer.fire()
            with tinybpf.BpfRingBuffer(obj.maps["events"]) as made:
                assert made.poll(1000) == 64
                next(made)
