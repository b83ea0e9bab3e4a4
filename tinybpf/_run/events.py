# SPDX-License-Identifier: MIT
"""The rings of an object: what is read from each, and how its records are shown."""

from __future__ import annotations

from tinybpf import BpfPerfBuffer, BpfRingBuffer, Record, _core
from tinybpf._run import UsageError, tell
from tinybpf._run.rows import Rows, quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tinybpf import BpfMap, BpfObject
    from tinybpf._run.formats import Choice
    from tinybpf._run.options import Condition, Options

    Tags = list[tuple[int, str, str, str]]

CHUNK = 8192  # records that are read and shown at a time
OVERWRITTEN = 1 << 19  # BPF_F_RB_OVERWRITE


class Known:
    """What the records of a ring are."""

    def __init__(self, types: dict[int | None, type[Any]], field: str | None) -> None:
        self.types = types  # by what the field says; None: of all others
        self.field = field  # that tells one from the other; None: all are of one type
        self.absent: list[str] = []  # structs that the source says, and that there are not

    def arguments(self) -> dict[str, Any]:
        """Return what a buffer is made with."""
        if self.field is None:
            return {"event_type": self.types[None], "partial": True}
        types = {None: bytes, **self.types}
        return {"event_type": types, "event_key": self.field, "partial": True}

    def words(self) -> dict[str, type[Any]]:
        """Return the types by words for people: "exec_event if hdr.type is 7"."""
        conditions = {key: f" if {self.field} is {key}" for key in self.types}
        conditions[None] = " otherwise"
        return {t.__name__ + conditions[key]: t for key, t in self.types.items()}


class Events:
    """One ring: read() gives the lines of what is there."""

    def __init__(self, map: BpfMap, known: Known | None) -> None:
        self.map, self.name, self.known = map, map.name, known
        # The newest records stay in it: they are shown as maps are, and not as they come.
        self.is_kept = _core._kind(map) == "RINGBUF" and bool(map.flags & OVERWRITTEN)
        self.rows: list[Rows] = []  # of each type; []: it is not known
        self.n_read = self.n_shown = 0
        self.is_filtered = False
        self.head = b""  # of a table; b"" if it is not known what the records are
        self.show = self._hex
        self._ring: BpfPerfBuffer[Any] | BpfRingBuffer[Any] | None = None

    def open(self) -> None:
        """Map the ring, whose object is loaded by now."""
        given = {"event_type": bytes} if self.known is None else self.known.arguments()
        if _core._kind(self.map) == "PERF_EVENT_ARRAY":
            self._ring = BpfPerfBuffer(self.map, order="time", **given)
        else:
            self._ring = BpfRingBuffer(self.map, **given)

    def fileno(self) -> int:
        """Return the descriptor that is readable when there are records."""
        assert self._ring is not None
        return self._ring.fileno()

    def read(self, most: int) -> tuple[bytes, int]:
        """Return the lines of records that are there, and how many were taken.

        Args:
            most: how many lines at most; -1: all. Of records that a filter may leave out
                more are taken, and lost.
        """
        if self.is_kept:
            return b"", 0
        assert self._ring is not None
        is_exact = 0 <= most < CHUNK and not self.is_filtered
        records = self._ring.read(max(most, 1) if is_exact else CHUNK, 0)
        lines, n = self.show(records, most)
        self.n_read += len(records)
        self.n_shown += n
        return lines, len(records)

    def snapshot(self, is_json: bool) -> bytes:
        """Return the lines of the newest records, which stay; a table has a head."""
        assert isinstance(self._ring, BpfRingBuffer)
        records = self._ring.snapshot()
        lines, self.n_shown = self.show(records, -1)
        self.n_read = len(records)
        if is_json:
            return lines
        return b"\n%b:\n%b" % (shown(self.name).encode(), self.head + b"\n" + lines)

    def show_nothing(self, records: list[Any], most: int) -> tuple[bytes, int]:
        """Return no lines: a condition is about a field that these records do not have."""
        return b"", 0

    def _hex(self, records: list[bytes], most: int) -> tuple[bytes, int]:
        records = records if most < 0 else records[:most]
        return b"".join(record.hex(" ").encode() + b"\n" for record in records), len(records)

    def show_hex_as_json(self, mark: str) -> None:
        """Show records of which nothing is known as objects of JSON that begin so."""
        before = b'{%b"_data":"' % mark.encode()

        def show(records: list[bytes], most: int) -> tuple[bytes, int]:
            records = records if most < 0 else records[:most]
            lines = (before + record.hex().encode() + b'"}\n' for record in records)
            return b"".join(lines), len(records)

        self.show = show

    def lost(self) -> int | None:
        """Return how many records found no room; None: it is not counted."""
        if isinstance(self._ring, BpfPerfBuffer):
            return self._ring.lost
        return _core._dropped(self.map)

    def close(self) -> None:
        """Unmap the ring."""
        if self._ring is not None:
            self._ring.close()


def rings(obj: BpfObject, tags: Tags) -> list[BpfMap]:
    """Return the maps by which programs send events."""
    sharded = {name for _, name, _, text in tags if text == "sharded"}
    return [
        map
        for map in obj.maps.values()
        if _core._kind(map) in ("RINGBUF", "PERF_EVENT_ARRAY") or map.name in sharded
    ]


def types(obj: BpfObject, tags: Tags, given: dict[str, list[str]]) -> dict[str, Known]:
    """Return what the records of each ring are, by its map's name, where it is known.

    Args:
        obj: the object, whose source may declare it.
        tags: of the object.
        given: the same of maps, as the command line says.
    """
    names = [map.name for map in rings(obj, tags)]
    found = {}
    for name in names:
        declared = _declared(tags, name)
        if declared and name not in given:
            known = _known(obj, declared)
            if known.types:
                found[name] = known
    for name, texts in given.items():
        if name not in names:
            from tinybpf._run.options import nearest

            there = f" (there are {', '.join(names)})" if names else ""
            near = nearest(name, names, "")
            option = f"--event {name}={texts[0]}"
            raise UsageError(f"{option}: there is no ring '{name}'{near}{there}")
        found[name] = _given(obj, name, texts)
    return found


def _declared(tags: Tags, name: str) -> list[str]:
    """Return what the source says of the records of a map."""
    return [text[6:] for _, map, _, text in tags if map == name and text.startswith("event=")]


def _known(obj: BpfObject, texts: list[str]) -> Known:
    """Return what texts say of a ring; without the types that there are not."""
    assert obj.btf is not None
    try:
        named, field = _core._event_types(obj.btf, texts)
    except ValueError:
        return Known({}, None)
    known = Known({}, field)
    for key, name in named.items():
        type = _class(obj, name)
        if type is None:
            known.absent.append(name)
        else:
            known.types[key] = type
    return known


def _given(obj: BpfObject, map: str, texts: list[str]) -> Known:
    """Return what the command line says of a ring; UsageError if it means nothing."""
    option = f"--event {map}={texts[-1]}"
    if obj.btf is None:
        raise UsageError(f"{option}: the object has no types; compile it with -g")
    try:
        named, field = _core._event_types(obj.btf, texts)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    found: dict[int | None, type[Any]] = {}
    for key, name in named.items():
        chosen = _class(obj, name)
        if chosen is None:
            there = ", ".join(structs(obj)) or "none"
            raise UsageError(
                f"--event {map}={name}: there is no struct '{name}'; there are {there}"
            )
        if key is not None and field not in [each[0] for each in _core._fields(chosen)]:
            raise UsageError(f"{option}: struct '{name}' has no field '{field}'")
        found[key] = chosen
    return Known(found, field)


def _class(obj: BpfObject, name: str) -> type[Any] | None:
    """Return the Record class of a type's name; None if there is none."""
    try:
        found = obj.types[name]
    except KeyError:
        return None
    return found if issubclass(found, Record) else None


def structs(obj: BpfObject) -> list[str]:
    """Return the names of the structs that an object uses."""
    from tinybpf import BtfKind
    from tinybpf._command import used

    found = used.types(obj).values()
    return sorted({one.name for one in found if one.kind == BtfKind.STRUCT and one.name})


def plan(
    obj: BpfObject, tags: Tags, chosen: Options, formats: Choice, is_json: bool
) -> list[Events]:
    """Return the rings of an object, which need not be loaded, to be opened later.

    How their records are shown is settled; UsageError if they cannot be shown so.
    """
    known = types(obj, tags, chosen.events)
    maps = rings(obj, tags)
    is_named = len(maps) > 1
    found = [Events(map, known.get(map.name)) for map in maps]
    for events in found:
        mark = f'"_map":{quoted(events.name)},' if is_named else ""
        if is_json:
            events.show_hex_as_json(mark)
        if events.known is not None:
            _add_rows(events, events.known, formats, is_json, mark)
    _check(chosen.fields, [rows for events in found for rows in events.rows])
    conditions = [each for each in chosen.filters if _is_of(each, found)]
    for events in found:
        mine = [each for each in conditions if each[0] in ("", events.name)]
        _settle(events, chosen.fields, mine)
    return found


def _add_rows(events: Events, known: Known, formats: Choice, is_json: bool, mark: str) -> None:
    """Make the rows of each type, once for each."""
    for type in dict.fromkeys(known.types.values()):
        if known.field is None:
            events.rows.append(Rows(type, events.name, formats, is_json, mark))
            continue
        from tinybpf._run import kinds

        mark_of = mark + kinds.mark(type)
        events.rows.append(Rows(type, events.name, formats, is_json, mark_of))


def _is_of(condition: Condition, all: Sequence[Events]) -> bool:
    """Tell whether a condition is about events: some have that field."""
    owner, path, _, _ = condition
    mine = (rows for one in all if owner in ("", one.name) for rows in one.rows)
    return any(path in rows.paths for rows in mine)


def _settle(events: Events, fields: Sequence[str], conditions: Sequence[Condition]) -> None:
    """Choose how the records of a ring are shown."""
    events.is_filtered = bool(conditions)
    if any(all(path not in rows.paths for rows in events.rows) for _, path, _, _ in conditions):
        events.show = events.show_nothing
    elif events.known is not None and events.known.field is not None:
        from tinybpf._run.kinds import Kinds

        several = Kinds(events.rows, events.show)
        several.settle(fields, conditions)
        events.show, events.head = several.format, several.head
    elif events.rows:
        (rows,) = events.rows
        wanted = [rows.paths[path] for path in fields if path in rows.paths]
        events.show = rows.make(wanted or rows.leaves(), conditions).format
        events.head = rows.head


def _check(paths: Sequence[str], rows: Sequence[Rows]) -> None:
    """Raise UsageError for a path that no record has."""
    from tinybpf._run.options import nearest

    there = {path: None for one in rows for path in one.paths}
    for path in paths:
        if path not in there:
            raise UsageError(
                f"--fields: no event has a field '{path}'"
                + nearest(path, list(there), "")
                + (f" (there are {', '.join(there)})" if there else "")
            )


def tell_unknown(obj: BpfObject, tags: Tags, one: Events) -> None:
    """Tell that it is not known what a ring's records are, and how to say it."""
    said = _declared(tags, one.name) if one.known is None else one.known.absent
    if one.known is not None and not said:
        return
    why = "what its records are is not known"
    if said:
        why = f"its source says that its records are '{said[0]}', which is no struct in it"
    found = ", ".join(structs(obj)) or "none; compile it with -g"
    tell(
        f"{one.name}: {why}, so they are shown as bytes; say it by --event {one.name}=TYPE "
        f"(structs: {found}; a struct that no variable has is not among them)"
    )
