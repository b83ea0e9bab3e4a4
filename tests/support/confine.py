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
from typing import Optional

# Numbers of system calls: on x86_64, and on machines with the generic table.
_BOTH = {
    "bpf": (321, 280),
    "clone3": (435, 435),
    "ioctl": (16, 29),
    "mount": (165, 40),
    "perf_event_open": (298, 241),
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "unshare": (272, 97),
}
NUMBERS = {name: both[platform.machine() != "x86_64"] for name, both in _BOTH.items()}
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
SIGCHLD = 17
MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x1000, 0x2000, 0x4000, 1 << 18
PARANOID = pathlib.Path("/proc/sys/kernel/perf_event_paranoid")


class _Program(ctypes.Structure):
    """struct sock_fprog: a program of classic BPF."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _call(name: str, *args: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    found: int = libc.syscall(NUMBERS[name], *args)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)
    return found


def refuse(name: str, error: int = errno.EPERM, second: Optional[int] = None) -> None:
    """Make a system call fail from now on, by a seccomp filter on this process.

    `second`: only where the low half of its second argument is that.
    """
    load, jump_if_equal, give = 0x20, 0x15, 0x06
    tests = [(0, NUMBERS[name])] + ([(24, second)] if second is not None else [])
    code = []
    for left, (offset, wanted) in zip(reversed(range(len(tests))), tests):
        code += [(load, 0, 0, offset), (jump_if_equal, 0, 2 * left + 1, wanted)]
    code.append((give, 0, 0, 0x00050000 | error))  # SECCOMP_RET_ERRNO
    code.append((give, 0, 0, 0x7FFF0000))  # SECCOMP_RET_ALLOW
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


def fork_into(root: str) -> int:
    """Fork a child that is the first of its PID namespace, with that folder as its root.

    It is so before this returns in it; here it returns the child's number.
    """
    zero = ctypes.c_ulong(0)
    _call("unshare", ctypes.c_ulong(CLONE_NEWNS | CLONE_NEWPID))
    _call("mount", None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), zero)
    pid = os.fork()
    if pid == 0:
        path = root.encode()
        _call("mount", path, path, None, ctypes.c_ulong(MS_BIND), zero)
        os.chdir(root)
        _call("mount", b".", b"/", None, ctypes.c_ulong(MS_MOVE), zero)
        os.chroot(".")
    return pid


def fork_as(pid: int) -> int:
    """Fork a child of that number (Linux 5.5); returns in it and here as os.fork()."""
    wanted = ctypes.c_int(pid)
    # struct clone_args: the signal is its fifth number, the pids its tenth and their count
    args = (ctypes.c_uint64 * 10)(*[0] * 4, SIGCHLD, *[0] * 3, ctypes.addressof(wanted), 1)
    return _call("clone3", ctypes.byref(args), ctypes.sizeof(args))


@contextlib.contextmanager
def paranoid(level: int) -> Iterator[None]:
    """Set kernel.perf_event_paranoid meanwhile."""
    before = PARANOID.read_text()
    PARANOID.write_text(str(level))
    try:
        yield
    finally:
        PARANOID.write_text(before)
