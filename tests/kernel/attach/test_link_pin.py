# SPDX-License-Identifier: MIT
"""Attachments that outlive their link: pinned in the BPF file system, or disconnected."""

import contextlib
import gc
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import child, pins, traffic
from support.gating import kernel
from support.objects import Find, Load, wait_for

pytestmark = kernel("5.15", "link of a tracepoint")

# What another process does: it loads, attaches, pins a map and maybe the link, and ends.
ELSEWHERE = """
import os, sys, tinybpf
from support import traffic
obj = tinybpf.load(sys.argv[1])
trigger = traffic.Trigger()
trigger.arm(obj)
obj.maps["counts"].pin(sys.argv[2] + "/counts")
link = obj.program("on_trigger").attach()
{}
trigger.fire()
print(trigger.cookie)
"""


def is_detached(counts: Any, trigger: traffic.Trigger) -> bool:
    """Tell whether a trigger does not reach the program: a pin's end takes a moment."""
    before = counts[0]
    trigger.fire()
    return bool(counts[0] == before)


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the BPF file system."""
    with pins.folder() as path:
        yield path


def test_pin_outlives_link_and_object(
    bpf: Find, folder: pathlib.Path, trigger: traffic.Trigger
) -> None:
    """A pinned program runs after its link and its object were closed, until the pin goes."""
    with tinybpf.load(bpf("counts")) as obj:
        trigger.arm(obj)
        obj.maps["counts"].pin(folder / "counts")
        link = obj.program("on_trigger").attach()
        link.pin(folder / "link")
        link.close()
        trigger.fire()
    trigger.fire()
    with tinybpf.open_pinned_map(folder / "counts") as counts:
        assert counts[0] == 2
        (folder / "link").unlink()
        wait_for("the end of the pin", lambda: is_detached(counts, trigger))


@pytest.mark.parametrize(
    ("keep", "runs"),
    [
        ("link.pin(sys.argv[2] + '/link')", 2),
        ("link.pin(sys.argv[2] + '/link'); obj.close()", 2),
        ("link.pin(sys.argv[2] + '/link'); del link", 2),
        ("link.disconnect(); fd = link.fd; link.close()", 1),
        ("", 1),
    ],
    ids=["pinned", "pinned-closed", "pinned-dropped", "disconnected", "plain"],
)
def test_only_a_pin_survives_the_process(
    bpf: Find, folder: pathlib.Path, trigger: traffic.Trigger, keep: str, runs: int
) -> None:
    """When the process is gone, its program still runs if it was pinned, else not."""
    trigger.cookie = int(child.output(ELSEWHERE.format(keep), bpf("counts"), folder))
    trigger.fire()
    with tinybpf.open_pinned_map(folder / "counts") as counts:
        assert counts[0] == runs


@pytest.mark.parametrize("end", ["link.close()", "obj.close()", "del link; gc.collect()"])
def test_disconnected_program_runs_on_in_its_process(
    bpf: Find, folder: pathlib.Path, end: str
) -> None:
    """After disconnect() neither closing nor dropping the link, or the object, detaches."""
    code = ELSEWHERE.format("import gc; trigger.fire(); link.disconnect(); " + end)
    child.output(code, bpf("counts"), folder)
    with tinybpf.open_pinned_map(folder / "counts") as counts:
        assert counts[0] == 2


def test_unpin_gives_the_attachment_back(
    counts: tinybpf.BpfObject, folder: pathlib.Path, trigger: traffic.Trigger
) -> None:
    """After unpin() the file is gone, and the program is detached with its link again."""
    trigger.arm(counts)
    link = counts.program("on_trigger").attach()
    link.pin(str(folder / "link"))
    assert link.pin_path == str(folder / "link")
    link.unpin()
    assert link.pin_path is None
    assert list(folder.iterdir()) == []
    trigger.fire()
    link.destroy()
    trigger.fire()
    assert counts.maps["counts"][0] == 1


def test_repr_tells_what_keeps_the_program_attached(
    counts: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """The repr of a link says where it is pinned, before and after it is closed."""
    link = counts.program("on_trigger").attach()
    assert "pinned" not in repr(link)
    link.pin(folder / "link")
    assert repr(link).endswith(f", fd={link.fd}, pinned at '{folder}/link'>")
    link.close()
    assert repr(link).endswith(f", closed, pinned at '{folder}/link'>")


def test_repr_tells_that_a_link_is_disconnected(bpf: Find) -> None:
    """So does that of a disconnected one."""
    printed = child.output(
        """
        import sys, tinybpf
        with tinybpf.load(sys.argv[1]) as obj:
            link = obj.program("on_trigger").attach()
            link.disconnect()
            link.disconnect()
        print(repr(link), link.fd)
        """,
        bpf("counts"),
    )
    assert printed.endswith(", closed, disconnected> -1\n")


def test_pinned_link_is_dropped_in_silence(
    counts: tinybpf.BpfObject, folder: pathlib.Path, recwarn: pytest.WarningsRecorder
) -> None:
    """A link whose program stays attached warns of nothing when it goes."""
    counts.program("on_trigger").attach().pin(folder / "link")
    gc.collect()
    assert not recwarn.list


def test_with_statement_leaves_a_pinned_program_attached(
    counts: tinybpf.BpfObject, folder: pathlib.Path, trigger: traffic.Trigger
) -> None:
    """The end of a with statement closes a pinned link and does not detach."""
    trigger.arm(counts)
    with counts.program("on_trigger").attach() as link:
        link.pin(os.fsencode(folder / "link"))
    trigger.fire()
    assert (link.fd, counts.maps["counts"][0]) == (-1, 1)


def test_pin_makes_the_folder(counts: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """A folder that is all that is missing is made, as for maps."""
    with counts.program("on_trigger").attach() as link:
        link.pin(folder / "new" / "link")
        assert (folder / "new" / "link").exists()


def test_pin_twice_is_refused(counts: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """A link has one pin; the error names it."""
    with counts.program("on_trigger").attach() as link:
        link.pin(folder / "link")
        with pytest.raises(tinybpf.BpfError, match=f"pinned at '{folder}/link' already"):
            link.pin(folder / "other")


def test_pin_where_there_is_one_is_file_exists(
    counts: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """A path that is taken raises what open() with mode "x" raises."""
    counts.maps["tiny"].pin(folder / "taken")
    with counts.program("on_trigger").attach() as link:
        with pytest.raises(FileExistsError):
            link.pin(folder / "taken")
        assert link.pin_path is None


def test_pin_elsewhere_names_the_bpf_file_system(
    counts: tinybpf.BpfObject, tmp_path: pathlib.Path
) -> None:
    """A path on another file system is refused with the right one."""
    with counts.program("on_trigger").attach() as link:
        with pytest.raises(tinybpf.BpfError, match=r"not on a BPF file system\n.*/sys/fs/bpf"):
            link.pin(tmp_path / "link")


def test_pin_of_a_name_with_a_dot_says_so(
    counts: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """The kernel's EPERM for such a name is explained."""
    with counts.program("on_trigger").attach() as link:
        with pytest.raises(tinybpf.BpfError, match="has no dot"):
            link.pin(folder / "my.link")


def test_unpin_of_what_is_not_pinned_is_refused(
    counts: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """unpin() removes a pin of this link only, and only if there is one."""
    with counts.program("on_trigger").attach() as link:
        with pytest.raises(tinybpf.BpfError, match="not pinned"):
            link.unpin()
        link.pin(folder / "link")
        (folder / "link").unlink()
        with pytest.raises(FileNotFoundError):
            link.unpin()
        counts.maps["tiny"].pin(folder / "link")
        with pytest.raises(tinybpf.BpfError, match="not this link"):
            link.unpin()
    assert (folder / "link").exists()


def test_closed_link_can_do_neither(counts: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """Pinning, unpinning and disconnecting need the link open."""
    link = counts.program("on_trigger").attach()
    link.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        link.pin(folder / "link")
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        link.unpin()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        link.disconnect()


@kernel("5.9", "XDP link")
def test_pinned_xdp_program_outlives_its_object(load: Load, folder: pathlib.Path) -> None:
    """A pin keeps a network program attached: the interface is taken until it goes."""
    load("hooks").program("on_xdp").attach_xdp("lo").pin(folder / "link")
    again = load("hooks").program("on_xdp")
    with pytest.raises(tinybpf.BpfError, match="attached there"):
        again.attach_xdp("lo")
    (folder / "link").unlink()

    def attached() -> bool:
        with contextlib.suppress(tinybpf.BpfError):
            again.attach_xdp("lo").close()
            return True
        return False

    wait_for("the end of the pin", attached)
