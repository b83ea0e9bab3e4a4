# SPDX-License-Identifier: MIT
"""Making records: from keywords, dicts, sequences and bytes, and what is refused."""

import array
import types as python_types
from typing import Any

import pytest

import tinybpf


@pytest.fixture(scope="module")
def types(kernel_host: None) -> Any:
    """Return the classes of records.bpf.c, whose object is closed again."""
    from support import host

    with tinybpf.load(host.bpf_object("records")) as obj:
        return obj.types


def test_every_form_makes_the_same_record(types: Any) -> None:
    """Keywords, a dict, any mapping, a tuple, a list and bytes say the same."""
    flow = types.flow(saddr=1, sport=80)
    fields = {"saddr": 1, "sport": 80}
    others = [fields, python_types.MappingProxyType(fields), (1, 80), [1, 80], bytes(flow)]
    assert [types.flow(other) for other in [*others, bytearray(flow), flow]] == [flow] * 7
    assert types.flow(flow, sport=81) == types.flow(saddr=1, sport=81)
    assert types.flow({"saddr": 1}, sport=80) == flow


def test_what_is_not_given_is_zero(types: Any) -> None:
    """Fields that are left out and padding are zero."""
    assert types.flow() == bytes(8)
    assert types.flow(sport=0x0102)[6:] == b"\0\0"
    assert types.thing(pair={"b": 1}).pair == b"\0\1"


def test_nested_values_take_every_form(types: Any) -> None:
    """Structs and arrays in a record are given as such, or as bytes of their size."""
    points = [
        ((1, 2), (3, 4)),
        [types.point(x=1, y=2), {"x": 3, "y": 4}],
        array.array("h", [1, 2, 3, 4]),
    ]
    assert len({types.thing(points=p) for p in points}) == 1
    assert types.thing(mac=[1, 2, 3, 4, 5, 6]).mac == bytes([1, 2, 3, 4, 5, 6])
    assert types.thing(number=(7,)).number.whole == 7
    assert types.thing(state=types.state.FAILED).state == -3


def test_replace_keeps_the_rest(types: Any) -> None:
    """_replace() changes what is named and leaves the record alone."""
    flow = types.flow(b"\1\0\0\0\2\0xy")
    other = flow._replace(sport=3)
    assert (other, flow.sport) == (b"\1\0\0\0\3\0xy", 2)
    assert flow._replace() == flow
    with pytest.raises(TypeError):
        flow._replace(1)


REFUSED: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("flow", {"saddr": -1}, ValueError, "flow field 'saddr'.* unsigned 32-bit"),
    ("flow", {"sport": 2**16}, ValueError, "'sport' .*65536 .*unsigned 16-bit"),
    ("thing", {"pair": {"a": 256}}, ValueError, "field 'pair.a'"),
    ("thing", {"points": ((0, 0), (0, 2**15))}, ValueError, r"'points\[1\].y'.* a signed 16"),
    ("thing", {"low": 8}, ValueError, "'low' .*unsigned 3-bit"),
    ("thing", {"high": 16}, ValueError, "'high' .*signed 5-bit"),
    ("thing", {"flag": 2}, ValueError, "'flag' .*no bool"),
    ("thing", {"huge": 2**127}, ValueError, "'huge' .*signed 128-bit"),
    ("thing", {"state": 2**31}, ValueError, "'state' .*signed 32-bit"),
    ("thing", {"name": "much too long"}, ValueError, "'name' size mismatch: .*8 bytes, got 13"),
    ("thing", {"mac": b"12345"}, ValueError, "'mac' size mismatch"),
    ("thing", {"grid": ((1, 2, 3),)}, ValueError, "'grid': Element count mismatch: .*2, got 1"),
    ("thing", {"points": ((1,), (1, 2))}, ValueError, r"'points\[0\]': Field count mismatch"),
    ("thing", {"grid": 5}, TypeError, "Cannot convert int to thing field 'grid'"),
    ("thing", {"ratio": "x"}, TypeError, "Cannot convert str to thing field 'ratio'"),
    ("thing", {"name": 5}, TypeError, "Cannot convert int"),
    ("thing", {"pair": 5}, TypeError, "Cannot convert int .*a Record, a dict"),
    ("flow", {"spor": 1}, TypeError, "no field 'spor'; did you mean 'sport'"),
    ("flow", {"nothing": 1}, TypeError, "no field 'nothing'$"),
]


@pytest.mark.parametrize(("name", "fields", "error", "text"), REFUSED)
def test_what_does_not_fit_names_its_field(
    types: Any, name: str, fields: dict[str, Any], error: type[Exception], text: str
) -> None:
    """A value that cannot go into its field is refused, and the message says which."""
    with pytest.raises(error, match=text):
        types[name](**fields)


def test_whole_values_that_do_not_fit_are_refused(types: Any) -> None:
    """Bytes of another size, too few fields, other objects: all say what is wrong."""
    with pytest.raises(ValueError, match="flow size mismatch: expected 8 bytes, got 3"):
        types.flow(b"abc")
    with pytest.raises(ValueError, match="Field count mismatch: expected 2, got 1"):
        types.flow((1,))
    with pytest.raises(TypeError, match="Cannot convert int to flow"):
        types.flow(5)
    with pytest.raises(TypeError, match="2 positional"):
        types.flow(1, 2)
    with pytest.raises(TypeError, match=r"no field 1"):
        types.flow({1: 2})


def test_base_class_makes_nothing() -> None:
    """Record itself has no fields to make one of."""
    with pytest.raises(TypeError, match="types of an object"):
        tinybpf.Record(b"abc")
