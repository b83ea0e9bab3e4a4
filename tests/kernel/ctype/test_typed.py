# SPDX-License-Identifier: MIT
"""BpfMap.typed(): classes of ctypes and built-in types as keys and values."""

import ctypes
import gc
import pathlib
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import pins


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


def numbers(flow: Any, stats: Any) -> tuple[int, int, int, int]:
    """Return the fields of an entry of `flows`."""
    return flow.saddr, flow.sport, stats.bytes, stats.packets


def test_typed_map_gives_instances(obj: Any) -> None:
    """Keys and values come out as instances of the classes, from every method."""
    flows = obj.maps["flows"].typed(key=Flow, value=Stats)
    flows[Flow(1, 2)] = Stats(3, 4)
    assert [numbers(*item) for item in flows.items()] == [(1, 2, 3, 4)]
    assert [type(key) for key in flows] == [Flow]
    assert [value.bytes for value in flows.values()] == [3]
    assert flows.lookup(Flow(1, 2)).packets == 4
    assert flows.get(Flow(9, 9)) is None
    assert Flow(1, 2) in flows
    assert flows.setdefault(Flow(5, 6), Stats(7, 8)).bytes == 7
    assert len(flows) == 2
    assert numbers(Flow(5, 6), flows.pop(Flow(5, 6))) == (5, 6, 7, 8)
    assert numbers(*flows.popitem()) == (1, 2, 3, 4)
    assert not flows.delete(Flow(1, 2))


def test_typed_map_sets_many(obj: Any) -> None:
    """update() takes pairs of instances."""
    flows = obj.maps["flows"].typed(Flow, Stats)
    flows.update((Flow(i, i), Stats(i, i)) for i in range(50))
    assert sorted(numbers(*item) for item in flows.items()) == [(i,) * 4 for i in range(50)]
    other = obj.maps["flows"].typed(value=Stats)
    other.update(flows)
    flows.clear()
    assert len(other) == 0


def test_typed_map_takes_bytes(obj: Any) -> None:
    """What is bytes-like and of the right size is taken wherever an instance is."""
    flows = obj.maps["flows"].typed(key=Flow, value=Stats)
    flows[bytes(Flow(1, 2))] = bytearray(Stats(3, 4))
    assert flows[memoryview(Flow(1, 2))].bytes == 3


def test_instances_are_copies(obj: Any) -> None:
    """A change to an instance does not change the map, nor the other way round."""
    flows = obj.maps["flows"].typed(key=Flow, value=Stats)
    flows[Flow(1, 2)] = Stats(3, 4)
    value = flows[Flow(1, 2)]
    value.bytes = 99
    assert flows[Flow(1, 2)].bytes == 3
    flows[Flow(1, 2)] = value
    assert flows[Flow(1, 2)].bytes == 99


def test_untyped_map_stays_as_it_is(obj: Any) -> None:
    """typed() makes another handle of the same map."""
    plain = obj.maps["flows"]
    flows = plain.typed(key=Flow, value=Stats)
    plain[Flow(1, 2)] = Stats(3, 4)  # bytes-like
    assert flows[Flow(1, 2)].bytes == 3
    assert bytes(plain[Flow(1, 2)]) == bytes(Stats(3, 4))
    assert obj.maps["flows"] is plain
    assert (flows.fd, flows.name, flows.info) == (plain.fd, plain.name, plain.info)
    assert bytes(flows.typed(key=bytes)[Flow(1, 2)]) == bytes(Stats(3, 4))


def test_ctypes_scalars(obj: Any) -> None:
    """A class of one number gives plain numbers, and takes them and its instances."""
    counts = obj.maps["counts"].typed(key=ctypes.c_uint32, value=ctypes.c_uint64)
    counts[ctypes.c_uint32(1)] = ctypes.c_uint64(2)
    counts[3] = 4
    assert sorted(counts.items()) == [(1, 2), (3, 4)]
    with pytest.raises(ValueError, match="unsigned"):
        counts[-1] = 0
    with pytest.raises(ValueError, match="unsigned"):
        counts[1] = 1 << 64
    with pytest.raises(TypeError, match="Cannot convert"):
        counts["1"] = 0
    with pytest.raises(TypeError, match="Cannot convert"):
        counts[1] = 1.5


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (ctypes.c_int32, -1, 1 << 31),
        (ctypes.c_uint32.__ctype_be__, 0x01020304, -1),
        (ctypes.c_float, 0.5, 1e300),
    ],
)
def test_number_classes_keep_their_form(obj: Any, kind: Any, good: Any, bad: Any) -> None:
    """Sign, byte order and floating point are those of the class."""
    keys = obj.maps["counts"].typed(key=kind)
    keys[good] = 1
    (found,) = keys
    assert (found, type(found)) == (good, type(good))
    assert keys[kind(good)] == 1
    with pytest.raises(ValueError, match="Key out of range"):
        keys[bad] = 1


def test_builtin_types(obj: Any) -> None:
    """int, float and bytes are types too; an int has the sign that BTF says."""
    plain = obj.maps["counts"]
    plain[1] = 2
    assert dict(plain.typed(key=bytes).items()) == {b"\1\0\0\0": 2}
    assert dict(plain.typed(key=int, value=bytes).items()) == {1: b"\2" + bytes(7)}
    plain.typed(value=float)[1] = 1.5
    assert plain.typed(int, float)[1] == 1.5
    assert obj.maps["flows"].typed(key=int).get(1 << 63) is None
    with pytest.raises(ValueError, match="Value size mismatch"):
        plain.typed(value=bool)
    with pytest.raises(ValueError, match="Value size mismatch"):
        obj.maps["shapes"].typed(value=int)


def test_wrong_instances_are_refused(obj: Any) -> None:
    """Other sizes are a ValueError, what is no bytes a TypeError."""
    flows = obj.maps["flows"].typed(key=Flow, value=Stats)
    with pytest.raises(ValueError, match="Key size mismatch"):
        flows[Stats(1, 2)] = Stats(3, 4)
    with pytest.raises(ValueError, match="Value size mismatch"):
        flows[Flow(1, 2)] = Flow(1, 2)
    with pytest.raises(TypeError, match="Cannot convert int"):
        flows[1] = Stats(3, 4)


@pytest.mark.parametrize("kind", [3, "stats", dict, ctypes.Structure, Stats(1, 2)])
def test_what_is_no_type_is_refused(obj: Any, kind: Any) -> None:
    """typed() takes classes that have a size."""
    with pytest.raises(TypeError, match="Value type must be"):
        obj.maps["flows"].typed(value=kind)


def test_per_cpu_values_are_lists_of_instances(obj: Any) -> None:
    """The type of values is that of one CPU's."""
    per_cpu = obj.maps["per_cpu"].typed(value=Stats)
    per_cpu[1] = [Stats(i, i) for i in range(len(per_cpu_zeros(obj)))]
    assert [value.bytes for value in per_cpu[1]] == list(range(len(per_cpu[1])))
    assert [value.bytes for value in per_cpu.lookup_percpu(1)] == list(range(len(per_cpu[1])))
    with pytest.raises(TypeError, match="adds numbers"):
        per_cpu.lookup_percpu_sum(1)
    halves = obj.maps["sums"].typed(value=ctypes.c_uint64)
    halves[1] = list(range(len(per_cpu[1])))
    assert halves.lookup_percpu_sum(1) == sum(range(len(per_cpu[1])))


def per_cpu_zeros(obj: Any) -> Any:
    """Return the values of a new key of `per_cpu`, one for each possible CPU."""
    obj.maps["per_cpu"].update({7: [bytes(16)] * possible_cpus()})
    return obj.maps["per_cpu"].pop(7)


def possible_cpus() -> int:
    """Return the number of possible CPUs."""
    last = pathlib.Path("/sys/devices/system/cpu/possible").read_text().split("-")[-1]
    return int(last) + 1


def test_typed_map_ends_with_its_object(bpf: Any) -> None:
    """A typed map is closed by its object, and keeps a plain one alive as long."""
    with tinybpf.load(bpf("typed")) as obj:
        flows = obj.maps["flows"].typed(key=Flow)
        gc.collect()
        flows.clear()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        flows.clear()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        flows.typed(key=Flow)
    assert "closed" in repr(flows)


@pytest.fixture
def pin(obj: Any) -> Iterator[str]:
    """Return the path of a pin of `flows`."""
    with pins.folder() as folder:
        path = str(folder / "flows")
        obj.maps["flows"].pin(path)
        yield path


def test_pinned_map_has_types(obj: Any, pin: str) -> None:
    """open_pinned_map() takes types as typed() does, and compares them with BTF."""
    obj.maps["flows"][Flow(1, 2)] = Stats(3, 4)
    with tinybpf.open_pinned_map(pin, key_type=Flow, value_type=Stats) as flows:
        assert [numbers(*item) for item in flows.items()] == [(1, 2, 3, 4)]
    with pytest.raises(tinybpf.BtfValidationError, match="Size mismatch"):
        tinybpf.open_pinned_map(pin, value_type=Flow)
    with pytest.raises(TypeError, match="Key type must be"):
        tinybpf.open_pinned_map(pin, 3)  # type: ignore[call-overload]


def test_typed_handle_of_a_stand_alone_map_has_its_own_descriptor(pin: str) -> None:
    """Closing one of a stand-alone map's handles leaves the others as they are."""
    plain = tinybpf.open_pinned_map(pin)
    flows = plain.typed(key=Flow)
    again = flows.typed(value=Stats)
    assert len({plain.fd, flows.fd, again.fd}) == 3
    assert again.is_standalone
    again.close()
    again.close()
    flows[Flow(1, 2)] = bytes(16)
    plain.close()
    assert Flow(1, 2) in flows
    flows.close()
    for each in (plain, flows, again):
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            each.clear()


def test_forgotten_typed_map_warns_once(pin: str) -> None:
    """The map that was opened warns, its typed handles close themselves without a word."""
    flows = tinybpf.open_pinned_map(pin).typed(key=Flow)
    with pytest.warns(ResourceWarning, match="unclosed <BpfMap 'flows'") as caught:
        del flows
        gc.collect()
    assert len(caught) == 1
