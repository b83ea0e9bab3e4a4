# SPDX-License-Identifier: MIT
"""References: whatever is done many times leaves as many objects as done once.

The interpreter counts its allocated blocks; an operation that forgets one reference
shows as one block more for each time. What is refused must give back as much as what
succeeds.
"""

import asyncio
import sys
from typing import Any, Callable

import pytest

import tinybpf
from support import pins, traffic
from support.blocks import Errors, Operation, leaks
from support.objects import Find, Load

READS: dict[str, Callable[[Any], Operation]] = {
    "map by name": lambda obj: lambda: obj.maps["counts"],
    "program by name": lambda obj: lambda: obj.program("on_trigger"),
    "walk of the maps": lambda obj: lambda: list(obj.maps.items()),
    "text of the object": lambda obj: lambda: (repr(obj), obj.name, obj.path),
    "text of the map": lambda obj: lambda: repr(obj.maps["counts"]),
    "type of the map": lambda obj: lambda: obj.maps["counts"].type,
    "type of the program": lambda obj: lambda: obj.program("on_trigger").type,
    "section": lambda obj: lambda: obj.program("on_trigger").section,
    "set": lambda obj: lambda: obj.maps["counts"].update(2**31, 2**63),
    "set bytes": lambda obj: lambda: obj.maps["counts"].update(bytes(4), bytearray(8)),
    "get": lambda obj: lambda: obj.maps["counts"][2**31],
    "get default": lambda obj: lambda: obj.maps["counts"].get(5, object()),
    "lookup": lambda obj: lambda: obj.maps["counts"].lookup(5),
    "in": lambda obj: lambda: 5 in obj.maps["counts"],
    "delete": lambda obj: lambda: obj.maps["counts"].delete(5),
    "len": lambda obj: lambda: len(obj.maps["counts"]),
    "items": lambda obj: lambda: dict(obj.maps["table"].items()),
    "half a walk": lambda obj: lambda: next(iter(obj.maps["table"].values())),
    "next of a view": lambda obj: lambda: next(obj.maps["table"].keys()),
    "pop": lambda obj: lambda: (obj.maps["counts"].update(5, 2**40), obj.maps["counts"].pop(5)),
    "pop default": lambda obj: lambda: obj.maps["counts"].pop(6, object()),
    "popitem": lambda obj: (
        lambda: (
            obj.maps["tiny"].update({2**31: 2**31}),
            obj.maps["tiny"].popitem(),
        )
    ),
    "setdefault": lambda obj: lambda: obj.maps["counts"].setdefault(2**31, 2**63),
    "update many": lambda obj: (
        lambda: (
            obj.maps["counts"].update({2**31: 2**63, bytes(4): bytes(8)}),
            obj.maps["counts"].update([(2**31, 2**63), [2**30, 2**62]]),
            obj.maps["counts"].update(obj.maps["table"]),
        )
    ),
    "clear": lambda obj: lambda: (obj.maps["tiny"].update({1: 1}), obj.maps["tiny"].clear()),
    "info": lambda obj: lambda: obj.maps["counts"].info,
    "in a view": lambda obj: lambda: (1, 0) in obj.maps["table"].items(),
}


@pytest.mark.parametrize("make", READS.values(), ids=READS.keys())
def test_use_keeps_no_object(
    counts: tinybpf.BpfObject, make: Callable[[Any], Operation]
) -> None:
    """Reading and writing in every way leaves nothing behind."""
    counts.maps["counts"][2**31] = 2**63
    assert not leaks(make(counts))


REFUSED: dict[str, tuple[Callable[[Any], object], Any]] = {
    "no such map": (lambda obj: obj.maps["nothing"], KeyError),
    "no such program": (lambda obj: obj.program("nothing"), KeyError),
    "no such key": (lambda obj: obj.maps["counts"][7], KeyError),
    "key of a wrong type": (lambda obj: obj.maps["counts"][[]], TypeError),
    "key of a wrong size": (lambda obj: obj.maps["counts"][b"xyz"], ValueError),
    "key out of range": (lambda obj: obj.maps["counts"][2**40], ValueError),
    "value of a wrong type": (lambda obj: obj.maps["counts"].update(1, "x"), TypeError),
    "value out of range": (lambda obj: obj.maps["counts"].update(1, -1), ValueError),
    "kernel's error": (lambda obj: obj.maps["table"].delete(1), tinybpf.BpfError),
    "pop": (lambda obj: obj.maps["counts"].pop(2**31), KeyError),
    "popitem": (lambda obj: obj.maps["counts"].popitem(), KeyError),
    "setdefault": (lambda obj: obj.maps["counts"].setdefault(2**31), TypeError),
    "update with no pairs": (lambda obj: obj.maps["counts"].update([2**31]), TypeError),
    "update with triples": (lambda obj: obj.maps["counts"].update([(1, 2, 3)]), ValueError),
    "per-CPU use": (lambda obj: obj.maps["counts"].lookup_percpu(1), tinybpf.BpfError),
    "pin elsewhere": (lambda obj: obj.maps["counts"].pin("/tmp/pin"), tinybpf.BpfError),
    "unpin of nothing": (
        lambda obj: obj.maps["counts"].unpin("/sys/fs/bpf/none"),
        FileNotFoundError,
    ),
    "open of no pin": (
        lambda obj: tinybpf.open_pinned_map("/sys/fs/bpf/none"),
        FileNotFoundError,
    ),
    "open elsewhere": (lambda obj: tinybpf.open_pinned_map("/tmp"), tinybpf.BpfError),
    "buffer of no ring": (
        lambda obj: tinybpf.BpfRingBuffer(obj.maps["counts"], print),
        tinybpf.BpfError,
    ),
    "load of nothing": (lambda obj: tinybpf.load("/nonexistent"), FileNotFoundError),
    "load of no path": (tinybpf.load, TypeError),
}


@pytest.mark.parametrize(("use", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_use_keeps_no_object(
    counts: tinybpf.BpfObject, use: Callable[[Any], object], error: Any
) -> None:
    """An error leaves as little behind as a success."""
    assert not leaks(lambda: use(counts), error)


def test_load_and_close_keep_no_object(bpf: Find) -> None:
    """Objects come and go with all that belongs to them."""

    def cycle() -> None:
        with tinybpf.load(bpf("nowhere")) as obj:
            list(obj.programs.values())

    assert not leaks(cycle, rounds=100)


def test_pinned_map_comes_and_goes(counts: tinybpf.BpfObject) -> None:
    """Pinning, opening and unpinning leave nothing behind."""
    numbers = counts.maps["counts"]
    with pins.folder() as folder:
        path = str(folder / "counts")

        def cycle() -> None:
            numbers.pin(path)
            with tinybpf.open_pinned_map(path) as again:
                again.update({1: 1})
            numbers.unpin(path)

        assert not leaks(cycle, rounds=100)


def test_error_with_a_log_keeps_no_object(bpf: Find) -> None:
    """The errors of refused loads go with all that they carry."""
    path = bpf("rejected")
    assert not leaks(lambda: tinybpf.load(path), tinybpf.BpfVerifierError, rounds=100)


@pytest.mark.parametrize("answer", [None, 0, -1, 10**6, -(10**6), ZeroDivisionError])
def test_records_keep_no_object(load: Load, answer: Any) -> None:
    """Records that were handed over are gone, whatever the callback answered."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=8, size=100)

    def callback(data: bytes) -> Any:
        if isinstance(answer, type):
            raise answer
        return answer and int(str(answer))  # a number of its own each time

    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], callback) as ring:

        def cycle() -> None:
            producer.fire()
            for _ in range(8):
                ring.consume()

        def failing_cycle() -> None:
            producer.fire()
            for _ in range(7):
                with pytest.raises(ZeroDivisionError):
                    ring.consume()
            ring.consume()

        failing = isinstance(answer, type)
        error: Errors = ZeroDivisionError if failing else ()
        assert not leaks(failing_cycle if failing else cycle, error)


def test_buffers_come_and_go_with_their_callbacks(load: Load) -> None:
    """Making and closing ring buffers leaves neither buffer nor callback."""
    obj = load("rings")

    def cycle() -> None:
        with tinybpf.BpfRingBuffer(obj.maps["even"], lambda data: None) as ring:
            ring.add(obj.maps["odd"], lambda data: None)

    assert not leaks(cycle)


STREAM_CYCLES: dict[str, Callable[[Any], object]] = {
    "iterator": lambda m: list(tinybpf.BpfRingBuffer(m).__enter__()),
    "queue": lambda m: tinybpf.BpfRingBuffer(m).consume(),
    "one of a queue": lambda m: next(iter(tinybpf.BpfRingBuffer(m))),
    "views": lambda m: tinybpf.BpfRingBuffer(m, len, as_memoryview=True).consume(),
    "coroutine": lambda m: tinybpf.BpfRingBuffer(m).poll_async(1).close(),
}


@pytest.mark.parametrize("use", STREAM_CYCLES.values(), ids=STREAM_CYCLES.keys())
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_records_of_every_mode_come_and_go(load: Load, use: Callable[[Any], object]) -> None:
    """Records that are queued, viewed or awaited leave nothing, read or forgotten."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=8, size=100)

    def cycle() -> None:
        producer.fire()
        use(obj.maps["events"])

    with obj.attach():
        assert not leaks(cycle)


def test_waits_come_and_go(load: Load) -> None:
    """Waiting in asyncio leaves neither tasks nor waits behind, ended or cancelled."""
    ring = tinybpf.BpfRingBuffer(load("rings").maps["even"])

    async def waits() -> None:
        assert await ring.poll_async(1) == 0
        task = asyncio.ensure_future(ring.poll_async())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with ring:
        assert not leaks(lambda: asyncio.run(waits()), rounds=50)


def test_links_come_and_go(load: Load) -> None:
    """Attaching and detaching leaves no link (few rounds: detaching takes its time)."""
    program = load("sections").program("on_raw_tp")
    assert not leaks(lambda: program.attach().destroy(), rounds=10)


def test_the_check_finds_a_leak() -> None:
    """An operation that keeps one object each time is found."""
    kept: list[object] = []
    assert leaks(lambda: kept.append(object()))
    assert not leaks(object)


def test_names_and_singletons_keep_their_count(counts: tinybpf.BpfObject) -> None:
    """Objects that exist once are not counted up: None, True, a key, a callback."""
    numbers = counts.maps["counts"]
    key, default = 2**31 + 1, object()
    watched = [None, True, key, default, numbers, counts]
    before = [sys.getrefcount(each) for each in watched]
    for _ in range(1000):
        numbers.lookup(key)
        numbers.get(key, default)
        numbers.delete(key)
        numbers.update(key, 1)
        key in numbers  # noqa: B015
        counts.maps["counts"]
    del numbers[key]
    after = [sys.getrefcount(each) for each in watched]
    assert [b - a > 100 for a, b in zip(before, after)] == [False] * len(watched)
