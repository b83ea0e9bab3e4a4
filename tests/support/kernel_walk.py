# SPDX-License-Identifier: MIT
"""The kernel's own walk over a map, key by key: what faster walks are compared with."""

import ctypes
import platform
from collections.abc import Iterator

SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
BPF_MAP_GET_NEXT_KEY = 4


class _Attr(ctypes.Structure):
    """The part of union bpf_attr that BPF_MAP_GET_NEXT_KEY reads."""

    _fields_ = (
        ("map_fd", ctypes.c_uint64),
        ("key", ctypes.c_uint64),
        ("next_key", ctypes.c_uint64),
    )


def numbers(fd: int) -> Iterator[int]:
    """Yield the keys of a map whose keys are u32."""
    libc = ctypes.CDLL(None, use_errno=True)
    key = ctypes.c_uint32()
    attr = _Attr(fd, 0, ctypes.addressof(key))
    while libc.syscall(SYS_BPF, BPF_MAP_GET_NEXT_KEY, ctypes.byref(attr), 24) == 0:
        yield key.value
        attr.key = attr.next_key
