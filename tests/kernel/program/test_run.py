# SPDX-License-Identifier: MIT
"""test_run(): a program runs in the kernel without its hook."""

import pathlib
import struct

import pytest

import tinybpf
from support import elf
from support.gating import kernel
from support.objects import Load

XDP_DROP, XDP_PASS, XDP_TX = 1, 2, 3
PACKET = bytes(range(64))


@pytest.fixture
def hooks(load: Load) -> tinybpf.BpfObject:
    """Return the object with a program of each kind."""
    return load("hooks")


@pytest.fixture
def programs(load: Load) -> tinybpf.ProgramCollection:
    """Return the programs of run.bpf.c."""
    return load("run").programs


def test_run_returns_verdict_and_packet(programs: tinybpf.ProgramCollection) -> None:
    """The verdict and the packet as the program left it come back."""
    out = programs["on_packet"].test_run(PACKET)
    assert out.retval == XDP_TX
    assert out.data == PACKET[:20]
    assert out.ctx is None


def test_run_of_a_packet_to_drop(programs: tinybpf.ProgramCollection) -> None:
    """A program that does nothing to the packet gives it back whole."""
    out = programs["on_packet"].test_run(data=bytearray(PACKET[:16]))
    assert (out.retval, out.data) == (XDP_DROP, PACKET[:16])


def test_run_repeats(hooks: tinybpf.BpfObject) -> None:
    """repeat runs the program that often, and duration_ns is the time of one run."""
    out = hooks.program("on_xdp").test_run(PACKET, repeat=1000)
    assert out.retval == XDP_PASS
    assert hooks.maps["hits"][6] == 1000
    assert 0 <= out.duration_ns < 10**9


def test_run_of_a_tracing_program_takes_no_packet(hooks: tinybpf.BpfObject) -> None:
    """A raw tracepoint program runs on its context, here of no arguments."""
    out = hooks.program("on_raw_tracepoint").test_run(ctx=bytes(16))
    assert out.retval == 0
    assert out.data is None
    assert hooks.maps["hits"][3] == 1


@kernel("5.14", "syscall program")
def test_run_of_a_syscall_program_gives_its_context_back(
    programs: tinybpf.ProgramCollection,
) -> None:
    """What a syscall program writes into its context comes back, the caller's stays."""
    given = struct.pack("=3Q", 40, 2, 0)
    out = programs["on_call"].test_run(ctx=given)
    assert out.retval == 7
    assert out.ctx == struct.pack("=3Q", 40, 2, 42)
    assert given[16:] == bytes(8)


def test_result_is_a_named_tuple(programs: tinybpf.ProgramCollection) -> None:
    """TestRun unpacks in the order of its fields and prints them."""
    out = programs["on_packet"].test_run(PACKET)
    retval, data, ctx, duration_ns = out
    assert (retval, data, ctx) == (XDP_TX, PACKET[:20], None)
    assert duration_ns == out.duration_ns
    assert type(out) is tinybpf.TestRun
    assert "retval=3" in repr(out)


def test_run_of_a_type_that_cannot_says_so(hooks: tinybpf.BpfObject) -> None:
    """A type that only runs on its hook is BpfNotSupportedError, and names the program."""
    with pytest.raises(tinybpf.BpfNotSupportedError, match=r"'on_tracepoint'.*without"):
        hooks.program("on_tracepoint").test_run()


@pytest.mark.parametrize("data", [None, b"", bytes(13)], ids=["none", "empty", "short"])
def test_run_without_a_whole_packet_says_what_is_needed(
    hooks: tinybpf.BpfObject, data: object
) -> None:
    """A networking program needs a packet of an Ethernet header at least."""
    with pytest.raises(tinybpf.BpfError, match="packet"):
        hooks.program("on_xdp").test_run(data)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [5, "text", object()])
def test_run_of_no_bytes_is_a_type_error(hooks: tinybpf.BpfObject, data: object) -> None:
    """data and ctx are bytes-like."""
    with pytest.raises(TypeError):
        hooks.program("on_xdp").test_run(data)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        hooks.program("on_xdp").test_run(ctx=data)  # type: ignore[arg-type]


def test_run_of_a_closed_object_says_closed(hooks: tinybpf.BpfObject) -> None:
    """A program of a closed object cannot run."""
    program = hooks.program("on_xdp")
    hooks.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        program.test_run(PACKET)


@pytest.mark.parametrize("section", ["tp_btf/sys_enter", "iter/task"])
def test_program_that_cannot_be_run_alone_says_so(tmp_path: pathlib.Path, section: str) -> None:
    """What is bound to BTF and to no function needs its hook: not a "Bad address"."""
    path = tmp_path / "one.bpf.o"
    path.write_bytes(elf.minimal(section=section).replace(b"MIT\0", b"GPL\0"))
    with tinybpf.load(path) as obj:
        with pytest.raises(tinybpf.BpfNotSupportedError, match="without their hook"):
            obj.program("entry").test_run()
