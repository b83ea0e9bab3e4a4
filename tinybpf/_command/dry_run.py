# SPDX-License-Identifier: MIT
"""An object tried out on this host, of which nothing stays: the rows of `doctor`.

Maps are made at their least size and not pinned, programs are loaded and not attached;
where the whole object does not load, each program is loaded alone. Everything is closed
before the next is tried.
"""

from __future__ import annotations

import os

from tinybpf import (
    BpfError,
    BpfMapType,
    BpfNotSupportedError,
    BpfPermissionError,
    BpfProgType,
    Btf,
    BtfKind,
    Features,
    _core,
    open,
    open_pinned_map,
)
from tinybpf._command import inspect, targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tinybpf import BpfMap, BpfObject, BpfProgram, BtfType

OK, NO, UNKNOWN = "ok", "no", "unknown"
# Maps whose number of entries no program depends on. Of arrays the verifier knows it.
SHRINKING = ("HASH", "LRU_HASH", "PERCPU_HASH", "LRU_PERCPU_HASH", "LPM_TRIE", "STACK_TRACE")
RINGS = ("RINGBUF", "USER_RINGBUF")
LATER = ("EXT",)  # types of programs whose target is given before the load
LOCAL = 6  # the relocation that asks for the object's own type
ASKED = (2, 8, 10)  # those that ask whether there is something


def row(kind: str, name: str, what: str, status: str = OK, text: str = "") -> dict[str, Any]:
    """Return what is told of one thing."""
    return {"kind": kind, "name": name, "what": what, "status": status, "text": text}


def sentence(error: BaseException) -> str:
    """Return an error's own words: neither what was done, nor libbpf's lines."""
    text = str(error).partition("\nlibbpf output:")[0]
    begin, found, rest = text.partition(" failed: ")
    return rest if found and begin.startswith(("load ", "open ")) else text


class DryRun:
    """An object that is opened as often as it is tried."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.obj = self._open()
        self.features = Features()
        self.error: BpfError | None = None  # of the whole
        self.loaded: dict[str, bool] = {}

    def close(self) -> None:
        """Close the object that is looked at."""
        self.obj.close()

    def _open(self) -> BpfObject:
        obj = open(self.path)
        for map in obj.maps.values():
            map.pin_path = None
            kind = getattr(map.type, "name", "")
            if kind in RINGS:
                map.max_entries = os.sysconf("SC_PAGE_SIZE")
            elif kind in SHRINKING and map.max_entries > 1:
                map.max_entries = 1
        return obj

    def load(self, programs: set[str] | None, maps: set[str] | None = None) -> BpfError | None:
        """Load some programs, over some maps (None: all of them); the error, or None."""
        with self._open() as obj:
            kinds = {p.type for p in obj.programs.values() if programs and p.name in programs}
            for program in obj.programs.values():
                if programs is not None and program.name not in programs:
                    program.autoload = False
            for map in obj.maps.values():
                unused = map.type == BpfMapType.STRUCT_OPS and (
                    programs is not None and BpfProgType.STRUCT_OPS not in kinds
                )
                if unused or (maps is not None and map.name not in maps):
                    map.autocreate = False
            try:
                obj.load()
            except BpfError as error:
                return error
        return None

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each map, program, extern and relocation."""
        wanted = {p.name for p in self.obj.programs.values() if self._is_tried(p)}
        self.error = self.load(wanted)
        maps = [self._map(map) for map in _as_written(self.path)]
        programs = [self._program(p, wanted) for p in self.obj.programs.values()]
        return [*maps, *programs, *self._externs(), *self._relocations()]

    def _is_tried(self, program: BpfProgram) -> bool:
        return program.autoload and getattr(program.type, "name", "") not in LATER

    def _map(self, found: dict[str, Any]) -> dict[str, Any]:
        """Tell whether a map is made, and whether its pin fits."""
        made = row("map", found["name"], f"{found['type']} {_extent(found)}")
        problem = _pin_problem(found)
        if problem:
            made.update(status=NO, text=problem)
        error = self.load(set(), {found["name"]}) if self.error and found["created"] else None
        words = f"map '{found['name']}'"
        if error is not None and (isinstance(error, BpfPermissionError) or words in str(error)):
            made.update(status=_status(error), text=sentence(error))
        return made

    def _program(self, program: BpfProgram, wanted: set[str]) -> dict[str, Any]:
        """Tell whether a program loads, whether there is its hook, and its target."""
        told = row("prog", program.name, program.section)
        if not program.autoload:
            told["text"] = "it is not loaded by itself"
            return told
        if program.name not in wanted:
            told.update(status=UNKNOWN, text="what it replaces is given before it is loaded")
            return told
        error = self.error and self.load(self._together(program))
        self.loaded[program.name] = error is None
        problems = []
        if error is not None:
            text = sentence(error)
            problems.append(
                (_status(error), text.replace(f"program '{program.name}': ", "", 1))
            )
        is_told = isinstance(error, (BpfNotSupportedError, BpfPermissionError))
        problems += targets.problems(self.features, self.obj, program, is_told)
        notes = [text for status, text in problems if status == OK]
        bad = [(status, text) for status, text in problems if status != OK]
        if bad:
            status = NO if any(s == NO for s, _ in bad) else UNKNOWN
            told.update(status=status, text="\n".join(text for s, text in bad if s == status))
        else:
            told["text"] = "\n".join(notes)
        return told

    def _together(self, program: BpfProgram) -> set[str]:
        """Return what must be loaded with a program: a struct_ops has all its functions."""
        if program.type != BpfProgType.STRUCT_OPS:
            return {program.name}
        kin = self.obj.programs.values()
        return {p.name for p in kin if p.type == program.type and p.autoload}

    def _externs(self) -> list[dict[str, Any]]:
        """Tell which options, kfuncs and variables of the kernel the object asks for."""
        rows: list[dict[str, Any]] = []
        if self.obj.btf is None:
            return rows
        btf = Btf.file(self.path)  # the object's own has other types for them, once opened
        for section in btf.types(BtfKind.DATASEC):
            if section.name not in (".kconfig", ".ksyms"):
                continue
            for field in section.fields:
                rows.append(self._extern(section.name, field.name, btf[field.type_id]))
        return rows

    def _extern(self, section: str, name: str, found: BtfType) -> dict[str, Any]:
        """Tell of one extern: libbpf names the first that is missing and needed."""
        kind = "kconfig" if section == ".kconfig" else "ksym"
        is_function = found.kind == BtfKind.FUNC
        told = row("kfunc" if is_function else kind, name, "")
        text = sentence(self.error) if self.error else ""
        if f"'{name}'" in text or text.startswith(f"{name} "):
            told.update(status=NO, text=text)
        elif is_function and self.features.kfuncs[name].supported is False:
            missing = self.features.kfuncs[name].reason.split("\n")[0]
            if self.error is None:
                told["text"] = f"{missing}: the object can do without"
            else:
                told.update(status=UNKNOWN, text=f"{missing}: needed unless it is __weak")
        return told

    def _relocations(self) -> list[dict[str, Any]]:
        """Tell of each program's CO-RE relocations, of those alone that do not resolve."""
        btf = self.obj.btf
        found = _core._relocations(self.path) if btf else []
        if not found or btf is None:
            return []
        kernel = targets.kernel_btf()
        if kernel is None:
            text = "the kernel's types are not at /sys/kernel/btf/vmlinux"
            return [row("core", "", f"{len(found)} relocations", UNKNOWN, text)]
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        counts: dict[str, int] = {}
        modules: dict[str, str] = {}
        for section, function, _, type_id, access, kind in found:
            name = function or section
            module, home = home_of(kernel, btf[type_id])
            if is_present(btf, home, btf[type_id], access, kind):
                counts[name] = counts.get(name, 0) + 1
                if module:
                    modules[name] = f"with types of the module {module}"
                continue
            of = inspect._accessed(btf, btf[type_id], access, kind)
            rows[name, of] = self._absent(name, of, kind)
        whole = [
            row("core", name, f"{n} resolved", OK, modules.get(name, ""))
            for name, n in counts.items()
        ]
        return [*whole, *rows.values()]

    def _absent(self, program: str, of: str, kind: int) -> dict[str, Any]:
        if kind in ASKED or self.loaded.get(program, self.error is None):
            return row("core", program, of, OK, "not in this kernel: the program asks")
        if self.loaded.get(program) is False and not isinstance(self.error, BpfPermissionError):
            return row("core", program, of, NO, "this kernel's types do not have it")
        text = "the kernel's own types do not have it; a module's may"
        return row("core", program, of, UNKNOWN, text)


def _as_written(path: str) -> list[dict[str, Any]]:
    """Return what the maps of an object are, before anything is changed."""
    with open(path) as obj:
        return [
            {
                "name": map.name,
                "type": getattr(map.type, "name", str(int(map.type))),
                "key_size": map.key_size,
                "value_size": map.value_size,
                "max_entries": map.max_entries,
                "flags": map.flags,
                "pin_path": map.pin_path,
                "created": map.autocreate,
            }
            for map in obj.maps.values()
        ]


def _extent(found: dict[str, Any]) -> str:
    """Return how large a map is: a ring's bytes, the number of entries of all others."""
    number = found["max_entries"]
    if found["type"] not in RINGS or number % 1024:
        return str(number)
    return f"{number >> 20} MiB" if number % (1 << 20) == 0 else f"{number >> 10} KiB"


def _status(error: BpfError) -> str:
    """Return what an error says: a refusal of this process tells nothing of the object."""
    return UNKNOWN if isinstance(error, BpfPermissionError) else NO


def _pin_problem(found: dict[str, Any]) -> str:
    """Return what keeps a map from its pin: one that does not fit, or no place for it."""
    path = found["pin_path"]
    if path is None:
        return ""
    try:
        with open_pinned_map(path) as pinned:
            return _difference(found, pinned)
    except FileNotFoundError:
        folder = os.path.dirname(path)
        mounts = Features().kernel.mounts
        if folder.startswith("/sys/fs/bpf") and mounts["bpffs"] is None:
            return f"there is no bpffs for its pin {path}\n  mount -t bpf bpf /sys/fs/bpf"
    except (BpfError, OSError) as error:
        return f"its pin cannot be used: {sentence(error)}"
    return ""


def _difference(found: dict[str, Any], pinned: BpfMap) -> str:
    """Return what differs between a map and the one that is pinned in its place."""
    for column in ("type", "key_size", "value_size", "max_entries", "flags"):
        there: Any = pinned.info.flags if column == "flags" else getattr(pinned, column)
        there = getattr(there, "name", there)
        if there != found[column]:
            return (
                f"the map that is pinned at {found['pin_path']} has {column} {there}, and "
                f"this one {found[column]}\n  remove the pin, or load with another pin_root="
            )
    return ""


def home_of(kernel: Btf, of: BtfType) -> tuple[str, Btf]:
    """Return the module whose types a relocation is resolved with, "" for the kernel's own.

    As libbpf does: modules are asked for what the kernel itself has none of.
    """
    name = of.name.partition("___")[0]
    found = None
    if name and kernel.find(name, of.kind) is None:
        found = targets.module_with(name, of.kind)
    return found or ("", kernel)


def is_present(local: Btf, kernel: Btf, of: BtfType, access: str, kind: int) -> bool:
    """Tell whether the kernel's types have, by name, what a relocation is about."""
    first, *steps = (int(step) for step in access.split(":"))
    name = of.name.partition("___")[0]
    there = kernel.find(name, of.kind) if name else None
    if there is None:
        return kind == LOCAL or not name
    if kind in inspect.VALUES:
        names = {value.partition("___")[0] for value, _ in there.values}
        return first < len(of.values) and of.values[first][0].partition("___")[0] in names
    if kind not in inspect.FIELDS:
        return True
    return _has_path(local, kernel, of, there, steps)


def _has_path(
    local: Btf, kernel: Btf, of: BtfType, there: BtfType | None, steps: list[int]
) -> bool:
    """Follow a path of members by their names; elements of arrays are all there."""
    for step in steps:
        of = inspect._resolve(local, of)
        there = there and inspect._resolve(kernel, there)
        if of.kind == BtfKind.ARRAY:
            of = local[of.type_id]
            there = kernel[there.type_id] if there and there.kind == BtfKind.ARRAY else None
        elif step < len(of.fields):
            field = of.fields[step]
            of = local[field.type_id]
            if field.name:
                there = there and _member(kernel, there, field.name)
        if there is None:
            return False
    return True


def _member(btf: Btf, found: BtfType, name: str) -> BtfType | None:
    """Return the type of a member, also one of a member without a name."""
    waiting = [found]
    while waiting:
        next = inspect._resolve(btf, waiting.pop())
        for field in next.fields:
            if field.name == name:
                return btf[field.type_id]
            if not field.name:
                waiting.append(btf[field.type_id])
    return None
