# SPDX-License-Identifier: MIT
"""Rows: fields by path, as JSON and for people, filters, widths."""

import json
import struct
from typing import Any, Callable, Optional

import pytest

from tinybpf import _core

Function = Optional[Callable[[Any], object]]


@pytest.fixture(scope="module")
def types(kernel_host: None) -> Any:
    """Return the classes of records.bpf.c, whose object is closed again."""
    import tinybpf
    from support import host

    with tinybpf.open(host.bpf_object("records")) as obj:
        return obj.types


@pytest.fixture
def thing(types: Any) -> Any:
    """Return a record with every kind of field."""
    return types.thing(
        name=b"a\x1b\xff",
        mac=b"\0\x01\xfe\xff\x10a",
        is_up=True,
        state=7,
        wide=1,
        where=0xFFFF,
        ratio=0.5,
        grid=((1, -2, 3), (4, 5, 6)),
        inner=9,
        huge=-(2**100),
        pair={"a": 1, "b": 2},
        words=("ab", "c"),
    )._replace(low=7, middle=511, high=-16, flag=True, mode=-3)


def line(record: Any, path: str, is_json: bool, function: Function = None) -> str:
    """Return the text of one field."""
    rows = _core.Rows(type(record), [(b"", path, 0, function)], b"\n", [], is_json)
    text, n = rows.format([record])
    assert n == 1
    assert text.endswith(b"\n")
    return text[:-1].decode()


def passes(record: Any, path: str, relation: str, text: str, function: Function = None) -> bool:
    """Tell whether a record passes a filter."""
    rows = _core.Rows(type(record), [], b".", [(path, relation, text, function)], False)
    return rows.format([record]) == (b".", 1)


def test_fields_are_json_as_in_whole_records(thing: Any) -> None:
    """Every field alone has the text that it has in the record's own JSON."""
    whole = json.loads(thing._json())
    for path, *_ in _core._fields(type(thing)):
        expected = whole
        for name in path.split("."):
            expected = expected[name]
        assert json.loads(line(thing, path, True)) == expected, path


def test_fields_for_people(thing: Any) -> None:
    """Text, bytes and names stand without quotes, addresses as such, the rest as JSON."""
    shown = {
        "name": "a\\x1b\\xff",
        "mac": "0001feff1061",
        "is_up": "true",
        "state": "RUNNING",
        "where": "0xffff",
        "ratio": "0.5",
        "grid": "[[1,-2,3],[4,5,6]]",
        "pair": '{"a":1,"b":2}',
        "pair.b": "2",
        "inner": "9",
        "low": "7",
        "high": "-16",
        "mode": "FAILED",
        "huge": str(-(2**100)),
        "words": '["ab","c"]',
    }
    assert {path: line(thing, path, False) for path in shown} == shown


def test_fields_are_listed_at_any_depth(types: Any) -> None:
    """Paths in the order of C, with kind, size and elements; structs before their own."""
    found = {path: rest for path, *rest in _core._fields(types.thing)}
    assert list(found)[:3] == ["name", "mac", "is_up"]
    assert found["name"][:3] == ["text", 8, 8]
    assert found["mac"][:3] == ["bytes", 6, 6]
    assert found["grid"][:3] == ["array", 24, 2]
    assert [path for path in found if path.startswith("pair")] == ["pair", "pair.a", "pair.b"]
    assert found["pair.a"][0] == "unsigned"
    with pytest.raises(TypeError, match="is no Record class"):
        _core._fields(bytes)


def test_flexible_array_is_whole(types: Any) -> None:
    """What follows the record belongs to its last field."""
    record = types.line(struct.pack("I", 5) + b"hello")
    assert line(record, "text", True) == '"hello"'
    assert line(record, "text", False) == "hello"
    assert passes(record, "text", "==", "hello")


def test_function_makes_text_or_a_number(thing: Any) -> None:
    """It gets the value as a Record has it; its text is escaped, its numbers are numbers."""
    assert line(thing, "pair.b", True, lambda value: f'{value}"\x1b') == '"2\\"\\u001b"'
    assert line(thing, "pair.b", True, lambda value: value + 1) == "3"
    assert line(thing, "mac", False, bytes.hex) == "0001feff1061"
    with pytest.raises(ZeroDivisionError):
        line(thing, "pair.b", False, lambda value: value // 0)


def test_cells_are_filled_by_characters(types: Any) -> None:
    """A width counts characters, not bytes; what is longer stays whole."""
    columns: Any = [(b"<", "name", 4, None), (b">", "inner", 0, None)]
    rows = _core.Rows(types.thing, columns, b"|", [], False)
    records = [types.thing(name=name, inner=1) for name in ("\u00e4", "abcdef", "")]
    assert rows.format(records) == ("<\u00e4   >1|<abcdef>1|<    >1|".encode(), 3)
    assert rows.format(records, 2)[1] == 2
    assert rows.format(records, 0) == (b"", 0)


@pytest.mark.parametrize(
    ("path", "relation", "text", "expected"),
    [
        ("state", "==", "RUNNING", True),
        ("state", ">", "-3", True),
        ("state", "==", "FAILED", False),
        ("mode", "==", "FAILED", True),
        ("wide", "<", "LARGE", True),
        ("is_up", "==", "true", True),
        ("is_up", "!=", "1", False),
        ("high", "<=", "-0x10", True),
        ("low", ">=", "8", False),
        ("where", "==", "0xffff", True),
        ("huge", "<", "-1", True),
        ("ratio", "<", "0.75", True),
        ("ratio", "!=", "0.5", False),
        ("mac", "==", "0001feff1061", True),
        ("mac", "~", "0001*", True),
        ("words", "~", "*ab*", True),
        ("name", "==", "a\\x1b\\xff", True),
        ("pair.b", ">", "18446744073709551615", False),
    ],
)
def test_filter_by_type(
    thing: Any, path: str, relation: str, text: str, expected: bool
) -> None:
    """Each kind of field is compared as what it is."""
    assert passes(thing, path, relation, text) is expected


@pytest.mark.parametrize(
    ("path", "relation", "text", "error"),
    [
        ("nothing", "==", "1", KeyError),
        ("pair.c", "==", "1", KeyError),
        ("name.x", "==", "1", KeyError),
        ("", "==", "1", KeyError),
        ("inner", "==", "x", ValueError),
        ("inner", "==", "1x", ValueError),
        ("inner", "==", "18446744073709551616", ValueError),
        ("state", "==", "NOBODY", ValueError),
        ("ratio", "==", "half", ValueError),
        ("mac", "<", "00", ValueError),
    ],
)
def test_filter_that_means_nothing(
    thing: Any, path: str, relation: str, text: str, error: "type[Exception]"
) -> None:
    """A field that there is not, and what it cannot be compared with, are told."""
    with pytest.raises(error):
        passes(thing, path, relation, text)


def test_record_that_is_too_short_is_refused(types: Any) -> None:
    """Bytes of any origin are read no further than they go."""
    rows = _core.Rows(types.flow, [(b"", "sport", 0, None)], b"\n", [], True)
    for wrong in (b"", bytes(3), None, "text"):
        with pytest.raises(TypeError, match="a row needs a record of 8 bytes"):
            rows.format([wrong])
    with pytest.raises(TypeError, match="is no Record class"):
        _core.Rows(bytes, [], b"", [], True)
