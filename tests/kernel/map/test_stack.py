# SPDX-License-Identifier: MIT
"""Stack traces that a program stored."""

import errno
import pathlib

import pytest

import tinybpf
from support.objects import Load
from support.traffic import Trigger


@pytest.fixture
def stacks(load: Load, trigger: Trigger) -> tinybpf.BpfObject:
    """Return the object after one trigger, whose stack it has kept."""
    obj = load("stacks")
    trigger.arm(obj)
    with obj.programs["keep_stack"].attach():
        trigger.fire()
    return obj


def executable_ranges() -> list[range]:
    """Return where code is mapped in this process."""
    found = []
    for line in pathlib.Path("/proc/self/maps").read_text().splitlines():
        span, mode, *_ = line.split()
        if "x" in mode:
            first, last = (int(part, 16) for part in span.split("-"))
            found.append(range(first, last))
    return found


def test_walk_gives_the_addresses_of_the_caller(stacks: tinybpf.BpfObject) -> None:
    """The addresses are this process's code, and end where the stack does."""
    stack_id = stacks.maps["ids"][0]
    frames = stacks.maps["stacks"].walk(stack_id)
    assert 0 < len(frames) <= 32
    assert all(isinstance(frame, int) and frame > 0 for frame in frames)
    assert any(frames[0] in code for code in executable_ranges())


def test_walk_by_build_id(stacks: tinybpf.BpfObject) -> None:
    """Frames of files that have a build id are that and the offset, others addresses."""
    frames = stacks.maps["files"].walk(stacks.maps["ids"][1])
    assert 0 < len(frames) <= 32
    for frame in frames:
        if isinstance(frame, tuple):
            build_id, offset = frame
            assert len(build_id) == 20
            assert offset > 0
        else:
            assert frame > 0


def test_stacks_are_listed_and_deleted(stacks: tinybpf.BpfObject) -> None:
    """A map of stacks is a mapping of ids too; a deleted stack is a KeyError."""
    found, stack_id = stacks.maps["stacks"], stacks.maps["ids"][0]
    assert list(found) == [stack_id]
    assert len(found[stack_id]) == 256
    del found[stack_id]
    with pytest.raises(KeyError):
        found.walk(stack_id)
    assert len(found) == 0


def test_negative_id_is_the_error_of_the_helper(stacks: tinybpf.BpfObject) -> None:
    """Programs pass on what bpf_get_stackid returned; walk() says what that means."""
    with pytest.raises(tinybpf.BpfError, match=r"bpf_get_stackid\(\) returned -14") as caught:
        stacks.maps["stacks"].walk(-errno.EFAULT)
    assert caught.value.errno == errno.EFAULT


def test_walk_is_for_stacks(stacks: tinybpf.BpfObject) -> None:
    """Other maps have no stacks."""
    with pytest.raises(tinybpf.BpfError, match=r"walk\(\) is for maps of stack traces"):
        stacks.maps["ids"].walk(0)
