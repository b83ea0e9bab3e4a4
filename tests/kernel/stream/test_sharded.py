# SPDX-License-Identifier: MIT
"""Sharded rings: one for each CPU, made by load(), read as one."""

import errno
import os
import resource
import struct
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import traffic
from support.objects import Find, Load, possible_cpus

ROOM = 4096 // (256 + 8)  # records that one ring has room for


@pytest.fixture
def obj(load: Load) -> Iterator[Any]:
    """Yield sharded.bpf.c, attached."""
    loaded = load("sharded")
    with loaded.attach():
        yield loaded


def write(obj: Any, trigger: traffic.Trigger, count: int, cpus: "list[int]") -> None:
    """Let the program write so many records on each CPU."""
    obj.maps["config"][0] = struct.pack("=QII", trigger.cookie, count, 0)
    before = os.sched_getaffinity(0)
    try:
        for cpu in cpus:
            os.sched_setaffinity(0, {cpu})
            trigger.fire()
    finally:
        os.sched_setaffinity(0, before)


def test_load_makes_a_ring_for_each_cpu(obj: Any) -> None:
    """Of the size that the C source says; an array without the tag is left alone."""
    events = obj.maps["events"]
    assert events.max_entries == possible_cpus()
    for cpu in range(possible_cpus()):
        inner = events[cpu]
        assert (inner.type, inner.max_entries) == (tinybpf.BpfMapType.RINGBUF, 4096)
    assert obj.maps["plain"].max_entries == 2
    assert list(obj.maps["plain"].values()) in ([], [None, None])


def test_rings_are_read_as_one(obj: Any, trigger: traffic.Trigger) -> None:
    """Records of all CPUs, each once, with the type that the array's tag says."""
    cpus = sorted(os.sched_getaffinity(0))
    with tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        assert repr(ring) == "<BpfRingBuffer map='events' iterator open>"
        write(obj, trigger, 5, cpus)
        events: list[Any] = ring.read()
        assert sorted(event.seq for event in events) == list(range(5 * len(cpus)))
        assert {event.cpu for event in events} == set(cpus)
        write(obj, trigger, 1, cpus[:1])
        assert next(ring.stream()).cpu == cpus[0]


def test_callbacks_get_them_too(obj: Any, trigger: traffic.Trigger) -> None:
    """And events() names the array."""
    cpus = sorted(os.sched_getaffinity(0))
    seen: list[Any] = []
    with tinybpf.BpfRingBuffer(obj.maps["events"], seen.append) as ring:
        write(obj, trigger, 3, cpus)
        assert ring.poll(1000) == len(seen) == 3 * len(cpus)


def test_losses_are_counted_once(obj: Any, trigger: traffic.Trigger) -> None:
    """The counter is the array's, and not that of each ring."""
    cpus = sorted(os.sched_getaffinity(0))
    with tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        write(obj, trigger, ROOM + 7, cpus)
        assert len(ring.read()) == ROOM * len(cpus)
        stats = ring.stats()
    assert stats.lost == 7 * len(cpus)
    assert stats.records == ROOM * len(cpus)


def test_sharded_rings_are_added_once(obj: Any) -> None:
    """As other maps."""
    with tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        with pytest.raises(tinybpf.BpfError, match="already added"):
            ring.add(obj.maps["events"])


def test_rings_are_added_all_or_none(obj: Any, trigger: traffic.Trigger) -> None:
    """Where descriptors run out in the middle, add() can be called again."""
    cpus = sorted(os.sched_getaffinity(0))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    refused: list[int] = []
    with tinybpf.BpfRingBuffer() as ring:
        lowest = os.open(os.devnull, os.O_RDONLY)  # the next to be given
        os.close(lowest)
        while repr(ring) == "<BpfRingBuffer (no maps) open>":
            resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + len(refused), hard))
            try:
                ring.add(obj.maps["events"])
            except tinybpf.BpfError as error:
                refused.append(error.errno or 0)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert set(refused) == {errno.EMFILE}
        assert len(refused) > possible_cpus()
        write(obj, trigger, 3, cpus)
        events: list[Any] = ring.read()
        assert sorted(event.seq for event in events) == list(range(3 * len(cpus)))


def test_array_that_nothing_was_put_into_is_refused(obj: Any) -> None:
    """There would be nothing to wait for."""
    for cpu in range(possible_cpus()):
        del obj.maps["events"][cpu]
    with pytest.raises(tinybpf.BpfError, match="no ring was put into it"):
        tinybpf.BpfRingBuffer(obj.maps["events"])


def test_array_without_the_tag_is_no_ring(obj: Any) -> None:
    """Nothing is meant by a mere type."""
    with pytest.raises(tinybpf.BpfError, match="expected RINGBUF"):
        tinybpf.BpfRingBuffer(obj.maps["plain"])


def test_prepared_object_has_its_rings(bpf: Find) -> None:
    """They are made with the maps; load() does not make them again."""
    with tinybpf.open(bpf("sharded")) as obj:
        obj.prepare()
        first = obj.maps["events"][0].info.id
        obj.load()
        assert obj.maps["events"][0].info.id == first


def test_rings_end_with_the_object(bpf: Find, trigger: traffic.Trigger) -> None:
    """What lies there is given; then the buffer has come to its end."""
    with tinybpf.load(bpf("sharded")) as obj, obj.attach():
        ring = tinybpf.BpfRingBuffer(obj.maps["events"])
        write(obj, trigger, 2, sorted(os.sched_getaffinity(0))[:1])
    with ring:
        assert len(ring.read()) == 2
        with pytest.raises(tinybpf.BpfClosedError):
            ring.read()
