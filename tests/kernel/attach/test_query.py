# SPDX-License-Identifier: MIT
"""What hangs where: programs in their order, with links and revision, whoever attached them."""

import os
import pathlib
import socket
from typing import Any

import pytest

import tinybpf
from support import child, network
from support.gating import kernel
from support.host import kernel_version
from support.network import Pair
from support.objects import Load
from support.paths import MISSING
from support.ran import Ran
from tinybpf import AttachedProgram, BpfAttachType, TcFilter

TCX = kernel("6.6", "tcx", config="CONFIG_NET_XGRESS")


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of packets.bpf.c."""
    return Ran(load("packets"))


@TCX
def test_tcx_is_listed_in_its_order(veth: Pair, ran: Ran) -> None:
    """Programs of tcx come as they run, with their links and the revision that attach takes."""
    zero, one = ran.obj.programs["tc_0"], ran.obj.programs["tc_1"]
    ingress = BpfAttachType.TCX_INGRESS
    with zero.attach_tcx(veth.near, "ingress") as link:
        with one.attach_tcx(veth.near, "ingress", first=True) as second:
            found = tinybpf.prog_query(veth.near, ingress)
            assert found.programs == (
                AttachedProgram(one.id, second.id),
                AttachedProgram(zero.id, link.id),
            )
        after = tinybpf.prog_query(socket.if_nametoindex(veth.near), int(ingress))
        assert [p.prog_id for p in after.programs] == [zero.id]
        assert after.revision > found.revision
        one.attach_tcx(veth.near, "ingress", expected_revision=after.revision).close()
    assert tinybpf.prog_query(veth.near, ingress).programs == ()
    assert tinybpf.prog_query(veth.near, BpfAttachType.TCX_EGRESS).programs == ()


def test_cgroup_is_listed_with_its_mode(cgroup: pathlib.Path, ran: Ran) -> None:
    """Programs of a cgroup by path or descriptor; effective lists those from above, too."""
    program, egress = ran.obj.programs["cgroup_0"], BpfAttachType.CGROUP_INET_EGRESS
    fd = os.open(cgroup, os.O_RDONLY)
    inner = cgroup / "inner"
    inner.mkdir()
    modes: dict[Any, int] = {"override": 1, "multi": 2, "single": 0}
    for mode, flags in modes.items():
        with program.attach_cgroup(cgroup, mode=mode):
            for target in (cgroup, str(cgroup), fd):
                found = tinybpf.prog_query(target, egress)
                assert [p.prog_id for p in found.programs] == [program.id]
                assert found.flags == flags
            below = tinybpf.prog_query(inner, egress, effective=True)
            assert program.id in [p.prog_id for p in below.programs]
            assert tinybpf.prog_query(inner, egress).programs == ()
            if kernel_version() >= (6, 17):
                assert found.revision > 0
    inner.rmdir()
    os.close(fd)
    assert tinybpf.prog_query(cgroup, egress).programs == ()


@kernel("5.9", "sk_lookup")
def test_namespace_and_map_are_listed(veth: Pair, load: Load) -> None:
    """So are the programs of a network namespace, and of a map of sockets (from 6.0 on)."""
    obj, here = load("sockets"), "/proc/thread-self/ns/net"
    program = obj.programs["lookup_5"]
    with program.attach_netns():
        found = tinybpf.prog_query(here, BpfAttachType.SK_LOOKUP)
        assert [p.prog_id for p in found.programs] == [program.id]
    assert tinybpf.prog_query(here, BpfAttachType.SK_LOOKUP).programs == ()
    if kernel_version() >= (6, 0):
        peers, verdict = obj.maps["peers"], obj.programs["msg_4"]
        for target in (peers, peers.fd):
            with verdict.attach_sockmap(peers):
                found = tinybpf.prog_query(target, BpfAttachType.SK_MSG_VERDICT)
                assert [p.prog_id for p in found.programs] == [verdict.id]


@pytest.mark.parametrize("mode", ["skb", "driver"])
def test_xdp_says_mode_and_program(veth: Pair, ran: Ran, mode: Any) -> None:
    """xdp_query() tells the program and its mode; none before and after."""
    program = ran.obj.programs["xdp_0"]
    assert tinybpf.xdp_query(veth.near).mode is None
    with program.attach_xdp_netlink(veth.near, mode=mode):
        found = tinybpf.xdp_query(socket.if_nametoindex(veth.near))
        assert (found.mode, found.prog_id) == (mode, program.id)
        ids = {"skb": found.skb_prog_id, "driver": found.drv_prog_id}
        assert ids.pop(mode) == program.id
        assert list(ids.values()) == [0]
    found = tinybpf.xdp_query(veth.near)
    assert (found.mode, found.prog_id, found.hw_prog_id) == (None, 0, 0)


@kernel("4.5", "tc", config="CONFIG_NET_CLS_BPF")
def test_filters_are_listed_by_priority(veth: Pair, ran: Ran) -> None:
    """tc_query() tells all filters of a direction, in the order in which they run."""
    zero, one = ran.obj.programs["tc_0"], ran.obj.programs["tc_1"]
    assert tinybpf.tc_query(veth.near, "ingress") == []
    with zero.attach_tc(veth.near, "ingress", priority=9, handle=3):
        with one.attach_tc(veth.near, "ingress", priority=4, handle=5):
            assert tinybpf.tc_query(veth.near, "ingress") == [
                TcFilter(4, 5, one.id),
                TcFilter(9, 3, zero.id),
            ]
        assert tinybpf.tc_query(veth.near, "egress") == []
    assert tinybpf.tc_query(veth.near, "ingress") == []
    assert "clsact" not in network.qdiscs(veth.near)


def test_wrong_questions_are_told(veth: Pair, load: Load) -> None:
    """A type of which the kernel lists nothing, a place that is not there, wrong types."""
    query, egress = tinybpf.prog_query, BpfAttachType.CGROUP_INET_EGRESS
    with pytest.raises(ValueError, match="xdp_query"):
        query("lo", BpfAttachType.XDP)
    with pytest.raises(ValueError, match="lists no programs of attach_type 24"):
        query("lo", BpfAttachType.TRACE_FENTRY)
    with pytest.raises(ValueError, match="lists no programs"):
        query("lo", 4711)
    with pytest.raises(FileNotFoundError):
        query(MISSING, egress)
    with pytest.raises(OSError, match="nearest: 'near'"):
        query("neaar", BpfAttachType.TCX_INGRESS)
    with pytest.raises(TypeError):
        query(1.5, egress)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a BpfAttachType, such as"):
        query("lo", "tcx_ingress")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="attach_type is out of range"):
        query("lo", -1)
    with pytest.raises(ValueError, match="index 0"):
        tinybpf.xdp_query(0)
    with pytest.raises(TypeError, match="name or an index"):
        tinybpf.xdp_query(b"lo")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'ingress' or 'egress'"):
        tinybpf.tc_query("lo", "in")  # type: ignore[arg-type]
    with pytest.raises(tinybpf.BpfError, match="query of attached programs"):
        query("/proc/self/ns/net", egress)


def test_missing_capability_is_named(cgroup: pathlib.Path) -> None:
    """Who may not list programs is told which capability it takes."""
    code = f"""
import sys, tinybpf
egress = tinybpf.BpfAttachType.CGROUP_INET_EGRESS
{child.BECOME_NOBODY}
try:
    tinybpf.prog_query(sys.argv[1], egress)
except tinybpf.BpfPermissionError as error:
    print(error)
"""
    said = child.output(code, cgroup)
    assert "listing attached programs needs CAP_NET_ADMIN" in said
