# SPDX-License-Identifier: MIT
"""Arrow's PyCapsule interface: what libraries see, when it is released, what it holds."""

import ctypes
import gc
import threading
from typing import Any

import pytest

import tinybpf
from support import arrow
from support.objects import Load

THING: dict[str, Any] = {
    "mac": b"abcdef", "is_up": True, "letter": 65, "state": -3, "wide": 2**64 - 1,
    "ratio": 2.5, "grid": ((1, -2, 3), (4, 5, 6)), "low": 5, "high": -7, "flag": True,
    "mode": 7, "huge": -2, "words": ("ab", "cdef"), "name": "hello",
}  # fmt: skip


@pytest.fixture
def cols(load: Load) -> tinybpf.Columns:
    """Return columns of every kind: row 3 is THING, all others are zeros."""
    things = load("records").maps["things"]
    things[3] = THING
    return things.read_columns()


def test_array_has_every_kind_of_column(cols: tinybpf.Columns) -> None:
    """Numbers, texts, truth, names of enums, lists and bytes, as Arrow has them."""
    seen = {name: column[3] for name, column in arrow.read(cols).items()}
    assert list(seen) == list(cols.names)
    expected = {
        "key": 3,
        "value.name": "hello",
        "value.mac": b"abcdef",
        "value.is_up": True,
        "value.letter": 65,
        "value.state": "FAILED",
        "value.wide": str(2**64 - 1),  # no member has it
        "value.ratio": 2.5,
        "value.grid": [[1, -2, 3], [4, 5, 6]],
        "value.low": 5,
        "value.high": -7,
        "value.flag": True,
        "value.mode": "RUNNING",
        "value.huge": (-2).to_bytes(16, "little", signed=True),
        "value.words": ["ab", "cdef"],
        "value.points": [bytes(4), bytes(4)],
    }
    assert {name: seen[name] for name in expected} == expected


def test_schema_says_the_types(cols: tinybpf.Columns) -> None:
    """The attribute has the same types as the capsule."""
    schema = arrow.take(cols.__arrow_c_schema__(), "arrow_schema", arrow.Schema)
    formats = {
        schema.children[i].contents.name.decode(): schema.children[i].contents.format.decode()
        for i in range(schema.n_children)
    }
    arrow.release(schema)
    assert list(formats) == list(cols.schema) == list(cols)
    assert (formats["value.grid"], cols.schema["value.grid"]) == (
        "+w:2",
        "fixed_size_list<fixed_size_list<int32>[3]>[2]",
    )
    assert (formats["value.state"], cols.schema["value.state"]) == ("i", "dictionary<string>")
    assert (formats["value.huge"], cols.schema["value.huge"]) == (
        "w:16",
        "fixed_size_binary[16]",
    )
    assert (formats["key"], cols.schema["key"]) == ("I", "uint32")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain\0rest", "plain"),
        (b"\0", ""),
        (b"h\xc3\xa9\xe2\x82\xac", "hé€"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"cut \xe2\x82", r"cut \xe2\x82"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
        (b"\xf0\x9f\x98\x80", "\U0001f600"),
        (b"\xf4\x90\x80\x80", r"\xf4\x90\x80\x80"),
        (b"\xc0\x80x", r"\xc0\x80x"),
    ],
)
def test_texts_are_utf8_whatever_they_are(load: Load, raw: bytes, text: str) -> None:
    """As Records show them: up to the first NUL, other bytes as escapes."""
    obj = load("records")
    things = obj.maps["things"]
    things[0] = obj.types.thing(name=raw[:8])
    kept = raw[:8].partition(b"\0")[0].decode(errors="backslashreplace")
    assert things[0].name == kept
    assert arrow.read(things.read_columns())["value.name"][0] == kept
    assert kept == text


def test_values_without_a_name_are_numbers(load: Load) -> None:
    """Of both signs and sizes; each has one entry in the dictionary."""
    obj = load("records")
    things = obj.maps["things"]
    states = [-3, 0, 7, 1, -1, 2**31 - 1, -(2**31), 1]
    for i, state in enumerate(states):
        things[i] = {"state": state, "wide": state % 2**64}
    seen = arrow.read(things.read_columns())
    names = {0: "IDLE", 7: "RUNNING", -3: "FAILED"}
    assert seen["value.state"][:8] == [names.get(s, str(s)) for s in states]
    wide = {1: "SMALL"}
    assert seen["value.wide"][:8] == [wide.get(s, str(s % 2**64)) for s in states]


def test_stream_gives_one_array_and_ends(cols: tinybpf.Columns) -> None:
    """Also of no rows, and the schema as often as it is asked for."""
    reduced: Any = cols.__reduce__()
    rebuild, (columns, _, data) = reduced
    for source in (cols, rebuild(columns, 0, [b""] * len(data))):
        stream = arrow.take(source.__arrow_c_stream__(), "arrow_array_stream", arrow.Stream)
        schema, array = arrow.Schema(), arrow.Array()
        for again in (True, False):
            assert stream.get_schema(ctypes.addressof(stream), ctypes.addressof(schema)) == 0
            if again:
                arrow.release(schema)
        assert stream.get_next(ctypes.addressof(stream), ctypes.addressof(array)) == 0
        assert array.length == len(source)
        assert list(arrow.table(schema, array)) == list(cols)
        arrow.release(array)
        assert stream.get_next(ctypes.addressof(stream), ctypes.addressof(array)) == 0
        assert not array.release
        assert stream.get_last_error(ctypes.addressof(stream)) is None
        arrow.release(schema)
        arrow.release(stream)


def test_arrays_outlive_the_columns(cols: tinybpf.Columns) -> None:
    """A child that was moved out lives on by itself, released on any thread, without us."""
    schema, array = (
        arrow.take(capsule, "arrow_" + kind, type_)
        for capsule, kind, type_ in zip(
            cols.__arrow_c_array__(None), ("schema", "array"), (arrow.Schema, arrow.Array)
        )
    )
    at = cols.names.index("value.ratio")
    moved = arrow.Array.from_buffer_copy(array.children[at].contents)
    array.children[at].contents.release = None
    del cols
    gc.collect()
    thread = threading.Thread(target=arrow.release, args=(array,))
    thread.start()
    thread.join()
    assert arrow.values(schema.children[at].contents, moved)[3] == 2.5
    arrow.release(moved)
    arrow.release(schema)


def test_numbers_are_not_copied(cols: tinybpf.Columns) -> None:
    """The buffer of an array is the memory of the column."""
    array = arrow.take(cols.__arrow_c_array__()[1], "arrow_array", arrow.Array)
    for name in ("value.ratio", "value.mac", "key"):
        child = array.children[cols.names.index(name)].contents
        assert child.buffers[1] == address_of(cols[name])
    arrow.release(array)


def address_of(view: memoryview) -> int:
    """Return where a read-only buffer lies."""
    raw = (ctypes.c_byte * 128)()
    get = ctypes.pythonapi.PyObject_GetBuffer
    get.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
    assert get(view, ctypes.addressof(raw), 0) == 0
    address = ctypes.c_void_p.from_buffer(raw).value
    ctypes.pythonapi.PyBuffer_Release(ctypes.c_void_p(ctypes.addressof(raw)))
    assert address
    return address


def test_exporters_give_plain_bytes(cols: tinybpf.Columns) -> None:
    """Whoever asks for no shape gets the bytes in one dimension, and nobody may write."""
    view = cols["value.grid"]
    assert bytes(view.obj) == view.tobytes()
    assert view.c_contiguous
    with pytest.raises((BufferError, TypeError)):
        memoryview(view.obj).cast("B")[0] = 1


def test_capsules_that_nobody_takes_are_freed(cols: tinybpf.Columns) -> None:
    """They own what is in them; their names are Arrow's."""
    schema, array = cols.__arrow_c_array__(requested_schema=None)
    assert 'capsule object "arrow_schema"' in repr(schema)
    assert 'capsule object "arrow_array"' in repr(array)
    assert 'capsule object "arrow_array_stream"' in repr(cols.__arrow_c_stream__())
    with pytest.raises(TypeError):
        cols.__arrow_c_stream__(1, 2)  # type: ignore[call-arg]
