# SPDX-License-Identifier: MIT
"""Buffers and a fork: what the child does with its copy leaves the parent's alone."""

import mmap
import os
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import child as interpreter
from support import traffic
from support.objects import DEADLINE_S, Load

PAGES = 8  # of the data of a perf ring, behind one of positions


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


def in_child(function: Callable[..., Any], *args: Any) -> None:
    """Run a function in a forked child, in which it must return what is not false."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 2 if function(*args) is False else 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def waiting(function: Callable[[], Any]) -> threading.Thread:
    """Return a thread that waits in a function of a buffer."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    while thread.native_id is None:
        pass
    interpreter.wait_until_waiting(thread.native_id)
    return thread


def closed_object(producer: traffic.Producer, ring: Any) -> None:
    """Close the object, which ends what reads it, in this process."""
    producer.obj.close()
    with pytest.raises(tinybpf.BpfClosedError):
        ring.poll(0)


def test_child_that_closes_wakes_nobody(producer: traffic.Producer, ring: Any) -> None:
    """The parent's wait is not ended, and does not turn round and round."""
    in_child(closed_object, producer, ring)
    assert ring.poll(50) == 0
    assert ring.stats().wakeups == 0
    thread = waiting(lambda: ring.poll(-1))
    in_child(ring.close)
    assert ring.stats().wakeups == 0
    producer.fire()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert list(ring) == [producer.record(seq) for seq in range(10)]


def waits_and_ends(ring: Any) -> bool:
    """Wait in a thread of this process, and close the buffer meanwhile."""
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            ring.poll(-1)
        except tinybpf.BpfClosedError as error:
            ended.append(error)

    thread = waiting(wait)
    ring.close()
    thread.join(DEADLINE_S)
    return len(ended) == 1


def fires_and_reads(producer: traffic.Producer, ring: Any) -> bool:
    """Wait for records that were written in this process."""
    producer.fire()
    return bool(ring.poll(-1) == 10)


def test_child_waits_for_itself(producer: traffic.Producer, ring: Any) -> None:
    """A wait of the child ends with its own close(), and with records."""
    in_child(waits_and_ends, ring)
    in_child(fires_and_reads, producer, ring)
    assert ring.poll(50) == 0
    assert ring.stats().wakeups == 0


def test_child_adds_rings_of_its_own(ring: Any, load: Load, trigger: traffic.Trigger) -> None:
    """The parent is not woken by what it does not read."""
    rings = load("rings")
    in_child(ring.add, rings.maps["even"])
    with rings.attach():
        trigger.arm(rings)
        trigger.fire(2)
    assert ring.poll(50) == 0
    assert ring.stats().wakeups == 0


def test_perf_events_are_the_parents(load: Load) -> None:
    """A child that closes its copy does not take them out of the map."""
    obj = load("perf")
    producer = traffic.Producer(obj).setup(count=10, size=12)
    with obj.attach(), tinybpf.BpfPerfBuffer(producer.events) as buffer:
        in_child(buffer.close)
        producer.fire()
        assert buffer.read(timeout=DEADLINE_S) == [producer.record(seq) for seq in range(10)]


def is_refused(buffer: Any) -> bool:
    """Try all that would read the rings of a perf buffer; return whether it is told."""
    uses: list[Callable[[], object]] = [
        buffer.poll,
        buffer.consume,
        buffer.read,
        buffer.read_columns,
        buffer.fileno,
        lambda: next(buffer.stream()),
    ]
    for use in uses:
        with pytest.raises(tinybpf.BpfError, match="read by the process that made it"):
            use()
    return bool(buffer.stats().fill == 0)


def has_its_own(events: Any) -> bool:
    """Read from a perf buffer of the child."""
    with tinybpf.BpfPerfBuffer(events) as buffer:
        return buffer.read(timeout=0) == []


def keeps_what_is_mapped(buffer: Any) -> bool:
    """Close the copy of a buffer, in whose place other memory may lie by now."""
    taken = [mmap.mmap(-1, (1 + PAGES) * mmap.PAGESIZE) for _ in range(200)]
    buffer.close()
    for memory in taken:
        memory[:] = bytes(len(memory))
    return True


@pytest.mark.parametrize("order", ["cpu", "time"])
def test_child_has_no_memory_of_perf_rings(load: Load, order: Any) -> None:
    """The kernel does not give it to a child, which is told so, and lives."""
    obj = load("perf")
    producer = traffic.Producer(obj).setup(count=10, size=12)
    with (
        obj.attach(),
        tinybpf.BpfPerfBuffer(producer.events, page_count=PAGES, order=order) as buffer,
    ):
        producer.fire()
        in_child(is_refused, buffer)
        in_child(keeps_what_is_mapped, buffer)
        assert buffer.read(timeout=DEADLINE_S) == [producer.record(seq) for seq in range(10)]
        in_child(has_its_own, producer.events)


def test_child_that_closes_lines_ends_no_wait() -> None:
    """An iterator over the trace pipe goes on in the parent."""
    with tinybpf.trace_pipe() as lines:
        thread = waiting(lambda: next(lines, None))
        in_child(lines.close)
        interpreter.wait_until_waiting(thread.native_id or 0)
        assert thread.is_alive()
        lines.close()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
