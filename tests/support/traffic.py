# SPDX-License-Identifier: MIT
"""Traffic of a test's own: system calls that only its programs recognise."""

import contextlib
import os
import pathlib
import secrets
import struct
from typing import TYPE_CHECKING, Optional

from support import child

if TYPE_CHECKING:
    import tinybpf

# Of struct config in tests/bpf/produce.h.
CONFIG = struct.Struct("=QIIIIQ")
BURST = 64  # records that one trigger can write there
MAX_RECORD = 4096

BPF_RB_NO_WAKEUP = 1
BPF_RB_FORCE_WAKEUP = 2


class Trigger:
    """getpgid() of a process that cannot exist; tests/bpf/trigger.h is its other half."""

    def __init__(self) -> None:
        # Above every pid (pid_max is 2**22 at most), below 2**31.
        self.cookie = 2**24 + secrets.randbelow(2**31 - 2**24)

    def arm(self, obj: "tinybpf.BpfObject") -> None:
        """Tell the object's programs to answer to this trigger."""
        obj.maps["config"][0] = struct.pack("=Q", self.cookie)

    def fire(self, times: int = 1) -> None:
        """Make the system call."""
        for _ in range(times):
            with contextlib.suppress(ProcessLookupError):
                os.getpgid(self.cookie)


class Producer:
    """A program with produce.h: records with a number, verifiable contents, any size."""

    def __init__(self, obj: "tinybpf.BpfObject") -> None:
        self.obj, self.events = obj, obj.maps["events"]
        self.trigger = Trigger()
        self._min_size = self._step = self._span = 0
        self._pattern = secrets.token_bytes(MAX_RECORD)
        obj.maps["pattern"][0] = self._pattern

    def setup(
        self,
        count: int = 1,
        size: int = 8,
        vary: Optional[tuple[int, int]] = None,
        flags: int = 0,
    ) -> "Producer":
        """Set what a trigger writes: `count` records of size + seq * step % span bytes.

        vary is (step, span); flags are those of bpf_ringbuf_output, which alone has some.
        """
        assert count <= BURST, f"one trigger writes at most {BURST} records"
        self._min_size, (self._step, self._span) = size, vary or (0, 0)
        self.obj.maps["config"][0] = CONFIG.pack(
            self.trigger.cookie, count, size, self._step, self._span, flags
        )
        return self

    def fire(self, times: int = 1) -> None:
        """Trigger, on the CPU that this thread runs on; the program must be attached."""
        self.trigger.fire(times)

    def record(self, seq: int) -> bytes:
        """Return what the record of that number must be."""
        extra = seq * self._step % self._span if self._span else 0
        size = min(self._min_size + extra, MAX_RECORD)
        return (struct.pack("=Q", seq) + self._pattern[8:])[:size]

    @property
    def tried(self) -> int:
        """Number of records that the program tried to write."""
        return int(self.obj.maps["stats"][0])

    @property
    def no_room(self) -> int:
        """Number of those that found no room."""
        return int(self.obj.maps["stats"][1])


def send_from(cgroup: pathlib.Path) -> None:
    """Send a packet over lo from a process inside the cgroup."""
    child.output(
        """
        import os, socket, sys
        with open(sys.argv[1] + "/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.bind(("127.0.0.1", 0))
            out.sendto(b"x", out.getsockname())
        """,
        cgroup,
    )
