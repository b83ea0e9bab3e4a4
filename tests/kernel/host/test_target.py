# SPDX-License-Identifier: MIT
"""What a program cannot be attached to: the error names it, and what comes nearest."""

import os
import pathlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import elf, host, traffic
from support.gating import kernel
from support.objects import Find, Load, cgroup_root
from support.paths import FOLDER, SETPRIV, TEXT

UNIFIED = cgroup_root()


@pytest.fixture
def hooks(load: Load) -> tinybpf.BpfObject:
    """Return the object with a program for each kind."""
    return load("hooks")


def refusal(program: tinybpf.BpfProgram, kind: str, *args: Any, **kwargs: Any) -> str:
    """Return what the error of attach_<kind> says, less libbpf's own lines."""
    with pytest.raises(tinybpf.BpfError) as caught:
        getattr(program, "attach_" + kind)(*args, **kwargs)
    assert caught.value.errno != 0
    assert repr(program.name) in str(caught.value)
    return str(caught.value).partition("\nlibbpf output:\n")[0]


def own_refusal(tmp_path: pathlib.Path, section: str) -> tinybpf.BpfError:
    """Return the error of loading and attaching a program of that section."""
    path = tmp_path / "one.bpf.o"
    path.write_bytes(elf.minimal(section=section))
    with pytest.raises(tinybpf.BpfError) as caught:
        with tinybpf.load(path) as obj:
            obj.program("entry").attach()
    return caught.value


TRACEPOINTS = {
    ("syscalls", "sys_enter_getpgidd"): "syscalls/sys_enter_getpgid",
    ("syscall", "sys_enter_getpgid"): "syscalls/sys_enter_getpgid",
    ("tracepoints", "sched_switch"): "sched/sched_switch",
    ("sched", "sched_swich"): "sched/sched_switch",
    ("shced", "nothing_like_it"): "sched",
}


@pytest.mark.parametrize("wanted", TRACEPOINTS, ids="/".join)
def test_unknown_tracepoint_names_the_nearest(
    hooks: tinybpf.BpfObject, wanted: tuple[str, str]
) -> None:
    """A misspelt name, category or both: what tracefs has in its place."""
    said = refusal(hooks.program("on_tracepoint"), "tracepoint", *wanted)
    assert f"failed: there is no tracepoint '{'/'.join(wanted)}'\n" in said
    assert said.endswith(f"\n  nearest: '{TRACEPOINTS[wanted]}'")


RAW_TRACEPOINTS = {
    "sched_swich": "sched_switch",
    "sched/sched_switch": "sched_switch",
    "sys_enter_openat": "sys_enter",
    "syscalls/sys_exit_read": "sys_exit",
}


@pytest.mark.parametrize("wanted", RAW_TRACEPOINTS)
def test_unknown_raw_tracepoint_names_the_nearest(
    hooks: tinybpf.BpfObject, wanted: str
) -> None:
    """Raw tracepoints have no category, and system calls share two of them."""
    said = refusal(hooks.program("on_raw_tracepoint"), "raw_tracepoint", wanted)
    assert f"this kernel has no raw tracepoint '{wanted}'\n" in said
    assert said.endswith(f"\n  nearest: '{RAW_TRACEPOINTS[wanted]}'")


@pytest.mark.parametrize(
    ("section", "name", "nearest"),
    [
        ("tp/sched/sched_swich", "sched/sched_swich", "sched/sched_switch"),
        ("raw_tp/sched_swich", "sched_swich", "sched_switch"),
        ("tp_btf/sched_swich", "sched_swich", "sched_switch"),
        ("iter/tsak", "tsak", "task"),
        ("fentry/vfs_raed", "vfs_raed", "vfs_read"),
        ("lsm/file_opne", "file_opne", "file_open"),
    ],
)
def test_section_that_names_nothing_gets_the_nearest(
    tmp_path: pathlib.Path, section: str, name: str, nearest: str
) -> None:
    """So do the hooks that SEC() names, also those that are looked up on loading."""
    said = str(own_refusal(tmp_path, section)).partition("\nlibbpf output:\n")[0]
    assert f" '{name}'\n" in said
    assert said.endswith(f"\n  nearest: '{nearest}'")


@pytest.mark.parametrize(
    ("section", "wanted", "nearest"),
    [("fentry/vfs_read", "vfs_raed", "vfs_read"), ("lsm/file_open", "file_opne", "file_open")],
)
def test_unknown_attach_target_names_the_nearest(
    bpf: Find, section: str, wanted: str, nearest: str
) -> None:
    """What set_attach_target() is asked for and the kernel lacks."""
    with tinybpf.open(bpf("privileges")) as obj:
        program = next(p for p in obj.programs.values() if p.section.endswith(section))
        with pytest.raises(tinybpf.BpfError, match=f"'{wanted}'\n  nearest: '{nearest}'"):
            program.set_attach_target(wanted)


@kernel("4.17", "kprobe", config="CONFIG_KPROBES")
def test_unknown_function_names_the_nearest(hooks: tinybpf.BpfObject) -> None:
    """A misspelt kernel function: the nearest of /proc/kallsyms."""
    with pytest.raises(tinybpf.BpfError) as caught:
        hooks.program("on_kprobe").attach_kprobe("do_sys_opneat2")
    if isinstance(caught.value, tinybpf.BpfNotSupportedError):
        raise caught.value
    said = str(caught.value).partition("\nlibbpf output:\n")[0]
    assert "this kernel has no function 'do_sys_opneat2', or the compiler inlined it" in said
    assert said.endswith("\n  nearest: 'do_sys_openat2'")


@kernel("4.17", "kprobe", config="CONFIG_KPROBES")
def test_function_that_allows_no_probe_says_so(hooks: tinybpf.BpfObject) -> None:
    """A function that exists and is kept from probes is not called unknown."""
    with pytest.raises(tinybpf.BpfError) as caught:
        hooks.program("on_kprobe").attach_kprobe("notify_die")
    if isinstance(caught.value, tinybpf.BpfNotSupportedError):
        raise caught.value
    assert "'notify_die' is there, and allows no probe" in str(caught.value)


@kernel("4.17", "kprobe", config="CONFIG_KPROBES")
def test_unknown_system_call_names_the_nearest(tmp_path: pathlib.Path) -> None:
    """ksyscall takes the bare name of a system call."""
    error = own_refusal(tmp_path, "ksyscall/getpgidd")
    if isinstance(error, tinybpf.BpfNotSupportedError):
        raise error
    assert "no system call 'getpgidd'\n  nearest: 'getpgid'" in str(error)


@pytest.fixture
def binary() -> pathlib.Path:
    """Return a program with symbols."""
    return host.directory_from("TINYBPF_BUILD") / "kernel_ids"


def test_unknown_symbol_names_the_nearest(
    hooks: tinybpf.BpfObject, binary: pathlib.Path
) -> None:
    """A misspelt function of a binary: the nearest of its symbol tables."""
    said = refusal(hooks.program("on_uprobe"), "uprobe", binary, func_name="mian")
    assert said.endswith(f"failed: '{binary}' has no function 'mian'\n  nearest: 'main'")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("demo:reqeust", "has no probe 'demo:reqeust'\n  nearest: 'demo:request'"),
        ("none:to_find", "has no probe 'none:to_find'\n  it has: demo:request"),
    ],
)
@kernel("5.15", "uprobe", config="CONFIG_UPROBES")
def test_unknown_probe_names_those_that_there_are(
    bpf: Find, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, wrong: str, said: str
) -> None:
    """A misspelt USDT probe: the nearest of the file's notes, or all of them."""
    monkeypatch.chdir(tmp_path)
    pathlib.Path("probed").write_bytes(elf.probed())
    data = bpf("usdt").read_bytes().replace(b"demo:request", wrong.encode())
    pathlib.Path("one.bpf.o").write_bytes(data)
    with tinybpf.load("one.bpf.o", autoload=["on_request"]) as obj:
        with pytest.raises(tinybpf.BpfError) as caught:
            obj.attach()
    assert f"failed: './probed' {said}" in str(caught.value)


@kernel("6.6", "uprobe.multi", config="CONFIG_UPROBES")
def test_pattern_of_no_function_names_the_nearest(
    bpf: Find, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern that fits nothing: the nearest beginning of a function's name."""
    monkeypatch.chdir(tmp_path)
    pathlib.Path("probed").write_bytes(elf.probed())
    data = bpf("usdt").read_bytes().replace(b"probed:work_", b"probed:wrok_")
    pathlib.Path("one.bpf.o").write_bytes(data)
    with tinybpf.load("one.bpf.o", autoload=["on_work"]) as obj:
        with pytest.raises(tinybpf.BpfError) as caught:
            obj.attach()
    wanted = "'./probed' has no function that fits 'wrok_*'\n  nearest: 'work_*'"
    assert wanted in str(caught.value)


def test_tracepoint_without_a_category_says_which(tmp_path: pathlib.Path) -> None:
    """SEC("tracepoint/sched_switch"): the category that has a tracepoint of that name."""
    said = str(own_refusal(tmp_path, "tracepoint/sched_switch"))
    assert "a tracepoint has a category and a name" in said
    assert 'SEC("tracepoint/sched/sched_switch")' in said
    assert "CATEGORY/NAME" in str(own_refusal(tmp_path, "tracepoint/no_such_name"))


def test_unknown_binary_names_the_nearest(
    hooks: tinybpf.BpfObject, binary: pathlib.Path
) -> None:
    """A misspelt file name: the nearest of its folder."""
    wrong = binary.with_name("kernel_isd")
    said = refusal(hooks.program("on_uprobe"), "uprobe", wrong, func_name="main")
    assert said.endswith(f"failed: there is no file '{wrong}'\n  nearest: '{binary}'")


def test_path_says_how_far_it_goes(hooks: tinybpf.BpfObject, tmp_path: pathlib.Path) -> None:
    """Where a whole folder is missing, the last one that is there is named."""
    said = refusal(hooks.program("on_uprobe"), "uprobe", tmp_path / "a" / "b")
    assert f"there is no file '{tmp_path}/a/b'; '{tmp_path}' is as far as it goes" in said


BINARIES = {
    "no program": ("no_such_program_at_all", "in PATH, nor in /usr/bin or /usr/sbin"),
    "no library": ("libnothing.so.9", "in LD_LIBRARY_PATH, nor in the system's folders"),
    "directory": (FOLDER, f"'{FOLDER}' is a directory"),
    "text": (TEXT, f"'{TEXT}' is no 64-bit ELF file"),
    "stripped": (SETPRIV, f"'{SETPRIV}' names no functions"),
}


@pytest.mark.parametrize(("path", "words"), BINARIES.values(), ids=BINARIES.keys())
def test_binary_that_cannot_be_probed_says_why(
    hooks: tinybpf.BpfObject, path: str, words: str
) -> None:
    """A binary that is not there, is none, or has no symbols."""
    assert words in refusal(hooks.program("on_uprobe"), "uprobe", path, func_name="main")


def test_unknown_process_is_named(hooks: tinybpf.BpfObject, binary: pathlib.Path) -> None:
    """A pid that no process has."""
    pid = traffic.Trigger().cookie
    said = refusal(hooks.program("on_uprobe"), "uprobe", binary, 0, pid)
    assert f"there is no process {pid}" in said


def test_damaged_binary_is_no_crash(hooks: tinybpf.BpfObject, tmp_path: pathlib.Path) -> None:
    """The symbol tables of a file are not believed: it may be cut anywhere."""
    whole = elf.minimal(machine=elf.EM_X86_64)
    path = tmp_path / "cut"
    for end in range(1, len(whole), 7):
        path.write_bytes(whole[:end])
        refusal(hooks.program("on_uprobe"), "uprobe", path, func_name="no_such_function")


def test_unknown_interface_names_the_nearest(hooks: tinybpf.BpfObject) -> None:
    """A misspelt interface, and an index that none has."""
    said = refusal(hooks.program("on_xdp"), "xdp", "lo0")
    assert said.endswith("no interface 'lo0' in this network namespace\n  nearest: 'lo'")
    assert "no interface of index 2147483647" in refusal(
        hooks.program("on_xdp"), "xdp", 2**31 - 1
    )


@kernel("5.9", "XDP link")
def test_interface_that_is_taken_says_so(hooks: tinybpf.BpfObject) -> None:
    """A second XDP program on an interface learns that there is one."""
    with hooks.program("on_xdp").attach_xdp(socket.if_nametoindex("lo")):
        said = refusal(hooks.program("on_xdp"), "xdp", "lo")
    assert "another program is attached there" in said


@pytest.fixture
def cgroup() -> Iterator[pathlib.Path]:
    """Return an empty cgroup of the test's own."""
    path = UNIFIED / f"tinybpf-target-{os.getpid()}"
    path.mkdir()
    yield path
    path.rmdir()


def test_unknown_cgroup_names_the_nearest(
    hooks: tinybpf.BpfObject, cgroup: pathlib.Path
) -> None:
    """A misspelt cgroup: the nearest beside it."""
    wrong = cgroup.with_name(cgroup.name.replace("target", "traget"))
    said = refusal(hooks.program("on_cgroup"), "cgroup", wrong)
    assert said.endswith(f"there is no cgroup '{wrong}'\n  nearest: '{cgroup}'")


@pytest.mark.parametrize("path", [FOLDER, "/proc", TEXT], ids=["folder", "proc", "file"])
def test_path_that_is_no_cgroup_says_where_they_are(
    hooks: tinybpf.BpfObject, path: str
) -> None:
    """Anything else than a cgroup: where cgroup v2 is mounted."""
    said = refusal(hooks.program("on_cgroup"), "cgroup", path)
    assert said.endswith(f"'{path}' is no cgroup\n  cgroup v2 is mounted at '{UNIFIED}'")


def test_descriptor_that_is_no_cgroup_says_so(hooks: tinybpf.BpfObject) -> None:
    """The same for a descriptor, open or not."""
    with open("/proc/self/status") as file:
        fd = file.fileno()
        assert "the descriptor is no cgroup" in refusal(
            hooks.program("on_cgroup"), "cgroup", fd
        )
    assert f"descriptor {fd} is not open" in refusal(hooks.program("on_cgroup"), "cgroup", fd)


def test_cgroup_of_version_1_says_so(hooks: tinybpf.BpfObject) -> None:
    """A cgroup of version 1, where there is one, is told from no cgroup at all."""
    old = UNIFIED.parent / "cpu"
    if UNIFIED.name == "unified" and old.is_dir():
        said = refusal(hooks.program("on_cgroup"), "cgroup", old)
        assert "is a cgroup of version 1, and programs attach to version 2" in said
    else:
        assert "is no cgroup" in refusal(hooks.program("on_cgroup"), "cgroup", "/")


@pytest.mark.parametrize(
    ("program", "kind", "args", "types"),
    [
        ("on_xdp", "cgroup", (UNIFIED,), "cgroup_skb, "),
        ("on_xdp", "kprobe", ("vfs_read",), "kprobe"),
        ("on_xdp", "tracepoint", ("sched", "sched_switch"), "tracepoint"),
        ("on_cgroup", "xdp", ("lo",), "xdp"),
        ("on_tracepoint", "raw_tracepoint", ("sys_enter",), "raw_tracepoint"),
        ("on_tracepoint", "uprobe", (SETPRIV,), "kprobe"),
    ],
)
def test_program_of_a_wrong_type_is_refused(
    hooks: tinybpf.BpfObject, program: str, kind: str, args: Any, types: str
) -> None:
    """A hook says which types of program it takes before anything reaches the kernel."""
    found = hooks.program(program)
    said = refusal(found, kind, *args)
    assert f"it is of type {found.type.name.lower()} (section '{found.section}')" in said
    assert f"there go programs of type {types}" in said
