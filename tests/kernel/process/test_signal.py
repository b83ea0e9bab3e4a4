# SPDX-License-Identifier: MIT
"""Waiting for records and signals: Ctrl-C ends any wait, other signals only interrupt."""

import errno
import os
import pathlib
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import child, traffic
from support.gating import kernel
from support.objects import Find, Load

# A child that prints "ready", then "interrupted" once KeyboardInterrupt arrives.
UNTIL_INTERRUPTED = """
import sys, time
import tinybpf
from support import traffic
obj = tinybpf.load(sys.argv[1])
producer = traffic.Producer(obj).setup(count=1)
def busy(data):
    producer.fire()
def idle(data):
    pass
ring = tinybpf.BpfRingBuffer(obj.maps["events"], busy if sys.argv[2] == "busy" else idle)
with obj, obj.attach(), ring:
    if sys.argv[2] == "busy":
        producer.fire(2)
    try:
        print("ready", flush=True)
        while True:
            ring.poll(%s)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.fixture
def ring(load: Load) -> Iterator[tinybpf.BpfRingBuffer]:
    """Return a buffer to which nobody writes."""
    with tinybpf.BpfRingBuffer(load("rings").maps["even"], lambda data: None) as made:
        yield made


@pytest.fixture
def alarm() -> Iterator[Any]:
    """Return a function that sets a handler for SIGALRM and its interval in seconds."""
    before = signal.getsignal(signal.SIGALRM)

    def start(handler: Any, seconds: float, interval: float = 0.0) -> None:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, seconds, interval)

    yield start
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("timeout", ["-1", "1000000", ""])
def test_ctrl_c_ends_a_wait_at_once(bpf: Find, timeout: str) -> None:
    """SIGINT in poll() is KeyboardInterrupt, and the program can end in order."""
    with child.started(UNTIL_INTERRUPTED % timeout, bpf("ring"), "idle") as process:
        child.wait_until_waiting(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=child.TIMEOUT_S)
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)


def test_ctrl_c_ends_a_loop_under_load(bpf: Find) -> None:
    """SIGINT comes through also where records never stop coming."""
    with child.started(UNTIL_INTERRUPTED % "-1", bpf("ring"), "busy") as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=child.TIMEOUT_S)
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)


def test_handler_that_raises_ends_the_wait(ring: tinybpf.BpfRingBuffer, alarm: Any) -> None:
    """What a signal handler raises leaves poll() at once."""

    def handler(number: int, frame: Any) -> None:
        raise ZeroDivisionError

    alarm(handler, 0.02)
    with pytest.raises(ZeroDivisionError):
        ring.poll(-1)
    assert ring.poll(0) == 0


def test_handler_that_returns_does_not_end_the_wait(
    ring: tinybpf.BpfRingBuffer, alarm: Any
) -> None:
    """Signals whose handler returns neither cut the wait short nor prolong it."""
    calls: list[int] = []
    alarm(lambda number, frame: calls.append(number), 0.01, 0.01)
    start = time.monotonic()
    assert ring.poll(150) == 0
    waited = time.monotonic() - start
    assert len(calls) >= 3
    assert 0.14 < waited < 5


def test_records_written_by_a_handler_are_read(load: Load, alarm: Any) -> None:
    """A handler that causes records ends the wait by them."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=2)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], lambda d: None) as made:
        alarm(lambda number, frame: producer.fire(), 0.02)
        assert made.poll(10_000) == 2


RUNS = 2**31 - 1  # minutes, unless they are ended


def test_ctrl_c_ends_a_long_test_run(load: Load, alarm: Any) -> None:
    """SIGINT in test_run(repeat=) is KeyboardInterrupt, and ends it."""
    program = load("run").program("on_packet")
    alarm(signal.default_int_handler, 0.05)
    with pytest.raises(KeyboardInterrupt):
        program.test_run(bytes(16), repeat=RUNS)
    assert program.test_run(bytes(16)).retval == 1


def test_handler_that_returns_ends_a_long_test_run(load: Load, alarm: Any) -> None:
    """Another signal ends it, too: EINTR, for the program has run who knows how often."""
    program = load("run").program("on_packet")
    calls: list[int] = []
    alarm(lambda number, frame: calls.append(number), 0.05, 0.05)
    with pytest.raises(tinybpf.BpfError, match="a signal came before the last") as caught:
        program.test_run(bytes(16), repeat=RUNS)
    assert caught.value.errno == errno.EINTR
    assert calls


def test_timeout_is_waited_for(ring: tinybpf.BpfRingBuffer) -> None:
    """A wait without records takes its time, and not much less."""
    start = time.monotonic()
    assert ring.poll(50) == 0
    assert time.monotonic() - start > 0.045


@pytest.mark.parametrize(
    "read", ["tinybpf.load(path)", "tinybpf.Btf.file(path)", "tinybpf._core._relocations(path)"]
)
def test_ctrl_c_ends_a_call_that_waits_for_its_file(tmp_path: pathlib.Path, read: str) -> None:
    """SIGINT ends what reads a pipe that nobody writes to, and leaves nothing open."""
    os.mkfifo(tmp_path / "pipe")
    code = f"""
    import os, sys
    import tinybpf
    path = sys.argv[1]
    before = os.listdir("/proc/self/fd")
    print("ready", flush=True)
    try:
        {read}
    except KeyboardInterrupt:
        print("interrupted", os.listdir("/proc/self/fd") == before, flush=True)
    """
    with child.started(code, tmp_path / "pipe") as process:
        child.wait_until_waiting(process.pid, "partner")  # wait_for_partner(), fs/pipe.c
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=child.TIMEOUT_S)
    assert (out, err, process.returncode) == ("interrupted True\n", "", 0)


# A child that gets SIGINT while the call is inside of bpf(), from a program that waits
# for that command; it prints what became of the call, and of all that it made.
INTERRUPTED_CALL = """
import os, struct, sys
import tinybpf
from support import traffic
sender = tinybpf.load(sys.argv[2])
trigger = traffic.Trigger()
sender.maps["config"][0] = struct.pack("=QQ", trigger.cookie, int(sys.argv[3]))
with sender, sender.attach(), tinybpf.{open}(sys.argv[1]) as obj:
    before = set(os.listdir("/proc/self/fd"))
    trigger.fire()
    try:
        {call}
        print("went on")
    except KeyboardInterrupt:
        new = set(os.listdir("/proc/self/fd")) - before
        print("interrupted", repr(obj).rstrip(">").split()[2].rstrip(","), len(new))
"""
MAP_CREATE, PROG_LOAD, LINK_CREATE = 0, 5, 28  # enum bpf_cmd
BY_HAND = "obj.program('first').attach_tracepoint('sched', 'sched_switch')"


@kernel("5.15", "link of a tracepoint")
@pytest.mark.parametrize(
    ("opener", "call", "command", "state"),
    [
        ("load", "tinybpf.load(sys.argv[1])", MAP_CREATE, "open"),
        ("load", "tinybpf.load(sys.argv[1])", PROG_LOAD, "open"),
        ("load", "obj.program('first').attach()", LINK_CREATE, "open"),
        ("load", BY_HAND, LINK_CREATE, "open"),
        ("load", "obj.attach()", LINK_CREATE, "open"),
        ("open", "obj.load()", PROG_LOAD, "closed"),
        ("open", "obj.prepare()", MAP_CREATE, "closed"),
    ],
    ids=["maps", "programs", "attach", "by hand", "all", "obj.load", "obj.prepare"],
)
def test_ctrl_c_in_a_call_leaves_nothing(
    bpf: Find, opener: str, call: str, command: int, state: str
) -> None:
    """SIGINT during load or attach is KeyboardInterrupt when the call returns.

    What the call made is closed then: nothing is attached, no descriptor is left, and
    no link is dropped with a warning.
    """
    code = INTERRUPTED_CALL.format(open=opener, call=call)
    printed = child.output(code, bpf("several"), bpf("interrupt"), command)
    assert printed == f"interrupted {state} 0\n"
