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
import threading
import time
from collections.abc import Iterator
from typing import Any

TESTS = pathlib.Path(__file__).resolve().parent.parent
TIMEOUT_S = 180  # an emulated processor is slow

# For children that must not be root: after it nothing is left but reading /tmp. What is
# imported on first use is imported before: a Python in the home of root is out of reach,
# unless all of it is in the executable.
BECOME_NOBODY = """\
import os, tinybpf
if tinybpf.__spec__.origin != "frozen":
    import importlib, pathlib, warnings
    for name in tinybpf.__all__:
        getattr(tinybpf, name)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
"""


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


def environment(with_pytest: bool = False) -> dict[str, str]:
    """Return this environment with the tests' folder on PYTHONPATH, all paths absolute.

    The runner has pytest in a zip there, in which all modules would be looked for: half of
    the time in which a child starts.
    """
    env = dict(os.environ)
    inherited = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    inherited = [path for path in inherited if with_pytest or not path.endswith("/pytest.zip")]
    env["PYTHONPATH"] = os.pathsep.join([str(TESTS), *map(os.path.abspath, inherited)])
    return env


def finish(
    line: "list[str]", timeout_s: float = TIMEOUT_S
) -> "subprocess.CompletedProcess[str]":
    """Run any program to its end where children run, and return its status and output."""
    return subprocess.run(
        line,
        env=environment(),
        cwd=TESTS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def run(
    code: str, *args: Any, flags: tuple[str, ...] = (), timeout_s: float = TIMEOUT_S
) -> "subprocess.CompletedProcess[str]":
    """Run a child to its end and return its status and output."""
    return finish(command(code, *(str(arg) for arg in args), flags=flags), timeout_s)


def output(
    code: str, *args: Any, flags: tuple[str, ...] = (), timeout_s: float = TIMEOUT_S
) -> str:
    """Run a child that must succeed and be silent on stderr; return what it printed."""
    done = run(code, *args, flags=flags, timeout_s=timeout_s)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr
    return done.stdout


@contextlib.contextmanager
def limited(process: "subprocess.Popen[Any]", timeout_s: float = TIMEOUT_S) -> Iterator[None]:
    """Wait for the leader of a session behind the block; kill all of it if that is late."""
    late = threading.Timer(timeout_s, os.killpg, (process.pid, signal.SIGKILL))
    late.start()
    try:
        yield
        process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        late.cancel()
        late.join()


@contextlib.contextmanager
def session(
    line: "list[str]", env: dict[str, str], cwd: "pathlib.Path | None" = None
) -> Iterator["subprocess.Popen[str]"]:
    """Start any program, with a session of its own, that is to end before long."""
    with subprocess.Popen(
        line,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        with limited(process):
            yield process


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


def interrupt_behind_the_back() -> None:
    """Have a thread take SIGINT once the main one waits, which that does not wake.

    A signal that comes just before a wait wakes nobody either.
    """

    def take() -> None:
        wait_until_waiting(os.getpid(), deadline_s=TIMEOUT_S)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    threading.Thread(target=take).start()
