# SPDX-License-Identifier: MIT
"""Attaching by hand: each kind of hook runs its program, and errors say what is wrong."""

import os
import pathlib
import socket
import subprocess
import sys
from typing import Any, Callable

import pytest

import tinybpf
from support import host, traffic
from support.gating import kernel
from support.objects import Load, wait_for
from support.paths import FOLDER, MISSING, TEXT

KINDS = (
    "kprobe",
    "kretprobe",
    "tracepoint",
    "raw_tracepoint",
    "uprobe",
    "uretprobe",
    "xdp",
    "cgroup",
)


@pytest.fixture
def hooks(load: Load) -> tinybpf.BpfObject:
    """Return the object with a program for each kind."""
    return load("hooks")


def hits(obj: tinybpf.BpfObject, kind: str) -> int:
    """Return how often the program of a kind ran."""
    return int(obj.maps["hits"][KINDS.index(kind)])


@pytest.fixture
def binary() -> pathlib.Path:
    """Return a program with a `main` that ends at once when its input does."""
    return host.directory_from("TINYBPF_BUILD") / "kernel_ids"


def run(binary: pathlib.Path) -> int:
    """Run it to its end; return its process id."""
    with subprocess.Popen([binary], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as ran:
        ran.wait()
    return ran.pid


def test_tracepoint_runs_its_program(hooks: tinybpf.BpfObject) -> None:
    """attach_tracepoint(category, name) makes the program run there, until destroyed."""
    trigger = traffic.Trigger()
    program = hooks.program("on_tracepoint")
    with program.attach_tracepoint("syscalls", "sys_enter_getpgid") as link:
        assert "tracepoint:syscalls/sys_enter_getpgid" in repr(link)
        trigger.fire(3)
    assert hits(hooks, "tracepoint") >= 3
    before = hits(hooks, "tracepoint")
    trigger.fire(3)
    assert hits(hooks, "tracepoint") == before


def test_raw_tracepoint_runs_its_program(hooks: tinybpf.BpfObject) -> None:
    """attach_raw_tracepoint(name) makes the program run."""
    with hooks.program("on_raw_tracepoint").attach_raw_tracepoint(name="sys_enter") as link:
        assert "raw_tracepoint:sys_enter" in repr(link)
        traffic.Trigger().fire(3)
    assert hits(hooks, "raw_tracepoint") >= 3


@kernel("4.17", "kprobe", config="CONFIG_KPROBES")
def test_kprobe_runs_its_program(hooks: tinybpf.BpfObject) -> None:
    """attach_kprobe(func) makes the program run where the function begins."""
    with hooks.program("on_kprobe").attach_kprobe("do_sys_openat2") as link:
        assert "kprobe:do_sys_openat2" in repr(link)
        pathlib.Path("/").stat()
        os.close(os.open("/", os.O_RDONLY))
    assert hits(hooks, "kprobe") >= 1


@kernel("4.17", "kprobe", config="CONFIG_KPROBES")
def test_kretprobe_runs_its_program(hooks: tinybpf.BpfObject) -> None:
    """attach_kretprobe(func), and attach_kprobe with retprobe, run where it returns."""
    program = hooks.program("on_kretprobe")
    with program.attach_kretprobe("do_sys_openat2") as link:
        assert "kretprobe:do_sys_openat2" in repr(link)
        os.close(os.open("/", os.O_RDONLY))
    once = hits(hooks, "kretprobe")
    assert once >= 1
    with program.attach_kprobe("do_sys_openat2", retprobe=True):
        os.close(os.open("/", os.O_RDONLY))
    assert hits(hooks, "kretprobe") > once


def test_uprobe_by_name_runs_its_program(
    hooks: tinybpf.BpfObject, binary: pathlib.Path
) -> None:
    """attach_uprobe with func_name runs the program in every process of the binary."""
    with hooks.program("on_uprobe").attach_uprobe(binary, func_name="main") as link:
        assert f"uprobe:{binary}:main" in repr(link)
        run(binary)
        run(binary)
    assert hits(hooks, "uprobe") == 2
    run(binary)
    assert hits(hooks, "uprobe") == 2


def test_uretprobe_runs_its_program(hooks: tinybpf.BpfObject, binary: pathlib.Path) -> None:
    """attach_uretprobe, and attach_uprobe with retprobe, run where the function returns."""
    program = hooks.program("on_uretprobe")
    with program.attach_uretprobe(str(binary), func_name="main") as link:
        assert f"uretprobe:{binary}:main" in repr(link)
        run(binary)
    with program.attach_uprobe(binary, func_name="main", retprobe=True):
        run(binary)
    assert hits(hooks, "uretprobe") == 2


def test_uprobe_of_a_pid_runs_in_that_process_only(
    hooks: tinybpf.BpfObject, binary: pathlib.Path
) -> None:
    """pid narrows a uprobe to one process."""
    with hooks.program("on_uprobe").attach_uprobe(binary, pid=os.getpid(), func_name="main"):
        run(binary)
    assert hits(hooks, "uprobe") == 0


def test_uprobe_of_an_offset_runs_its_program(
    hooks: tinybpf.BpfObject, binary: pathlib.Path
) -> None:
    """offset is a place in the file: that of the entry point is passed once a run."""
    elf = binary.read_bytes()
    entry = int.from_bytes(elf[24:32], sys.byteorder)
    headers, size, count = int.from_bytes(elf[32:40], sys.byteorder), 56, elf[56]
    for at in range(headers, headers + count * size, size):
        file_offset = int.from_bytes(elf[at + 8 : at + 16], sys.byteorder)
        address = int.from_bytes(elf[at + 16 : at + 24], sys.byteorder)
        length = int.from_bytes(elf[at + 32 : at + 40], sys.byteorder)
        if elf[at] == 1 and address <= entry < address + length:  # PT_LOAD
            offset = entry - address + file_offset
    with hooks.program("on_uprobe").attach_uprobe(binary, offset) as link:
        assert f"uprobe:{binary}+{offset:#x}" in repr(link)
        run(binary)
    assert hits(hooks, "uprobe") == 1


@kernel("5.9", "XDP link")
@pytest.mark.parametrize("by", [str, socket.if_nametoindex], ids=["name", "index"])
def test_xdp_runs_its_program(hooks: tinybpf.BpfObject, by: Callable[[str], Any]) -> None:
    """attach_xdp takes an interface by name or index."""
    with hooks.program("on_xdp").attach_xdp(by("lo")) as link:
        assert "xdp:lo" in repr(link)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.bind(("127.0.0.1", 0))
            out.sendto(b"x", out.getsockname())
            wait_for("a packet", lambda: hits(hooks, "xdp") >= 1)


@kernel("5.7", "cgroup link")
def test_cgroup_by_path_runs_its_program(
    hooks: tinybpf.BpfObject, cgroup: pathlib.Path
) -> None:
    """attach_cgroup takes the path of a cgroup of version 2."""
    with hooks.program("on_cgroup").attach_cgroup(cgroup) as link:
        assert f"cgroup:{cgroup}" in repr(link)
        traffic.send_from(cgroup)
    assert hits(hooks, "cgroup") >= 1


@kernel("5.7", "cgroup link")
def test_cgroup_by_descriptor_runs_its_program(
    hooks: tinybpf.BpfObject, cgroup: pathlib.Path
) -> None:
    """attach_cgroup takes an open descriptor too, and leaves it open."""
    fd = os.open(cgroup, os.O_RDONLY | os.O_DIRECTORY)
    with hooks.program("on_cgroup").attach_cgroup(fd) as link:
        assert "cgroup:fd" in repr(link)
        traffic.send_from(cgroup)
    os.close(fd)
    assert hits(hooks, "cgroup") >= 1


REFUSED = {
    "tracepoint": ("on_tracepoint", "attach_tracepoint", ("syscalls", "sys_enter_nothing")),
    "raw tracepoint": ("on_raw_tracepoint", "attach_raw_tracepoint", ("no_such_one",)),
    "binary": ("on_uprobe", "attach_uprobe", (MISSING,)),
    "interface": ("on_xdp", "attach_xdp", ("no-such-if",)),
    "index": ("on_xdp", "attach_xdp", (2**31 - 1,)),
    "cgroup": ("on_cgroup", "attach_cgroup", (MISSING,)),
    "no cgroup": ("on_cgroup", "attach_cgroup", (FOLDER,)),
    "wrong kind": ("on_xdp", "attach_tracepoint", ("syscalls", "sys_enter_getpgid")),
}


@pytest.mark.parametrize(("program", "method", "args"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_there_is_an_error_that_names_it(
    hooks: tinybpf.BpfObject, program: str, method: str, args: Any
) -> None:
    """A hook that cannot be attached to is named together with the program."""
    with pytest.raises(tinybpf.BpfError) as caught:
        getattr(hooks.program(program), method)(*args)
    assert caught.value.errno != 0
    assert repr(program) in str(caught.value)
    assert method == "attach_xdp" or str(args[-1]) in str(caught.value)


def test_unknown_symbol_is_an_error_that_names_it(
    hooks: tinybpf.BpfObject, binary: pathlib.Path
) -> None:
    """So is a function that the binary does not have."""
    with pytest.raises(tinybpf.BpfError, match="no_such_function"):
        hooks.program("on_uprobe").attach_uprobe(binary, func_name="no_such_function")


WRONG = {
    "kprobe of a number": ("attach_kprobe", (1.5,), TypeError),
    "tracepoint without name": ("attach_tracepoint", ("syscalls",), TypeError),
    "uprobe of a number": ("attach_uprobe", (1.5,), TypeError),
    "pid that is none": ("attach_uprobe", (TEXT, 0, "1"), TypeError),
    "interface of no type": ("attach_xdp", (1.5,), TypeError),
    "interface 0": ("attach_xdp", (0,), ValueError),
    "interface -1": ("attach_xdp", (-1,), ValueError),
    "interface of 2**40": ("attach_xdp", (2**40,), ValueError),
    "cgroup of no type": ("attach_cgroup", (1.5,), TypeError),
    "cgroup -1": ("attach_cgroup", (-1,), ValueError),
    "cgroup of 2**40": ("attach_cgroup", (2**40,), ValueError),
    "negative offset": ("attach_uprobe", (TEXT, -1), ValueError),
}


@pytest.mark.parametrize(("method", "args", "error"), WRONG.values(), ids=WRONG.keys())
def test_wrong_argument_is_a_python_error(
    hooks: tinybpf.BpfObject, method: str, args: Any, error: type[Exception]
) -> None:
    """Arguments of a wrong type or range are refused before the kernel is asked."""
    with pytest.raises(error):
        getattr(hooks.program("on_xdp"), method)(*args)


def test_link_made_by_hand_dies_with_its_object(hooks: tinybpf.BpfObject) -> None:
    """Closing the object destroys the links that were made by hand too."""
    link = hooks.program("on_raw_tracepoint").attach_raw_tracepoint("sys_enter")
    hooks.close()
    assert link.fd == -1
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        link.__enter__()


def test_attach_of_a_closed_object_says_closed(hooks: tinybpf.BpfObject) -> None:
    """Every kind refuses a program whose object is closed."""
    programs = list(hooks.programs.values())
    hooks.close()
    for program in programs:
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            program.attach_raw_tracepoint("sys_enter")
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            program.attach_xdp("lo")
