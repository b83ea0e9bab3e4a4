# SPDX-License-Identifier: MIT
"""The suite on one kernel: found, booted, and what it says is kept; a share of it, if
several machines have a part of it each.

A boot without a verdict is tried once more, because an emulated kernel may die by
chance; a suite that failed has a verdict, and is never tried again.
"""

import json
import os
import pathlib
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import initramfs
import kernels
import machine

from support import apt
from support.plugins import share, tally

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / "build/logs"
# Most wrong arguments are refused before the kernel is asked, and emulated CPUs are slow.
SPARING = {"TINYBPF_HOSTILE_STRIDE": "2003"}
# How pytest ends, with -q or without: "==== 3 passed, 1 skipped in 2.00s ====".
CLOSING = re.compile(r"=*\s*((?:\d+ \w+(?:, )?)+|no tests ran) in \d+\.\d+s[^=]*?=*")


class Target(NamedTuple):
    """A kernel of the matrix."""

    arch: str
    series: str

    def __str__(self) -> str:
        return f"{pathlib.Path(self.series).name}-{self.arch}"


class Report(NamedTuple):
    """How a share of the suite did on a kernel, or all of it."""

    target: Target
    kernel: str
    status: int
    seconds: float
    outcomes: Counter[str]  # by pytest's words
    tally: tally.Counts

    def __str__(self) -> str:
        words = ", ".join(f"{count} {word}" for word, count in self.outcomes.items())
        if self.status == machine.NO_VERDICT:
            words = "no verdict"
        words = words or "pytest printed no results"
        where = f"{self.kernel} ({self.target.arch})"
        return f"  {where}: {words} ({self.seconds:.0f} s, status {self.status})"


def together(reports: Sequence[Report]) -> Report:
    """Return what the shares of a kernel's suite come to; it took as long as the longest.

    Without the tally of one of them there is none, for it would tell of a part.
    """
    outcomes: Counter[str] = Counter()
    counts: tally.Counts = {}
    for one in reports:
        outcomes += one.outcomes
        for label, found in one.tally.items():
            counts[label] = counts.get(label, Counter()) + found
    return reports[0]._replace(
        status=next((one.status for one in reports if one.status), 0),
        seconds=max(one.seconds for one in reports),
        outcomes=outcomes,
        tally=counts if all(one.tally for one in reports) else {},
    )


class Output:
    """The console on the terminal and in a log; it keeps the results of pytest."""

    def __init__(self, log: pathlib.Path, prefix: str = "") -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("w", encoding="utf-8")
        self._prefix = prefix
        self.outcomes: Counter[str] = Counter()
        self.tally: tally.Counts = {}

    def line(self, text: str) -> None:
        """Take a line: all but those for machines is shown."""
        if text.startswith(tally.MARK):
            found = json.loads(text[len(tally.MARK) :])
            self.tally = {label: Counter(counts) for label, counts in found.items()}
            return
        print(self._prefix + text, flush=True)
        print(text, file=self._log, flush=True)
        closing = CLOSING.fullmatch(text)
        if closing:
            pairs = re.findall(r"(\d+) (\w+)", closing[1])
            self.outcomes = Counter({word: int(count) for count, word in pairs})

    def close(self) -> None:
        """Close the log."""
        self._log.close()


def find_program(name: str) -> pathlib.Path:
    """Return the path of a program of this machine."""
    found = shutil.which(name)
    if not found:
        raise apt.LookupFailed(f"{name} is missing here")
    return pathlib.Path(found)


def find_kernel(target: Target) -> kernels.Kernel:
    """Return the kernel of a series, or the one that lies at that path."""
    path = pathlib.Path(target.series)
    if path.is_file():
        return kernels.Kernel(path, str(path))
    if not target.series.replace(".", "").isdigit():
        raise apt.LookupFailed(f"{target.series!r} is neither a series like 6.1 nor a vmlinuz")
    return kernels.find(target.series, machine.ARCHES[target.arch].debian, cache())


def cache() -> pathlib.Path:
    """Return the folder of what was fetched."""
    return pathlib.Path(os.environ["TINYBPF_CACHE"]) / "vm"


def verdict(boot: machine.Boot, output: Output, timeout_s: float) -> int:
    """Boot, and once more if nobody knows how it went; return the status."""
    status = boot.run(timeout_s)
    if status == machine.NO_VERDICT:
        output.line("==== the machine gave no verdict; once more")
        status = boot.run(timeout_s)
    return status


class Work(NamedTuple):
    """A share of the suite on a kernel, ready to be done."""

    target: Target
    kernel: kernels.Kernel
    guest: initramfs.Guest
    pytest: list[str]
    kvm: bool
    share: str = "1/1"

    def __str__(self) -> str:
        return f"{self.target} {self.share}".replace(" 1/1", "")

    def do(self, folder: pathlib.Path, timeout_s: float) -> Report:
        """Boot the kernel and run the share on it; the archive is made in the folder."""
        start = time.monotonic()
        name = str(self).replace(" ", "-").replace("/", "of")
        output = Output(LOGS / f"vm-{name}.log", f"{self}| ")
        environment = {share.VARIABLE: self.share, tally.VARIABLE: "yes", **SPARING}
        archive = folder / f"{name}.cpio"
        try:
            modules = {f"modules/{key}": path for key, path in self.kernel.modules().items()}
            files = {**self.guest.files(), **modules}
            initramfs.write(archive, files, self.pytest, environment)
            boot = machine.Boot(self.target.arch, self.kernel, archive, output.line, self.kvm)
            output.line(f"==== {self.kernel.origin} ({boot.accelerator})")
            status = verdict(boot, output, timeout_s)
        finally:
            output.close()
            archive.unlink(missing_ok=True)
        took = time.monotonic() - start
        return Report(
            self.target, self.kernel.origin, status, took, output.outcomes, output.tally
        )


def unavailable(target: Target, error: Exception) -> Report:
    """Return the report of a kernel that cannot be had."""
    print(f"dev: {error}", file=sys.stderr)
    return Report(target, target.series, machine.NO_VERDICT, 0, Counter(), {})
