# SPDX-License-Identifier: MIT
"""References of rows: nothing stays behind, formatted, filtered or refused."""

from typing import Any

import tinybpf
from support.objects import Load
from support.references import Table, Use, each
from tinybpf import _core

WRONG: Any = ("x",)
NO_TEXT: Any = (3,)


def rows(type: Any, path: str = "name", function: Any = None, *filters: Any) -> Any:
    """Return rows with one column."""
    return _core.Rows(type, [(b"<", path, 9, function)], b"\n", list(filters), True)


TABLE: Table = {
    "format": Use(lambda t: rows(t).format([t(), t(name="x")])),
    "function": Use(lambda t: rows(t, "mac", bytes.hex).format([t()])),
    "function that raises": Use(lambda t: rows(t, "mac", len).format([t(), 1]), TypeError),
    "filter": Use(lambda t: rows(t, "mac", None, ("name", "~", "x*", None)).format([t()])),
    "no such field": Use(lambda t: rows(t, "nome"), KeyError),
    "no such filter": Use(
        lambda t: rows(t, "name", len, ("name", "==", "x", len), ("inner", "<", "x", None)),
        ValueError,
    ),
    "no column": Use(lambda t: _core.Rows(t, [WRONG], b"", [], False), TypeError),
    "no class": Use(lambda t: rows(bytes), TypeError),
    "fields": Use(_core._fields),
    "no fields": Use(lambda t: _core._fields(WRONG), TypeError),
}


@each(TABLE)
def test_use_of_rows_keeps_nothing(load: Load, use: Use) -> None:
    """In every way of use."""
    use.check(load("records").types.thing)


TAGS: Table = {
    "tags": Use(_core._tags),
    "no tags": Use(lambda b: _core._tags(WRONG), TypeError),
    "types": Use(lambda b: _core._event_types(b, ["a:b == 1", "c:b==RED", "d", "d"])),
    "types that mean nothing": Use(lambda b: _core._event_types(b, ["d", "a:b"]), ValueError),
    "types of two fields": Use(
        lambda b: _core._event_types(b, ["a:b==1", "a:c==1"]), ValueError
    ),
    "types of no number": Use(lambda b: _core._event_types(b, ["a:b==x"]), ValueError),
    "types of no text": Use(lambda b: _core._event_types(b, list(NO_TEXT)), TypeError),
    "no types": Use(lambda b: _core._event_types(WRONG, []), TypeError),
    "class": Use(lambda b: _core._row_class(b, b["event"].id)()),
    "class of an enum": Use(lambda b: _core._row_class(b, b["color"].id)(value=7)),
    "no class": Use(lambda b: _core._row_class(b, 1 << 30), tinybpf.BpfError),
}


@each(TAGS)
def test_use_of_tags_keeps_nothing(load: Load, use: Use) -> None:
    """In every way of use."""
    use.check(load("direct").btf)


def test_use_of_a_kind_keeps_nothing(load: Load) -> None:
    """The name of a map's type, and what is no map."""
    map = load("direct").maps["events"]
    assert _core._kind(map) == "RINGBUF"
    Use(_core._kind).check(map)
    Use(lambda m: _core._kind(WRONG), TypeError).check(map)
