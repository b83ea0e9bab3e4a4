# SPDX-License-Identifier: MIT
"""Walking a map: views, large maps, and changes under way."""

import collections.abc
import ctypes
import gc
import sys
from typing import Any

import pytest

import tinybpf
from support import child
from support.objects import Find, Load

MANY = 100_000


@pytest.fixture
def numbers(counts: tinybpf.BpfObject) -> tinybpf.BpfMap:
    """Return a hash u32 -> u64 with the squares of 0 ... 99."""
    squares = counts.maps["counts"]
    for key in range(100):
        squares[key] = key * key
    return squares


SQUARES = {key: key * key for key in range(100)}


def test_iteration_gives_each_key_once(numbers: tinybpf.BpfMap) -> None:
    """Iterating over a map walks its keys."""
    assert sorted(numbers) == list(range(100))
    assert len(list(numbers)) == 100


def test_views_are_keys_values_and_pairs(numbers: tinybpf.BpfMap) -> None:
    """keys(), values() and items() walk in the same order."""
    keys, values = list(numbers.keys()), list(numbers.values())
    assert dict(zip(keys, values)) == SQUARES
    assert list(numbers.items()) == list(zip(keys, values))
    assert dict(numbers.items()) == SQUARES


def test_dict_of_a_map_copies_it(numbers: tinybpf.BpfMap) -> None:
    """dict(m) takes a map as a mapping."""
    assert dict(numbers) == SQUARES


def test_large_map_is_walked_whole(load: Load) -> None:
    """dict(m.items()) of 100,000 entries equals what was put in."""
    big = load("big").maps["big"]
    expected = {key * 3: key for key in range(MANY)}
    for key, value in expected.items():
        big[key] = value
    assert dict(big.items()) == expected
    assert len(big) == MANY
    assert len(list(big)) == MANY


def test_array_is_walked_in_order(load: Load) -> None:
    """An array's items come by index, all of them."""
    wide = load("big").maps["wide"]
    for index in range(4096):
        wide[index] = -index
    assert list(wide.items()) == [(index, -index) for index in range(4096)]
    assert len(wide) == 4096


def test_empty_map_has_nothing_to_walk(counts: tinybpf.BpfObject) -> None:
    """Iterating over an empty map ends at once."""
    empty = counts.maps["counts"]
    assert list(empty) == list(empty.values()) == list(empty.items()) == []
    with pytest.raises(StopIteration):
        next(empty.keys())


def test_view_is_live_and_walks_again(counts: tinybpf.BpfObject) -> None:
    """A view shows the map as it is at each walk."""
    m = counts.maps["counts"]
    keys = m.keys()
    assert list(keys) == []
    m[1] = 1
    assert list(keys) == [1]
    assert list(keys) == [1]
    m[2] = 2
    assert sorted(keys) == [1, 2]


def test_view_answers_next(numbers: tinybpf.BpfMap) -> None:
    """next() walks a view, and ends with StopIteration."""
    items = numbers.items()
    found = dict(next(items) for _ in range(100))
    assert found == SQUARES
    with pytest.raises(StopIteration):
        next(items)


def test_two_walks_of_one_view_are_independent(numbers: tinybpf.BpfMap) -> None:
    """Each iter() of a view starts anew."""
    keys = numbers.keys()
    one, two = iter(keys), iter(keys)
    assert [next(one) for _ in range(50)] == [next(two) for _ in range(50)]
    assert sorted(list(one) + list(keys)[:50]) == list(range(100))


def test_view_has_length_and_membership(numbers: tinybpf.BpfMap) -> None:
    """len() and `in` work on views, by key, value and pair."""
    assert len(numbers.keys()) == len(numbers.values()) == len(numbers.items()) == 100
    assert 99 in numbers
    assert 100 not in numbers
    assert 81 in numbers.values()
    assert 82 not in numbers.values()
    assert (9, 81) in numbers.items()
    assert (9, 82) not in numbers.items()
    assert 9 not in numbers.items()
    assert isinstance(numbers.keys(), collections.abc.Iterable)


def test_view_repr_names_the_map(numbers: tinybpf.BpfMap) -> None:
    """The repr of a view tells whose it is."""
    assert "counts" in repr(numbers.keys())


def test_deleting_while_walking_empties_the_map(load: Load) -> None:
    """Deleting each key as it comes meets every key once and leaves nothing."""
    m = load("big").maps["big"]
    for key in range(20_000):
        m[key] = key
    seen = []
    for key in m:
        del m[key]
        seen.append(key)
    assert sorted(seen) == list(range(20_000))
    assert len(m) == 0


def test_deleting_others_while_walking_repeats_nothing(numbers: tinybpf.BpfMap) -> None:
    """What stays is met exactly once, what goes at most once."""
    seen = []
    for key in numbers:
        seen.append(key)
        numbers.delete((key + 1) % 100 if key % 2 == 0 else key)
    assert len(seen) == len(set(seen))
    assert set(numbers) <= set(seen)


def test_inserting_while_walking_ends(counts: tinybpf.BpfObject) -> None:
    """A walk under which the map grows ends, and meets all that was there before."""
    m = counts.maps["counts"]
    for key in range(100):
        m[key] = 0
    seen = []
    for key in m:
        seen.append(key)
        if len(m) < 1000:
            m[1000 + key] = 0
    assert set(range(100)) <= set(seen)
    assert len(seen) == len(set(seen))


def test_changing_values_while_walking_is_fine(numbers: tinybpf.BpfMap) -> None:
    """Setting the values of keys that exist does not disturb the walk."""
    seen = []
    for key, value in numbers.items():
        numbers[key] = value + 1
        seen.append(key)
    assert sorted(seen) == list(range(100))
    assert dict(numbers.items()) == {key: value + 1 for key, value in SQUARES.items()}


def test_walk_of_a_map_that_closes_is_a_closed_error(bpf: Find) -> None:
    """Closing the object in the middle of a walk ends it with BpfClosedError."""
    obj = tinybpf.load(bpf("big"))
    m = obj.maps["big"]
    for key in range(1000):
        m[key] = key
    walk = iter(m.items())
    next(walk)
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        for _ in walk:
            pass


def test_exhausted_walk_stays_exhausted(numbers: tinybpf.BpfMap) -> None:
    """An iterator that ended does not start again."""
    walk = iter(numbers)
    list(walk)
    numbers[5000] = 1
    assert list(walk) == []


def test_view_keeps_its_map(bpf: Find) -> None:
    """A walk under way keeps map and object."""
    obj = tinybpf.load(bpf("counts"))
    obj.maps["counts"][1] = 1
    walk: Any = iter(obj.maps["counts"].items())
    del obj
    gc.collect()
    assert next(walk) == (1, 1)
    with pytest.warns(ResourceWarning):
        del walk
        gc.collect()


def test_walk_holds_few_large_values(bpf: Find) -> None:
    """64 values of 1 MiB are not fetched at once: memory grows by some of them."""
    said = child.output(
        """
        import tinybpf
        def peak():
            lines = open("/proc/self/status").read().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        with tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 1 << 20, 64) as m:
            value = m[0]
            before = peak()
            print(sum(len(value) for value in m.values()) >> 20, peak() - before < 16 << 10)
        """
    )
    assert said.split() == ["64", "True"]


# Four threads on one iterator, which alone holds its map: to the end, again and again.
SHARED = """
import sys, threading, time
import tinybpf
sys.setswitchinterval(1e-6)
table = tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 4, 8, 256)
table.update({i.to_bytes(4, "little"): bytes(8) for i in range(200)})
def walk(it, barrier, seen):
    barrier.wait()
    while True:
        try:
            seen.append(next(it))
        except StopIteration:
            return
        except RuntimeError as error:
            assert "used by another thread" in str(error), error
end = time.monotonic() + 3
while time.monotonic() < end:
    other = tinybpf.BpfMap.from_fd(table.fd)
    args = [iter(other), threading.Barrier(4), []]
    del other
    threads = [threading.Thread(target=walk, args=args) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(args[2]) == sorted(table), "each key once"
table.close()
print("alive")
"""


def test_iterator_shared_by_threads_gives_each_key_once() -> None:
    """Each entry goes to one thread, and the map lives until the last of them is out."""
    done = child.run(SHARED, flags=("-W", "ignore::ResourceWarning"))
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_iterator_asked_in_the_middle_of_its_own_next_refuses(load: Load) -> None:
    """A class of ctypes whose instances ask for the next one while they are made."""

    class Greedy(ctypes.Structure):
        _fields_ = [("n", ctypes.c_uint64)]

        @classmethod
        def from_buffer_copy(cls, data: Any, offset: int = 0) -> "Greedy":
            with pytest.raises(RuntimeError, match="in the middle of its own next"):
                next(walk)
            return cls(int.from_bytes(data, sys.byteorder))

    counts = load("counts").maps["counts"]
    counts.update({1: 10, 2: 20})
    walk = iter(counts.typed(value=Greedy).items())
    assert sorted((key, value.n) for key, value in walk) == [(1, 10), (2, 20)]
