# SPDX-License-Identifier: MIT
"""Objects run without a script, in the form of tinybpf that runs the tests."""

import contextlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from support import child
from support.traffic import Trigger

# Calls getpgid() with the first argument, as the trigger of tests/bpf/trigger.h.
CALL = """\
import os, sys
for _ in range(int(sys.argv[2])):
    try:
        os.getpgid(int(sys.argv[1]))
    except ProcessLookupError:
        pass
sys.exit(int(sys.argv[3]))
"""


# How an object is run: the executable takes it as its script.
IS_RUNNER = os.path.realpath(os.environ.get("TINYBPF_RUN", "")) == os.path.realpath(
    sys.executable
)
PROGRAM = [sys.executable] if IS_RUNNER else [sys.executable, "-m", "tinybpf", "run"]


def command_line(path: pathlib.Path, *args: object) -> list[str]:
    """Return what runs an object."""
    return [*PROGRAM, str(path), *map(str, args)]


def calling(trigger: Trigger, times: int = 1, status: int = 0) -> list[str]:
    """Return the end of a command line: a command that triggers, and then ends."""
    numbers = map(str, (trigger.cookie, times, status))
    return ["--", sys.executable, "-c", CALL, *numbers]


def calling_zero() -> list[str]:
    """Return the end of a command line: a command that calls getpgid(0) once."""
    return ["--", sys.executable, "-c", "import os; os.getpgid(0)"]


def shell(trigger: Trigger) -> str:
    """Return a command of the shell that triggers."""
    return shlex.join(calling(trigger)[1:])


def run(path: pathlib.Path, *args: object) -> "subprocess.CompletedProcess[str]":
    """Run an object to its end."""
    return child.finish(command_line(path, *args))


def output(path: pathlib.Path, *args: object) -> str:
    """Run an object, which must succeed; return what it printed."""
    done = run(path, *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(path: pathlib.Path, *args: object) -> list[Any]:
    """Run an object with JSON as its output, and read that."""
    return [json.loads(line) for line in output(path, "--json", *args).splitlines()]


@contextlib.contextmanager
def started(
    path: pathlib.Path, *args: object, **options: Any
) -> "Iterator[subprocess.Popen[bytes]]":
    """Start an object, in a session of its own, that is to end before long."""
    given: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen(
        command_line(path, *args),
        env={**child.environment(), "TERM": "xterm"},
        cwd=child.TESTS,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        **given,
    ) as process:
        with child.limited(process):
            yield process
