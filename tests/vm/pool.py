# SPDX-License-Identifier: MIT
"""The suite on several kernels, as many machines at a time as there are processors for.

A machine has one processor of the host to itself. The whole suite is shared out to as
many machines as run at a time, so that one kernel takes no longer than it must, and none
waits in the end for the last one. What was selected of it runs on one machine.
"""

import concurrent.futures
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

import initramfs
import machine
import programs
import suite

from support import apt


class Options(NamedTuple):
    """What the command line asks for."""

    targets: list[suite.Target]
    timeout_s: float
    jobs: int  # machines at a time
    pytest: list[str]


def outputs(arch: str) -> tuple[pathlib.Path, pathlib.Path]:
    """Return the build tree for an architecture, and the tinybpf-run to test."""
    usual = "build/dev" if arch == os.uname().machine else f"build/release-{arch}"
    tree = pathlib.Path(os.environ.get("TINYBPF_BUILD", suite.ROOT / usual))
    return tree, pathlib.Path(os.environ.get("TINYBPF_RUN", tree / "tinybpf-run"))


def interpreter(arch: str) -> "pathlib.Path | None":
    """Return a Python of the guest's version that runs here: its own, or the tools' one."""
    if arch == os.uname().machine:
        return outputs(arch)[1]
    found = suite.cache().parent.glob("python-3.*-*/bin/python3.*")
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def make_guest(arch: str, folder: pathlib.Path) -> initramfs.Guest:
    """Return what goes into the machines of an architecture; it is made in the folder."""
    built = initramfs.Built(suite.ROOT, *outputs(arch))
    others = programs.find(arch, machine.ARCHES[arch].debian, suite.cache())
    compiler = interpreter(arch)
    compiled: programs.Files = {}
    if compiler:
        place = folder / f"compiled-{arch}"
        compiled = initramfs.compiled(place, built, compiler)
    else:
        print("dev: the guest compiles its Python itself, which takes long", file=sys.stderr)
    return initramfs.Guest(built, others, compiled)


def prepare(
    options: Options, folder: pathlib.Path
) -> tuple[list[suite.Work], list[suite.Report]]:
    """Return the shares to be done, and reports of the kernels that cannot be had."""
    found: list[suite.Work] = []
    lacking: list[suite.Report] = []
    guests: dict[str, initramfs.Guest] = {}
    count = 1 if options.pytest else options.jobs
    kvm = True  # until a kernel does not boot on it: the others are not tried then
    for target in options.targets:
        try:
            suite.find_program(machine.ARCHES[target.arch].emulator)
            kernel = suite.find_kernel(target)
            if target.arch not in guests:
                guests[target.arch] = make_guest(target.arch, folder)
        except apt.LookupFailed as error:
            lacking.append(suite.unavailable(target, error))
            continue
        native = target.arch == os.uname().machine
        if native:
            kvm = kvm and machine.can_use_kvm(target.arch, kernel)
        guest = guests[target.arch]
        work = suite.Work(target, kernel, guest, options.pytest, native and kvm)
        shares = [f"{number}/{count}" for number in range(1, count + 1)]
        found += [work._replace(share=share) for share in shares]
    return found, lacking


def by_target(reports: Sequence[suite.Report]) -> list[suite.Report]:
    """Return the reports of whole suites, in the order of the first of their shares."""
    shares: dict[suite.Target, list[suite.Report]] = {}
    for report in reports:
        shares.setdefault(report.target, []).append(report)
    return [suite.together(of_one) for of_one in shares.values()]


def run(options: Options) -> tuple[list[suite.Report], float]:
    """Run the suite on each kernel; return the reports and what all took, in seconds."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tinybpf-vm-") as name:
        folder = pathlib.Path(name)
        works, lacking = prepare(options, folder)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            done = list(pool.map(lambda work: work.do(folder, options.timeout_s), works))
    return by_target([*done, *lacking]), time.monotonic() - start
