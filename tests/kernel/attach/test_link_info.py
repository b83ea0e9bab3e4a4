# SPDX-License-Identifier: MIT
"""What the kernel says of links: a value of a class for each kind."""

import os
import pathlib
import pickle
import socket
from collections.abc import Iterator

import pytest

import tinybpf
from support import host, network, probed
from support.gating import kernel
from support.network import Pair
from support.objects import Find, Load

pytestmark = kernel("5.15", "link of a tracepoint")


@pytest.fixture
def link(counts: tinybpf.BpfObject) -> Iterator[tinybpf.BpfLink]:
    """Return the link of a tracepoint."""
    with counts.program("on_trigger").attach() as made:
        yield made


@kernel("6.6", "info of a perf event's link")
def test_info_of_a_tracepoint(link: tinybpf.BpfLink) -> None:
    """The name of the tracepoint, and a value that can be matched and pickled."""
    info = link.info
    assert type(info) is tinybpf.TracepointLinkInfo
    assert info.type is tinybpf.BpfLinkType.PERF_EVENT
    assert info.name == "sys_enter_getpgid"
    assert info.cookie == 0
    assert pickle.loads(pickle.dumps(info)) == info
    assert isinstance(info, tinybpf.LinkInfo)


def test_info_of_a_raw_tracepoint(load: Load) -> None:
    """Its name is told since 5.8."""
    with load("sections").program("on_raw_tp").attach() as link:
        info = link.info
        assert type(info) is tinybpf.RawTracepointLinkInfo
        assert (info.type, info.name) == (tinybpf.BpfLinkType.RAW_TRACEPOINT, "sys_enter")


def test_info_of_a_btf_tracepoint(load: Load) -> None:
    """Its link is that of a raw tracepoint."""
    with load("btf_hook").program("on_enter").attach() as link:
        info = link.info
        assert type(info) is tinybpf.RawTracepointLinkInfo
        assert info.name == "sys_enter"


@kernel("5.17", "fentry", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_info_of_a_function(load: Load) -> None:
    """The kind of hook and the type that a fentry program is bound to."""
    program = load("fentry").program("on_open")
    with program.attach() as link:
        info = link.info
        assert type(info) is tinybpf.TracingLinkInfo
        assert info.attach_type is tinybpf.BpfAttachType.TRACE_FENTRY
        assert info.target_btf_id == program.info.attach_btf_id


def test_info_of_a_cgroup(load: Load, cgroup: pathlib.Path) -> None:
    """The cgroup's id is its inode."""
    with load("hooks").program("on_cgroup").attach_cgroup(cgroup) as link:
        info = link.info
        assert type(info) is tinybpf.CgroupLinkInfo
        assert info.cgroup_id == cgroup.stat().st_ino
        assert info.attach_type is tinybpf.BpfAttachType.CGROUP_INET_EGRESS


def test_info_of_an_interface(load: Load) -> None:
    """Its index, which is 0 once the link is detached."""
    with load("hooks").program("on_xdp").attach_xdp("lo") as link:
        info = link.info
        assert type(info) is tinybpf.XdpLinkInfo
        assert info.ifindex == 1
        link.detach()
        assert isinstance(link.info, tinybpf.XdpLinkInfo)
        assert link.info.ifindex == 0


@kernel("6.6", "info of a perf event's link")
@pytest.mark.parametrize("retprobe", [False, True])
def test_info_of_a_uprobe(load: Load, retprobe: bool) -> None:
    """The binary and the offset in it; a return is a class below."""
    binary = host.directory_from("TINYBPF_BUILD") / "kernel_ids"
    name = "on_uretprobe" if retprobe else "on_uprobe"
    program = load("hooks").program(name)
    attach = program.attach_uretprobe if retprobe else program.attach_uprobe
    with attach(str(binary), func_name="main") as link:
        info = link.info
        assert isinstance(info, tinybpf.UprobeLinkInfo)
        assert isinstance(info, tinybpf.UretprobeLinkInfo) is retprobe
        assert info.path == str(binary)
        assert info.offset > 0


@kernel("6.6", "kprobe", config="CONFIG_KPROBES")
def test_info_of_a_kprobe(load: Load) -> None:
    """The function and its address."""
    with load("hooks").program("on_kprobe").attach_kprobe("do_exit") as link:
        info = link.info
        assert type(info) is tinybpf.KprobeLinkInfo
        assert (info.func_name, info.offset, info.missed) == ("do_exit", 0, 0)


@kernel("6.6", "tcx", config="CONFIG_NET_XGRESS")
def test_info_of_tcx(load: Load, veth: Pair) -> None:
    """The interface and the direction; 0 once it is detached."""
    with load("packets").program("tc_0").attach_tcx(veth.near, "egress") as link:
        info = link.info
        assert type(info) is tinybpf.TcxLinkInfo
        assert info.ifindex == socket.if_nametoindex(veth.near)
        assert info.attach_type is tinybpf.BpfAttachType.TCX_EGRESS
        link.detach()
        assert isinstance(link.info, tinybpf.TcxLinkInfo)
        assert link.info.ifindex == 0


@kernel("6.7", "netkit", config="CONFIG_NETKIT")
def test_info_of_netkit(load: Load) -> None:
    """The side of the pair, and the interface that it is: the peer of the one named."""
    with network.pair("netkit") as netkit:
        with load("packets").program("tc_0").attach_netkit(netkit.near, "peer") as link:
            info = link.info
            assert type(info) is tinybpf.NetkitLinkInfo
            assert info.ifindex == socket.if_nametoindex(netkit.far)
            assert info.attach_type is tinybpf.BpfAttachType.NETKIT_PEER


@kernel("5.9", "sk_lookup")
def test_info_of_a_network_namespace(load: Load, veth: Pair) -> None:
    """The namespace's inode and the kind of hook."""
    with load("sockets").program("lookup_5").attach_netns() as link:
        info = link.info
        assert type(info) is tinybpf.NetnsLinkInfo
        assert info.netns_ino == os.stat("/proc/thread-self/ns/net").st_ino
        assert info.attach_type is tinybpf.BpfAttachType.SK_LOOKUP


@kernel("6.4", "netfilter", config="CONFIG_NETFILTER_BPF_LINK")
def test_info_of_netfilter(load: Load, veth: Pair) -> None:
    """Family, place and priority, which may be negative."""
    program = load("netfilter").program("netfilter_0")
    with program.attach_netfilter("ipv4", "local_in", priority=-10) as link:
        info = link.info
        assert type(info) is tinybpf.NetfilterLinkInfo
        assert (info.pf, info.hooknum, info.priority) == (2, 1, -10)


@kernel("6.10", "sockmap link")
def test_info_of_a_map_of_sockets(load: Load) -> None:
    """The map and the kind of hook."""
    obj = load("sockets")
    with obj.program("msg_4").attach_sockmap(obj.maps["peers"]) as link:
        info = link.info
        assert type(info) is tinybpf.SockmapLinkInfo
        assert info.map_id == obj.maps["peers"].id
        assert info.attach_type is tinybpf.BpfAttachType.SK_MSG_VERDICT


@kernel("6.8", "uprobe.multi", config="CONFIG_UPROBES")
def test_info_of_many_uprobes(bpf: Find) -> None:
    """The binary, an offset and a cookie for each place."""
    with tinybpf.load(bpf("multi"), autoload=["on_places"]) as obj:
        with obj.program("on_places").attach_uprobe_multi(
            probed.path(), symbols=("work_one", "work_three"), cookies=[2**63, 3]
        ) as link:
            info = link.info
            assert type(info) is tinybpf.UprobeMultiLinkInfo
            assert info.path == str(probed.path())
            assert len(info.offsets) == len(set(info.offsets)) == 2
            assert (info.cookies, info.ref_ctr_offsets) == ((2**63, 3), (0, 0))
            assert (info.flags, info.pid) == (0, 0)


@kernel("6.8", "kprobe.multi", config="CONFIG_FPROBE")
def test_info_of_many_kprobes(bpf: Find) -> None:
    """An address and a cookie for each function."""
    with tinybpf.load(bpf("multi"), autoload=["on_functions"]) as obj:
        with obj.program("on_functions").attach_kprobe_multi(
            symbols=["ksys_read", "ksys_write"], cookies=[7, 8]
        ) as link:
            info = link.info
            assert type(info) is tinybpf.KprobeMultiLinkInfo
            assert len(info.addrs) == 2
            assert sorted(info.cookies) == [7, 8]


@kernel("6.6", "info of a perf event's link")
def test_info_of_a_software_event(load: Load) -> None:
    """Its type and config, as perf_event_open(2) has them."""
    program = load("sections").program("on_perf_event")
    with program.attach_perf_event("page-faults", period=1000, cpu=0) as link:
        info = link.info
        assert type(info) is tinybpf.PerfEventLinkInfo
        assert (info.event_type, info.config) == (1, 2)


@pytest.mark.skipif(host.kernel_version() >= (5, 15), reason="such links are the kernel's here")
def test_what_has_no_link_of_the_kernel_yet(counts: tinybpf.BpfObject) -> None:
    """A tracepoint before Linux 5.15: the error says since when there is one."""
    with counts.programs["on_trigger"].attach() as link:
        for ask in (lambda: link.info, lambda: link.id, link.holders):
            with pytest.raises(tinybpf.BpfNotSupportedError, match=r"since Linux 5\.15"):
                ask()
