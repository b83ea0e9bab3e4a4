# SPDX-License-Identifier: MIT
"""What an object needs to be loaded and attached, by the catalog: `python -m tinybpf caps`.

Root is not among it: each thing has a few capabilities, and the ways to start a process
with just these are printed ready to be copied.
"""

from __future__ import annotations

import re

from tinybpf import BpfAttachType, _core, open
from tinybpf._command import plain, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

    from tinybpf import BpfMap, BpfObject, BpfProgram

# In the order in which they are told.
ORDER = ("CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_DAC_READ_SEARCH", "CAP_SYS_ADMIN")
# Helpers that the verifier gives only to who may watch the kernel (bpf_base_func_proto,
# kernel/bpf/helpers.c).
WATCHING = (
    *("probe_read", "probe_read_str", "probe_read_user", "probe_read_user_str"),
    *("probe_read_kernel", "probe_read_kernel_str", "trace_printk", "trace_vprintk"),
    *("get_current_task", "get_current_task_btf", "task_pt_regs", "snprintf", "snprintf_btf"),
)
CALL = 0x85  # BPF_JMP | BPF_CALL
PARANOID = (
    "where kernel.perf_event_paranoid is 3 or more, kernels of Debian and Ubuntu keep perf "
    "events for CAP_SYS_ADMIN: sysctl kernel.perf_event_paranoid=2"
)


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("object", help="the .bpf.o file")
    parser.add_argument("--json", action="store_true", help="for programs to read")


def run(args: argparse.Namespace) -> None:
    """Print what an object needs, and how to start a process with it."""
    with open(args.object) as obj:
        found = describe(obj, args.object)
    tell(found, args.json, layout)


def describe(obj: BpfObject, path: str) -> dict[str, Any]:
    """Return what each program and map needs, and all of them, ready for JSON."""
    watching = _watching(path, {program.section for program in obj.programs.values()})
    programs = [_program(p, watching) for p in obj.programs.values() if p.autoload]
    maps = [_map(map) for map in obj.maps.values() if map.autocreate]
    needed = {"CAP_BPF"}.union(*(p["load"] + p["attach"] for p in programs), *map_needs(maps))
    found = {
        "schema": 1,
        "path": str(obj.path),
        "capabilities": ordered(needed),
        "programs": programs,
        "maps": maps,
        "not_loaded": [p.name for p in obj.programs.values() if not p.autoload],
        "notes": [PARANOID] if any(p["perf"] for p in programs) else [],
    }
    found["start"] = {
        "runner": runner(found),
        "setpriv": setpriv(found),
        "systemd": systemd(found),
        "systemd_delegation": delegation(found),
        "docker": docker(found),
        "kubernetes": kubernetes(found),
    }
    return found


def map_needs(maps: Iterable[dict[str, Any]]) -> list[list[str]]:
    """Return what each map needs."""
    return [map["load"] for map in maps]


def ordered(capabilities: Iterable[str]) -> list[str]:
    """Return capabilities in their order, each once."""
    return sorted(set(capabilities), key=ORDER.index)


def _watching(path: str, sections: Iterable[str]) -> dict[str, bool]:
    """Tell which sections of code, with the functions they share, call what watches."""
    numbers = {_core._feature_names()[0][name] for name in WATCHING}
    shared = _calls(_core._section(path, ".text") or b"") & numbers
    found = {}
    for section in sections:
        code = _core._section(path, section) or _core._section(path, "?" + section) or b""
        found[section] = bool(shared or _calls(code) & numbers)
    return found


def _calls(code: bytes) -> set[int]:
    """Return the numbers of the helpers that instructions call."""
    return {
        int.from_bytes(code[at + 4 : at + 8], "little")
        for at in range(0, len(code) - 7, 8)
        if code[at] == CALL and code[at + 1] >> 4 == 0  # neither a kfunc nor a subprogram
    }


def _program(program: BpfProgram, watching: dict[str, bool]) -> dict[str, Any]:
    hook, since, config, load, attach, ways = _core._needs(
        "program", int(program.type), program.section
    )
    loading = re.findall(r"CAP_\w+", load)
    attaching = re.findall(r"CAP_\w+", attach)
    notes = []
    if watching[program.section] and "CAP_PERFMON" not in loading:
        loading.append("CAP_PERFMON")
        notes.append("it calls helpers that watch the kernel")
    if "tracefs" in ways:
        attaching.append("CAP_DAC_READ_SEARCH")
        notes.append("it reads tracefs, which is root's as distributions mount it")
    if hook == "freplace":
        attaching.append("CAP_SYS_ADMIN")
        notes.append("BTF of the program that it replaces is opened by id")
    return {
        "name": program.name,
        "section": program.section,
        "type": getattr(program.type, "name", int(program.type)),
        "attach_type": _attach_type(program),
        "hook": hook,
        "since": since,
        "config": config,
        "load": ordered(loading),
        "attach": ordered(set(attaching) - set(loading)),
        "tracefs": "tracefs" in ways,
        "perf": "perf" in ways,
        "notes": notes,
    }


def _attach_type(program: BpfProgram) -> str:
    """Return the name of the attach type that a program is loaded for."""
    kind = program.expected_attach_type
    return getattr(kind, "name", str(int(kind)))


def _map(map: BpfMap) -> dict[str, Any]:
    _, since, config, load, _, _ = _core._needs("map", int(map.type))
    return {
        "name": map.name,
        "type": getattr(map.type, "name", int(map.type)),
        "since": since,
        "config": config,
        "load": re.findall(r"CAP_\w+", load),
        "pin_path": map.pin_path,
    }


def runner(found: dict[str, Any]) -> str:
    """Return the command that starts a script with just the capabilities."""
    names = ",".join(name[4:].lower() for name in found["capabilities"])
    return f"tinybpf-run --user 65534:65534 --caps {names} SCRIPT"


def setpriv(found: dict[str, Any]) -> str:
    """Return the command that starts a process with just the capabilities."""
    plus = ",".join("+" + name[4:].lower() for name in found["capabilities"])
    return (
        "setpriv --reuid=65534 --regid=65534 --clear-groups "
        f"--inh-caps={plus} --ambient-caps={plus} COMMAND"
    )


def systemd(found: dict[str, Any]) -> str:
    """Return the lines of a unit."""
    names = " ".join(found["capabilities"])
    return "\n".join(
        [
            "[Service]",
            "DynamicUser=yes",
            f"AmbientCapabilities={names}",
            f"CapabilityBoundingSet={names}",
            "LimitMEMLOCK=infinity",
            "",
        ]
    )


def _camel(prefix: str, names: Iterable[str]) -> str:
    """Return names as systemd writes those of the kernel: BPFMapTypeLruHash."""
    words = {prefix + "".join(word.capitalize() for word in n.split("_")) for n in names}
    return ",".join(sorted(words))


def delegation(found: dict[str, Any]) -> str:
    """Return the lines of a unit that has no capability outside of its user namespace.

    libbpf tries a program and a map before it loads an object; these are among them.
    """
    types = {str(p["type"]) for p in found["programs"]} | {"SOCKET_FILTER"}
    maps = {str(m["type"]) for m in found["maps"]} | {"ARRAY"}
    attachments = {p["attach_type"] for p in found["programs"]}
    attachments.add(BpfAttachType(0).name)
    return "\n".join(
        [
            "[Service]",
            "PrivateUsers=yes",
            "PrivateMounts=yes",
            "DelegateNamespaces=mnt",
            "PrivateBPF=yes",
            "BPFDelegateCommands=BPFMapCreate,BPFProgLoad,BPFBtfLoad",
            f"BPFDelegateMaps={_camel('BPFMapType', maps)}",
            f"BPFDelegatePrograms={_camel('BPFProgType', types)}",
            f"BPFDelegateAttachments={_camel('BPF', attachments)}",
            "",
        ]
    )


def _host_paths(found: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the folders of the host that a container needs: (path, read-only)."""
    paths = []
    if any(program["tracefs"] for program in found["programs"]):
        paths.append(("/sys/kernel/tracing", True))
    if any(map["pin_path"] for map in found["maps"]):
        paths.append(("/sys/fs/bpf", False))
    return paths


def _of_root(found: dict[str, Any]) -> list[str]:
    """Return what root in a container needs: tracefs is its own, as it is mounted there."""
    return [name[4:] for name in found["capabilities"] if name != "CAP_DAC_READ_SEARCH"]


def docker(found: dict[str, Any]) -> str:
    """Return the options of docker run, and of podman."""
    words = ["docker run --user 0 --cap-drop ALL"]
    words += [f"--cap-add {name}" for name in _of_root(found)]
    words += [f"-v {path}:{path}{':ro' if ro else ''}" for path, ro in _host_paths(found)]
    return " ".join([*words, "IMAGE"])


def kubernetes(found: dict[str, Any]) -> str:
    """Return what belongs into a pod and its container."""
    names = ", ".join(_of_root(found))
    lines = [
        "containers:",
        "- securityContext:",
        "    runAsUser: 0",
        "    capabilities:",
        "      drop: [ALL]",
        f"      add: [{names}]",
    ]
    paths = _host_paths(found)
    if paths:
        lines.append("  volumeMounts:")
        for number, (path, ro) in enumerate(paths):
            entry = (
                f"{{name: bpf{number}, mountPath: {path}{', readOnly: true' if ro else ''}}}"
            )
            lines.append(f"  - {entry}")
        lines.append("volumes:")
        for number, (path, _) in enumerate(paths):
            lines.append(f"- {{name: bpf{number}, hostPath: {{path: {path}}}}}")
    return "\n".join([*lines, ""])


HEADS = (
    ("runner", "as a user of its own"),
    ("setpriv", "or any program, by util-linux"),
    ("systemd", "as a systemd unit"),
    (
        "systemd_delegation",
        "or without any capability outside of the unit (systemd 258, Linux 6.9)",
    ),
    ("docker", "in a container"),
    ("kubernetes", "in a pod"),
)


def layout(found: dict[str, Any]) -> str:
    """Return a description as text for people."""
    lines = [f"{plain(found['path'])}: {' '.join(found['capabilities'])}", ""]
    rows = [(p, p["section"]) for p in found["programs"]]
    rows += [(m, m["type"]) for m in found["maps"] if m["load"] != ["CAP_BPF"]]
    width = max([len(plain(row["name"])) for row, _ in rows] or [0])
    for row, kind in rows:
        lines.append(f"  {plain(row['name']):<{width}}  {plain(str(kind))}: {_needs(row)}")
        lines += [f"  {'':<{width}}    {note}" for note in row.get("notes", ())]
    lines += ["", *found["notes"]] if found["notes"] else []
    for key, head in HEADS:
        lines += ["", f"# {head}", *found["start"][key].rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def _needs(row: dict[str, Any]) -> str:
    """Return the capabilities of a program or map in words."""
    attach = row.get("attach")
    more = f"; to attach {', '.join(attach)}" if attach else ""
    return ", ".join(row["load"]) + more
