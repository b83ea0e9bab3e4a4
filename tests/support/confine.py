# SPDX-License-Identifier: MIT
"""What confines a process beyond capabilities: seccomp filters, user namespaces, limits.

A child calls these on itself. System calls are made by number, so that both forms of
tinybpf can.
"""

import contextlib
import ctypes
import errno
import os
import pathlib
import platform
import struct
from collections.abc import Iterator

# Numbers of system calls: on x86_64, and on machines with the generic table.
_BOTH = {
    "bpf": (321, 280),
    "mount": (165, 40),
    "perf_event_open": (298, 241),
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "unshare": (272, 97),
}
NUMBERS = {name: both[platform.machine() != "x86_64"] for name, both in _BOTH.items()}
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 1 << 18
PARANOID = pathlib.Path("/proc/sys/kernel/perf_event_paranoid")


class _Program(ctypes.Structure):
    """struct sock_fprog: a program of classic BPF."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _call(name: str, *args: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(NUMBERS[name], *args) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)


def refuse(name: str, error: int = errno.EPERM) -> None:
    """Make a system call fail from now on, by a seccomp filter on this process."""
    load_number, jump_if_equal, give = 0x20, 0x15, 0x06
    code = [
        (load_number, 0, 0, 0),
        (jump_if_equal, 0, 1, NUMBERS[name]),
        (give, 0, 0, 0x00050000 | error),  # SECCOMP_RET_ERRNO
        (give, 0, 0, 0x7FFF0000),  # SECCOMP_RET_ALLOW
    ]
    raw = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in code))
    program = _Program(len(code), ctypes.addressof(raw))
    zero = ctypes.c_ulong(0)
    _call("prctl", PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    _call("seccomp", SECCOMP_SET_MODE_FILTER, zero, ctypes.byref(program))


def enter_user_namespace() -> None:
    """Leave for a user namespace of its own, where this process has all capabilities."""
    _call("unshare", ctypes.c_ulong(CLONE_NEWUSER))


def hide(*folders: str) -> None:
    """Lay empty file systems over folders, for this process alone."""
    zero = ctypes.c_ulong(0)
    _call("unshare", ctypes.c_ulong(CLONE_NEWNS))
    _call("mount", None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), zero)
    for folder in folders:
        _call("mount", b"none", folder.encode(), b"tmpfs", zero, zero)


@contextlib.contextmanager
def paranoid(level: int) -> Iterator[None]:
    """Set kernel.perf_event_paranoid meanwhile."""
    before = PARANOID.read_text()
    PARANOID.write_text(str(level))
    try:
        yield
    finally:
        PARANOID.write_text(before)
