# SPDX-License-Identifier: MIT
"""Netfilter: hooks of a network namespace, by family, place and priority."""

from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.network import Pair
from support.objects import Load
from support.ran import Ran
from tinybpf import NF_ACCEPT, NF_DROP

NETFILTER = kernel("6.4", "netfilter", config="CONFIG_NETFILTER_BPF_LINK")


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of netfilter.bpf.c, which accept all."""
    return Ran(load("netfilter")).returns(netfilter_0=NF_ACCEPT, netfilter_1=NF_ACCEPT)


@NETFILTER
@pytest.mark.parametrize("hook", ["pre_routing", "local_in"])
def test_packets_are_dropped_until_it_ends(veth: Pair, ran: Ran, hook: Any) -> None:
    """attach_netfilter() sees the packets of its place; NF_DROP drops them."""
    with ran.obj.programs["netfilter_0"].attach_netfilter("ipv4", hook) as link:
        assert repr(link).startswith(f"<BpfLink 'netfilter_0' netfilter:ipv4/{hook}, fd=")
        veth.send_in(b"passes")
        ran.wait(0)
        assert veth.arrived() == [b"passes"]
        ran.returns(netfilter_0=NF_DROP)
        veth.send_in(b"dropped")
        ran.wait(0)
        assert veth.arrived() == []
    veth.send_in(b"later")
    assert veth.arrived() == [b"later"]
    assert ran.numbers() == []


@NETFILTER
def test_priority_is_the_order(veth: Pair, ran: Ran) -> None:
    """Smaller priorities run first, whenever they were attached."""
    zero, one = ran.obj.programs["netfilter_0"], ran.obj.programs["netfilter_1"]
    with (
        zero.attach_netfilter("ipv4", "local_in", priority=10),
        one.attach_netfilter("ipv4", "local_in", priority=-10),
    ):
        veth.send_in()
        ran.wait(1, 0)
        ran.returns(netfilter_1=NF_DROP)
        veth.send_in()
        ran.wait(1)


@NETFILTER
def test_family_and_place_are_kept_apart(veth: Pair, ran: Ran) -> None:
    """Neither IPv6 nor what leaves is seen by a hook of arriving IPv4."""
    program = ran.obj.programs["netfilter_0"].attach_netfilter
    with program("ipv6", "local_in"), program("ipv4", "local_out"):
        veth.send_in()
        assert veth.arrived() == [b"in"]
        assert ran.numbers() == []


@kernel("6.6", "netfilter defrag", config="CONFIG_NF_DEFRAG_IPV4")
def test_fragments_can_be_put_together_before(veth: Pair, ran: Ran) -> None:
    """defrag=True needs a place behind the one where fragments are put together."""
    program = ran.obj.programs["netfilter_0"]
    with program.attach_netfilter("ipv4", "pre_routing", priority=0, defrag=True):
        veth.send_in()
        ran.wait(0)
    with pytest.raises(tinybpf.BpfError):
        program.attach_netfilter("ipv4", "pre_routing", priority=-400, defrag=True)


WRONG: dict[str, tuple[tuple[Any, ...], dict[str, Any], type[Exception], str]] = {
    "family": (("inet", "local_in"), {}, ValueError, "'ipv4' or 'ipv6'"),
    "hook": (("ipv4", "input"), {}, ValueError, "'pre_routing', 'local_in'"),
    "no hook": (("ipv4",), {}, TypeError, "hook"),
    "priority": (("ipv4", "local_in"), {"priority": 2**31}, OverflowError, "int"),
}


@NETFILTER
@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_told(ran: Ran, case: Any) -> None:
    """What is wrong is named before the kernel is asked."""
    args, kwargs, error, words = case
    with pytest.raises(error, match=words):
        ran.obj.programs["netfilter_0"].attach_netfilter(*args, **kwargs)
