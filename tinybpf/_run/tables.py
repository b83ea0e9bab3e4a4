# SPDX-License-Identifier: MIT
"""The maps of an object as tables, or as lines of JSON."""

from __future__ import annotations

from tinybpf import BtfKind, Record, _core
from tinybpf._run import UsageError, histogram
from tinybpf._run.formats import NUMBERS
from tinybpf._run.rows import Rows, quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tinybpf import BpfMap, BpfObject
    from tinybpf._run.events import Tags
    from tinybpf._run.formats import Choice, Field, Format
    from tinybpf._run.options import Condition, Options

    Pair = tuple[Any, Any]

ARRAYS = ("ARRAY", "PERCPU_ARRAY")
SHOWN = (*ARRAYS, "HASH", "LRU_HASH", "PERCPU_HASH", "LRU_PERCPU_HASH", "LPM_TRIE")
MOST = 20  # rows in a table, unless --max-rows says more
FEW = 16  # entries of an array that are all shown, zeros too
STRUCTS = (BtfKind.STRUCT, BtfKind.UNION)
THROUGH = (BtfKind.TYPEDEF, BtfKind.CONST, BtfKind.VOLATILE, BtfKind.TYPE_TAG)
RIGHT = (*NUMBERS, "float")  # kinds whose columns end in line


class Side:
    """The keys of a map, or its values."""

    def __init__(self, map: BpfMap, name: str, obj: BpfObject, formats: Choice) -> None:
        found = map.btf_key if name == "key" else map.btf_value
        size = map.key_size if name == "key" else map.value_size
        self.name, self.map, self.formats = name, map.name, formats
        self.rows: Rows | None = None  # None: it is not known what they are
        self.fields: list[Field] = [(name, "bytes", size, 0, 0)]
        self.is_struct = False
        self._filter: Any = None
        if obj.btf is None or found is None:
            return
        behind = found
        while behind.kind in THROUGH:
            behind = obj.btf[behind.type_id]
        self.is_struct = behind.kind in STRUCTS
        rows = Rows(_core._row_class(obj.btf, found.id), map.name, formats, False)
        if len(rows.type()) == size:
            rows.only = "" if self.is_struct else name
            self.rows, self.fields = rows, rows.leaves()

    def title(self, field: Field) -> str:
        """Return what a column is called."""
        return field[0] if self.is_struct else self.name

    def titles(self) -> dict[str, str]:
        """Return the path of each field by what it is called."""
        if self.rows is None:
            return {}
        return {self.title(field): field[0] for field in self.rows.all}

    def format(self, field: Field, is_json: bool) -> Format | None:
        """Return the function that a field is shown by."""
        if self.rows is None:
            return self.formats.of(self.map, field, is_json)
        return self.rows.format(field, is_json)

    def records(self, values: list[Any]) -> list[bytes]:
        """Return each value as it lies in memory; ValueError if it does not fit."""
        assert self.rows is not None
        type = self.rows.type
        return [v if isinstance(v, bytes) else type(value=v) for v in values]

    def cells(self, values: list[Any]) -> list[list[str]]:
        """Return the texts of each value."""
        if self.rows is None:
            function = self.format(self.fields[0], False) or _spaced
            return [[shown(str(function(value)))] for value in values]
        return self.rows.cells(self.fields, self.records(values))

    def objects(self, values: list[Any]) -> list[str]:
        """Return each value as JSON."""
        if self.rows is None:
            function = self.format(self.fields[0], True) or bytes.hex
            return [_json(function(value)) for value in values]
        return self.rows.objects(self.records(values))

    def choose(self, conditions: list[Condition]) -> None:
        """Let those alone pass for which all hold; UsageError if they mean nothing."""
        if conditions and self.rows is not None:
            self._filter = self.rows.filter(conditions)

    def passes(self, value: Any) -> bool:
        """Tell whether a value passes."""
        return self._filter is None or bool(self._filter.format(self.records([value]))[1])

    def value(self, value: Any, field: Field) -> Any:
        """Return what stands in a column of a value, to be compared."""
        if self.is_struct:
            for name in field[0].split("."):
                value = value[name]
        elif isinstance(value, Record):  # an array
            value = value["value"]
        return value


class Table:
    """A map, and how it is shown."""

    def __init__(self, map: BpfMap, obj: BpfObject, formats: Choice, tags: Tags) -> None:
        self.map, self.name = map, map.name
        self.kind = _core._kind(map)
        self.sides = [Side(map, name, obj, formats) for name in ("key", "value")]
        both = set(self.sides[0].titles()) & set(self.sides[1].titles())
        self.columns: dict[str, tuple[int, Field]] = {}
        self.fields: dict[str, tuple[int, str]] = {}  # that can be compared, structs' too
        for i, side in enumerate(self.sides):
            for field in side.fields:
                side.format(field, False)  # a wrong one is told now
                title = side.title(field)
                self.columns[f"{side.name}.{title}" if title in both else title] = (i, field)
            for title, path in side.titles().items():
                self.fields[f"{side.name}.{title}" if title in both else title] = (i, path)
        self.unit: str | None = None  # of the histogram that its entries are
        for _, name, _, text in tags:
            if name == map.name and text.partition("=")[0] == "log2":
                self.unit = shown(text[5:])

    @property
    def is_histogram(self) -> bool:
        """Whether its entries are the slots of one histogram."""
        is_array = self.kind in ARRAYS and self.map.max_entries <= histogram.MOST
        return self.unit is not None and is_array and self.sides[1].fields[0][1] in NUMBERS

    def pairs(self) -> list[Pair]:
        """Return the entries, one value for all CPUs; of a large array without zeros."""
        found = (
            _summed(self.map, self.sides[1]) if self.map.is_percpu else list(self.map.items())
        )
        if self.kind in ARRAYS and self.map.max_entries > FEW and self.unit is None:
            found = [(key, value) for key, value in found if _is_set(value)]
        return [pair for pair in found if self._passes(pair)]

    def _passes(self, pair: Pair) -> bool:
        return all(side.passes(value) for side, value in zip(self.sides, pair))

    def choose(self, conditions: Sequence[Condition]) -> None:
        """Let those entries alone pass for which all conditions hold that are about it."""
        if self.is_histogram:
            return
        mine: tuple[list[Condition], list[Condition]] = ([], [])
        for owner, title, relation, text in conditions:
            if owner in ("", self.name) and title in self.fields:
                i, path = self.fields[title]
                mine[i].append(("", path, relation, text))
        for side, its in zip(self.sides, mine):
            side.choose(its)

    def order(self, pairs: list[Pair], sort: str) -> list[Pair]:
        """Return entries in the order of a column; else the largest counts first."""
        title, is_falling = sort.lstrip("-"), sort.startswith("-")
        if title not in self.columns:
            value = self.sides[1].fields[0]
            if self.kind in ARRAYS or self.sides[1].is_struct or value[1] not in RIGHT:
                return pairs
            title, is_falling = self.sides[1].title(value), True
            title = title if title in self.columns else f"value.{title}"
        i, field = self.columns[title]
        try:
            return sorted(
                pairs, key=lambda pair: self.sides[i].value(pair[i], field), reverse=is_falling
            )
        except TypeError:  # what has no order stays as it comes
            return pairs

    def lines(self, chosen: Options) -> list[str]:
        """Return the entries as a table."""
        pairs = self.order(self.pairs(), chosen.sort)
        most = MOST if chosen.max_rows is None else chosen.max_rows
        first = pairs[:most] if most else pairs
        sides = [side.cells([pair[i] for pair in first]) for i, side in enumerate(self.sides)]
        rows = [key + value for key, value in zip(*sides)]
        lines = _columns(list(self.columns), rows, self._is_right())
        n = len(pairs) - len(first)
        return lines + ([f"... {n} more rows; --max-rows 0 shows all"] if n else [])

    def _is_right(self) -> list[bool]:
        return [
            field[1] in RIGHT and self.sides[i].format(field, False) is None
            for i, field in self.columns.values()
        ]

    def objects(self, chosen: Options) -> list[str]:
        """Return the entries as lines of JSON; a histogram is one."""
        if self.is_histogram:
            counts = histogram.used([value for _, value in self.pairs()])
            unit = f'"unit":{quoted(self.unit or "")},"slots":{counts}'.replace(" ", "")
            return [f'{{"_map":{quoted(self.name)},{unit}}}']
        pairs = self.order(self.pairs(), chosen.sort)
        pairs = pairs[: chosen.max_rows] if chosen.max_rows else pairs
        keys, values = (
            side.objects([pair[i] for pair in pairs]) for i, side in enumerate(self.sides)
        )
        name = quoted(self.name)
        return [f'{{"_map":{name},"key":{k},"value":{v}}}' for k, v in zip(keys, values)]


def plan(obj: BpfObject, chosen: Options, formats: Choice, tags: Tags) -> list[Table]:
    """Return the maps that are shown; UsageError if one is meant that there is not."""
    from tinybpf._run.options import nearest

    counters = {name for _, name, _, text in tags if text.startswith("dropped=")}
    names = [m.name for m in obj.maps.values() if _is_shown(m)]
    for name in chosen.maps or ():
        if name not in names:
            there = f" (there are {', '.join(names)})" if names else ""
            near = nearest(name, names, "")
            raise UsageError(f"--maps: there is no map '{name}' to be shown{near}{there}")
    wanted = [name for name in names if name not in counters]
    wanted = wanted if chosen.maps is None else chosen.maps
    tables = [Table(obj.maps[name], obj, formats, tags) for name in wanted]
    title = chosen.sort.lstrip("-")
    known = {title: None for table in tables for title in table.columns}
    if title and title not in known:
        there = f" (there are {', '.join(known)})" if known else ""
        near = nearest(title, list(known), "")
        raise UsageError(f"--sort: no map has a column '{title}'{near}{there}")
    for table in tables:
        table.choose(chosen.filters)
    return tables


def _is_shown(map: BpfMap) -> bool:
    """Tell whether a map has entries for people; those with a dot are sections."""
    return _core._kind(map) in SHOWN and "." not in map.name


def show(tables: Sequence[Table], chosen: Options, is_json: bool) -> str:
    """Return all maps as text."""
    parts = []
    for table in tables:
        if is_json:
            parts += table.objects(chosen)
            continue
        lines = _histograms(table) or table.lines(chosen)
        parts += ["", f"{shown(table.name)}:", *lines]
    return "".join(part + "\n" for part in parts)


def _histograms(table: Table) -> list[str]:
    """Return the lines of a map that holds histograms; none if it does not."""
    if table.is_histogram:
        return histogram.lines([value for _, value in table.pairs()], table.unit or "")
    rows = table.sides[1].rows
    slots = None if rows is None else rows.paths.get("slots")
    if slots is None or slots[1] != "array" or not 1 < slots[3] <= histogram.MOST:
        return []
    others = [field for field in table.sides[1].fields if field[0] != "slots"]
    lines: list[str] = []
    for key, value in table.pairs():
        if not any(value["slots"]):
            continue
        titles = table.sides[0].cells([key])[0]
        assert rows is not None
        cells = zip(others, rows.cells(others, [value])[0] if others else ())
        titles += [f"{shown(field[0])}={cell}" for field, cell in cells]
        lines += [" ".join(titles), *histogram.lines(value["slots"], table.unit or "")]
    return lines or ["(nothing was counted)"]


def _columns(
    titles: Sequence[str], rows: Sequence[Sequence[str]], right: list[bool]
) -> list[str]:
    """Return lines of columns below their titles."""
    table = [[shown(title).upper() for title in titles], *rows]
    widths = [max(map(len, column)) for column in zip(*table)]
    return [
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right)
        ).rstrip()
        for row in table
    ]


def _summed(map: BpfMap, side: Side) -> list[Pair]:
    """Return the entries of a per-CPU map, each value the sum of the CPUs'.

    What cannot be summed, as text, or is too much for its type, stands for each CPU that
    has set it.
    """
    found: list[Pair] = []
    for key, values in map.items_percpu():
        try:
            if isinstance(values[0], Record):
                found.append((key, map.lookup_percpu_sum(key)))
            else:
                total = sum(values)
                side.records([total])
                found.append((key, total))
        except (TypeError, ValueError, OverflowError):
            found += [(key, value) for value in values if _is_set(value)]
    return [(key, value) for key, value in found if value is not None]  # it has gone


def _is_set(value: Any) -> bool:
    return any(value) if isinstance(value, bytes) else bool(value)


def _spaced(value: bytes) -> str:
    return value.hex(" ")


def _json(value: object) -> str:
    """Return what a format has made as JSON."""
    return str(value) if isinstance(value, int) else quoted(str(value))
