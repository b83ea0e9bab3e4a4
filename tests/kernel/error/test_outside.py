# SPDX-License-Identifier: MIT
"""Errors of calls that name something outside of all objects: BpfError and OSError at once."""

import copy
import os
import pathlib
import pickle
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import pins
from support.objects import Load

Make = Callable[[tinybpf.BpfObject, pathlib.Path], Any]


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of this test's own on the BPF file system, with one pin."""
    with pins.folder() as path:
        yield path


@pytest.fixture
def hooks(load: Load, folder: pathlib.Path) -> tinybpf.BpfObject:
    """Return the object of hooks.bpf.c, whose map `hits` is pinned as "taken"."""
    obj = load("hooks")
    obj.maps["hits"].pin(folder / "taken")
    return obj


def closed_descriptor() -> int:
    """Return the number of a descriptor that is not open."""
    fd = os.open("/", os.O_RDONLY)
    os.close(fd)
    return fd


CALLS: dict[str, tuple[type[OSError], Make]] = {
    "pin, taken": (FileExistsError, lambda o, d: o.maps["hits"].pin(d / "taken")),
    "pin, no folder": (FileNotFoundError, lambda o, d: o.maps["hits"].pin(d / "a" / "b" / "c")),
    "pin, below a file": (
        NotADirectoryError,
        lambda o, d: o.maps["hits"].pin(d / "taken" / "below"),
    ),
    "pin, long name": (OSError, lambda o, d: o.maps["hits"].pin(d / ("x" * 300))),
    "pin, dot": (PermissionError, lambda o, d: o.maps["hits"].pin(d / "a.b")),
    "unpin": (FileNotFoundError, lambda o, d: o.maps["hits"].unpin(d / "none")),
    "open": (FileNotFoundError, lambda o, d: tinybpf.open_pinned_map(d / "none")),
    "open, folder": (IsADirectoryError, lambda o, d: tinybpf.open_pinned_map(d)),
    "pin of a link": (FileExistsError, lambda o, d: pin_link(o, d / "taken")),
    "from_id": (FileNotFoundError, lambda o, d: tinybpf.BpfMap.from_id(2**31)),
    "from_fd": (OSError, lambda o, d: tinybpf.BpfMap.from_fd(closed_descriptor())),
    "xdp, name": (OSError, lambda o, d: o.program("on_xdp").attach_xdp("no_such_if")),
    "xdp, index": (OSError, lambda o, d: o.program("on_xdp").attach_xdp(2**31 - 1)),
    "cgroup": (
        FileNotFoundError,
        lambda o, d: o.program("on_cgroup").attach_cgroup(d / "none"),
    ),
}


def pin_link(obj: tinybpf.BpfObject, path: pathlib.Path) -> None:
    """Pin a link that every kernel with links has one for."""
    with obj.program("on_raw_tracepoint").attach_raw_tracepoint("sys_enter") as link:
        link.pin(path)


@pytest.mark.parametrize(("kind", "call"), CALLS.values(), ids=CALLS.keys())
def test_error_is_of_both_classes(
    hooks: tinybpf.BpfObject, folder: pathlib.Path, kind: Any, call: Make
) -> None:
    """`except BpfError` and `except FileNotFoundError` both catch it, by its errno."""
    with pytest.raises(tinybpf.BpfError) as caught:
        call(hooks, folder)
    error = caught.value
    assert isinstance(error, kind)
    assert type(OSError(error.errno, "")) is kind
    assert str(error).count("failed: ") == 1


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_error_looks_like_bpf_error(folder: pathlib.Path, protocol: int) -> None:
    """Its class goes by that name, and it survives pickling and copying."""
    with pytest.raises(FileNotFoundError) as caught:
        tinybpf.open_pinned_map(folder / "none")
    error: Any = caught.value
    kind = type(error)
    assert (kind.__module__, kind.__qualname__) == ("tinybpf", "BpfError")
    assert kind.__doc__ == tinybpf.BpfError.__doc__
    assert repr(error).startswith("BpfError(")
    for found in (copy.copy(error), pickle.loads(pickle.dumps(error, protocol))):
        assert type(found) is kind
        assert (str(found), found.errno) == (str(error), error.errno)
        assert found.libbpf_log == error.libbpf_log


WITHIN: dict[str, Make] = {
    "tracepoint": lambda o, d: o.program("on_tracepoint").attach_tracepoint("syscalls", "none"),
    "raw tracepoint": lambda o, d: o.program("on_raw_tracepoint").attach_raw_tracepoint("none"),
    "uprobe": lambda o, d: o.program("on_uprobe").attach_uprobe("/bin/none", 1),
    "not a pin of this map": lambda o, d: unpin_another(d / "taken"),
    "update": lambda o, d: o.maps["hits"].update(1000, 0, tinybpf.BPF_EXIST),
}


def unpin_another(path: pathlib.Path) -> None:
    """Have a map of its own remove that pin."""
    with tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 4, 1) as made:
        made.unpin(path)


@pytest.mark.parametrize("call", WITHIN.values(), ids=WITHIN.keys())
def test_other_errors_are_no_os_error(
    hooks: tinybpf.BpfObject, folder: pathlib.Path, call: Make
) -> None:
    """`except OSError` around reading a file does not swallow what a program is refused."""
    with pytest.raises(tinybpf.BpfError) as caught:
        call(hooks, folder)
    assert not isinstance(caught.value, OSError)
