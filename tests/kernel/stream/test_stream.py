# SPDX-License-Identifier: MIT
"""stream(): a loop that waits for records, until it is told to end; it loses none."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import traffic
from support.objects import DEADLINE_S, Find, Load, ended


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Return the attached producer of ring.bpf.c, set to 10 records for a trigger."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=10, size=24)


@pytest.fixture
def ring(producer: traffic.Producer) -> Iterator[Any]:
    """Return a buffer that reads the producer's ring without a callback."""
    with tinybpf.BpfRingBuffer(producer.events) as made:
        yield made


def expected(producer: traffic.Producer, *numbers: int) -> list[bytes]:
    """Return the records of those numbers."""
    return [producer.record(number) for number in numbers]


def test_loop_gives_each_record(producer: traffic.Producer, ring: Any) -> None:
    """What is there, and what comes while it runs; it ends after a quiet time."""
    producer.fire()
    records = []
    for record in ring.stream(timeout=0.05):
        records.append(record)
        if len(records) == 10:
            producer.fire()
    assert records == expected(producer, *range(20))


def test_loop_ends_after_quiet_seconds(ring: Any) -> None:
    """With timeout=0 at once."""
    begin = time.monotonic()
    assert list(ring.stream(timeout=0.1)) == []
    assert time.monotonic() - begin >= 0.1
    assert list(ring.stream(timeout=0)) == []


def test_loop_waits_for_the_first_record(producer: traffic.Producer, ring: Any) -> None:
    """Nothing there is no end."""
    timer = threading.Timer(0.05, producer.fire)
    timer.start()
    assert next(ring.stream()) == producer.record(0)
    timer.join()


def test_loop_that_is_left_loses_nothing(producer: traffic.Producer, ring: Any) -> None:
    """What it had read is given by the next loop, by read(), by `for ... in ring`."""
    producer.fire(3)
    for record in ring.stream():
        assert record == producer.record(0)
        break
    assert next(ring.stream()) == producer.record(1)
    assert ring.read(max_events=2) == expected(producer, 2, 3)
    assert list(ring) == expected(producer, *range(4, 30))


def test_two_loops_share_the_records(producer: traffic.Producer, ring: Any) -> None:
    """Each record is given once."""
    producer.fire()
    one, other = ring.stream(0), ring.stream(0)
    assert [next(one), next(other), next(one)] == expected(producer, 0, 1, 2)
    assert list(other) == expected(producer, *range(3, 10))
    assert list(one) == []


def test_close_by_another_thread_ends_the_loop(ring: Any) -> None:
    """It ends as loops do, without an exception."""
    loop = ring.stream()
    timer = threading.Timer(0.05, ring.close)
    timer.start()
    assert ended(lambda: list(loop)) == []
    timer.join()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        ring.stream()


def test_close_in_the_loop_leaves_what_was_read(producer: traffic.Producer, ring: Any) -> None:
    """The loop gives out what was read, and ends."""
    producer.fire()
    records = []
    for record in ring.stream():
        records.append(record)
        ring.close()
    assert records == expected(producer, *range(10))


def test_loop_ends_with_the_object(bpf: Find) -> None:
    """It gives what lies in the ring before."""
    obj = tinybpf.load(bpf("ring"))
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        producer = traffic.Producer(obj).setup(count=10)
        wanted = expected(producer, *range(10))
        producer.fire()
        stream = ring.stream()
        assert next(stream) == wanted[0]
        threading.Timer(0.05, obj.close).start()
        assert list(stream) == wanted[1:]


def test_loop_keeps_its_buffer(producer: traffic.Producer) -> None:
    """`for e in BpfRingBuffer(...).stream()` is no use of what is gone."""
    producer.fire()
    with pytest.warns(ResourceWarning, match="unclosed <BpfRingBuffer"):
        stream = tinybpf.BpfRingBuffer(producer.events).stream(timeout=0)
        assert list(stream) == expected(producer, *range(10))
        del stream


def test_busy_loop_keeps_little(producer: traffic.Producer, ring: Any) -> None:
    """A bounded part of the ring is read ahead: the rest stays where the program put it."""
    producer.setup(count=64, size=24).fire(10)
    next(ring.stream())
    rest = [ring._take() for _ in range(256)]
    assert rest.index(None) == 255
    assert ring.stats().fill > 0
    assert len(ring.read(timeout=0)) == 640 - 256


def test_records_without_a_wakeup_are_found(producer: traffic.Producer) -> None:
    """drain_interval looks at rings whose program wakes nobody, in every kind of wait."""
    producer.setup(count=1, flags=traffic.BPF_RB_NO_WAKEUP)
    with tinybpf.BpfRingBuffer(producer.events, drain_interval=0.01) as ring:
        waits: list[Callable[[], Any]] = [
            *(ring.poll, ring.read, lambda: next(ring.stream())),
            lambda: ring.read(timeout=60),
        ]
        for number, wait in enumerate(waits):
            timer = threading.Timer(0.05, producer.fire)
            timer.start()
            begin = time.monotonic()
            assert wait() in (1, [producer.record(number)], producer.record(number))
            assert time.monotonic() - begin < DEADLINE_S
            timer.join()
            if number == 0:
                assert list(ring) == [producer.record(0)]
        assert ring.stats().wakeups == 0


def test_asyncio_looks_in_intervals_too(producer: traffic.Producer) -> None:
    """A task that waits finds what came without a wake-up; poll_async() as well."""
    producer.setup(count=1, flags=traffic.BPF_RB_NO_WAKEUP)

    async def use() -> None:
        with tinybpf.BpfRingBuffer(producer.events, drain_interval=0.01) as ring:
            waiting = asyncio.ensure_future(ring.__aiter__().__anext__())
            await asyncio.sleep(0.02)
            producer.fire()
            assert await asyncio.wait_for(waiting, DEADLINE_S) == producer.record(0)
            polling = asyncio.ensure_future(ring.poll_async())
            await asyncio.sleep(0.02)
            producer.fire()
            assert await asyncio.wait_for(polling, DEADLINE_S) == 1
            assert await ring.poll_async(30) == 0

    asyncio.run(use())


def test_fork_while_reading_leaves_the_parent_whole(
    producer: traffic.Producer, ring: Any
) -> None:
    """A child that ends in the loop takes no record from its parent, and closes nothing."""
    producer.fire(2)
    stream = ring.stream(timeout=0)
    assert next(stream) == producer.record(0)
    pid = os.fork()
    if pid == 0:
        os._exit(0 if next(stream) == producer.record(1) else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert list(stream) == expected(producer, *range(1, 20))
    producer.fire()
    assert ring.read(timeout=0) == expected(producer, *range(20, 30))


@pytest.mark.parametrize("interval", [0, -1, float("nan"), float("inf")])
def test_intervals_that_are_none_are_refused(
    producer: traffic.Producer, interval: float
) -> None:
    """An interval is some seconds."""
    with pytest.raises(ValueError, match="drain_interval"):
        tinybpf.BpfRingBuffer(producer.events, drain_interval=interval)
