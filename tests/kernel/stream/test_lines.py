# SPDX-License-Identifier: MIT
"""Lines that programs print: each once, whole, as text."""

import gc
import select
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import child, traffic
from support.gating import kernel
from support.objects import DEADLINE_S, Find, Load

streams = kernel("6.18", "streams of programs")


@pytest.fixture
def obj(load: Load, trigger: traffic.Trigger) -> Iterator[Any]:
    """Yield printing.bpf.c, attached and armed."""
    loaded = load("printing")
    trigger.arm(loaded)
    with loaded.attach():
        yield loaded


def printed(obj: Any, trigger: traffic.Trigger, times: int = 1) -> None:
    """Let the program print; OSError if the kernel had no memory for it."""
    trigger.fire(times)
    if obj.bss.error < 0:
        raise OSError(-obj.bss.error, "bpf_stream_vprintk")


def traced(trigger: traffic.Trigger, lines: Iterator[str]) -> str:
    """Return what the program printed in the first line that is this test's."""
    end = f"traced {trigger.cookie}"
    return next(line for line in lines if line.endswith(end))


@streams
def test_stdout_gives_what_is_there(obj: Any, trigger: traffic.Trigger) -> None:
    """Lines without their ends, empty ones too; the last as far as it was printed."""
    prog = obj.programs["print"]
    assert list(prog.stdout) == []
    printed(obj, trigger)
    assert list(prog.stdout) == ["line 1", "", "line # 1", "no end 1"]
    assert list(prog.stdout) == []
    assert list(prog.stderr) == ["error 1"]
    assert repr(prog.stdout) == "<lines of stdout of 'print'>"


@streams
def test_one_iterator_goes_on(obj: Any, trigger: traffic.Trigger) -> None:
    """It ends with what is there, and gives more when there is more."""
    lines = obj.programs["print"].stderr
    printed(obj, trigger, 3)
    assert next(lines) == "error 1"
    assert list(lines) == ["error 2", "error 3"]
    printed(obj, trigger)
    assert list(lines) == ["error 4"]


@streams
def test_many_lines_are_whole(obj: Any, trigger: traffic.Trigger) -> None:
    """More than is read at once."""
    printed(obj, trigger, 1500)
    lines = list(obj.programs["print"].stderr)
    assert lines == [f"error {n}" for n in range(1, 1501)]


def test_streams_of_a_closed_object(bpf: Find) -> None:
    """They are closed, too."""
    with tinybpf.load(bpf("printing")) as obj:
        prog = obj.programs["print"]
        lines = prog.stdout
    with pytest.raises(tinybpf.BpfClosedError):
        next(lines)
    with pytest.raises(tinybpf.BpfClosedError):
        prog.stdout  # noqa: B018


def test_trace_pipe_gives_lines(obj: Any, trigger: traffic.Trigger) -> None:
    """What bpf_printk() writes, with what the kernel puts in front of it."""
    with tinybpf.trace_pipe() as lines:
        trigger.fire()
        line = traced(trigger, lines)
    assert "bpf_trace_printk: traced" in line
    assert not line.endswith("\n")


def test_trace_pipe_waits(obj: Any, trigger: traffic.Trigger) -> None:
    """For a line of another thread's system call; it can be selected."""
    with tinybpf.trace_pipe() as lines:
        timer = threading.Timer(0.05, trigger.fire)
        timer.start()
        assert traced(trigger, lines)
        timer.join()
        trigger.fire()
        assert select.select([lines], [], [], DEADLINE_S)[0] == [lines]
        assert traced(trigger, lines)


def test_trace_pipe_ends_after_quiet_seconds(obj: Any, trigger: traffic.Trigger) -> None:
    """With timeout=0 it gives what is there."""
    trigger.fire()
    with tinybpf.trace_pipe(timeout=0) as lines:
        assert [line for line in lines if line.endswith(f"traced {trigger.cookie}")]
    begin = time.monotonic()
    with tinybpf.trace_pipe(timeout=0.05) as lines:
        list(lines)
    assert time.monotonic() - begin >= 0.05


def test_close_ends_the_wait() -> None:
    """Of another thread, as a loop ends."""
    lines = tinybpf.trace_pipe()
    timer = threading.Timer(0.05, lines.close)
    timer.start()
    for _ in lines:
        pass
    timer.join()
    assert repr(lines) == "<lines of the trace pipe, closed>"
    assert list(lines) == []
    with pytest.raises(tinybpf.BpfClosedError):
        lines.fileno()
    with pytest.raises(tinybpf.BpfClosedError), lines:
        pass


def test_forgotten_trace_pipe_warns() -> None:
    """It is a file that is to be closed; streams of programs are none."""
    with pytest.warns(ResourceWarning, match="unclosed <lines of the trace pipe"):
        tinybpf.trace_pipe()
        gc.collect()


@pytest.mark.parametrize("is_woken", [True, False])
def test_ctrl_c_ends_the_wait(is_woken: bool) -> None:
    """At once, or soon if the signal woke nobody, for it came just before the wait."""
    code = """
    import sys, tinybpf
    from support import child
    with tinybpf.trace_pipe() as lines:
        print("ready", flush=True)
        if not int(sys.argv[1]):
            child.interrupt_behind_the_back()
        try:
            for line in lines:
                pass
        except KeyboardInterrupt:
            print("interrupted")
    """
    with child.started(code, int(is_woken)) as process:
        if is_woken:
            child.wait_until_waiting(process.pid)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=child.TIMEOUT_S)
    assert (out, err) == ("interrupted\n", "")
