# SPDX-License-Identifier: MIT
"""stats(): what went through a buffer, and what did not, to the last record."""

import dataclasses
import pickle
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import traffic
from support.objects import Find, Load

ROOM = 4096 // (64 + 8)  # records of dropped.bpf.c that a ring has room for


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Return the attached producer of ring.bpf.c, set to 10 records for a trigger."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=10, size=24)


@pytest.fixture
def counting(load: Load, trigger: traffic.Trigger) -> Iterator[Any]:
    """Return dropped.bpf.c, attached."""
    obj = load("dropped")
    with obj.attach():
        yield obj


def write(obj: Any, trigger: traffic.Trigger, count: int, which: int = 0) -> None:
    """Let the program write so many records to a ring."""
    obj.maps["config"][0] = struct.pack("=QII", trigger.cookie, count, which)
    trigger.fire()


def test_new_buffer_has_counted_nothing(producer: traffic.Producer) -> None:
    """All is 0, and what is lost is unknown: the program does not say that it counts."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        stats = ring.stats()
    assert stats == tinybpf.RingStats(0, 0, 0.0, 0.0, 0, 0, None)
    assert str(stats) == "records=0 bytes=0 lost=None fill=0% high_water=0%"


@pytest.mark.parametrize("shape", ["callback", "read", "stream", "poll"])
def test_records_and_bytes_are_counted(producer: traffic.Producer, shape: str) -> None:
    """Whatever shape they are taken in, once each."""
    callback = (lambda data: None) if shape == "callback" else None
    with tinybpf.BpfRingBuffer(producer.events, callback) as ring:
        producer.setup(count=10, size=24, vary=(1, 5)).fire(3)
        size = sum(len(producer.record(n)) for n in range(30))
        if shape == "read":
            ring.read()
        elif shape == "stream":
            assert len(list(ring.stream(0))) == 30
        else:
            ring.poll(0)
        stats = ring.stats()
    assert (stats.records, stats.bytes) == (30, size)


def test_fill_and_high_water(producer: traffic.Producer) -> None:
    """The one is how full it is now, the other how full it was found."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        producer.setup(count=64, size=504).fire()  # half of 64 KiB
        assert ring.stats().fill == 0.5
        assert ring.stats().high_water == 0.0
        assert len(ring.read(max_events=16)) == 16
        assert ring.stats().fill == 0.375
        assert len(ring.read()) == 48
        stats = ring.stats()
    assert (stats.fill, stats.high_water) == (0.0, 0.5)
    assert str(stats).endswith("fill=0% high_water=50%")


def test_discarded_records_are_counted(load: Load, trigger: traffic.Trigger) -> None:
    """They are no records."""
    obj = load("discard")
    obj.maps["config"][0] = struct.pack("=QII", trigger.cookie, 30, 3)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        trigger.fire()
        assert len(ring.read()) == 10
        stats = ring.stats()
    assert (stats.records, stats.discarded) == (10, 20)


def test_discarded_records_are_counted_once(load: Load, trigger: traffic.Trigger) -> None:
    """A callback that reads on steps over some in the middle of the call around it."""
    obj = load("discard")
    obj.maps["config"][0] = struct.pack("=QII", trigger.cookie, 30, 3)
    ring: tinybpf.BpfRingBuffer[bytes]
    with tinybpf.BpfRingBuffer(obj.maps["events"], lambda record: ring.consume()) as ring:
        with obj.attach():
            trigger.fire()
        ring.consume()
        stats = ring.stats()
    assert (stats.records, stats.discarded) == (10, 20)


def test_wakeups_are_counted(producer: traffic.Producer) -> None:
    """Of waits that a record ended; a read that finds some does not wait."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        producer.fire()
        ring.read()
        assert ring.stats().wakeups == 0
        timer = threading.Timer(0.05, producer.fire)
        timer.start()
        ring.read()
        timer.join()
        assert ring.stats().wakeups >= 1


@pytest.mark.parametrize(("name", "which"), [("events", 0), ("by_global", 1), ("by_array", 2)])
def test_drops_that_the_program_counts_are_told(
    counting: Any, trigger: traffic.Trigger, name: str, which: int
) -> None:
    """A per-CPU counter, a global and an array; what came and what was lost is everything."""
    with tinybpf.BpfRingBuffer(counting.maps[name]) as ring:
        assert ring.stats().lost == 0
        write(counting, trigger, 100, which)
        assert ring.stats().lost == 100 - ROOM
        assert len(ring.read()) == ROOM
        write(counting, trigger, 10, which)
        assert len(ring.read()) == 10
        stats = ring.stats()
    assert (stats.records, stats.lost) == (ROOM + 10, 100 - ROOM)
    assert f"lost={100 - ROOM} " in str(stats)


def test_lost_of_several_rings(counting: Any, trigger: traffic.Trigger) -> None:
    """The sum; unknown if one of them does not count."""
    with tinybpf.BpfRingBuffer(counting.maps["events"], event_type=bytes) as ring:
        ring.add(counting.maps["by_global"])
        write(counting, trigger, 60, 0)
        write(counting, trigger, 60, 1)
        assert ring.stats().lost == 2 * (60 - ROOM)
        ring.add(counting.maps["uncounted"])
        assert ring.stats().lost is None


def test_tag_at_something_that_is_no_counter_is_refused(counting: Any) -> None:
    """It is said when the ring is added, with what a counter is."""
    with pytest.raises(tinybpf.BpfError, match="'none' is tagged 'tinybpf:dropped=misled'"):
        tinybpf.BpfRingBuffer(counting.maps["misled"])


def test_stats_outlive_the_object_and_the_buffer(bpf: Find, trigger: traffic.Trigger) -> None:
    """Behind close() they say what was counted then."""
    obj = tinybpf.load(bpf("dropped"))
    with obj.attach():
        ring = tinybpf.BpfRingBuffer(obj.maps["events"])
        write(obj, trigger, 100)
    obj.close()
    assert (len(ring.read()), ring.stats().lost) == (ROOM, 100 - ROOM)
    ring.close()
    stats = ring.stats()
    assert (stats.records, stats.lost, stats.fill) == (ROOM, 100 - ROOM, 0.0)


def test_stats_are_a_frozen_value(producer: traffic.Producer) -> None:
    """They stay as they were; they can be compared, copied and pickled."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        before = ring.stats()
        producer.fire()
        ring.read()
        assert before.records == 0
        stats: Any = ring.stats()
    with pytest.raises(dataclasses.FrozenInstanceError):
        stats.records = 3
    assert pickle.loads(pickle.dumps(stats)) == stats != before


def test_buffer_without_maps_has_stats() -> None:
    """Nothing went through it; nothing is known of drops."""
    with tinybpf.BpfRingBuffer() as ring:
        assert ring.stats().lost is None


def test_perf_buffer_knows_what_was_lost(load: Load) -> None:
    """The kernel counts there."""
    obj = load("perf")
    producer = traffic.Producer(obj).setup(count=64, size=1020)
    with obj.attach(), tinybpf.BpfPerfBuffer(obj.maps["events"], page_count=1) as buffer:
        assert buffer.stats().lost == 0
        producer.fire()
        assert buffer.stats().fill > 0
        first = len(buffer.read())
        producer.setup(count=1, size=1020).fire()
        buffer.read(timeout=5)
        stats = buffer.stats()
    assert stats.lost == 64 - first == buffer.lost
    assert stats.records == first + 1
    assert 0.5 < stats.high_water <= 1
