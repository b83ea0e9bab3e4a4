# SPDX-License-Identifier: MIT
"""A map as a mutable mapping: dict's methods, with dict's meaning."""

import collections
import collections.abc
import errno
from typing import Any, Callable

import pytest

import tinybpf
from support.objects import Find, Load, possible_cpus

MANY = 100_000
HASHES = ["hash", "lru", "percpu_hash", "lru_percpu"]


@pytest.fixture
def numbers(counts: tinybpf.BpfObject) -> tinybpf.BpfMap:
    """Return the empty hash u32 -> u64 of 1024 entries."""
    return counts.maps["counts"]


def test_map_is_a_mutable_mapping(numbers: tinybpf.BpfMap) -> None:
    """isinstance() says so, and every method of MutableMapping is there."""
    assert isinstance(numbers, collections.abc.MutableMapping)
    assert isinstance(numbers, collections.abc.Mapping)
    names = {name for name in dir(collections.abc.MutableMapping) if name[0] != "_"}
    assert names <= set(dir(numbers))


def test_map_equals_itself_only(load: Load) -> None:
    """Two maps with the same entries are two maps, unlike dictionaries."""
    found = load("kinds").maps
    found["hash"][1] = found["lru"][1] = 1
    assert found["hash"] == found["hash"]
    assert found["hash"] != found["lru"]
    assert found["hash"] != {1: 1}


def test_class_can_be_subscripted() -> None:
    """BpfMap[K, V] is a type for annotations."""
    alias: Any = tinybpf.BpfMap[int, int]
    assert alias.__origin__ is tinybpf.BpfMap
    assert alias.__args__ == (int, int)


def test_pop_takes_the_entry_out(numbers: tinybpf.BpfMap) -> None:
    """pop() returns the value and removes the key."""
    numbers.update({1: 10, 2: 20})
    assert numbers.pop(1) == 10
    assert dict(numbers) == {2: 20}


def test_pop_of_an_absent_key(numbers: tinybpf.BpfMap) -> None:
    """Without a default it is KeyError with the key, with one it is the default."""
    with pytest.raises(KeyError) as caught:
        numbers.pop(7)
    assert caught.value.args == (7,)
    assert numbers.pop(7, None) is None
    assert numbers.pop(7, "default") == "default"


def test_pop_of_an_array_is_refused(counts: tinybpf.BpfObject) -> None:
    """An array's entries cannot be deleted; the entry is unharmed."""
    table = counts.maps["table"]
    table[1] = 5
    with pytest.raises(tinybpf.BpfError, match="table") as caught:
        table.pop(1)
    assert caught.value.errno == errno.EINVAL
    assert table[1] == 5


def test_pop_of_a_trie_takes_that_prefix_only(load: Load) -> None:
    """A lookup matches shorter prefixes; pop() takes none of them out."""
    trie = load("kinds").maps["lpm"]
    net, host = b"\x08\0\0\0\x0a\0\0\0", b"\x20\0\0\0\x0a\x01\x02\x03"
    trie[net] = 8
    assert trie.pop(host, None) is None
    assert dict(trie) == {net: 8}
    assert trie.pop(net) == 8
    assert len(trie) == 0


def test_popitem_takes_each_entry_once(numbers: tinybpf.BpfMap) -> None:
    """popitem() empties the map pair by pair, then it is KeyError."""
    expected = {key: key * key for key in range(50)}
    numbers.update(expected)
    assert dict(numbers.popitem() for _ in range(50)) == expected
    with pytest.raises(KeyError, match="counts"):
        numbers.popitem()


@pytest.mark.parametrize("name", HASHES)
def test_every_hash_is_popped_and_cleared(load: Load, name: str) -> None:
    """Plain, LRU and per-CPU hashes behave alike."""
    found = load("kinds").maps[name]
    value = [7] * possible_cpus() if found.is_percpu else 7
    found.update(dict.fromkeys(range(8), value))
    assert found.pop(3) == value
    key, popped = found.popitem()
    assert key != 3
    assert popped == value
    assert len(found) == 6
    found.clear()
    assert len(found) == 0


def test_clear_empties_a_large_map(load: Load) -> None:
    """clear() removes all of 100,000 entries; an empty map may be cleared too."""
    big = load("big").maps["big"]
    big.update({key: key for key in range(MANY)})
    big.clear()
    assert len(big) == 0
    big.clear()
    big[1] = 1
    assert dict(big) == {1: 1}


def test_clear_empties_a_trie(load: Load) -> None:
    """A map without batches is cleared key by key."""
    trie = load("kinds").maps["lpm"]
    trie.update((bytes([24, 0, 0, 0, 10, 0, n, 0]), n) for n in range(200))
    assert len(trie) == 200
    trie.clear()
    assert len(trie) == 0


def test_clear_of_an_array_is_refused(counts: tinybpf.BpfObject) -> None:
    """An array has all its indices always."""
    with pytest.raises(tinybpf.BpfError, match="table") as caught:
        counts.maps["table"].clear()
    assert caught.value.errno == errno.EINVAL


def test_setdefault(numbers: tinybpf.BpfMap) -> None:
    """setdefault() sets an absent key only, and returns what m[k] is then."""
    assert numbers.setdefault(1, 10) == 10
    assert numbers.setdefault(1, 11) == 10
    assert numbers.setdefault(2, bytes(8)) == 0
    assert dict(numbers) == {1: 10, 2: 0}


def test_setdefault_without_a_default(counts: tinybpf.BpfObject) -> None:
    """The default's default is None, as for a dict: fine if the key is there."""
    counts.maps["counts"][1] = 5
    assert counts.maps["counts"].setdefault(1) == 5
    with pytest.raises(TypeError, match="Cannot convert"):
        counts.maps["counts"].setdefault(2)
    assert counts.maps["table"].setdefault(7, 3) == 0
    with pytest.raises(tinybpf.BpfError, match="index"):
        counts.maps["table"].setdefault(8, 3)


class Keyed:
    """Just what update() wants of a mapping: keys() and []."""

    def keys(self) -> "list[int]":
        return [1, 2]

    def __getitem__(self, key: int) -> int:
        return key * 10


SOURCES: dict[str, Callable[[], Any]] = {
    "dict": lambda: {1: 10, 2: 20},
    "dict subclass": lambda: collections.OrderedDict([(1, 10), (2, 20)]),
    "mapping": lambda: collections.ChainMap({1: 10}, {2: 20}),
    "object with keys": Keyed,
    "list of tuples": lambda: [(1, 10), (2, 20)],
    "list of lists": lambda: [[1, 10], [2, 20]],
    "generator": lambda: ((key, key * 10) for key in (1, 2)),
    "items": {1: 10, 2: 20}.items,
    "bytes": lambda: {b"\1\0\0\0": b"\x0a" + bytes(7), 2: 20},
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_update_takes_what_a_dict_takes(
    numbers: tinybpf.BpfMap, source: Callable[[], Any]
) -> None:
    """Mappings, objects with keys(), and iterables of pairs; old entries are replaced."""
    numbers[1] = 99
    numbers[3] = 30
    numbers.update(source())
    assert dict(numbers) == {1: 10, 2: 20, 3: 30}


def test_update_takes_another_map(load: Load) -> None:
    """A map is a mapping like any other, also for itself."""
    found = load("kinds").maps
    found["hash"].update({1: 10, 2: 20})
    found["lru"].update(found["hash"])
    found["lru"].update(found["lru"])
    assert dict(found["lru"]) == {1: 10, 2: 20}


def test_update_of_many_entries(load: Load) -> None:
    """100,000 entries arrive, each with its value."""
    big = load("big").maps["big"]
    expected = {key * 3: key for key in range(MANY)}
    big.update(expected)
    assert dict(big) == expected


def test_update_with_nothing_changes_nothing(numbers: tinybpf.BpfMap) -> None:
    """An empty mapping and an empty iterable are fine."""
    numbers.update({})
    numbers.update([])
    assert len(numbers) == 0


def test_update_of_an_array(counts: tinybpf.BpfObject) -> None:
    """An array takes many at once; a wrong index is named as for one."""
    table = counts.maps["table"]
    table.update(enumerate(range(0, -8, -1)))
    assert list(table.values()) == list(range(0, -8, -1))
    with pytest.raises(tinybpf.BpfError, match="index is not below max_entries=8"):
        table.update({7: 1, 8: 1})
    assert table[7] == 1


def test_update_flags_hold_for_each_entry(numbers: tinybpf.BpfMap) -> None:
    """BPF_NOEXIST refuses an entry that is there; those before it are set."""
    numbers.update({1: 1}, flags=tinybpf.BPF_NOEXIST)
    with pytest.raises(tinybpf.BpfError) as caught:
        numbers.update([(0, 7), (1, 7), (2, 7)], flags=tinybpf.BPF_NOEXIST)
    assert caught.value.errno == errno.EEXIST
    assert dict(numbers) == {0: 7, 1: 1}
    numbers.update({0: 8, 1: 8}, flags=tinybpf.BPF_EXIST)
    assert dict(numbers) == {0: 8, 1: 8}


def test_update_beyond_the_room_is_e2big(numbers: tinybpf.BpfMap) -> None:
    """A map that fills up says so; what found room is in it."""
    with pytest.raises(tinybpf.BpfError, match="full, max_entries=1024") as caught:
        numbers.update((key, key) for key in range(5000))
    assert caught.value.errno == errno.E2BIG
    assert dict(numbers) == {key: key for key in range(1024)}


def test_update_stops_at_what_cannot_be_converted(numbers: tinybpf.BpfMap) -> None:
    """The entries before a wrong one are set, as by a loop."""
    with pytest.raises(TypeError, match="Cannot convert"):
        numbers.update([(1, 1), (2, 2), ("three", 3), (4, 4)])
    assert dict(numbers) == {1: 1, 2: 2}


def test_update_hands_on_what_the_iterable_raises(numbers: tinybpf.BpfMap) -> None:
    """An exception of a generator comes through; what it gave before is set."""

    def pairs() -> Any:
        yield 1, 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        numbers.update(pairs())
    assert dict(numbers) == {1: 1}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(5, TypeError), ([1], TypeError), ([(1, 2, 3)], ValueError), (["ab"], TypeError)],
)
def test_update_refuses_other_things(
    numbers: tinybpf.BpfMap, wrong: Any, error: type[Exception]
) -> None:
    """What is neither a mapping nor pairs is refused by type."""
    with pytest.raises(error):
        numbers.update(wrong)
    assert len(numbers) == 0


def test_update_wants_its_arguments(numbers: tinybpf.BpfMap) -> None:
    """No argument, or a value without a key, is TypeError."""
    untyped: Any = numbers
    for kwargs in ({}, {"value": 1}, {"key": 1}, {"key": 1, "other": 1}):
        with pytest.raises(TypeError):
            untyped.update(**kwargs)


def test_update_of_a_map_that_closes_under_way(bpf: Find) -> None:
    """Closing in the middle of an update is BpfClosedError."""
    obj = tinybpf.load(bpf("counts"))
    numbers = obj.maps["counts"]

    def pairs() -> Any:
        yield 1, 1
        obj.close()
        yield 2, 2

    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        numbers.update(pairs())
