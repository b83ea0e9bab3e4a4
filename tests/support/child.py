# SPDX-License-Identifier: MIT
"""Interpreters of their own for what cannot happen in the one that runs the tests.

Signals, other users, the end of the interpreter, files on stderr: a child is the same
form of tinybpf as its parent (sys.executable), and finds the support package. Its
working directory holds no tinybpf: -c and -m put that directory first on the path.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from typing import Any

TESTS = pathlib.Path(__file__).resolve().parent.parent
TIMEOUT_S = 180  # an emulated processor is slow

# For children that must not be root: after it nothing is left but reading /tmp.
BECOME_NOBODY = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"


def let_children_be_interrupted() -> None:
    """Let children of this process begin with the default of SIGINT: it ends them.

    A shell starts what it puts in the background with SIGINT ignored; children inherit
    that, and wait for ever for a Ctrl-C that a test sends them. What a process handles
    itself is the default again in the programs that it starts. This process goes on to
    ignore the signal, as it was told to.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda number, frame: None)


def command(code: str, *args: str, flags: tuple[str, ...] = ()) -> list[str]:
    """Return the command line that runs `code` (dedented) with sys.argv[1:] = args."""
    return [sys.executable, *flags, "-c", textwrap.dedent(code), *args]


def environment() -> dict[str, str]:
    """Return this environment with the tests' folder on PYTHONPATH, all paths absolute."""
    env = dict(os.environ)
    inherited = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    env["PYTHONPATH"] = os.pathsep.join([str(TESTS), *map(os.path.abspath, inherited)])
    return env


def run(
    code: str, *args: Any, flags: tuple[str, ...] = (), timeout_s: float = TIMEOUT_S
) -> "subprocess.CompletedProcess[str]":
    """Run a child to its end and return its status and output."""
    return subprocess.run(
        command(code, *(str(arg) for arg in args), flags=flags),
        env=environment(),
        cwd=TESTS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def output(
    code: str, *args: Any, flags: tuple[str, ...] = (), timeout_s: float = TIMEOUT_S
) -> str:
    """Run a child that must succeed and be silent on stderr; return what it printed."""
    done = run(code, *args, flags=flags, timeout_s=timeout_s)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr
    return done.stdout


@contextlib.contextmanager
def started(code: str, *args: Any) -> Iterator["subprocess.Popen[str]"]:
    """Start a child that prints "ready"; yield it then; end it by force if need be."""
    process = subprocess.Popen(
        command(code, *(str(arg) for arg in args)),
        env=environment(),
        cwd=TESTS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first == "ready\n", first + process.stderr.read()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


def sleeps_in(pid: int) -> str:
    """Return the names of the kernel functions that a task sleeps in; "" if it does not."""
    place = pathlib.Path("/proc", str(pid))
    found = (place / "wchan").read_text()
    if found != "0":
        return found
    # Before 5.16 x86 told nothing by wchan if the kernel was built without frame pointers.
    state = (place / "stat").read_text().rpartition(")")[2].split()[0]
    return (place / "stack").read_text() if state == "S" else ""


def wait_until_waiting(pid: int, what: str = "poll", deadline_s: float = 10.0) -> None:
    """Return once a process or thread id sleeps in epoll_wait, or elsewhere in the kernel.

    `what` is part of the name of a kernel function that it sleeps in.
    """
    late = time.monotonic() + deadline_s
    while time.monotonic() < late:
        if what in sleeps_in(pid):
            return
        time.sleep(0.001)
    raise AssertionError(f"task {pid} did not come to wait in {what}")
