# SPDX-License-Identifier: MIT
"""python -m tinybpf caps: with just what it names an object runs, with less it does not."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest

import tinybpf
from support import child, confine, elf, privilege
from support.gating import kernel
from support.objects import Find, cgroup_root
from tinybpf._command import caps

pytestmark = kernel("5.8", "CAP_BPF and CAP_PERFMON")

CGROUP = f"attach_cgroup({str(cgroup_root())!r})"
# Sections of `privileges`, and how the program of each is attached.
CASES = {
    "tracepoint/syscalls/sys_enter_getpgid": "attach()",
    "raw_tp/sys_enter": "attach()",
    "tp_btf/sys_enter": "attach()",
    "cgroup_skb/egress": CGROUP,
    "cgroup/sock": CGROUP,
    "xdp": "attach_xdp('lo')",
    "sk_lookup": "attach_netns('/proc/self/ns/net')",
}
SETPRIV = shutil.which("setpriv") or "setpriv"  # a shell may have one of its own
RUN = """
import warnings
with attempt(lambda: tinybpf.load(sys.argv[1])) as obj:
    for program in obj.programs.values():
        if program.autoload:
            attempt(lambda: program.{}).destroy()
"""


def said(path: pathlib.Path) -> dict[str, Any]:
    """Return what the command finds, as it stands in its JSON."""
    with tinybpf.open(path) as obj:
        found: dict[str, Any] = json.loads(json.dumps(caps.describe(obj, str(path))))
    return found


def placed(folder: pathlib.Path, data: bytes) -> pathlib.Path:
    """Return an object where everybody can read it."""
    path = folder / "one.bpf.o"
    path.write_bytes(data)
    path.chmod(0o644)
    return path


def bare(found: dict[str, Any]) -> list[str]:
    """Return capabilities as setpriv writes them."""
    return [name[4:].lower() for name in found["capabilities"]]


@pytest.mark.parametrize("section", CASES)
def test_object_runs_with_just_what_is_named(
    bpf: Find, public_dir: pathlib.Path, section: str
) -> None:
    """It loads and attaches with exactly these, and with each one taken away it does not."""
    path = placed(public_dir, elf.enable(bpf("privileges").read_bytes(), section))
    needed = bare(said(path))
    code = RUN.format(CASES[section])
    with confine.paranoid(2):  # what it is upstream
        assert privilege.attempt(needed, code, path) == "allowed"
        for lacking in needed:
            rest = [name for name in needed if name != lacking]
            assert privilege.attempt(rest, code, path) != "allowed", lacking


PRINT = """
import sys, tinybpf
with open("/proc/self/status") as lines:
    print(*(line.split()[1] for line in lines if line.startswith(("CapEff", "CapBnd", "Uid"))))
try:
    with tinybpf.load(sys.argv[1]) as obj, obj.attach():
        print("runs")
except tinybpf.BpfPermissionError as error:
    print(str(error).splitlines()[0])
"""


@pytest.fixture
def command(public_dir: pathlib.Path) -> list[str]:
    """Return what runs PRINT on an object, in a place that everybody can read."""
    runner = public_dir / "tinybpf-run"
    shutil.copy(os.environ["TINYBPF_RUN"], runner)
    return [str(runner), "-c", PRINT]


def numbers(names: list[str]) -> int:
    """Return capabilities as /proc/PID/status has them."""
    bits = {"bpf": 39, "perfmon": 38, "dac_read_search": 2}
    return sum(1 << bits[name] for name in names)


def output(command: list[str]) -> list[str]:
    """Return the lines that a command prints."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=child.TIMEOUT_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("way", ["setpriv", "runner"])
def test_command_that_is_printed_starts_it(
    bpf: Find, public_dir: pathlib.Path, command: list[str], way: str
) -> None:
    """It has just what it names, and the object runs; with each one less it does not."""
    path = placed(public_dir, bpf("counts").read_bytes())
    found = said(path)
    _, *words = found["start"][way].split()
    end = [*command, str(path)]
    words[-1:] = end if way == "setpriv" else end[1:]  # COMMAND, SCRIPT
    line = [SETPRIV if way == "setpriv" else command[0], *words]
    with confine.paranoid(2):
        (who, effective, _), runs = output(line)[0].split(), output(line)[1]
        assert (who, int(effective, 16), runs) == ("65534", numbers(bare(found)), "runs")
        for lacking in bare(found):
            less = re.compile(rf",\+?{lacking}\b|\+?\b{lacking},")
            assert output([less.sub("", word) for word in line])[1] != "runs", lacking


def test_container_that_is_printed_starts_it(
    bpf: Find, public_dir: pathlib.Path, command: list[str]
) -> None:
    """As containers have it: root with a bounding set, and tracefs read-only."""
    path = placed(public_dir, bpf("counts").read_bytes())
    found = said(path)
    words = shlex.split(found["start"]["docker"])
    adds = [b.lower() for a, b in zip(words, words[1:]) if a == "--cap-add"]
    (source, place, mode) = words[words.index("-v") + 1].split(":")
    assert (source, place, mode) == ("/sys/kernel/tracing",) * 2 + ("ro",)
    script = f'mount --bind {source} {place} && mount -o remount,bind,ro {place} && exec "$@"'
    start = ["unshare", "--mount", "sh", "-c", script, "sh", SETPRIV]
    with confine.paranoid(2):
        for lacking in (None, *adds):
            bounds = ",".join(["-all", *(f"+{name}" for name in adds if name != lacking)])
            first, last = output([*start, "--bounding-set", bounds, *command, str(path)])
            if lacking is None:
                assert first.split() == ["0", *[f"{numbers(adds):016x}"] * 2]
            assert (last == "runs") is (lacking is None), lacking


def test_paranoid_kernels_are_noted(bpf: Find, public_dir: pathlib.Path) -> None:
    """Where perf events are for the administrator alone, the note and the error say so."""
    path = placed(public_dir, bpf("counts").read_bytes())
    found = said(path)
    assert found["notes"] == [caps.PARANOID]
    assert said(bpf("net_maps"))["notes"] == []
    code = RUN.format("attach()")
    with confine.paranoid(3):
        told = privilege.attempt(bare(found), code, path)
        assert told == "allowed" or "sysctl kernel.perf_event_paranoid=2" in told
        assert privilege.attempt([*bare(found), "sys_admin"], code, path) == "allowed"


def test_helpers_that_watch_need_perfmon(bpf: Find, public_dir: pathlib.Path) -> None:
    """A program of the network that prints or reads memory needs CAP_PERFMON besides."""
    path = placed(public_dir, bpf("perfmon").read_bytes())
    with tinybpf.open(path) as obj:
        for program in obj.programs.values():
            program.autoload = program.name in ("prints", "counts")
        found = caps.describe(obj, str(path))
    needs = {program["name"]: program["load"] for program in found["programs"]}
    assert needs["prints"] == ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"]
    assert (
        "it calls helpers that watch the kernel"
        in found["programs"][0]["notes"] + (found["programs"][1]["notes"])
    )


def test_maps_of_the_network_need_net_admin(bpf: Find) -> None:
    """What a map needs is among it."""
    found = said(bpf("net_maps"))
    needs = {m["type"]: m["load"] for m in found["maps"]}
    assert needs["DEVMAP"] == ["CAP_BPF", "CAP_NET_ADMIN"]
    assert "CAP_NET_ADMIN" in found["capabilities"]


def test_ways_to_start_name_the_same(bpf: Find) -> None:
    """All get one list, each in its own spelling."""
    found = said(bpf("counts"))
    assert found["schema"] == 1
    assert found["capabilities"] == ["CAP_BPF", "CAP_PERFMON", "CAP_DAC_READ_SEARCH"]
    start = found["start"]
    plus = "+bpf,+perfmon,+dac_read_search"
    assert f"--inh-caps={plus} --ambient-caps={plus} COMMAND" in start["setpriv"]
    assert start["runner"].endswith(" --caps bpf,perfmon,dac_read_search SCRIPT")
    assert "AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_DAC_READ_SEARCH\n" in start["systemd"]
    assert "--cap-drop ALL --cap-add BPF --cap-add PERFMON -v" in start["docker"]
    assert "-v /sys/kernel/tracing:/sys/kernel/tracing:ro" in start["docker"]
    assert "add: [BPF, PERFMON]" in start["kubernetes"]
    delegated = start["systemd_delegation"]
    assert "BPFDelegateMaps=BPFMapTypeArray,BPFMapTypeHash\n" in delegated
    assert "BPFDelegatePrograms=BPFProgTypeSocketFilter,BPFProgTypeTracepoint\n" in delegated


def test_text_names_programs_and_ways(bpf: Find) -> None:
    """Without --json it is read by people: programs first, then what can be copied."""
    with tinybpf.open(bpf("counts")) as obj:
        text = caps.layout(caps.describe(obj, str(bpf("counts"))))
    first, *lines = text.splitlines()
    assert first.endswith("counts.bpf.o: CAP_BPF CAP_PERFMON CAP_DAC_READ_SEARCH")
    assert any(line.startswith("  on_trigger  tracepoint/") for line in lines)
    assert caps.PARANOID in lines
    assert "# as a user of its own" in lines
    assert "# in a pod" in lines


def test_every_object_is_described(bpf: Find) -> None:
    """Each test object has its needs, without privileges and whatever kernel this is."""
    for path in sorted(bpf("counts").parent.glob("*.bpf.o")):
        if path.name != "linked.bpf.o":  # it is a part of an object
            assert "CAP_BPF" in said(path)["capabilities"]
