# SPDX-License-Identifier: MIT
"""BpfObject.register_type(): one class of ctypes for all maps with a type of C."""

import ctypes
import gc
from typing import Any, Callable

import pytest

import tinybpf


class Flow(ctypes.Structure):
    """As struct flow."""

    _fields_ = [("saddr", ctypes.c_uint32), ("sport", ctypes.c_uint16)]


class Stats(ctypes.Structure):
    """As struct stats."""

    _fields_ = [("bytes", ctypes.c_uint64), ("packets", ctypes.c_uint32)]


@pytest.fixture
def obj(load: Callable[[str], Any]) -> Any:
    """Return the loaded object of typed.bpf.c."""
    return load("typed")


def test_registered_classes_come_out_of_maps(obj: Any) -> None:
    """Maps that the program holds already, and those that it asks for later, use them."""
    flows = obj.maps["flows"]
    obj.register_type("flow", Flow)
    obj.register_type("stats", Stats)
    flows[Flow(1, 2)] = Stats(3, 4)
    ((flow, stats),) = flows.items()
    assert (flow.saddr, flow.sport, stats.bytes, stats.packets) == (1, 2, 3, 4)
    assert all(type(value) is Stats for value in obj.maps["per_cpu"].setdefault(1, zeros(obj)))
    del flows
    gc.collect()
    assert type(next(iter(obj.maps["flows"]))) is Flow


def zeros(obj: Any) -> Any:
    """Return a value for a new key of `per_cpu`."""
    with pytest.raises(ValueError, match="one per possible CPU") as caught:
        obj.maps["per_cpu"][1] = []
    return [Stats()] * int(str(caught.value).split("expected ")[1].split()[0])


def test_registered_class_follows_typedefs(obj: Any) -> None:
    """The name of a typedef of keys or values is a name too."""
    counts = obj.maps["counts"]
    obj.register_type("__u64", ctypes.c_uint64)
    counts[1] = 2
    assert (counts[1], type(counts[1])) == (2, int)


def test_array_keys_stay_indices(obj: Any) -> None:
    """The key of an array is an index, whatever class its type has."""
    obj.register_type("__u32", ctypes.c_uint32)
    assert list(obj.maps["config"]) == [0]
    assert type(obj.maps["counts"].setdefault(1, 2)) is int
    assert type(next(iter(obj.maps["counts"]))) is int


def test_typed_map_keeps_its_types(obj: Any) -> None:
    """What typed() said is not changed by what is registered later."""
    plain = obj.maps["flows"].typed(key=bytes, value=bytes)
    obj.register_type("stats", Stats)
    plain[bytes(8)] = bytes(16)
    assert dict(plain.items()) == {bytes(8): bytes(16)}


def test_registered_classes_can_be_looked_up(obj: Any) -> None:
    """Both ways; what nobody registered is None. The answers outlive the object."""
    assert obj.lookup_type("flow") is None
    assert obj.lookup_btf_name(Flow) is None
    obj.register_type("flow", Flow)
    assert obj.lookup_type("flow") is Flow
    assert obj.lookup_btf_name(Flow) == "flow"
    assert obj.lookup_btf_name(Stats) is None
    obj.close()
    assert obj.lookup_type("flow") is Flow
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        obj.register_type("stats", Stats)


def test_later_class_takes_the_place(obj: Any) -> None:
    """The class that came last is used; the same one may come again."""

    class Again(Flow):
        pass

    for kind in (Flow, Flow, Again):
        obj.register_type("flow", kind)
    assert obj.lookup_type("flow") is Again
    obj.maps["flows"][Flow(1, 2)] = bytes(16)
    assert type(next(iter(obj.maps["flows"]))) is Again


def test_class_is_compared_with_btf(obj: Any) -> None:
    """A class that does not fit is not registered; names may be left out."""
    with pytest.raises(tinybpf.BtfValidationError, match="Size mismatch: class 'Stats'"):
        obj.register_type("flow", Stats)
    with pytest.raises(tinybpf.BtfValidationError, match="Field name mismatch") as caught:
        obj.register_type("event", type("E", (ctypes.Structure,), {"_fields_": WRONG}))
    assert caught.value.suggestions[0] == "rename the field 'tid' to 'pid'"
    obj.register_type("event", type("E", (ctypes.Structure,), {"_fields_": WRONG}), False)
    assert obj.lookup_type("flow") is None


WRONG = [("tid", ctypes.c_uint32), ("comm", ctypes.c_char * 16)]


def test_unknown_name_is_said_with_the_nearest(obj: Any) -> None:
    """A name that BTF lacks is an error with the name that was meant."""
    with pytest.raises(
        tinybpf.BtfValidationError, match="'flw' not found in the BTF of 'typed'; did you mean"
    ) as caught:
        obj.register_type("flw", Flow)
    assert caught.value.suggestions == ["flow"]
    with pytest.raises(tinybpf.BtfValidationError, match="not found") as caught:
        obj.register_type("nothing_like_it", Flow)
    assert caught.value.suggestions == []


@pytest.mark.parametrize("kind", [int, bytes, Flow(), "Flow", None, ctypes.Structure])
def test_only_classes_of_ctypes_are_registered(obj: Any, kind: Any) -> None:
    """What has no size of its own cannot stand for a type of C."""
    with pytest.raises(TypeError, match="must be a class of ctypes"):
        obj.register_type("flow", kind)
    with pytest.raises(TypeError):
        obj.register_type(3, Flow)
