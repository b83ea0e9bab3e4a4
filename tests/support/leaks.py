# SPDX-License-Identifier: MIT
"""What a test must not leave behind: descriptors, and objects in the kernel.

Descriptors are compared before and after. The kernel frees programs and maps late
(after RCU grace periods), so an object that a test made is watched, not waited for:
it is a leak if it is still there when its time is over and no other process's fdinfo
names it. That costs a test two short requests to the helper kernel_ids.
"""

import gc
import os
import pathlib
import re
import subprocess
import time
from collections.abc import Iterable
from typing import Optional

from support import host

DEADLINE_S = float(os.environ.get("TINYBPF_LEAK_DEADLINE_S", "10"))
KINDS = ("prog", "map", "link", "btf")
_FDINFO_ID = re.compile(r"^(prog|map|link|btf)_id:\s*(\d+)", re.MULTILINE)

Ident = tuple[str, int]


def descriptors() -> dict[int, str]:
    """Return this process's open descriptors and what each of them is."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink("/proc/self/fd/" + name)
        except FileNotFoundError:
            continue  # the one that listdir itself used
    return found


def descriptors_beyond(before: dict[int, str]) -> dict[int, str]:
    """Return the descriptors that came since, after a garbage collection if need be."""
    new = {fd: what for fd, what in descriptors().items() if before.get(fd) != what}
    if new:
        gc.collect()
        new = {fd: what for fd, what in descriptors().items() if before.get(fd) != what}
    return new


class KernelIds:
    """The helper program kernel_ids, asked for the ids of all BPF objects."""

    def __init__(self, program: Optional[pathlib.Path] = None) -> None:
        program = program or host.directory_from("TINYBPF_BUILD") / "kernel_ids"
        self._process = subprocess.Popen(
            [str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin, self._process.stdout

    def now(self) -> set[Ident]:
        """Return (kind, id) of every BPF object that is in the kernel now."""
        self._requests.write(b"?")
        reply = b""
        while not reply.endswith(b"\n"):
            more = self._replies.read(65536)
            if not more:
                raise host.HostError("kernel_ids ended; it says why on stderr")
            reply += more
        found: set[Ident] = set()
        kind = ""
        for word in reply.decode().split():
            if word in KINDS:
                kind = word
            else:
                found.add((kind, int(word)))
        return found

    def close(self) -> None:
        """End the helper."""
        self._requests.close()
        self._replies.close()
        self._process.wait()


def held_by_others() -> set[Ident]:
    """Return the objects that a descriptor of another process names."""
    found: set[Ident] = set()
    mine = str(os.getpid())
    for pid in os.listdir("/proc"):
        if pid.isdigit() and pid != mine:
            found |= _held_by(pid)
    return found


def _held_by(pid: str) -> set[Ident]:
    found: set[Ident] = set()
    try:
        for fd in os.listdir(f"/proc/{pid}/fdinfo"):
            text = pathlib.Path("/proc", pid, "fdinfo", fd).read_text()
            found.update((kind, int(number)) for kind, number in _FDINFO_ID.findall(text))
    except OSError:
        pass  # the process, or the descriptor, went away
    return found


class Watch:
    """The kernel objects of tests that are over, until the kernel has freed them."""

    def __init__(self, ids: KernelIds, deadline_s: float = DEADLINE_S) -> None:
        self.ids = ids
        self._deadline_s = deadline_s
        self._pending: dict[Ident, tuple[str, float]] = {}  # -> test, when it is late

    def add(self, test: str, new: Iterable[Ident]) -> None:
        """Watch what a test made, from now on."""
        late = time.monotonic() + self._deadline_s
        self._pending.update((ident, (test, late)) for ident in new)

    def leaked(self, now: set[Ident]) -> list[str]:
        """Return a sentence for each object that is late; forget it and the freed ones."""
        self._pending = {k: v for k, v in self._pending.items() if k in now}
        moment = time.monotonic()
        late = {k: v[0] for k, v in self._pending.items() if v[1] <= moment}
        if not late:
            return []
        others = held_by_others()
        for ident in late:
            del self._pending[ident]
        return [
            f"{test} left {kind} {number} in the kernel"
            for (kind, number), test in sorted(late.items())
            if (kind, number) not in others
        ]

    def drain(self) -> list[str]:
        """Wait until all that is watched is freed or late; return as leaked()."""
        found: list[str] = []
        while self._pending:
            found += self.leaked(self.ids.now())
            if self._pending:
                time.sleep(0.005)
        return found
