# SPDX-License-Identifier: MIT
"""tc: filters of a clsact that is made when it is needed, and goes when it is not."""

from typing import Any

import pytest

import tinybpf
from support import child, network
from support.gating import kernel
from support.network import Pair
from support.objects import Find, Load
from support.ran import Ran
from tinybpf import TC_ACT_OK, TC_ACT_SHOT, TC_ACT_UNSPEC

TC = kernel("4.5", "tc", config="CONFIG_NET_CLS_BPF")


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of packets.bpf.c, which leave all to the next one."""
    ran = Ran(load("packets"))
    return ran.returns(tc_0=TC_ACT_UNSPEC, tc_1=TC_ACT_UNSPEC, tc_2=TC_ACT_UNSPEC)


@TC
def test_ingress_drops_what_arrives(veth: Pair, ran: Ran) -> None:
    """attach_tc(interface, "ingress") sees what arrives; TC_ACT_SHOT drops it."""
    with ran.obj.programs["tc_0"].attach_tc(veth.near, "ingress") as link:
        assert link.fd == -1
        assert repr(link) == "<BpfLink 'tc_0' tc:near/ingress, attached>"
        assert "clsact" in network.qdiscs(veth.near)
        veth.send_in(b"passes")
        ran.wait(0)
        assert veth.arrived() == [b"passes"]
        ran.returns(tc_0=TC_ACT_SHOT)
        veth.send_in(b"dropped")
        ran.wait(0)
        assert veth.arrived() == []
        veth.send_out(b"out")
        assert veth.came_out() == [b"out"]
        assert ran.numbers() == []
    assert "clsact" not in network.qdiscs(veth.near)


@TC
def test_egress_drops_what_leaves(veth: Pair, ran: Ran) -> None:
    """attach_tc(interface, "egress") sees what is sent."""
    ran.returns(tc_0=TC_ACT_SHOT)
    with ran.obj.programs["tc_0"].attach_tc(veth.near, direction="egress"):
        veth.send_out(b"dropped")
        ran.wait(0)
        veth.send_in(b"in")
        assert veth.came_out() == []
        assert veth.arrived() == [b"in"]
    assert "clsact" not in network.qdiscs(veth.near)


@TC
def test_priority_is_the_order(veth: Pair, ran: Ran) -> None:
    """Filters of smaller priority run first; TC_ACT_OK ends the row."""
    program = ran.obj.programs
    with (
        program["tc_0"].attach_tc(veth.near, "ingress", priority=30, handle=7),
        program["tc_1"].attach_tc(veth.near, "ingress", priority=10),
        program["tc_2"].attach_tc(veth.near, "ingress", priority=20),
    ):
        assert [p for p, _ in network.filters(veth.near, "ingress")] == [10, 20, 30]
        assert (30, 7) in network.filters(veth.near, "ingress")
        veth.send_in()
        ran.wait(1, 2, 0)
        ran.returns(tc_2=TC_ACT_OK)
        veth.send_in()
        ran.wait(1, 2)
    assert network.qdiscs(veth.near) == ["noqueue"]


@TC
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first", "last"])
def test_clsact_goes_with_the_last_filter(veth: Pair, ran: Ran, order: Any) -> None:
    """The clsact that was made for the first goes with the last, whichever that is."""
    links = (
        ran.obj.programs["tc_0"].attach_tc(veth.near, "ingress"),
        ran.obj.programs["tc_1"].attach_tc(veth.near, "egress"),
    )
    links[order[0]].close()
    assert "clsact" in network.qdiscs(veth.near)
    assert (
        len(network.filters(veth.near, "ingress") + network.filters(veth.near, "egress")) == 1
    )
    links[order[1]].close()
    assert "clsact" not in network.qdiscs(veth.near)


@TC
def test_clsact_of_others_stays(veth: Pair, ran: Ran) -> None:
    """A clsact that was there before stays, empty or not."""
    network.add_clsact(veth.near)
    ran.obj.programs["tc_0"].attach_tc(veth.near, "ingress").close()
    assert "clsact" in network.qdiscs(veth.near)
    assert network.filters(veth.near, "ingress") == []


@TC
def test_filters_of_others_keep_the_clsact(veth: Pair, ran: Ran, bpf: Find) -> None:
    """The clsact that we made stays where somebody else has put a filter meanwhile."""
    ours = ran.obj.programs["tc_0"].attach_tc(veth.near, "ingress")
    with tinybpf.load(bpf("packets")) as other:
        theirs = other.programs["tc_1"].attach_tc(veth.near, "egress")
        ours.close()
        assert len(network.filters(veth.near, "egress")) == 1
        assert network.filters(veth.near, "ingress") == []
        theirs.close()


@TC
def test_replace_takes_the_place_of_a_filter(veth: Pair, ran: Ran) -> None:
    """replace=True swaps the program of a handle and priority; the old link ends quietly."""
    place: dict[str, Any] = {"handle": 1, "priority": 5}
    first = ran.obj.programs["tc_0"].attach_tc(veth.near, "ingress", **place)
    with pytest.raises(FileExistsError, match="replace=True"):
        ran.obj.programs["tc_1"].attach_tc(veth.near, "ingress", **place)
    second = ran.obj.programs["tc_1"].attach_tc(veth.near, "ingress", replace=True, **place)
    assert network.filters(veth.near, "ingress") == [(5, 1)]
    veth.send_in()
    ran.wait(1)
    first.close()
    veth.send_in()
    ran.wait(1)
    second.close()
    assert network.qdiscs(veth.near) == ["noqueue"]


@TC
def test_end_of_what_is_gone_is_quiet(veth: Pair, ran: Ran) -> None:
    """The filter, its clsact or the interface may be gone before the link."""
    link = ran.obj.programs["tc_0"].attach_tc(veth.near, "ingress")
    network.remove_clsact(veth.near)
    link.close()
    link = ran.obj.programs["tc_0"].attach_tc(veth.near, "ingress")
    network.remove(veth.near)
    link.close()


@TC
def test_object_and_interpreter_take_filters_away(veth: Pair, ran: Ran, bpf: Find) -> None:
    """Neither a closed object nor a script that just ends leaves a filter or a clsact."""
    links = [ran.obj.programs["tc_0"].attach_tc(veth.near, d) for d in ("ingress", "egress")]
    ran.obj.close()
    assert [link.fd for link in links] == [-1, -1]
    assert network.qdiscs(veth.near) == ["noqueue"]
    child.output(
        """
        import sys, tinybpf
        obj = tinybpf.load(sys.argv[1])
        links = [obj.programs["tc_0"].attach_tc(sys.argv[2], d) for d in ("ingress", "egress")]
        """,
        bpf("packets"),
        veth.near,
    )
    assert network.qdiscs(veth.near) == ["noqueue"]


WRONG: dict[str, tuple[tuple[Any, ...], dict[str, Any], type[Exception], str]] = {
    "direction": (("lo", "in"), {}, ValueError, "'ingress' or 'egress'"),
    "no direction": (("lo",), {}, TypeError, "direction"),
    "no interface": (("neaar", "ingress"), {}, OSError, "nearest: 'near'"),
    "replace alone": (("lo", "ingress"), {"replace": True}, ValueError, "handle"),
    "replace of none": (("lo", "ingress"), {"replace": "tc_1"}, TypeError, "True or False"),
    "priority": (("lo", "ingress"), {"priority": 65536}, ValueError, "65535"),
    "negative": (("lo", "ingress"), {"handle": -1}, ValueError, "handle"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_told(veth: Pair, ran: Ran, case: Any) -> None:
    """What is wrong is named, and no clsact is left behind."""
    args, kwargs, error, words = case
    with pytest.raises(error, match=words):
        ran.obj.programs["tc_0"].attach_tc(*args, **kwargs)
    assert "clsact" not in network.qdiscs("lo")


@TC
def test_program_of_another_type_is_refused(veth: Pair, ran: Ran) -> None:
    """An XDP program is no filter of tc, and no clsact is made for it."""
    with pytest.raises(tinybpf.BpfError, match="there go programs of type sched_cls"):
        ran.obj.programs["xdp_0"].attach_tc(veth.near, "ingress")
    assert network.qdiscs(veth.near) == ["noqueue"]
