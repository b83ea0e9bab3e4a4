# SPDX-License-Identifier: MIT
"""--attach: programs whose sections do not say where, one kind after the other."""

import errno
import json
import subprocess

import pytest

import tinybpf
from support import direct, probed
from support.gating import kernel
from support.objects import Find, cgroup_root

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")
KPROBE = kernel("5.8", "kprobe", config="CONFIG_KPROBES")

# Of hooks.bpf.c: the program, the kind and target, and the key that it counts under.
HOOKS = [
    pytest.param("on_kprobe", "kprobe:do_sys_openat2", 0, marks=KPROBE),
    pytest.param("on_kprobe", "kprobe:do_sys_openat2+0x0", 0, marks=KPROBE),
    pytest.param("on_kretprobe", "kretprobe:do_sys_openat2", 1, marks=KPROBE),
    ("on_tracepoint", "tracepoint:sched:sched_process_exec", 2),
    ("on_raw_tracepoint", "raw_tracepoint:sched_process_exec", 3),
    ("on_uprobe", "uprobe:PROBED:work_one", 4),
    ("on_uretprobe", "uretprobe:PROBED:work_one", 5),
]


def refused(done: "subprocess.CompletedProcess[str]", number: int) -> None:
    """Raise what the library raised: this kernel may be known to lack it."""
    if done.returncode == 1 and "is in Linux since" in done.stderr:
        raise tinybpf.BpfNotSupportedError(done.stderr)
    if done.returncode == 1:
        raise tinybpf.BpfError(done.stderr, errno=number)


@pytest.mark.parametrize(("program", "target", "key"), HOOKS)
def test_program_runs_where_it_is_attached(
    bpf: Find, program: str, target: str, key: int
) -> None:
    """COMMAND makes it run; what no section says is attached by that option alone."""
    target = target.replace("PROBED", str(probed.path()))
    command = ("--", "sh", "-c", f"ls / >/dev/null; printf a | {probed.path()} >/dev/null")
    done = direct.run(bpf("hooks"), "--json", "--attach", f"{program}={target}", *command)
    refused(done, errno.ENOENT)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    counts = {one["key"]: one["value"] for one in found}
    assert counts[key] > 0
    assert [k for k in counts if counts[k] and k != key] == []


@pytest.mark.parametrize(
    ("program", "target"),
    [
        ("on_xdp", "xdp:lo"),
        ("on_xdp", "xdp:lo:skb"),
        ("on_cgroup", f"cgroup:{cgroup_root()}"),
    ],
)
def test_program_is_attached_to_other_places(bpf: Find, program: str, target: str) -> None:
    """Interfaces with and without a mode, cgroups."""
    line = ("--attach", f"{program}={target}", "--duration", "0", "--maps", "")
    done = direct.run(bpf("hooks"), *line)
    assert done.returncode == 0, done.stderr


@kernel("4.9", "perf events", config="CONFIG_BPF_SYSCALL")
@pytest.mark.parametrize("often", ["99", "every=1000000"])
def test_program_runs_so_often(bpf: Find, often: str) -> None:
    """A perf event is so often a second, or after so many events."""
    line = ("--attach", f"on_sample=perf_event:cpu-clock:{often}", "--duration", "0.1")
    done = direct.run(bpf("profile"), *line, "--maps", "")
    assert done.returncode == 0, done.stderr


@kernel("5.5", "fentry", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_target_of_before_the_load(bpf: Find) -> None:
    """A program that is made for one function is loaded for the one that is asked for."""
    line = ("--attach", "on_open=fentry:do_sys_openat2", "--duration", "0", "--maps", "")
    wrong = direct.run(bpf("fentry"), "--attach", "on_open=fentry:no_such_function")
    assert wrong.returncode == 1
    assert "no_such_function" in wrong.stderr
    done = direct.run(bpf("fentry"), *line)
    refused(done, errno.EPERM)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("on_kprobe=kprobe:no_such_function", 1, "no_such_function"),
        ("on_xdp=xdp:nosuch0", 1, "nosuch0"),
        ("on_uprobe=uprobe:/no/such/file:malloc", 1, "/no/such/file"),
        ("on_xdp=xdp:lo:fast", 2, "fast"),
        ("on_kprobe=kprobe:do_sys_openat2+x", 2, "--attach on_kprobe="),
    ],
)
def test_target_that_there_is_not(bpf: Find, target: str, status: int, words: str) -> None:
    """The library's sentence says so; nothing stays attached."""
    done = direct.run(bpf("hooks"), "--attach", target, "--duration", "0")
    assert done.returncode == status, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
