# SPDX-License-Identifier: MIT
"""Writers at full speed on all CPUs: what is read and what is counted as lost is all."""

import collections
import contextlib
import os
import resource
import struct
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any, Callable, NamedTuple

import pytest

import tinybpf
from support import child, scale, traffic
from support.objects import Load

BURST = 64  # records of one trigger
TRIGGERS = scale.times(1000, least=300)
WRITER = """
import os, sys
from support import traffic
os.sched_setaffinity(0, {int(sys.argv[1])})
trigger = traffic.Trigger()
trigger.cookie = int(sys.argv[2])
trigger.fire(int(sys.argv[3]))
"""


class Flood:
    """The program of flood.bpf.c, and the processes that trigger it on each CPU."""

    def __init__(self, obj: tinybpf.BpfObject) -> None:
        self.obj = obj
        self.cpus = sorted(os.sched_getaffinity(0))
        self._trigger = traffic.Trigger()
        self._writers: list[subprocess.Popen[bytes]] = []

    def _set(self, to_perf: bool) -> None:
        self.obj.maps["config"][0] = struct.pack("=QII", self._trigger.cookie, BURST, to_perf)

    def start(self, to_perf: bool = False) -> None:
        """Let a process on each CPU write BURST records for each trigger."""
        self._set(to_perf)
        for cpu in self.cpus:
            words = child.command(WRITER, str(cpu), str(self._trigger.cookie), str(TRIGGERS))
            self._writers.append(subprocess.Popen(words, env=child.environment()))

    def fire(self, triggers: int, cpus: list[int], to_perf: bool = False) -> None:
        """Write BURST records for each trigger from this process, on each of those CPUs."""
        self._set(to_perf)
        before = os.sched_getaffinity(0)
        try:
            for cpu in cpus:
                os.sched_setaffinity(0, {cpu})
                self._trigger.fire(triggers)
        finally:
            os.sched_setaffinity(0, before)

    def is_running(self) -> bool:
        """Tell whether a process still writes; each must succeed."""
        codes = [writer.poll() for writer in self._writers]
        assert all(code in (None, 0) for code in codes)
        return None in codes

    def end(self) -> None:
        """End what runs."""
        for writer in self._writers:
            writer.kill()
            writer.wait()

    @property
    def written(self) -> list[int]:
        """Numbers of records that the program wrote, or tried to, on each possible CPU."""
        return [int(cpu.n) for cpu in self.obj.maps["cpus"].lookup_percpu(0) or []]


class Event(NamedTuple):
    """A record of struct event in flood.bpf.c."""

    seq: int
    begun: int
    prev_ended: int
    cpu: int


@pytest.fixture
def flood(load: Load) -> Iterator[Flood]:
    """Yield the attached program."""
    obj = load("flood")
    with obj.attach(), contextlib.ExitStack() as stack:
        made = Flood(obj)
        stack.callback(made.end)
        yield made


def events(records: Iterable[bytes]) -> list[Event]:
    """Return records as events."""
    return [Event(*struct.unpack_from("=QQQI", record)) for record in records]


def check_each_cpu(flood: Flood, seen: list[Event], lost: int) -> None:
    """Records of a CPU come in order, once, and all that do not come are counted."""
    for cpu in flood.cpus:
        numbers = [event.seq for event in seen if event.cpu == cpu]
        assert numbers == sorted(set(numbers))
    assert sum(flood.written) >= BURST * TRIGGERS * len(flood.cpus)
    assert len(seen) + lost == sum(flood.written)


@pytest.mark.parametrize("shape", ["read", "callback", "columns"])
def test_ring_gives_or_counts_each_record(flood: Flood, shape: str) -> None:
    """Received and lost are what was produced, with each way of reading."""
    seen: list[Any] = []
    callback = seen.append if shape == "callback" else None
    with tinybpf.BpfRingBuffer(flood.obj.maps["events"], callback, event_type=bytes) as ring:
        flood.start()
        while flood.is_running() or ring.stats().fill:
            if shape == "read":
                seen += ring.read(timeout=0.01)
            elif shape == "callback":
                ring.poll(10)
            else:
                cols = ring.read_columns(timeout=0.01, type="event")
                seen += zip(*(cols[name] for name in Event._fields))
        stats = ring.stats()
    got = [Event(*event) for event in seen] if shape == "columns" else events(seen)
    assert stats.lost is not None
    assert stats.records == len(got)
    check_each_cpu(flood, got, stats.lost)


def test_slow_reader_loses_what_is_counted(flood: Flood) -> None:
    """A ring that is full most of the time: the count of losses is exact."""
    seen: list[bytes] = []
    with tinybpf.BpfRingBuffer(flood.obj.maps["events"], event_type=bytes) as ring:
        flood.start()
        while flood.is_running() or ring.stats().fill:
            seen += ring.read(max_events=50, timeout=0)
        lost = ring.stats().lost
    assert lost
    check_each_cpu(flood, events(seen), lost)


def violations(seen: list[Event]) -> int:
    """Count records that come behind one which was begun when they had long ended."""
    ended = {(event.cpu, event.seq - 1): event.prev_ended for event in seen}
    found = newest = 0
    for event in seen:
        found += ended.get((event.cpu, event.seq), newest) < newest
        newest = max(newest, event.begun)
    return found


@pytest.mark.parametrize(("pages", "period"), [(4, 1), (128, 64)], ids=["small", "large"])
def test_perf_records_of_all_cpus_are_in_order(flood: Flood, pages: int, period: int) -> None:
    """With order="time" under load: none comes too late, and what is lost is told."""
    told: list[int] = []
    seen: list[bytes] = []
    with tinybpf.BpfPerfBuffer(
        flood.obj.maps["samples"],
        lambda cpu, data: seen.append(data),
        lambda cpu, count: told.append(count),
        page_count=pages,
        order="time",
        sample_period=period,
    ) as buffer:
        flood.start(to_perf=True)
        while flood.is_running():
            buffer.poll(10)
        while buffer.consume():
            pass
        # The kernel tells of losses with the next record that finds room.
        flood.fire(1, flood.cpus, to_perf=True)
        while buffer.consume():
            pass
        assert buffer.lost == sum(told)
    check_each_cpu(flood, events(seen), sum(told))
    too_late = violations(events(seen))
    assert too_late == 0


def resident() -> int:
    """Return the bytes of memory that this process has."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


SHAPES: dict[str, Callable[[Any], Any]] = {
    "read": lambda ring: ring.read(timeout=0),
    "stream": lambda ring: collections.deque(ring.stream(0), maxlen=0),
    "columns": lambda ring: ring.read_columns(timeout=0),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_flood_grows_nothing(flood: Flood, shape: str) -> None:
    """Over many records: what is left of each is less than a pointer."""
    turns, triggers = scale.times(400, least=100), 70  # which a ring has room for
    with tinybpf.BpfRingBuffer(flood.obj.maps["events"], event_type="event") as ring:
        warm = 0
        for turn in range(turns):
            flood.fire(triggers, flood.cpus[:1])
            SHAPES[shape](ring)
            if turn == turns // 10:
                warm = resident()
        grown = resident() - warm
        records = ring.stats().records
    assert records == turns * triggers * BURST
    assert grown < 4 * records
