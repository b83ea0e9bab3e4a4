# SPDX-License-Identifier: MIT
"""./dev vm: the kernel suite on real kernels, with tinybpf-run as the only Python there.

    ./dev vm [SERIES ...] [--arch A] [--jobs N] [--timeout S] [--table] [-- PYTEST ARGS]
    ./dev vm --all [--jobs N] [--timeout S] [--table]

A SERIES is "6.1", or "7" for the newest 7.x that the machine's Debian mirror has, or the
path of a vmlinuz; without one, those that every change must pass on; --all takes those of
every architecture, two at a time. --jobs says how many machines run at a time, for those
have a share of a kernel's suite each: two for each processor, or four. --table writes
docs/kernels.md from what the last run on each kernel of the matrix tested. The exit status
is that of pytest; 125 says that a kernel could not be had or gave no verdict. What the
kernels printed is in build/logs/vm-*.log too.
"""

import argparse
import os
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))  # for support

import machine
import pool
import suite
import table
from matrix import SERIES

TIMEOUT_S = 3600.0
MOST_JOBS = 4  # unless more are asked for: each has up to 768 MB of memory
JOBS_PER_CPU = 2  # part of its time a machine waits, for timers and grace periods


def arch_name(text: str) -> str:
    """Return the kernel's name of an architecture, which may be given by Debian's."""
    for name, arch in machine.ARCHES.items():
        if text in (name, arch.debian):
            return name
    raise argparse.ArgumentTypeError(f"{text!r} is none of: {' '.join(machine.ARCHES)}")


def usual_jobs() -> int:
    """Return how many machines run at a time, unless it is said."""
    return min(MOST_JOBS, JOBS_PER_CPU * len(os.sched_getaffinity(0)))


def parse(arguments: list[str]) -> "tuple[pool.Options, bool]":
    """Return the options, and whether to write the table; ends the program if they make
    no sense."""
    ours: list[str] = arguments
    pytest: list[str] = []
    if "--" in arguments:
        at = arguments.index("--")
        ours, pytest = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser(prog="./dev vm")
    parser.add_argument("series", nargs="*", metavar="SERIES")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--arch", type=arch_name, default=os.uname().machine, metavar="A")
    parser.add_argument("--jobs", type=int, default=usual_jobs(), metavar="N")
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, metavar="SECONDS")
    found = parser.parse_args(ours)
    if found.all and found.series:
        parser.error("--all takes no SERIES")
    if found.jobs < 1:
        parser.error("--jobs takes a number from 1 on")
    names = found.series or SERIES[found.arch]
    targets = table.TARGETS if found.all else [suite.Target(found.arch, n) for n in names]
    return pool.Options(targets, found.timeout, found.jobs, pytest), found.table


def main(arguments: list[str]) -> int:
    """Run the suite on each kernel; return the first status that is not 0."""
    options, wants_table = parse(arguments)
    start = time.monotonic()
    reports = []
    for report in pool.run(options):
        reports.append(report)
        if not options.pytest:
            table.keep(report)
    print("\n" + "\n".join(map(str, reports)))
    print(f"  {options.jobs} at a time: {time.monotonic() - start:.0f} s")
    if wants_table:
        table.write()
    return next((report.status for report in reports if report.status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
