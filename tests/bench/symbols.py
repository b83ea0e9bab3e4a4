# SPDX-License-Identifier: MIT
"""What symbols take, in one form: lines "NAME NUMBER", for the figure of that name.

Seconds, but for those that are said to be look-ups a second, or megabytes.
"""

import os
import random
import sys
from time import perf_counter
from typing import Callable

import tinybpf

BATCH, BATCHES = 100, 200
STACKS, DEPTH = 10_000, 30


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = perf_counter()
    call()
    return perf_counter() - start


def read_kallsyms() -> None:
    """Read the file as tinybpf does, and drop it."""
    fd = os.open("/proc/kallsyms", os.O_RDONLY)
    while os.read(fd, 1 << 18):
        pass
    os.close(fd)


def resident_mb() -> float:
    """Return the memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def code() -> list[range]:
    """Return where files' code is in this process."""
    found = []
    with open("/proc/self/maps") as lines:
        for line in lines:
            span, mode, *_, path = line.split()[:6] if len(line.split()) > 5 else ("", "", "")
            if "x" in mode and path.startswith("/"):
                start, end = (int(part, 16) for part in span.split("-"))
                found.append(range(start, end))
    return found


def main() -> None:
    """Measure all."""
    random.seed(1)
    read_kallsyms()  # what comes first pays for cold caches
    symbols, before = tinybpf.Symbols(), resident_mb()
    parsed = timed(lambda: symbols.kernel([2**64 - 1]))
    print("memory_mb", resident_mb() - before)
    print("read", timed(read_kallsyms))
    print("parsed", parsed)
    with open("/proc/kallsyms") as lines:
        starts = [int(line.split()[0], 16) for line, _ in zip(lines, range(BATCH))]
    symbols.kernel(starts)
    took = timed(lambda: [symbols.kernel(starts) for _ in range(BATCHES)])
    print("kernel_per_s", BATCH * BATCHES / took)
    places, pid = code(), os.getpid()
    stacks = [
        [random.choice(random.choice(places)) for _ in range(DEPTH)] for _ in range(STACKS)
    ]
    print("stacks", timed(lambda: [symbols.user(pid, stack) for stack in stacks]))
    warm = stacks[0] * 3
    symbols.user(pid, warm)
    took = timed(lambda: [symbols.user(pid, warm) for _ in range(BATCHES)])
    print("user_per_s", len(warm) * BATCHES / took)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
