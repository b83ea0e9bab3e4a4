# SPDX-License-Identifier: MIT
"""Types of the fixtures, and the waiting that several tests share."""

import concurrent.futures
import pathlib
import threading
import time
from collections.abc import Callable
from typing import Any

import tinybpf
from support import scale

Load = Callable[[str], tinybpf.BpfObject]
Find = Callable[[str], pathlib.Path]

DEADLINE_S = 10.0 if scale.SCALE == 1 else 40.0  # emulated processors are slow


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail at the deadline."""
    late = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < late, "waited in vain: " + what
        time.sleep(0.001)


def ended(function: Callable[[], Any]) -> Any:
    """Return what a function returns, or raise what it raises; fail at the deadline.

    It runs in a thread that may be left behind: a wait that nothing ends is a failure of
    its test, and does not keep the others from running.
    """
    future: concurrent.futures.Future[Any] = concurrent.futures.Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(DEADLINE_S)


def fdinfo(fd: int) -> dict[str, str]:
    """Return what the kernel says about a descriptor of this process."""
    lines = pathlib.Path(f"/proc/self/fdinfo/{fd}").read_text().splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name: value.strip() for name, _, value in pairs}


def possible_cpus() -> int:
    """Return the number of CPUs that the kernel keeps per-CPU values for."""
    text = pathlib.Path("/sys/devices/system/cpu/possible").read_text().strip()
    spans = [span.split("-") for span in text.split(",")]
    return sum(int(span[-1]) - int(span[0]) + 1 for span in spans)


def cgroup_root() -> pathlib.Path:
    """Return the folder that cgroup v2 is mounted at."""
    lines = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    return next(pathlib.Path(line.split()[1]) for line in lines if " cgroup2 " in line)
