# SPDX-License-Identifier: MIT
"""Several types in one ring: event_type as a dict, event_key, functions of the bytes."""

import ctypes
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import elf, traffic
from support.objects import Find, Load

KINDS = {7: "exec_event", 9: "exit_event", None: bytes}


class Exit(ctypes.Structure):
    """As struct exit_event, flat."""

    _fields_ = [
        ("version", ctypes.c_uint16),
        ("type", ctypes.c_uint16),
        ("code", ctypes.c_int32),
    ]


@pytest.fixture
def obj(load: Load, trigger: traffic.Trigger) -> Iterator[Any]:
    """Yield event_kinds.bpf.c, attached and armed: exec, exit, an unknown one, one byte."""
    loaded = load("event_kinds")
    trigger.arm(loaded)
    with loaded.attach():
        yield loaded


def names(events: list[Any]) -> list[str]:
    """Return the names of the events' classes."""
    return [type(event).__name__ for event in events]


def test_field_tells_the_type(obj: Any, trigger: traffic.Trigger) -> None:
    """Each record has the type of its number; others, and short ones, that of None."""
    with tinybpf.BpfRingBuffer(
        obj.maps["mixed"], event_type=KINDS, event_key="hdr.type"
    ) as ring:
        trigger.fire(2)
        events = ring.read()
    assert names(events) == ["exec_event", "exit_event", "bytes", "bytes"] * 2
    assert (events[0].pid, events[0].comm, events[1].code) == (42, "sh", -3)
    assert events[3] == b"x"


def test_type_of_others_needs_no_field(obj: Any, trigger: traffic.Trigger) -> None:
    """Nor does it have the field elsewhere: its records may end before it."""
    more: Any = {"event_key": "hdr.type", "partial": True}
    for other in ("header", "moved_event"):
        types: Any = {7: "exec_event", None: other}
        with tinybpf.BpfRingBuffer(obj.maps["mixed"], event_type=types, **more) as ring:
            trigger.fire()
            assert names(ring.read()) == ["exec_event", other, other, other]


@pytest.mark.parametrize("shape", ["callback", "loop", "stream", "perf"])
def test_every_shape_gives_the_types(obj: Any, trigger: traffic.Trigger, shape: str) -> None:
    """Callbacks and loops get what read() gives; so do perf buffers, without the padding."""
    events: list[Any] = []
    more: Any = {"event_type": KINDS, "event_key": "hdr.type"}
    if shape == "perf":
        with tinybpf.BpfPerfBuffer(obj.maps["perf"], **more) as buffer:
            trigger.fire()
            events = buffer.read(timeout=5)
        assert [(type(event), event.code) for event in events] == [
            (obj.types["exit_event"], -3)
        ]
        return
    callback = events.append if shape == "callback" else None
    with tinybpf.BpfRingBuffer(obj.maps["mixed"], callback, **more) as ring:
        trigger.fire()
        assert ring.poll(0) == 4
        events.extend(ring.stream(0) if shape == "stream" else ring if shape == "loop" else [])
    assert names(events) == ["exec_event", "exit_event", "bytes", "bytes"]


def test_classes_may_be_mixed(obj: Any, trigger: traffic.Trigger) -> None:
    """Classes of ctypes, of records, and names, if the field lies in one place."""
    more: Any = {"event_type": {9: Exit, None: bytes}, "event_key": "type"}
    with tinybpf.BpfRingBuffer(obj.maps["mixed"], **more) as ring:
        trigger.fire()
        events: list[Any] = ring.read()
    assert names(events) == ["bytes", "Exit", "bytes", "bytes"]
    assert events[1].code == -3


def test_function_tells_the_type(obj: Any, trigger: traffic.Trigger) -> None:
    """event_key may be a function of the bytes, and its answers anything hashable."""
    with tinybpf.BpfRingBuffer(
        obj.maps["mixed"],
        event_type={"long": "exec_event", "short": bytes, None: "exit_event"},
        event_key=lambda data: {16: "long", 8: "other"}.get(len(data), "short"),
    ) as ring:
        trigger.fire()
        assert names(ring.read()) == ["exec_event", "exit_event", "bytes", "bytes"]


def test_function_makes_the_events(obj: Any, trigger: traffic.Trigger) -> None:
    """event_type may be a function: what it returns is the event, what it raises is raised."""
    with tinybpf.BpfRingBuffer(obj.maps["mixed"], event_type=len) as ring:
        trigger.fire()
        assert ring.read() == [16, 8, 4, 1]
    with tinybpf.BpfRingBuffer(
        obj.maps["mixed"], event_type=lambda data: 12 // (len(data) - 8)
    ) as ring:
        trigger.fire()
        with pytest.raises(ZeroDivisionError):
            ring.read()
        assert [ring.read(), ring.read()] == [[1], [-3, -2]]
        assert ring.read(timeout=0) == []


def test_unknown_value_without_none_is_a_value_error(
    obj: Any, trigger: traffic.Trigger
) -> None:
    """It says what the field says, and what is known; the records before are kept."""
    more: Any = {"event_type": {7: "exec_event", 9: "exit_event"}, "event_key": "hdr.type"}
    with tinybpf.BpfRingBuffer(obj.maps["mixed"], **more) as ring:
        trigger.fire()
        with pytest.raises(ValueError, match=r"'hdr.type' says 500.*\[7, 9\]"):
            ring.read()
        assert names(ring.read(timeout=0)) == ["exec_event", "exit_event"]
        with pytest.raises(ValueError, match="record of 1 bytes ends before its field"):
            ring.read()


@pytest.mark.parametrize(
    ("kinds", "key", "text"),
    [
        ({7: "exec_event", 8: "moved_event"}, "hdr.type", "one place"),
        ({7: "exec_event"}, "hdr.kind", "no field 'hdr.kind'"),
        ({7: "exec_event"}, "comm", "no field 'comm' that is a number"),
        ({7: "exec_event"}, "hdr", "no field 'hdr' that is a number"),
        ({7: "exec_event"}, "hdr.type.more", "no field"),
        ({1: "flag_event"}, "flag", "no field 'flag' that is a number"),
        ({7: "exec_evnt"}, "hdr.type", "not found"),
    ],
)
def test_field_that_does_not_tell_is_refused(obj: Any, kinds: Any, key: str, text: str) -> None:
    """A field of one offset and size in all types, and no bit field."""
    for make in (
        lambda: tinybpf.BpfRingBuffer(obj.maps["mixed"], event_type=kinds, event_key=key),
        lambda: tinybpf.BpfPerfBuffer(obj.maps["perf"], event_type=kinds, event_key=key),
    ):
        with pytest.raises(tinybpf.BtfValidationError, match=text):
            make()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"event_type": KINDS}, TypeError),
        ({"event_type": KINDS, "event_key": 3}, TypeError),
        ({"event_type": {}, "event_key": "hdr.type"}, ValueError),
        ({"event_type": {None: bytes}, "event_key": "hdr.type"}, ValueError),
        ({"event_type": {70000: "exec_event"}, "event_key": "hdr.type"}, ValueError),
        ({"event_type": {-1: "exec_event"}, "event_key": "hdr.type"}, ValueError),
        ({"event_type": {"7": "exec_event"}, "event_key": "hdr.type"}, TypeError),
        ({"event_type": "exec_event", "event_key": "hdr.type"}, TypeError),
        ({"event_type": {7: 3}, "event_key": "hdr.type"}, TypeError),
    ],
)
def test_misuse_is_refused(obj: Any, more: Any, error: type[Exception]) -> None:
    """Types without a key, keys that a field cannot have, one without the other."""
    with pytest.raises(error):
        tinybpf.BpfRingBuffer(obj.maps["mixed"], **more)


@pytest.fixture
def tagged(bpf: Find, trigger: traffic.Trigger) -> Iterator[Any]:
    """Yield direct_kinds.bpf.c, whose source says the types, attached and armed."""
    with tinybpf.open(bpf("direct_kinds")) as opened:
        opened.rodata.cookie = trigger.cookie
        with opened.load().attach():
            yield opened


def test_source_tells_the_types(tagged: Any, trigger: traffic.Trigger) -> None:
    """Tags do what event_type and event_key do; what a program says wins over them."""
    ring = tagged.maps["mixed"]
    with tinybpf.BpfRingBuffer(ring) as events:
        trigger.fire()
        assert names(events.read(max_events=2)) == ["exec_event", "exit_event"]
        with pytest.raises(ValueError, match=r"'hdr.type' says 500.*\[7, 9\]"):
            events.read()
    trigger.fire()
    with tinybpf.BpfRingBuffer(ring, event_type=bytes) as events:
        assert set(names(events.read())) == {"bytes"}
    views: list[int] = []
    with tinybpf.BpfRingBuffer(
        ring, lambda view: views.append(len(view)), as_memoryview=True
    ) as events:
        trigger.fire()
        events.poll(0)
    assert views == [20, 16, 8, 1]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("exit_event:hdr.type==9", "exit_event:hdr.type==N", "'N' is no number, and no enum"),
        ("exit_event:hdr.type==9", "exit_event:hdr.type>=9", "'hdr.type>=9' is not FIELD=="),
        ("exit_event:hdr.type==9", "exit_event:hdr.what==9", "cannot both tell the types"),
        ("exit_event:hdr.type==9", "exit_evant:hdr.type==9", "'exit_evant' not found"),
    ],
)
def test_tags_that_mean_nothing_are_refused(
    bpf: Find, tmp_path: pathlib.Path, before: str, after: str, text: str
) -> None:
    """The sentence names the map, or what there is not; the object itself loads."""
    path = tmp_path / "x.bpf.o"
    data = bpf("direct_kinds").read_bytes()
    path.write_bytes(elf.renamed(data, f"tinybpf:event={before}", f"tinybpf:event={after}"))
    with tinybpf.load(path) as obj:
        with pytest.raises(tinybpf.BtfValidationError, match=text):
            tinybpf.BpfRingBuffer(obj.maps["mixed"])


def test_kinds_of_one_iterator_are_the_same(obj: Any, load: Load) -> None:
    """Maps of a loop all have the same types; equal dicts are the same."""
    other = load("events").maps["plain"]
    more: Any = {"event_type": dict.fromkeys([7, None], bytes), "event_key": len}
    with tinybpf.BpfRingBuffer(obj.maps["mixed"], **more) as ring:
        with pytest.raises(tinybpf.BpfError, match="Cannot mix event types"):
            ring.add(other, event_type=bytes)
        ring.add(other, event_type=dict(more["event_type"]))


def test_partial_takes_records_of_other_sizes(obj: Any, trigger: traffic.Trigger) -> None:
    """Zeros are in the place of what is missing, and `_rest` has what is over."""
    exit_event = obj.types["exit_event"]
    with tinybpf.BpfRingBuffer(
        obj.maps["mixed"], event_type="exit_event", partial=True
    ) as ring:
        trigger.fire()
        long, whole, short, byte = ring.read()
    assert {type(event) for event in (long, whole, short, byte)} == {exit_event}
    assert (long.hdr.type, long.code, long._rest) == (7, 42, b"sh\0\0\0\0\0\0")
    assert (whole.code, whole._rest) == (-3, b"")
    assert (short.hdr.type, short.code, short._rest) == (500, 0, b"")
    assert (byte.hdr.version, byte.code, len(byte)) == (ord("x"), 0, 8)
    with tinybpf.BpfRingBuffer(obj.maps["mixed"], event_type=Exit, partial=True) as ring:
        trigger.fire()
        assert [event.type for event in ring.read()] == [7, 9, 500, 0]


def test_without_partial_both_sizes_are_said(obj: Any, trigger: traffic.Trigger) -> None:
    """Longer and shorter records of a struct are refused."""
    with tinybpf.BpfRingBuffer(obj.maps["mixed"], event_type="exit_event") as ring:
        trigger.fire()
        with pytest.raises(tinybpf.BtfValidationError, match="expected 8 bytes, got 16"):
            ring.read()
        assert [event.code for event in ring.read(max_events=1)] == [-3]
        with pytest.raises(tinybpf.BtfValidationError, match="expected 8 bytes, got 4"):
            ring.read()
