# SPDX-License-Identifier: MIT
"""test_run(): a program runs in the kernel without its hook."""

import pathlib
import struct
from typing import Any

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
def test_run_of_a_syscall_program_gives_its_context_back(load: Load) -> None:
    """What a syscall program writes into its context comes back, the caller's stays."""
    given = struct.pack("=3Q", 40, 2, 0)
    out = load("call").programs["on_call"].test_run(ctx=given)
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


@kernel("6.1", "refusal of no packet in test_run()")
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


UNATTACHED = {
    "lwt_in": "ip route add ... encap bpf",
    "lwt_out": "ip route add ... encap bpf",
    "lwt_xmit": "ip route add ... encap bpf",
    "action": "tc actions add bpf object-pinned",
    "syscall": "run it by test_run()",
}


@pytest.mark.parametrize(
    ("section", "advice"),
    [
        pytest.param(
            *(section, advice),
            id=section,
            marks=[
                pytest.mark.runs(section),
                *([kernel("5.14", "syscall program")] if section == "syscall" else []),
            ],
        )
        for section, advice in UNATTACHED.items()
    ],
)
def test_program_that_nothing_here_attaches_is_run(
    tmp_path: pathlib.Path, section: str, advice: str
) -> None:
    """It runs by itself, and attach() says what to do with it."""
    path = tmp_path / "one.bpf.o"
    path.write_bytes(elf.minimal(section=section))
    given: Any = {"ctx": bytes(8)} if section == "syscall" else {"data": PACKET}
    with tinybpf.load(path) as obj:
        program = obj.program("entry")
        assert program.test_run(**given).retval == 0
        with pytest.raises(tinybpf.BpfError) as caught:
            program.attach()
    assert f'programs of SEC("{section}") are not attached' in str(caught.value)
    assert advice in str(caught.value)


def test_context_is_made_of_a_dict(programs: tinybpf.ProgramCollection) -> None:
    """Fields by name, as the type of the program's parameter has them; a Record is back."""
    out = programs["on_skb"].test_run(PACKET, ctx={"mark": 41})
    assert isinstance(out.ctx, tinybpf.Record)
    assert out.ctx.mark == 42
    again = programs["on_skb"].test_run(PACKET, ctx=out.ctx._replace(mark=1))
    assert isinstance(again.ctx, tinybpf.Record)
    assert again.ctx.mark == 2


@kernel("5.14", "syscall program")
def test_context_of_a_type_of_the_programs_own(load: Load) -> None:
    """A dict, a tuple and a Record of the object's types are the same context."""
    obj = load("call")
    for ctx in ({"a": 1, "b": 2}, (1, 2, 0), obj.types.call(a=1, b=2)):
        out = obj.programs["on_call"].test_run(ctx=ctx)
        assert isinstance(out.ctx, tinybpf.Record)
        assert (out.retval, out.ctx.sum) == (7, 3)
        assert out.ctx == struct.pack("=3Q", 1, 2, 3)


@kernel("5.10", "run of a raw tracepoint")
def test_context_of_words(programs: tinybpf.ProgramCollection) -> None:
    """What a raw tracepoint is given is a sequence of numbers, negative ones too."""
    program = programs["on_words"]
    assert program.test_run(ctx=[40, 2]).retval == 42
    assert program.test_run(ctx=(44, -2)).retval == 42
    assert program.test_run(ctx=range(2), cpu=0).retval == 1


@pytest.mark.parametrize(
    ("name", "ctx", "error"),
    [
        ("on_skb", {"marc": 1}, "marc"),
        ("on_skb", {"mark": "red"}, "Context field 'mark'"),
        ("on_skb", {"mark": 2**32}, "Context field 'mark'"),
        ("on_words", ["one"], "int"),
        ("on_words", {"a", "b"}, "int"),
        ("on_words", 5, "iterable"),
    ],
)
def test_context_that_cannot_be_made(
    programs: tinybpf.ProgramCollection, name: str, ctx: object, error: str
) -> None:
    """The field and what is wrong with it are named, nothing runs."""
    with pytest.raises((TypeError, ValueError), match=error):
        programs[name].test_run(PACKET, ctx=ctx)  # type: ignore[arg-type]


def test_context_of_an_unknown_type(hooks: tinybpf.BpfObject) -> None:
    """Where the parameter is void *, the context is bytes."""
    with pytest.raises(TypeError, match="BTF does not say"):
        hooks.program("on_raw_tracepoint").test_run(ctx={"a": 1})


@kernel("5.10", "run of a raw tracepoint")
def test_run_on_a_cpu_that_is_not_there(programs: tinybpf.ProgramCollection) -> None:
    """The number is named, whether the kernel knows it or not."""
    with pytest.raises(tinybpf.BpfError, match="CPU 100000 is not there"):
        programs["on_words"].test_run(ctx=[1, 2], cpu=100000)
    with pytest.raises(ValueError, match="cpu"):
        programs["on_words"].test_run(ctx=[1, 2], cpu=-1)


@pytest.mark.parametrize("name", ["repeat", "flags", "batch_size", "cpu"])
def test_number_out_of_range_is_a_value_error(
    programs: tinybpf.ProgramCollection, name: str
) -> None:
    """What the kernel would read as another number, such as 4 billion runs, is refused."""
    wrong: list[Any] = [-1, 2**32]
    for number in wrong:
        with pytest.raises(ValueError, match=f"{name} is out of range"):
            programs["on_packet"].test_run(PACKET, **{name: number})
    text: dict[str, Any] = {name: "1"}
    with pytest.raises(TypeError):
        programs["on_packet"].test_run(PACKET, **text)


@pytest.mark.parametrize(
    ("name", "options", "advice"),
    [
        ("on_words", {"ctx": [1, 2], "repeat": 2}, "take no repeat"),
        ("on_words", {"data": PACKET, "ctx": [1, 2]}, "take no packet"),
        ("on_words", {"ctx": [1]}, "ctx is shorter"),
        ("on_skb", {"data": PACKET, "live_frames": True}, "live frames are for xdp"),
        ("on_packet", {"data": PACKET, "cpu": 0}, "cpu is for tracing"),
        ("on_packet", {"data": PACKET, "batch_size": 3}, "batch_size for live frames"),
    ],
)
@kernel("5.18", "run of live frames")
def test_run_that_is_not_for_the_type(
    programs: tinybpf.ProgramCollection, name: str, options: dict[str, Any], advice: str
) -> None:
    """EINVAL says what does not fit."""
    with pytest.raises(tinybpf.BpfError, match=advice):
        programs[name].test_run(**options)


@kernel("5.18", "run of live frames")
def test_live_frames_run_in_batches(hooks: tinybpf.BpfObject) -> None:
    """Each frame runs the program, and goes where its verdict says: up the stack here."""
    out = hooks.program("on_xdp").test_run(PACKET, repeat=100, batch_size=10, live_frames=True)
    assert out.retval == 0
    assert hooks.maps["hits"][6] == 100
