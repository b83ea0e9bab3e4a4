# SPDX-License-Identifier: MIT
"""Walks give every entry once: at any size of batch, beside a writer, key by key."""

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import child, kernel_walk, scale
from support.objects import possible_cpus
from tinybpf import BpfMap, BpfMapType

MANY = scale.times(100_000)
VERY_MANY = scale.times(1_000_000)
SPAN = scale.times(20_000, least=4000)
STABLE = range(0, SPAN, 2)  # keys that the writer leaves alone


@contextlib.contextmanager
def filled(kind: str, count: int) -> Iterator[tinybpf.BpfMap[int, int]]:
    """Make a map with room for as many entries, and set 7 * k -> k."""
    with BpfMap.create(BpfMapType[kind], 4, 8, count) as raw:
        m = raw.typed(key=int, value=int)
        m.update((7 * k, k) for k in range(count))
        yield m


@pytest.mark.parametrize("chunk", [0, 1, 3, 64, 1000, 65_536, 131_072])
def test_every_entry_comes_once_at_any_batch_size(chunk: int) -> None:
    """Many entries: the walk agrees with the kernel's own, key by key."""
    with filled("HASH", MANY) as m:
        m._chunk = chunk
        items = list(m.items())
        assert len(items) == MANY
        assert dict(items) == {7 * k: k for k in range(MANY)}
        assert {key for key, _ in items} == set(kernel_walk.numbers(m.fd))
        assert len(m) == len(set(m)) == MANY


@pytest.mark.parametrize("chunk", [0, 5, 2**20])
def test_a_million_entries_come_once(chunk: int) -> None:
    """None is lost at the border of a bucket, none comes twice."""
    with filled("HASH", VERY_MANY) as m:
        m._chunk = chunk
        total = n = 0
        seen = bytearray(7 * VERY_MANY)
        for key, value in m.items():
            assert key == 7 * value
            assert not seen[key]
            seen[key] = 1
            n, total = n + 1, total + value
        assert (n, total) == (VERY_MANY, VERY_MANY * (VERY_MANY - 1) // 2)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097])
@pytest.mark.parametrize("kind", ["HASH", "ARRAY"])
def test_maps_about_the_size_of_a_batch(kind: str, count: int) -> None:
    """The end of the map may fall anywhere in a batch."""
    with BpfMap.create(BpfMapType[kind], 4, 8, count) as raw:
        m = raw.typed(key=int, value=int)
        m.update((k, k + 1) for k in range(count))
        for chunk in (0, 1, count, count + 1):
            m._chunk = chunk
            assert dict(m.items()) == {k: k + 1 for k in range(count)}


# Adds and deletes odd keys at random; and replaces even ones if it is told so.
WRITER = """
    import random, sys, tinybpf
    with tinybpf.BpfMap.from_id(int(sys.argv[1])) as m:
        span = int(sys.argv[4])
        prefix, replaces = bytes.fromhex(sys.argv[2]), sys.argv[3] == "True"
        def key(number):
            return prefix + number.to_bytes(m.key_size - len(prefix), sys.byteorder)
        value = bytes(m.value_size)
        value = [value] * len(m[key(0)]) if m.is_percpu else value
        print("ready", flush=True)
        while True:
            number = random.randrange(1, span, 2)
            if random.random() < 0.5:
                m.update(key(number), value)
            else:
                m.delete(key(number))
            if replaces:
                m.update(key(number - 1), value)
"""


def check_walks(m: tinybpf.BpfMap, stable: set[Any]) -> None:
    """Walk often; each stable key must come once, each other at most once."""
    moved = set()
    for _ in range(scale.times(30, least=10)):
        seen = Counter(iter(m))
        twice = [key for key, n in seen.items() if n > 1]
        assert not twice
        assert stable <= seen.keys()
        moved.add(len(seen))
    assert len(moved) > 1, "the writer did nothing"


@pytest.mark.parametrize("chunk", [0, 1, 16])
@pytest.mark.parametrize("kind", ["HASH", "LRU_HASH", "PERCPU_HASH"])
def test_batches_beside_a_writer(kind: str, chunk: int) -> None:
    """Keys that stay, also while their values are replaced, come exactly once."""
    with BpfMap.create(BpfMapType[kind], 4, 8, 60_000) as raw:
        m = raw.typed(key=int)
        value = [bytes(8)] * possible_cpus() if m.is_percpu else bytes(8)
        m.update((key, value) for key in STABLE)
        m._chunk = chunk
        with child.started(WRITER, raw.id, "", True, SPAN):
            check_walks(m, set(STABLE))


def test_walk_key_by_key_beside_a_writer() -> None:
    """A trie is walked key by key, anew whenever its key is gone: none comes twice."""
    with BpfMap.create(BpfMapType.LPM_TRIE, 8, 8, 30_000) as trie:
        prefix = (32).to_bytes(4, sys.byteorder)
        stable = {prefix + key.to_bytes(4, sys.byteorder) for key in STABLE}
        trie.update((key, bytes(8)) for key in stable)
        with child.started(WRITER, trie.id, prefix.hex(), False, SPAN):
            check_walks(trie, stable)
