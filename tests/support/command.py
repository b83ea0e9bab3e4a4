# SPDX-License-Identifier: MIT
"""The command line, `python -m tinybpf`, in the form of tinybpf that runs the tests."""

import subprocess
import sys

from support import child


def run(*args: object) -> "subprocess.CompletedProcess[str]":
    """Run the command line in this form of tinybpf."""
    return child.finish([sys.executable, "-m", "tinybpf", *map(str, args)])


def output(*args: object) -> str:
    """Run a command that must succeed and be silent on stderr; return what it printed."""
    done = run(*args)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
