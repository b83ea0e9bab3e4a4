# SPDX-License-Identifier: MIT
"""Maps in maps: set as BpfMap, made to fit, read back by id."""

from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support.objects import Load
from tinybpf import BpfMap, BpfMapType

PACKET = bytes(64)
XDP_PASS, XDP_TX = 2, 3


@pytest.fixture
def outer(load: Load) -> tinybpf.BpfMap:
    """Return an array of four maps, all empty places."""
    return load("nested").maps["outer"]


@pytest.fixture
def table(outer: BpfMap) -> Iterator[BpfMap]:
    """Return a map that fits into outer."""
    with outer.create_inner() as inner:
        yield inner


def test_inner_map_is_made_as_the_source_says(outer: BpfMap, table: BpfMap) -> None:
    """create_inner() knows kind, sizes and types from the C source."""
    assert (table.type, table.max_entries) == (BpfMapType.ARRAY, 8)
    assert table.is_standalone
    table[1] = 2**40
    assert table[1] == 2**40


def test_inner_map_of_a_hash_has_its_types(load: Load) -> None:
    """The outer keys, and the inner keys and values, are numbers as in the source."""
    by_key = load("nested").maps["by_key"]
    with by_key.create_inner(max_entries=3, name="three") as inner:
        assert (inner.name, inner.max_entries) == ("three", 3)
        inner[7] = -5
        by_key[2**40] = inner
    assert list(by_key) == [2**40]
    assert dict(by_key[2**40]) == {7: -5}


def test_program_and_user_see_one_map(load: Load) -> None:
    """What the program counts in the inner map, the BpfMap that was set shows."""
    obj = load("nested")
    count, outer = obj.programs["count"], obj.maps["outer"]
    assert count.test_run(PACKET).retval == XDP_PASS
    with outer.create_inner() as table:
        outer[0] = table
        assert count.test_run(PACKET).retval == XDP_TX
        assert table[1] == 1
        del outer[0]
        assert count.test_run(PACKET).retval == XDP_PASS


def test_reading_opens_the_map(outer: BpfMap, table: BpfMap) -> None:
    """m[k] is a map of its own with the same id; it may be dropped without a word."""
    outer[2] = table
    found = outer[2]
    assert found.id == table.id
    assert found.fd != table.fd
    found[3] = 33
    assert table[3] == 33
    assert outer[2][3] == 33


def test_inner_map_outlives_its_handles(outer: BpfMap) -> None:
    """The outer map keeps it in the kernel."""
    with outer.create_inner() as table:
        table[0] = 5
        outer[1] = table
    assert outer[1][0] == 5


def test_empty_places_are_absent(outer: BpfMap, table: BpfMap) -> None:
    """An array of maps is a mapping of the places that hold a map."""
    assert dict(outer) == {}
    assert len(outer) == 0
    outer[3] = table
    assert list(outer) == [3]
    assert [(k, m.id) for k, m in outer.items()] == [(3, table.id)]
    assert 3 in outer
    assert 0 not in outer
    with pytest.raises(KeyError):
        outer[0]
    with pytest.raises(KeyError):
        del outer[0]


def test_maps_are_set_and_taken_in_bulk(outer: BpfMap) -> None:
    """update(), pop(), setdefault() and clear() take and give maps."""
    with outer.create_inner() as a, outer.create_inner() as b:
        outer.update({0: a, 1: b})
        assert outer.setdefault(1, a).id == b.id
        assert outer.setdefault(2, a).id == a.id
        taken = outer.pop(1)
        assert taken.id == b.id
        assert sorted(outer) == [0, 2]
        outer.clear()
    assert len(outer) == 0
    taken[0] = 1
    assert taken[0] == 1


def test_last_handle_of_a_popped_map_is_the_one_returned(outer: BpfMap) -> None:
    """pop() opens the map before it leaves the outer one: it is not lost."""
    with outer.create_inner() as table:
        table[0] = 9
        outer[0] = table
    assert outer.pop(0)[0] == 9


def test_descriptor_and_bytes_are_taken_too(outer: BpfMap, table: BpfMap) -> None:
    """As with the kernel's own interface, a descriptor is enough."""
    outer[0] = table.fd
    outer[1] = table.fd.to_bytes(4, "little")
    assert outer[0].id == outer[1].id == table.id


@pytest.mark.parametrize("wrong", ["table", 1.5, None, {}, (1,)])
def test_other_values_are_refused(outer: BpfMap, wrong: Any) -> None:
    """The error says what the map takes."""
    with pytest.raises(TypeError, match=r"Cannot convert.*'outer'.*takes a BpfMap"):
        outer[0] = wrong


def test_map_of_another_shape_is_refused(load: Load) -> None:
    """The kernel compares sizes; the error names the outer map."""
    obj = load("nested")
    with pytest.raises(tinybpf.BpfError, match="outer"):
        obj.maps["outer"][0] = obj.maps["numbers"]


def test_closed_map_is_refused(outer: BpfMap) -> None:
    """A closed map is no value."""
    table = outer.create_inner()
    table.close()
    with pytest.raises(tinybpf.BpfClosedError):
        outer[0] = table


def test_standalone_outer_map_asks_a_member(outer: BpfMap, table: BpfMap) -> None:
    """Without the source, create_inner() makes another of what is in the map already."""
    with BpfMap.from_fd(outer.fd) as alone:
        with pytest.raises(tinybpf.BpfError, match=r"create_inner.*BpfMap\.create"):
            alone.create_inner()
        outer[1] = table
        with alone.create_inner() as other:
            assert (other.type, other.max_entries) == (table.type, 8)
            alone[2] = other
            assert alone[2].id == other.id


def test_created_map_of_maps(table: BpfMap) -> None:
    """BpfMap.create() makes maps of maps from an example of what they hold."""
    with BpfMap.create(
        BpfMapType.HASH_OF_MAPS, key_size=2, max_entries=4, inner_map=table
    ) as outer:
        outer[b"ab"] = table
        assert outer[b"ab"].id == table.id
        assert outer.lookup(b"cd") is None


def test_inner_is_for_maps_of_maps(load: Load) -> None:
    """Other maps have no inner maps."""
    with pytest.raises(tinybpf.BpfError, match=r"create_inner.*maps of maps.*numbers"):
        load("nested").maps["numbers"].create_inner()
