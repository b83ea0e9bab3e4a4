# SPDX-License-Identifier: MIT
"""What callbacks may do: stop, raise, produce, close, call back in."""

import contextlib
import gc
import weakref
from typing import Any, Callable, Optional

import pytest

import tinybpf
from support import traffic
from support.objects import Load


@pytest.fixture
def producer(load: Load) -> Any:
    """Return the attached producer of ring.bpf.c, set to 10 records for a trigger."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=10)


class Stop(Exception):
    """Raised by callbacks."""


class Log:
    """Callback that keeps the records and does something at one of them."""

    def __init__(self, at: int, act: Callable[[], Optional[int]]) -> None:
        self.records: list[bytes] = []
        self.at = at
        self.act = act

    def __call__(self, data: bytes) -> Optional[int]:
        self.records.append(data)
        return self.act() if len(self.records) == self.at else None


def ring_of(
    producer: traffic.Producer, callback: Callable[[bytes], Optional[int]]
) -> tinybpf.BpfRingBuffer:
    """Return a buffer that reads the producer's ring."""
    return tinybpf.BpfRingBuffer(producer.obj.maps["events"], callback)


def assert_all(producer: traffic.Producer, log: Log, count: int) -> None:
    """Check that the log holds the first `count` records, each once."""
    assert log.records == [producer.record(seq) for seq in range(count)]


@pytest.mark.parametrize("read", ["poll", "consume"])
def test_negative_result_stops(producer: traffic.Producer, read: str) -> None:
    """A negative result ends the call after its record; the next call goes on behind it."""
    log = Log(4, lambda: -1)
    producer.fire()
    with ring_of(producer, log) as ring:
        assert getattr(ring, read)() == 4
        assert getattr(ring, read)() == 6
    assert_all(producer, log, 10)


def test_negative_result_stops_the_other_rings_too(
    load: Load, trigger: traffic.Trigger
) -> None:
    """Stopping ends the call as a whole, not only the ring that it came from."""
    obj = load("rings")
    trigger.arm(obj)
    seen: list[bytes] = []

    def stop(data: bytes) -> int:
        seen.append(data)
        return -1

    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["even"], stop) as ring:
        ring.add(obj.maps["odd"], stop)
        trigger.fire(4)
        for expected in (1, 2, 3, 4):
            assert ring.consume() == 1
            assert len(seen) == expected
        assert ring.consume() == 0


@pytest.mark.parametrize("result", [None, 0, 1, 5, True])
def test_other_results_go_on(producer: traffic.Producer, result: Any) -> None:
    """None, 0 and positive numbers go on."""
    producer.fire()
    with ring_of(producer, lambda data: result) as ring:
        assert ring.consume() == 10


@pytest.mark.parametrize("result", ["stop", 1.5, b"", object()], ids=repr)
def test_result_that_is_no_number_is_a_type_error(
    producer: traffic.Producer, result: Any
) -> None:
    """A callback that returns something else has a defect, and is told so."""
    producer.fire()
    with ring_of(producer, lambda data: result) as ring:
        with pytest.raises(TypeError):
            ring.consume()


@pytest.mark.parametrize("read", ["poll", "consume"])
def test_exception_leaves_the_call_and_consumes_its_record(
    producer: traffic.Producer, read: str
) -> None:
    """What a callback raises comes out as it is; the next call goes on behind the record."""

    def fail() -> int:
        raise Stop("here")

    log = Log(3, fail)
    producer.fire()
    with ring_of(producer, log) as ring:
        with pytest.raises(Stop, match="here") as caught:
            getattr(ring, read)()
        assert caught.traceback[-1].name == "fail"
        assert len(log.records) == 3
        assert getattr(ring, read)() == 7
    assert_all(producer, log, 10)


def test_exception_at_every_record_makes_progress(producer: traffic.Producer) -> None:
    """A callback that always raises still sees each record once."""
    records: list[bytes] = []

    def fail(data: bytes) -> int:
        records.append(data)
        raise Stop

    producer.fire()
    with ring_of(producer, fail) as ring:
        for _ in range(10):
            with pytest.raises(Stop):
                ring.consume()
        assert ring.consume() == 0
    assert records == [producer.record(seq) for seq in range(10)]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_exceptions_that_are_no_errors_come_through(
    producer: traffic.Producer, kind: Any
) -> None:
    """Also what is no Exception leaves poll() as it is."""

    def leave(data: bytes) -> int:
        raise kind

    producer.fire()
    with ring_of(producer, leave) as ring:
        with pytest.raises(kind):
            ring.poll(1000)


def test_one_call_handles_what_was_there_when_it_looked(producer: traffic.Producer) -> None:
    """A producer that never stops cannot keep a call for ever."""
    calls = 0

    def produce_more(data: bytes) -> None:
        nonlocal calls
        calls += 1
        assert calls < 100_000, "the call does not return"
        producer.fire()

    producer.setup(count=1)
    with ring_of(producer, produce_more) as ring:
        producer.fire(3)
        for round_number in range(1, 6):
            handled = ring.consume() if round_number % 2 else ring.poll(1000)
            assert 0 < handled <= 6
        assert calls < 50


def test_room_is_given_back_during_a_long_call(producer: traffic.Producer) -> None:
    """Slow callbacks do not keep a full ring full: the program can write again before."""
    producer.setup(count=1, size=1000)
    while not producer.no_room:
        producer.fire()
    held, lost = producer.tried - producer.no_room, producer.no_room

    def write_one_more() -> None:
        producer.fire()
        assert producer.no_room == lost

    log = Log(held // 2, write_one_more)
    with ring_of(producer, log) as ring:
        assert ring.consume() == held
        assert ring.consume() == 1


def test_callback_may_close_the_buffer(producer: traffic.Producer) -> None:
    """close() in a callback: no callback runs after it, and nothing breaks."""
    log = Log(3, lambda: None)
    producer.fire()
    ring = ring_of(producer, log)
    log.act = ring.close
    with contextlib.suppress(tinybpf.BpfClosedError):
        assert ring.consume() == 3
    assert_all(producer, log, 3)
    with pytest.raises(tinybpf.BpfClosedError):
        ring.consume()


def test_callback_may_close_the_object(load: Load) -> None:
    """close() of the object in a callback neither crashes nor loses the record."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=10)
    log = Log(3, obj.close)
    with obj.attach(), ring_of(producer, log) as ring:
        producer.fire()
        with contextlib.suppress(tinybpf.BpfClosedError):
            ring.consume()
        assert log.records[:3] == [producer.record(seq) for seq in range(3)]
        assert len(log.records) <= 10


def test_callback_that_consumes_again_repeats_no_record(producer: traffic.Producer) -> None:
    """consume() within a callback is refused, or hands each record over once."""
    refused: list[BaseException] = []

    def again() -> None:
        try:
            ring.consume()
        except tinybpf.BpfError as error:
            refused.append(error)

    log = Log(3, again)
    producer.fire()
    with ring_of(producer, log) as ring:
        ring.consume()
        ring.consume()
    assert_all(producer, log, 10)
    assert all("callback" in str(error) for error in refused)


def test_callback_may_add_a_ring(load: Load, trigger: traffic.Trigger) -> None:
    """add() in a callback works, or is refused; no record is lost."""
    obj = load("rings")
    trigger.arm(obj)
    odd: list[bytes] = []

    def add_the_other() -> None:
        ring.add(obj.maps["odd"], odd.append)

    log = Log(2, add_the_other)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["even"], log) as ring:
        trigger.fire(8)
        ring.consume()
        ring.consume()
        assert (len(log.records), len(odd)) == (4, 4)


def test_callback_may_collect_garbage(producer: traffic.Producer) -> None:
    """A collection in the middle of a call frees nothing that is in use."""
    producer.fire()
    with ring_of(producer, lambda data: gc.collect() and None) as ring:
        assert ring.consume() == 10


def test_cycle_through_the_callback_is_collected(producer: traffic.Producer) -> None:
    """A buffer whose callback refers to it is garbage once nobody else does."""

    class Owner:
        def __init__(self) -> None:
            self.ring = ring_of(producer, self.on_event)

        def on_event(self, data: bytes) -> None:
            pass

    owner = Owner()
    gone = weakref.ref(owner)
    owner.ring.close()
    del owner
    gc.collect()
    assert gone() is None


def test_close_lets_the_callback_go(producer: traffic.Producer) -> None:
    """A closed buffer refers to its callbacks no longer."""

    class Callback:
        def __call__(self, data: bytes) -> None:
            pass

    callback = Callback()
    gone = weakref.ref(callback)
    ring = ring_of(producer, callback)
    ring.close()
    del callback
    gc.collect()
    assert gone() is None
