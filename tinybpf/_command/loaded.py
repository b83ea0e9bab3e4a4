# SPDX-License-Identifier: MIT
"""What is loaded, as plain values and as text: what list, show and dump have in common."""

from __future__ import annotations

import time

from tinybpf import (
    BpfError,
    BpfLink,
    BpfMap,
    BpfProgram,
    iter_btfs,
    iter_links,
    iter_maps,
    iter_programs,
    open_pinned_link,
    open_pinned_map,
    open_pinned_program,
)
from tinybpf._command import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tinybpf import LoadedBtf, Seen

# Each kind: what goes through all of it, and what opens a pin; BTF has none.
ITER: dict[str, Callable[[], Any]] = {
    "prog": iter_programs,
    "map": iter_maps,
    "link": iter_links,
    "btf": iter_btfs,
}
PINNED: dict[str, Callable[[str], Any]] = {
    "prog": open_pinned_program,
    "map": open_pinned_map,
    "link": open_pinned_link,
}

_UNITS, _STEP, _SHORT = "BKMG", 1024, 10  # below 10 K and so on with one decimal
_NAMED = 3  # holders in a table; of more, how many


def describe(kind: str, thing: Any) -> dict[str, Any]:
    """Return all that is known of a thing, ready for JSON."""
    found = {"kind": kind, "id": thing.id, **_DESCRIBE[kind](thing)}
    holders = thing.holders()
    found["holders"] = [{"pid": holder.pid, "name": holder.name} for holder in holders]
    found["unseen"] = {"holders": holders.unseen}
    if kind != "btf":
        pins: Seen[str] = thing.pins()
        found["pins"] = list(pins)
        found["unseen"]["pins"] = pins.unseen
    return found


def everything(kind: str) -> Iterator[dict[str, Any]]:
    """Describe all of a kind but what goes meanwhile."""
    for thing in ITER[kind]():
        try:
            yield describe(kind, thing)
        except BpfError as error:
            if not isinstance(error, FileNotFoundError):
                raise


def find(what: str, kind: str | None = None) -> tuple[str, Any]:
    """Return the thing of an id or at a pin, and its kind; KeyError if there is none."""
    if what.isascii() and what.isdigit():
        return _by_id(int(what), kind)
    kinds = [kind] if kind else list(PINNED)
    for one in kinds:
        if one not in PINNED:
            raise KeyError(f"{one} {what}: BTF cannot be pinned, give its id")
        try:
            with PINNED[one](what) as pinned:
                number = pinned.id
        except BpfError as error:
            if "is not a" not in str(error) or one == kinds[-1]:
                raise
        else:
            return _by_id(number, one)  # which is not held by this process
    raise AssertionError("kinds end in a return or an error")


def _by_id(number: int, kind: str | None) -> tuple[str, Any]:
    kinds = [kind] if kind else list(ITER)
    found = [(one, thing) for one in kinds for thing in ITER[one]() if thing.id == number]
    if not found:
        raise KeyError(f"there is no {' or '.join(kinds)} with the id {number}")
    if len(found) > 1:
        named = " or ".join(f"'{one} {number}'" for one, _ in found)
        raise KeyError(f"{number} is the id of several things: say {named}")
    return found[0]


def _name(member: Any) -> str | int:
    """Return the name of an enum member, or the number that has none."""
    name: str | int = getattr(member, "name", member)
    return name


def _program(program: BpfProgram) -> dict[str, Any]:
    info = program.info
    started = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return {
        "type": _name(program.type),
        "name": program.name,
        "tag": info.tag,
        "loaded_at": round(started + (info.load_time or 0) / 1e9),
        "uid": info.created_by_uid,
        "memlock": info.memlock,
        "xlated_size": info.xlated_size,
        "jited_size": info.jited_size,
        "verified_insns": info.verified_insns,
        "run_cnt": info.run_cnt,
        "run_time_ns": info.run_time_ns,
        "recursion_misses": info.recursion_misses,
        "map_ids": list(info.map_ids or ()),
        "btf_id": info.btf_id,
        "gpl_compatible": info.gpl_compatible,
    }


def _map(one: BpfMap) -> dict[str, Any]:
    info = one.info
    return {
        "type": _name(one.type),
        "name": one.name,
        "key_size": info.key_size,
        "value_size": info.value_size,
        "max_entries": info.max_entries,
        "flags": info.flags,
        "memlock": info.memlock,
        "frozen": info.frozen,
        "btf_id": info.btf_id,
    }


def _link(link: BpfLink) -> dict[str, Any]:
    info = link.info
    values = {name: value for name, value in vars(info).items() if name not in ("id", "type")}
    plain_values = {
        name: list(value) if isinstance(value, tuple) else _name(value)
        for name, value in values.items()
    }
    return {"type": _name(info.type), **plain_values}


def _btf(btf: LoadedBtf) -> dict[str, Any]:
    return {"name": btf.name, "size": btf.size, "is_kernel": btf.is_kernel}


_DESCRIBE: dict[str, Callable[[Any], dict[str, Any]]] = {
    "prog": _program,
    "map": _map,
    "link": _link,
    "btf": _btf,
}


def amount(number: int | None) -> str:
    """Return bytes as people read them."""
    if number is None:
        return "?"
    size, units = float(number), list(_UNITS)
    while size >= _STEP and len(units) > 1:
        size /= _STEP
        units.pop(0)
    return f"{number}B" if units[0] == "B" else f"{size:.{int(size < _SHORT)}f}{units[0]}"


def held(found: dict[str, Any]) -> str:
    """Return who holds a thing, and where it is pinned, as a few words."""
    words = [f"{holder['name']}({holder['pid']})" for holder in found["holders"]]
    if len(words) > _NAMED:
        words[_NAMED:] = [f"+{len(words) - _NAMED}"]
    return ", ".join([*words, *found.get("pins", ())]) or "-"


def unseen(things: Sequence[dict[str, Any]]) -> list[str]:
    """Return lines that tell what of holders and pins was not seen; once each."""
    said = {text: what for one in things for what, text in one["unseen"].items() if text}
    return [f"{what} not seen: {text}" for text, what in said.items()]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return lines of columns below their names."""
    shown = [list(head), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*shown)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in shown)
    return "\n".join(lines)
