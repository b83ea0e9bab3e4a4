# SPDX-License-Identifier: MIT
"""Why a host does not run BPF, or an object not on it: `python -m tinybpf doctor`."""

from __future__ import annotations

from tinybpf import BpfError, Features
from tinybpf._command import plain, plain_lines, tell
from tinybpf._command.dry_run import NO, OK, UNKNOWN, DryRun, row, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from tinybpf import KernelFacts

MOUNTS = {
    "bpffs": ("bpf", "/sys/fs/bpf"),
    "tracefs": ("tracefs", "/sys/kernel/tracing"),
    "cgroup2": ("cgroup2", "/sys/fs/cgroup"),
    "sysfs": ("sysfs", "/sys"),
    "proc": ("proc", "/proc"),
    "securityfs": ("securityfs", "/sys/kernel/security"),
}
UPSTREAM = 2  # the highest kernel.perf_event_paranoid that means anything there
WORDS = {OK: "OK", NO: "NO", UNKNOWN: "CANNOT TELL"}


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("object", nargs="?", help="a .bpf.o file that is to run here")
    parser.add_argument("--json", action="store_true", help="for programs to read")


def run(args: argparse.Namespace) -> int:
    """Print what is found; 0 if everything is OK."""
    found = examine(args.object)
    tell(found, args.json, layout)
    return 0 if found["ok"] else 1


def examine(path: str | None) -> dict[str, Any]:
    """Return what is found of this host, and of an object on it, ready for JSON."""
    features = Features()
    facts = features.kernel
    rows = [_bpf(features)]
    if path is not None:
        rows += _object(path)
    return {
        "schema": 1,
        "object": path,
        "ok": all(row["status"] == OK for row in rows),
        "host": _host(facts),
        "confined": confined(facts),
        "rows": rows,
    }


def _host(facts: KernelFacts) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(facts)


def _bpf(features: Features) -> dict[str, Any]:
    """Tell whether this process can do anything at all: make a map."""
    found = features.map_types["LRU_HASH"]
    if found.supported:
        return row("host", "bpf(2)", "maps are made")
    return row("host", "bpf(2)", "", NO if found.supported is False else UNKNOWN, found.reason)


def _object(path: str) -> list[dict[str, Any]]:
    try:
        dry = DryRun(path)
    except BpfError as error:
        return [row("object", path, "", NO, sentence(error))]
    try:
        return dry.rows()
    finally:
        dry.close()


def confined(facts: KernelFacts) -> list[str]:
    """Return what confines this process, a sentence each, with what to do."""
    said = []
    if facts.user_namespace:
        said.append(
            "a user namespace: capabilities do not count for BPF here; start outside of it"
            + (", or delegate by a BPF token" if facts.token else "")
        )
    if facts.seccomp:
        said.append("a seccomp filter: it must allow bpf(2) and perf_event_open(2)")
    if facts.lockdown not in (None, "none"):
        said.append(f"lockdown {facts.lockdown}: reading of kernel memory may be refused")
    if facts.mounts["sysfs"] and not facts.btf:
        said.append(
            "no /sys/kernel/btf/vmlinux: built without CONFIG_DEBUG_INFO_BTF, or masked by a "
            "container; give the types of the kernel's build by btf="
        )
    if (facts.perf_event_paranoid or 0) > UPSTREAM:
        said.append(
            f"kernel.perf_event_paranoid {facts.perf_event_paranoid}: probes and perf events "
            "need CAP_SYS_ADMIN on some distributions; 2 does without"
        )
    if "bpffs" in facts.read_only:
        said.append("bpffs is mounted read-only: nothing can be pinned")
    return said


def _yes(value: bool | None) -> str:
    return "?" if value is None else "yes" if value else "no"


def _head(found: dict[str, Any]) -> list[str]:
    """Return the lines about the host."""
    host = found["host"]
    lsm = ",".join(host["lsm"]) if host["lsm"] else "?"
    jit = {None: "?", True: "on", False: "off"}[host["jit"]]
    missing = ", ".join(host["lacking"])
    mounts = [
        f"{name} {place}"
        if place
        else f"{name} MISSING: mount -t {MOUNTS[name][0]} {MOUNTS[name][0]} {MOUNTS[name][1]}"
        for name, place in host["mounts"].items()
    ]
    return [
        f"kernel {host['release']} {host['machine']}, BTF {_yes(host['btf'])}, JIT {jit}, "
        f"lockdown {host['lockdown'] or '?'}, lsm {lsm}, tokens {_yes(host['token'])}",
        f"capabilities  {'lacks ' + missing if missing else 'all that BPF asks for'}",
        *(f"confined      {line}" for line in found["confined"]),
        *(f"mounts        {line}" for line in mounts),
    ]


def layout(found: dict[str, Any]) -> str:
    """Return what was found as text for people; what to do stands where it is new."""
    lines = [plain(line) for line in _head(found)]
    advice: set[str] = set()
    rows = found["rows"]
    names = max(len(plain(r["name"])) for r in rows)
    whats = min(44, max(len(plain(r["what"])) for r in rows))
    for told in rows:
        first, *rest = plain_lines(told["text"]).split("\n")
        word = WORDS[told["status"]]
        if first:
            word += f" ({first})" if told["status"] == OK else f": {first}"
        what = plain(told["what"])
        lines.append(
            f"{told['kind']:<7} {plain(told['name']):<{names}}  {what:<{whats}}  {word}"
        )
        lines += [f"{'':<8}{line}" for line in rest if line not in advice]
        advice.update(line for line in rest if line.startswith("  "))
    return "\n".join(line.rstrip() for line in lines) + "\n"
