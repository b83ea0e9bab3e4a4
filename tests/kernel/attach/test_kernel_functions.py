# SPDX-License-Identifier: MIT
"""Programs on functions of the kernel: probes, trampolines, security hooks.

Many kernels lack one of them, so each kind has its own object and test.
"""

import errno
import os
import pathlib

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find, Load


def load_for_us(load: Load, name: str) -> tinybpf.BpfObject:
    """Load an object whose programs look at this process only."""
    obj = load(name)
    obj.maps["target"][0] = os.getpid()
    return obj


def open_nothing(tmp_path: pathlib.Path, times: int) -> None:
    """Have the kernel refuse to open a file."""
    for _ in range(times):
        with pytest.raises(FileNotFoundError):
            os.open(tmp_path / "missing", os.O_RDONLY)


@kernel("4.1", "kprobe", config="CONFIG_KPROBES")
def test_kprobe_runs_where_the_function_begins(load: Load, tmp_path: pathlib.Path) -> None:
    """A kprobe program sees each call of the function of its section, until detached."""
    obj = load_for_us(load, "kprobe")
    with obj.program("on_open").attach() as link:
        assert link.fd >= 0
        open_nothing(tmp_path, 3)
    seen = obj.maps["hits"][0]
    assert seen >= 3
    open_nothing(tmp_path, 3)
    assert obj.maps["hits"][0] == seen


@kernel("4.1", "kprobe", config="CONFIG_KPROBES")
def test_kretprobe_runs_where_the_function_returns(load: Load, tmp_path: pathlib.Path) -> None:
    """A kretprobe program sees each return of the function of its section."""
    obj = load_for_us(load, "kprobe")
    with obj.program("on_return").attach():
        open_nothing(tmp_path, 3)
    assert obj.maps["hits"][1] >= 3


@kernel("4.17", "kprobe", config="CONFIG_KPROBES")
def test_ksyscall_runs_where_the_system_call_begins(bpf: Find) -> None:
    """A ksyscall program sees each call of the system call of its section, and no other."""
    with tinybpf.load(bpf("kprobe"), autoload=["on_syscall"]) as obj:
        obj.maps["target"][0] = us = os.getpid()
        with obj.program("on_syscall").attach() as link:
            assert "getpgid" in repr(link)
            for _ in range(3):
                os.getpgid(us)
            os.getsid(us)
        os.getpgid(us)
        assert obj.maps["hits"][2] == 3


@kernel("5.5", "fentry", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_fentry_runs_where_the_function_begins(load: Load, tmp_path: pathlib.Path) -> None:
    """An fentry program sees each call of the function of its section, until detached."""
    obj = load_for_us(load, "fentry")
    with obj.program("on_open").attach() as link:
        assert link.fd >= 0
        open_nothing(tmp_path, 3)
    seen = obj.maps["hits"][0]
    assert seen >= 3
    open_nothing(tmp_path, 3)
    assert obj.maps["hits"][0] == seen


@kernel("5.5", "fentry", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_fexit_sees_what_the_function_returns(load: Load, tmp_path: pathlib.Path) -> None:
    """An fexit program can read the returned value behind the arguments."""
    obj = load_for_us(load, "fentry")
    with obj.program("on_return").attach():
        open_nothing(tmp_path, 3)
        returned = obj.maps["hits"][2] % 2**32  # 7.x returns an int
        assert returned == 2**32 - errno.ENOENT
    assert obj.maps["hits"][1] >= 3


@kernel("7.0", "fsession", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_fsession_runs_at_both_ends(load: Load, tmp_path: pathlib.Path) -> None:
    """An fsession program sees the begin and the return of each call, and tells them
    apart; where functions return it finds what it kept where they begin."""
    obj = load_for_us(load, "fsession")
    with obj.program("at_both").attach_trace() as link:
        assert "fsession:do_sys_openat2, fd=" in repr(link)
        open_nothing(tmp_path, 3)
        begun, returned = obj.maps["hits"][0], obj.maps["hits"][1]
    assert begun >= 3
    assert returned == begun
    open_nothing(tmp_path, 3)
    assert obj.maps["hits"][0] == begun


@kernel("5.7", "fmod_ret", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_fmod_ret_answers_in_place_of_the_function(bpf: Find) -> None:
    """What an fmod_ret program returns is the function's answer, until it is detached."""
    us = os.getpid()
    before = os.getpgid(us)
    with tinybpf.load(bpf("lsm"), autoload=["in_place"]) as obj:
        obj.maps["target"][0] = us
        with obj.program("in_place").attach_trace() as link:
            assert "fmod_ret:security_task_getpgid, fd=" in repr(link)
            with pytest.raises(PermissionError):
                os.getpgid(us)
        assert os.getpgid(us) == before
        assert obj.maps["hits"][1] == 1


@kernel("5.7", "lsm", config="CONFIG_BPF_LSM and bpf among the LSMs")
def test_lsm_program_decides(load: Load) -> None:
    """An LSM program refuses what the process asks the kernel for, until detached."""
    obj = load_for_us(load, "lsm")
    us = os.getpid()  # 0 would be asked without the hook
    before = os.getpgid(us)
    with obj.program("on_getpgid").attach():
        with pytest.raises(PermissionError):
            os.getpgid(us)
    assert obj.maps["hits"][0] == 1
    assert os.getpgid(us) == before
