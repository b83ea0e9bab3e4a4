# SPDX-License-Identifier: MIT
"""Tracepoints with cookies: by category, raw, and typed by BTF."""

import errno
import os

import pytest

import tinybpf
from support import traffic
from support.gating import kernel
from support.objects import Find


@kernel("5.15", "cookie of a tracepoint")
def test_tracepoint_has_a_cookie(bpf: Find) -> None:
    """cookie= reaches the program of a tracepoint."""
    with tinybpf.load(bpf("probes"), autoload=["on_tracepoint"]) as obj:
        obj.maps["target"][0] = os.getpid()
        with obj.program("on_tracepoint").attach_tracepoint(
            "syscalls", "sys_enter_getpgid", cookie=2**64 - 1
        ):
            traffic.Trigger().fire(2)
        traffic.Trigger().fire(2)
        seen = obj.maps["seen"][3]
        assert (seen.count, seen.cookie) == (2, 2**64 - 1)


@kernel("6.10", "cookie of a raw tracepoint")
def test_raw_tracepoints_have_cookies(bpf: Find) -> None:
    """So it does those of a raw tracepoint, with its name given or in the section."""
    with tinybpf.load(bpf("cookies"), autoload=["on_raw", "on_typed"]) as obj:
        obj.maps["target"][0] = os.getpid()
        raw, typed = obj.program("on_raw"), obj.program("on_typed")
        with raw.attach_raw_tracepoint("sys_enter", cookie=5):
            os.getppid()
        assert obj.maps["seen"][0] == 5
        with raw.attach(cookie=6) as link, typed.attach_trace(cookie=7) as other:
            assert "raw_tracepoint:sys_enter" in repr(link)
            assert "tp_btf:sys_enter" in repr(other)
            os.getppid()
        assert list(obj.maps["seen"].values())[:2] == [6, 7]


@kernel("5.2", "writable raw tracepoint")
def test_writable_tracepoint_takes_what_is_written(bpf: Find) -> None:
    """A program of raw_tracepoint.w changes what the kernel goes on with, until it ends."""
    with tinybpf.load(bpf("writable")) as obj, tinybpf.load(bpf("run")) as other:
        obj.maps["target"][0] = os.getpid()
        packet = other.programs["on_packet"]
        with obj.programs["spoil"].attach_raw_tracepoint("bpf_test_finish"):
            with pytest.raises(tinybpf.BpfError) as caught:
                packet.test_run(bytes(64))
            assert caught.value.errno == errno.EUCLEAN
        assert obj.maps["hits"][0] == 1
        packet.test_run(bytes(64))
        assert obj.maps["hits"][0] == 1


def test_cookie_of_an_old_kernel_says_since_when(bpf: Find) -> None:
    """Where raw tracepoints have none, the first kernel that has is named."""
    if tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 10):
        pytest.skip("this kernel has them")
    path = bpf("hooks")
    with tinybpf.load(path) as obj:
        with pytest.raises(tinybpf.BpfNotSupportedError, match=r"cookie.*since 6\.10"):
            obj.program("on_raw_tracepoint").attach_raw_tracepoint("sys_enter", cookie=1)
