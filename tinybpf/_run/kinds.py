# SPDX-License-Identifier: MIT
"""Records of several types in one ring: one table of all fields, or JSON that has "_type"."""

from __future__ import annotations

from itertools import groupby

from tinybpf._run.rows import Rows, quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tinybpf._run.formats import Field
    from tinybpf._run.options import Condition

    Show = Callable[[list[Any], int], tuple[bytes, int]]

TITLE = "EVENT"  # of the column that names the type
UNKNOWN = "-"  # stands there for records of none of them


class Kinds:
    """How the records of a ring are shown, each by its type."""

    def __init__(self, all: Sequence[Rows], unknown: Show) -> None:
        self.all = all
        self.head = b""
        self._unknown = unknown  # for records that are bytes
        self._by_type: dict[type, Show] = {}

    def format(self, records: list[Any], most: int) -> tuple[bytes, int]:
        """Return the lines of records, and how many they are: most at most; -1: all."""
        parts = []
        n_shown = 0
        for kind, some in groupby(records, type):
            if n_shown == most:
                break
            left = most - n_shown if most >= 0 else -1
            lines, n = self._by_type.get(kind, self._unknown)(list(some), left)
            parts.append(lines)
            n_shown += n
        return b"".join(parts), n_shown

    def settle(self, fields: Sequence[str], conditions: Sequence[Condition]) -> None:
        """Choose columns; a type is not shown that lacks what a condition is about."""
        wanted = [_wanted(rows, fields) for rows in self.all]
        widths = _widths(self.all, wanted, fields)
        width = max(len(shown(name)) for name in (TITLE, *(r.name for r in self.all)))
        self.head = _line(TITLE, width, {path: shown(path).upper() for path in widths}, widths)
        for rows, its in zip(self.all, wanted):
            if any(path not in rows.paths for _, path, _, _ in conditions):
                self._by_type[rows.type] = _show_nothing
            elif rows.is_json:
                self._by_type[rows.type] = rows.make(its, conditions).format
            else:
                before = shown(rows.name).ljust(width)
                made = rows.make_between(before, its, widths, conditions)
                self._by_type[rows.type] = made.format
        if conditions:
            self._unknown = _show_nothing
        elif not self.all[0].is_json:
            self._unknown = _behind(UNKNOWN.ljust(width + 1).encode(), self._unknown)


def mark(type: type[Any]) -> str:
    """Return what JSON has before the fields of one of several types."""
    return f'"_type":{quoted(type.__name__)},'


def _wanted(rows: Rows, fields: Sequence[str]) -> list[Field]:
    """Return the fields that are shown, those that were asked for in their order."""
    if not fields:
        return rows.leaves()
    return [rows.paths[path] for path in fields if path in rows.paths]


def _widths(
    all: Sequence[Rows], wanted: Sequence[list[Field]], fields: Sequence[str]
) -> dict[str, int]:
    """Return the columns of all types, each as wide as the widest needs it."""
    widths = dict.fromkeys(fields, 0)
    for rows, its in zip(all, wanted):
        for field in its:
            before = widths.get(field[0], 0)
            widths[field[0]] = max(before, rows.width(field), len(shown(field[0])))
    return {path: width for path, width in widths.items() if width}


def _line(first: str, width: int, cells: dict[str, str], widths: dict[str, int]) -> bytes:
    texts = [first.ljust(width), *(cells[path].ljust(widths[path]) for path in widths)]
    return " ".join(texts).rstrip().encode("utf-8", "backslashreplace")


def _show_nothing(records: list[Any], most: int) -> tuple[bytes, int]:
    return b"", 0


def _behind(before: bytes, show: Show) -> Show:
    """Return what shows lines behind a text."""

    def both(records: list[Any], most: int) -> tuple[bytes, int]:
        lines, n = show(records, most)
        return b"".join(before + line for line in lines.splitlines(keepends=True)), n

    return both
