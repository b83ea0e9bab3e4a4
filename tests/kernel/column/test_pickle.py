# SPDX-License-Identifier: MIT
"""Pickles of Columns: the same again; forged ones are refused, whatever is in them."""

import copy
import pickle
from typing import Any

import pytest

import tinybpf
from support import arrow
from support.objects import Load


@pytest.fixture
def cols(load: Load) -> tinybpf.Columns:
    """Return columns of every kind."""
    things = load("records").maps["things"]
    things[3] = {"name": "hello", "state": 7, "wide": 99, "grid": ((1, 2, 3), (4, 5, 6))}
    return things.read_columns()


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_the_same_again(cols: tinybpf.Columns, protocol: int) -> None:
    """Names, types, numbers, and what Arrow sees: names of enums, too."""
    again = pickle.loads(pickle.dumps(cols, protocol))
    assert isinstance(again, tinybpf.Columns)
    assert (len(again), again.schema) == (len(cols), cols.schema)
    assert all(again[name].tobytes() == cols[name].tobytes() for name in cols)
    assert all(again[name].shape == cols[name].shape for name in cols)
    assert arrow.read(again) == arrow.read(cols)


def test_copies_are_columns(cols: tinybpf.Columns) -> None:
    """Both kinds of copy."""
    assert arrow.read(copy.copy(cols)) == arrow.read(copy.deepcopy(cols)) == arrow.read(cols)


GOOD = ("x", 0, 0, 4, (), ())
FORGED: dict[str, Any] = {
    "no list": ((), 0, []),
    "data too few": ([GOOD], 0, []),
    "data of another size": ([GOOD], 2, [bytes(4)]),
    "data that do not divide": ([GOOD], 1, [bytes(7)]),
    "data no bytes": ([GOOD], 1, [bytearray(4)]),
    "many rows": ([GOOD], 2**62, [bytes(4)]),
    "rows below none": ([GOOD], -1, [b""]),
    "no tuple": ([["x"]], 0, [b""]),
    "a kind beyond all": ([("x", 99, 0, 4, (), ())], 0, [b""]),
    "a kind below all": ([("x", -1, 0, 4, (), ())], 0, [b""]),
    "number of 3 bytes": ([("x", 0, 0, 3, (), ())], 0, [b""]),
    "number of 16 bytes": ([("x", 1, 1, 16, (), ())], 0, [b""]),
    "size 0": ([("x", 6, 0, 0, (), ())], 0, [b""]),
    "size of 4 GiB": ([("x", 6, 0, 2**32 - 1, (), ())], 0, [b""]),
    "dimension 0": ([("x", 0, 0, 4, (0,), ())], 0, [b""]),
    "dimension below 0": ([("x", 0, 0, 4, (-1,), ())], 0, [b""]),
    "dimension a text": ([("x", 0, 0, 4, ("1",), ())], 0, [b""]),
    "dimensions beyond memory": ([("x", 0, 0, 4, (2**31 - 1,) * 8, ())], 0, [b""]),
    "nine dimensions": ([("x", 0, 0, 4, (1,) * 9, ())], 0, [b""]),
    "name with NUL": ([("a\0b", 0, 0, 4, (), ())], 0, [b""]),
    "name a surrogate": ([("\udc80", 0, 0, 4, (), ())], 0, [b""]),
    "name no text": ([(b"x", 0, 0, 4, (), ())], 0, [b""]),
    "member no tuple": ([("x", 4, 0, 4, (), (1,))], 0, [b""]),
    "member of one": ([("x", 4, 0, 4, (), (("a",),))], 0, [b""]),
    "member with NUL": ([("x", 4, 0, 4, (), (("a\0", 1),))], 0, [b""]),
    "a column too many": ([GOOD] * 20000, 0, [b""] * 20000),
}


@pytest.mark.parametrize("state", FORGED.values(), ids=FORGED.keys())
def test_forged_pickles_are_refused(cols: tinybpf.Columns, state: Any) -> None:
    """With an exception; nothing is made of them."""
    rebuild: Any = cols.__reduce__()[0]
    with pytest.raises((ValueError, TypeError, UnicodeEncodeError, MemoryError)):
        rebuild(*state)


def test_odd_pickles_hold_together(cols: tinybpf.Columns) -> None:
    """What can be, is made: no columns, equal names, enums whose values are too large."""
    rebuild: Any = cols.__reduce__()[0]
    empty = rebuild([], 5, [])
    assert (len(empty), empty.names, arrow.read(empty)) == (5, (), {})
    twice = rebuild([GOOD, GOOD], 1, [bytes(4), b"\1\0\0\0"])
    assert (twice.names, twice["x"].tolist()) == (("x", "x"), [0])
    members = (("b", 2**64 - 1), ("a", 255), ("c", 1))
    odd = rebuild([("e", 4, 1, 1, (), members)], 3, [b"\xff\x01\x05"])
    assert arrow.read(odd) == {"e": ["b", "c", "5"]}
