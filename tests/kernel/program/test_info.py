# SPDX-License-Identifier: MIT
"""What the kernel says of a program, and the statistics of its runs."""

import gc
import os
import pathlib
import pickle
import time

import pytest

import tinybpf
from support import elf, privilege, traffic
from support.gating import kernel
from support.objects import Find, Load, fdinfo

PACKET = bytes(range(64))


def test_info_is_what_the_kernel_says(counts: tinybpf.BpfObject) -> None:
    """Numbers, tag and map ids are those of the kernel's own text."""
    program = counts.programs["on_trigger"]
    info = program.info
    told = fdinfo(program.fd)
    assert info.id == int(told["prog_id"])
    assert info.tag == told["prog_tag"]
    assert info.run_cnt == int(told["run_cnt"])
    assert info.map_ids is not None
    assert counts.maps["counts"].id in info.map_ids
    assert set(info.map_ids) <= {m.id for m in counts.maps.values()}
    assert info.created_by_uid == os.getuid()
    assert info.gpl_compatible is True
    assert info.xlated_size == len(program.xlated()) > 0
    assert info.jited_size == len(program.jited())
    assert info.btf_id
    assert info.load_time is not None
    assert 0 < info.load_time <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert (info.ifindex, info.attach_btf_id) == (0, 0)
    assert pickle.loads(pickle.dumps(info)) == info


@kernel("5.16", "verified instructions")
def test_info_counts_what_the_verifier_saw(counts: tinybpf.BpfObject) -> None:
    """At least each instruction was looked at."""
    info = counts.programs["on_trigger"].info
    assert info.verified_insns is not None
    assert info.xlated_size is not None
    assert info.verified_insns > 0


def test_info_equals_what_a_program_says_of_itself(counts: tinybpf.BpfObject) -> None:
    """What the kernel adds takes no part in comparisons."""
    program = counts.programs["on_trigger"]
    bare = tinybpf.ProgramInfo(program.name, program.section, program.type)
    assert bare == program.info
    assert hash(bare) == hash(program.info)
    assert bare.id is None


def test_info_of_a_program_that_is_not_loaded(bpf: Find) -> None:
    """It has what the file says, and None for the rest; the id says what to do."""
    with tinybpf.open(bpf("counts")) as obj:
        program = obj.programs["on_trigger"]
        assert program.info.name == "on_trigger"
        assert program.info.id is None
        with pytest.raises(tinybpf.BpfError, match="not loaded yet"):
            program.id  # noqa: B018
        obj.programs["on_trigger"].autoload = False
        obj.load()
        assert program.info.tag is None
        for use in (lambda: program.id, program.xlated, program.lines):
            with pytest.raises(tinybpf.BpfError, match="autoload is False"):
                use()


@kernel("5.17", "tp_btf with its BTF told", config="CONFIG_DEBUG_INFO_BTF")
def test_info_of_a_btf_bound_program_names_its_type(load: Load) -> None:
    """The BTF and the type that a tp_btf program was made for are there."""
    info = load("btf_hook").programs["on_enter"].info
    assert info.attach_btf_obj_id
    assert info.attach_btf_id


def test_lines_are_those_of_the_source(counts: tinybpf.BpfObject) -> None:
    """Each line is that of the file, in the order of instructions."""
    lines = counts.programs["on_trigger"].lines()
    assert lines
    assert all(type(line) is tinybpf.ProgramLine for line in lines)
    assert [line.insn for line in lines] == sorted(line.insn for line in lines)
    assert lines[0].insn == 0
    own = [line for line in lines if line.file.endswith("counts.bpf.c")]
    assert own
    written = [line for line in own if line.line > 0]  # clang's own have the line 0
    assert any("counts" in line.text for line in written)


def test_lines_have_the_addresses_of_their_code(counts: tinybpf.BpfObject) -> None:
    """They rise with the instructions, and the kernel names the program at each."""
    lines = counts.programs["on_trigger"].lines()
    addresses = [line.address for line in lines if line.address is not None]
    assert len(addresses) == len(lines)
    assert addresses == sorted(addresses)
    names = {symbol.name for symbol in tinybpf.Symbols().kernel(addresses)}
    assert len(names) == 1
    assert str(names.pop()).endswith("_on_trigger")


def test_lines_without_btf_are_none(load: Load, tmp_path: pathlib.Path) -> None:
    """A program without line information has no lines."""
    path = tmp_path / "bare.bpf.o"
    path.write_bytes(elf.minimal(section="xdp"))
    with tinybpf.load(path) as obj:
        assert obj.programs["entry"].lines() == []


def test_statistics_count_runs(counts: tinybpf.BpfObject, trigger: traffic.Trigger) -> None:
    """Runs are counted for as long as the statistics are on, and no longer."""
    trigger.arm(counts)
    program = counts.programs["on_trigger"]
    with program.attach():
        before = program.info.run_cnt
        with tinybpf.enable_stats() as stats:
            assert stats.fd > 2
            for _ in range(5):
                trigger.fire()
            counted = program.info
        trigger.fire()
    assert before is not None
    assert counted.run_cnt is not None
    assert counted.run_time_ns is not None
    assert counted.run_cnt >= before + 5
    assert counted.run_time_ns > 0
    assert stats.fd == -1


def test_statistics_of_two_do_not_end_each_other(load: Load) -> None:
    """The kernel counts until the last descriptor is closed."""
    program = load("run").programs["on_packet"]
    with tinybpf.enable_stats():
        tinybpf.enable_stats().close()
        program.test_run(PACKET, repeat=3)
        assert program.info.run_cnt == 3


def test_statistics_closed_and_dropped() -> None:
    """close() may be repeated, a closed one is not entered, a dropped one warns."""
    stats = tinybpf.enable_stats()
    assert repr(stats) == f"<BpfStats fd={stats.fd}>"
    stats.close()
    stats.close()
    assert repr(stats) == "<BpfStats closed>"
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        stats.__enter__()
    with pytest.raises(TypeError):
        tinybpf.BpfStats()
    with pytest.warns(ResourceWarning, match="unclosed <BpfStats"):
        tinybpf.enable_stats()
        gc.collect()


def test_statistics_without_privilege_name_the_capability() -> None:
    """EPERM says that it takes CAP_SYS_ADMIN."""
    told = privilege.attempt(["bpf"], "attempt(tinybpf.enable_stats)")
    assert "counting the runs of programs needs CAP_SYS_ADMIN" in told
