# SPDX-License-Identifier: MIT
"""A script in tinybpf-run needs CAP_BPF and CAP_PERFMON, not root."""

import os
import pathlib
import shutil
import subprocess
from typing import Callable

import pytest
from launch import Run

pytestmark = pytest.mark.real
NOBODY = 65534

SCRIPT = """\
import os, pathlib, struct, tinybpf
capabilities = [line.split()[1] for line in open("/proc/self/status") if line[:6] == "CapEff"]
events = []
with tinybpf.load(pathlib.Path(__file__).parent / "btf_ring.bpf.o") as obj:
    obj.maps["target"][0] = os.getpid()
    with obj.attach():
        ring = tinybpf.BpfRingBuffer(obj.maps["events"], events.append)
        for _ in range(3):
            os.getpgid(0)
        while len(events) < 3 and ring.poll(5000):
            pass
        ring.close()
tgid, uid = struct.unpack("=II", events[0])
print(len(events), tgid == os.getpid(), uid, os.geteuid(), int(capabilities[0], 16))
"""


@pytest.fixture
def tool(public_dir: pathlib.Path, bpf: Callable[[str], pathlib.Path]) -> pathlib.Path:
    """Return a script beside its object file, readable by all."""
    shutil.copy(bpf("btf_ring"), public_dir / "btf_ring.bpf.o")
    script = public_dir / "tool.py"
    script.write_text(SCRIPT)
    for path in (script, public_dir / "btf_ring.bpf.o"):
        path.chmod(0o644)
    return script


def run_as_nobody(
    runner: pathlib.Path, script: pathlib.Path, capabilities: str
) -> "subprocess.CompletedProcess[str]":
    """Run a script as a user who has these capabilities, ambient, and no others."""
    return subprocess.run(
        [
            "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
            f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}",
            str(runner), str(script),
        ],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )  # fmt: skip


@pytest.fixture
def public_runner(runner: pathlib.Path, public_dir: pathlib.Path) -> pathlib.Path:
    """Return a copy of the executable that every user can reach."""
    copy = public_dir / "tinybpf-run"
    shutil.copy(runner, copy)
    copy.chmod(0o755)
    return copy


def test_two_capabilities_are_enough_for_events(
    public_runner: pathlib.Path, tool: pathlib.Path
) -> None:
    """Uid 65534 with cap_bpf and cap_perfmon loads a tp_btf program and reads its ring."""
    done = run_as_nobody(public_runner, tool, "-all,+bpf,+perfmon")
    cap_bpf, cap_perfmon = 1 << 39, 1 << 38
    wanted = f"3 True {NOBODY} {NOBODY} {cap_bpf | cap_perfmon}\n"
    assert (done.returncode, done.stdout) == (0, wanted), done.stderr


def test_root_becomes_a_user_with_two_capabilities(run: Run, tool: pathlib.Path) -> None:
    """--user and --caps do from root what setpriv does."""
    done = run("--user", "nobody", "--caps", "bpf,perfmon", tool)
    wanted = f"3 True {NOBODY} {NOBODY} {1 << 39 | 1 << 38}\n"
    assert (done.returncode, done.stdout) == (0, wanted), done.stderr
    assert "needs CAP_BPF" in run("--user", "nobody", tool).stderr


def test_without_capabilities_the_error_names_them(
    public_runner: pathlib.Path, tool: pathlib.Path
) -> None:
    """The same script without them ends with BpfPermissionError."""
    done = run_as_nobody(public_runner, tool, "-all")
    assert done.returncode == 1
    assert "BpfPermissionError" in done.stderr
