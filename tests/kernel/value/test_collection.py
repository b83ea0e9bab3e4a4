# SPDX-License-Identifier: MIT
"""The types of an object by name: which there are, which one a name means."""

import gc
import pathlib
import pickle
import weakref
from collections.abc import Mapping
from typing import Any

import pytest

import tinybpf
from support import child
from support.objects import Find, Load


def test_types_are_a_mapping(load: Load) -> None:
    """obj.types behaves as a mapping of names to classes, each made once."""
    types: Any = load("records").types
    assert issubclass(type(types), Mapping)
    assert {"flow", "stats", "thing", "point", "state", "quad"} <= set(types)
    assert len(types) == len(list(types)) == len(types.items()) == len(types.values())
    assert types["flow"] is types.flow is dict(types)["flow"] is types.get("flow")
    assert issubclass(types.flow, tinybpf.Record)
    assert ("flow" in types, "none" in types, 5 in types) == (True, False, False)
    assert (types.get("none"), types.get("none", 1)) == (None, 1)
    assert repr(types) == "<TypeCollection of records>"


def test_types_are_those_of_the_btf(load: Load) -> None:
    """The object's types and its BTF's are the same classes."""
    obj = load("records")
    assert obj.btf is not None
    assert obj.btf.classes.flow is obj.types.flow


def test_kind_can_stand_before_the_name(load: Load) -> None:
    """A name may say which kind it means."""
    types = load("records").types
    assert types["struct flow"] is types.flow
    assert types["typedef point"] is types.point
    assert types["enum state"] is types.state
    assert types["union number"] is types.number
    assert "struct point" not in types
    with pytest.raises(KeyError, match="'union flow' not found"):
        types["union flow"]


def test_misspelt_name_is_corrected(load: Load) -> None:
    """A name that is not there is a KeyError or an AttributeError that names the nearest."""
    types: Any = load("records").types
    with pytest.raises(KeyError, match="'flw' not found in records; did you mean 'flow'"):
        types["flw"]
    with pytest.raises(AttributeError, match="did you mean 'thing'"):
        types.thin  # noqa: B018
    with pytest.raises(KeyError, match="nothing refers to"):
        types["struct_of_another_name"]
    with pytest.raises(TypeError, match="a str or a BtfType"):
        types[1]


def test_names_are_completed(load: Load) -> None:
    """dir() has the names of the types, for completion, and the methods."""
    assert {"flow", "thing", "keys"} <= set(dir(load("records").types))


def test_records_outlive_the_object(load: Load) -> None:
    """Classes and records stay whole when the object is closed and gone."""
    obj = load("records")
    thing = obj.types.thing(name="bash", points=((1, 2), (3, 4)))
    obj.close()
    del obj
    gc.collect()
    assert (thing.name, thing.points[1].y) == ("bash", 4)
    assert type(thing)(name="sh").name == "sh"


def test_classes_go_with_their_last_user(bpf: Find) -> None:
    """The circle of an object's types and their classes is collected as a whole."""
    obj = tinybpf.load(bpf("records"))
    record = obj.types.flow(saddr=1)
    alive = weakref.ref(obj.types.thing)
    obj.close()
    del obj
    gc.collect()
    assert alive() is not None
    del record
    gc.collect()
    gc.collect()
    assert alive() is None


def test_each_object_has_classes_of_its_own(load: Load) -> None:
    """Two objects of one file have two classes of one name, and equal records."""
    one, other = load("records").types.flow, load("records").types.flow
    assert one is not other
    assert one(saddr=1) == other(saddr=1)


def test_pickle_comes_back_as_it_was(load: Load) -> None:
    """In the same process a pickled record is a record of the same class."""
    types = load("records").types
    for record in (types.thing(name="bash"), types.quad((1, 2, 3, 4)), types.line(text="x")):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(record, protocol))
            assert (again, type(again)) == (record, type(record))


SCRIPT = """
    import pathlib, pickle, sys
    import tinybpf
    thing, flow, state = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())
    assert isinstance(thing, tinybpf.Record)
    assert (thing.name, thing.points[1].y, thing.low) == ("bash", 4, 7)
    assert thing.state.name == "RUNNING" and type(state) is int
    assert type(flow)._fields == ("saddr", "sport")
    assert type(pickle.loads(pickle.dumps(flow))) is type(flow)
    print(flow, thing.points[0])
"""


def test_pickle_needs_no_object(load: Load, tmp_path: pathlib.Path) -> None:
    """In a process that never loaded the object a record has its fields all the same."""
    types = load("records").types
    thing = types.thing(name="bash", points=((1, 2), (3, 4)), low=7, state=7)
    pickled = [thing, types.flow(saddr=1, sport=80), thing.state]
    (tmp_path / "pickle").write_bytes(pickle.dumps(pickled))
    text = child.output(SCRIPT, tmp_path / "pickle")
    assert text == "flow(saddr=1, sport=80) point(x=1, y=2)\n"


def test_pickle_of_nonsense_is_refused() -> None:
    """What only looks like a pickled record raises, whatever is in it."""
    from tinybpf import _core

    rebuild: Any = vars(_core)["_rebuild"]
    with pytest.raises(tinybpf.BpfError):
        rebuild((b"no BTF at all", 1, "x"), b"")
    with pytest.raises(TypeError):
        rebuild((1, 2), b"")
