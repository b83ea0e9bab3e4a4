# SPDX-License-Identifier: MIT
"""Views: fields and elements of live memory, read and written by name and index."""

import tracemalloc
from typing import Any

import pytest

import tinybpf
from support.objects import Load


@pytest.fixture
def cfg(load: Load) -> Any:
    """Return the view of a loaded struct: struct config of globals.bpf.c."""
    return load("globals").data.cfg


@pytest.fixture
def hits(load: Load) -> Any:
    """Return the view of a loaded array of four u64."""
    return load("globals").bss.hits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verbose", True),
        ("limit", -(2**31)),
        ("low", 7),
        ("high", 31),
        ("name", "1234567"),
        ("name", "12345678"),
        ("name", ""),
        ("class", b"\x00\x01\x02\xff"),
    ],
)
def test_field_is_read_as_it_was_set(cfg: Any, name: str, value: object) -> None:
    """Every kind of field takes a value and gives it back, by attribute and by name."""
    before = {other: cfg[other] for other in cfg._fields if other not in (name, "at")}
    setattr(cfg, name, value)
    assert getattr(cfg, name) == value
    assert type(getattr(cfg, name)) is type(value)
    cfg[name] = value
    assert cfg[name] == value
    for other, old in before.items():
        assert cfg[other] == old


@pytest.mark.parametrize(
    ("name", "value", "error", "match"),
    [
        ("limit", 1 << 31, ValueError, "'limit' out of range"),
        ("low", 8, ValueError, "'low' out of range"),
        ("low", -1, ValueError, "unsigned|range"),
        ("limit", "x", TypeError, "Cannot convert str"),
        ("verbose", 2, ValueError, "'verbose' out of range"),
        ("name", "123456789", ValueError, "size mismatch"),
        ("class", b"123", ValueError, "size mismatch"),
        ("at", [{"x": 1}], ValueError, "count mismatch"),
        ("at", [{"x": 1}, {"z": 1}], TypeError, "z"),
    ],
)
def test_refused_value_leaves_the_memory_as_it_was(
    cfg: Any, name: str, value: object, error: Any, match: str
) -> None:
    """What does not fit is refused by the field's name; nothing is written."""
    before = cfg._asdict()
    with pytest.raises(error, match=match):
        setattr(cfg, name, value)
    assert cfg._asdict() == before


def test_struct_is_set_whole_from_a_dict_a_tuple_bytes_or_a_view(cfg: Any) -> None:
    """A struct inside takes all of its fields at once; those not named become zero."""
    cfg.at[0] = {"y": 4}
    assert (cfg.at[0].x, cfg.at[0].y) == (0, 4)
    cfg.at[0] = (5, 6)
    assert (cfg.at[0].x, cfg.at[0].y) == (5, 6)
    cfg.at[1] = cfg.at[0]
    assert cfg.at[1]._asdict() == {"x": 5, "y": 6}
    cfg.at[0] = b"\x07\x00\x08\x00"
    assert cfg.at._fields == ()
    assert [part._asdict() for part in cfg.at] == [{"x": 7, "y": 8}, {"x": 5, "y": 6}]


def test_array_has_the_ways_of_a_sequence(hits: Any) -> None:
    """len, index from both ends, slices, iteration, `in`; elements are set one by one."""
    hits[0], hits[-1] = 10, 13
    assert len(hits) == 4
    assert list(hits) == [10, 0, 0, 13]
    assert (hits[-4], hits[3]) == (10, 13)
    assert hits[::3] == [10, 13]
    assert hits[1:3] == [0, 0]
    assert 13 in hits
    assert 11 not in hits
    for index in (4, -5, 1 << 70):
        with pytest.raises(IndexError):
            hits[index]
        with pytest.raises(IndexError):
            hits[index] = 1
    with pytest.raises(TypeError):
        hits["0"]
    with pytest.raises(TypeError, match="one by one"):
        hits[0:2] = [1, 2]
    with pytest.raises(TypeError):
        del hits[0]


def test_array_is_set_whole(load: Load) -> None:
    """A field that is an array takes a sequence of all its elements."""
    bss = load("globals").bss
    bss.hits = range(4)
    assert list(bss.hits) == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="count mismatch"):
        bss.hits = [1]
    assert list(bss.hits) == [0, 1, 2, 3]


def test_fields_are_listed_and_completed(cfg: Any) -> None:
    """_fields, iteration and dir() name the fields, keywords of Python among them."""
    names = ("verbose", "limit", "mode", "low", "high", "at", "name", "class")
    assert cfg._fields == names
    assert tuple(cfg) == names
    assert len(cfg) == len(names)
    assert {*names, "copy", "_asdict"} <= set(dir(cfg))


def test_unknown_field_names_the_nearest(cfg: Any) -> None:
    """A misspelt field is an AttributeError, or a KeyError by name, with a hint."""
    with pytest.raises(AttributeError, match="no field 'limt'; did you mean 'limit'"):
        print(cfg.limt)
    with pytest.raises(AttributeError, match="no field 'limt'"):
        cfg.limt = 1
    with pytest.raises(KeyError, match="no field 'limt'"):
        cfg["limt"]
    with pytest.raises(TypeError, match="names"):
        cfg[0]
    with pytest.raises(TypeError, match="cannot be deleted"):
        del cfg.limit


def test_asdict_and_copy_do_not_change_with_the_memory(cfg: Any) -> None:
    """_asdict() and copy() are values: the memory goes on without them."""
    cfg.at[1].y = 3
    fields, copy = cfg._asdict(), cfg.copy()
    assert fields["at"] == [{"x": 0, "y": 0}, {"x": 0, "y": 3}]
    assert fields["name"] == "cfg"
    assert isinstance(copy, tinybpf.Record)
    assert copy.at[1].y == 3
    cfg.at[1].y = 9
    assert fields["at"][1]["y"] == 3
    assert bytes(copy) != bytes(cfg.copy())
    cfg.at[1].y = 3
    assert bytes(copy) == bytes(cfg.copy())


def test_copy_of_an_array_is_a_tuple(hits: Any) -> None:
    """An array's copy is what a map would give for it."""
    hits[2] = 5
    assert hits.copy() == (0, 0, 5, 0)
    with pytest.raises(TypeError, match="no fields: use list"):
        hits._asdict()


def test_repr_shows_the_memory_as_it_is(cfg: Any, hits: Any) -> None:
    """repr names the type and shows the values of now, long arrays in part."""
    assert repr(cfg).startswith("<View config(verbose=False, limit=7, ")
    assert "at=[(x=0, y=0), (x=0, y=0)], name='cfg'" in repr(cfg)
    hits[0] = 3
    assert repr(hits) == "<View [3, 0, 0, 0]>"


def test_view_cannot_be_made_by_hand() -> None:
    """Views come from objects."""
    with pytest.raises(TypeError):
        tinybpf.View()


def test_reading_and_writing_a_global_grows_nothing(cfg: Any, hits: Any) -> None:
    """Views are freed as they come: a million reads hold no memory."""
    tracemalloc.start()
    try:
        for _ in range(1000):
            cfg.at[0].x = cfg.at[1].y
            hits[1] += 1
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            cfg.at[0].x = cfg.at[1].y
            hits[1] += 1
        assert tracemalloc.get_traced_memory()[0] - before < 1000
    finally:
        tracemalloc.stop()
    assert hits[1] == 2000
