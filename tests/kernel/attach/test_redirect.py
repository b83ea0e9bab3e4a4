# SPDX-License-Identifier: MIT
"""Programs that no method attaches: those of device and CPU maps run behind a redirect."""

import pytest

from support.gating import kernel
from support.network import Pair
from support.objects import Load, wait_for


@pytest.mark.runs("xdp/cpumap")
@kernel("5.9", "programs in CPU maps")
def test_program_of_a_cpu_map_sees_what_is_redirected(veth: Pair, load: Load) -> None:
    """A packet goes to the queue of a CPU, whose program lets it go on to the socket."""
    obj = load("redirected")
    obj.maps["cpus"][0] = (64, obj.programs["on_cpu"])
    with obj.programs["to_cpu"].attach_xdp(veth.near):
        veth.send_in(b"queued")
        wait_for("the packet's arrival", lambda: veth.arrived() == [b"queued"])
        assert obj.bss.runs == 1
        del obj.maps["cpus"][0]
        veth.send_in(b"dropped")
    veth.send_in(b"direct")
    assert veth.arrived() == [b"direct"]
    assert obj.bss.runs == 1


@pytest.mark.runs("xdp/devmap")
@kernel("5.9", "programs in device maps")
def test_program_of_a_device_map_sees_what_is_redirected(veth: Pair, load: Load) -> None:
    """A packet that comes in goes out again where it came from, past the entry's program.

    veth takes such packets if its peer has an XDP program (veth_xdp_xmit).
    """
    obj = load("redirected")
    obj.maps["devices"][0] = (veth.near, obj.programs["on_device"])
    to_device, onward = obj.programs["to_device"], obj.programs["onward"]
    with onward.attach_xdp(veth.far), to_device.attach_xdp(veth.near):
        veth.send_in(b"there and back")
        wait_for("the packet's return", lambda: veth.came_out() == [b"there and back"])
        assert obj.bss.runs == 1
    veth.send_in(b"direct")
    assert veth.arrived() == [b"direct"]
    assert obj.bss.runs == 1
