# SPDX-License-Identifier: MIT
"""Everything that is open, closed in every order: nothing crashes, nothing is left."""

import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import pins, traffic
from support.objects import Find, fdinfo

PARTS = ("object", "link", "ring", "pinned")
USES: dict[str, Any] = {
    "object": lambda part: part.maps["events"],
    "link": lambda part: part.__enter__(),
    "ring": lambda part: part.poll(0),
    "pinned": lambda part: part[0],
}


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the BPF file system."""
    with pins.folder() as path:
        yield path


class Parts:
    """An object with a program that is attached, and all that is open besides.

    A walk is always under way: its end is that of its last reference.
    """

    def __init__(self, path: pathlib.Path, folder: pathlib.Path) -> None:
        self.object = tinybpf.load(path)
        producer = traffic.Producer(self.object).setup(count=2)
        self.object.maps["stats"].pin(folder / "stats")
        self.link = self.object.attach()[0]
        self.ring = tinybpf.BpfRingBuffer(self.object.maps["events"], lambda data: None)
        self.pinned = tinybpf.open_pinned_map(folder / "stats")
        self.walk = iter(self.object.maps["stats"].items())
        next(self.walk)
        producer.fire()
        (folder / "stats").unlink()


@pytest.mark.parametrize("order", itertools.permutations(PARTS), ids="-".join)
def test_parts_close_in_any_order(
    bpf: Find, folder: pathlib.Path, order: tuple[str, ...]
) -> None:
    """Whatever ends first, the others can end after it, twice, and say that they have."""
    parts = Parts(bpf("ring"), folder)
    for name in order:
        getattr(parts, name).close()
    for name in order:
        getattr(parts, name).close()
    for name, use in USES.items():
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            use(getattr(parts, name))


def test_parts_that_are_open_work_on(bpf: Find, folder: pathlib.Path) -> None:
    """A map of its own lives on without the object whose map it was."""
    parts = Parts(bpf("ring"), folder)
    fd = parts.pinned.fd
    parts.object.close()
    assert parts.link.fd == -1
    assert parts.pinned[0] == 2
    assert fdinfo(fd)["map_type"]
    parts.ring.close()
    parts.pinned.close()


@pytest.mark.parametrize("name", ["object", "link", "ring", "pinned"])
def test_exception_in_with_closes_and_comes_through(
    bpf: Find, folder: pathlib.Path, name: str
) -> None:
    """A with statement of each part closes it, and lets the exception out."""
    parts = Parts(bpf("ring"), folder)
    with pytest.raises(ZeroDivisionError):
        with getattr(parts, name):
            raise ZeroDivisionError
    with pytest.raises(tinybpf.BpfClosedError):
        USES[name](getattr(parts, name))
    for part in PARTS:
        getattr(parts, part).close()
