# SPDX-License-Identifier: MIT
"""Whole maps as columns: the same entries as iteration gives, a typed buffer each field."""

import array
import contextlib
import ctypes
import gc
import struct
import threading
from typing import Any

import pytest

import tinybpf
from support.objects import Load, possible_cpus
from tinybpf import BpfMap, BpfMapType, Columns

N = 5000  # several chunks of a walk
THING: dict[str, Any] = {
    "name": "hello",
    "mac": b"abcdef",
    "is_up": True,
    "letter": 65,
    "state": -3,
    "wide": 0x123456789ABC,
    "where": 2**64 - 1,
    "ratio": 2.5,
    "inner": 7,
    "grid": ((1, -2, 3), (4, 5, 6)),
    "number": {"whole": 0x01020304},
    "first": 0xABCDEF,
    "low": 5,
    "middle": 300,
    "high": -7,
    "flag": True,
    "mode": 7,
    "huge": -2,
    "words": ("ab", "cdef"),
    "pair": {"a": 1, "b": 255},
    "class": 8,
    "count": 9,
}


def texts(view: memoryview) -> list[bytes]:
    """Return the elements of a column of bytes, whose format tolist() does not know."""
    raw, size = view.tobytes(), view.itemsize
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def test_columns_of_a_hash_are_its_entries(load: Load) -> None:
    """Each entry is a row, in all of them the same one; every field has its column."""
    obj = load("records")
    flows = obj.maps["flows"]
    flows.update(
        {
            obj.types.flow(saddr=i, sport=i * 3): {"bytes": i << 40, "packets": i}
            for i in range(50)
        }
    )
    cols = flows.read_columns()
    assert isinstance(cols, Columns)
    assert cols.names == ("key.saddr", "key.sport", "value.bytes", "value.packets")
    assert [cols[name].format for name in cols] == ["I", "H", "Q", "Q"]
    rows = zip(*(cols[name].tolist() for name in cols))
    assert sorted(rows) == [(i, i * 3, i << 40, i) for i in range(50)]
    assert repr(cols) == (
        "<Columns of 50 rows: key.saddr, key.sport, value.bytes, value.packets>"
    )


def test_columns_of_many_chunks() -> None:
    """A map larger than the buffers of a walk comes whole."""
    with BpfMap.create(BpfMapType.HASH, 4, 8, N) as found:
        found.update({struct.pack("I", k): struct.pack("Q", k * k) for k in range(N)})
        numbers = found.typed(key=ctypes.c_uint32, value=ctypes.c_uint64)
        cols = numbers.read_columns()
    assert len(cols) == N
    assert dict(zip(cols["key"], cols["value"])) == {k: k * k for k in range(N)}


def test_every_kind_of_field(load: Load) -> None:
    """Numbers, texts, enums, arrays, bitfields, unions, nested structs: native where it is."""
    obj = load("records")
    things = obj.maps["things"]
    things[3] = THING
    cols = things.read_columns()
    plain = {name: view.tolist()[3] for name, view in cols.items() if "s" not in view.format}
    assert plain == {
        "key": 3,
        "value.is_up": 1,
        "value.letter": 65,
        "value.state": -3,
        "value.wide": 0x123456789ABC,
        "value.where": 2**64 - 1,
        "value.ratio": 2.5,
        "value.grid": [[1, -2, 3], [4, 5, 6]],
        "value.inner": 7,
        "value.first": 0xABCDEF,
        "value.second": 0xCDEF,
        "value.low": 5,
        "value.middle": 300,
        "value.high": -7,
        "value.flag": 1,
        "value.mode": 7,
        "value.pair.a": 1,
        "value.pair.b": 255,
        "value.class": 8,
        "value.count": 9,
    }
    assert texts(cols["value.name"])[3] == b"hello\0\0\0"
    assert texts(cols["value.mac"])[3] == b"abcdef"
    assert texts(cols["value.huge"])[3] == (-2).to_bytes(16, "little", signed=True)
    assert texts(cols["value.number"])[3] == bytes([4, 3, 2, 1])
    assert texts(cols["value.words"])[6:8] == [b"ab\0\0", b"cdef"]
    assert cols["value.words"].shape == (64, 2)
    assert cols["value.points"].shape == (64, 2)
    assert (cols["value.grid"].shape, cols["value.grid"].itemsize) == ((64, 2, 3), 4)


def test_values_that_are_no_struct(load: Load) -> None:
    """An array is one column, with a dimension more; an enum and a text are one column."""
    obj = load("records")
    names = obj.maps["names"]
    names["abc"] = (1, 2, 3, 4)
    cols = names.read_columns()
    assert cols.names == ("key", "value")
    assert texts(cols["key"]) == [b"abc\0\0\0\0\0"]
    row: Any = cols["value"].tolist()[0]
    assert row == [1, 2, 3, 4]
    obj.maps["choices"][obj.types["enum state"].FAILED] = 5
    choices = obj.maps["choices"].read_columns()
    assert choices["key"].tolist() == [-3]
    assert choices["value"].tolist() == [5]


def test_per_cpu_map_has_a_row_for_each_cpu(load: Load) -> None:
    """The column cpu tells them apart."""
    obj = load("records")
    per_cpu, n = obj.maps["per_cpu"], possible_cpus()
    per_cpu[5] = [{"bytes": 100 + cpu, "packets": cpu} for cpu in range(n)]
    cols = per_cpu.read_columns()
    assert len(cols) == 64 * n
    found = zip(*(cols[c].tolist() for c in ("key", "cpu", "value.bytes", "value.packets")))
    assert [row for row in found if row[0] == 5] == [
        (5, cpu, 100 + cpu, cpu) for cpu in range(n)
    ]


def test_maps_without_btf_are_bytes_or_what_typed_says() -> None:
    """No type is made up; one that a program gives holds, bytes too."""

    class Pair(ctypes.Structure):
        _fields_ = (("a", ctypes.c_uint32), ("b", ctypes.c_uint32))

    with BpfMap.create(BpfMapType.HASH, 3, 8, 4) as found:
        found[b"abc"] = struct.pack("q", -5)
        cols = found.read_columns()
        assert (texts(cols["key"]), texts(cols["value"])) == ([b"abc"], [struct.pack("q", -5)])
        assert found.typed(value=ctypes.c_int64).read_columns()["value"].tolist() == [-5]
        assert found.typed(value=ctypes.c_double).read_columns()["value"].format == "d"
        assert found.typed(value=Pair).read_columns()["value"].format == "8s"


def test_an_empty_map_has_the_columns_too(load: Load) -> None:
    """Names and types are those of a full one, and there is no row."""
    cols = load("records").maps["flows"].read_columns()
    assert (len(cols), bool(cols)) == (0, False)
    assert [(name, view.format, view.nbytes) for name, view in cols.items()] == [
        ("key.saddr", "I", 0),
        ("key.sport", "H", 0),
        ("value.bytes", "Q", 0),
        ("value.packets", "Q", 0),
    ]


def test_kinds_without_batches_come_key_by_key(load: Load) -> None:
    """A trie, and a map of maps, whose values are ids."""
    found = BpfMap.create(BpfMapType.LPM_TRIE, 8, 4, 16, flags=tinybpf.BPF_F_NO_PREALLOC)
    with found:
        for i in range(10):
            found[struct.pack("I4B", 32, 10, 0, 0, i)] = struct.pack("I", i)
        cols = found.typed(value=ctypes.c_uint32).read_columns()
    assert sorted(cols["value"]) == list(range(10))


def test_maps_that_cannot_be_walked_are_refused() -> None:
    """As iteration refuses them."""
    with BpfMap.create(BpfMapType.QUEUE, 0, 4, 4) as queue:
        with pytest.raises(tinybpf.BpfError, match="has no keys"):
            queue.read_columns()
    with pytest.raises(tinybpf.BpfClosedError):
        queue.read_columns()


def test_columns_outlive_all_else(load: Load) -> None:
    """Neither the object nor the Columns is needed by a view; nobody can write to it."""
    obj = load("records")
    flows = obj.maps["flows"]
    flows[obj.types.flow(saddr=1, sport=2)] = {"bytes": 3, "packets": 4}
    cols = flows.read_columns()
    flows.clear()
    obj.close()
    view = cols["value.bytes"]
    assert cols["value.bytes"] == view
    del cols, flows, obj
    gc.collect()
    assert view.tolist() == [3]
    assert array.array("Q", view).tolist() == [3]
    with pytest.raises(TypeError):
        view[0] = 1
    with pytest.raises(TypeError, match="not writable"):
        (ctypes.c_char * 8).from_buffer(view)


def test_names_that_there_are_not(load: Load) -> None:
    """KeyError says what is near and what there is; a name is a str."""
    cols = load("records").maps["flows"].read_columns()
    with pytest.raises(KeyError, match=r"'value.byte' not found; did you mean 'value.bytes'\?"):
        cols["value.byte"]
    with pytest.raises(KeyError, match=r"There are: key\.saddr, "):
        cols["\udc80"]
    bad: Any
    for bad in (0, None, b"key.saddr"):
        with pytest.raises(TypeError, match="is a str"):
            cols[bad]
        assert bad not in cols
    assert "\udc80" not in cols
    assert "key.saddr" in cols
    assert dict(cols).keys() == set(cols)
    with pytest.raises(TypeError, match="cannot create"):
        Columns()


def test_closed_meanwhile_by_another_thread() -> None:
    """A map that is closed while it is read: all of it, or BpfClosedError; never a crash."""
    for _ in range(20):
        found = BpfMap.create(BpfMapType.HASH, 4, 8, N)
        found.update({struct.pack("I", k): bytes(8) for k in range(N)})
        thread = threading.Thread(target=found.close)
        thread.start()
        with contextlib.suppress(tinybpf.BpfClosedError):
            assert len(found.read_columns()) == N
        thread.join()
