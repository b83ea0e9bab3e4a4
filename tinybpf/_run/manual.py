# SPDX-License-Identifier: MIT
"""What --help says of an object: its constants as options, programs, maps and events."""

from __future__ import annotations

from tinybpf import _core
from tinybpf._command import plain
from tinybpf._run import attach, constants, events, formats, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tinybpf import BpfMap, BpfObject
    from tinybpf._run.constants import Constant
    from tinybpf._run.options import Options


def usage(program: str) -> str:
    """Return what is said without an object."""
    return (
        f"usage: {program} FILE.bpf.o [option]... [-- COMMAND [arg]...]\n"
        "Load an object, attach what attaches itself, print its events, then its maps.\n"
        f"{program} FILE.bpf.o --help shows the options, of which the object says some.\n"
    )


def text(obj: BpfObject, chosen: Options, program: str) -> str:
    """Return all that --help says of an object."""
    tags = [] if obj.btf is None else _core._tags(obj.btf)
    helps = {
        name: text[5:]
        for _, name, member, text in tags
        if text.startswith("help=") and not member
    }
    parts = [
        f"usage: {program} [option]... [-- COMMAND [arg]...]\n"
        f"Run {obj.path.name} until Ctrl-C, or the end of COMMAND.\n"
    ]
    parts += _section(
        "Options of the object, its constants",
        map(_constant, (chosen.constants or constants.find(obj)).values()),
    )
    parts += _section("Options", [_option(*each) for each in options.OPTIONS])
    parts += _section(
        "Programs",
        [(p.name, p.section, helps.get(p.name, "")) for p in obj.programs.values()],
    )
    known = events.types(obj, tags, {})
    rings = {ring.name for ring in events.rings(obj, tags)}
    parts += _section(
        "Maps",
        [
            (m.name, _map(m, m.name in rings, known), helps.get(m.name, ""))
            for m in obj.maps.values()
            if "." not in m.name  # a section
        ],
    )
    parts += _section(
        "Events",
        [
            (name, _event(words if one.field is not None else "", type), "")
            for name, one in known.items()
            for words, type in one.words().items()
        ],
    )
    parts += _section("Formats", [(name, row[3], "") for name, row in formats.FORMATS.items()])
    parts += _section(
        "Kinds of --attach", [(kind, row[1], "") for kind, row in attach.KINDS.items()]
    )
    return "".join(parts)


def _constant(one: Constant) -> tuple[str, str, str]:
    name = one.name.replace("_", "-")
    option = f"--[no-]{name}" if one.is_bool else f"--{name} {_noun(one)}"
    if name in options.ARGUMENTS:
        option = f"--set {one.name}={_noun(one)}"
    default = one.default
    shown = {True: "true", False: "false"}.get(default, default) if one.is_bool else default
    what = (
        f"{one.range} (default {shown!r})" if one.is_text else f"{one.range} (default {shown})"
    )
    return option, what, one.help


def _noun(one: Constant) -> str:
    return "TEXT" if one.is_text else "NAME" if one.type.kind in constants.ENUMS else "N"


def _option(name: str, argument: str, what: str) -> tuple[str, str, str]:
    many = " (may be repeated)" if argument.endswith("...") else ""
    return f"--{name} {argument.rstrip('.')}".rstrip(), what + many, ""


def _map(map: BpfMap, is_ring: bool, known: dict[str, events.Known]) -> str:
    kind = _core._kind(map).lower()
    if is_ring:
        one = known.get(map.name)
        names = ["bytes"] if one is None else [type.__name__ for type in one.types.values()]
        return f"{kind} of {', '.join(dict.fromkeys(names))}"
    sides = [side.c_name for side in (map.btf_key, map.btf_value) if side is not None]
    return f"{kind} {' -> '.join(sides)}".rstrip()


def _event(words: str, type: type[Any]) -> str:
    """Return the fields of a type, behind words about it where a ring has several."""
    fields = " ".join(field[0] for field in _core._fields(type))
    return f"{words}: {fields}" if words else fields


def _section(
    title: str, rows: Sequence[tuple[str, str, str]] | Iterator[tuple[str, str, str]]
) -> list[str]:
    """Return lines of columns below a title; none if there is no row."""
    shown = [[plain(cell) for cell in row] for row in rows]
    if not shown:
        return []
    width = min(max(len(row[0]) for row in shown), 30)
    lines = [f"\n{title}:\n"]
    for name, what, more in shown:
        lines.append(f"  {name:<{width}}  {what}".rstrip() + "\n")
        if more:
            lines.append(f"  {'':<{width}}  {more}\n")
    return lines
