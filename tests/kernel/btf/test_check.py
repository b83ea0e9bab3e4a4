# SPDX-License-Identifier: MIT
"""What foreign BTF may say: types that end, lie in one another, and can be worked on."""

import pickle
import struct
from typing import Any

import pytest

import tinybpf
from support import btf, child
from tinybpf import Btf

# What pickles of records call.
REBUILD: Any = vars(tinybpf._core)["_rebuild"]

STRINGS = b"\0int\0a\0b\0"  # 1 "int", 5 "a", 7 "b"

# Types 2 and on, behind an int; what is said of which.
HOSTILE: "dict[str, tuple[list[bytes], str]]" = {
    "an index of itself": ([btf.record(btf.ARRAY, 0, 0, 1, 2, 4)], "2 holds itself"),
    "a function that takes itself": (
        [btf.record(btf.FUNC_PROTO, 0, 1, 5, 2, vlen=1)],
        "2 holds itself",
    ),
    "a member behind the end": (
        [btf.record(btf.STRUCT, 5, 4, 5, 1, 8, vlen=1)],
        "2 has a part outside of it",
    ),
    "a member of a union behind the end": (
        [btf.record(btf.UNION, 5, 3, 5, 1, 0, vlen=1)],
        "2 has a part outside of it",
    ),
    "a bitfield behind the end": (
        [btf.record(btf.STRUCT, 5, 4, 5, 1, 8 << 24 | 25, vlen=1 | btf.KIND_FLAG)],
        "2 has a part outside of it",
    ),
    "a bitfield of a pointer": (
        [
            btf.record(btf.PTR, 0, 0),
            btf.record(btf.STRUCT, 5, 8, 5, 2, 8 << 24, vlen=1 | btf.KIND_FLAG),
        ],
        "3 has a bitfield that is no integer",
    ),
    "a bitfield wider than an int": (
        [btf.record(btf.STRUCT, 5, 8, 5, 1, 33 << 24, vlen=1 | btf.KIND_FLAG)],
        "2 has a bitfield that is wider",
    ),
    "an int of more bits than bytes": (
        [btf.record(btf.INT, 5, 4, 33)],
        "2 has a size that no such type has",
    ),
    "a struct of 4 GiB": (
        [
            btf.record(btf.ARRAY, 0, 0, 1, 1, 2**30 - 1),
            btf.record(btf.STRUCT, 5, 2**32 - 4, 5, 2, 0, vlen=1),
        ],
        "3 has a size that no such type has",
    ),
    "a function of an int": ([btf.record(btf.FUNC, 5, 1)], "2 is a function without"),
    "a section with an int": (
        [btf.record(btf.DATASEC, 5, 4, 1, 0, 4, vlen=1)],
        "2 has a part that is no variable",
    ),
    "a variable behind its section": (
        [btf.record(btf.VAR, 5, 1, 1), btf.record(btf.DATASEC, 7, 4, 2, 2**32 - 4, 4, vlen=1)],
        "3 has a part outside of it",
    ),
    "a variable of a variable": (
        [btf.record(btf.VAR, 5, 1, 1), btf.record(btf.VAR, 7, 2, 1)],
        "3 is made of a variable",
    ),
    "a type of a type that is not there": ([btf.record(btf.TYPEDEF, 5, 9)], "2 refers to"),
    "a result that is not there": ([btf.record(btf.FUNC_PROTO, 0, 9)], "2 refers to"),
    "a kind of tomorrow": ([btf.record(31, 5, 4)], "2 is of a kind that is not known"),
    "half a type": ([btf.record(btf.STRUCT, 5, 4, vlen=1)], "2 is not whole"),
    "500 pointers": ([btf.record(btf.PTR, 0, i) for i in range(1, 500)], "is nested too deep"),
    "a gap of 100 MB": (
        [btf.record(btf.STRUCT, 5, 100_000_000, 5, 1, 0, vlen=1)],
        "2 unfolds into more than 262144 parts",
    ),
    "a gap of 100 MB in a union": (
        [
            btf.record(btf.ARRAY, 0, 0, 1, 1, 25_000_000),
            btf.record(btf.UNION, 0, 100_000_000, 5, 1, 799_999_968, 5, 2, 0, vlen=2),
        ],
        "3 unfolds into more than 262144 parts",
    ),
}


def turned(image: bytes) -> bytes:
    """Return a BTF in the other byte order."""
    head = struct.unpack_from("<HBBIIIII", image)
    words = image[24 : 24 + head[5]]
    swapped = b"".join(words[i : i + 4][::-1] for i in range(0, len(words), 4))
    return struct.pack(">HBBIIIII", *head) + swapped + image[24 + head[6] :]


@pytest.mark.parametrize("name", HOSTILE)
def test_impossible_type_is_refused(name: str) -> None:
    """The error says which type it is and why, in either byte order."""
    types, words = HOSTILE[name]
    image = btf.image([btf.integer(), *types], STRINGS)
    for data in (image, turned(image)):
        with pytest.raises(tinybpf.BpfError, match=f"malformed: type .*{words}"):
            Btf.parse(data)


def twice(kind: str) -> bytes:
    """Return 30 types, each of which names the one before it twice: 2^30 parts."""
    types = [btf.integer()]
    for i in range(1, 30):
        if kind == "functions":
            types.append(btf.record(btf.FUNC_PROTO, 0, i, 5, i, 7, i, vlen=2))
        else:
            name = 5 if kind == "named unions" else 0
            types.append(btf.record(btf.UNION, name, 4, 5, i, 0, 7, i, 0, vlen=2))
    return btf.image(types, STRINGS)


TAKE = """
import sys, tinybpf
try:
    tinybpf.Btf.parse(bytes.fromhex(sys.argv[1]))
except tinybpf.BpfError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["functions", "unions", "named unions"])
def test_work_without_end_is_refused(kind: str) -> None:
    """2^30 parts are refused at once, in a child that would not end."""
    said = child.output(TAKE, twice(kind).hex(), timeout_s=20)
    assert "unfolds into more than 262144 parts" in said


def test_long_names_are_refused() -> None:
    """A name of more than 4096 bytes is; a string that is no name may be longer."""
    long = STRINGS + b"x" * 5000 + b"\0"
    assert len(Btf.parse(btf.image([btf.integer()], long))) == 1
    with pytest.raises(tinybpf.BpfError, match="type 2 has a name of more than 4096 bytes"):
        Btf.parse(btf.image([btf.integer(), btf.integer(len(STRINGS))], long))


def test_spelling_of_a_type_ends() -> None:
    """What would take more than some 4096 characters ends in dots."""
    types = [btf.integer()]
    for i in range(1, 11):
        types.append(btf.record(btf.FUNC_PROTO, 0, i, 5, i, 7, i, vlen=2))
    found = Btf.parse(btf.image(types, STRINGS))[11]
    assert len(found.c_name) < 40_000
    assert "..." in found.c_name


def test_dump_of_too_much_is_an_error() -> None:
    """C of more than 64 MiB is refused; a type of it is not."""
    names = STRINGS + b"x" * 4000 + b"\0"
    of_long = [len(STRINGS), 7] * 100
    types = [btf.integer(), btf.record(btf.ENUM, 0, 4, *of_long, vlen=100)]
    types += [btf.record(btf.UNION, 0, 4, *[5, 2, 0] * 100, vlen=100)]
    types += [btf.record(btf.UNION, 7, 4, *[5, 3, 0] * 2, vlen=2), btf.integer(5)]
    types += [btf.record(btf.UNION, 5, 4, *[5, 4, 0], vlen=1)]
    whole = Btf.parse(btf.image(types, names))
    with pytest.raises(tinybpf.BpfError, match="its C is longer than 64 MiB; name a type"):
        whole.dump()
    assert whole.dump("int") == "int;\n"


def test_class_of_what_unions_make_of_a_byte_is_refused() -> None:
    """4 bytes in 2^14 ways have a type, but no values that anybody could show."""
    types = [btf.integer()]
    for i in range(1, 15):
        name = {1: 5, 14: 7}.get(i, 0)
        types.append(btf.record(btf.UNION, name, 4, 5, i, 0, 7, i, 0, vlen=2))
    parsed = Btf.parse(btf.image(types, STRINGS))
    assert parsed[15].size == 4
    assert len(repr(parsed.classes["union a"]())) > 0
    with pytest.raises(tinybpf.BpfError, match=r"type 15 .* contradicts itself"):
        REBUILD((bytes(parsed), 15, "b"), bytes(4))


def test_hostile_pickle_of_a_record_is_refused() -> None:
    """The types that travel with a record are checked as those of a file."""
    image = btf.image([btf.integer(), *HOSTILE["an index of itself"][0]], STRINGS)
    with pytest.raises(tinybpf.BpfError, match="BTF of the pickled 'a': it is malformed"):
        REBUILD((image, 2, "a"), b"")


def test_enumerators_without_names_are_no_members() -> None:
    """A number whose name is empty or no text stays: without one, or with escapes."""
    strings = b"\0color\0RED\0\xffX\0s\0c\0"
    types = [
        btf.record(btf.ENUM, 1, 4, 0, 5, 7, 6, 11, 7, vlen=3),
        btf.record(btf.STRUCT, 14, 4, 16, 1, 0, vlen=1),
    ]
    classes = Btf.parse(btf.image(types, strings)).classes
    assert [member.name for member in classes["color"]] == ["RED", "\\xffX"]
    shown = [repr(classes["s"](n.to_bytes(4, "little"))) for n in (5, 6, 7)]
    assert shown == ["s(c=5)", "s(c=RED)", "s(c=\\xffX)"]


def test_fields_whose_names_are_no_text_are_reached() -> None:
    """A field is reached by the name that is shown, and a record of it pickles."""
    types = [btf.integer(), btf.record(btf.STRUCT, 5, 4, 7, 1, 0, vlen=1)]
    parsed = Btf.parse(btf.image(types, b"\0int\0a\0\xfe\xff\0"))
    record: Any = parsed.classes["a"](b"\1\0\0\0")
    assert repr(record) == "a(\\xfe\\xff=1)"
    assert record._fields == ("\\xfe\\xff",)
    assert record["\\xfe\\xff"] == getattr(record, "\\xfe\\xff") == 1
    assert record._asdict() == {"\\xfe\\xff": 1}
    assert pickle.loads(pickle.dumps(record)) == record
