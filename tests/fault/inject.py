# SPDX-License-Identifier: MIT
"""The library that makes things fail (inject.c), which this process was started with."""

import ctypes
import errno
import os
from typing import NamedTuple


class Kind(NamedTuple):
    """What is counted, and what it fails with."""

    name: str
    number: int  # of enum kind
    err: int


KINDS = {
    kind.name: kind
    for kind in (
        Kind("malloc", 1, errno.ENOMEM),
        Kind("python", 2, errno.ENOMEM),
        Kind("syscall-ENOMEM", 3, errno.ENOMEM),
        Kind("syscall-EPERM", 3, errno.EPERM),
        Kind("syscall-EINVAL", 3, errno.EINVAL),
    )
}


def spread(count: int, trials: int) -> list[int]:
    """Return so many of the numbers from 1 to count, evenly spread; 0: all of them."""
    if not trials or trials >= count:
        return list(range(1, count + 1))
    return sorted({1 + i * (count - 1) // max(trials - 1, 1) for i in range(trials)})


class Injector:
    """Counts one kind of call in this thread, and lets one of them fail."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._library = ctypes.CDLL(os.environ["LD_PRELOAD"])
        self._arm, self._disarm = self._library.fault_arm, self._library.fault_disarm
        self._arm.argtypes = ctypes.c_int, ctypes.c_long, ctypes.c_int
        self._arm.restype = None
        self._disarm.restype = self._library.fault_last.restype = ctypes.c_long
        self._disarm()  # what ctypes makes at a first call is there then

    def prepare(self) -> None:
        """Come between this process and what is counted, for good."""
        prepare = {2: self._library.fault_python, 3: self._library.fault_syscalls}
        if self.kind.number in prepare and prepare[self.kind.number]() != 0:
            raise OSError("nothing can be injected here")

    def arm(self, at: int) -> None:
        """Begin to count; call number `at` fails, 0 for none."""
        self._arm(self.kind.number, at, self.kind.err)

    def disarm(self) -> int:
        """End, and return how many there were."""
        return int(self._disarm())

    def last(self) -> int:
        """Return the number of the system call that failed; -1: none."""
        return int(self._library.fault_last())
