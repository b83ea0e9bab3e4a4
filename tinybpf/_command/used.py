# SPDX-License-Identifier: MIT
"""Which types an object uses, and which events it declares.

With vmlinux.h an object's BTF has the kernel's types that its programs read, too: what
it uses are the types of its maps, of its global variables and of its events.
"""

from __future__ import annotations

from tinybpf import BtfKind, _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybpf import BpfObject, Btf, BtfType

TAG = "tinybpf:event="
# Sections of BTF that are no global variables.
OTHERS = (".maps", "license", "version", ".ksyms")
NAMED = (BtfKind.STRUCT, BtfKind.UNION, BtfKind.ENUM, BtfKind.ENUM64)
THROUGH = (
    *(BtfKind.TYPEDEF, BtfKind.CONST, BtfKind.VOLATILE, BtfKind.RESTRICT),
    *(BtfKind.TYPE_TAG, BtfKind.VAR, BtfKind.ARRAY),
)


def events(btf: Btf) -> dict[str, list[BtfType]]:
    """Return the types of the records of each map that declares them by tags."""
    texts: dict[str, list[str]] = {}
    for tag in btf.types(BtfKind.DECL_TAG):
        if tag.name.startswith(TAG) and btf[tag.type_id].kind == BtfKind.VAR:
            texts.setdefault(btf[tag.type_id].name, []).append(tag.name[len(TAG) :])
    found = {map: _types_of(btf, its) for map, its in texts.items()}
    return {map: its for map, its in found.items() if its}


def _types_of(btf: Btf, texts: list[str]) -> list[BtfType]:
    """Return the types that tags of one map name, each once; [] if they mean nothing."""
    found: dict[int, BtfType] = {}
    try:
        for name in _core._event_types(btf, texts)[0].values():
            found.setdefault(btf[name].id, btf[name])
    except (KeyError, ValueError):  # there is no such type, or there are several
        return []
    return list(found.values())


def sections(btf: Btf) -> Iterator[BtfType]:
    """Yield the sections with global variables."""
    for section in btf.types(BtfKind.DATASEC):
        if section.name not in OTHERS:
            yield section


def types(obj: BpfObject) -> dict[int, BtfType]:
    """Return all types that an object uses by their ids, those of members among them."""
    found: dict[int, BtfType] = {}
    if obj.btf is None:
        return found
    for map in obj.maps.values():
        for side in (map.btf_key, map.btf_value):
            if side and side.kind != BtfKind.DATASEC:
                _add(obj.btf, side, found)
    for its in events(obj.btf).values():
        for event in its:
            _add(obj.btf, event, found)
    for section in sections(obj.btf):
        for field in section.fields:
            _add(obj.btf, _pointed_to(obj.btf, obj.btf[field.type_id]), found)
    return found


def _pointed_to(btf: Btf, found: BtfType) -> BtfType:
    """Return what a variable points to: `struct event *unused` is there for its type."""
    while found.kind == BtfKind.PTR or found.kind in THROUGH[:6]:
        if not found.type_id:
            break
        found = btf[found.type_id]
    return found


def _add(btf: Btf, root: BtfType, found: dict[int, BtfType]) -> None:
    """Add a type and what it contains; what it points to is somebody else's."""
    waiting = [root]
    while waiting:
        next = waiting.pop()
        if next.id in found:
            continue
        found[next.id] = next
        if next.kind in THROUGH and next.type_id:
            waiting.append(btf[next.type_id])
        elif next.kind in NAMED[:2]:
            waiting.extend(btf[field.type_id] for field in next.fields)
