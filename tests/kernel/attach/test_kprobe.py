# SPDX-License-Identifier: MIT
"""Kprobes: every option of libbpf's; system calls by their bare names."""

import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.15", "kprobe", config="CONFIG_KPROBES")

KPROBE, KSYSCALL = 1, 2  # keys of probes.bpf.c


@pytest.fixture
def obj(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return an object with programs that keep their cookies, and look at us only."""
    with tinybpf.load(bpf("probes"), autoload=["on_kprobe", "on_ksyscall"]) as loaded:
        loaded.maps["target"][0] = os.getpid()
        yield loaded


def counted(obj: tinybpf.BpfObject, key: int) -> tuple[int, int]:
    """Return how often a program ran, and its last cookie."""
    seen = obj.maps["seen"][key]
    return seen.count, seen.cookie


def ask(times: int) -> None:
    """Make a system call that nobody else makes for us."""
    for _ in range(times):
        os.getpgid(os.getpid())


def address_of(function: str) -> int:
    """Return where a function of the kernel is."""
    with open("/proc/kallsyms") as symbols:
        return next(int(line.split()[0], 16) for line in symbols if line.split()[2] == function)


@pytest.mark.parametrize("mode", ["default", "legacy", "perf", "link"])
def test_modes_run_the_program(obj: tinybpf.BpfObject, mode: Any) -> None:
    """Each way runs it until the link is destroyed; those with a link have cookies."""
    cookie = 0 if mode in ("legacy", "perf") else 2**64 - 3
    program = obj.program("on_kprobe")
    with program.attach_kprobe("ksys_read", cookie=cookie, attach_mode=mode) as link:
        assert "kprobe:ksys_read" in repr(link)
        os.close(os.open("/proc/self/stat", os.O_RDONLY))
        pathlib.Path("/proc/self/stat").read_bytes()
    seen = counted(obj, KPROBE)
    assert seen[0] >= 1
    assert seen[1] == cookie
    pathlib.Path("/proc/self/stat").read_bytes()
    assert counted(obj, KPROBE) == seen


@pytest.mark.parametrize(
    "place", [{"func_name": "ksys_read+0x0"}, {"func_name": "ksys_read", "offset": 0}]
)
def test_place_is_a_name_and_an_offset(obj: tinybpf.BpfObject, place: dict[str, Any]) -> None:
    """The offset stands in the name or by itself."""
    with obj.program("on_kprobe").attach_kprobe(**place):
        pathlib.Path("/proc/self/stat").read_bytes()
    assert counted(obj, KPROBE)[0] >= 1


def test_place_is_an_address(obj: tinybpf.BpfObject) -> None:
    """A function may have no name that is its own."""
    address = address_of("ksys_read")
    with obj.program("on_kprobe").attach_kprobe(address) as link:
        assert f"kprobe:{address:#x}" in repr(link)
        pathlib.Path("/proc/self/stat").read_bytes()
    assert counted(obj, KPROBE)[0] >= 1


@pytest.mark.parametrize("retprobe", [False, True])
def test_system_call_by_its_bare_name(obj: tinybpf.BpfObject, retprobe: bool) -> None:
    """attach_ksyscall() knows the prefix that the kernel's function has."""
    program = obj.program("on_ksyscall")
    with program.attach_ksyscall("getpgid", retprobe, cookie=4) as link:
        assert ("kretsyscall" if retprobe else "ksyscall") + ":getpgid" in repr(link)
        ask(3)
    assert counted(obj, KSYSCALL) == (3, 4)
    with program.attach(name="getpgid", cookie=5):
        ask(1)
    assert counted(obj, KSYSCALL) == (4, 5)
