# SPDX-License-Identifier: MIT
"""Ring buffers: every record once, whole and in order, whatever its size."""

import select
import struct
from typing import Any

import pytest

import tinybpf
from support import traffic
from support.objects import Load

RING = 64 * 1024  # bytes of `events` in ring.bpf.c
HEADER = 8  # bytes in front of each record


class Reader:
    """A ring buffer that checks each record against what the producer wrote."""

    def __init__(self, producer: traffic.Producer) -> None:
        self.producer = producer
        self.seen = 0
        self.ring = tinybpf.BpfRingBuffer(producer.obj.maps["events"], self.check)

    def check(self, data: bytes) -> None:
        assert type(data) is bytes
        assert data == self.producer.record(self.seen)
        self.seen += 1


@pytest.fixture
def producer(load: Load) -> Any:
    """Return the attached producer of ring.bpf.c."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj)


@pytest.fixture
def reader(producer: traffic.Producer) -> Any:
    """Return the producer's checking reader."""
    made = Reader(producer)
    with made.ring:
        yield made


def test_poll_hands_over_each_record(reader: Reader) -> None:
    """poll() calls the callback with the bytes of each record and returns their number."""
    reader.producer.setup(count=5, size=24).fire()
    assert reader.ring.poll(1000) == 5
    assert reader.seen == 5


def test_consume_hands_over_each_record(reader: Reader) -> None:
    """consume() does the same without waiting."""
    reader.producer.setup(count=5, size=24).fire()
    assert reader.ring.consume() == 5
    assert reader.ring.consume() == 0
    assert reader.seen == 5


def test_nothing_there_is_0(reader: Reader) -> None:
    """An empty ring gives 0, at once or after the time is over."""
    assert reader.ring.consume() == 0
    assert reader.ring.poll(0) == 0
    assert reader.ring.poll(timeout_ms=1) == 0


@pytest.mark.parametrize("size", [8, 9, 15, 16, 17, 1000, 4095, 4096])
def test_record_of_any_size_is_whole(reader: Reader, size: int) -> None:
    """Records arrive with exactly their bytes, also where the size is odd."""
    reader.producer.setup(count=3, size=size).fire(3)
    assert reader.ring.consume() == 9
    assert reader.seen == 9


@pytest.mark.parametrize("size", [0, 1, 7])
def test_record_shorter_than_a_word_is_whole(producer: traffic.Producer, size: int) -> None:
    """Records of less than eight bytes, and of none, arrive too."""
    records: list[bytes] = []
    producer.setup(count=3, size=size).fire()
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"], records.append) as ring:
        assert ring.consume() == 3
    assert records == [producer.record(seq) for seq in range(3)]
    assert {len(record) for record in records} == {size}


def test_records_wrap_around_the_ring_many_times(reader: Reader) -> None:
    """Odd sizes over twenty times the ring's size: each record whole and in order."""
    reader.producer.setup(count=64, size=9, vary=(37, 531))
    written = fired = 0
    while written < 20 * RING:
        written += sum(len(reader.producer.record(fired + n)) + HEADER for n in range(64))
        reader.producer.fire()
        fired += 64
        assert reader.ring.consume() == 64
    assert reader.seen == fired
    assert reader.producer.no_room == 0


def test_largest_records_wrap_too(reader: Reader) -> None:
    """Records of one page and odd sizes around it meet the end of the ring everywhere."""
    reader.producer.setup(count=5, size=2049, vary=(1021, 2047))
    for _ in range(200):
        reader.producer.fire()
        assert reader.ring.consume() == 5
    assert reader.seen == 1000


def test_full_ring_loses_at_the_producer_and_harms_nothing(reader: Reader) -> None:
    """What found no room is the program's to count; what is in the ring is intact."""
    producer = reader.producer.setup(count=64, size=500)
    while not producer.no_room:
        producer.fire()
    kept = producer.tried - producer.no_room
    assert reader.ring.consume() == reader.seen == kept
    reader.seen = producer.tried
    producer.fire()
    assert reader.ring.consume() == 64


def test_full_ring_can_be_filled_and_drained_again(producer: traffic.Producer) -> None:
    """Filling to the brim and draining goes on for ever, each round from a new offset."""
    records: list[bytes] = []
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"], records.append) as ring:
        producer.setup(count=64, size=61, vary=(7, 900))
        for _ in range(5):
            lost = producer.no_room
            while producer.no_room == lost:
                producer.fire()
            ring.consume()
    assert len(records) == producer.tried - producer.no_room
    sequence = [struct.unpack_from("=Q", record)[0] for record in records]
    assert sequence == sorted(set(sequence))
    assert all(record == producer.record(n) for record, n in zip(records, sequence))


def _arm(obj: tinybpf.BpfObject, trigger: traffic.Trigger, count: int, keep: int) -> None:
    obj.maps["config"][0] = struct.pack("=QII", trigger.cookie, count, keep)


def test_discarded_records_are_passed_over(load: Load, trigger: traffic.Trigger) -> None:
    """A discarded record reaches no callback and is not counted."""
    obj = load("discard")
    _arm(obj, trigger, count=30, keep=3)
    records: list[bytes] = []
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], records.append) as ring:
        trigger.fire()
        assert ring.consume() == 10
    assert records == [struct.pack("=QQQ", n, n, n) for n in range(0, 30, 3)]


def test_discarded_records_free_their_room(load: Load, trigger: traffic.Trigger) -> None:
    """A ring in which all records are discarded never fills up."""
    obj = load("discard")
    _arm(obj, trigger, count=32, keep=0)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], print) as ring:
        for _ in range(50):
            trigger.fire()
            assert ring.consume() == 0
    assert obj.maps["seq"][0] == 50 * 32


def test_poll_over_discarded_records_waits_on(load: Load, trigger: traffic.Trigger) -> None:
    """Records that are all discarded do not end poll() early, nor make it spin for ever."""
    obj = load("discard")
    _arm(obj, trigger, count=32, keep=0)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], print) as ring:
        trigger.fire()
        assert ring.poll(10) == 0


def test_two_rings_have_a_callback_each(load: Load, trigger: traffic.Trigger) -> None:
    """One buffer reads two rings; each record goes to its ring's callback, in order."""
    obj = load("rings")
    trigger.arm(obj)
    even: list[bytes] = []
    odd: list[bytes] = []
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["even"], even.append) as ring:
        ring.add(obj.maps["odd"], callback=odd.append)
        trigger.fire(21)
        assert ring.poll(1000) == 21
    assert even == [struct.pack("=Q", n) for n in range(0, 21, 2)]
    assert odd == [struct.pack("=Q", n) for n in range(1, 21, 2)]


def test_maps_can_all_be_added_later(load: Load, trigger: traffic.Trigger) -> None:
    """A buffer made of nothing reads what is added, also what was written before."""
    obj = load("rings")
    trigger.arm(obj)
    records: list[bytes] = []
    with obj.attach(), tinybpf.BpfRingBuffer() as ring:
        trigger.fire(4)
        ring.add(obj.maps["even"], records.append)
        assert ring.consume() == 2
        ring.add(obj.maps["odd"], records.append)
        assert ring.consume() == 2
    assert [struct.unpack("=Q", r)[0] for r in records] == [0, 2, 1, 3]


def test_two_buffers_read_different_rings(load: Load, trigger: traffic.Trigger) -> None:
    """Two buffers side by side do not disturb each other."""
    obj = load("rings")
    trigger.arm(obj)
    even: list[bytes] = []
    odd: list[bytes] = []
    with obj.attach():
        with tinybpf.BpfRingBuffer(obj.maps["even"], even.append) as one:
            with tinybpf.BpfRingBuffer(obj.maps["odd"], odd.append) as two:
                trigger.fire(10)
                assert two.consume() == 5
                assert one.consume() == 5
    assert (len(even), len(odd)) == (5, 5)


def test_a_new_buffer_goes_on_where_the_old_one_stopped(producer: traffic.Producer) -> None:
    """What one buffer consumed is gone for the next; nothing is lost in between."""
    producer.setup(count=3)
    records: list[bytes] = []
    for _ in range(4):
        producer.fire()
        with tinybpf.BpfRingBuffer(producer.obj.maps["events"], records.append) as ring:
            assert ring.consume() == 3
    assert records == [producer.record(seq) for seq in range(12)]


def test_records_written_without_wakeup_are_consumed(reader: Reader) -> None:
    """BPF_RB_NO_WAKEUP records are there for consume(), and for poll() without a wait."""
    reader.producer.setup(count=4, flags=traffic.BPF_RB_NO_WAKEUP).fire()
    assert reader.ring.consume() == 4
    reader.producer.fire()
    assert reader.ring.poll(0) == 4


def test_forced_wakeup_wakes(reader: Reader) -> None:
    """BPF_RB_FORCE_WAKEUP records end a wait like others."""
    reader.producer.setup(count=4, flags=traffic.BPF_RB_FORCE_WAKEUP).fire()
    assert reader.ring.poll(1000) == 4


def test_descriptor_is_readable_when_records_wait(reader: Reader) -> None:
    """epoll_fd() and fileno() serve select(); reading the records clears them."""
    assert reader.ring.fileno() == reader.ring.epoll_fd()
    assert select.select([reader.ring], [], [], 0)[0] == []
    reader.producer.setup(count=1).fire()
    assert select.select([reader.ring], [], [], 10)[0] == [reader.ring]
    assert reader.ring.consume() == 1
    assert select.select([reader.ring], [], [], 0)[0] == []


def test_descriptor_works_with_epoll_and_poll(reader: Reader) -> None:
    """An event loop of any kind can wait for the buffer."""
    reader.producer.setup(count=1).fire()
    with select.epoll() as epoll:
        epoll.register(reader.ring.fileno(), select.EPOLLIN)
        assert epoll.poll(10) == [(reader.ring.fileno(), select.EPOLLIN)]
    waiter = select.poll()
    waiter.register(reader.ring, select.POLLIN)
    assert waiter.poll(10_000) == [(reader.ring.fileno(), select.POLLIN)]
    assert reader.ring.consume() == 1


def test_records_outlive_buffer_and_object(load: Load) -> None:
    """The bytes that a callback kept are its own."""
    obj = load("ring")
    producer = traffic.Producer(obj)
    records: list[bytes] = []
    with obj.attach():
        producer.setup(count=64, size=100).fire()
        with tinybpf.BpfRingBuffer(obj.maps["events"], records.append) as ring:
            ring.consume()
            producer.setup(count=64, size=700).fire(3)
    obj.close()
    assert [struct.unpack_from("=Q", r)[0] for r in records] == list(range(64))
    assert {len(r) for r in records} == {100}


def test_consumers_in_turn_take_each_record_once(load: Load) -> None:
    """What one buffer took of a map's ring, another one of the same map does not see."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=4, size=16)
    seen: dict[str, list[int]] = {"first": [], "second": []}

    def reader(name: str) -> tinybpf.BpfRingBuffer:
        return tinybpf.BpfRingBuffer(
            obj.maps["events"], lambda r: seen[name].append(struct.unpack_from("=Q", r)[0])
        )

    with obj.attach(), reader("first") as first, reader("second") as second:
        for ring in (first, second, first, first, second):
            producer.fire()
            assert ring.consume() == 4
    assert seen == {
        "first": [0, 1, 2, 3, *range(8, 16)],
        "second": [4, 5, 6, 7, *range(16, 20)],
    }
