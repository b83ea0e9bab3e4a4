# SPDX-License-Identifier: MIT
"""One kernel and the suite on it: the kernel is found, booted, and what it says is kept.

A boot without a verdict is tried once more, because an emulated kernel may die by
chance; a suite that failed has a verdict, and is never tried again.
"""

import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
from typing import NamedTuple

import initramfs
import kernels
import machine
import programs

from support import apt

ROOT = pathlib.Path(__file__).resolve().parents[2]
# How pytest ends, with -q or without: "==== 3 passed, 1 skipped in 2.00s ====".
CLOSING = re.compile(r"=*\s*((?:\d+ \w+(?:, )?|no tests ran)+ in \d+\.\d+s[^=]*?)\s*=*")


class Options(NamedTuple):
    """What the command line asks for."""

    series: list[str]
    arch: str
    timeout_s: float
    pytest: list[str]


class Result(NamedTuple):
    """How one kernel did."""

    kernel: str
    status: int
    seconds: float
    closing: str

    def __str__(self) -> str:
        words = "no verdict" if self.status == machine.NO_VERDICT else self.closing
        return f"  {self.kernel}: {words} ({self.seconds:.0f} s, status {self.status})"


class Output:
    """The console on the terminal and in a log; it keeps pytest's last line of results."""

    def __init__(self, log: pathlib.Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("w", encoding="utf-8")
        self.closing = "pytest printed no results"

    def line(self, text: str) -> None:
        """Show a line."""
        print(text, flush=True)
        print(text, file=self._log, flush=True)
        found = CLOSING.fullmatch(text)
        if found:
            self.closing = found[1]

    def close(self) -> None:
        """Close the log."""
        self._log.close()


def find_program(name: str) -> pathlib.Path:
    """Return the path of a program of this machine."""
    found = shutil.which(name)
    if not found:
        raise apt.LookupFailed(f"{name} is missing here")
    return pathlib.Path(found)


def find_kernel(series: str, arch: str) -> kernels.Kernel:
    """Return the kernel of a series, or the one that lies at that path."""
    path = pathlib.Path(series)
    if path.is_file():
        return kernels.Kernel(path, str(path))
    if not series.replace(".", "").isdigit():
        raise apt.LookupFailed(f"{series!r} is neither a series like 6.1 nor a vmlinuz")
    return kernels.find(series, machine.ARCHES[arch].debian, cache())


def cache() -> pathlib.Path:
    """Return the folder of what was fetched."""
    return pathlib.Path(os.environ["TINYBPF_CACHE"]) / "vm"


def outputs(arch: str) -> tuple[pathlib.Path, pathlib.Path]:
    """Return the build tree for an architecture, and the tinybpf-run to test."""
    usual = "build/dev" if arch == os.uname().machine else f"build/release-{arch}"
    tree = pathlib.Path(os.environ.get("TINYBPF_BUILD", ROOT / usual))
    return tree, pathlib.Path(os.environ.get("TINYBPF_RUN", tree / "tinybpf-run"))


def verdict(boot: machine.Boot, output: Output, timeout_s: float) -> int:
    """Boot, and once more if nobody knows how it went; return the status."""
    status = boot.run(timeout_s)
    if status == machine.NO_VERDICT:
        output.line("==== the machine gave no verdict; once more")
        status = boot.run(timeout_s)
    return status


def run(series: str, options: Options) -> Result:
    """Run the suite on one kernel; raises LookupFailed if that cannot be."""
    start = time.monotonic()
    find_program(machine.ARCHES[options.arch].emulator)
    kernel = find_kernel(series, options.arch)
    guest = programs.find(options.arch, machine.ARCHES[options.arch].debian, cache())
    log = ROOT / "build/logs" / f"vm-{pathlib.Path(series).name}-{options.arch}.log"
    output = Output(log)
    try:
        with tempfile.TemporaryDirectory(prefix="tinybpf-vm-") as folder:
            archive = pathlib.Path(folder, "initramfs.cpio")
            built = initramfs.Built(ROOT, *outputs(options.arch))
            initramfs.write(archive, built, guest, options.pytest)
            boot = machine.Boot(options.arch, kernel, archive, output.line)
            output.line(f"==== {kernel.origin} ({boot.accelerator})")
            status = verdict(boot, output, options.timeout_s)
    finally:
        output.close()
    return Result(kernel.origin, status, time.monotonic() - start, output.closing)


def attempt(series: str, options: Options) -> Result:
    """Run the suite on one kernel; a kernel that cannot be had is a result too."""
    try:
        return run(series, options)
    except apt.LookupFailed as error:
        print(f"dev: {error}", file=sys.stderr)
        return Result(series, machine.NO_VERDICT, 0, "")
