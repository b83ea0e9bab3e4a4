# SPDX-License-Identifier: MIT
"""How figures are taken: whole processes, served passes, interleaved rounds."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TypeVar

# A large process that has just ended still keeps the kernel busy freeing its maps.
PAUSE_S = 0.02

K = TypeVar("K")
T = TypeVar("T")
Command = Sequence[str | Path]
Environment = dict[str, str]


class Cost(NamedTuple):
    """What a whole process took."""

    ms: float
    rss_mb: float


def launch(launcher: Path, command: Command, env: Environment) -> Cost:
    """Run a command once to its end by launch.c; it must succeed."""
    time.sleep(PAUSE_S)
    line = subprocess.run(
        [launcher, *command],
        env=env,
        cwd="/",  # where no package lies that `-c` would find first
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    ns, rss_kib = line.split()
    return Cost(int(ns) / 1e6, int(rss_kib) / 1024)


def printed_number(command: Command, env: Environment) -> float:
    """Run a command once to its end and return the number that it prints."""
    return float(
        subprocess.run(
            command, env=env, cwd="/", stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    )


def costs(results: dict[str, list[Cost]]) -> dict[str, Cost]:
    """Return the median time and memory of each task's results."""
    return {
        name: Cost(
            statistics.median(cost.ms for cost in values),
            statistics.median(cost.rss_mb for cost in values),
        )
        for name, values in results.items()
    }


class Server:
    """A process that does passes by name and tells what each took."""

    def __init__(self, command: Command, env: Environment) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Server":
        """Return the server."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """End it."""
        self.process.communicate()

    def seconds(self, name: str) -> float:
        """Do one pass and return how long it took."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer or int(answer) <= 0:
            raise RuntimeError(f"{self.process.args!r} failed in {name!r}")
        return int(answer) / 1e9


def interleaved(rounds: int, tasks: Mapping[K, Callable[[], T]]) -> dict[K, list[T]]:
    """Do all tasks in turn, round after round, after one that does not count."""
    results: dict[K, list[T]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            results[name].append(task())
    return results


def medians(results: dict[K, list[float]]) -> dict[K, float]:
    """Return the median of each task's results."""
    return {name: statistics.median(values) for name, values in results.items()}


def stay_on_one_cpu() -> None:
    """Keep this process and its children from moving between processors."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
