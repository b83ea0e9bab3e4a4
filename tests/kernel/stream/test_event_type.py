# SPDX-License-Identifier: MIT
"""event_type: records of ring and perf buffers as instances of classes of ctypes."""

import asyncio
import ctypes
import gc
import os
import sys
import weakref
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import traffic


class Event(ctypes.Structure):
    """As struct event."""

    _fields_ = [("pid", ctypes.c_uint32), ("comm", ctypes.c_char * 16)]


class Pid(ctypes.Structure):
    """The first field of struct event."""

    _fields_ = [("pid", ctypes.c_uint32)]


class Long(ctypes.Structure):
    """More than struct event has."""

    _fields_ = [("bytes", ctypes.c_uint8 * 64)]


@pytest.fixture
def obj(load: Callable[[str], Any], trigger: traffic.Trigger) -> Iterator[Any]:
    """Yield typed.bpf.c, loaded and attached; each trigger writes one event."""
    loaded = load("typed")
    trigger.arm(loaded)
    with loaded.attach():
        yield loaded


def is_ours(event: Any) -> bool:
    """Tell whether a struct event is what the program writes for this process."""
    return (event.pid, event.comm) == (os.getpid(), b"typed")


def test_callback_takes_instances(obj: Any, trigger: traffic.Trigger) -> None:
    """Each record is one instance; its memory is its own."""
    events: list[Event] = []
    with tinybpf.BpfRingBuffer(obj.maps["events"], events.append, event_type=Event) as ring:
        trigger.fire(3)
        assert ring.poll(0) == 3
    assert [type(event) for event in events] == [Event] * 3
    assert all(map(is_ours, events))


@pytest.mark.parametrize("kind", [ctypes.c_uint32, ctypes.c_uint32.__ctype_be__])
def test_class_of_a_number_gives_numbers(obj: Any, trigger: traffic.Trigger, kind: Any) -> None:
    """Records are plain Python numbers, in either byte order; callbacks get them, too."""
    wanted = kind.from_buffer_copy(os.getpid().to_bytes(4, sys.byteorder)).value
    numbers: list[Any] = []
    with tinybpf.BpfRingBuffer(obj.maps["events"], event_type=kind) as ring:
        trigger.fire(1)
        numbers.extend(ring)
    with tinybpf.BpfRingBuffer(obj.maps["events"], numbers.append, event_type=kind) as ring:
        trigger.fire(1)
        ring.consume()
    assert numbers == [wanted, wanted]
    assert {type(number) for number in numbers} == {int}


def test_type_of_the_class_holds_for_maps_that_name_none(
    obj: Any, load: Any, trigger: traffic.Trigger
) -> None:
    """add() takes what the class was given, unless it says something else."""
    rings = load("rings")
    trigger.arm(rings)
    events: list[Any] = []
    with tinybpf.BpfRingBuffer(event_type=Event, validate_btf_struct="event") as ring:
        ring.add(obj.maps["events"], events.append)
        ring.add(rings.maps["even"], events.append, event_type=bytes)
        with pytest.raises(tinybpf.BtfValidationError, match="not found"):
            ring.add(rings.maps["odd"], events.append)
        with rings.attach():
            trigger.fire(1)
        ring.consume()
    assert sorted(type(event).__name__ for event in events) == ["Event", "bytes"]


def test_record_that_is_too_short_is_a_bpf_error(obj: Any, trigger: traffic.Trigger) -> None:
    """As for 0.3; it is a ValueError, too."""
    for kind in (tinybpf.BpfError, ValueError):
        with tinybpf.BpfRingBuffer(obj.maps["events"], print, event_type=Long) as ring:
            trigger.fire(1)
            with pytest.raises(kind, match="Event size mismatch"):
                ring.consume()


def test_iterator_gives_instances(obj: Any, trigger: traffic.Trigger) -> None:
    """Loops, queues and asyncio give what event_type says."""
    with tinybpf.BpfRingBuffer(obj.maps["events"], event_type=Event) as ring:
        trigger.fire(2)
        assert ring.poll(0) == 2
        assert [is_ours(event) for event in ring] == [True, True]

        async def first() -> tuple[Any, Any]:
            trigger.fire(2)
            one = await ring.__aiter__().__anext__()
            two = await ring.events().__anext__()
            return one, two

        event, named = asyncio.run(first())
        assert is_ours(event)
        assert is_ours(named.data)
        assert named.map_name == "events"


def test_cycle_through_a_queued_record_is_collected(obj: Any, trigger: traffic.Trigger) -> None:
    """A record that waits refers to its class, and that may refer to the buffer."""

    class Own(Event):
        ring: Any

    Own.ring = tinybpf.BpfRingBuffer(obj.maps["events"], event_type=Own)
    trigger.fire()
    assert Own.ring.poll(0) == 1
    gone = weakref.ref(Own)
    del Own
    with pytest.warns(ResourceWarning, match="unclosed <BpfRingBuffer map='events' "):
        gc.collect()
    assert gone() is None


def test_perf_callback_takes_instances(obj: Any, trigger: traffic.Trigger) -> None:
    """The padding that the kernel adds to perf records is left out."""
    events: list[Any] = []
    with tinybpf.BpfPerfBuffer(
        obj.maps["perf"],
        lambda cpu, event: events.append(event),
        event_type=Event,
        validate_btf_struct="event",
    ) as buffer:
        trigger.fire(2)
        while len(events) < 2:
            buffer.poll(1000)
    assert [is_ours(event) for event in events] == [True, True]


def test_longer_record_is_cut(obj: Any, trigger: traffic.Trigger) -> None:
    """A class may have just the first fields."""
    with tinybpf.BpfRingBuffer(obj.maps["events"], event_type=Pid) as ring:
        trigger.fire(1)
        assert [event.pid for event in ring] == [os.getpid()]


def test_shorter_record_raises(obj: Any, trigger: traffic.Trigger) -> None:
    """A record that does not fill the class is a ValueError, and is consumed."""
    with tinybpf.BpfRingBuffer(obj.maps["events"], event_type=Long) as ring:
        trigger.fire(1)
        with pytest.raises(ValueError, match="Event size mismatch: expected 64 bytes, got 20"):
            ring.poll(0)
        assert ring.poll(0) == 0
    with tinybpf.BpfPerfBuffer(obj.maps["perf"], print, event_type=Long) as buffer:
        trigger.fire(1)
        with pytest.raises(ValueError, match="Event size mismatch"):
            buffer.poll(1000)


def both(obj: Any, **more: Any) -> list[Callable[[], Any]]:
    """Return functions that make a ring and a perf buffer with these arguments."""
    return [
        lambda: tinybpf.BpfRingBuffer(obj.maps["events"], **more),
        lambda: tinybpf.BpfPerfBuffer(obj.maps["perf"], print, **more),
    ]


def test_event_type_is_compared_with_btf(obj: Any) -> None:
    """validate_btf_struct names the type of C that the class must fit."""
    renamed = type("Renamed", (Event,), {"_fields_": []})
    for make in both(obj, event_type=renamed, validate_btf_struct="event"):
        make().close()
    for make in both(obj, event_type=Pid, validate_btf_struct="event"):
        with pytest.raises(tinybpf.BtfValidationError, match="Size mismatch"):
            make()
    for make in both(obj, event_type=Event, validate_btf_struct="evnt"):
        with pytest.raises(tinybpf.BtfValidationError, match="not found") as caught:
            make()
        assert caught.value.suggestions == ["event"]
    fields = [("tid", ctypes.c_uint32), ("comm", ctypes.c_char * 16)]
    other = type("Other", (ctypes.Structure,), {"_fields_": fields})
    for make in both(obj, event_type=other, validate_btf_struct="event"):
        with pytest.raises(tinybpf.BtfValidationError, match="Field name mismatch"):
            make()
    for make in both(
        obj, event_type=other, validate_btf_struct="event", validate_field_names=False
    ):
        make().close()


def test_misuse_is_refused(obj: Any) -> None:
    """What does not go together is said; what is no class is a TypeError."""
    for make in both(obj, validate_btf_struct="event"):
        with pytest.raises(tinybpf.BpfError, match="validate_btf_struct requires event_type"):
            make()
    for kind in (3, "no class", int, Event()):
        for make in both(obj, event_type=kind):
            with pytest.raises((TypeError, tinybpf.BpfError)):
                make()
    with pytest.raises(tinybpf.BpfError, match="Cannot use as_memoryview with event_type"):
        tinybpf.BpfRingBuffer(obj.maps["events"], print, True, event_type=Event)  # type: ignore[call-overload]


def test_event_types_of_one_iterator_are_the_same(load: Any) -> None:
    """Callbacks may each have a type of their own, the records of an iterator may not."""
    maps = load("rings").maps
    first, second = (m for m in maps.values() if m.type is tinybpf.BpfMapType.RINGBUF)
    with tinybpf.BpfRingBuffer(first, event_type=Event) as ring:
        for kind in (bytes, Pid):
            with pytest.raises(tinybpf.BpfError, match="Cannot mix event types"):
                ring.add(second, event_type=kind)
        ring.add(second, event_type=Event)
    with tinybpf.BpfRingBuffer(first, print, event_type=Event) as ring:
        ring.add(second, print)


def test_typed_handle_is_the_same_map(obj: Any) -> None:
    """A map cannot be added again through what typed() gives."""
    with tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        with pytest.raises(tinybpf.BpfError, match="already added"):
            ring.add(obj.maps["events"].typed())
