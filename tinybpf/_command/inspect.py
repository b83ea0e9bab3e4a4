# SPDX-License-Identifier: MIT
"""What is in an opened object, as plain values and as text: `python -m tinybpf inspect`."""

from __future__ import annotations

from tinybpf import BtfKind, _core, open
from tinybpf._command import plain, tell, used

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from tinybpf import BpfMap, BpfObject, BpfProgram, Btf, BtfType

# enum bpf_core_relo_kind, and what each asks.
RELOCATIONS = (
    *("offset", "size", "exists", "signed", "shift left", "shift right"),
    *("local id", "kernel id", "exists", "size", "value exists", "value", "matches"),
)
FIELDS = range(6)
VALUES = (10, 11)


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("object", help="the .bpf.o file")
    parser.add_argument("--json", action="store_true", help="for programs to read")


def run(args: argparse.Namespace) -> None:
    """Print what is in an object."""
    with open(args.object) as obj:
        found = describe(obj, args.object)
    tell(found, args.json, layout)


def describe(obj: BpfObject, path: str) -> dict[str, Any]:
    """Return all that is known of an object, ready for JSON."""
    license = _core._section(path, "license")
    btf = obj.btf
    events = used.events(btf) if btf else {}
    return {
        "schema": 1,
        "path": str(obj.path),
        "license": None if license is None else license.rstrip(b"\0").decode(errors="replace"),
        "programs": [_program(program) for program in obj.programs.values()],
        "maps": [_map(map, events.get(map.name, [])) for map in obj.maps.values()],
        "globals": _globals(btf) if btf else {},
        "types": _types(obj),
        "relocations": _relocations(btf, path) if btf else [],
    }


def _name(member: Any) -> str | int:
    """Return the name of an enum member, or the number that has none."""
    name: str | int = getattr(member, "name", member)
    return name


def _program(program: BpfProgram) -> dict[str, Any]:
    return {
        "name": program.name,
        "section": program.section,
        "type": _name(program.type),
        "target": program.section.partition("/")[2] or None,
        "autoload": program.autoload,
    }


def _map(map: BpfMap, events: list[BtfType]) -> dict[str, Any]:
    key, value = map.btf_key, map.btf_value
    return {
        "name": map.name,
        "type": _name(map.type),
        "key": key.c_name if key else None,
        "key_size": map.key_size,
        "value": value.c_name if value else None,
        "value_size": map.value_size,
        "max_entries": map.max_entries,
        "flags": map.flags,
        "pin_path": map.pin_path,
        "event": ", ".join(event.c_name for event in events) or None,
    }


def _globals(btf: Btf) -> dict[str, list[dict[str, Any]]]:
    return {
        section.name: [
            {"name": f.name, "type": f.type, "offset": f.offset, "size": f.size}
            for f in section.fields
        ]
        for section in used.sections(btf)
    }


def _types(obj: BpfObject) -> list[dict[str, Any]]:
    found = used.types(obj)
    return [
        {"name": found[id].c_name, "size": found[id].size}
        for kind in used.NAMED
        for id in sorted(found)
        if found[id].kind == kind and found[id].name
    ]


def _relocations(btf: Btf, path: str) -> list[dict[str, Any]]:
    return [
        {
            "program": function or section,
            "instruction": instruction,
            "kind": RELOCATIONS[kind] if kind < len(RELOCATIONS) else str(kind),
            "of": _accessed(btf, btf[type_id], access, kind),
        }
        for section, function, instruction, type_id, access, kind in _core._relocations(path)
    ]


def _accessed(btf: Btf, found: BtfType, access: str, kind: int) -> str:
    """Return what a relocation is about: a type, 'struct x.a.b[2]', 'enum x.VALUE'."""
    first, *steps = (int(step) for step in access.split(":"))
    text = found.c_name
    if kind in VALUES:
        return f"{text}.{found.values[first][0] if first < len(found.values) else first}"
    if kind not in FIELDS:
        return text
    for step in steps:
        found = _resolve(btf, found)
        if found.kind == BtfKind.ARRAY:
            text += f"[{step}]"
            found = btf[found.type_id]
        elif step < len(found.fields):
            field = found.fields[step]
            text += f".{field.name}" if field.name else ""
            found = btf[field.type_id]
        else:
            return f"{text}.{step}"
    return text


def _resolve(btf: Btf, found: BtfType) -> BtfType:
    """Look through typedefs and qualifiers."""
    through = (BtfKind.TYPEDEF, BtfKind.CONST, BtfKind.VOLATILE, BtfKind.RESTRICT)
    while (found.kind in through or found.kind == BtfKind.TYPE_TAG) and found.type_id:
        found = btf[found.type_id]
    return found


def layout(found: dict[str, Any]) -> str:
    """Return a description as text for people."""
    license = plain(found["license"] or "none")
    parts = [f"{plain(str(found['path']))}: license {license}\n"]
    parts += _table("programs", [_program_row(p) for p in found["programs"]])
    parts += _table("maps", [_map_row(m) for m in found["maps"]])
    for section, variables in found["globals"].items():
        places = [(str(v["offset"]), v["type"], v["name"]) for v in variables]
        parts += _table(f"globals in {section}", places)
    parts += _table("types", [(t["name"], f"{t['size']} bytes") for t in found["types"]])
    asked = [
        (r["program"], str(r["instruction"]), r["kind"], r["of"]) for r in found["relocations"]
    ]
    parts += _table("CO-RE relocations", asked)
    return "".join(parts)


def _program_row(program: dict[str, Any]) -> tuple[str, ...]:
    return (
        program["name"],
        str(program["type"]),
        program["section"],
        "" if program["autoload"] else "not loaded by itself",
    )


def _map_row(map: dict[str, Any]) -> tuple[str, ...]:
    sides = []
    for side in ("key", "value"):
        size = map[f"{side}_size"]
        sides.append(f"{map[side]} ({size})" if map[side] else f"{size} bytes" if size else "")
    more = [f"events: {map['event']}"] if map["event"] else []
    more += [f"flags={map['flags']:#x}"] if map["flags"] else []
    more += [f"pinned at {map['pin_path']}"] if map["pin_path"] else []
    return (
        map["name"],
        str(map["type"]),
        " -> ".join(side for side in sides if side),
        f"max_entries={map['max_entries']}",
        " ".join(more),
    )


def _table(title: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of columns below a title; none if there is no row."""
    if not rows:
        return []
    shown = [[plain(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*shown)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in shown]
    return [f"\n{plain(title)}\n", *(f"  {line}\n" for line in lines)]
