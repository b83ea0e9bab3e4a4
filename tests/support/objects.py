# SPDX-License-Identifier: MIT
"""Types of the fixtures, and the waiting that several tests share."""

import pathlib
import time
from collections.abc import Callable

import tinybpf

Load = Callable[[str], tinybpf.BpfObject]
Find = Callable[[str], pathlib.Path]

DEADLINE_S = 10.0


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail at the deadline."""
    late = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < late, "waited in vain: " + what
        time.sleep(0.001)


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
