# SPDX-License-Identifier: MIT
"""References of programs: nothing stays behind, whether it works or is refused."""

import pytest

import tinybpf
from support.objects import Load
from support.references import Table, Use, each

PACKET = bytes(range(64))
FOREVER = 2**32 - 1

TABLE: Table = {
    "by id": Use(lambda p: tinybpf.BpfProgram.from_id(p["on_packet"].id).close()),
    "by no id": Use(lambda p: tinybpf.BpfProgram.from_id(FOREVER), tinybpf.BpfError),
    "by descriptor": Use(lambda p: tinybpf.BpfProgram.from_fd(p["on_packet"].fd).close()),
    "by no descriptor": Use(lambda p: tinybpf.BpfProgram.from_fd(2**20), OSError),
    "info": Use(lambda p: p["on_packet"].info),
    "xlated": Use(lambda p: p["on_packet"].xlated()),
    "jited": Use(lambda p: p["on_packet"].jited()),
    "lines": Use(lambda p: p["on_packet"].lines()),
    "statistics": Use(lambda p: tinybpf.enable_stats().close()),
    "no pin": Use(lambda p: tinybpf.open_pinned_program("/sys/fs/bpf/-"), FileNotFoundError),
    "pin elsewhere": Use(lambda p: p["on_packet"].pin("/tmp/packet"), tinybpf.BpfError),
    "run": Use(lambda p: p["on_packet"].test_run(PACKET)),
    "run of a dict": Use(lambda p: p["on_skb"].test_run(PACKET, ctx={"mark": 1})),
    "run of words": Use(lambda p: p["on_words"].test_run(ctx=[1, 2])),
    "run of no context": Use(lambda p: p["on_skb"].test_run(PACKET, ctx={"x": 1}), TypeError),
    "run of no word": Use(lambda p: p["on_words"].test_run(ctx=[1, None]), TypeError),
    "run of no packet": Use(lambda p: p["on_skb"].test_run(), tinybpf.BpfError),
    "run of no bytes": Use(lambda p: p["on_packet"].test_run(5), TypeError),
    "run on no CPU": Use(lambda p: p["on_words"].test_run(ctx=[1, 2], cpu=-1), ValueError),
}


@pytest.fixture
def programs(load: Load) -> tinybpf.ProgramCollection:
    """Return programs that can be run."""
    return load("run").programs


@each(TABLE)
def test_programs_leave_nothing(programs: tinybpf.ProgramCollection, use: Use) -> None:
    """Each use gives back what it took."""
    use.check(programs)
