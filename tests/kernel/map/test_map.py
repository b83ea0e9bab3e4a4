# SPDX-License-Identifier: MIT
"""A map as a dictionary: reading, writing, deleting, flags, limits, closing."""

import errno
from typing import Any, Callable

import pytest

import tinybpf
from support.objects import Find, Load
from support.paths import NO_PIN


@pytest.fixture
def numbers(counts: tinybpf.BpfObject) -> tinybpf.BpfMap:
    """Return the empty hash u32 -> u64."""
    return counts.maps["counts"]


def test_set_and_get(numbers: tinybpf.BpfMap) -> None:
    """A value that was set is read back."""
    numbers[1234] = 5
    assert numbers[1234] == 5
    numbers[1234] = 6
    assert numbers[1234] == 6


def test_get_of_an_absent_key_is_a_key_error(numbers: tinybpf.BpfMap) -> None:
    """m[k] of an absent key is KeyError with the key."""
    with pytest.raises(KeyError) as caught:
        numbers[7]
    assert caught.value.args == (7,)


def test_arguments_by_name(numbers: tinybpf.BpfMap) -> None:
    """Methods take their arguments by position or by name, once each."""
    numbers[1] = 5
    assert numbers.lookup(key=1, flags=0) == numbers.lookup(1, flags=0) == 5
    assert numbers.get(default=7, key=2) == numbers.get(2, default=7) == 7
    assert numbers.delete(key=1)
    method: Any = numbers.lookup
    for args, kwargs, words in (
        ((), {}, r"takes from 1 to 2 arguments \(0 given\)"),
        ((), {"flags": 0}, "lacks the argument 'key'"),
        ((1,), {"key": 1}, "was given twice the argument 'key'"),
        ((1,), {"other": 1}, "has no argument 'other'"),
        ((1, 0), {"flags": 0}, r"takes from 1 to 2 arguments \(3 given\)"),
    ):
        with pytest.raises(TypeError, match=r"lookup\(\) " + words):
            method(*args, **kwargs)


def test_delete_item(numbers: tinybpf.BpfMap) -> None:
    """del m[k] removes the key; of an absent key it is KeyError with the key."""
    numbers[1] = 1
    del numbers[1]
    assert 1 not in numbers
    with pytest.raises(KeyError) as caught:
        del numbers[1]
    assert caught.value.args == (1,)


def test_membership(numbers: tinybpf.BpfMap) -> None:
    """`in` tells whether a key is there, also with a value of 0."""
    numbers[3] = 0
    assert 3 in numbers
    assert 4 not in numbers


def test_lookup_and_get(numbers: tinybpf.BpfMap) -> None:
    """lookup() gives None for an absent key, get() the default."""
    numbers[3] = 0
    assert numbers.lookup(3) == 0
    assert numbers.lookup(4) is None
    assert numbers.get(3) == 0
    assert numbers.get(4) is None
    assert numbers.get(4, "default") == "default"
    assert numbers.get(3, "default") == 0


def test_delete_tells_whether_the_key_was_there(numbers: tinybpf.BpfMap) -> None:
    """delete() returns True, then False."""
    numbers[3] = 0
    assert numbers.delete(3) is True
    assert numbers.delete(3) is False


def test_length_counts_the_entries(numbers: tinybpf.BpfMap) -> None:
    """len(m) is the number of entries now."""
    assert len(numbers) == 0
    for key in range(1000):
        numbers[key] = key
    assert len(numbers) == 1000
    del numbers[500]
    assert len(numbers) == 999


def test_empty_map_is_true(numbers: tinybpf.BpfMap) -> None:
    """bool(m) is True, also for an empty map, and asks the kernel nothing."""
    assert bool(numbers) is True


def test_update_noexist_refuses_a_key_that_is_there(numbers: tinybpf.BpfMap) -> None:
    """BPF_NOEXIST sets a new key only."""
    numbers.update(1, 10, flags=tinybpf.BPF_NOEXIST)
    with pytest.raises(tinybpf.BpfError, match="counts") as caught:
        numbers.update(1, 11, flags=tinybpf.BPF_NOEXIST)
    assert caught.value.errno == errno.EEXIST
    assert numbers[1] == 10


def test_update_exist_refuses_a_key_that_is_not_there(numbers: tinybpf.BpfMap) -> None:
    """BPF_EXIST sets an existing key only."""
    with pytest.raises(tinybpf.BpfError, match="counts") as caught:
        numbers.update(1, 11, tinybpf.BPF_EXIST)
    assert caught.value.errno == errno.ENOENT
    assert 1 not in numbers
    numbers[1] = 10
    numbers.update(1, 11, tinybpf.BPF_EXIST)
    assert numbers[1] == 11


def test_update_any_sets_in_both_cases(numbers: tinybpf.BpfMap) -> None:
    """BPF_ANY, the default, sets old and new keys; the arguments have names."""
    numbers.update(1, 10)
    numbers.update(key=1, value=11, flags=tinybpf.BPF_ANY)
    assert numbers[1] == 11


def test_update_with_unknown_flags_is_refused(numbers: tinybpf.BpfMap) -> None:
    """Flags that the kernel does not know are its EINVAL."""
    with pytest.raises(tinybpf.BpfError) as caught:
        numbers.update(1, 1, 1 << 40)
    assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize("flags", [-1, 1 << 64])
def test_update_with_flags_out_of_range_is_an_error(
    numbers: tinybpf.BpfMap, flags: int
) -> None:
    """Flags are 64 unsigned bits; others are not cut down to flags that work."""
    with pytest.raises((ValueError, OverflowError, tinybpf.BpfError)):
        numbers.update(1, 1, flags)


def test_full_map_is_e2big(counts: tinybpf.BpfObject) -> None:
    """One entry too many is BpfError with E2BIG; the entries are unharmed."""
    tiny = counts.maps["tiny"]
    for key in range(4):
        tiny[key] = key
    with pytest.raises(tinybpf.BpfError, match="tiny") as caught:
        tiny[4] = 4
    assert caught.value.errno == errno.E2BIG
    assert dict(tiny.items()) == {key: key for key in range(4)}
    del tiny[0]
    tiny[4] = 4


def test_array_has_all_its_indices(counts: tinybpf.BpfObject) -> None:
    """An array holds every index from the start, with value 0."""
    table = counts.maps["table"]
    assert len(table) == 8
    assert list(table) == list(range(8))
    table[7] = -5
    assert table[7] == -5
    assert 8 not in table
    assert table.lookup(8) is None
    with pytest.raises(KeyError):
        table[8]


def test_array_index_out_of_bounds_cannot_be_set(counts: tinybpf.BpfObject) -> None:
    """Setting an index beyond the array is the kernel's E2BIG."""
    with pytest.raises(tinybpf.BpfError) as caught:
        counts.maps["table"][8] = 1
    assert caught.value.errno == errno.E2BIG


def test_array_entry_cannot_be_deleted(counts: tinybpf.BpfObject) -> None:
    """Deleting from an array is BpfError with EINVAL in either way to write it."""
    table = counts.maps["table"]
    with pytest.raises(tinybpf.BpfError) as caught:
        table.delete(1)
    assert caught.value.errno == errno.EINVAL
    with pytest.raises(tinybpf.BpfError):
        del table[1]


def test_array_entry_cannot_be_new(counts: tinybpf.BpfObject) -> None:
    """BPF_NOEXIST on an array is the kernel's EEXIST."""
    with pytest.raises(tinybpf.BpfError) as caught:
        counts.maps["table"].update(1, 1, tinybpf.BPF_NOEXIST)
    assert caught.value.errno == errno.EEXIST


USES: dict[str, Callable[[Any], Any]] = {
    "get": lambda m: m[1],
    "set": lambda m: m.__setitem__(1, 1),
    "del": lambda m: m.__delitem__(1),
    "in": lambda m: 1 in m,
    "lookup": lambda m: m.lookup(1),
    "get default": lambda m: m.get(1, 2),
    "update": lambda m: m.update(1, 1),
    "update many": lambda m: m.update({1: 1}),
    "setdefault": lambda m: m.setdefault(1, 1),
    "delete": lambda m: m.delete(1),
    "pop": lambda m: m.pop(1, None),
    "popitem": lambda m: m.popitem(),
    "clear": lambda m: m.clear(),
    "len": len,
    "iter": list,
    "keys": lambda m: list(m.keys()),
    "values": lambda m: list(m.values()),
    "items": lambda m: list(m.items()),
    "fd": lambda m: m.fd,
    "pin": lambda m: m.pin(NO_PIN),
    "unpin": lambda m: m.unpin(NO_PIN),
    "enter": lambda m: m.__enter__(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_of_a_map_of_a_closed_object_is_a_closed_error(
    bpf: Find, use: Callable[[Any], Any]
) -> None:
    """Whatever would ask the kernel says that the handle is closed."""
    obj = tinybpf.load(bpf("counts"))
    numbers = obj.maps["counts"]
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        use(numbers)


def test_closed_map_still_tells_what_it_was(bpf: Find) -> None:
    """Name and repr need no kernel; the repr says that the map is closed."""
    obj = tinybpf.load(bpf("counts"))
    numbers = obj.maps["counts"]
    open_repr = repr(numbers)
    obj.close()
    assert numbers.name == "counts"
    assert "closed" not in open_repr
    assert "closed" in repr(numbers)
    assert bool(numbers) is True


def test_two_maps_of_one_object_are_independent(counts: tinybpf.BpfObject) -> None:
    """A key set in one map is not in another."""
    counts.maps["counts"][1] = 1
    assert 1 not in counts.maps["tiny"]


def test_map_is_hashable_by_identity(load: Load) -> None:
    """A map can be a dictionary key, and equals itself only."""
    obj = load("counts")
    one, two = obj.maps["counts"], obj.maps["tiny"]
    assert {one: 1, two: 2}[one] == 1
    assert one == obj.maps["counts"]
    assert one != two
