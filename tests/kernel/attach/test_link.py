# SPDX-License-Identifier: MIT
"""Links: detaching, being forgotten, and the group that attach() returns."""

import collections.abc
import gc
import pathlib
import warnings
from collections.abc import Iterator

import pytest

import tinybpf
from support import child, elf, pins, traffic
from support.gating import kernel
from support.objects import Find, Load, fdinfo


def test_destroy_detaches(counts: tinybpf.BpfObject, trigger: traffic.Trigger) -> None:
    """After destroy() the program does not run any more."""
    trigger.arm(counts)
    link = counts.program("on_trigger").attach()
    trigger.fire()
    link.destroy()
    trigger.fire()
    assert counts.maps["counts"][0] == 1


def test_fd_is_a_link_and_minus_one_afterwards(counts: tinybpf.BpfObject) -> None:
    """The descriptor is open while the link is, and -1 once destroyed."""
    link = counts.program("on_trigger").attach()
    fd = link.fd
    assert fdinfo(fd)
    link.destroy()
    assert link.fd == -1
    with pytest.raises(OSError):
        fdinfo(fd)


@pytest.mark.parametrize("end", ["destroy", "close"])
def test_ending_a_link_may_be_repeated(counts: tinybpf.BpfObject, end: str) -> None:
    """destroy() and close() are the same and idempotent."""
    link = counts.program("on_trigger").attach()
    for _ in range(3):
        getattr(link, end)()
    link.destroy()
    link.close()
    assert link.fd == -1


def test_with_statement_detaches(counts: tinybpf.BpfObject, trigger: traffic.Trigger) -> None:
    """The context manager is the link; it detaches at the end and swallows nothing."""
    trigger.arm(counts)
    with pytest.raises(ZeroDivisionError):
        with counts.program("on_trigger").attach() as link:
            assert isinstance(link, tinybpf.BpfLink)
            raise ZeroDivisionError
    assert link.fd == -1
    trigger.fire()
    assert 0 not in counts.maps["counts"]


def test_repr_tells_what_is_attached_and_whether(counts: tinybpf.BpfObject) -> None:
    """The repr of a link tells its program and its state."""
    link = counts.program("on_trigger").attach()
    open_repr = repr(link)
    link.destroy()
    assert open_repr.startswith("<BpfLink ")
    assert "on_trigger" in open_repr
    assert repr(link) != open_repr
    assert "destroyed" in repr(link) or "closed" in repr(link)


def test_dropped_link_warns_and_detaches(
    counts: tinybpf.BpfObject, trigger: traffic.Trigger
) -> None:
    """A link that nobody keeps is detached at once, and a RuntimeWarning says so."""
    trigger.arm(counts)
    with pytest.warns(RuntimeWarning, match="on_trigger"):
        counts.program("on_trigger").attach()
        gc.collect()
    trigger.fire()
    assert 0 not in counts.maps["counts"]


def test_link_dropped_later_warns_too(
    counts: tinybpf.BpfObject, trigger: traffic.Trigger
) -> None:
    """Also a link that was bound for a while warns when it goes while attached."""
    trigger.arm(counts)
    link = counts.program("on_trigger").attach()
    trigger.fire()
    with pytest.warns(RuntimeWarning, match="on_trigger"):
        del link
        gc.collect()
    trigger.fire()
    assert counts.maps["counts"][0] == 1


def test_dropped_link_warns_by_default(bpf: Find) -> None:
    """The warning is shown without any -W option."""
    done = child.run(
        """
        import sys, tinybpf
        with tinybpf.load(sys.argv[1]) as obj:
            obj.program("on_trigger").attach()
        """,
        bpf("counts"),
    )
    assert done.returncode == 0
    assert "RuntimeWarning" in done.stderr
    assert "on_trigger" in done.stderr


def test_destroyed_link_is_dropped_in_silence(
    counts: tinybpf.BpfObject, recwarn: pytest.WarningsRecorder
) -> None:
    """A link that was ended warns of nothing."""
    link = counts.program("on_trigger").attach()
    link.destroy()
    del link
    gc.collect()
    assert not recwarn.list


def test_link_of_a_closed_object_is_dropped_in_silence(
    bpf: Find, recwarn: pytest.WarningsRecorder
) -> None:
    """A link that its object's close() ended warns of nothing."""
    with tinybpf.load(bpf("counts")) as obj:
        link = obj.program("on_trigger").attach()
    del link
    gc.collect()
    assert not recwarn.list


def test_warning_as_error_still_detaches(
    counts: tinybpf.BpfObject, trigger: traffic.Trigger
) -> None:
    """Where warnings are errors, a dropped link is detached all the same."""
    trigger.arm(counts)
    unraisable: list[str] = []
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        patch.setattr("sys.unraisablehook", lambda u: unraisable.append(repr(u.exc_value)))
        counts.program("on_trigger").attach()
        gc.collect()
    trigger.fire()
    assert 0 not in counts.maps["counts"]
    assert len(unraisable) == 1
    assert "RuntimeWarning" in unraisable[0]


def test_link_keeps_its_object(bpf: Find, trigger: traffic.Trigger) -> None:
    """A link alone keeps its object loaded and its program attached."""
    obj = tinybpf.load(bpf("counts"))
    trigger.arm(obj)
    counts = obj.maps["counts"]
    link = obj.program("on_trigger").attach()
    del obj
    gc.collect()
    trigger.fire()
    assert counts[0] == 1
    link.destroy()
    with pytest.warns(ResourceWarning):
        del counts, link
        gc.collect()


def test_links_are_a_sequence(load: Load) -> None:
    """What obj.attach() returns has a length, indices from both ends, and an order."""
    with load("several").attach() as links:
        assert len(links) == 3
        assert all(isinstance(link, tinybpf.BpfLink) for link in links)
        assert links[0] is next(iter(links))
        assert links[-1] is links[2]
        for index in (3, -4):
            with pytest.raises(IndexError):
                links[index]
        with pytest.raises(TypeError):
            links["first"]  # type: ignore[index]
        assert isinstance(links, collections.abc.Iterable)


@pytest.mark.parametrize("end", ["destroy", "close"])
def test_ending_links_ends_each(load: Load, trigger: traffic.Trigger, end: str) -> None:
    """destroy() and close() of the group end every link; both may be repeated."""
    obj = load("several")
    trigger.arm(obj)
    links = obj.attach()
    trigger.fire()
    getattr(links, end)()
    getattr(links, end)()
    trigger.fire()
    assert [link.fd for link in links] == [-1, -1, -1]
    assert [obj.maps["hits"][n] for n in range(3)] == [1, 1, 1]


def test_one_link_of_a_group_can_be_ended(load: Load, trigger: traffic.Trigger) -> None:
    """Ending one link leaves the others attached."""
    obj = load("several")
    trigger.arm(obj)
    with obj.attach() as links:
        links[1].destroy()
        trigger.fire()
    assert [obj.maps["hits"][n] for n in range(3)] == [1, 0, 1]


def test_links_end_also_when_the_body_raises(load: Load, trigger: traffic.Trigger) -> None:
    """The context manager of the group ends all and swallows nothing."""
    obj = load("several")
    trigger.arm(obj)
    with pytest.raises(ZeroDivisionError):
        with obj.attach():
            raise ZeroDivisionError
    trigger.fire()
    assert obj.maps["hits"][0] == 0


def test_dropped_links_warn_and_detach(load: Load, trigger: traffic.Trigger) -> None:
    """A group that nobody keeps is detached, and a RuntimeWarning says so."""
    obj = load("several")
    trigger.arm(obj)
    with pytest.warns(RuntimeWarning):
        obj.attach()
        gc.collect()
    trigger.fire()
    assert [obj.maps["hits"][n] for n in range(3)] == [0, 0, 0]


def test_links_repr_lists_the_links(load: Load) -> None:
    """The repr of a group shows each of its links."""
    with load("several").attach() as links:
        assert repr(links) == f"BpfLinks({', '.join(map(repr, links))})"


@pytest.fixture
def usdt(
    bpf: Find, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tinybpf.BpfObject]:
    """Return an object whose program is for the probe of a file in this folder."""
    monkeypatch.chdir(tmp_path)
    pathlib.Path("probed").write_bytes(elf.probed())
    with tinybpf.load(bpf("usdt"), autoload=["on_request"]) as obj:
        yield obj


@kernel("5.15", "uprobe", config="CONFIG_UPROBES")
def test_link_of_usdt_has_no_descriptor(usdt: tinybpf.BpfObject, bpf: Find) -> None:
    """libbpf keeps those of its several links: fd is -1, and nothing else is pinned."""
    with pins.folder() as folder, usdt.program("on_request").attach() as link:
        assert link.fd == -1
        assert repr(link).endswith("usdt/./probed:demo:request, attached>")
        with pytest.raises(tinybpf.BpfNotSupportedError, match="cannot be pinned: libbpf"):
            link.pin(folder / "link")
        assert not list(folder.iterdir())
    assert link.fd == -1
    assert "destroyed" in repr(link)
