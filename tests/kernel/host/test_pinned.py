# SPDX-License-Identifier: MIT
"""Maps that are pinned by their names: what a load says whose pins do not fit."""

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import pins
from support.child import output
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("4.20", "queue")


@pytest.fixture
def root() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the BPF file system."""
    with pins.folder() as path:
        yield path


def refusal(path: pathlib.Path, **kwargs: Any) -> str:
    """Return what the error of a load says, less libbpf's own lines."""
    with pytest.raises(tinybpf.BpfError) as caught:
        tinybpf.load(path, **kwargs).close()
    return str(caught.value).partition("\nlibbpf output:\n")[0]


def test_second_load_takes_over_what_is_pinned(bpf: Find, root: pathlib.Path) -> None:
    """Maps with the same settings are the same maps."""
    with tinybpf.load(bpf("pinned"), pin_root=root) as first:
        ids = {name: m.id for name, m in first.maps.items()}
        with tinybpf.load(bpf("pinned"), pin_root=root) as second:
            assert {name: m.id for name, m in second.maps.items()} == ids


@pytest.mark.parametrize(
    ("name", "settings", "differs"),
    [
        ("routes", {"max_entries": 11}, "max_entries is 10 there and 11 here"),
        (
            "routes",
            {"key_size": 12, "value_size": 8},
            "key_size is 8 there and 12 here, value_size is 4 there and 8 here",
        ),
        ("routes", {"flags": 0x81}, "map_flags is 0x1 there and 0x81 here"),
        ("jobs", {"type": tinybpf.BpfMapType.STACK}, "type is queue there and stack here"),
    ],
)
def test_pin_that_does_not_fit_says_what_differs(
    bpf: Find, root: pathlib.Path, name: str, settings: dict[str, Any], differs: str
) -> None:
    """The map, its pin and both values are named: nothing was asked of the kernel."""
    with tinybpf.load(bpf("pinned"), pin_root=root):
        said = refusal(bpf("pinned"), pin_root=root, maps={name: settings})
    first, what_to_do = said.split("\n")
    assert first.endswith(
        f"failed: map '{name}' does not fit what is pinned at '{root}/{name}': {differs}"
    )
    assert what_to_do.startswith("  remove the pin, or give the map the same settings")


def test_pin_that_is_no_map_says_so(bpf: Find, root: pathlib.Path) -> None:
    """A program that was pinned under the name of a map is not taken over."""
    with tinybpf.load(bpf("filter")) as obj:
        program = next(iter(obj.programs.values()))
        pins.pin(program.fd, root / "jobs")
    said = refusal(bpf("pinned"), pin_root=root)
    assert f"does not fit what is pinned at '{root}/jobs': that is no map" in said


def test_root_that_is_no_bpffs_says_so(bpf: Find, tmp_path: pathlib.Path) -> None:
    """An ordinary folder keeps no pins: the usual one, and how to mount it, are told."""
    said = refusal(bpf("pinned"), pin_root=tmp_path)
    assert f"cannot be pinned at '{tmp_path}/" in said
    assert "the path is not on a BPF file system (bpffs)\n" in said
    assert said.endswith("mount -t bpf bpf /sys/fs/bpf")


def test_root_without_its_folder_says_so(bpf: Find, root: pathlib.Path) -> None:
    """libbpf makes one folder, not two."""
    said = refusal(bpf("pinned"), pin_root=root / "deep" / "deeper")
    assert f"cannot be pinned at '{root}/deep/deeper/" in said
    assert "its folder's folder is not there, and only one is made" in said


def test_host_without_bpffs_says_so(bpf: Find) -> None:
    """So it is where /sys/fs/bpf is there and nothing is mounted on it."""
    code = """
        import sys, tinybpf
        from support import confine
        confine.hide("/sys/fs/bpf")
        try:
            tinybpf.load(sys.argv[1]).close()
        except tinybpf.BpfError as error:
            print(error)
    """
    said = output(code, bpf("pinned"))
    assert "is not on a BPF file system (bpffs)\n" in said
