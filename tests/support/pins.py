# SPDX-License-Identifier: MIT
"""A folder of a test's own on the BPF file system, and pins that maps cannot make."""

import contextlib
import ctypes
import os
import pathlib
import platform
import secrets
import shutil
from collections.abc import Iterator

BPFFS = pathlib.Path("/sys/fs/bpf")
SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
BPF_OBJ_PIN = 6


class _Attr(ctypes.Structure):
    """The part of union bpf_attr that BPF_OBJ_PIN reads."""

    _fields_ = (("pathname", ctypes.c_uint64), ("bpf_fd", ctypes.c_uint32))


@contextlib.contextmanager
def folder(name: str = "") -> Iterator[pathlib.Path]:
    """Make a folder that nobody else uses; remove it with all its pins."""
    path = BPFFS / (name or f"tinybpf-{os.getpid()}-{secrets.token_hex(4)}")
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path)


def pin(fd: int, path: pathlib.Path) -> None:
    """Pin whatever a descriptor is, as BPF_OBJ_PIN does."""
    name = ctypes.create_string_buffer(os.fsencode(path))
    attr = _Attr(ctypes.addressof(name), fd)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(SYS_BPF, BPF_OBJ_PIN, ctypes.byref(attr), ctypes.sizeof(attr)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
