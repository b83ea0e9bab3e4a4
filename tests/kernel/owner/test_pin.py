# SPDX-License-Identifier: MIT
"""Pins that another user may not make, use or remove: the error names what is closed."""

import pathlib
from collections.abc import Iterator

import pytest

import tinybpf
from support import pins, privilege
from support.gating import kernel

pytestmark = kernel("5.8", "CAP_BPF")

# By its number: nobody may not be allowed to import what makes the enum.
MAKE = f"m = tinybpf.BpfMap.create({int(tinybpf.BpfMapType.ARRAY)}, 4, 4, 1)\n"
OPEN = "m = attempt(lambda: tinybpf.open_pinned_map(sys.argv[1] + '/pin'))\n"

PIN, UNPIN = (
    f"with m: attempt(lambda: m.{call}(sys.argv[1] + '/{{}}'))" for call in ("pin", "unpin")
)

# What is done, the modes of the folder and of the pin in it, and which of them is named.
REFUSED = {
    "make": (MAKE + PIN.format("new"), (0o755, 0o600), ""),
    "make in one that is closed": (MAKE + PIN.format("new"), (0o700, 0o600), ""),
    "make below it": (MAKE + PIN.format("a/b"), (0o700, 0o600), ""),
    "open": (OPEN, (0o755, 0o600), "/pin"),
    "remove": (OPEN + UNPIN.format("pin"), (0o755, 0o666), ""),
}


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder with a pin of an array in it."""
    with pins.folder() as path, tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 4, 1) as m:
        m.pin(path / "pin")
        yield path


@pytest.mark.parametrize(("code", "modes", "what"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_closed_is_named(
    folder: pathlib.Path, code: str, modes: tuple[int, int], what: str
) -> None:
    """Capabilities of BPF do not open files: mode and owner of the first closed one tell."""
    (folder / "pin").chmod(modes[1])
    folder.chmod(modes[0])
    said = privilege.attempt(["bpf"], code, folder)
    mode = modes[1 if what else 0]
    assert "failed: Permission denied: " in said
    assert (
        f"'{folder}{what}' is closed to this user: its mode is {mode:04o}, its owner has "
        "the uid 0\n"
    ) in said


def test_sticky_folder_is_named(folder: pathlib.Path) -> None:
    """In a folder as /tmp is one only the owner of a pin removes it, whoever may use it."""
    (folder / "pin").chmod(0o666)
    folder.chmod(0o1777)
    said = privilege.attempt(["bpf"], OPEN + UNPIN.format("pin"), folder)
    assert "failed: Operation not permitted: " in said
    assert (
        f"'{folder}' is a sticky folder: only the owner of the pin, who has the uid 0" in said
    )
