# SPDX-License-Identifier: MIT
"""Where programs are to be attached, looked up on this host and never attached.

What is silent is looked for as well: functions that the compiler copied, tracepoints of
another layout, files that processes of other mount namespaces have a copy of.
"""

from __future__ import annotations

import functools
import glob
import os
import re

from tinybpf import BpfError, Btf, BtfKind, _core, iter_btfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tinybpf import BpfObject, BpfProgram, BtfType, Features, LoadedBtf

FUNCTIONS = ("kprobe", "kprobe.multi", "kprobe.session", "fentry", "fexit", "fmod_ret")
BINARIES = ("uprobe", "uprobe.multi", "uprobe.session", "usdt")
EVENTS = ("/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events")
PROCESSES = 4096  # so many are looked at
# What there is on kernels without a kind of hook.
INSTEAD = {
    "kprobe.multi": "attach_kprobe() to one function after the other",
    "kprobe.session": "a kprobe and a kretprobe",
    "uprobe.multi": "attach_uprobe() at one place after the other",
    "uprobe.session": "a uprobe and a uretprobe",
    "tcx": "attach_tc()",
}
_FIELD = re.compile(r"field:[^;]*?(\w+)(?:\[[^\]]*\])?;\s*offset:(\d+);\s*size:(\d+);")


def kernel_btf() -> Btf | None:
    """Return the kernel's types; None if they are not shown here."""
    try:
        return Btf.kernel()
    except (BpfError, OSError):
        return None


@functools.cache
def module_with(name: str, kind: BtfKind) -> tuple[str, Btf] | None:
    """Return the loaded module that has a type, and its types; None if none is known to.

    Which there are is told to those who have CAP_SYS_ADMIN.
    """
    try:
        modules = [one for one in iter_btfs() if one.is_kernel and one.name != "vmlinux"]
    except BpfError:
        return None
    for module in modules:
        found = _types_of(module)
        if found is not None and found.find(name, kind) is not None:
            return module.name, found
    return None


def _types_of(module: LoadedBtf) -> Btf | None:
    """Return the types of a module; None if it is gone meanwhile."""
    try:
        return module.load()
    except BpfError:
        return None


def problems(
    features: Features, obj: BpfObject, program: BpfProgram, is_told: bool = False
) -> list[tuple[str, str]]:
    """Return what is wrong with a program's hook and target: (status, sentence) of each.

    The status of what is only worth knowing is 'ok'. `is_told`: why the hook cannot be used
    has been said already.
    """
    section = program.section
    hook = _core._needs("program", int(program.type), section)[0]
    if hook is None:
        return []
    trouble = _core._look(section)
    found = _lacking(features, hook, trouble is not None, is_told)
    if trouble is not None:
        found.append(("no", trouble))
    rest = section.partition("/")[2]
    if hook in FUNCTIONS and rest:
        found += _copies(rest.partition("+")[0], trouble is not None)
    if hook == "tracepoint" and trouble is None:
        found += _layout(obj, program, rest)
    if hook in BINARIES and trouble is None:
        found += _elsewhere(rest.partition(":")[0])
    return found


def _lacking(
    features: Features, hook: str, has_trouble: bool, is_told: bool
) -> list[tuple[str, str]]:
    """Return whether this kernel lacks a hook; trouble counts more than not knowing."""
    kind = features.attach_kinds[hook]
    if kind.supported or is_told or (kind.supported is None and has_trouble):
        return []
    colon = "" if kind.reason.startswith("is ") else ":"
    if kind.supported is None:
        return [("unknown", f"{hook}{colon} {kind.reason}")]
    instead = f"\n  without it: {INSTEAD[hook]}" if hook in INSTEAD else ""
    return [("no", f"{hook}{colon} {kind.reason}{instead}")]


@functools.lru_cache(maxsize=1)
def _symbols() -> bytes:
    """Return the kernel's symbols, lines "address kind name"; b'' if they are not shown.

    They are read once, for all programs: some 10 MB.
    """
    try:
        with open("/proc/kallsyms", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _copies(name: str, is_missing: bool) -> list[tuple[str, str]]:
    """Return what the compiler made of a function: copies under other names."""
    if re.search(r"[*?]", name):
        return []
    pattern = rb"^[0-9a-f]+ [tTwW] (" + re.escape(name.encode()) + rb"(?:\.[\w.]+)?)(?:\t|$)"
    found = [match.decode() for match in re.findall(pattern, _symbols(), re.MULTILINE)]
    copies = sorted({n for n in found if n != name and not n.endswith(".cold")})
    if copies and is_missing:
        return [("no", f"the compiler made of '{name}': {', '.join(copies)}\n  attach there")]
    if copies:
        return [("ok", f"calls of its copies are not seen: {', '.join(copies)}")]
    if found.count(name) > 1:
        return [("ok", f"{found.count(name)} functions have that name; say which by offset")]
    return []


def _layout(obj: BpfObject, program: BpfProgram, target: str) -> list[tuple[str, str]]:
    """Compare the struct that a program takes for the tracepoint's record with its format.

    What is read by CO-RE is adapted by the load, and nothing that the format names is
    compared where the program takes a pointer to anything.
    """
    said = _format(target)
    struct = _context(obj, program)
    if struct is None or not said:
        return []
    wrong = [
        f"'{field.name}' is at {said[field.name][0]}, and not at {field.offset}"
        for field in struct.fields
        if field.name in said and said[field.name][0] != field.offset
    ]
    if not wrong:
        return []
    text = f"its {struct.c_name} is not as the tracepoint's record: {'; '.join(wrong)}"
    return [("no", f"{text}\n  see its format in {EVENTS[0]}/{target}, or read it by CO-RE")]


def _format(target: str) -> dict[str, tuple[int, int]]:
    """Return (offset, size) of the fields of a tracepoint; {} if that is not shown."""
    for folder in EVENTS:
        try:
            with open(f"{folder}/{target}/format", encoding="utf-8", errors="replace") as file:
                fields = _FIELD.findall(file.read())
        except OSError:
            continue
        return {name: (int(offset), int(size)) for name, offset, size in fields}
    return {}


def _context(obj: BpfObject, program: BpfProgram) -> BtfType | None:
    """Return the struct that a program's parameter points to, unless CO-RE reads it."""
    btf = obj.btf
    function = btf.find(program.name, BtfKind.FUNC) if btf else None
    if btf is None or function is None:
        return None
    parameters = function.parameters or btf[function.type_id].parameters
    if not parameters:
        return None
    found = re.fullmatch(r"(?:const )?struct (\w+) \*", parameters[0][1])
    struct = btf.find(found[1], BtfKind.STRUCT) if found else None
    relocated = {type_id for _, _, _, type_id, _, _ in _core._relocations(str(obj.path))}
    return None if struct is None or struct.id in relocated else struct


def _elsewhere(path: str) -> list[tuple[str, str]]:
    """Return whether processes with mounts of their own have another file at that path."""
    if not path.startswith("/"):
        return []
    try:
        here, own = os.stat(path), os.readlink("/proc/self/ns/mnt")
    except OSError:
        return []
    seen, others = {own}, []
    for folder in glob.glob("/proc/[0-9]*")[:PROCESSES]:
        try:
            mounts = os.readlink(f"{folder}/ns/mnt")
            if mounts in seen:
                continue
            seen.add(mounts)
            there = os.stat(f"{folder}/root{path}")
        except OSError:  # it ended, or belongs to somebody else
            continue
        if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
            others.append(folder[6:])
    if not others:
        return []
    return [
        (
            "ok",
            f"process {others[0]} has mounts of its own and another file at {path}: it is not "
            f"probed\n  attach to /proc/{others[0]}/root{path} as well",
        )
    ]
