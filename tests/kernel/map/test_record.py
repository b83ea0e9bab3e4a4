# SPDX-License-Identifier: MIT
"""Maps of structs: their keys and values are Records, and every form of one is taken."""

import pytest

import tinybpf
from support import pins
from support.objects import Load, possible_cpus


@pytest.fixture
def obj(load: Load) -> tinybpf.BpfObject:
    """Return the loaded object of records.bpf.c."""
    return load("records")


def test_hash_of_structs_comes_back(obj: tinybpf.BpfObject) -> None:
    """Keys and values of a hash are records that look up what they came from."""
    flows = obj.maps["flows"]
    written = {
        obj.types.flow(saddr=n, sport=n + 1): obj.types.stats(bytes=n, packets=1)
        for n in range(20)
    }
    flows.update(written)
    assert dict(flows.items()) == written
    for flow, stats in flows.items():
        assert isinstance(flow, obj.types.flow)
        assert (flow.sport, stats.packets, flows.lookup(flow)) == (flow.saddr + 1, 1, stats)
    assert sorted(flows) == sorted(written)


def test_every_form_is_a_key_and_a_value(obj: tinybpf.BpfObject) -> None:
    """A record, a dict, a tuple and bytes mean the same entry, padding being zero."""
    flows = obj.maps["flows"]
    flow = obj.types.flow(saddr=1, sport=80)
    for value in ({"bytes": 5}, (5, 0), obj.types.stats(bytes=5), bytes([5]) + bytes(15)):
        flows[flow] = value
        for key in (flow, {"saddr": 1, "sport": 80}, (1, 80), bytes(flow)):
            assert flows[key].bytes == 5
    assert len(flows) == 1
    del flows[{"saddr": 1, "sport": 80}]
    assert (flow in flows, flows.pop((1, 80), None)) == (False, None)


def test_wrong_entries_name_their_field(obj: tinybpf.BpfObject) -> None:
    """What does not fit says whether it is in the key or the value, and where."""
    flows = obj.maps["flows"]
    with pytest.raises(ValueError, match="Key field 'sport' out of range"):
        flows[{"sport": -1}]
    with pytest.raises(ValueError, match="Value field 'bytes' out of range"):
        flows[(1, 2)] = {"bytes": 2**64}
    with pytest.raises(ValueError, match="Value size mismatch"):
        flows[(1, 2)] = b"x"
    with pytest.raises(TypeError, match="Cannot convert int to Key"):
        flows[5]


def test_arrays_are_values(obj: tinybpf.BpfObject) -> None:
    """Keys and values that are arrays are records with one field."""
    names = obj.maps["names"]
    names["bash"] = (1, 2, 3, 4)
    [(name, quad)] = names.items()
    assert (name.value, quad.value) == ("bash", (1, 2, 3, 4))
    assert names[name] == names[b"bash\0\0\0\0"] == quad
    with pytest.raises(ValueError, match="Key size mismatch"):
        names[b"bash"]


def test_enum_and_pointer_alone_are_ints(obj: tinybpf.BpfObject) -> None:
    """A key that is an enum and a value that is a pointer are plain ints."""
    choices = obj.maps["choices"]
    choices[obj.types.state.RUNNING] = 2**64 - 1
    assert list(choices.items()) == [(7, 2**64 - 1)]
    assert type(next(iter(choices))) is int


def test_array_of_structs_keeps_all_fields(obj: tinybpf.BpfObject) -> None:
    """A struct with every kind of field goes to the kernel and back."""
    things = obj.maps["things"]
    thing = obj.types.thing(name="bash", low=5, huge=-1, points=((1, 2), (3, 4)))
    things[1] = thing
    assert (things[1], type(things[1])) == (thing, obj.types.thing)


def test_per_cpu_values_are_records(obj: tinybpf.BpfObject) -> None:
    """A per-CPU map of structs has a list of records."""
    per_cpu = obj.maps["per_cpu"]
    per_cpu[0] = [{"bytes": cpu} for cpu in range(possible_cpus())]
    assert [stats.bytes for stats in per_cpu[0]] == list(range(possible_cpus()))


def test_pinned_map_knows_its_types(obj: tinybpf.BpfObject) -> None:
    """A map that is opened by its pin has records from the kernel's BTF."""
    obj.maps["flows"][(1, 80)] = (5, 6)
    with pins.folder() as folder:
        obj.maps["flows"].pin(folder / "flows")
        with tinybpf.open_pinned_map(folder / "flows") as flows:
            [(flow, stats)] = flows.items()
            assert (flow.sport, stats.packets) == (80, 6)
            text = repr(flows)
    assert "HASH flow -> stats, max_entries=64" in text


def test_map_names_its_types(obj: tinybpf.BpfObject) -> None:
    """repr() of a map says what keys and values are, as C spells it."""
    texts = {name: repr(found) for name, found in obj.maps.items()}
    assert " HASH flow -> stats, max_entries=64, fd=" in texts["flows"]
    assert " HASH char[8] -> quad, " in texts["names"]
    assert " HASH state -> void *, " in texts["choices"]
