# SPDX-License-Identifier: MIT
"""Records: what reading one gives, and how it is bytes."""

import copy
import enum
import gc
import struct
import sys
from typing import Any, Callable

import pytest

import tinybpf

NUMBERS = {"is_up": True, "letter": 65, "state": 7, "wide": 0x123456789ABC, "ratio": 0.5}
BITS = {"low": 7, "middle": 511, "high": -16, "flag": True, "mode": -3}
ARRAYS = {"grid": ((1, 2, 3), (-4, 5, -(2**31))), "points": ((1, -2), (3, 4))}
TEXTS = {"name": "bash", "mac": b"123456", "words": ("ab", "cdef")}
INSIDE = {"number": {"whole": 0x3F800000}, "inner": 5, "first": 9, "pair": (1, 2)}
OTHERS = {"where": 2**64 - 1, "huge": -(2**127), "class": 4, "count": 3}
FIELDS: dict[str, Any] = {**NUMBERS, **BITS, **ARRAYS, **TEXTS, **INSIDE, **OTHERS}


@pytest.fixture(scope="module")
def types(kernel_host: None) -> Any:
    """Return the classes of records.bpf.c, whose object is closed again."""
    from support import host

    with tinybpf.load(host.bpf_object("records")) as obj:
        return obj.types


@pytest.fixture
def thing(types: Any) -> Any:
    """Return a record with something in each of its fields."""
    return types.thing(FIELDS)


def test_fields_are_python_values(thing: Any) -> None:
    """Each kind of field comes back as the Python value that it went in as."""
    assert (thing.name, thing.mac, thing.words) == ("bash", b"123456", ("ab", "cdef"))
    assert (thing.is_up, thing.letter, thing.where) == (True, 65, 2**64 - 1)
    assert (thing.ratio, thing.huge) == (0.5, -(2**127))
    assert thing.grid == ((1, 2, 3), (-4, 5, -(2**31)))
    assert (thing.is_up, type(thing.letter)) == (True, int)


def test_bitfields_are_cut_out(thing: Any) -> None:
    """Bitfields share bytes, and each has its own bits, with its own sign."""
    assert (thing.low, thing.middle, thing.high, thing.flag) == (7, 511, -16, True)
    cleared = thing._replace(middle=0)
    assert (cleared.low, cleared.middle, cleared.high, cleared.mode) == (7, 0, -16, -3)


def test_nested_values_are_records(types: Any, thing: Any) -> None:
    """Structs and unions in a record are records of classes of their own."""
    assert isinstance(thing.points[1], types.point)
    assert (thing.points[0].y, thing.pair.b) == (-2, 2)
    assert (thing.number.real, thing.number.parts) == (1.0, b"\0\0\x80?")
    assert type(thing.pair) is type(thing._replace(count=1).pair)


def test_anonymous_members_belong_to_their_parent(thing: Any) -> None:
    """Fields of anonymous structs and unions are fields of what these stand in."""
    assert (thing.inner, thing.first, thing.second) == (5, 9, 9)


def test_enums_are_members_of_one_class(types: Any, thing: Any) -> None:
    """An enum's field is a member of the IntEnum; a number without a name is an int."""
    assert thing.state is types.state.RUNNING
    assert thing.mode is types.state.FAILED
    assert thing.wide is types.wide.LARGE
    assert issubclass(types.state, enum.IntEnum)
    other = thing._replace(state=99).state
    assert (other, type(other)) == (99, int)
    assert (str(types.state.FAILED), copy.deepcopy(thing.state)) == ("-3", thing.state)


def test_record_is_its_bytes(types: Any) -> None:
    """A record is a bytes object: equal, hashed, ordered, joined and sliced as one."""
    flow = types.flow(saddr=0x01020304, sport=80)
    raw = struct.pack("=IHxx", 0x01020304, 80)
    assert isinstance(flow, bytes)
    assert (flow == raw, hash(flow), bytes(flow)) == (True, hash(raw), raw)
    assert type(bytes(flow)) is bytes
    assert {flow: 1}[raw] == 1
    assert (flow[0], flow[:4], len(flow)) == (raw[0], raw[:4], 8)
    assert flow < types.flow(saddr=0x01020305)
    assert b"".join([flow, flow]) == raw * 2


def test_item_reaches_every_field(types: Any, thing: Any) -> None:
    """A field is also an item, which is how a field named like a keyword is read."""
    assert thing["class"] == 4 == getattr(thing, "class")
    assert thing["name"] == "bash"
    with pytest.raises(KeyError, match="nothing"):
        thing["nothing"]


def test_field_hides_a_method_of_bytes(thing: Any) -> None:
    """A field named like a method of bytes wins."""
    assert thing.count == 3


def test_raw_is_the_bytes_of_a_field(thing: Any) -> None:
    """_raw() gives a field's bytes, those behind a NUL too."""
    assert thing._raw("words") == b"ab\0\0cdef"
    assert thing._raw("pair") == b"\1\2"
    with pytest.raises(KeyError):
        thing._raw("nothing")


def test_text_that_is_no_utf8_can_be_printed(types: Any) -> None:
    """Undecodable bytes of a char[] become escapes; the record has the bytes."""
    thing = types.thing(name=b"\xff\xfea")
    assert thing.name == "\\xff\\xfea"
    assert thing.name.encode() == b"\\xff\\xfea"
    assert thing._raw("name").split(b"\0")[0] == b"\xff\xfea"
    assert types.thing(thing) == thing
    assert types.thing(name="12345678").name == "12345678"
    assert types.thing(name="\u0440\u0430")._raw("name")[:4] == b"\xd1\x80\xd0\xb0"


def test_text_with_surrogates_is_refused(types: Any) -> None:
    """What is written is UTF-8: other bytes are given as bytes."""
    with pytest.raises(UnicodeEncodeError):
        types.thing(name="\udcff")
    assert types.thing(name=b"\xff")._raw("name")[0] == 255


def test_text_of_a_record_reads_well(types: Any, thing: Any) -> None:
    """str() and repr() look like the call that makes the record; enums by name."""
    assert str(types.flow(saddr=1, sport=80)) == "flow(saddr=1, sport=80)"
    text = repr(thing)
    assert text == str(thing)
    for part in ("thing(name='bash', ", "state=RUNNING", "points=(point(x=1, y=-2), "):
        assert part in text
    assert "pair=pair(a=1, b=2)" in text


def test_asdict_is_deep(types: Any, thing: Any) -> None:
    """_asdict() has dicts for structs at any depth, and makes the same record again."""
    fields = thing._asdict()
    assert list(fields) == list(thing._fields)
    assert fields["points"] == ({"x": 1, "y": -2}, {"x": 3, "y": 4})
    assert fields["pair"] == {"a": 1, "b": 2}
    assert types.thing(fields) == thing


def test_record_cannot_be_changed(types: Any) -> None:
    """Fields cannot be set or deleted, and the message says what to do."""
    flow = types.flow(saddr=1)
    with pytest.raises(AttributeError, match="_replace"):
        flow.saddr = 2
    with pytest.raises(AttributeError, match="immutable"):
        del flow.saddr
    with pytest.raises(AttributeError):
        flow.other = 2


def test_flexible_array_takes_what_follows(types: Any) -> None:
    """A flexible array at the end has all the bytes behind the others."""
    line = types.line(n=5, text="hello")
    assert (len(line), line.text, line._raw("text")) == (9, "hello", b"hello")
    assert (len(types.line(n=1)), types.line(n=1).text) == (4, "")
    assert types.line(b"\1\0\0\0abc\0").text == "abc"
    assert line._replace(text="hello world").text == "hello world"
    assert line._replace(n=2) == types.line({"n": 2, "text": "hello"})
    assert types.line((1, "x")).text == "x"


def test_array_type_is_a_record_with_a_value(types: Any) -> None:
    """A type that is an array has one field, and is made from the array itself, too."""
    quad = types.quad((1, 2, 3, 4))
    assert (quad.value, quad._fields) == ((1, 2, 3, 4), ("value",))
    assert types.quad(value=(1, 2, 3, 4)) == quad
    assert str(quad) == "quad(value=(1, 2, 3, 4))"


def test_copies_are_the_record_itself(thing: Any) -> None:
    """What cannot change need not be copied."""
    assert copy.copy(thing) is thing
    assert copy.deepcopy([thing])[0] is thing


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match came with Python 3.10")
def test_patterns_match_fields(types: Any) -> None:
    """match takes a record apart by its fields, by name and by order."""
    source = """
match flow:
    case types.flow(0, _):
        found = None
    case types.flow(saddr, sport=80):
        found = saddr
"""
    names: dict[str, Any] = {"types": types, "flow": types.flow(saddr=1, sport=80)}
    exec(source, names)
    assert names["found"] == 1


def test_class_says_what_it_is(types: Any) -> None:
    """The class has the type's name, its fields in order, and a line of description."""
    assert types.flow.__name__ == "flow"
    assert types.flow._fields == ("saddr", "sport")
    assert types.flow.__doc__ == "struct flow of records: 8 bytes"
    assert "saddr" in dir(types.flow())
    assert repr(types.flow.sport) == "<field 'sport', offset=4, size=2>"
    assert "bits=3" in repr(types.thing.low)


def test_field_reads_no_foreign_memory(types: Any) -> None:
    """A field refuses what is no record, or one that is too short."""
    with pytest.raises(TypeError, match="record of 16 bytes"):
        types.stats.packets.__get__(b"short")
    with pytest.raises(TypeError, match="sport"):
        types.flow.sport.__get__(bytearray(8))


def test_records_are_no_work_for_the_garbage_collector(types: Any) -> None:
    """It does not track them, however many there are."""
    assert not gc.is_tracked(types.flow(saddr=1))
    assert not gc.is_tracked(types.thing())


def test_subclass_adds_what_a_program_likes(types: Any) -> None:
    """A record class can be derived from, and the fields go on working."""

    class Flow(types.flow):  # type: ignore[misc]
        @property
        def place(self) -> str:
            return f"{self.saddr}:{self.sport}"

    flow = Flow(saddr=1, sport=80)
    assert (flow.place, flow == types.flow(saddr=1, sport=80)) == ("1:80", True)
    assert type(flow._replace(sport=1)) is Flow


def test_repr_shows_padding_that_is_not_zero(types: Any) -> None:
    """Two records that differ in bytes of no field look different; str() is for people."""
    clean = types.flow(saddr=1, sport=80)
    size = len(clean)
    dirty = types.flow(bytes(clean)[:-1] + b"\1")
    assert dirty != clean
    assert repr(clean) == str(clean) == str(dirty) == "flow(saddr=1, sport=80)"
    assert repr(dirty) == f"flow(saddr=1, sport=80, padding[{size - 2}:{size}]=b'\\x00\\x01')"


def test_dict_for_a_struct_in_a_record_keeps_the_rest(types: Any, thing: Any) -> None:
    """_replace() with a dict changes the members that it names."""
    changed = thing._replace(pair={"b": 9})
    assert (changed.pair.a, changed.pair.b, changed.name) == (1, 9, "bash")
    assert types.thing({"pair": {"b": 9}}).pair.a == 0


@pytest.fixture
def small(types: Any) -> Any:
    """Return a record of another class, with fewer bytes than a thing has."""
    record = types.point(x=1)
    assert len(record) < len(types.thing())
    return record


def test_class_of_a_record_cannot_be_changed(types: Any, small: Any) -> None:
    """A record of few bytes does not become one that reads beyond them."""
    for other in (types.thing, types.point, bytes):
        with pytest.raises(TypeError, match="__class__ of a record cannot be changed"):
            small.__class__ = other
    assert small.__class__ is type(small) is types.point


def test_class_that_is_set_behind_its_back_reads_nothing(types: Any, small: Any) -> None:
    """Who sets __class__ by object's own descriptor gets errors, not memory."""
    descriptor: Any = object.__dict__["__class__"]
    try:
        descriptor.__set__(small, types.thing)
    except TypeError:
        return  # an interpreter that does not let it
    uses: dict[str, Any] = {
        "attribute": lambda: small.huge,
        "item": lambda: small["huge"],
        "raw": lambda: small._raw("huge"),
        "dict": small._asdict,
        "text": lambda: repr(small),
    }
    for name, use in uses.items():
        with pytest.raises(TypeError):
            print(name, use())


def test_field_that_is_given_to_another_class_reads_nothing(types: Any, small: Any) -> None:
    """A field that somebody puts into a class reads what has bytes enough, if it is bytes."""
    field = types.thing.__dict__["count"]

    class Short(bytes):
        count = field

    class Number(int):
        count = field

    reads: list[Callable[[], object]] = [
        lambda: Short(b"1").count,
        lambda: Number(1).count,
        lambda: field.__get__(small),
    ]
    for read in reads:
        with pytest.raises(TypeError, match="field 'count' needs a record of"):
            print(read())
    assert types.thing(count=3).count == 3
