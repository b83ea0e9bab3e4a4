# SPDX-License-Identifier: MIT
"""MapInfo: what a map is, as a value."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest

import tinybpf
from support import child
from support.objects import Load


@pytest.mark.parametrize("name", ["hash", "array", "percpu_hash", "ring", "queue", "sizes"])
def test_info_is_what_the_map_says(load: Load, name: str) -> None:
    """Each field has the value of the map's attribute of that name."""
    found = load("kinds").maps[name]
    info = found.info
    assert type(info) is tinybpf.MapInfo
    static = [field.name for field in dataclasses.fields(info) if field.compare]
    assert {name: getattr(info, name) for name in static} == {
        "name": name,
        "type": found.type,
        "key_size": found.key_size,
        "value_size": found.value_size,
        "max_entries": found.max_entries,
    }
    assert info.type is found.type


def test_info_is_a_value(counts: tinybpf.BpfObject) -> None:
    """It is equal to another of the same, hashable, and cannot be changed."""
    info: Any = counts.maps["counts"].info
    assert info == counts.maps["counts"].info != counts.maps["tiny"].info
    assert len({info, counts.maps["counts"].info}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.name = "other"


def test_info_outlives_the_map(counts: tinybpf.BpfObject) -> None:
    """It needs no kernel: copies, pickles and closed maps are fine."""
    numbers = counts.maps["counts"]
    before = numbers.info
    counts.close()
    assert numbers.info == before
    assert copy.deepcopy(before) == pickle.loads(pickle.dumps(before)) == before
    assert "name='counts'" in repr(before)


def test_info_is_of_the_package() -> None:
    """Users see tinybpf.MapInfo."""
    assert tinybpf.MapInfo.__module__ == "tinybpf"
    assert "MapInfo" in tinybpf.__all__
    assert "MapInfo" in dir(tinybpf)


def test_unused_info_is_not_imported() -> None:
    """dataclasses come in when the first MapInfo is asked for, not before."""
    printed = child.output("""
        import sys, tinybpf
        print("dataclasses" in sys.modules)
        tinybpf.MapInfo
        print("dataclasses" in sys.modules)
    """)
    assert printed == "False\nTrue\n"
