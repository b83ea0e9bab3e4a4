# SPDX-License-Identifier: MIT
"""event_type: records of ring and perf buffers as Records, by name, class or tag."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import traffic


@pytest.fixture
def obj(load: Callable[[str], Any], trigger: traffic.Trigger) -> Iterator[Any]:
    """Yield events.bpf.c, loaded and attached; each trigger writes one of each event."""
    loaded = load("events")
    trigger.arm(loaded)
    with loaded.attach():
        yield loaded


def is_ours(event: Any) -> bool:
    """Tell whether a struct event is what the program writes for this process."""
    return (event.pid, event.comm) == (os.getpid(), "typed")


@pytest.mark.parametrize("by_name", [True, False])
def test_callback_takes_records(obj: Any, trigger: traffic.Trigger, by_name: bool) -> None:
    """event_type is the name of a struct, or its class; each record is one Record."""
    kind = "event" if by_name else obj.types.event
    events: list[Any] = []
    with tinybpf.BpfRingBuffer(obj.maps["plain"], events.append, event_type=kind) as ring:
        trigger.fire(3)
        assert ring.poll(0) == 3
    assert [type(event) for event in events] == [obj.types.event] * 3
    assert all(map(is_ours, events))
    assert str(events[0]) == f"event(pid={os.getpid()}, comm='typed')"


def test_iterators_give_records(obj: Any, trigger: traffic.Trigger) -> None:
    """Loops, queues and asyncio give what event_type says."""
    with tinybpf.BpfRingBuffer(obj.maps["plain"], event_type="struct event") as ring:
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
        assert named.map_name == "plain"


def test_source_declares_the_type(obj: Any, trigger: traffic.Trigger) -> None:
    """A map that is tagged in C gives Records unasked; bytes and views can be asked for."""
    events: list[Any] = []
    with tinybpf.BpfRingBuffer(obj.maps["tagged"], events.append) as ring:
        trigger.fire(1)
        ring.poll(0)
    with tinybpf.BpfRingBuffer(obj.maps["tagged"], events.append, event_type=bytes) as ring:
        trigger.fire(1)
        ring.poll(0)
    assert (is_ours(events[0]), type(events[1]), len(events[1])) == (True, bytes, 20)

    def look(view: memoryview) -> None:
        events.append(view.nbytes)

    with tinybpf.BpfRingBuffer(obj.maps["tagged"], look, as_memoryview=True) as ring:
        trigger.fire(1)
        ring.poll(0)
    assert events[2] == 20


def test_untagged_map_gives_bytes(obj: Any, trigger: traffic.Trigger) -> None:
    """Where nothing is said, nothing is guessed."""
    with tinybpf.BpfRingBuffer(obj.maps["plain"]) as ring:
        trigger.fire(1)
        assert [type(event) for event in ring] == [bytes]


def test_perf_callback_takes_records(obj: Any, trigger: traffic.Trigger) -> None:
    """The padding that the kernel adds to perf records is left out, tagged or named."""
    forms: list[dict[str, Any]] = [{}, {"event_type": "event"}]
    for more in forms:
        events: list[Any] = []

        def callback(cpu: int, event: Any, events: list[Any] = events) -> None:
            events.append(event)

        with tinybpf.BpfPerfBuffer(obj.maps["perf"], callback, **more) as buffer:
            trigger.fire(2)
            while len(events) < 2:
                buffer.poll(1000)
        assert [(is_ours(event), len(event)) for event in events] == [(True, 20)] * 2


def test_flexible_array_has_the_rest(obj: Any, trigger: traffic.Trigger) -> None:
    """A type that ends in a flexible array takes records of any length."""
    with tinybpf.BpfRingBuffer(obj.maps["lines"], event_type="line") as ring:
        trigger.fire(1)
        [line] = ring
    assert (line.n, line.text, len(line)) == (5, "hello", 9)


def test_record_of_another_size_raises(obj: Any, trigger: traffic.Trigger) -> None:
    """A record that is no event of that type is a ValueError, and is consumed."""
    with tinybpf.BpfRingBuffer(obj.maps["lines"], event_type="event") as ring:
        trigger.fire(1)
        with pytest.raises(
            ValueError, match=r"mismatch: expected 20 bytes, got 9 .*\n.* event_type=bytes"
        ):
            ring.poll(0)
        assert ring.poll(0) == 0
    with tinybpf.BpfRingBuffer(obj.maps["plain"], event_type=obj.types.cookie) as ring:
        trigger.fire(1)
        with pytest.raises(ValueError, match=r"got 20 \(event_type cookie\)"):
            ring.poll(0)


def test_subclass_is_an_event_type(obj: Any, trigger: traffic.Trigger) -> None:
    """Events can be of a class that a program derives."""

    class Event(obj.types.event):  # type: ignore[misc]
        @property
        def line(self) -> str:
            return f"{self.comm}[{self.pid}]"

    with tinybpf.BpfRingBuffer(obj.maps["plain"], event_type=Event) as ring:
        trigger.fire(1)
        assert [event.line for event in ring] == [f"typed[{os.getpid()}]"]


def test_unknown_type_is_refused(obj: Any) -> None:
    """A name that the BTF has not, also in a tag, is an error that suggests others."""
    with pytest.raises(tinybpf.BtfValidationError, match="not found") as caught:
        tinybpf.BpfRingBuffer(obj.maps["plain"], event_type="evnt")
    assert caught.value.suggestions == ["event"]
    with pytest.raises(tinybpf.BtfValidationError, match="'evnt' not found"):
        tinybpf.BpfRingBuffer(obj.maps["misnamed"])
    with pytest.raises(TypeError, match="enum"):
        tinybpf.BpfRingBuffer(obj.maps["plain"], event_type="color")
    with pytest.raises(TypeError, match="Record"):
        tinybpf.BpfRingBuffer(obj.maps["plain"], event_type=str)
    with pytest.raises(tinybpf.BpfError, match="needs no comparison"):
        compared: Any = {"event_type": "event", "validate_btf_struct": "event"}
        tinybpf.BpfRingBuffer(obj.maps["plain"], **compared)


def test_iterator_has_one_event_type(obj: Any) -> None:
    """Names, classes and tags that mean one type go together; different ones do not."""
    maps = obj.maps
    with tinybpf.BpfRingBuffer(maps["plain"], event_type="event") as ring:
        ring.add(maps["tagged"])
        with pytest.raises(tinybpf.BpfError, match="Cannot mix event types"):
            ring.add(maps["lines"], event_type="line")
        with pytest.raises(tinybpf.BpfError, match="Cannot mix event types"):
            ring.add(maps["lines"], event_type=bytes)
        ring.add(maps["lines"], event_type=obj.types.event)


def test_records_outlive_buffer_and_object(obj: Any, trigger: traffic.Trigger) -> None:
    """Events that were read stay whole when everything else is closed."""
    with tinybpf.BpfRingBuffer(obj.maps["plain"], event_type="event") as ring:
        trigger.fire(1)
        [event] = ring
    obj.close()
    assert is_ours(event)
