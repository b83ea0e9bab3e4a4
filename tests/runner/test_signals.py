# SPDX-License-Identifier: MIT
"""Signals do to tinybpf-run what they do to python."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest
from launch import PLAIN

pytestmark = pytest.mark.real


def start(runner: pathlib.Path, code: str) -> "subprocess.Popen[bytes]":
    """Start code that prints a line when it is ready for a signal."""
    process = subprocess.Popen(
        [str(runner), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=PLAIN
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


@pytest.mark.parametrize(
    "wait", ["time.sleep(60)", "threading.Event().wait(60)", "while True: pass"]
)
def test_interrupt_is_keyboard_interrupt(runner: pathlib.Path, wait: str) -> None:
    """Ctrl-C raises KeyboardInterrupt; uncaught, the process dies by SIGINT."""
    code = f"import time, threading\nprint('ready', flush=True)\n{wait}"
    process = start(runner, code)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert stderr.rstrip().endswith(b"KeyboardInterrupt")


def test_interrupt_can_be_caught(runner: pathlib.Path) -> None:
    """A script that catches KeyboardInterrupt ends as it likes."""
    code = (
        "import time\n"
        "try:\n    print('ready', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('caught'); raise SystemExit(5)"
    )
    process = start(runner, code)
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=30)
    assert (process.returncode, stdout) == (5, b"caught\n")


def test_terminate_ends_it(runner: pathlib.Path) -> None:
    """SIGTERM is not handled: the process dies by it."""
    process = start(runner, "import time\nprint('ready', flush=True)\ntime.sleep(60)")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM


def test_closed_pipe_is_an_exception(runner: pathlib.Path) -> None:
    """SIGPIPE is ignored: writing to a closed pipe raises BrokenPipeError."""
    code = (
        "import os, sys\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
        "try:\n    os.write(1, b'x')\n"
        "except BrokenPipeError:\n    os._exit(8)"
    )
    process = subprocess.Popen(
        [str(runner), "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=PLAIN
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdin.close()
    assert process.wait(timeout=30) == 8


def test_children_get_the_default_sigpipe(runner: pathlib.Path) -> None:
    """subprocess restores SIGPIPE, so that `yes | head` ends."""
    code = "import subprocess; print(subprocess.run('yes | head -1', shell=True).returncode)"
    done = subprocess.run(
        [str(runner), "-c", code], capture_output=True, check=False, env=PLAIN, timeout=30
    )
    assert done.stdout == b"y\n0\n"


# As under `nohup ./dev test &`.
IGNORING = """\
import os, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from support import child
child.let_children_be_interrupted()
code = "print('ready', flush=True); import time; time.sleep(60)"
process = subprocess.Popen([sys.argv[1], "-c", code], stdout=subprocess.PIPE)
process.stdout.readline()
process.send_signal(signal.SIGINT)
os.kill(os.getpid(), signal.SIGINT)
print(process.wait(30))
"""


def test_tests_that_ignore_interrupts_can_interrupt_children(runner: pathlib.Path) -> None:
    """What the tests start has the default of SIGINT, and dies of it; they do not."""
    tests = str(pathlib.Path(__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-c", IGNORING, runner],
        env={**os.environ, "PYTHONPATH": tests},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == f"{-signal.SIGINT}\n"
