# SPDX-License-Identifier: MIT
"""Run what the release build's profile is trained on (cmake/python/profile.cmake).

The instrumented Python runs this. Most of it is CPython's own choice, the tests behind
`-m test --pgo`; musl's locales fail two of test_re, and sqlite3 is not inside. The rest
is what scripts of this runner do all day and those tests hardly touch: starting,
importing, waiting in asyncio, handing work to threads, logging, taking binary records
apart. No program of tests/bench is among them: those tell how good the training was.
"""

import subprocess
import sys

# A few tests fail for want of what is left out; what they do until then counts as well.
TESTS_RAN = (0, 2)
TESTS = ["-m", "test", "--pgo", "-i", "test_locale_*", "-x", "test_sqlite3"]

STARTS = [
    "pass",
    "import json, struct, time, os, sys",
    "import argparse, dataclasses, asyncio, logging, subprocess, typing",
    "import csv, enum, functools, collections, datetime, ipaddress, pathlib, shutil",
]


def wait_in_asyncio(rounds: int) -> int:
    """Hand numbers from task to task through queues."""
    import asyncio

    async def forward(source: asyncio.Queue[int], to: asyncio.Queue[int]) -> None:
        for _ in range(rounds):
            await to.put(await source.get() + 1)

    async def run() -> int:
        first, second, last = (asyncio.Queue[int](maxsize=8) for _ in range(3))
        tasks = [
            asyncio.create_task(forward(first, second)),
            asyncio.create_task(forward(second, last)),
        ]
        total = 0
        for i in range(rounds):
            await first.put(i)
            total += await last.get()
        await asyncio.gather(*tasks)
        return total

    return asyncio.run(run())


def hand_to_threads(rounds: int) -> int:
    """Let a pool of threads work, and two threads talk through a queue."""
    import queue
    import threading
    from concurrent.futures import ThreadPoolExecutor

    inbox: queue.Queue[int | None] = queue.Queue(maxsize=64)
    seen: list[int] = []

    def receive() -> None:
        while (item := inbox.get()) is not None:
            seen.append(item)

    receiver = threading.Thread(target=receive)
    receiver.start()
    for i in range(rounds):
        inbox.put(i)
    inbox.put(None)
    receiver.join()
    with ThreadPoolExecutor(max_workers=4) as pool:
        total: int = sum(pool.map(abs, range(rounds // 10)))
    return total + len(seen)


def log_lines(rounds: int) -> int:
    """Format log records and drop some by their level."""
    import io
    import logging

    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log = logging.getLogger("train")
    log.propagate = False
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    for i in range(rounds):
        log.debug("dropped %d", i)
        log.info("pid %d wrote %s bytes to %r", i, i * 2, "file")
    return len(out.getvalue())


def take_records_apart(rounds: int) -> int:
    """Decode binary records, count them, print a table."""
    import collections
    import struct
    from dataclasses import dataclass

    @dataclass(slots=True)
    class Row:
        pid: int
        comm: str

    raw = struct.pack("<IxxxxQ16s", 42, 1 << 40, b"python3")
    counts: collections.Counter[str] = collections.Counter()
    lines = []
    for i in range(rounds):
        pid, ns, comm = struct.unpack("<IxxxxQ16s", raw)
        row = Row(pid + i % 7, comm.rstrip(b"\0").decode())
        counts[row.comm] += pid > i
        lines.append(f"{row.pid:<8}{row.comm:<17}{ns / 1e6:>12.3f}")
    return len("\n".join(sorted(lines)))


def main() -> int:
    """Run all of it; a part that fails makes the profile worthless."""
    tests = subprocess.run([sys.executable, *TESTS], check=False)
    if tests.returncode not in TESTS_RAN:
        return tests.returncode
    for code in STARTS * 4:
        subprocess.run([sys.executable, "-c", code], check=True)
    work = (wait_in_asyncio, hand_to_threads, log_lines, take_records_apart)
    for part in work:
        print(part.__name__, part(20_000), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
