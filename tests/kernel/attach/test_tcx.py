# SPDX-License-Identifier: MIT
"""tcx and netkit: programs of an interface in an order that anchors say."""

import contextlib
import os
from typing import Any

import pytest

import tinybpf
from support import network
from support.gating import kernel
from support.network import Pair
from support.objects import Load
from support.ran import Ran
from tinybpf import NETKIT_DROP, TC_ACT_SHOT, TCX_DROP, TCX_NEXT, TCX_PASS

TCX = kernel("6.6", "tcx", config="CONFIG_NET_XGRESS")
NETKIT = kernel("6.7", "netkit", config="CONFIG_NETKIT")


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of packets.bpf.c, which leave all to the next one."""
    ran = Ran(load("packets"))
    return ran.returns(tc_0=TCX_NEXT, tc_1=TCX_NEXT, tc_2=TCX_NEXT, tcx_3=TCX_NEXT)


def order(veth: Pair, ran: Ran, expected: list[int]) -> None:
    """Have a packet arrive, and look which programs ran in which order."""
    veth.send_in()
    ran.wait(*expected)
    assert veth.arrived() == [b"in"]


@TCX
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_tcx_drops_packets_until_it_ends(veth: Pair, ran: Ran, direction: Any) -> None:
    """attach_tcx() of a program whose section says nothing goes where it is told."""
    ran.returns(tc_0=TCX_DROP)
    send, came = {
        "ingress": (veth.send_in, veth.arrived),
        "egress": (veth.send_out, veth.came_out),
    }[direction]
    with ran.obj.programs["tc_0"].attach_tcx(veth.near, direction) as link:
        assert repr(link).startswith(f"<BpfLink 'tc_0' tcx:near/{direction}, fd=")
        send(b"dropped")
        ran.wait(0)
        assert came() == []
        ran.returns(tc_0=TCX_PASS)
        send(b"passes")
        ran.wait(0)
        assert came() == [b"passes"]
    send(b"later")
    assert came() == [b"later"]
    assert ran.numbers() == []


@TCX
def test_tcx_takes_the_direction_from_the_section(veth: Pair, ran: Ran) -> None:
    """SEC("tcx/ingress") is a direction; another one may still be given."""
    program = ran.obj.programs["tcx_3"]
    with program.attach_tcx(veth.near) as link:
        assert "tcx:near/ingress" in repr(link)
        order(veth, ran, [3])
    with program.attach(interface=veth.near):
        order(veth, ran, [3])
    with pytest.raises(TypeError, match="'ingress' or 'egress'"):
        ran.obj.programs["tc_0"].attach_tcx(veth.near)


@TCX
def test_tcx_order_is_what_anchors_say(veth: Pair, ran: Ran) -> None:
    """Last by default, first, before and after: a link, a program, a program's id."""
    zero, one = ran.obj.programs["tc_0"], ran.obj.programs["tc_1"]
    with zero.attach_tcx(veth.near, "ingress") as link:
        for place, expected in (
            ({}, [0, 1]),
            ({"first": True}, [1, 0]),
            ({"first": False}, [0, 1]),
            ({"before": link}, [1, 0]),
            ({"after": link}, [0, 1]),
            ({"before": zero}, [1, 0]),
            ({"after": zero}, [0, 1]),
            ({"before": zero.id}, [1, 0]),
            ({"after": zero.id}, [0, 1]),
        ):
            with one.attach_tcx(veth.near, "ingress", **place):
                order(veth, ran, expected)


@TCX
def test_tcx_middle_place(veth: Pair, ran: Ran) -> None:
    """A third one goes between two."""
    zero, one, two = (ran.obj.programs[f"tc_{n}"] for n in range(3))
    with (
        zero.attach_tcx(veth.near, "ingress") as first,
        one.attach_tcx(veth.near, "ingress") as last,
    ):
        with two.attach_tcx(veth.near, "ingress", after=first):
            order(veth, ran, [0, 2, 1])
        with two.attach_tcx(veth.near, "ingress", before=last):
            order(veth, ran, [0, 2, 1])


@TCX
def test_tcx_revision_must_be_the_present_one(veth: Pair, ran: Ran) -> None:
    """expected_revision of a list that has changed since is refused, and says which it is."""
    zero, one = ran.obj.programs["tc_0"], ran.obj.programs["tc_1"]
    with zero.attach_tcx(veth.near, "ingress", expected_revision=1):
        with pytest.raises(tinybpf.BpfError, match="revision is 2"):
            one.attach_tcx(veth.near, "ingress", expected_revision=1)
        with one.attach_tcx(veth.near, "ingress", expected_revision=2):
            order(veth, ran, [0, 1])


@TCX
def test_tcx_refusals_say_what_is_wrong(veth: Pair, ran: Ran) -> None:
    """A neighbour that is not there, a program that is there twice, two places at once."""
    zero, one = ran.obj.programs["tc_0"], ran.obj.programs["tc_1"]
    for place in ({"before": one}, {"after": one.id}):
        with pytest.raises(tinybpf.BpfError, match="is not attached there"):
            zero.attach_tcx(veth.near, "ingress", **place)
    with zero.attach_tcx(veth.near, "ingress") as link:
        with pytest.raises(tinybpf.BpfError, match="is attached there already"):
            zero.attach_tcx(veth.near, "ingress")
        with pytest.raises(ValueError, match="one of before, after and first"):
            one.attach_tcx(veth.near, "ingress", before=link, after=link)
        with pytest.raises(ValueError, match="one of before, after and first"):
            one.attach_tcx(veth.near, "ingress", before=link, first=True)
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        one.attach_tcx(veth.near, "ingress", before=link)
    with pytest.raises(TypeError, match="BpfLink, a BpfProgram or the id"):
        one.attach_tcx(veth.near, "ingress", before="tc_0")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="id 0"):
        one.attach_tcx(veth.near, "ingress", after=0)
    with (
        one.attach_tc(veth.near, "ingress") as unlinked,
        pytest.raises(tinybpf.BpfNotSupportedError, match="netlink attached it"),
    ):
        zero.attach_tcx(veth.near, "ingress", before=unlinked)


@TCX
def test_tcx_neighbour_of_another_type_is_told(veth: Pair, ran: Ran) -> None:
    """A program that hangs elsewhere is no neighbour; the kernel is not said to lack tcx."""
    zero, other = ran.obj.programs["tc_0"], ran.obj.programs["xdp_0"]
    with other.attach_xdp(veth.near) as link:
        for neighbour in (link, other, other.id):
            with pytest.raises(tinybpf.BpfError, match="names is of another type") as caught:
                zero.attach_tcx(veth.near, "ingress", after=neighbour)
            assert not isinstance(caught.value, tinybpf.BpfNotSupportedError)
    with pytest.raises(TypeError, match="BpfLink, a BpfProgram or the id"):
        zero.attach_tcx(veth.near, "ingress", before=True)


@TCX
def test_tcx_link_outlives_as_a_pin(veth: Pair, ran: Ran) -> None:
    """pin() keeps a program attached when its link and its object are closed."""
    path = "/sys/fs/bpf/tinybpf-test-tcx"
    ran.returns(tc_0=TCX_DROP)
    link = ran.obj.programs["tc_0"].attach_tcx(veth.near, "ingress")
    link.pin(path)
    try:
        link.close()
        veth.send_in()
        ran.wait(0)
        assert veth.arrived() == []
    finally:
        os.unlink(path)


@TCX
def test_tcx_runs_before_tc(veth: Pair, ran: Ran) -> None:
    """tcx and tc of one interface get along: TCX_NEXT hands on to the filters of tc."""
    with (
        ran.obj.programs["tc_1"].attach_tc(veth.near, "ingress"),
        ran.obj.programs["tc_0"].attach_tcx(veth.near, "ingress"),
    ):
        order(veth, ran, [0, 1])
        ran.returns(tc_1=TC_ACT_SHOT)
        veth.send_in()
        ran.wait(0, 1)
        assert veth.arrived() == []
    assert network.qdiscs(veth.near) == ["noqueue"]


@NETKIT
@pytest.mark.parametrize("direction", ["primary", "peer"])
def test_netkit_drops_packets_until_it_ends(ran: Ran, direction: Any) -> None:
    """attach_netkit() sees what the primary interface, or its peer, sends."""
    ran.returns(tc_0=NETKIT_DROP)
    with network.pair("netkit") as netkit:
        send, came = {
            "peer": (netkit.send_in, netkit.arrived),
            "primary": (netkit.send_out, netkit.came_out),
        }[direction]
        with ran.obj.programs["tc_0"].attach_netkit(netkit.near, direction) as link:
            assert repr(link).startswith(f"<BpfLink 'tc_0' netkit:near/{direction}, fd=")
            with contextlib.suppress(OSError):  # the sender is told: ENOBUFS
                send(b"dropped")
            ran.wait(0)
            assert came() == []
            with ran.obj.programs["tc_1"].attach_netkit(netkit.near, direction, before=link):
                ran.returns(tc_0=TCX_NEXT)
                send(b"passes")
                ran.wait(1, 0)
                assert came() == [b"passes"]
        send(b"later")
        assert came() == [b"later"]


@NETKIT
def test_netkit_refusals_say_what_is_wrong(ran: Ran) -> None:
    """The peer of a pair, and what is no netkit interface, are told."""
    program = ran.obj.programs["tc_0"]
    with network.pair("netkit") as netkit:
        with pytest.raises(tinybpf.BpfError, match="primary"):
            program.attach_netkit(netkit.far, "peer")
        with pytest.raises(tinybpf.BpfError, match="no netkit interface"):
            program.attach_netkit("lo", "primary")


OLD: dict[str, tuple[str, Any, str]] = {
    "tcx": ("attach_tcx", "ingress", "6.6"),
    "netkit": ("attach_netkit", "primary", "6.7"),
}


@pytest.mark.parametrize(("method", "direction", "since"), OLD.values(), ids=OLD)
def test_kernel_without_it_is_told_since_when(
    veth: Pair, ran: Ran, method: str, direction: Any, since: str
) -> None:
    """A kernel that is too old, or was built without it, says so."""
    said = ""
    try:
        getattr(ran.obj.programs["tc_0"], method)(veth.near, direction).close()
    except tinybpf.BpfNotSupportedError as error:
        said = str(error)
    except tinybpf.BpfError as error:  # veth is no netkit
        said = str(error).replace("it is no netkit interface", f"in Linux since {since}")
    assert said == "" or f"in Linux since {since}" in said
