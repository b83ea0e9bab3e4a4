# SPDX-License-Identifier: MIT
"""Callbacks cannot tell the loop that calls them, nor whether an event is a new object."""

import contextlib
import gc
import signal
import sys
import traceback
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import traffic
from support.objects import Load

COUNT = 10


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Return the attached producer of ring.bpf.c, whose trigger writes 10 records."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=COUNT)


def consume(producer: traffic.Producer, callback: Callable[[Any], Any], **options: Any) -> int:
    """Have the records written, and hand them to a callback."""
    producer.fire()
    events = producer.obj.maps["events"]
    with tinybpf.BpfRingBuffer(events, callback, **options) as ring:
        return ring.consume()


def expected(producer: traffic.Producer, first: int = 0) -> list[bytes]:
    """Return the records of a trigger as they were written."""
    return [producer.record(seq) for seq in range(first, first + COUNT)]


def test_kept_events_stay_as_they_are(producer: traffic.Producer) -> None:
    """An event that a callback keeps, in whatever way, is never written over."""
    kept: list[Any] = []

    def later(event: bytes) -> Iterator[bytes]:
        yield event

    def suspend(event: bytes) -> None:
        kept.append(later(event))

    def close_over(event: bytes) -> None:
        kept.append(lambda: event)

    ways: list[tuple[Callable[[bytes], None], Callable[[Any], bytes]]] = [
        (kept.append, lambda event: event),
        (lambda event: kept.append(memoryview(event)), bytes),
        (lambda event: kept.append([event]), lambda event: event[0]),
        (close_over, lambda function: function()),
        (suspend, next),
    ]
    for callback, take_out in ways:
        first = producer.tried
        assert consume(producer, callback) == COUNT
        assert list(map(take_out, kept)) == expected(producer, first)
        kept.clear()


def test_events_that_are_kept_now_and_then_stay_as_they_are(
    producer: traffic.Producer,
) -> None:
    """So does one between others that are dropped, and what was made of it."""
    kept: list[Any] = []

    def some(event: bytes) -> None:
        if event == producer.record(3) or event == producer.record(4):
            kept.append((event, hash(event), {event}))

    assert consume(producer, some) == COUNT
    for event, hashed, members in kept:
        assert hashed == hash(bytes(event))
        assert bytes(event) in members
    assert [event for event, _, _ in kept] == expected(producer)[3:5]


def test_dropped_events_have_their_own_hash(producer: traffic.Producer) -> None:
    """The hash of an event that is not kept is that of its bytes."""
    hashes: list[int] = []
    assert consume(producer, lambda event: hashes.append(hash(event))) == COUNT
    assert hashes == [hash(record) for record in expected(producer)]


def test_kept_records_stay_as_they_are(producer: traffic.Producer) -> None:
    """Of Records, and of classes derived from theirs, the same is true."""
    kind: Any = producer.obj.types.config
    producer.setup(count=COUNT, size=len(kind()))

    class Derived(kind):  # type: ignore[misc]
        pass

    for event_type in (kind, Derived):
        kept: list[Any] = []
        numbers: list[int] = []
        first = producer.tried

        def note(event: Any, kept: Any = kept, numbers: Any = numbers) -> None:
            numbers.append(event.cookie)
            if event.cookie % 2:
                kept.append(event)

        assert consume(producer, note, event_type=event_type) == COUNT
        assert numbers == list(range(first, first + COUNT))
        assert [event.cookie for event in kept] == [n for n in numbers if n % 2]
        assert [type(event) for event in kept] == [event_type] * len(kept)


def test_attributes_do_not_pass_to_the_next_event(producer: traffic.Producer) -> None:
    """What a callback sets on an instance of its own class is not on another one."""
    kind: Any = producer.obj.types.config
    producer.setup(count=COUNT, size=len(kind()))
    seen: list[bool] = []

    class Derived(kind):  # type: ignore[misc]
        pass

    def mark(event: Any) -> None:
        seen.append(hasattr(event, "mark"))
        event.mark = True

    assert consume(producer, mark, event_type=Derived) == COUNT
    assert seen == [False] * COUNT


def test_traceback_leads_from_the_call_to_the_callback(producer: traffic.Producer) -> None:
    """Nothing of tinybpf stands in a traceback."""

    def fail(event: bytes) -> None:
        raise KeyError("here")

    with pytest.raises(KeyError) as caught:
        consume(producer, fail)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-2:] == ["consume", "fail"]
    assert "_callback" not in "".join(traceback.format_exception(*sys.exc_info()))


def test_traceback_of_an_answer_ends_at_the_call(producer: traffic.Producer) -> None:
    """A TypeError for what a callback returned comes out of consume()."""
    with pytest.raises(TypeError) as caught:
        consume(producer, lambda event: "no number")
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "consume"


@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration, RuntimeError])
def test_whatever_the_making_of_an_event_raises_comes_out(
    producer: traffic.Producer, kind: type[Exception]
) -> None:
    """An exception of event_type's function leaves the call, even one that ends loops."""
    seen: list[bytes] = []

    def make(data: bytes) -> bytes:
        if data == producer.record(2):
            raise kind("here")
        return data

    producer.fire()
    events = producer.obj.maps["events"]
    with tinybpf.BpfRingBuffer(events, seen.append, event_type=make) as ring:
        with pytest.raises(kind, match="here"):
            ring.consume()
        assert ring.consume() == COUNT - 3
    assert seen == [record for seq, record in enumerate(expected(producer)) if seq != 2]


@pytest.mark.parametrize("kind", [StopIteration, GeneratorExit])
def test_a_callback_may_raise_what_ends_loops(
    producer: traffic.Producer, kind: type[BaseException]
) -> None:
    """It comes out as any other exception."""

    def end(event: bytes) -> None:
        raise kind("here")

    with pytest.raises(kind, match="here"):
        consume(producer, end)


def test_events_of_one_call_are_of_no_use_behind_it(producer: traffic.Producer) -> None:
    """Who has found the loop's frame gets nothing out of its iterator later."""
    frames: list[Any] = []
    assert consume(producer, lambda event: frames.append(sys._getframe(1))) == COUNT
    loops = [value for frame in frames for value in frame.f_locals.values()]
    found = [loop for loop in loops if type(loop).__name__ == "_Events"]
    assert [list(loop) for loop in found] == [[] for _ in found]
    for loop in found:
        assert loop.judge(-1) is None
        with pytest.raises(TypeError):
            loop.judge("no number")
    assert bool(found) == (sys.version_info >= (3, 11))
    with pytest.raises(TypeError):
        [type(loop)() for loop in found] or int("", "")  # type: ignore[call-overload]


def test_two_callbacks_of_one_buffer_have_loops_of_their_own(
    load: Load, trigger: traffic.Trigger
) -> None:
    """What one callback is, a function or a method of C, does not matter to the other."""
    obj = load("rings")
    trigger.arm(obj)
    even: list[bytes] = []
    odd: list[bytes] = []

    def on_odd(event: bytes) -> None:
        odd.append(event)

    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["even"], even.append) as ring:
        ring.add(obj.maps["odd"], on_odd)
        for _ in range(3):
            trigger.fire(8)
            assert ring.consume() == 8
    assert (len(even), len(odd)) == (12, 12)


def test_callback_in_which_the_interpreter_counts_up(producer: traffic.Producer) -> None:
    """A tracer of calls sees each callback, and changes nothing of what is delivered."""
    names: list[str] = []
    seen: list[bytes] = []

    def on_event(event: bytes) -> None:
        seen.append(event)

    def profile(frame: Any, what: str, arg: object) -> None:
        if what == "call":
            names.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        assert consume(producer, on_event) == COUNT
    finally:
        sys.setprofile(None)
    assert names.count("on_event") == COUNT
    assert seen == expected(producer)


@contextlib.contextmanager
def handled(number: int, handler: Callable[[int, object], None]) -> Iterator[None]:
    """Have a handler of a signal for a while."""
    old = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, old)


def test_signal_handler_that_raises_loses_no_record(producer: traffic.Producer) -> None:
    """It interrupts a call between two records: each was handed over, or is in the ring."""

    class Interrupted(Exception):
        pass

    def interrupt(number: int, frame: object) -> None:
        raise Interrupted

    seen: list[bytes] = []
    hits = 0

    def on_event(event: bytes) -> None:
        seen.append(event)
        if len(seen) % 3 == 0:
            signal.raise_signal(signal.SIGUSR1)

    with (
        handled(signal.SIGUSR1, interrupt),
        tinybpf.BpfRingBuffer(producer.events, on_event) as ring,
    ):
        producer.fire()
        while len(seen) < COUNT:
            with contextlib.suppress(Interrupted):
                ring.consume()
            hits += 1
            assert ring.stats().records == len(seen)
    assert seen == expected(producer)
    assert hits == COUNT // 3 + 1


def test_loop_is_collected_with_its_buffer(producer: traffic.Producer) -> None:
    """Nothing of a loop is left when its buffer is gone."""
    assert consume(producer, lambda event: None) == COUNT
    gc.collect()
    assert not [found for found in gc.get_objects() if type(found).__name__ == "_Events"]
