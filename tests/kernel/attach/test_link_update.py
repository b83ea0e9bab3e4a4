# SPDX-License-Identifier: MIT
"""Links whose program is replaced, and those that are detached in spite of a pin."""

import errno
import pathlib
from collections.abc import Iterator

import pytest

import tinybpf
from support import pins, traffic
from support.gating import kernel
from support.objects import Find, Load

CGROUP = 7  # of enum hit in hooks.bpf.c

pytestmark = kernel("5.9", "link update and detach")


@pytest.fixture
def pair(bpf: Find) -> Iterator[tuple[tinybpf.BpfObject, tinybpf.BpfObject]]:
    """Return the same object twice: each counts in a map of its own."""
    with tinybpf.load(bpf("hooks")) as first, tinybpf.load(bpf("hooks")) as second:
        yield first, second


def hits(obj: tinybpf.BpfObject) -> int:
    """Return how often the cgroup program of an object ran."""
    return int(obj.maps["hits"][CGROUP])


def test_update_runs_the_other_program(
    pair: tuple[tinybpf.BpfObject, tinybpf.BpfObject], cgroup: pathlib.Path
) -> None:
    """From then on packets meet the new program and not the old one."""
    first, second = pair
    with first.program("on_cgroup").attach_cgroup(cgroup) as link:
        before = link.id
        traffic.send_from(cgroup)
        seen = hits(first)
        assert seen >= 1
        link.update(second.program("on_cgroup"))
        traffic.send_from(cgroup)
        assert (hits(first), hits(second) >= 1) == (seen, True)
        assert link.id == before
        assert link.info.prog_id == second.program("on_cgroup").id


def test_updated_link_ends_with_the_object_of_its_program(
    pair: tuple[tinybpf.BpfObject, tinybpf.BpfObject], cgroup: pathlib.Path
) -> None:
    """Closing the object of the old program leaves it; that of the new one ends it."""
    first, second = pair
    link = first.program("on_cgroup").attach_cgroup(cgroup)
    link.update(second.program("on_cgroup"))
    first.close()
    assert link.fd >= 0
    traffic.send_from(cgroup)
    assert hits(second) >= 1
    second.close()
    assert link.fd == -1


def test_update_with_the_expected_program(
    pair: tuple[tinybpf.BpfObject, tinybpf.BpfObject], cgroup: pathlib.Path
) -> None:
    """It is replaced only if it is the one that runs; else nothing happens."""
    first, second = (obj.program("on_cgroup") for obj in pair)
    with first.attach_cgroup(cgroup) as link:
        with pytest.raises(tinybpf.BpfError, match="another program than") as caught:
            link.update(second, expected=second)
        assert caught.value.errno == errno.EPERM
        assert not isinstance(caught.value, PermissionError)
        assert link.info.prog_id == first.id
        link.update(second, expected=first)
        assert link.info.prog_id == second.id
        link.update(first, None)
        assert link.info.prog_id == first.id


def test_update_by_a_program_that_stands_alone(
    pair: tuple[tinybpf.BpfObject, tinybpf.BpfObject], cgroup: pathlib.Path
) -> None:
    """A program opened by its id is as good; the link stays with its object."""
    first, second = pair
    link = first.program("on_cgroup").attach_cgroup(cgroup)
    with tinybpf.BpfProgram.from_id(second.program("on_cgroup").id) as alone:
        link.update(alone, expected=first.program("on_cgroup"))
    traffic.send_from(cgroup)
    assert hits(second) >= 1
    first.close()
    assert link.fd == -1


def test_update_of_an_xdp_link(pair: tuple[tinybpf.BpfObject, tinybpf.BpfObject]) -> None:
    """The link of an interface takes another program, too."""
    first, second = (obj.program("on_xdp") for obj in pair)
    with first.attach_xdp("lo") as link:
        link.update(second, expected=first)
        assert link.info.prog_id == second.id
        assert repr(link).startswith("<BpfLink 'on_xdp' xdp:lo")


def test_update_of_an_iterator(load: Load) -> None:
    """An iterator that is read next runs the new program."""
    programs = load("iter").programs
    with programs["dump_tasks"].attach_iter() as link:
        link.update(programs["dump_rows"])
        assert b"task " not in link.read()
        assert repr(link).startswith("<BpfLink 'dump_rows' iter:task")


def test_update_by_a_program_of_another_type(
    pair: tuple[tinybpf.BpfObject, tinybpf.BpfObject], cgroup: pathlib.Path
) -> None:
    """It says what does not fit, and the link goes on."""
    first, second = pair
    with first.program("on_cgroup").attach_cgroup(cgroup) as link:
        with pytest.raises(tinybpf.BpfError, match="not of the same type"):
            link.update(second.program("on_xdp"))
        assert link.info.prog_id == first.program("on_cgroup").id


@kernel("5.15", "link of a tracepoint")
def test_update_that_the_kind_does_not_know(counts: tinybpf.BpfObject) -> None:
    """A tracepoint's link keeps its program, and can only be closed."""
    program = counts.program("on_trigger")
    with program.attach() as link:
        with pytest.raises(tinybpf.BpfNotSupportedError, match="kind perf_event keeps its"):
            link.update(program)
        with pytest.raises(tinybpf.BpfNotSupportedError, match="struct_ops"):
            link.update_map(counts.maps["counts"])
        with pytest.raises(tinybpf.BpfNotSupportedError, match="last descriptor"):
            link.detach()


def test_update_of_nothing(counts: tinybpf.BpfObject) -> None:
    """What is no program is a TypeError; a destroyed link, a closed object say closed."""
    program = counts.program("on_trigger")
    link = program.attach()
    for arguments in ((5,), (None,), (program, 5), (program.fd,), ()):
        with pytest.raises(TypeError):
            link.update(*arguments)
    with pytest.raises(TypeError):
        link.update_map(program)  # type: ignore[arg-type]
    link.destroy()
    for use in (lambda: link.update(program), link.detach, lambda: link.id, lambda: link.info):
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            use()


def test_update_by_a_closed_program(bpf: Find, cgroup: pathlib.Path) -> None:
    """The program that is closed is named."""
    with tinybpf.load(bpf("hooks")) as obj:
        with obj.program("on_cgroup").attach_cgroup(cgroup) as link:
            with tinybpf.load(bpf("hooks")) as other:
                gone = other.program("on_cgroup")
            with pytest.raises(tinybpf.BpfClosedError, match="'on_cgroup' is closed"):
                link.update(gone)
            with pytest.raises(tinybpf.BpfClosedError, match="'on_cgroup' is closed"):
                link.update(obj.program("on_cgroup"), expected=gone)


def test_detach_reaches_a_pinned_link(
    pair: tuple[tinybpf.BpfObject, tinybpf.BpfObject], cgroup: pathlib.Path
) -> None:
    """The program does not run any more, though pin and descriptor are there."""
    first, _ = pair
    with pins.folder() as folder:
        with first.program("on_cgroup").attach_cgroup(cgroup) as link:
            link.pin(folder / "link")
        with tinybpf.open_pinned_link(folder / "link") as again:
            traffic.send_from(cgroup)
            before = hits(first)
            assert before >= 1
            assert "detached" not in repr(again)
            again.detach()
            assert repr(again).endswith(", detached>")
            traffic.send_from(cgroup)
            assert hits(first) == before
            assert again.fd >= 0
            assert isinstance(again.info, tinybpf.CgroupLinkInfo)
            assert again.info.cgroup_id == 0
            with pytest.raises(tinybpf.BpfError, match="the link is detached"):
                again.update(first.program("on_cgroup"))
            again.unpin()
