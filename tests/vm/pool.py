# SPDX-License-Identifier: MIT
"""The suite on several kernels, as many machines at a time as there is work for.

The whole suite of a kernel is shared out to two machines, or to all that run at a time if
the kernels are few: so one takes no longer than it must, and none waits in the end for the
last one. What was selected of it runs on one machine.
"""

import concurrent.futures
import itertools
import os
import pathlib
import sys
import tempfile
from collections.abc import Iterator
from typing import NamedTuple

import initramfs
import machine
import programs
import suite

from support import apt

SHARES = 2  # of one kernel's suite, at least, if as many machines run at a time


class Options(NamedTuple):
    """What the command line asks for."""

    targets: list[suite.Target]
    timeout_s: float
    jobs: int  # machines at a time
    pytest: list[str]


def outputs(arch: str) -> tuple[pathlib.Path, pathlib.Path]:
    """Return the build tree for an architecture, and the tinybpf-run to test."""
    is_own = arch == os.uname().machine
    usual = "build/dev" if is_own else f"build/release-{arch}"
    tree = pathlib.Path(os.environ.get("TINYBPF_BUILD", suite.ROOT / usual))
    made = os.environ.get("TINYBPF_SHIPPED") if is_own else None  # that of --all
    made = os.environ.get("TINYBPF_RUN", made)
    return tree, pathlib.Path(made) if made else tree / "tinybpf-run"


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


def shares_of_each(options: Options) -> int:
    """Return how many machines have a part of one kernel's suite."""
    return min(options.jobs, max(SHARES, options.jobs // len(options.targets)))


def prepare(
    options: Options, folder: pathlib.Path
) -> tuple[list[suite.Work], list[suite.Report]]:
    """Return the shares to be done, and reports of the kernels that cannot be had."""
    found: list[suite.Work] = []
    lacking: list[suite.Report] = []
    guests: dict[str, initramfs.Guest] = {}
    count = 1 if options.pytest else shares_of_each(options)
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


def run(options: Options) -> Iterator[suite.Report]:
    """Run the suite on each kernel; yield the report of each as soon as it is done."""
    with tempfile.TemporaryDirectory(prefix="tinybpf-vm-") as name:
        folder = pathlib.Path(name)
        works, lacking = prepare(options, folder)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            running = [(one, pool.submit(one.do, folder, options.timeout_s)) for one in works]
            for _, shares in itertools.groupby(running, lambda share: share[0].target):
                yield suite.together([report.result() for _, report in shares])
        yield from lacking
