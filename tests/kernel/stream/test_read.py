# SPDX-License-Identifier: MIT
"""read(): a list of what is there, in one call; it waits for the first record only."""

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import child, traffic
from support.objects import DEADLINE_S, Find, Load, ended


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Return the attached producer of ring.bpf.c, set to 10 records for a trigger."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=10, size=24)


@pytest.fixture
def ring(producer: traffic.Producer) -> Iterator["tinybpf.BpfRingBuffer[bytes]"]:
    """Return a buffer that reads the producer's ring without a callback."""
    with tinybpf.BpfRingBuffer(producer.events) as made:
        yield made


Ring = tinybpf.BpfRingBuffer


def expected(producer: traffic.Producer, *numbers: int) -> list[bytes]:
    """Return the records of those numbers."""
    return [producer.record(number) for number in numbers]


def test_read_gives_what_is_there(producer: traffic.Producer, ring: Any) -> None:
    """All records, whole and in order, in one list of bytes; the next read gives newer ones."""
    producer.fire(3)
    records = ring.read()
    assert type(records) is list
    assert {type(record) for record in records} == {bytes}
    assert records == expected(producer, *range(30))
    producer.fire()
    assert ring.read(timeout=0) == expected(producer, *range(30, 40))


def test_read_of_an_empty_ring_is_an_empty_list(ring: Any) -> None:
    """At once with timeout=0, or when the time is over."""
    assert ring.read(timeout=0) == []
    begin = time.monotonic()
    assert ring.read(timeout=0.05) == []
    assert time.monotonic() - begin >= 0.05


@pytest.mark.parametrize("most", [1, 3, 7, 10, 11, 2**70])
def test_read_gives_at_most_max_events(
    producer: traffic.Producer, ring: Any, most: int
) -> None:
    """Reads of so many each give everything, once and in order."""
    producer.fire(2)
    batches: list[list[bytes]] = []
    while batches[-1:] != [[]]:
        batches.append(ring.read(max_events=most, timeout=0))
    assert [len(batch) for batch in batches[:-2]] == [most] * (len(batches) - 2)
    assert [record for batch in batches for record in batch] == expected(producer, *range(20))


def test_bounded_reads_of_two_rings_starve_none(load: Load, trigger: traffic.Trigger) -> None:
    """A ring that always has records does not keep the other one waiting."""
    obj = load("rings")
    trigger.arm(obj)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["even"]) as ring:
        ring.add(obj.maps["odd"])
        trigger.fire(8)
        numbers = [int.from_bytes(ring.read(1)[0], "little") for _ in range(4)]
    assert numbers == [0, 1, 2, 3]


def test_read_waits_for_the_first_record(producer: traffic.Producer, ring: Any) -> None:
    """A read that finds nothing gives what another thread's system call sends."""
    timer = threading.Timer(0.05, producer.fire)
    timer.start()
    records = ring.read(timeout=DEADLINE_S)
    timer.join()
    assert records
    assert records + ring.read(timeout=0) == expected(producer, *range(10))


def test_queued_records_come_first(producer: traffic.Producer, ring: Any) -> None:
    """What poll() queued is given before what came later, and a loop gives what is left."""
    producer.fire()
    assert ring.poll(1000) == 10
    producer.fire()
    assert ring.read(max_events=4) == expected(producer, *range(4))
    assert ring.read(max_events=8) == expected(producer, *range(4, 12))
    assert list(ring) == expected(producer, *range(12, 20))


def test_records_have_their_type(load: Load, trigger: traffic.Trigger) -> None:
    """Records, and instances of a class of ctypes, as event_type or the C source says."""
    obj = load("events")
    trigger.arm(obj)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["tagged"]) as ring:
        trigger.fire(2)
        events: list[Any] = ring.read()
    assert [event.comm for event in events] == ["typed"] * 2
    assert {type(event) for event in events} == {obj.types["event"]}


def test_records_before_a_bad_one_are_not_lost(load: Load, producer: traffic.Producer) -> None:
    """The call that meets a record of a wrong size fails; the next gives those before it."""
    types = load("events").types
    producer.setup(count=3, size=20).fire()
    with tinybpf.BpfRingBuffer(producer.events, event_type=types["event"]) as ring:
        producer.setup(count=1, size=8).fire()
        producer.setup(count=2, size=20).fire()
        with pytest.raises(tinybpf.BtfValidationError, match="expected 20 bytes, got 8"):
            ring.read()
        numbers = [[event.pid for event in ring.read()] for _ in range(2)]
        assert numbers == [[0, 1, 2], [4, 5]]


def test_close_by_another_thread_ends_the_wait(ring: Any) -> None:
    """A read without a timeout raises BpfClosedError instead of waiting for ever."""
    timer = threading.Timer(0.05, ring.close)
    timer.start()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        ended(ring.read)
    timer.join()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        ring.read(timeout=0)


def test_read_behind_the_object_gives_what_lies_there(bpf: Find) -> None:
    """Then it raises BpfClosedError, with or without a timeout."""
    obj = tinybpf.load(bpf("ring"))
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        producer = traffic.Producer(obj).setup(count=10)
        wanted = expected(producer, *range(10))
        producer.fire()
        obj.close()
        assert ring.read() == wanted
        for timeout in (None, 0, 5):
            with pytest.raises(tinybpf.BpfClosedError):
                ring.read(timeout=timeout)


def test_two_threads_share_the_records(producer: traffic.Producer, ring: Any) -> None:
    """Each record is given to one of two readers, and none to both."""
    seen: list[bytes] = []

    def take() -> None:
        while len(seen) < 2000:
            seen.extend(ring.read(max_events=3, timeout=0.01))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        producer.fire()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert producer.no_room == 0
    assert sorted(seen) == sorted(expected(producer, *range(2000)))


@pytest.mark.parametrize("method", ["read", "stream"])
def test_callbacks_are_refused(producer: traffic.Producer, method: str) -> None:
    """A buffer with callbacks hands its records to those, and says so."""
    with tinybpf.BpfRingBuffer(producer.events, print) as calling:
        with pytest.raises(tinybpf.BpfError, match="requires iterator mode"):
            getattr(calling, method)()


@pytest.mark.parametrize("method", ["read", "stream"])
def test_no_maps_are_refused(method: str) -> None:
    """A buffer without maps would wait for ever."""
    with tinybpf.BpfRingBuffer() as empty:
        with pytest.raises(tinybpf.BpfError, match="No maps added"):
            getattr(empty, method)()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"timeout": -1}, ValueError),
        ({"timeout": float("nan")}, ValueError),
        ({"timeout": "1"}, TypeError),
        ({"max_events": 0}, ValueError),
        ({"max_events": -1}, ValueError),
        ({"max_events": 1.5}, TypeError),
    ],
)
def test_misuse_is_refused(ring: Any, arguments: Any, error: type[Exception]) -> None:
    """What is no time and no number is said at once."""
    with pytest.raises(error):
        ring.read(**arguments)


def test_long_timeouts_are_no_overflow(producer: traffic.Producer, ring: Any) -> None:
    """Seconds of any size, infinite ones too, wait as they say."""
    for timeout in (1e9, 1e300, float("inf"), 10**12):
        producer.fire()
        assert len(ring.read(timeout=timeout)) == 10


UNTIL_INTERRUPTED = """
import sys, tinybpf
from support import child
with tinybpf.load(sys.argv[1]) as obj, tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
    print("ready", flush=True)
    try:
        %s
    except KeyboardInterrupt:
        print("interrupted", ring.read(timeout=0), flush=True)
"""


@pytest.mark.parametrize(
    "wait", ["ring.read()", "ring.read(timeout=60)", "next(ring.stream())"]
)
def test_ctrl_c_ends_a_wait_at_once(bpf: Find, wait: str) -> None:
    """KeyboardInterrupt comes out of a read or a loop that waits."""
    with child.started(UNTIL_INTERRUPTED % wait, bpf("ring")) as process:
        child.wait_until_waiting(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=child.TIMEOUT_S)
    assert (out, err) == ("interrupted []\n", "")


@pytest.mark.parametrize(
    "wait", ["ring.read()", "ring.read(timeout=60)", "ring.poll()", "next(ring.stream())"]
)
def test_ctrl_c_that_wakes_nobody_ends_a_wait(bpf: Find, wait: str) -> None:
    """As one does that comes between two looks for signals, just before the wait."""
    code = UNTIL_INTERRUPTED % f"child.interrupt_behind_the_back(); {wait}"
    with child.started(code, bpf("ring")) as process:
        out, err = process.communicate(timeout=child.TIMEOUT_S)
    assert (out, err) == ("interrupted []\n", "")
