# SPDX-License-Identifier: MIT
"""Ring buffers used wrongly, closed, or forgotten."""

import contextlib
import gc
import inspect
import os
from typing import Any, Callable

import pytest

import tinybpf
from support.objects import Find, Load


def ignore(data: bytes) -> None:
    """Do nothing with a record."""


@pytest.fixture
def rings(load: Load) -> tinybpf.BpfObject:
    """Return the object with the maps `even` and `odd`."""
    return load("rings")


@pytest.mark.parametrize("name", ["hash", "array", "perf", "queue"])
def test_map_of_another_kind_is_refused(load: Load, name: str) -> None:
    """Only a RINGBUF map can be read; the error says what it is instead."""
    with pytest.raises(tinybpf.BpfError, match="expected RINGBUF") as caught:
        tinybpf.BpfRingBuffer(load("kinds").maps[name], ignore)
    assert repr(name) in str(caught.value)


def test_perf_event_array_is_named(load: Load) -> None:
    """For a perf event array the error says so: it is the usual mistake."""
    with pytest.raises(tinybpf.BpfError, match="PERF_EVENT_ARRAY"):
        tinybpf.BpfRingBuffer(load("kinds").maps["perf"], ignore)


def test_what_is_no_map_is_a_type_error() -> None:
    """A descriptor, a name or an object is no map."""
    for wrong in (3, "events", object()):
        with pytest.raises(TypeError):
            tinybpf.BpfRingBuffer(wrong, ignore)  # type: ignore[call-overload]


def test_callback_without_map_is_refused() -> None:
    """A callback alone has nothing to be called for."""
    with pytest.raises(ValueError, match="callback requires map"):
        tinybpf.BpfRingBuffer(callback=ignore)


@pytest.mark.parametrize("wrong", [3, "print", object()])
def test_callback_that_cannot_be_called_is_refused(
    rings: tinybpf.BpfObject, wrong: Any
) -> None:
    """A callback is checked when it is given, not when the first record comes."""
    with pytest.raises(TypeError):
        tinybpf.BpfRingBuffer(rings.maps["even"], wrong)
    with tinybpf.BpfRingBuffer() as ring, pytest.raises(TypeError):
        ring.add(rings.maps["even"], wrong)


@pytest.mark.parametrize("read", ["poll", "consume", "epoll_fd", "fileno"])
def test_buffer_without_maps_cannot_be_read(read: str) -> None:
    """Reading a buffer to which nothing was added says "No maps added"."""
    with tinybpf.BpfRingBuffer() as ring:
        with pytest.raises(tinybpf.BpfError, match="No maps added"):
            getattr(ring, read)()


def test_map_cannot_be_added_twice(rings: tinybpf.BpfObject) -> None:
    """The same map again is refused, and the first stays as it was."""
    with tinybpf.BpfRingBuffer(rings.maps["even"], ignore) as ring:
        with pytest.raises(tinybpf.BpfError, match="already added"):
            ring.add(rings.maps["even"], ignore)
        assert ring.consume() == 0


def test_map_of_a_closed_object_cannot_be_added(bpf: Find) -> None:
    """A ring buffer over a closed map says that it is closed."""
    obj = tinybpf.load(bpf("rings"))
    even = obj.maps["even"]
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        tinybpf.BpfRingBuffer(even, ignore)
    with tinybpf.BpfRingBuffer() as ring:
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            ring.add(even, ignore)


@pytest.mark.parametrize("timeout", ["1", None, 1.5, object()], ids=repr)
def test_timeout_that_is_no_int_is_a_type_error(rings: tinybpf.BpfObject, timeout: Any) -> None:
    """The timeout is in whole milliseconds."""
    with tinybpf.BpfRingBuffer(rings.maps["even"], ignore) as ring:
        with pytest.raises(TypeError):
            ring.poll(timeout)


@pytest.mark.parametrize("timeout", [2**31, 2**64, -(2**40)])
def test_timeout_out_of_range_is_refused(rings: tinybpf.BpfObject, timeout: int) -> None:
    """A timeout that no C int holds does not turn into another one."""
    with tinybpf.BpfRingBuffer(rings.maps["even"], ignore) as ring:
        with pytest.raises((ValueError, OverflowError)):
            ring.poll(timeout)


USES: dict[str, Callable[[Any, Any], Any]] = {
    "poll": lambda ring, m: ring.poll(0),
    "consume": lambda ring, m: ring.consume(),
    "add": lambda ring, m: ring.add(m, ignore),
    "epoll_fd": lambda ring, m: ring.epoll_fd(),
    "fileno": lambda ring, m: ring.fileno(),
    "enter": lambda ring, m: ring.__enter__(),
    "poll_async": lambda ring, m: ring.poll_async(0),
    "async enter": lambda ring, m: ring.__aenter__(),
}


LOOPS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda ring, m: iter(ring),
    lambda ring, m: next(ring),
    lambda ring, m: ring.__aiter__(),
    lambda ring, m: ring.events(),
)


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_of_a_closed_buffer_is_a_closed_error(
    rings: tinybpf.BpfObject, use: Callable[[Any, Any], Any]
) -> None:
    """Whatever needs the rings says that the buffer is closed."""
    ring = tinybpf.BpfRingBuffer(rings.maps["even"], ignore)
    ring.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        use(ring, rings.maps["odd"])


def test_close_may_be_called_again(rings: tinybpf.BpfObject) -> None:
    """close() is idempotent, also after with, and of a buffer without maps."""
    with tinybpf.BpfRingBuffer(rings.maps["even"], ignore) as ring:
        assert isinstance(ring, tinybpf.BpfRingBuffer)
    ring.close()
    ring.close()
    empty = tinybpf.BpfRingBuffer()
    empty.close()
    empty.close()


def test_close_gives_descriptor_and_memory_back(rings: tinybpf.BpfObject) -> None:
    """After close() neither the epoll descriptor nor a mapping of the ring is left."""

    def mappings() -> int:
        with open("/proc/self/maps") as lines:
            return sum("bpf-map" in line for line in lines)

    before, mapped = len(os.listdir("/proc/self/fd")), mappings()
    ring = tinybpf.BpfRingBuffer(rings.maps["even"], ignore)
    assert mappings() > mapped
    ring.close()
    assert (len(os.listdir("/proc/self/fd")), mappings()) == (before, mapped)


def test_forgotten_buffer_warns_and_is_closed(rings: tinybpf.BpfObject) -> None:
    """A buffer that is dropped open warns ResourceWarning and gives all back."""
    before = len(os.listdir("/proc/self/fd"))
    ring = tinybpf.BpfRingBuffer(rings.maps["even"], ignore)
    with pytest.warns(ResourceWarning, match="BpfRingBuffer"):
        del ring
        gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_buffer_that_was_never_made_warns_of_nothing(
    load: Load, recwarn: pytest.WarningsRecorder
) -> None:
    """A constructor that failed leaves nothing to forget."""
    with pytest.raises(tinybpf.BpfError):
        tinybpf.BpfRingBuffer(load("kinds").maps["hash"], ignore)
    gc.collect()
    assert not recwarn.list


def test_repr_tells_maps_mode_and_state(rings: tinybpf.BpfObject) -> None:
    """The repr of a buffer tells what it reads and how, also when it is closed."""
    with tinybpf.BpfRingBuffer(rings.maps["even"], ignore) as ring:
        assert repr(ring) == "<BpfRingBuffer map='even' callback open>"
    assert repr(ring) == "<BpfRingBuffer map='even' callback closed>"
    with tinybpf.BpfRingBuffer() as ring:
        assert repr(ring) == "<BpfRingBuffer (no maps) open>"
        ring.add(rings.maps["even"])
        ring.add(rings.maps["odd"])
        assert repr(ring) == "<BpfRingBuffer maps=['even', 'odd'] iterator open>"


def test_initialising_again_does_not_leak(rings: tinybpf.BpfObject) -> None:
    """Calling __init__ a second time is refused or harmless."""
    ring = tinybpf.BpfRingBuffer(rings.maps["even"], ignore)
    with contextlib.suppress(tinybpf.BpfError, TypeError):
        again: Any = ring.__init__
        again(rings.maps["odd"], ignore)
    ring.close()


def test_uninitialised_buffer_cannot_crash() -> None:
    """An object made by __new__ alone answers like a closed or an empty buffer."""
    ring = tinybpf.BpfRingBuffer.__new__(tinybpf.BpfRingBuffer)
    for use in (*USES.values(), *LOOPS):
        with contextlib.suppress(tinybpf.BpfError, TypeError, StopIteration):
            made = use(ring, None)
            if inspect.iscoroutine(made):
                made.close()
    ring.close()
