# SPDX-License-Identifier: MIT
"""Refusals that no capability helps against: the error names what confines the process."""

import pathlib

import pytest

from support import child, host, privilege
from support.objects import Find, cgroup_root

HEAD = """
import sys, tinybpf
from support import confine
"""
TRY = """
try:
    with tinybpf.load(sys.argv[1]) as obj, obj.attach():
        print("allowed")
except tinybpf.BpfError as error:
    print(type(error).__name__, error)
"""


def said_to(bpf: Find, confinement: str, name: str = "counts") -> str:
    """Return what the error tells root that is confined so."""
    return child.output(HEAD + confinement + TRY, bpf(name))


@pytest.mark.parametrize(
    ("call", "verb"), [("bpf", "loading"), ("perf_event_open", "attaching")]
)
def test_seccomp_filter_is_named(bpf: Find, call: str, verb: str) -> None:
    """A filter that refuses one of the two system calls, as container runtimes set it."""
    said = said_to(bpf, f"confine.refuse({call!r})")
    assert (
        f"{verb} tracepoint programs needs CAP_BPF and CAP_PERFMON, which this process has"
        in said
    )
    assert "\n  a seccomp filter is on this process: it must allow bpf(2) and" in said
    assert "libbpf output:" in said


def test_seccomp_filter_that_hides_the_call_is_named(bpf: Find) -> None:
    """A filter may also pretend that the kernel has no such call."""
    said = said_to(bpf, "import errno; confine.refuse('bpf', errno.ENOSYS)")
    assert "failed: bpf(2) is not there: " in said
    assert "a seccomp filter hides it" in said


def test_seccomp_filter_that_allows_is_no_obstacle(bpf: Find) -> None:
    """A filter on something else changes nothing."""
    assert said_to(bpf, "confine.refuse('unshare')") == "allowed\n"


LATER = {
    "map": ('obj.maps["hits"].update(0, 1)', "using a map"),
    "freeze": ('obj.maps["hits"].freeze()', "freezing a map"),
    "map info": ('obj.maps["hits"].info', "asking about a map"),
    "program info": ('obj.program("on_xdp").info', "asking about a program"),
    "link info": ("link.info", "asking about a link"),
    "link id": ("link.id", "asking about a link"),
    "update": ('link.update(obj.program("on_xdp"))', "updating a link"),
    "test_run": ('obj.program("on_xdp").test_run(bytes(64))', "running a program"),
    "pin": ('obj.maps["hits"].pin("/sys/fs/bpf/never")', "using a pin"),
}


@pytest.mark.parametrize(("call", "what"), LATER.values(), ids=LATER.keys())
def test_seccomp_filter_is_named_after_loading(bpf: Find, call: str, what: str) -> None:
    """What is done with what is loaded needs no capability, and may be refused all the same."""
    said = child.output(
        HEAD + "obj = tinybpf.load(sys.argv[1])\n"
        "link = obj.program('on_raw_tracepoint').attach_raw_tracepoint('sys_enter')\n"
        "confine.refuse('bpf')\n"
        f"try:\n    {call}\n"
        "except tinybpf.BpfPermissionError as error:\n    print(error)\n"
        "obj.close()\n",
        bpf("hooks"),
    )
    assert f"failed: Operation not permitted: {what} needs " in said
    assert "\n  a seccomp filter is on this process: it must allow bpf(2)" in said
    assert "run as root" not in said


def test_user_namespace_is_named(bpf: Find) -> None:
    """Root of a user namespace has all capabilities, and none that count."""
    said = said_to(bpf, "confine.enter_user_namespace()")
    assert ", which this process has\n  this process is in a user namespace: " in said


def test_all_that_confines_is_named(bpf: Find) -> None:
    """Where several things may be the reason, each has its line."""
    said = said_to(bpf, "confine.enter_user_namespace(); confine.refuse('bpf')")
    assert "\n  a seccomp filter is on this process" in said
    assert "\n  this process is in a user namespace" in said


def test_lack_of_capability_is_not_blamed_on_a_filter(
    bpf: Find, public_dir: pathlib.Path
) -> None:
    """Who lacks capabilities is told that first."""
    path = public_dir / "counts.bpf.o"
    path.write_bytes(bpf("counts").read_bytes())
    path.chmod(0o644)
    said = privilege.attempt(
        ["bpf"],
        "attempt(lambda: tinybpf.load(sys.argv[1]))\n",
        path,
        before="from support import confine; confine.refuse('unshare')",
    )
    assert "this process lacks CAP_PERFMON" in said
    assert "seccomp" not in said


def test_locked_memory_is_named_where_it_counts(bpf: Find, public_dir: pathlib.Path) -> None:
    """Before Linux 5.11 maps are locked memory, which a limit may forbid."""
    path = public_dir / "big.bpf.o"
    path.write_bytes(bpf("big").read_bytes())
    path.chmod(0o644)
    said = privilege.attempt(
        ["bpf"],
        "attempt(lambda: tinybpf.load(sys.argv[1])).close()\n",
        path,
        before="import resource; resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))",
    )
    if host.kernel_version() >= (5, 11):
        assert said == "allowed"
    else:
        assert "this process may lock 0 bytes of memory" in said
        assert "ulimit -l unlimited" in said


def test_tracefs_that_is_not_mounted_is_named(bpf: Find) -> None:
    """Without tracefs no tracepoint is found: the error says how to mount it."""
    said = said_to(bpf, "confine.hide('/sys/kernel/tracing', '/sys/kernel/debug')")
    assert "tracefs, which lists the tracepoints, is not mounted\n  mount -t tracefs" in said


def test_kernel_without_btf_is_named(bpf: Find) -> None:
    """What reads the kernel's types needs them: the error says which option makes them."""
    said = said_to(bpf, "confine.hide('/sys/kernel/btf')", "core")
    assert said.startswith("BpfNotSupportedError ")
    assert "this kernel has no BTF, which describes its types" in said
    assert "CONFIG_DEBUG_INFO_BTF" in said
    assert said_to(bpf, "confine.hide('/sys/kernel/btf')", "counts") == "allowed\n"


def test_cgroups_that_are_not_mounted_are_named(bpf: Find) -> None:
    """Without cgroup v2 there is nothing to attach to: the error says how to mount it."""
    said = child.output(
        HEAD
        + """
confine.hide(sys.argv[2])
with tinybpf.load(sys.argv[1]) as obj:
    try:
        obj.program("on_cgroup").attach_cgroup("/")
    except tinybpf.BpfError as error:
        print(error)
""",
        bpf("hooks"),
        cgroup_root(),
    )
    assert "'/' is no cgroup\n  cgroup v2 is not mounted: mount -t cgroup2 " in said
