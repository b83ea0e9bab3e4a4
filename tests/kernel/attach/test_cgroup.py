# SPDX-License-Identifier: MIT
"""Programs of a cgroup: in an order, and by modes without links."""

import os
import pathlib
import socket
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find, Load, cgroup_root
from support.ran import Ran

LINK = kernel("5.7", "cgroup link")
ORDER = kernel("6.17", "order of cgroup programs")
DROP, PASS = 0, 1


@pytest.fixture
def ran(load: Load) -> Ran:
    """Return the programs of packets.bpf.c, which let pass."""
    return Ran(load("packets")).returns(cgroup_0=PASS, cgroup_1=PASS, cgroup_2=PASS)


def can_send() -> bool:
    """Tell whether this process may send a packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.bind(("127.0.0.1", 0))
        try:
            out.sendto(b"x", out.getsockname())
        except PermissionError:
            return False
    return True


@LINK
def test_link_refuses_packets_until_it_ends(inside: pathlib.Path, ran: Ran) -> None:
    """By a link: 0 drops what the processes of the cgroup send."""
    with ran.obj.programs["cgroup_0"].attach_cgroup(inside) as link:
        assert link.fd >= 0
        assert can_send()
        ran.returns(cgroup_0=DROP)
        assert not can_send()
    assert can_send()
    assert ran.numbers() == [0, 0]


@pytest.mark.parametrize("mode", ["single", "override", "multi"])
def test_mode_refuses_packets_until_it_ends(inside: pathlib.Path, ran: Ran, mode: Any) -> None:
    """By BPF_PROG_ATTACH in each of its modes: no descriptor, the same effect."""
    ran.returns(cgroup_0=DROP)
    with ran.obj.programs["cgroup_0"].attach_cgroup(inside, mode=mode) as link:
        assert link.fd == -1
        assert repr(link) == f"<BpfLink 'cgroup_0' cgroup:{inside}, attached>"
        assert not can_send()
    assert can_send()
    assert ran.numbers() == [0]


@pytest.mark.parametrize("mode", ["single", "override"])
def test_one_program_modes_replace(inside: pathlib.Path, ran: Ran, mode: Any) -> None:
    """In these modes the second takes the first one's place, whose end leaves it alone."""
    first = ran.obj.programs["cgroup_0"].attach_cgroup(inside, mode=mode)
    second = ran.obj.programs["cgroup_1"].attach_cgroup(inside, mode=mode)
    can_send()
    assert ran.numbers() == [1]
    first.close()
    can_send()
    assert ran.numbers() == [1]
    second.close()
    can_send()
    assert ran.numbers() == []


def test_multi_mode_has_several(inside: pathlib.Path, ran: Ran) -> None:
    """mode="multi" adds one behind the others; replace= takes the place of one."""
    zero, one, two = (ran.obj.programs[f"cgroup_{n}"] for n in range(3))
    first = zero.attach_cgroup(inside, mode="multi")
    second = one.attach_cgroup(inside, mode="multi")
    can_send()
    assert ran.numbers() == [0, 1]
    for replace in (zero, zero.id):
        third = two.attach_cgroup(inside, mode="multi", replace=replace)
        can_send()
        assert ran.numbers() == [2, 1]
        first.close()  # its program is not there any more
        can_send()
        assert ran.numbers() == [2, 1]
        first = zero.attach_cgroup(inside, mode="multi", replace=two)
        third.close()
    first.close()
    second.close()
    can_send()
    assert ran.numbers() == []


@LINK
def test_links_and_multi_mode_get_along(inside: pathlib.Path, ran: Ran) -> None:
    """Links are as mode="multi"; beside another mode they are refused with the reason."""
    zero, one = ran.obj.programs["cgroup_0"], ran.obj.programs["cgroup_1"]
    with zero.attach_cgroup(inside), one.attach_cgroup(inside, mode="multi"):
        can_send()
        assert ran.numbers() == [0, 1]
        with pytest.raises(tinybpf.BpfError):
            one.attach_cgroup(inside, mode="single")
    modes: tuple[Any, ...] = ("single", "override")
    for mode in modes:
        with zero.attach_cgroup(inside, mode=mode):
            with pytest.raises(tinybpf.BpfPermissionError, match=f"mode='{mode}'"):
                one.attach_cgroup(inside)


@ORDER
def test_order_is_what_anchors_say(inside: pathlib.Path, ran: Ran) -> None:
    """first, before and after put a program among those of the cgroup."""
    zero, one = ran.obj.programs["cgroup_0"], ran.obj.programs["cgroup_1"]
    with zero.attach_cgroup(inside) as link:
        places: list[tuple[dict[str, Any], list[int]]] = [
            ({}, [0, 1]),
            ({"first": True}, [1, 0]),
            ({"before": link}, [1, 0]),
            ({"after": link}, [0, 1]),
            ({"preorder": True}, [1, 0]),
        ]
        for place, expected in places:
            with one.attach_cgroup(inside, **place):
                can_send()
                assert ran.numbers() == expected, place
    with zero.attach_cgroup(inside, mode="multi"):
        modes: list[tuple[Any, list[int]]] = [({"before": zero}, [1, 0]), ({}, [0, 1])]
        for place, expected in [*modes, ({"after": zero.id}, [0, 1])]:
            with one.attach_cgroup(inside, mode="multi", **place):
                can_send()
                assert ran.numbers() == expected, place


@ORDER
def test_order_refusals_say_what_is_wrong(inside: pathlib.Path, ran: Ran) -> None:
    """A revision that has changed, a neighbour that is not there."""
    zero, one = ran.obj.programs["cgroup_0"], ran.obj.programs["cgroup_1"]
    with zero.attach_cgroup(inside) as link, zero.attach_cgroup(inside):
        with pytest.raises(tinybpf.BpfError, match="revision is"):
            one.attach_cgroup(inside, expected_revision=1000)
        with pytest.raises(ValueError, match="one of before, after and first"):
            one.attach_cgroup(inside, before=link, after=link)
    with pytest.raises(tinybpf.BpfError, match="is not attached there"):
        one.attach_cgroup(inside, after=zero)


@kernel("5.8", "cgroup link")
def test_old_kernel_says_since_when_there_is_an_order(cgroup: pathlib.Path, ran: Ran) -> None:
    """A kernel without an order of programs names the first that has one."""
    said = ""
    try:
        ran.obj.programs["cgroup_0"].attach_cgroup(cgroup, first=True).close()
    except tinybpf.BpfNotSupportedError as error:
        said = str(error)
    assert said == "" or "Linux since 6.17" in said


def test_cgroup_that_is_gone_ends_quietly(ran: Ran) -> None:
    """A link and an attachment outlive their cgroup."""
    path = cgroup_root() / f"tinybpf-gone-{os.getpid()}"
    path.mkdir()
    link = ran.obj.programs["cgroup_0"].attach_cgroup(path)
    modal = ran.obj.programs["cgroup_1"].attach_cgroup(path, mode="multi")
    path.rmdir()
    link.close()
    modal.close()


def test_object_takes_its_modal_attachments_along(inside: pathlib.Path, ran: Ran) -> None:
    """What BPF_PROG_ATTACH attached ends with the object, too."""
    ran.returns(cgroup_0=DROP)
    link = ran.obj.programs["cgroup_0"].attach_cgroup(inside, mode="multi")
    assert not can_send()
    with pytest.raises(tinybpf.BpfNotSupportedError, match="BPF_PROG_ATTACH"):
        link.pin("/sys/fs/bpf/tinybpf-test-cgroup")
    ran.obj.close()
    assert can_send()


def test_replace_needs_a_mode(cgroup: pathlib.Path, ran: Ran) -> None:
    """A link is replaced by its update(); other modes replace by themselves."""
    program = ran.obj.programs["cgroup_0"]
    modes: tuple[Any, ...] = (None, "single")
    for mode in modes:
        with pytest.raises(ValueError, match="mode='multi'"):
            program.attach_cgroup(cgroup, mode=mode, replace=program)
    with pytest.raises(ValueError, match="'single', 'override' or 'multi'"):
        program.attach_cgroup(cgroup, mode="link")  # type: ignore[arg-type]


@kernel("6.0", "lsm_cgroup", config="CONFIG_BPF_LSM and bpf among the LSMs")
def test_security_hook_decides_in_its_cgroup(inside: pathlib.Path, bpf: Find) -> None:
    """An lsm_cgroup program refuses what processes of its cgroup ask for, and no others."""
    us = os.getpid()
    before = os.getpgid(us)
    with tinybpf.load(bpf("lsm"), autoload=["in_cgroup"]) as obj:
        obj.maps["target"][0] = us
        program = obj.program("in_cgroup")
        with program.attach_cgroup(inside) as link:
            assert link.fd >= 0
            with pytest.raises(PermissionError):
                os.getpgid(us)
        assert os.getpgid(us) == before
        (inside / "other").mkdir()
        with program.attach_cgroup(inside / "other"):
            assert os.getpgid(us) == before
        (inside / "other").rmdir()
        assert obj.maps["hits"][2] == 1
