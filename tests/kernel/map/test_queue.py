# SPDX-License-Identifier: MIT
"""Queues, stacks and Bloom filters: maps that are no mappings."""

import errno
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Load
from tinybpf import BpfMap, BpfMapType

ORDER = {"queue": [1, 2, 3], "stack": [3, 2, 1]}


def octets(*numbers: int) -> list[bytes]:
    """Return numbers as values of eight bytes."""
    return [number.to_bytes(8, "little") for number in numbers]


@pytest.mark.parametrize("name", ORDER)
def test_values_come_out_in_order(load: Load, name: str) -> None:
    """A queue gives the oldest value first, a stack the youngest."""
    found = load("kinds").maps[name]
    for value in octets(1, 2, 3):
        found.push(value)
    expected = octets(*ORDER[name])
    assert found.peek() == expected[0]
    assert [found.pop() for _ in range(3)] == expected
    assert found.peek() is None


@pytest.mark.parametrize("name", ORDER)
def test_pop_of_an_empty_one(load: Load, name: str) -> None:
    """Without a default it is IndexError, as of Python's own queues."""
    found = load("kinds").maps[name]
    with pytest.raises(IndexError, match=name):
        found.pop()
    assert found.pop(None) is None
    assert found.pop("default") == "default"


def test_values_have_the_type_of_the_source(load: Load) -> None:
    """libbpf forgets the type of a queue's values; the source's BTF has it."""
    numbers = load("nested").maps["numbers"]
    for n in (-1, 2**62):
        numbers.push(n)
    assert (numbers.peek(), numbers.pop(), numbers.pop()) == (-1, -1, 2**62)
    with pytest.raises(ValueError, match="out of range"):
        numbers.push(2**63)


def test_full_queue(load: Load) -> None:
    """A full queue refuses, or drops its oldest value with BPF_EXIST."""
    numbers = load("nested").maps["numbers"]
    for n in range(4):
        numbers.push(n)
    with pytest.raises(tinybpf.BpfError, match="full, max_entries=4") as caught:
        numbers.push(4)
    assert caught.value.errno == errno.E2BIG
    numbers.push(4, flags=tinybpf.BPF_EXIST)
    assert [numbers.pop() for _ in range(4)] == [1, 2, 3, 4]


@kernel("5.16", "Bloom filter")
def test_bloom_filter_knows_what_was_pushed() -> None:
    """What was pushed is in it; of the rest, nearly nothing."""
    with BpfMap.create(BpfMapType.BLOOM_FILTER, value_size=8, max_entries=100) as bloom:
        there, others = octets(*range(50)), octets(*range(1000, 2000))
        for value in there:
            bloom.push(value)
        assert all(value in bloom for value in there)
        assert sum(value in bloom for value in others) < 300
        for method in (bloom.peek, bloom.pop):
            with pytest.raises((tinybpf.BpfError, TypeError)):
                method()


@pytest.mark.parametrize("use", ["push", "peek"])
def test_mapping_is_no_queue(load: Load, use: str) -> None:
    """Maps with keys refuse, and say what the method is for."""
    found: Any = load("kinds").maps["hash"]
    args = (1,) if use == "push" else ()
    with pytest.raises(tinybpf.BpfError, match=f"{use}.*queues and stacks.*hash"):
        getattr(found, use)(*args)


INSTEAD = {
    "queue": "push.*pop.*peek",
    "stack": "push.*pop.*peek",
    "ring": "BpfRingBuffer",
}


@pytest.mark.parametrize("name", INSTEAD)
def test_map_without_keys_says_what_to_use(load: Load, name: str) -> None:
    """Access by key and walks are refused with the methods that suit."""
    found: Any = load("kinds").maps[name]
    match = f"'{name}'.*no keys; use {INSTEAD[name]}"
    uses = (
        lambda: found[0],
        lambda: found.update({1: 1}),
        lambda: found.get(0),
        lambda: found.delete(0),
        lambda: 0 in found,
        lambda: list(found),
        found.items,
        lambda: len(found),
        found.clear,
        found.popitem,
    )
    for use in uses:
        with pytest.raises(tinybpf.BpfError, match=match):
            use()


def test_closed_queue_is_a_closed_error(load: Load) -> None:
    """After close() all is BpfClosedError."""
    obj = load("kinds")
    queue = obj.maps["queue"]
    obj.close()
    for use in (lambda: queue.push(bytes(8)), queue.peek, queue.pop):
        with pytest.raises(tinybpf.BpfClosedError):
            use()
