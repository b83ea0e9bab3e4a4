# SPDX-License-Identifier: MIT
"""Arrays made with BPF_F_MMAPABLE are read and written in memory: same results, same errors."""

import contextlib
import ctypes
import errno
import os
import signal
import struct
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Load, wait_for
from tinybpf import BPF_F_MMAPABLE, BpfMap, BpfMapType

pytestmark = kernel("5.5", "mmapable arrays")
N = 16


def array(value_size: int = 8, n: int = N, **more: Any) -> BpfMap:
    """Return an array of its own."""
    flags = more.pop("flags", 0) | BPF_F_MMAPABLE
    return BpfMap.create(BpfMapType.ARRAY, 4, value_size, n, flags=flags, **more)


@contextlib.contextmanager
def no_system_calls(m: Any) -> Iterator[None]:
    """Let the map's descriptor be another file: what asks the kernel fails."""
    kept = os.dup(m.fd)
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(null, m.fd, inheritable=False)
        yield
    finally:
        os.dup2(kept, m.fd, inheritable=False)
        os.close(kept)
        os.close(null)


def test_reads_and_writes_make_no_system_call(load: Load) -> None:
    """m[k] and m[k] = v, lookup, get, in, setdefault, walks and columns, once it is mapped."""
    shared = load("memory").maps["shared"]
    shared[0] = 1
    with no_system_calls(shared):
        shared[1] = 2**64 - 1
        shared.update(2, 7)
        assert [shared[k] for k in range(4)] == [1, 2**64 - 1, 7, 0]
        assert (shared.lookup(2), shared.get(1), 3 in shared) == (7, 2**64 - 1, True)
        assert shared.setdefault(0, 9) == 1
        expected = {0: 1, 1: 2**64 - 1, 2: 7, 3: 0}
        assert dict(shared.items()) == expected
        assert (list(shared), list(shared.values())) == (
            list(expected),
            list(expected.values()),
        )
        assert shared.read_columns()["value"].tolist() == list(expected.values())
    assert dict(shared.items()) == expected
    plain = load("memory").maps["closed"]
    plain[0] = 1
    with no_system_calls(plain), pytest.raises(tinybpf.BpfError):
        plain[0]


def test_program_and_user_space_see_each_other(load: Load) -> None:
    """What is written is there for programs and mmap(), and the other way."""
    obj = load("memory")
    shared = obj.maps["shared"]
    shared[1] = 40
    obj.programs["add"].test_run(ctx=struct.pack("Q", 2))
    assert shared[1] == 42
    with shared.mmap() as memory:
        memory[8:16] = struct.pack("Q", 5)
        assert shared[1] == 5
        shared[1] = 6
        assert bytes(memory[8:16]) == struct.pack("Q", 6)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 12, 16, 100, 4096, 5000])
def test_values_of_every_size(size: int) -> None:
    """Nothing of a neighbour is touched; they lie in the kernel as a system call has them."""
    with array(size, 5) as m:
        values = [bytes([k * 16 + 1] * size) for k in range(5)]
        for k in (4, 0, 2, 1, 3):
            m[k.to_bytes(4, "little")] = values[k]
        assert list(m.values()) == values
        with BpfMap.from_fd(m.fd) as other:
            assert [other[k.to_bytes(4, "little")] for k in range(5)] == values


Do = Callable[[Any], object]
ASKS: dict[str, Do] = {
    "index beyond": lambda m: m[4],
    "large index": lambda m: m[2**32 - 1],
    "index below": lambda m: m[-1],
    "index too large": lambda m: m[2**32],
    "index a text": lambda m: m["1"],
    "lookup beyond": lambda m: (m.lookup(4), m.get(4, "no"), 4 in m),
    "set beyond": lambda m: m.update(4, 1),
    "item beyond": lambda m: m.__setitem__(4, 1),
    "value too large": lambda m: m.update(0, 2**64),
    "value below": lambda m: m.update(0, -1),
    "value a text": lambda m: m.update(0, "x"),
    "value of another size": lambda m: m.update(0, b"abc"),
    "must not be there": lambda m: m.update(0, 1, flags=tinybpf.BPF_NOEXIST),
    "must be there": lambda m: m.update(0, 1, flags=tinybpf.BPF_EXIST),
    "lock": lambda m: m.lookup(0, flags=tinybpf.BPF_F_LOCK),
    "delete": lambda m: m.delete(0),
    "pop": lambda m: m.pop(0),
    "many": lambda m: (m.update({0: 1, 1: 2}), dict(m.items())),
    "length": len,
    "bytes": lambda m: (m.update(bytes(4), bytes(range(8))), m[bytes(4)]),
}


def outcome(do: Do, m: BpfMap) -> tuple[Any, ...]:
    """Return what an operation gives or raises, without the map's name."""
    try:
        return "gives", do(m)
    except Exception as error:
        text = str(error).replace(repr(m.name), "NAME")
        return type(error), text, getattr(error, "errno", None)


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_results_and_errors_are_the_same(load: Load, ask: Do) -> None:
    """As those of an array that takes the system call."""
    maps = load("memory").maps
    for name in ("shared", "closed"):
        maps[name][0] = 0
    assert outcome(ask, maps["shared"]) == outcome(ask, maps["closed"])


def test_freeze_works_after_reads_and_writes() -> None:
    """The mapping that can write is dropped for it; reads go on, writes say why not."""
    with array() as m:
        numbers = m.typed(key=ctypes.c_uint32, value=ctypes.c_uint64)
        numbers[3] = 5
        assert numbers[3] == 5
        m.freeze()
        with pytest.raises(tinybpf.BpfError, match="it is frozen") as caught:
            numbers[3] = 6
        assert caught.value.errno == errno.EPERM
        assert (numbers[3], dict(numbers.items())[3]) == (5, 5)
        with pytest.raises(tinybpf.BpfError):
            m.freeze()
        with no_system_calls(m):
            assert numbers[3] == 5


def test_freeze_that_fails_leaves_all_as_it_was() -> None:
    """A view of mmap() stands in its way; then writes go to memory again."""
    with array() as m:
        m[bytes(4)] = bytes(range(8))
        view = m.mmap()
        with pytest.raises(tinybpf.BpfError, match="mapped writable"):
            m.freeze()
        m[bytes(4)] = bytes(8)
        with no_system_calls(m):
            m[bytes(4)] = b"12345678"
            assert m[bytes(4)] == b"12345678"
        view.release()
        m.freeze()


@pytest.mark.parametrize("flag", ["BPF_F_RDONLY", "BPF_F_WRONLY", "BPF_F_RDONLY_PROG"])
def test_where_memory_is_refused_it_is_a_system_call(flag: str) -> None:
    """Maps that user space may only read, or only write: as ever."""
    flags = getattr(tinybpf, flag)
    plain = BpfMap.create(BpfMapType.ARRAY, 4, 8, N, flags=flags)
    asks: list[Do] = [
        lambda m: m[bytes(4)],
        lambda m: m.update(bytes(4), bytes(8)),
        lambda m: len(list(m.values())),
    ]
    with plain, array(flags=flags) as m:
        for _ in range(2):
            for ask in asks:
                assert outcome(ask, m) == outcome(ask, plain)


def test_frozen_before_it_was_opened() -> None:
    """A handle of a map that somebody has frozen reads it, and cannot write."""
    with array() as m:
        m.freeze()
        with BpfMap.from_fd(m.fd) as other:
            assert other[bytes(4)] == bytes(8)
            with pytest.raises(tinybpf.BpfError, match="it is frozen"):
                other[bytes(4)] = bytes(8)


def test_closed_maps_are_gone(load: Load) -> None:
    """Of the memory nothing stays in the kernel, though the map's wrapper lives."""
    obj = load("memory")
    shared = obj.maps["shared"]
    shared[0] = 1
    walk = iter(shared.items())
    next(walk)
    number = shared.id
    obj.close()
    for ask in (lambda: shared[0], lambda: shared.update(0, 1), lambda: list(shared.items())):
        with pytest.raises(tinybpf.BpfClosedError):
            ask()
    wait_for("the map to go", lambda: not is_there(number))
    m = array(n=100000)
    m[bytes(4)] = bytes(8)
    walk = iter(m.items())
    next(walk)
    number = m.id
    m.close()
    with pytest.raises(tinybpf.BpfClosedError):
        list(walk)
    wait_for("the map to go", lambda: not is_there(number))


def is_there(number: int) -> bool:
    """Whether the kernel has a map of that id."""
    try:
        BpfMap.from_id(number).close()
    except tinybpf.BpfError:
        return False
    return True


def test_handles_outlive_one_another() -> None:
    """What typed() made goes on when its origin is closed, in the middle of a walk, too."""
    m = array(n=5000)
    numbers = m.typed(key=ctypes.c_uint32, value=ctypes.c_uint64)
    numbers[4999] = 7
    walk = iter(numbers.items())
    first = [next(walk) for _ in range(100)]
    m.close()
    assert numbers[4999] == 7
    numbers[4998] = 8
    assert first + list(walk) == [(k, {4999: 7, 4998: 8}.get(k, 0)) for k in range(5000)]
    numbers.close()


def test_closed_while_another_thread_walks() -> None:
    """The walk has all of it, or raises; the memory is there as long as it is read."""
    for _ in range(30):
        m = array(n=200000)
        thread = threading.Thread(target=m.close)
        thread.start()
        with contextlib.suppress(tinybpf.BpfClosedError):
            assert len(m.read_columns()) == 200000
        thread.join()


def test_numbers_change_all_at_once() -> None:
    """Another process writes; no half of a number is ever read."""
    with array(8) as m:
        numbers = m.typed(key=ctypes.c_uint32, value=ctypes.c_uint64)
        numbers[0] = 0
        child = os.fork()
        if child == 0:
            while True:
                numbers[0] = 2**64 - 1
                numbers[0] = 0
        try:
            seen = {numbers[0] for _ in range(20000)}
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    assert seen <= {0, 2**64 - 1}
