# SPDX-License-Identifier: MIT
"""Types of one name: a linked object has those of each file, and they may differ."""

import ctypes
from typing import Any

import pytest

import tinybpf
from support import elf
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.10", "run of a raw tracepoint")


@pytest.fixture
def data(bpf: Find) -> bytes:
    """Return an object with two structs `event_1`, two equal ones, and one of Rust."""
    whole = elf.renamed(bpf("twins").read_bytes(), "event_2", "event_1")
    whole = elf.renamed(whole, "copy_2", "copy_1")
    return elf.renamed(whole, "pair_u32__u64_", "Pair<u32, u64>")


@pytest.fixture
def btf(data: bytes) -> tinybpf.Btf:
    """Return the types of that object."""
    return tinybpf.Btf.parse(data, name="twins")


def events(btf: tinybpf.Btf) -> list[tinybpf.BtfType]:
    """Return the two structs."""
    return [t for t in btf.types(tinybpf.BtfKind.STRUCT) if t.name == "event_1"]


def test_name_of_two_types_is_refused_with_both(btf: tinybpf.Btf) -> None:
    """Numbers and sizes of both stand in the error, and their names."""
    first, second = events(btf)
    classes: Any = btf.classes
    for ask in (
        lambda: btf["event_1"],
        lambda: btf["struct event_1"],
        lambda: btf.find("event_1"),
        lambda: classes["event_1"],
        lambda: btf.dump("event_1"),
    ):
        with pytest.raises(KeyError) as caught:
            ask()
        said = str(caught.value)
        assert f"number {first.id} of 16 bytes and number {second.id} of 16 bytes" in said
        assert "'event_1___1' or 'event_1___2'" in said
    with pytest.raises(AttributeError, match="is two types in twins"):
        classes.event_1  # noqa: B018


def test_each_of_two_types_can_be_named(btf: tinybpf.Btf) -> None:
    """By the number that the dump in C gives it, or by its BtfType."""
    first, second = events(btf)
    classes: Any = btf.classes
    assert btf["event_1___2"] == btf["struct event_1___2"] == second
    assert classes["event_1___2"] is classes.event_1___2 is classes[second]
    assert classes["event_1___1"]._fields == classes[first]._fields == ("pid", "comm")
    assert classes[second]._fields == ("when", "kind", "code")
    assert "struct event_1___2 {\n\t__u64 when;" in btf.dump()
    assert "when" in btf.dump(second)
    for name in ("event_1___3", "event_1___0", "event_1___", "event_1___2x", "copy_3___1"):
        assert name not in classes
        assert name not in btf


def test_names_that_are_listed_are_found(btf: tinybpf.Btf) -> None:
    """Iteration gives no name that means two types; each one that it gives has a class."""
    names = list(btf.classes)
    assert "event_1" not in names
    assert {"event_1___1", "event_1___2", "copy_1", "Pair<u32, u64>"} <= set(names)
    assert len(btf.classes.items()) == len(names) == len(set(names))
    assert all(name in btf.classes for name in names)


def test_equal_types_are_one(btf: tinybpf.Btf) -> None:
    """Of two types with the same members it does not matter which is meant."""
    assert btf["copy_1"].size == 4
    assert btf.classes["copy_1"](n=3).n == 3


def test_names_of_other_languages_are_names(btf: tinybpf.Btf) -> None:
    """A word before a blank is a kind only if it is struct, union, enum or typedef."""
    pair = btf.classes["Pair<u32, u64>"]
    assert pair is btf.classes["struct Pair<u32, u64>"]
    assert pair(key=1, value=2).value == 2
    assert btf["Pair<u32, u64>"].size == 16
    assert "Pair<u32, u64>" in btf.classes
    with pytest.raises(KeyError, match="did you mean 'Pair<u32, u64>'"):
        btf.classes["Pair<u32, u65>"]


def test_type_of_another_btf_is_refused(btf: tinybpf.Btf, bpf: Find) -> None:
    """A BtfType is a number in its own BTF, and is taken nowhere else."""
    other = tinybpf.Btf.file(bpf("records"))["flow"]
    with pytest.raises(KeyError, match="is not of twins"):
        btf.classes[other]
    with pytest.raises(TypeError, match="a str, an int or a BtfType"):
        btf[1.5]  # type: ignore[index]


def test_maps_have_the_type_of_their_own_file(data: bytes) -> None:
    """What a map names by number is not looked for by name."""
    with tinybpf.open_bytes(data).load() as obj:
        maps: Any = obj.maps
        maps["first"][1] = {"pid": 5, "comm": "x"}
        maps["second"][1] = {"when": 1 << 40, "kind": 3}
        maps["pairs"][1] = {"key": 1, "value": 2}
        assert maps["first"][1].comm == "x"
        assert maps["second"][1].when == 1 << 40
        assert maps["pairs"][1].value == 2


@kernel("5.8", "ring buffer")
def test_event_type_says_which(data: bytes) -> None:
    """event_type= takes a numbered name and a BtfType, and refuses the bare name."""
    with tinybpf.open_bytes(data).load() as obj:
        assert obj.btf is not None
        records: Any = obj.maps["records"]
        for which in ("event_1___1", events(obj.btf)[0]):
            seen: list[Any] = []
            with tinybpf.BpfRingBuffer(records, seen.append, event_type=which) as ring:
                obj.programs["send"].test_run()
                ring.consume()
            assert [(e.pid, e.comm) for e in seen] == [(7, "seven")]
        with pytest.raises(tinybpf.BtfValidationError, match="is two types"):
            tinybpf.BpfRingBuffer(records, print, event_type="event_1")


class Event(ctypes.Structure):
    """The second of the two."""

    _fields_ = (
        ("when", ctypes.c_uint64),
        ("kind", ctypes.c_uint32),
        ("code", ctypes.c_uint32),
    )


def test_registered_class_is_for_the_type_that_is_given(data: bytes) -> None:
    """register_type() and lookup_type() take a BtfType, which has a name of its own."""
    with tinybpf.open_bytes(data).load() as obj:
        assert obj.btf is not None
        first, second = events(obj.btf)
        with pytest.raises(tinybpf.BtfValidationError):
            obj.register_type(first, Event)
        obj.register_type(second, Event)
        assert obj.lookup_type(second) is obj.lookup_type("event_1___2") is Event
        assert obj.lookup_type(first) is None
        assert obj.lookup_btf_name(Event) == "event_1___2"
        maps: Any = obj.maps
        maps["second"][1] = Event(5, 6, 7)
        assert isinstance(maps["second"][1], Event)
        with pytest.raises(TypeError, match="not an int"):
            obj.register_type(3, Event)  # type: ignore[arg-type]
        with pytest.raises(KeyError, match="is not of"):
            obj.register_type(tinybpf.Btf.kernel()["task_struct"], Event)


@kernel("5.8", "ring buffer")
def test_events_are_compared_with_the_type_that_is_given(data: bytes) -> None:
    """validate_btf_struct= takes a BtfType: a class of the other type is refused."""
    with tinybpf.open_bytes(data).load() as obj:
        assert obj.btf is not None
        first, second = events(obj.btf)
        records = obj.maps["records"]
        options: Any = {"event_type": Event, "validate_btf_struct": second}
        with tinybpf.BpfRingBuffer(records, **options) as ring:
            assert ring.consume() == 0
        options["validate_btf_struct"] = first
        with pytest.raises(tinybpf.BtfValidationError, match="Field"):
            tinybpf.BpfRingBuffer(records, **options)
        with pytest.raises(TypeError, match="a type is a str or a BtfType"):
            tinybpf.BpfRingBuffer(records, event_type=Event, validate_btf_struct=3)  # type: ignore[call-overload]


def test_registered_class_is_for_one_of_two(data: bytes) -> None:
    """register_type() takes a numbered name, and refuses the bare one."""

    with tinybpf.open_bytes(data) as obj:
        obj.register_type("event_1___2", Event)
        with pytest.raises(tinybpf.BtfValidationError, match="is two types"):
            obj.register_type("event_1", Event)
        with pytest.raises(tinybpf.BtfValidationError, match="'event_1___3' not found"):
            obj.register_type("event_1___3", Event)
