# SPDX-License-Identifier: MIT
"""What the kernel suite needs of the machine, checked once.

A missing object file, mount or privilege is an error and never a skip: a suite that
skips everything looks like one that passes.
"""

import contextlib
import fcntl
import os
import pathlib
import platform
import re
from collections.abc import Iterator
from typing import Optional

LOCK_FILE = "/run/tinybpf-tests.lock"
LOCK_HELD = "TINYBPF_SUITE_LOCK"  # set for children of a suite that holds the lock
CAP_SYS_ADMIN = 21
EXPEDITED = pathlib.Path("/sys/kernel/rcu_expedited")
MOUNTS = {"tracefs": "/sys/kernel/tracing", "bpf": "/sys/fs/bpf"}


class HostError(Exception):
    """The machine lacks something that the kernel suite needs."""


def directory_from(variable: str) -> pathlib.Path:
    """Return the directory that an environment variable names, or raise HostError."""
    value = os.environ.get(variable)
    if not value:
        raise HostError(f"{variable} is not set; run the tests by ./dev test")
    path = pathlib.Path(value)
    if not path.is_dir():
        raise HostError(f"{variable}={value} is no directory; run ./dev test")
    return path


def bpf_object(name: str) -> pathlib.Path:
    """Return the path of the compiled tests/bpf/<name>.bpf.c, or raise HostError."""
    path = directory_from("TINYBPF_BPF_DIR") / (name + ".bpf.o")
    if not path.is_file():
        raise HostError(f"{path} is missing; is there a tests/bpf/{name}.bpf.c?")
    return path


def kernel_version() -> tuple[int, int]:
    """Return (major, minor) of the running kernel."""
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    if found is None:
        raise HostError(f"cannot read a version from kernel {platform.release()!r}")
    return int(found.group(1)), int(found.group(2))


def _effective_capabilities() -> int:
    status = pathlib.Path("/proc/self/status").read_text()
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return int(found.group(1), 16) if found else 0


def _mounts() -> set[tuple[str, str]]:
    lines = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    return {(line.split()[2], line.split()[1]) for line in lines}


def missing() -> Optional[str]:
    """Return what the machine lacks for the kernel suite, None if it lacks nothing."""
    if not _effective_capabilities() >> CAP_SYS_ADMIN & 1:
        return "the kernel suite needs root (CAP_SYS_ADMIN)"
    mounted = _mounts()
    for kind, place in MOUNTS.items():
        if (kind, place) not in mounted:
            return f"{place} is not mounted: mount -t {kind} {kind} {place}"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "the kernel has no BTF (/sys/kernel/btf/vmlinux)"
    return None


@contextlib.contextmanager
def machine_lock() -> Iterator[None]:
    """Keep other kernel suites of this machine waiting: ids of BPF objects are global.

    A child suite of one that holds the lock (LOCK_HELD is set) goes on at once.
    """
    if os.environ.get(LOCK_HELD):
        yield
        return
    fd = os.open(LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        os.environ[LOCK_HELD] = str(os.getpid())
        yield
    finally:
        os.environ.pop(LOCK_HELD, None)
        os.close(fd)


@contextlib.contextmanager
def quick_grace_periods() -> Iterator[None]:
    """Let the kernel hurry to its grace periods of RCU, which each detaching waits for.

    That halves the time of the suite. It is as before afterwards; a kernel that has no such
    setting goes on as it does.
    """
    if not EXPEDITED.exists():
        yield
        return
    before = EXPEDITED.read_text()
    EXPEDITED.write_text("1")
    try:
        yield
    finally:
        EXPEDITED.write_text(before)
