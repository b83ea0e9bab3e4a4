# SPDX-License-Identifier: MIT
"""The types of this folder's fixtures, and what a test's child begins with."""

import os
import resource
import shlex
import subprocess
from collections.abc import Callable
from typing import Any, Protocol

Completed = subprocess.CompletedProcess[str]

# What a test's environment holds unless it says more: nothing of the caller's PYTHON*.
PLAIN = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent"}

# What starts the executable: for another architecture's a program like qemu-user's.
EMULATOR = shlex.split(os.environ.get("TINYBPF_EMULATOR", ""))


class Run(Protocol):
    """Start tinybpf-run with arguments; keywords are subprocess.run()'s."""

    def __call__(self, *args: object, **options: Any) -> Completed: ...


class Evaluate(Protocol):
    """Run code in tinybpf-run, which must succeed; return what it printed."""

    def __call__(self, code: str, *flags: str, **options: Any) -> str: ...


def limit_to(what: int, value: int) -> Callable[[], None]:
    """Return what a child does first: take a limit (of `resource`) upon itself."""
    return lambda: resource.setrlimit(what, (value, value))
