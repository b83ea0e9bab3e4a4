# SPDX-License-Identifier: MIT
"""tinybpf.features: what it says is what the kernel does, and it never says a wrong no."""

import contextlib
import pathlib
from typing import Any, Optional

import pytest

import tinybpf
from support import child, elf, host, privilege
from support.gating import kernel
from support.objects import Find, cgroup_root

# Sizes by which BpfMap.create() makes one of each: key, value, entries, options.
MAPS: dict[str, tuple[int, int, int, dict[str, Any]]] = {
    "HASH": (4, 4, 1, {}),
    "ARRAY": (4, 4, 1, {}),
    "PROG_ARRAY": (4, 4, 1, {}),
    "PERF_EVENT_ARRAY": (4, 4, 1, {}),
    "PERCPU_HASH": (4, 4, 1, {}),
    "PERCPU_ARRAY": (4, 4, 1, {}),
    "STACK_TRACE": (4, 8, 1, {}),
    "CGROUP_ARRAY": (4, 4, 1, {}),
    "LRU_HASH": (4, 4, 1, {}),
    "LPM_TRIE": (8, 4, 1, {"flags": tinybpf.BPF_F_NO_PREALLOC}),
    "DEVMAP": (4, 4, 1, {}),
    "SOCKMAP": (4, 4, 1, {}),
    "CPUMAP": (4, 4, 1, {}),
    "XSKMAP": (4, 4, 1, {}),
    "SOCKHASH": (4, 4, 1, {}),
    "REUSEPORT_SOCKARRAY": (4, 8, 1, {}),
    "QUEUE": (0, 4, 1, {}),
    "STACK": (0, 4, 1, {}),
    "DEVMAP_HASH": (4, 4, 1, {}),
    "RINGBUF": (0, 0, 4096, {}),
    "BLOOM_FILTER": (0, 4, 1, {}),
    "USER_RINGBUF": (0, 0, 4096, {}),
    "ARENA": (0, 0, 1, {"flags": tinybpf.BPF_F_MMAPABLE}),
    "INSN_ARRAY": (4, 16, 1, {}),
}
PROGRAMS = {
    "socket": "SOCKET_FILTER",
    "kprobe": "KPROBE",
    "tc": "SCHED_CLS",
    "tracepoint": "TRACEPOINT",
    "xdp": "XDP",
    "perf_event": "PERF_EVENT",
    "cgroup/sock": "CGROUP_SOCK",
    "cgroup/connect4": "CGROUP_SOCK_ADDR",
    "cgroup/getsockopt": "CGROUP_SOCKOPT",
    "lwt_in": "LWT_IN",
    "sk_msg": "SK_MSG",
    "raw_tp": "RAW_TRACEPOINT",
    "tp_btf/sched_switch": "TRACING",
    "lsm/file_open": "LSM",
    "sk_lookup": "SK_LOOKUP",
    "syscall": "SYSCALL",
    "netfilter": "NETFILTER",
    "lirc_mode2": "LIRC_MODE2",
    "flow_dissector": "FLOW_DISSECTOR",
    "sk_reuseport": "SK_REUSEPORT",
}


@pytest.fixture
def features() -> tinybpf.Features:
    """Return features of which none was asked for yet."""
    return tinybpf.Features()


def one(folder: pathlib.Path, section: str) -> pathlib.Path:
    """Return an object with a program of that section that returns 0."""
    path = folder / "one.bpf.o"
    path.write_bytes(elf.minimal(section=section).replace(b"MIT\0", b"GPL\0"))
    return path


@pytest.mark.parametrize("name", MAPS)
def test_map_type_is_there_if_it_can_be_made(features: tinybpf.Features, name: str) -> None:
    """Yes if and only if a map of the type is made here; a no tells the first version."""
    key, value, entries, options = MAPS[name]
    made = True
    try:
        kind = tinybpf.BpfMapType[name]
        tinybpf.BpfMap.create(kind, key, value, entries, **options).close()
    except tinybpf.BpfNotSupportedError:
        made = False
    found = features.map_types[name]
    assert found.supported is made
    assert bool(found.reason) is not made
    assert made or f"is in Linux since {found.since}, " in found.reason


@pytest.mark.parametrize("section", PROGRAMS)
def test_program_type_is_there_if_it_loads(
    features: tinybpf.Features, tmp_path: pathlib.Path, section: str
) -> None:
    """Yes if and only if a program of the type loads here."""
    loaded = True
    try:
        tinybpf.load(one(tmp_path, section)).close()
    except tinybpf.BpfError:
        loaded = False
    found = features.program_types[PROGRAMS[section]]
    assert found.supported is loaded
    assert bool(found.reason) is not loaded


# Sections whose programs attach themselves without any argument, with a hook of the same
# name; and how the others are attached.
ATTACH: dict[str, Any] = {
    "raw_tp/sched_switch": ("raw_tracepoint", lambda p: p.attach()),
    "tp_btf/sched_switch": ("tp_btf", lambda p: p.attach()),
    "tracepoint/sched/sched_switch": ("tracepoint", lambda p: p.attach()),
    "kprobe/vfs_read": ("kprobe", lambda p: p.attach()),
    "kprobe.multi/vfs_read": ("kprobe.multi", lambda p: p.attach()),
    "kprobe.session/vfs_read": ("kprobe.session", lambda p: p.attach()),
    "fentry/vfs_read": ("fentry", lambda p: p.attach()),
    "fexit/vfs_read": ("fexit", lambda p: p.attach()),
    "uprobe.multi": (
        "uprobe.multi",
        lambda p: p.attach_uprobe_multi(
            str(host.directory_from("TINYBPF_BUILD") / "kernel_ids"), offsets=[0x1000]
        ),
    ),
    "iter/task": ("iter", lambda p: p.attach_iter()),
    "cgroup_skb/egress": ("cgroup", lambda p: p.attach_cgroup(cgroup_root())),
    "tcx/ingress": ("tcx", lambda p: p.attach_tcx("lo")),
    "netfilter": (
        "netfilter",
        lambda p: p.attach_netfilter("ipv4", "local_in", priority=-7),
    ),
    "sk_lookup": ("sk_lookup", lambda p: p.attach_netns("/proc/self/ns/net")),
    "xdp": ("xdp", lambda p: p.attach_xdp("lo")),
}


@pytest.mark.parametrize("section", ATTACH)
def test_attach_kind_is_there_if_a_program_attaches(
    features: tinybpf.Features, tmp_path: pathlib.Path, section: str
) -> None:
    """Yes if and only if a program is attached here; the probe itself attaches none."""
    hook, attach = ATTACH[section]
    problem: Optional[tinybpf.BpfError] = None
    try:
        with tinybpf.load(one(tmp_path, section)) as obj:
            attach(obj.program("entry")).close()
    except tinybpf.BpfError as error:
        problem = error
    found = features.attach_kinds[hook]
    assert found.supported is (problem is None), (found, problem)


def test_every_feature_has_an_answer_for_root(features: tinybpf.Features) -> None:
    """With all privileges the kernel says yes or no to every type, most are yes."""
    types = [*features.map_types.values(), *features.program_types.values()]
    unknown = [f for f in types if f.supported is None]
    assert not unknown
    assert sum(map(bool, types)) > 40
    assert features.map_types["STRUCT_OPS"]  # since 5.6; libbpf's probe denies it before 6.9
    for found in types:
        assert found or found.reason.startswith(("is in Linux since ", "this kernel refuses "))


def test_nothing_is_denied_without_privileges() -> None:
    """A process that may not ask gets no wrong no: None, with what it lacks; bool() raises."""
    code = (
        "import tinybpf\n"
        + child.BECOME_NOBODY
        + (
            "f = tinybpf.features\n"
            "tables = [f.map_types, f.program_types, f.attach_kinds, f.helpers['XDP']]\n"
            "print(any(t[n].supported is False for t in tables for n in t))\n"
            "print(f.map_types['LRU_HASH'].supported, f.map_types['LRU_HASH'].reason)\n"
            "try:\n    bool(f.program_types['XDP'])\n"
            "except tinybpf.BpfError as error:\n    print(error)\n"
        )
    )
    denied, found, raised = child.output(code).splitlines()
    assert denied == "False"
    assert found.startswith("None this process lacks CAP_")
    assert raised.startswith("cannot tell whether this kernel has XDP: this process lacks CAP_")


@pytest.mark.parametrize(
    ("confinement", "named"),
    [
        ("confine.refuse('bpf')", "a seccomp filter is on this process"),
        ("confine.refuse('bpf', 38)", "or a seccomp filter hides it"),
        ("confine.enter_user_namespace()", "in a user namespace"),
    ],
)
def test_nothing_is_denied_to_who_is_confined(confinement: str, named: str) -> None:
    """A filter or a namespace refuses what the kernel has: None, and what confines."""
    code = (
        f"import tinybpf\nfrom support import confine\n{confinement}\n"
        "f = tinybpf.features\n"
        "tables = [f.map_types, f.program_types, f.attach_kinds, f.helpers['XDP']]\n"
        "print(any(t[n].supported is False for t in tables for n in t))\n"
        "print(f.map_types['LRU_HASH'].reason)\n"
    )
    denied, reason = child.output(code).split("\n", 1)
    assert denied == "False"
    assert named in reason


@kernel("5.8", "CAP_BPF")
def test_a_capability_tells_what_it_is_for() -> None:
    """With CAP_BPF alone maps are known; of XDP nobody can tell without CAP_NET_ADMIN."""
    said = privilege.attempt(
        ["bpf"],
        "f = tinybpf.features\n"
        "print(f.map_types['HASH'].supported, f.program_types['XDP'].supported)\n"
        "print(f.program_types['XDP'].reason)",
    )
    assert said.startswith("True None\nthis process lacks CAP_NET_ADMIN, ")


def test_helpers_are_those_of_a_type(features: tinybpf.Features) -> None:
    """A helper that one type may call another may not; names have three forms."""
    assert features.helpers["XDP"]["bpf_redirect"].supported is True
    assert features.helpers["SOCKET_FILTER"]["redirect"].supported is False
    assert features.helpers["BPF_PROG_TYPE_KPROBE"]["BPF_FUNC_get_stackid"].supported is True
    assert features.helpers["KPROBE"]["redirect"].supported is False
    assert "cannot call it" in features.helpers["KPROBE"]["redirect"].reason
    assert features.helpers["TRACING"]["seq_printf"].supported is True
    loops = features.helpers["XDP"]["loop"].supported
    assert loops is (host.kernel_version() >= (5, 17))
    assert features.helpers["EXT"]["redirect"].supported is not True


def test_helpers_of_programs_are_known_in_spite_of_arguments(bpf: Find) -> None:
    """What real programs call is what the features say that they can."""
    with contextlib.closing(tinybpf.load(bpf("counts"))):
        found = tinybpf.features.helpers["TRACEPOINT"]
        assert found["map_lookup_elem"]
        assert found["get_current_pid_tgid"]


@kernel("6.2", "kfunc bpf_task_from_pid")
def test_kfuncs_are_those_that_may_be_called(features: tinybpf.Features) -> None:
    """A kfunc is known, and a function of the kernel that is none is not taken for one."""
    assert features.kfuncs["bpf_task_from_pid"].supported is True
    assert features.kfuncs["vfs_read"].supported is not True
    missing = features.kfuncs["bpf_task_from_pdi"]
    assert missing.supported is False
    assert "nearest: 'bpf_task_from_pid'" in missing.reason


def test_names_have_short_and_full_forms(features: tinybpf.Features) -> None:
    """Names of libbpf and of the headers, members of enums and numbers are one feature."""
    found = features.map_types["RINGBUF"]
    for name in ("ringbuf", "BPF_MAP_TYPE_RINGBUF", tinybpf.BpfMapType.RINGBUF, 27):
        assert features.map_types[name] is found
    multi = features.attach_kinds["kprobe.multi"]
    for kind in (tinybpf.BpfAttachType.TRACE_KPROBE_MULTI, "BPF_TRACE_KPROBE_MULTI"):
        assert features.attach_kinds[kind] == multi


@pytest.mark.parametrize(
    ("table", "name", "nearest"),
    [
        ("map_types", "RINGBUFF", "'RINGBUF'"),
        ("map_types", "BPF_MAP_TYPE_HAHS", "'HASH'"),
        ("program_types", "xpd", "'XDP'"),
        ("attach_kinds", "kprobe.mutli", "'kprobe.multi'"),
    ],
)
def test_unknown_name_is_told_with_the_nearest(
    features: tinybpf.Features, table: str, name: str, nearest: str
) -> None:
    """A misspelt name is no missing feature."""
    with pytest.raises(KeyError, match=f"is unknown; did you mean {nearest}"):
        getattr(features, table)[name]
    with pytest.raises(KeyError):
        getattr(features, table)[10_000]


def test_answers_are_kept(features: tinybpf.Features) -> None:
    """A feature is asked for once, until forget()."""
    first = features.map_types["HASH"]
    assert features.map_types["HASH"] is first
    features.forget()
    assert features.map_types["HASH"] is not first
    assert features.map_types["HASH"] == first
    with pytest.raises(AttributeError):
        first.supported = False  # type: ignore[misc]


def test_facts_are_those_of_the_kernel(features: tinybpf.Features) -> None:
    """What the kernel shows in its files is told as it stands there."""
    facts = features.kernel
    disabled = pathlib.Path("/proc/sys/kernel/unprivileged_bpf_disabled").read_text()
    assert facts.unprivileged_bpf_disabled == int(disabled)
    assert facts.mounts["bpffs"] == "/sys/fs/bpf"
    assert facts.mounts["tracefs"] == "/sys/kernel/tracing"
    assert facts.mounts["cgroup2"] == str(cgroup_root())
    assert (facts.btf, facts.lacking, facts.user_namespace) == (True, (), False)
    assert facts.memcg_accounting is (host.kernel_version() >= (5, 11))
    assert facts.token is (host.kernel_version() >= (6, 9))


def test_facts_that_nobody_shows_are_none() -> None:
    """Without /proc and /sys nothing fails, and nothing is made up."""
    code = (
        "import tinybpf\nfrom support import confine\n"
        "tinybpf.features\nconfine.hide('/proc', '/sys')\n"
        "facts = tinybpf.features.kernel\n"
        "print(facts.jit, facts.lsm, facts.lockdown, facts.perf_event_paranoid)\n"
        "print(facts.user_namespace, facts.btf, set(facts.mounts.values()))\n"
        "print(tinybpf.features.map_types['HASH'].supported)\n"
        "print(tinybpf.features.attach_kinds['kprobe'].supported)\n"
        "print(tinybpf.features.kfuncs['bpf_task_from_pid'].supported)\n"
    )
    assert child.output(code).splitlines() == [
        "None None None None",
        "None False {None}",
        "True",
        "None",
        "None",
    ]
