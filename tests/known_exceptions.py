# SPDX-License-Identifier: MIT
"""The ONE table of kernels that lack a feature although they are new enough for it.

A test says by `@kernel("5.18", "kprobe.multi")` from which version on a feature must
work. Where a kernel is new enough and still says "unsupported", the test fails unless
a row here matches; where a row matches and the test passes, the test fails too, so
that the table cannot outlive its reasons; but for rows of builds that differ.
"""

import errno
import fnmatch
import pathlib
import platform
from typing import NamedTuple, Optional


class KnownException(NamedTuple):
    """A kernel, as patterns of `uname -r` and `uname -m`, and what it lacks."""

    release: str
    machine: str
    feature: str  # the second argument of @kernel
    reason: str
    errno: int = 0  # what this kernel says in place of "unsupported"
    without: str = ""  # only on machines whose CPUs lack this flag of /proc/cpuinfo
    varies: bool = False  # builds differ that have the same name: it may work, too


TABLE = (
    KnownException(
        "*-fc-*", "*", "kprobe", "microVM kernel without CONFIG_KPROBES", errno.ENOENT
    ),
    *(
        KnownException(
            "*-fc-*", "*", kind, "microVM kernel that allows no trampolines", errno.EPERM
        )
        for kind in ("fentry", "loading for fentry", "fmod_ret", "freplace")
    ),
    *(
        KnownException("*-fc-*", "*", kind, "microVM kernel without CONFIG_FPROBE", errno.EPERM)
        for kind in ("kprobe.multi", "kprobe.session")
    ),
    KnownException("6.1.*", "*", "kprobe.multi", "Debian's 6.1 has no CONFIG_FPROBE"),
    *(
        KnownException("6.1.*", "aarch64", kind, "arm64's ftrace has direct calls from 6.4 on")
        for kind in ("fentry", "fmod_ret", "lsm", "lsm_cgroup")
    ),
    *(
        KnownException("6.12.*", "aarch64", kind, "Debian's 6.12 of arm64 has no CONFIG_FPROBE")
        for kind in ("kprobe.multi", "kprobe.session")
    ),
    *(
        KnownException(
            "*-fc-*", "*", kind, "microVM kernel that allows no LSM programs", errno.EPERM
        )
        for kind in ("lsm", "loading for lsm", "lsm_cgroup")
    ),
    KnownException(
        *("*-fc-*", "*", "iterator of a map's entries"),
        *("microVM kernel that lets nobody write into maps by walks", errno.EPERM),
        varies=True,
    ),
    KnownException("*-fc-*", "*", "netkit", "microVM kernel without CONFIG_NETKIT"),
    KnownException(
        *("*-fc-*", "*", "streams of programs"),
        *("microVM kernel whose alloc_pages_nolock() gives nothing", errno.ENOMEM),
    ),
    # qemu's own CPU is run without cmpxchg16b, which it gets wrong; from
    # 7.0 on storages and arenas allocate by kmalloc_nolock(), which needs it.
    *(
        KnownException(
            "7.*", "x86_64", feature, "kmalloc_nolock needs cmpxchg16b", errno.ENOMEM, "cx16"
        )
        for feature in ("values of storages", "arena")
    ),
)


def _applies(row: KnownException) -> bool:
    """Tell whether a row is about this machine's CPUs, as far as it is about CPUs."""
    if not row.without:
        return True
    words = pathlib.Path("/proc/cpuinfo").read_text().split()
    return row.without not in words


def find(feature: str) -> Optional[KnownException]:
    """Return the row that says that this kernel lacks the feature, None if there is none."""
    release, machine = platform.release(), platform.machine()
    for row in TABLE:
        if (
            row.feature == feature
            and fnmatch.fnmatchcase(release, row.release)
            and fnmatch.fnmatchcase(machine, row.machine)
            and _applies(row)
        ):
            return row
    return None
