# SPDX-License-Identifier: MIT
"""Flags, as the kernel's headers name them."""

from typing import Final

BPF_ANY: Final = 0
BPF_NOEXIST: Final = 1
BPF_EXIST: Final = 2
BPF_F_LOCK: Final = 4
BPF_F_CPU: Final = 8
BPF_F_ALL_CPUS: Final = 16
BPF_F_NO_PREALLOC: Final = 1
BPF_F_NO_COMMON_LRU: Final = 2
BPF_F_RDONLY: Final = 8
BPF_F_WRONLY: Final = 16
BPF_F_STACK_BUILD_ID: Final = 32
BPF_F_RDONLY_PROG: Final = 128
BPF_F_WRONLY_PROG: Final = 256
BPF_F_MMAPABLE: Final = 1024
BPF_F_PRESERVE_ELEMS: Final = 2048
BPF_F_INNER_MAP: Final = 4096
