# SPDX-License-Identifier: MIT
"""Draining: each entry comes out of the map once, and what is not taken stays in it."""

import ctypes
import threading
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Load, possible_cpus
from tinybpf import BpfMap, BpfMapType

N = 1000


def table(n: int = N, **settings: Any) -> BpfMap:
    """Return a hash of its own with n entries: k -> k * k."""
    found = BpfMap.create(BpfMapType.HASH, 4, 8, max(n, 1), **settings)
    found.update({k.to_bytes(4, "little"): (k * k).to_bytes(8, "little") for k in range(n)})
    return found


def number(raw: bytes) -> int:
    """Return the number in a key or value."""
    return int.from_bytes(raw, "little")


@kernel("5.6", "batches of maps")
def test_drain_takes_everything_once(load: Load) -> None:
    """All pairs come, typed as items() has them, and the map is empty."""
    counts = load("counts").maps["counts"]
    counts.update({k: k * k for k in range(50)})
    assert dict(counts.drain()) == {k: k * k for k in range(50)}
    assert len(counts) == 0
    assert list(counts.drain()) == []


@kernel("5.6", "batches of maps")
def test_what_is_not_taken_stays() -> None:
    """A loop that ends early leaves all others in the map, with their values."""
    with table() as found:
        taken = {}
        for key, value in found.drain():
            taken[key] = value
            if len(taken) == 3:
                break
        rest = dict(found.items())
    assert len(rest) == N - 3
    assert not taken.keys() & rest.keys()
    assert all(number(v) == number(k) ** 2 for k, v in {**taken, **rest}.items())


@kernel("5.6", "batches of maps")
def test_close_puts_back(load: Load) -> None:
    """close() and the end of a block do it at once; then the drain is at its end."""
    counts = load("counts").maps["counts"]
    counts.update({k: k for k in range(10)})
    with counts.drain() as drain:
        first = next(drain)
    assert len(counts) == 9
    assert first[0] not in counts
    drain.close()
    assert list(drain) == []


@kernel("5.6", "batches of maps")
def test_value_of_a_program_is_kept(load: Load) -> None:
    """What a key was set to meanwhile stands; the value that cannot go back is counted."""
    counts = load("counts").maps["counts"]
    counts.update({1: 10, 2: 20})
    drain = counts.drain()
    key, _ = next(drain)
    other = 3 - key
    counts[other] = 5
    with pytest.warns(RuntimeWarning, match="1 entries that were taken out of map 'counts'"):
        drain.close()
    assert dict(counts.items()) == {other: 5}


@kernel("5.6", "batches of maps")
def test_drop_of_a_closed_map_warns() -> None:
    """Entries that a closed map cannot take back are told."""
    found = table(10)
    drain = found.drain()
    next(drain)
    found.close()
    with pytest.warns(RuntimeWarning, match="9 entries"):
        drain.close()


@kernel("5.6", "batches of maps")
def test_chunks_of_any_size(load: Load) -> None:
    """A chunk smaller than a bucket grows; nothing is lost or doubled by it."""
    with table() as found:
        found._chunk = 1
        keys = [number(key) for key, _ in found.drain()]
        assert sorted(keys) == list(range(N))
        assert len(found) == 0


@kernel("5.6", "batches of maps")
def test_nothing_is_lost_while_another_adds() -> None:
    """What is added during a drain is either taken or in the map, and never both."""
    with table(0) as empty:
        assert list(empty.drain()) == []
    with table() as found:
        added = [k.to_bytes(4, "little") for k in range(N, 2 * N)]
        room = threading.Thread(
            target=lambda: found.update(dict.fromkeys(added[:200], b"\x00" * 8))
        )
        drain = found.drain()
        taken = [next(drain)[0] for _ in range(500)]
        room.start()
        taken += [key for key, _ in drain]
        room.join()
        rest = list(found)
        assert sorted(taken + rest) == sorted(
            [k.to_bytes(4, "little") for k in range(N)] + added[:200]
        )


@kernel("5.6", "batches of maps")
def test_drain_that_is_in_use_is_not_closed(load: Load) -> None:
    """What runs while a value is made cannot take the entries away beneath it."""
    counts = load("counts").maps["counts"]
    counts.update({1: 10, 2: 20})
    found: list[Any] = []

    class Value(ctypes.Structure):
        _fields_ = (("n", ctypes.c_uint64),)

        @classmethod
        def from_buffer_copy(cls, *args: Any) -> Any:
            with pytest.raises(RuntimeError, match="drain is in use"):
                found[0].close()
            maker: Any = type(cls)
            return maker.from_buffer_copy(cls, *args)

    found.append(counts.typed(value=Value).drain())
    assert sum(value.n for _, value in found[0]) == 30


@kernel("5.6", "batches of maps")
@pytest.mark.parametrize("name", ["percpu_hash", "lru_percpu", "lru"])
def test_other_hashes(load: Load, name: str) -> None:
    """Per-CPU hashes give lists and take them back; LRU hashes drain, too."""
    found: Any = load("kinds").maps[name]
    value = list(range(possible_cpus())) if found.is_percpu else 7
    found[1] = found[2] = value
    with found.drain() as drain:
        taken = next(drain)
    rest = dict(found.items())
    assert {taken[0]: taken[1], **rest} == {1: value, 2: value}
    assert len(rest) == 1


@pytest.mark.parametrize("name", ["array", "percpu_array", "lpm"])
def test_kinds_that_cannot_say_so(load: Load, name: str) -> None:
    """Where the kernel does not read and delete in one step, nothing else is tried."""
    found = load("kinds").maps[name]
    with pytest.raises(tinybpf.BpfNotSupportedError, match=f"drain of map '{name}' failed"):
        found.drain()


def test_map_without_keys_names_pop(load: Load) -> None:
    """Of a queue pop() takes values out."""
    with pytest.raises(tinybpf.BpfError, match=r"has no keys; use .*pop"):
        load("kinds").maps["queue"].drain()


def test_closed_map_is_refused(load: Load) -> None:
    """A drain of a closed map is a BpfClosedError."""
    obj = load("counts")
    counts = obj.maps["counts"]
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError):
        counts.drain()
