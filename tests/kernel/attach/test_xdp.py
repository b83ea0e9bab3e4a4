# SPDX-License-Identifier: MIT
"""XDP by links and by netlink: packets are dropped, and nothing stays behind."""

import socket
from typing import Any

import pytest

import tinybpf
from support import child, network
from support.gating import kernel
from support.network import Pair
from support.objects import Find, Load
from support.ran import Ran
from tinybpf import XDP_DROP, XDP_PASS

LINK = kernel("5.9", "XDP link")


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of packets.bpf.c, which pass all that they see."""
    return Ran(load("packets")).returns(xdp_0=XDP_PASS, xdp_1=XDP_PASS)


def deliver(veth: Pair, ran: Ran, program: int) -> list[bytes]:
    """Have two packets arrive that a program sees; return those that came through."""
    veth.send_in(b"one")
    veth.send_in(b"two")
    ran.wait(program, program)
    return veth.arrived()


@LINK
@pytest.mark.parametrize("mode", [None, "skb", "driver", "drv"])
def test_link_drops_packets_until_it_ends(veth: Pair, ran: Ran, mode: Any) -> None:
    """attach_xdp() in each mode that veth has: XDP_DROP drops, and the end detaches."""
    ran.returns(xdp_0=XDP_DROP)
    with ran.obj.programs["xdp_0"].attach_xdp(veth.near, mode=mode) as link:
        assert link.fd >= 0
        assert repr(link).startswith("<BpfLink 'xdp_0' xdp:near, fd=")
        assert network.xdp_program(veth.near) == ran.obj.programs["xdp_0"].id
        assert deliver(veth, ran, 0) == []
        ran.returns(xdp_0=XDP_PASS)
        assert deliver(veth, ran, 0) == [b"one", b"two"]
    assert network.xdp_program(veth.near) == 0
    veth.send_in(b"later")
    assert veth.arrived() == [b"later"]
    assert ran.numbers() == []


@pytest.mark.parametrize("mode", [None, "skb", "driver"])
def test_netlink_drops_packets_until_it_ends(veth: Pair, ran: Ran, mode: Any) -> None:
    """attach_xdp_netlink() does the same without a link of the kernel: fd is -1."""
    ran.returns(xdp_1=XDP_DROP)
    link = ran.obj.programs["xdp_1"].attach_xdp_netlink(veth.near, mode=mode)
    assert link.fd == -1
    assert repr(link) == "<BpfLink 'xdp_1' xdp:near, attached>"
    assert network.xdp_program(veth.near) == ran.obj.programs["xdp_1"].id
    assert deliver(veth, ran, 1) == []
    link.close()
    link.close()
    assert repr(link) == "<BpfLink 'xdp_1' xdp:near, destroyed>"
    assert network.xdp_program(veth.near) == 0


def test_netlink_replaces_what_it_is_told_to(veth: Pair, ran: Ran) -> None:
    """replace is the program that must be there, or True; else a taken place is refused."""
    first, second = ran.obj.programs["xdp_0"], ran.obj.programs["xdp_1"]
    one = first.attach_xdp_netlink(veth.near)
    with pytest.raises(tinybpf.BpfError, match="another program is attached there"):
        second.attach_xdp_netlink(veth.near)
    with pytest.raises(FileExistsError, match="not the one that is to be replaced"):
        second.attach_xdp_netlink(veth.near, replace=second)
    for replace in (first, first.id, True):
        two = second.attach_xdp_netlink(veth.near, replace=replace)
        assert deliver(veth, ran, 1) == [b"one", b"two"]
        one.close()  # its program is not there any more, and it takes nobody else's away
        assert network.xdp_program(veth.near) == second.id
        one = first.attach_xdp_netlink(veth.near, replace=second)
        two.close()
        assert network.xdp_program(veth.near) == first.id
    one.close()
    assert network.xdp_program(veth.near) == 0


def test_netlink_end_leaves_what_others_attached(veth: Pair, ran: Ran) -> None:
    """close() detaches only our own program; of an interface that is gone, nothing."""
    ours = ran.obj.programs["xdp_0"].attach_xdp_netlink(veth.near)
    theirs = ran.obj.programs["xdp_1"].attach_xdp_netlink(veth.near, replace=True)
    ours.close()
    assert network.xdp_program(veth.near) == ran.obj.programs["xdp_1"].id
    theirs.close()
    last = ran.obj.programs["xdp_0"].attach_xdp_netlink(veth.near)
    network.remove(veth.near)
    last.close()


def test_netlink_ends_with_its_object(veth: Pair, ran: Ran) -> None:
    """Closing the object detaches what netlink attached, too."""
    link = ran.obj.programs["xdp_0"].attach_xdp_netlink(veth.near)
    ran.obj.close()
    assert network.xdp_program(veth.near) == 0
    assert "destroyed" in repr(link)


def test_netlink_can_be_left_attached(veth: Pair, ran: Ran) -> None:
    """disconnect() forgets it; pin() says why it cannot keep it."""
    program = ran.obj.programs["xdp_0"]
    link = program.attach_xdp_netlink(veth.near)
    with pytest.raises(tinybpf.BpfNotSupportedError, match="netlink attached it"):
        link.pin("/sys/fs/bpf/tinybpf-test-netlink")
    link.disconnect()
    link.close()
    assert network.xdp_program(veth.near) == program.id
    program.attach_xdp_netlink(veth.near, replace=program).close()
    assert network.xdp_program(veth.near) == 0


def test_dropped_netlink_attachment_warns_and_detaches(veth: Pair, ran: Ran) -> None:
    """A link that nobody keeps is detached, and says so."""
    with pytest.warns(RuntimeWarning, match="was dropped and is detached"):
        ran.obj.programs["xdp_0"].attach_xdp_netlink(veth.near)
    assert network.xdp_program(veth.near) == 0


def test_netlink_does_not_outlive_an_interpreter_that_ends(veth: Pair, bpf: Find) -> None:
    """A script that ends without a word leaves nothing: netlink would keep it for ever."""
    child.output(
        """
        import sys, tinybpf
        obj = tinybpf.load(sys.argv[1])
        link = obj.programs["xdp_0"].attach_xdp_netlink(sys.argv[2])
        """,
        bpf("packets"),
        veth.near,
    )
    assert network.xdp_program(veth.near) == 0


def test_other_namespace_is_not_touched(veth: Pair, ran: Ran) -> None:
    """What was attached in one network namespace cannot be ended in another: it says so."""
    link = ran.obj.programs["xdp_0"].attach_xdp_netlink("lo")
    with network.namespace():
        other = ran.obj.programs["xdp_0"].attach_xdp_netlink("lo")
        with pytest.raises(tinybpf.BpfError, match="another network namespace"):
            link.close()
        other.close()
        assert network.xdp_program("lo") == 0
    assert network.xdp_program("lo") == ran.obj.programs["xdp_0"].id


@LINK
def test_link_and_netlink_keep_apart(veth: Pair, ran: Ran) -> None:
    """A link holds its place against another link and against netlink."""
    with ran.obj.programs["xdp_0"].attach_xdp(veth.near):
        for attach in ("attach_xdp", "attach_xdp_netlink"):
            with pytest.raises(tinybpf.BpfError, match="another program is attached there"):
                getattr(ran.obj.programs["xdp_1"], attach)(veth.near)


@LINK
@pytest.mark.parametrize("method", ["attach_xdp", "attach_xdp_netlink"])
def test_long_packets_are_refused_with_the_mtu(veth: Pair, ran: Ran, method: str) -> None:
    """An MTU that is too long for XDP in the driver is named, and what to do."""
    network.set_mtu(veth.near, 9000)
    network.set_mtu(veth.far, 9000)
    with pytest.raises(tinybpf.BpfError, match=r"MTU is 9000") as caught:
        getattr(ran.obj.programs["xdp_0"], method)(veth.near, mode="driver")
    assert "xdp.frags" in str(caught.value)
    assert "mode='skb'" in str(caught.value)


@LINK
@pytest.mark.parametrize("mode", ["driver", "hw"])
def test_mode_that_the_driver_lacks_is_refused(veth: Pair, ran: Ran, mode: Any) -> None:
    """lo has no XDP in its driver: the mode that it has is named."""
    with pytest.raises(tinybpf.BpfNotSupportedError, match="mode='skb'") as caught:
        ran.obj.programs["xdp_0"].attach_xdp("lo", mode=mode)
    assert "'lo'" in str(caught.value)


@LINK
def test_section_and_options_choose_the_method(veth: Pair, ran: Ran) -> None:
    """attach(interface=, mode=) of an XDP program is attach_xdp()."""
    index = socket.if_nametoindex(veth.near)
    with ran.obj.programs["xdp_0"].attach(interface=index, mode="skb") as link:
        assert "xdp:near" in repr(link)
        assert deliver(veth, ran, 0) == [b"one", b"two"]


WRONG: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], type[Exception], str]] = {
    "mode": ("attach_xdp", ("lo",), {"mode": "native"}, ValueError, "'skb', 'driver'"),
    "mode of no type": ("attach_xdp", ("lo",), {"mode": 1}, TypeError, "mode"),
    "keyword": ("attach_xdp", ("lo",), {"mod": "skb"}, TypeError, "mode"),
    "replace": ("attach_xdp_netlink", ("lo",), {"replace": "x"}, TypeError, "BpfProgram"),
    "replace of -1": ("attach_xdp_netlink", ("lo",), {"replace": -1}, ValueError, "replace"),
    "no interface": ("attach_xdp_netlink", ("neaar",), {}, OSError, "nearest: 'near'"),
    "no program": (
        "attach_xdp_netlink",
        ("lo",),
        {"replace": 2**32 - 1},
        tinybpf.BpfError,
        "replaced",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_told(veth: Pair, ran: Ran, case: Any) -> None:
    """What is wrong is named before the kernel is asked."""
    method, args, kwargs, error, words = case
    with pytest.raises(error, match=words):
        getattr(ran.obj.programs["xdp_0"], method)(*args, **kwargs)
    assert network.xdp_program("lo") == 0
