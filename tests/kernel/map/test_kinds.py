# SPDX-License-Identifier: MIT
"""Maps of every common kind: what they say of themselves, and that misuse is refused."""

from typing import Any, Callable

import pytest

import tinybpf
from support.objects import Load, fdinfo

# name: (type, key size, value size, entries)
KINDS = {
    "hash": ("HASH", 4, 8, 16),
    "array": ("ARRAY", 4, 8, 16),
    "lru": ("LRU_HASH", 4, 8, 64),
    "percpu_hash": ("PERCPU_HASH", 4, 8, 16),
    "percpu_array": ("PERCPU_ARRAY", 4, 8, 16),
    "lru_percpu": ("LRU_PERCPU_HASH", 4, 8, 64),
    "lpm": ("LPM_TRIE", 8, 8, 512),
    "queue": ("QUEUE", 0, 8, 16),
    "stack": ("STACK", 0, 8, 16),
    "ring": ("RINGBUF", 0, 0, 4096),
    "sizes": ("HASH", 4, 6, 16),
}


@pytest.mark.parametrize("name", KINDS)
def test_map_tells_what_it_is(load: Load, name: str) -> None:
    """Name, kind and sizes are those of the C source."""
    found = load("kinds").maps[name]
    kind, key_size, value_size, max_entries = KINDS[name]
    assert found.name == name
    assert found.type is tinybpf.BpfMapType[kind]
    assert (found.key_size, found.value_size) == (key_size, value_size)
    assert found.max_entries == max_entries


@pytest.mark.parametrize("name", KINDS)
def test_map_fd_is_that_map(load: Load, name: str) -> None:
    """The descriptor is the kernel's, of a map of that kind."""
    found = load("kinds").maps[name]
    assert int(fdinfo(found.fd)["map_type"]) == found.type
    assert int(fdinfo(found.fd)["max_entries"]) == found.max_entries


def test_perf_array_has_an_entry_for_each_cpu(load: Load) -> None:
    """The size that libbpf gives a perf event array is reported, not the source's 0."""
    perf = load("kinds").maps["perf"]
    assert perf.type is tinybpf.BpfMapType.PERF_EVENT_ARRAY
    assert perf.max_entries == int(fdinfo(perf.fd)["max_entries"]) > 0


def test_repr_tells_kind_types_and_size(load: Load) -> None:
    """The repr of a map names it, its kind and its room."""
    found = load("kinds").maps["hash"]
    text = repr(found)
    assert text.startswith("<BpfMap 'hash' HASH")
    assert "max_entries=16" in text
    assert f"fd={found.fd}" in text


@pytest.mark.parametrize("name", ["hash", "lru"])
def test_hash_kinds_are_dictionaries(load: Load, name: str) -> None:
    """Plain and LRU hashes behave alike."""
    found = load("kinds").maps[name]
    found[1] = 10
    found[2] = 20
    assert dict(found.items()) == {1: 10, 2: 20}
    del found[1]
    assert list(found) == [2]


def test_lru_makes_room_by_itself(load: Load) -> None:
    """An LRU hash takes more keys than it holds and keeps at most its size."""
    found = load("kinds").maps["lru"]
    for key in range(1000):
        found[key] = key
    assert 0 < len(found) <= 64
    assert all(key == value for key, value in found.items())


def test_lpm_trie_finds_the_longest_prefix(load: Load) -> None:
    """A longest prefix match trie takes bytes as keys and matches addresses."""
    trie = load("kinds").maps["lpm"]
    net, host = b"\x08\0\0\0\x0a\0\0\0", b"\x20\0\0\0\x0a\x01\x02\x03"
    trie[net] = 8
    trie[host] = 32
    assert trie[host] == 32
    assert trie[b"\x20\0\0\0\x0a\x09\x09\x09"] == 8
    assert trie.lookup(b"\x20\0\0\0\x0b\0\0\0") is None


def _fill(trie: tinybpf.BpfMap, count: int) -> dict[bytes, int]:
    """Put as many prefixes of 24 bits into a trie; return what is in it."""
    prefixes = {bytes([24, 0, 0, 0, 10, n // 256, n % 256, 0]): n for n in range(count)}
    for prefix, n in prefixes.items():
        trie[prefix] = n
    return prefixes


def test_lpm_trie_is_walked_whole(load: Load) -> None:
    """A trie, which the kernel walks key by key, gives each prefix once."""
    trie = load("kinds").maps["lpm"]
    prefixes = _fill(trie, 500)
    assert dict(trie.items()) == prefixes
    assert len(trie) == len(list(trie)) == 500


def test_lpm_trie_is_walked_under_deletion(load: Load) -> None:
    """Where keys go while they are walked, those that stay come once, the others at most."""
    trie = load("kinds").maps["lpm"]
    prefixes = _fill(trie, 500)
    seen = []
    for prefix in trie:
        seen.append(prefix)
        if len(seen) % 2 == 0:
            del trie[prefix]
    assert len(seen) == len(set(seen))
    assert set(trie) <= set(seen) == set(prefixes)
    assert len(trie) == 250


def test_map_without_types_takes_bytes(load: Load) -> None:
    """Where the source gives sizes only, keys and values are bytes of those sizes."""
    sizes = load("kinds").maps["sizes"]
    sizes[b"key1"] = b"value1"
    assert sizes[b"key1"] == b"value1"
    assert list(sizes.items()) == [(b"key1", b"value1")]
    with pytest.raises(KeyError) as caught:
        sizes[b"key2"]
    assert caught.value.args == (b"key2",)


@pytest.mark.parametrize("wrong", [1, 1.5, "key1", None, (1, 2)])
def test_map_without_types_takes_nothing_but_bytes(load: Load, wrong: Any) -> None:
    """Without types a number cannot become a key or a value."""
    sizes = load("kinds").maps["sizes"]
    with pytest.raises(TypeError, match="Cannot convert"):
        sizes[wrong]
    with pytest.raises(TypeError, match="Cannot convert"):
        sizes[b"key1"] = wrong


USES: dict[str, Callable[[Any], Any]] = {
    "get": lambda m: m[0],
    "set": lambda m: m.__setitem__(0, 0),
    "lookup": lambda m: m.lookup(0),
    "delete": lambda m: m.delete(0),
    "iter": list,
    "items": lambda m: list(m.items()),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
@pytest.mark.parametrize("name", ["ring", "queue", "stack"])
def test_map_that_has_no_keys_is_no_dictionary(
    load: Load, name: str, use: Callable[[Any], Any]
) -> None:
    """Rings, queues and stacks refuse to be used by key, and name themselves."""
    found = load("kinds").maps[name]
    with pytest.raises((tinybpf.BpfError, ValueError, TypeError)):
        use(found)


@pytest.mark.parametrize("name", ["percpu_hash", "percpu_array", "lru_percpu"])
def test_percpu_map_keeps_the_memory_of_others_whole(load: Load, name: str) -> None:
    """A per-CPU value is larger than value_size: a read gives a number per CPU or fails."""
    found = load("kinds").maps[name]
    try:
        value = found.lookup(0)
    except tinybpf.BpfError:
        return
    assert value is None or (isinstance(value, list) and all(v == 0 for v in value))
