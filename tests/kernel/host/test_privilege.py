# SPDX-License-Identifier: MIT
"""The table of privileges: each row is what the kernel asks for, and errors name it.

Each program is loaded (and attached) by a process that has just the capabilities of
its row, which must succeed, and by ones that lack one of them, which must be told so.
"""

import contextlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

import pytest

import tinybpf
from support import child, confine, elf, host, privilege
from support.gating import kernel
from support.objects import Find
from support.paths import SETPRIV

pytestmark = kernel("5.8", "CAP_BPF and CAP_PERFMON")

BPF, TRACING, NETWORK = ("bpf",), ("bpf", "perfmon"), ("bpf", "net_admin")
LOADING = {
    "tracepoint/syscalls/sys_enter_getpgid": TRACING,
    "raw_tp/sys_enter": TRACING,
    "raw_tp.w/sys_enter": TRACING,
    "tp_btf/sys_enter": TRACING,
    "fentry/vfs_read": TRACING,
    "lsm/file_open": TRACING,
    "perf_event": TRACING,
    "uprobe": TRACING,
    "kprobe": TRACING,
    "iter/task": TRACING,
    "syscall": BPF,
    "socket": BPF,
    "sk_reuseport": BPF,
    "sk_lookup": BPF,
    "cgroup_skb/egress": BPF,
    "xdp": NETWORK,
    "tc": NETWORK,
    "tcx/ingress": NETWORK,
    "netkit/primary": NETWORK,
    "action": NETWORK,
    "lwt_in": NETWORK,
    "lwt_out": NETWORK,
    "lwt_xmit": NETWORK,
    "lwt_seg6local": NETWORK,
    "sk_msg": NETWORK,
    "sk_skb/stream_verdict": NETWORK,
    "sockops": NETWORK,
    "flow_dissector": NETWORK,
    "netfilter": NETWORK,
    "cgroup/sock": NETWORK,
    "cgroup/dev": NETWORK,
    "cgroup/connect4": NETWORK,
    "cgroup/sysctl": NETWORK,
    "cgroup/getsockopt": NETWORK,
}
SINCE = {
    "tcx/ingress": kernel("6.6", "tcx"),
    "netkit/primary": kernel("6.7", "loading for netkit"),
    "netfilter": kernel("6.4", "netfilter"),
    "syscall": kernel("5.14", "syscall"),
    "sk_lookup": kernel("5.9", "sk_lookup"),
    "fentry/vfs_read": kernel("5.8", "loading for fentry"),
    "lsm/file_open": kernel("5.8", "loading for lsm"),
}

LOAD = "object = attempt(lambda: tinybpf.load(sys.argv[1]))\n"
ATTACH = LOAD + "program = object.program(sys.argv[2])\nattempt(lambda: program.{}).destroy()\n"


@pytest.fixture
def one(bpf: Find, public_dir: pathlib.Path, request: pytest.FixtureRequest) -> pathlib.Path:
    """Return an object with the program of one section only, that nobody can read."""
    path = public_dir / "one.bpf.o"
    path.write_bytes(elf.enable(bpf("privileges").read_bytes(), request.param))
    path.chmod(0o644)
    return path


def rows() -> list[object]:
    """Return a parameter for each row of LOADING, gated by its first kernel."""
    return [
        pytest.param(
            section,
            needed,
            id=section,
            marks=[SINCE[section]] if section in SINCE else [],
        )
        for section, needed in LOADING.items()
    ]


@pytest.mark.parametrize(("one", "needed"), rows(), indirect=["one"])
def test_load_needs_just_what_the_table_says(
    one: pathlib.Path, needed: tuple[str, ...]
) -> None:
    """With its capabilities a program loads; without one of them the error names that."""
    tinybpf.load(one).close()  # what root cannot load tells nothing about capabilities
    assert privilege.attempt(needed, LOAD, one) == "allowed"
    for lacking in needed:
        rest = [capability for capability in needed if capability != lacking]
        said = privilege.attempt(rest, LOAD, one)
        assert f"this process lacks CAP_{lacking.upper()}\n" in said


@pytest.mark.parametrize(
    ("name", "needed", "what"),
    [
        ("struct_ops", TRACING, "struct_ops programs"),
        ("net_maps", NETWORK, "devmap maps"),
        ("big", BPF, "maps"),
    ],
)
def test_objects_with_maps_need_just_what_the_table_says(
    bpf: Find, public_dir: pathlib.Path, name: str, needed: tuple[str, ...], what: str
) -> None:
    """So it is with the kinds that are more than one program."""
    path = public_dir / "whole.bpf.o"
    path.write_bytes(bpf(name).read_bytes())
    path.chmod(0o644)
    assert privilege.attempt(needed, LOAD, path) == "allowed"
    for lacking in needed:
        said = privilege.attempt([c for c in needed if c != lacking], LOAD, path)
        assert f"loading {what} needs CAP_BPF" in said
        assert f"this process lacks CAP_{lacking.upper()}\n" in said


def test_calls_on_what_is_loaded_need_no_capability(bpf: Find) -> None:
    """Since Linux 5.19 who has the object may run it; before it CAP_BPF was needed."""
    said = child.output(
        "import sys, tinybpf\nobj = tinybpf.load(sys.argv[1])\n"
        + child.BECOME_NOBODY
        + "try:\n"
        '    obj.program("on_xdp").test_run(bytes(64))\n'
        "    print('allowed')\n"
        "except tinybpf.BpfPermissionError as error:\n"
        "    print(error)\n"
        "obj.close()\n",
        bpf("hooks"),
    )
    if host.kernel_version() >= (5, 19):
        assert said == "allowed\n"
    else:
        assert "running a program needs " in said
        assert "; this process lacks CAP_" in said


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("HASH", BPF), ("RINGBUF", BPF), ("DEVMAP", NETWORK), ("SOCKMAP", NETWORK)],
)
def test_created_maps_need_just_what_the_table_says(kind: str, needed: tuple[str, ...]) -> None:
    """Maps that no object has need the same."""
    sizes = "0, 0, 4096" if kind == "RINGBUF" else "4, 4, 4"
    code = f"attempt(lambda: tinybpf.BpfMap.create({{}}, {sizes})).close()\n"
    code = code.format(int(tinybpf.BpfMapType[kind]))
    assert privilege.attempt(needed, code) == "allowed"
    for lacking in needed:
        said = privilege.attempt([c for c in needed if c != lacking], code)
        assert f"making {kind.lower()} maps needs CAP_BPF" in said
        assert f"this process lacks CAP_{lacking.upper()}\n" in said


REPLACE = """
import contextlib
with contextlib.ExitStack() as stack:
    target = stack.enter_context(attempt(lambda: tinybpf.load(sys.argv[1])))
    other = stack.enter_context(tinybpf.open(sys.argv[2]))
    program = target.program("filter")
    attempt(lambda: other.program("substitute").set_attach_target("verdict", program))
    attempt(other.load)
"""


@kernel("5.8", "freplace")
def test_replacing_a_function_needs_admin(bpf: Find, public_dir: pathlib.Path) -> None:
    """The kernel looks BTF of a loaded program up by its id, which CAP_SYS_ADMIN may."""
    paths = [public_dir / "target.bpf.o", public_dir / "other.bpf.o"]
    data = bpf("replaced").read_bytes()
    for path, content in zip(paths, [data, elf.enable(data, "freplace/verdict")]):
        path.write_bytes(content)
        path.chmod(0o644)
    with tinybpf.load(paths[0]) as target, tinybpf.open(paths[1]) as other:
        other.program("substitute").set_attach_target("verdict", target.program("filter"))
        other.load()
    assert privilege.attempt(["sys_admin"], REPLACE, *paths) == "allowed"
    said = privilege.attempt([*TRACING, "net_admin"], REPLACE, *paths)
    assert "reading the BTF of a loaded program needs CAP_SYS_ADMIN" in said
    assert "this process lacks CAP_SYS_ADMIN\n" in said


@pytest.mark.parametrize("one", ["xdp"], indirect=True)
def test_load_with_nothing_names_all_and_the_way_to_start(one: pathlib.Path) -> None:
    """Both capabilities stand in the message, for setpriv and for systemd."""
    said = privilege.attempt([], LOAD, one)
    assert "loading xdp programs needs CAP_BPF and CAP_NET_ADMIN; this process lacks " in said
    assert "--inh-caps=+bpf,+net_admin --ambient-caps=+bpf,+net_admin" in said
    assert "AmbientCapabilities=CAP_BPF CAP_NET_ADMIN" in said
    assert "libbpf output:" in said


@pytest.mark.parametrize("one", ["xdp", "raw_tp/sys_enter"], indirect=True)
def test_admin_stands_for_all_of_bpf(one: pathlib.Path) -> None:
    """CAP_SYS_ADMIN alone loads what needs CAP_BPF and another, as before Linux 5.8."""
    assert privilege.attempt(["sys_admin"], LOAD, one) == "allowed"


@pytest.mark.parametrize(
    ("one", "program"),
    [
        ("raw_tp/sys_enter", "is_raw_tp"),
        ("tp_btf/sys_enter", "is_tp_btf"),
        ("iter/task", "is_iter"),
        pytest.param("fentry/vfs_read", "is_fentry", marks=kernel("5.8", "fentry")),
        pytest.param("lsm/file_open", "is_lsm", marks=kernel("5.8", "lsm")),
    ],
    indirect=["one"],
)
def test_tracing_needs_no_more_to_attach(one: pathlib.Path, program: str) -> None:
    """What loads a raw tracepoint, an iterator or what BTF knows attaches it too."""
    with tinybpf.load(one) as obj:
        obj.programs[program].attach().destroy()
    assert privilege.attempt(TRACING, ATTACH.format("attach()"), one, program) == "allowed"


@pytest.mark.parametrize("one", ["tracepoint/syscalls/sys_enter_getpgid"], indirect=True)
def test_tracepoint_needs_tracefs(one: pathlib.Path) -> None:
    """The id of a tracepoint is read from tracefs, which is root's: the error says so."""
    code = ATTACH.format("attach()")
    with confine.paranoid(2):
        reads = [*TRACING, "dac_read_search"]
        assert privilege.attempt(reads, code, one, "is_tracepoint") == "allowed"
        said = privilege.attempt(TRACING, code, one, "is_tracepoint")
    assert "to read /sys/kernel/tracing, which is closed to this user" in said
    assert "--user UID:GID --caps bpf,perfmon,dac_read_search SCRIPT" in said
    assert "+bpf,+perfmon,+dac_read_search" in said


@contextlib.contextmanager
def tracefs_of(gid: int) -> Iterator[None]:
    """Let a group enter tracefs meanwhile, as the guide says."""
    place = "/sys/kernel/tracing"
    before = os.stat(place)
    remount = ["mount", "-o", f"remount,gid={gid},mode=750", place]
    subprocess.run(remount, check=True)
    try:
        yield
    finally:
        remount[2] = f"remount,gid={before.st_gid},mode={before.st_mode & 0o777:o}"
        subprocess.run(remount, check=True)


@pytest.mark.parametrize("one", ["tracepoint/syscalls/sys_enter_getpgid"], indirect=True)
def test_tracefs_can_be_opened_to_a_group(one: pathlib.Path) -> None:
    """Who is in that group needs no capability for it."""
    code = ATTACH.format("attach()")
    with confine.paranoid(2), tracefs_of(65534):
        assert privilege.attempt(TRACING, code, one, "is_tracepoint") == "allowed"
    with confine.paranoid(2):
        assert privilege.attempt(TRACING, code, one, "is_tracepoint") != "allowed"


@pytest.mark.parametrize("one", ["tracepoint/syscalls/sys_enter_getpgid"], indirect=True)
def test_paranoid_kernel_keeps_perf_events_to_the_administrator(one: pathlib.Path) -> None:
    """kernel.perf_event_paranoid of 3 is nothing upstream; where it refuses, it is named."""
    code = ATTACH.format("attach()")
    reads = [*TRACING, "dac_read_search"]
    with confine.paranoid(3):
        said = privilege.attempt(reads, code, one, "is_tracepoint")
        admin = [*reads, "sys_admin"]
        assert privilege.attempt(admin, code, one, "is_tracepoint") == "allowed"
    if said != "allowed":
        assert (
            "CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN; this process lacks CAP_SYS_ADMIN" in said
        )
        assert "sysctl kernel.perf_event_paranoid=2 does without CAP_SYS_ADMIN" in said


@kernel("6.1", "CAP_SYS_ADMIN for uprobes")
@pytest.mark.parametrize("one", ["uprobe"], indirect=True)
def test_uprobe_needs_admin(one: pathlib.Path) -> None:
    """The kernel wants CAP_SYS_ADMIN itself for a uprobe, and the error says so."""
    code = ATTACH.format(f"attach_uprobe({SETPRIV!r}, 0x4000, pid=os.getpid())")
    with confine.paranoid(2):
        assert privilege.attempt([*TRACING, "sys_admin"], code, one, "is_uprobe") == "allowed"
        said = privilege.attempt(TRACING, code, one, "is_uprobe")
    assert "attaching uprobe programs needs CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN" in said
    assert "this process lacks CAP_SYS_ADMIN\n" in said


@kernel("6.6", "uprobe.multi", config="CONFIG_UPROBES")
def test_uprobe_multi_needs_no_more_to_attach(public_dir: pathlib.Path) -> None:
    """A link to many uprobes goes by no perf event, and asks for less than one uprobe."""
    binary, path = public_dir / "probed", public_dir / "multi.bpf.o"
    binary.write_bytes((host.directory_from("TINYBPF_BUILD") / "kernel_ids").read_bytes())
    path.write_bytes(elf.minimal(section=f"uprobe.multi/{binary}:main"))
    binary.chmod(0o755)
    path.chmod(0o644)
    with confine.paranoid(3):
        assert privilege.attempt(TRACING, ATTACH.format("attach()"), path, "entry") == "allowed"


@kernel("5.8", "kprobe", config="CONFIG_KPROBES")
@pytest.mark.parametrize("one", ["kprobe"], indirect=True)
def test_kprobe_needs_no_more_to_attach(one: pathlib.Path) -> None:
    """What loads a kprobe attaches it too, unlike a uprobe."""
    with tinybpf.load(one) as obj:
        obj.program("is_kprobe").attach_kprobe("do_sys_openat2").close()
    code = ATTACH.format("attach_kprobe('do_sys_openat2')")
    with confine.paranoid(2):
        assert privilege.attempt(TRACING, code, one, "is_kprobe") == "allowed"


@pytest.mark.parametrize("one", ["cgroup_skb/egress"], indirect=True)
def test_cgroup_skb_needs_net_admin_to_attach(one: pathlib.Path) -> None:
    """It loads with CAP_BPF alone and attaches with CAP_NET_ADMIN only."""
    code = ATTACH.format("attach_cgroup('/sys/fs/cgroup')")
    said = privilege.attempt(BPF, code, one, "is_cgroup_skb")
    assert "attaching cgroup_skb programs needs CAP_BPF and CAP_NET_ADMIN" in said
    assert "this process lacks CAP_NET_ADMIN\n" in said


# What a program of the network does, and what the verifier says to it without
# CAP_PERFMON (env->allow_ptr_leaks and bypass_spec_v1, kernel/bpf/verifier.c;
# bpf_base_func_proto, kernel/bpf/helpers.c); "": it needs none. Where the CPU's
# mitigations are off, the index passes from 6.7 on, not so the pointer beside it.
DEEDS = {
    "subtracts": "pointer -= pointer prohibited",
    "compares": "pointer comparison prohibited",
    "reveals": "leaks addr into map",
    "returns": "leaks addr as return value",
    "prints": "bpf_trace_printk#6",
    "reads": "bpf_probe_read",
    "looks_at_task": "bpf_get_current_task#35",
    "indexes_stack": "variable stack access prohibited|spilled ptr in range of var-offset",
    "checks_bounds": "",
    "counts": "",
}


# Comparing packet pointers needs it before, too.
MARKS = {"checks_bounds": kernel("6.1", "bounds of packets without CAP_PERFMON")}


@pytest.mark.parametrize(
    "deed", [pytest.param(deed, marks=MARKS.get(deed, ())) for deed in DEEDS]
)
def test_programs_of_the_network_need_perfmon_for_what_watches(
    bpf: Find, public_dir: pathlib.Path, deed: str
) -> None:
    """With CAP_PERFMON it loads; without it the verifier's reason names the capability."""
    path = public_dir / "one.bpf.o"
    path.write_bytes(bpf("perfmon").read_bytes())
    path.chmod(0o644)
    code = """
try:
    tinybpf.load(sys.argv[1], autoload=[sys.argv[2]])
except tinybpf.BpfVerifierError as error:
    print(str(error).partition("libbpf output:")[0])
"""
    whole = privilege.attempt((*NETWORK, "perfmon"), code, path, deed)
    said = privilege.attempt(NETWORK, code, path, deed)
    assert whole == "allowed"
    if not DEEDS[deed]:
        assert said == "allowed"
        return
    cause, *advice = said.splitlines()
    assert cause.startswith(f"program '{deed}': ")
    assert any(words in cause for words in DEEDS[deed].split("|"))
    assert "only a process with cap_perfmon may load" in "\n".join(advice)
