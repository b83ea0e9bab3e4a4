# SPDX-License-Identifier: MIT
"""Passes over all programs and maps of the kernel; listing.c is its yardstick.

The names of passes come by standard input, one a line; each is answered with the
nanoseconds that it took.
"""

import sys
from collections.abc import Iterator
from time import perf_counter_ns
from typing import Any, Callable

import tinybpf

THINGS = 1000
PASSES: "dict[str, Callable[[], Iterator[Any]]]" = {
    "programs": tinybpf.iter_programs,
    "maps": tinybpf.iter_maps,
}


def look_at_all(name: str) -> int:
    """Take id, name and type of each; the nanoseconds."""
    start = perf_counter_ns()
    found = [(thing.id, thing.name, thing.type) for thing in PASSES[name]()]
    ns = perf_counter_ns() - start
    if len(found) < THINGS:
        raise RuntimeError(f"{len(found)} {name} are not all")
    return ns


if __name__ == "__main__":
    for line in sys.stdin:
        print(look_at_all(line.strip()), flush=True)
