# SPDX-License-Identifier: MIT
"""Programs of a network namespace: which socket gets a packet, and what flows are."""

import os
import pathlib
import socket
from typing import Any

import pytest

import tinybpf
from support import network
from support.gating import kernel
from support.network import ADDRESS, PORT, Pair
from support.objects import Load
from support.paths import MISSING, TEXT
from support.ran import Ran
from tinybpf import SK_DROP, SK_PASS

LOOKUP = kernel("5.9", "sk_lookup")
HERE = "/proc/thread-self/ns/net"


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of sockets.bpf.c, which pass all."""
    return Ran(load("sockets")).returns(lookup_5=SK_PASS)


def is_reachable() -> bool:
    """Tell whether a packet to the near address, which is this host's, finds a socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect((ADDRESS, PORT))
        out.send(b"x")
        try:
            out.send(b"y")  # tells of the first one's refusal, too
        except ConnectionRefusedError:
            return False
    return True


@LOOKUP
@pytest.mark.parametrize("how", ["none", "path", "descriptor"])
def test_sk_lookup_decides_until_it_ends(veth: Pair, ran: Ran, how: str) -> None:
    """attach_netns() of this namespace, a path or a descriptor: SK_DROP hides sockets."""
    fd = os.open(HERE, os.O_RDONLY)
    args: Any = {"none": (), "path": (HERE,), "descriptor": (fd,)}[how]
    with ran.obj.programs["lookup_5"].attach_netns(*args) as link:
        assert "sk_lookup:" in repr(link)
        assert link.fd >= 0
        assert is_reachable()
        ran.returns(lookup_5=SK_DROP)
        assert not is_reachable()
        assert set(ran.numbers()) == {5}
    assert is_reachable()
    assert ran.numbers() == []
    os.close(fd)


@LOOKUP
def test_other_namespace_is_another_place(veth: Pair, ran: Ran) -> None:
    """A program of one namespace does not see the packets of another."""
    ran.returns(lookup_5=SK_DROP)
    fd = os.open(HERE, os.O_RDONLY)
    with network.pair():
        with ran.obj.programs["lookup_5"].attach_netns(fd):
            assert is_reachable()
    os.close(fd)


@kernel("5.8", "flow_dissector link")
def test_flow_dissector_is_one_a_namespace(veth: Pair, ran: Ran) -> None:
    """It sees packets until it ends; a second one is refused, and then has room."""
    program = ran.obj.programs["dissect_6"]
    with program.attach(netns=None) as link:
        assert "flow_dissector:this network namespace" in repr(link)
        veth.send_in()
        assert veth.arrived() == [b"in"]
        assert set(ran.numbers()) == {6}, "sending raw packets asks for their flow"
        with pytest.raises(tinybpf.BpfError, match="another program is attached there"):
            program.attach_netns()
    veth.send_in()
    assert ran.numbers() == []
    program.attach_netns().close()


@LOOKUP
def test_refusals_say_what_is_wrong(ran: Ran) -> None:
    """What is no namespace, or not there, is told, and nothing is attached."""
    program = ran.obj.programs["lookup_5"]
    with pytest.raises(FileNotFoundError, match="there is no network namespace"):
        program.attach_netns(MISSING)
    with pytest.raises(tinybpf.BpfError, match="is no network namespace"):
        program.attach_netns(pathlib.Path(TEXT))
    with pytest.raises(tinybpf.BpfError, match="is no network namespace"):
        program.attach_netns("/proc/self/ns/mnt")
    with pytest.raises(ValueError, match="out of range"):
        program.attach_netns(-1)
    with pytest.raises(tinybpf.BpfError, match="there go programs of type"):
        ran.obj.programs["msg_4"].attach_netns()
