# SPDX-License-Identifier: MIT
"""Perf events: we open them, one for each CPU or thread, and own them."""

import mmap
import os
import pathlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import pins
from support.gating import kernel
from support.objects import DEADLINE_S, Find

pytestmark = kernel("5.15", "perf_event")

SEEN = 4  # the key of on_perf_event in probes.bpf.c


@pytest.fixture
def obj(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return an object with a program that keeps its cookie, and looks at us only."""
    with tinybpf.load(bpf("probes"), autoload=["on_perf_event"]) as loaded:
        loaded.maps["target"][0] = os.getpid()
        yield loaded


def count(obj: tinybpf.BpfObject) -> int:
    """Return how often the program ran."""
    return int(obj.maps["seen"][SEEN].count)


def spin(obj: tinybpf.BpfObject, times: int) -> None:
    """Use the CPU until the program ran so often."""
    late, before = time.monotonic() + DEADLINE_S, count(obj)
    while count(obj) < before + times:
        assert time.monotonic() < late, "the program does not run"


def online() -> int:
    """Return how many CPUs are online."""
    spans = pathlib.Path("/sys/devices/system/cpu/online").read_text().strip().split(",")
    return sum(int(s.split("-")[-1]) - int(s.split("-")[0]) + 1 for s in spans)


def test_clock_runs_the_program_on_every_cpu(obj: tinybpf.BpfObject) -> None:
    """One BpfLink, a link of the kernel for each CPU; none is left behind it."""
    program = obj.program("on_perf_event")
    with program.attach_perf_event("cpu-clock", freq=99, cookie=2**50 + 1) as link:
        assert link.fd == -1
        assert len(link.fds) == online()
        assert all(fd >= 0 for fd in link.fds)
        assert repr(link) == "<BpfLink 'on_perf_event' perf_event:cpu-clock, attached>"
        spin(obj, 3)
    assert link.fds == ()
    assert obj.maps["seen"][SEEN].cookie == 2**50 + 1
    before, late = count(obj), time.monotonic() + 0.1
    while time.monotonic() < late:
        pass
    assert count(obj) == before


def fault(pages: int) -> None:
    """Touch so many pages that were never touched."""
    with mmap.mmap(-1, pages * mmap.PAGESIZE) as memory:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            memory.madvise(mmap.MADV_NOHUGEPAGE)
        for at in range(0, len(memory), mmap.PAGESIZE):
            memory[at] = 1


def test_period_counts_events(obj: tinybpf.BpfObject) -> None:
    """period=1 runs the program at each event, of this process for pid=0."""
    with obj.program("on_perf_event").attach_perf_event("page-faults", period=1, pid=0):
        before = count(obj)
        fault(64)
        seen = count(obj) - before
    assert seen >= 64
    fault(64)
    assert count(obj) - before - seen < 64


def test_all_threads_of_a_process_are_watched(obj: tinybpf.BpfObject) -> None:
    """A process has an event for each thread that it has; its CPU can be given, too."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        attach = obj.program("on_perf_event").attach_perf_event
        with attach("task-clock", freq=200, pid=os.getpid()) as link:
            assert len(link.fds) == len(os.listdir("/proc/self/task"))
            spin(obj, 2)
        with attach((1, 0), freq=200, pid=os.getpid(), cpu=0) as link:
            assert "perf_event:(1, 0)" in repr(link)
    finally:
        stop.set()
        thread.join()


def test_one_cpu(obj: tinybpf.BpfObject) -> None:
    """cpu= makes one event there; attach(**options) takes the same."""
    with obj.program("on_perf_event").attach(event="cpu-clock", freq=200, cpu=0) as link:
        assert len(link.fds) == 1
        cpus = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {0})
        try:
            spin(obj, 2)
        finally:
            os.sched_setaffinity(0, cpus)


def test_breakpoint_runs_at_each_write(obj: tinybpf.BpfObject, tmp_path: pathlib.Path) -> None:
    """An address of this process: writes there run the program, reads do not."""
    path = tmp_path / "watched"
    path.write_bytes(bytes(mmap.PAGESIZE))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
        address = next(line for line in maps if line.endswith(f" {path}")).partition("-")[0]
        event = f"breakpoint:0x{address}:w:1"
        with obj.program("on_perf_event").attach_perf_event(event, pid=0) as link:
            assert f"perf_event:{event}" in repr(link)
            assert memory[0] == 0
            assert count(obj) == 0
            memory[0] = memory[64] = 1
            memory[0] = 2
        memory[0] = 3
    assert count(obj) == 2


def test_several_links_are_not_pinned(obj: tinybpf.BpfObject) -> None:
    """pin() says why not, and pins nothing."""
    with pins.folder() as folder:
        with obj.program("on_perf_event").attach_perf_event("cpu-clock", freq=1) as link:
            with pytest.raises(tinybpf.BpfNotSupportedError, match=r"for each CPU.*\.fds"):
                link.pin(folder / "link")
        assert not list(folder.iterdir())


def test_object_ends_its_events(obj: tinybpf.BpfObject) -> None:
    """Closing the object ends all of them."""
    link = obj.program("on_perf_event").attach_perf_event("cpu-clock", freq=99)
    fds = link.fds
    obj.close()
    assert link.fds == ()
    for fd in fds:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(fd)


def test_info_is_that_of_the_first(obj: tinybpf.BpfObject) -> None:
    """info tells what the kernel says of one of them, and that nothing is missing."""
    offline = pathlib.Path("/sys/devices/system/cpu/offline").read_text().strip()
    with obj.program("on_perf_event").attach_perf_event("cpu-clock", freq=1) as link:
        assert link.info.type == tinybpf.BpfLinkType.PERF_EVENT
        assert link.info.missing == (f"CPUs that are offline: {offline}" if offline else "")


def test_offline_cpus_are_named(obj: tinybpf.BpfObject) -> None:
    """CPUs that are offline are skipped, and told by the link's info."""
    cpu = pathlib.Path("/sys/devices/system/cpu/cpu1/online")
    if not os.environ.get("TINYBPF_DISPOSABLE") or not cpu.exists():
        pytest.skip("a CPU is taken away from all: ./dev vm runs this, with two CPUs")
    count_before = online()
    cpu.write_text("0")
    try:
        with obj.program("on_perf_event").attach_perf_event("cpu-clock", freq=1) as link:
            assert len(link.fds) == count_before - 1
            assert "CPUs that are offline: 1" in link.info.missing
        with pytest.raises(tinybpf.BpfError):
            obj.program("on_perf_event").attach_perf_event("cpu-clock", freq=1, cpu=1)
    finally:
        cpu.write_text("1")


def test_update_and_pin_say_why_not(obj: tinybpf.BpfObject) -> None:
    """Several links are not replaced as one."""
    program = obj.program("on_perf_event")
    with program.attach_perf_event("cpu-clock", freq=1) as link:
        with pytest.raises(tinybpf.BpfNotSupportedError, match=r"cannot be \w+: .*\.fds"):
            link.update(program)


WRONG: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "unknown": ("cpu-clok", {"freq": 1}, ValueError, "nearest: 'cpu-clock'"),
    "no rate": ("cpu-clock", {}, ValueError, "either freq"),
    "zero": ("cpu-clock", {"freq": 0}, ValueError, "either freq"),
    "two rates": ("cpu-clock", {"freq": 1, "period": 1}, ValueError, "either freq"),
    "a number": (1, {"freq": 1}, TypeError, r"pair \(type, config\)"),
    "no pair": ((1, 2, 3), {"freq": 1}, TypeError, r"pair \(type, config\)"),
    "type": ((2**32, 0), {"freq": 1}, ValueError, "out of range"),
    "breakpoint": ("breakpoint:main", {}, ValueError, "breakpoint:ADDRESS"),
    "length": ("breakpoint:0x1000:rw:", {}, ValueError, "breakpoint:ADDRESS"),
    "cpu": ("cpu-clock", {"freq": 1, "cpu": -1}, ValueError, "out of range"),
    "pid": ("cpu-clock", {"freq": 1, "pid": -2}, ValueError, "every one"),
    "no process": ("cpu-clock", {"freq": 1, "pid": 2**22 + 1}, tinybpf.BpfError, "no process"),
    "rate": ("cpu-clock", {"freq": 10**9}, tinybpf.BpfError, "max_sample_rate"),
}


@pytest.mark.parametrize(("event", "given", "error", "words"), WRONG.values(), ids=WRONG.keys())
def test_wrong_event_is_refused(
    obj: tinybpf.BpfObject, event: Any, given: dict[str, Any], error: Any, words: str
) -> None:
    """What is wrong is told, and no descriptor stays open."""
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(error, match=words):
        obj.program("on_perf_event").attach_perf_event(event, **given)
    assert len(os.listdir("/proc/self/fd")) == before


def test_section_that_names_no_event_names_the_method(obj: tinybpf.BpfObject) -> None:
    """attach() of SEC("perf_event") says what to use."""
    with pytest.raises(tinybpf.BpfError, match=r"or use attach_perf_event\(\)"):
        obj.program("on_perf_event").attach()
