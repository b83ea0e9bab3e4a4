# SPDX-License-Identifier: MIT
"""Time the operations of operations.txt in this interpreter: `python operations.py [GROUPS]`.

It runs in any Python from 3.11 on and prints a line for each operation: its group, the
nanoseconds that it takes, and what it is. The best of a few short runs is taken, which
other processes disturb least.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter_ns

RUNS = 7
RUN_NS = 1_500_000


def operations(groups: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the group, the line, the setup and the statement of each operation."""
    group = ""
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        if re.fullmatch(r"\[\w+\]", line):
            group = line.strip("[]")
        elif line and not line.startswith("#") and (not groups or group in groups):
            setup, _, statement = line.rpartition(";;")
            yield group, line, setup, statement


def indented(code: str, by: str) -> str:
    """Return the lines of an operation's half, one level deeper."""
    return "\n".join(by + line for line in code.strip(" ").split("¶"))


def timer(setup: str, statement: str) -> Callable[[int], int]:
    """Return a function that does the statement so many times and returns the time."""
    source = f"""
def run(count):
{indented(setup, "    ") if setup.strip() else ""}
    start = now()
    for _ in range(count):
{indented(statement, "        ")}
    return now() - start
"""
    names = {"now": perf_counter_ns}
    exec(source, names)
    return names["run"]  # type: ignore[return-value]


def nanoseconds(run: Callable[[int], int]) -> float:
    """Return what one time takes: the best of RUNS runs of some RUN_NS."""
    count = 1
    while (ns := run(count)) < RUN_NS and count < 1 << 20:
        count = max(count * 2, min(count * 100, count * RUN_NS // max(ns, 1)))
    return min(run(count) for _ in range(RUNS)) / count


def main() -> None:
    """Print the line of each operation of the groups that are named, or of all."""
    for group, line, setup, statement in operations(sys.argv[1:]):
        print(group, f"{nanoseconds(timer(setup, statement)):.1f}", line, sep="\t", flush=True)


if __name__ == "__main__":
    main()
