# SPDX-License-Identifier: MIT
"""A bpffs that delegates BPF to a user namespace: what a container manager sets up.

The child opens the file system in its own namespace, the parent, which is root outside
of it, says what is delegated and makes it: only it may. bpf(2) takes tokens from there.
"""

import contextlib
import ctypes
import os
import pathlib
import socket

from support import confine

# Numbers of system calls that are the same on all machines.
FSOPEN, FSCONFIG, FSMOUNT, MOVE_MOUNT = 430, 431, 432, 429
FSCONFIG_SET_STRING, FSCONFIG_CMD_CREATE = 1, 6
MOVE_MOUNT_F_EMPTY_PATH = 4
CLONE_NEWNS = 0x00020000
UNSHARE = confine.NUMBERS["unshare"]


def call(number: int, *args: object) -> int:
    """Make a system call; its result, or OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(ctypes.c_long(number), *args)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), number)
    return int(result)


def enter(channel: socket.socket, place: str) -> None:
    """Leave for a user namespace, and mount there what the other end delegates."""
    uid, gid = os.getuid(), os.getgid()
    confine.enter_user_namespace()
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"0 {uid} 1"),
        ("gid_map", f"0 {gid} 1"),
    ):
        pathlib.Path(f"/proc/self/{name}").write_text(line)
    call(UNSHARE, ctypes.c_ulong(CLONE_NEWNS))
    opened = call(FSOPEN, b"bpf", ctypes.c_int(0))
    socket.send_fds(channel, [b"fs"], [opened])
    os.close(opened)
    _, (mount,), _, _ = socket.recv_fds(channel, 2, 1)
    call(
        MOVE_MOUNT,
        ctypes.c_int(mount),
        b"",
        ctypes.c_int(-100),
        place.encode(),
        ctypes.c_uint(MOVE_MOUNT_F_EMPTY_PATH),
    )
    os.close(mount)


def grant(channel: socket.socket, **delegated: str) -> None:
    """Make the file system that the other end opened, with what is delegated."""
    _, (opened,), _, _ = socket.recv_fds(channel, 2, 1)
    with contextlib.closing(channel):
        for key, value in delegated.items():
            call(
                FSCONFIG,
                ctypes.c_int(opened),
                ctypes.c_uint(FSCONFIG_SET_STRING),
                f"delegate_{key}".encode(),
                value.encode(),
                ctypes.c_int(0),
            )
        call(
            FSCONFIG,
            ctypes.c_int(opened),
            ctypes.c_uint(FSCONFIG_CMD_CREATE),
            None,
            None,
            ctypes.c_int(0),
        )
        mount = call(FSMOUNT, ctypes.c_int(opened), ctypes.c_uint(0), ctypes.c_uint(0))
        socket.send_fds(channel, [b"mt"], [mount])
        os.close(mount)
        os.close(opened)
