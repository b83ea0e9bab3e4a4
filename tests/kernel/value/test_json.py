# SPDX-License-Identifier: MIT
"""Records as JSON: what each kind of field becomes, and that JSON can always be read."""

import json
import math
import struct
from typing import Any

import pytest

import tinybpf
from tinybpf import Record


@pytest.fixture(scope="module")
def types(kernel_host: None) -> Any:
    """Return the classes of records.bpf.c, whose object is closed again."""
    from support import host

    with tinybpf.open(host.bpf_object("records")) as obj:
        return obj.types


def read(record: Record) -> Any:
    """Return what a JSON reader makes of a record, in the order of its text."""
    return json.loads(record._json())


def test_text_is_one_line_without_blanks(types: Any) -> None:
    """Fields stand in the order of C; nothing but the values takes room."""
    assert types.flow(saddr=1, sport=80)._json() == '{"saddr":1,"sport":80}'
    point = types.thing(points=((1, -2), (3, 4)))
    assert '"points":[{"x":1,"y":-2},{"x":3,"y":4}]' in point._json()


def test_numbers_are_whole(types: Any) -> None:
    """Integers of all sizes, pointers and bitfields are numbers, never rounded."""
    thing = types.thing(
        where=2**64 - 1, huge=-(2**127), letter=65, grid=((1, -2, 3), (4, 5, 6))
    )
    found = read(thing._replace(low=7, middle=511, high=-16))
    assert (found["where"], found["huge"], found["letter"]) == (2**64 - 1, -(2**127), 65)
    assert found["grid"] == [[1, -2, 3], [4, 5, 6]]
    assert (found["low"], found["middle"], found["high"]) == (7, 511, -16)
    assert read(types.thing(huge=2**127 - 1))["huge"] == 2**127 - 1


def test_bool_is_bool(types: Any) -> None:
    """_Bool is true or false, a bitfield of it too."""
    text = types.thing(is_up=True, flag=False)._json()
    assert '"is_up":true' in text
    assert '"flag":false' in text


def test_enums_stand_by_name(types: Any) -> None:
    """A number that the enum names is the name, another one the number."""
    found = read(types.thing(state=7, wide=0x123456789ABC, mode=-3))
    assert (found["state"], found["wide"], found["mode"]) == ("RUNNING", "LARGE", "FAILED")
    found = read(types.thing(state=-4, wide=2**64 - 1, mode=5))
    assert (found["state"], found["wide"], found["mode"]) == (-4, 2**64 - 1, 5)


def test_bytes_are_digits(types: Any) -> None:
    """u8[] is hexadecimal digits."""
    assert read(types.thing(mac=b"\0\x01\xfe\xff\x10a"))["mac"] == "0001feff1061"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.5, "0.5"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (-1e300, "-1e+300"),
        (math.nan, "null"),
        (math.inf, "null"),
        (-math.inf, "null"),
    ],
)
def test_floats_are_short_or_null(types: Any, number: float, text: str) -> None:
    """A float is the shortest number that gives it back; what JSON does not know is null."""
    assert f'"ratio":{text},' in types.thing(ratio=number)._json()


def test_union_has_all_members(types: Any) -> None:
    """A union is an object of every member; those of anonymous ones are the parent's."""
    found = read(types.thing(number={"real": 1.0}, second=9))
    assert found["number"] == {"whole": 0x3F800000, "parts": "0000803f", "real": 1.0}
    assert (found["first"], found["second"]) == (9, 9)
    assert list(found) == list(types.thing._fields)


TEXTS = [
    b"bash",
    b"",
    b'a"b\\c',
    b"\n\x1b[m\x7f",
    "gr\u00fc\u00df".encode(),
    "\u20ac\U0001f41d".encode(),
    "\u0085".encode(),
    b"\xff\xfe",
    b"ab\xe2\x82",
    b"\xe2\x28\xa1",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xe0\x80\x80",
    b"\xf4\x90\x80\x80",
    b"\xf0\x80\x80\x80",
    b"\xf5\x80",
    b"\x80abc",
]


@pytest.mark.parametrize("raw", TEXTS)
def test_text_of_any_bytes_can_be_read(types: Any, raw: bytes) -> None:
    """What is UTF-8 comes back as it is, and any other byte as a backslash escape."""
    record = types.thing(name=raw.ljust(8, b"\0"))
    assert read(record)["name"] == raw.decode("utf-8", "backslashreplace")


def test_terminal_is_safe(types: Any) -> None:
    """No control character stands in the text, those above ASCII neither."""
    text = types.thing(name="\x1b\x7f\u009b\n")._json()
    assert text.isprintable()
    assert r'"name":"\u001b\u007f\u009b\u000a"' in text


def test_all_of_a_flexible_array_is_there(types: Any) -> None:
    """What follows the struct belongs to its last field."""
    data = struct.pack("I", 5) + b"hello"
    assert types.line(data)._json() == '{"n":5,"text":"hello"}'
    assert types.line(n=1)._json() == '{"n":1,"text":""}'


def test_array_is_an_object_with_a_value(types: Any) -> None:
    """An array that is no field is a Record with one, as it is for Python."""
    assert types.quad(value=(1, 2, 3, 4))._json() == '{"value":[1,2,3,4]}'
