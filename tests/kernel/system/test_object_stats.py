# SPDX-License-Identifier: MIT
"""obj.stats(): what was counted, and what was not seen."""

import dataclasses
import os
import pickle
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Load


def test_programs_are_counted_while_stats_are_on(load: Load) -> None:
    """Runs and their time; None where nothing was counted."""
    obj = load("run")
    assert {p.name for p in obj.stats().programs} == set(obj.programs)
    with tinybpf.enable_stats():
        obj.programs["on_packet"].test_run(bytes(64), repeat=10)
        stats = {p.name: p for p in obj.stats().programs}
    assert stats["on_packet"].run_cnt == 10
    assert (stats["on_packet"].run_time_ns or 0) > 0
    assert stats["on_words"].run_cnt is None


@kernel("5.12", "recursion misses")
def test_recursion_misses_are_a_number(load: Load) -> None:
    """A program that never met itself has none."""
    obj = load("run")
    assert [p.recursion_misses for p in obj.stats().programs] == [0, 0, 0]


def test_ring_that_is_read_has_its_readers_accounts(load: Load) -> None:
    """They are those of the reader's own stats(), also of several rings in one."""
    obj = load("dropped")
    names = [n for n, m in obj.maps.items() if m.type == tinybpf.BpfMapType.RINGBUF]
    assert names
    assert set(obj.stats().rings) >= set(names)
    with tinybpf.BpfRingBuffer(obj.maps[names[0]]) as ring:
        assert obj.stats().rings[names[0]] == ring.stats()
    assert obj.stats().rings[names[0]].records == 0


def test_drops_are_told_of_a_ring_that_nobody_reads(load: Load) -> None:
    """The program's own counter speaks, where it has one."""
    with_counter = load("dropped").stats().rings
    assert 0 in {ring.lost for ring in with_counter.values()}
    without = load("ring").stats().rings
    assert without
    assert {ring.lost for ring in without.values()} == {None}
    assert "lost=unknown" in str(load("ring").stats())


def test_links_are_there_while_they_are_attached(load: Load) -> None:
    """With program and target; those of which the kernel tells no misses have None."""
    obj = load("typed")
    with obj.attach():
        (link,) = obj.stats().links
        assert (link.program, link.missed) == ("produce", None)
        assert "getpgid" in link.target
    assert obj.stats().links == ()


@kernel("6.7", "kprobe", config="CONFIG_KPROBES")
def test_missed_hits_of_a_kprobe_are_a_number(load: Load) -> None:
    """A kernel that tells them says 0 of a probe that nothing disturbed."""
    obj = load("kprobe")
    program = next(iter(obj.programs.values()))
    with program.attach():
        (link,) = obj.stats().links
        assert link.missed == 0


@kernel("6.7", "kprobe", config="CONFIG_KPROBES")
def test_hits_inside_of_a_probe_are_counted(load: Load) -> None:
    """A kprobe in what another one's program calls misses each of these hits."""
    obj = load("missed")
    with obj.attach():
        for _ in range(100):
            os.getpgid(0)
        missed = {link.program: link.missed for link in obj.stats().links}
        ran = obj.bss.outer
    assert ran >= 100
    assert (missed["on_comm"] or 0) >= 100


def test_stats_are_a_value_that_reads_well(load: Load) -> None:
    """Frozen, comparable, to be pickled; a line each when printed."""
    obj = load("dropped")
    stats: Any = obj.stats()
    assert type(obj.stats()) is tinybpf.ObjectStats
    assert pickle.loads(pickle.dumps(stats)) == stats == obj.stats()
    with pytest.raises(dataclasses.FrozenInstanceError):
        stats.links = ()
    lines = str(stats).splitlines()
    assert len(lines) == len(stats.programs) + len(stats.rings) + len(stats.links)
    assert lines[0].startswith(
        f"program {stats.programs[0].name}: runs=unknown time_ns=unknown"
    )


def test_stats_of_what_is_not_loaded_say_so(load: Load, bpf: Any) -> None:
    """Closed, or only opened: an error."""
    obj = load("run")
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError):
        obj.stats()
    with tinybpf.open(bpf("run")) as opened, pytest.raises(tinybpf.BpfError, match="load"):
        opened.stats()
