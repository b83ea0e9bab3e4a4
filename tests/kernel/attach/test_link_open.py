# SPDX-License-Identifier: MIT
"""Links that are in the kernel already: opened by id, descriptor and pin."""

import gc
import os
import pathlib
from collections.abc import Iterator

import pytest

import tinybpf
from support import pins, privilege, traffic
from support.gating import kernel
from support.objects import Find, fdinfo, wait_for

pytestmark = kernel("5.15", "link of a tracepoint")


@pytest.fixture
def link(counts: tinybpf.BpfObject) -> Iterator[tinybpf.BpfLink]:
    """Return a link whose effect can be seen."""
    with counts.program("on_trigger").attach() as made:
        yield made


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the bpffs."""
    with pins.folder() as path:
        yield path


def runs(counts: tinybpf.BpfMap, trigger: traffic.Trigger) -> bool:
    """Tell whether a trigger reaches the program: the end of a link takes a moment."""
    before = counts[0]
    trigger.fire()
    return bool(counts[0] != before)


def test_id_is_that_of_the_kernel(link: tinybpf.BpfLink) -> None:
    """The id is what the kernel's own text about the descriptor says."""
    assert link.id == link.info.id == int(fdinfo(link.fd)["link_id"])
    assert link.info.prog_id == int(fdinfo(link.fd)["prog_id"])


def test_link_opened_by_id_keeps_the_program_attached(
    bpf: Find, trigger: traffic.Trigger
) -> None:
    """It has a descriptor of its own, and is the last one when its object goes."""
    obj = tinybpf.load(bpf("counts"))
    trigger.arm(obj)
    with tinybpf.BpfMap.from_id(obj.maps["counts"].id) as counts:
        link = obj.program("on_trigger").attach()
        with tinybpf.BpfLink.from_id(link.id) as again:
            obj.close()
            assert link.fd == -1
            trigger.fire()
            assert counts[0] == 1
            assert again.is_standalone
            assert repr(again) == f"<BpfLink 'on_trigger' perf_event, fd={again.fd}>"
        assert repr(again) == "<BpfLink 'on_trigger' perf_event, closed>"
        wait_for("its end", lambda: not runs(counts, trigger))


def test_link_opened_by_descriptor_takes_a_duplicate(link: tinybpf.BpfLink) -> None:
    """The caller's descriptor stays open and his own."""
    with tinybpf.BpfLink.from_fd(link.fd) as again:
        assert again.id == link.id
        assert again.fd != link.fd
    assert fdinfo(link.fd)


def test_there_is_no_link_of_that_id() -> None:
    """The error is a FileNotFoundError, too, and says what is not there."""
    with pytest.raises(tinybpf.BpfError, match="there is no link 4294967295") as caught:
        tinybpf.BpfLink.from_id(2**32 - 1)
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(ValueError, match="id"):
        tinybpf.BpfLink.from_id(-1)


def test_id_without_privilege_names_the_capability() -> None:
    """EPERM says that it takes CAP_SYS_ADMIN."""
    told = privilege.attempt(["bpf"], "attempt(lambda: tinybpf.BpfLink.from_id(1))")
    assert "opening a link by its id needs CAP_SYS_ADMIN" in told


def test_descriptor_of_something_else(counts: tinybpf.BpfObject) -> None:
    """Of maps, programs and files it says that they are no links."""
    with open(os.devnull) as file:
        for fd in (counts.maps["counts"].fd, counts.program("on_trigger").fd, file.fileno()):
            with pytest.raises(tinybpf.BpfError, match="it is not a link"):
                tinybpf.BpfLink.from_fd(fd)
    with pytest.raises(OSError, match="descriptor 1000000"):
        tinybpf.BpfLink.from_fd(1000000)


def test_pinned_link_is_opened_and_unpinned(
    bpf: Find, folder: pathlib.Path, trigger: traffic.Trigger
) -> None:
    """Opening tells the pin; closing leaves the program attached, unpin() does not."""
    obj = tinybpf.load(bpf("counts"))
    trigger.arm(obj)
    with tinybpf.BpfMap.from_id(obj.maps["counts"].id) as counts:
        with obj.program("on_trigger").attach() as link:
            link.pin(folder / "link")
        obj.close()
        with tinybpf.open_pinned_link(folder / "link") as again:
            assert again.pin_path == str(folder / "link")
            with pytest.raises(tinybpf.BpfError, match="pinned at"):
                again.pin(folder / "other")
        trigger.fire()
        assert counts[0] == 1
        with tinybpf.open_pinned_link(folder / "link") as again:
            again.unpin()
            assert again.pin_path is None
        wait_for("its end", lambda: not runs(counts, trigger))


def test_pin_of_another_thing_is_no_link(
    counts: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """A map's or a program's pin is told; what is not there is a FileNotFoundError."""
    counts.maps["counts"].pin(folder / "map")
    counts.program("on_trigger").pin(folder / "program")
    for name in ("map", "program"):
        with pytest.raises(tinybpf.BpfError, match="what is pinned there is not a link"):
            tinybpf.open_pinned_link(folder / name)
    with pytest.raises(FileNotFoundError):
        tinybpf.open_pinned_link(folder / "absent")
    with pytest.raises(tinybpf.BpfError, match="not on a BPF file system"):
        tinybpf.open_pinned_link("/tmp")


def test_pin_that_became_a_map_is_left(
    link: tinybpf.BpfLink, counts: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """unpin() removes what is pinned if it is that link, not a map of any id."""
    link.pin(folder / "link")
    (folder / "link").unlink()
    counts.maps["counts"].pin(folder / "link")
    with pytest.raises(tinybpf.BpfError, match="not this link"):
        link.unpin()
    assert (folder / "link").exists()


def test_dropped_link_warns_as_a_descriptor_does(link: tinybpf.BpfLink) -> None:
    """One that was opened is closed, not detached: a ResourceWarning says so."""
    gc.collect()
    with pytest.warns(ResourceWarning, match="unclosed <BpfLink 'on_trigger' perf_event"):
        tinybpf.BpfLink.from_fd(link.fd)
        gc.collect()


def test_link_without_a_descriptor_cannot_be_asked(link: tinybpf.BpfLink) -> None:
    """A closed one says so for each question."""
    again = tinybpf.BpfLink.from_fd(link.fd)
    again.close()
    again.close()
    for use in (lambda: again.id, lambda: again.info, again.read, again.detach, again.unpin):
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            use()
