# SPDX-License-Identifier: MIT
"""Run what the release build's profile is trained on (cmake/python/profile.cmake).

The instrumented Python runs this. Most of it is CPython's own choice, the tests behind
`-m test --pgo`; musl's locales fail two of test_re, and sqlite3 is not inside. The rest
is what scripts do all day and those tests hardly touch: starting, importing, text,
bytes, files, arguments, times, waiting in asyncio, handing work to threads, logging,
taking binary records apart. What the profile does not see is optimised for size. No
program of tests/bench is among them: those tell how good the training was.
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


LINE = "{i} sshd[{pid}]: Accepted publickey for {user} from 192.0.2.{host} port {port}"
ROW = "%-8s|%5d"


def take_text_apart(rounds: int) -> int:
    """Make lines of a log, split, search and rewrite them."""
    import re

    pattern = re.compile(r"(?P<name>\w+)\[(?P<pid>\d+)\]: (?P<text>.*)")
    total = 0
    for i in range(rounds):
        user = "jürgen" if i % 9 == 0 else "root" if i % 3 else "alice"
        line = LINE.format(i=i, pid=i % 4096, user=user, host=i % 254, port=1024 + i)
        head, _, rest = line.partition(": ")
        words = rest.split()
        found = pattern.search(line)
        if "publickey" in rest and found is not None and not rest.startswith("Failed"):
            total += int(found["pid"]) + len(words) + rest.find(" port ") + rest.rfind(" ")
        text = ", ".join(word.strip(",;").upper() for word in words)
        text = text.replace("PUBLICKEY", "key").lower() + ROW % (user, i)
        total += len(text.encode()) + text.count(",") + line.endswith("22") + len(repr(head))
        total += len("\n".join([line, text, ""]).splitlines()) + sum(map(str.isdigit, words))
    return total


def take_bytes_apart(rounds: int) -> int:
    """Search, cut, compare and print bytes, as for a protocol."""
    import base64
    import binascii
    import hashlib
    import zlib

    request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"
    total = 0
    buffer = bytearray()
    for i in range(rounds):
        buffer += request[: 20 + i % 30]
        if i % 100 == 0:
            total += buffer.count(b"\r\n") + len(bytes(buffer[:100]).hex())
            total += zlib.crc32(buffer) & 1
            total += len(zlib.decompress(zlib.compress(buffer, 1)))
            buffer.clear()
        head, _, body = request.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        total += len(fields[b"Host"].decode("ascii")) + head.find(b"HTTP/") + (body == b"")
        number = int.from_bytes(request[4:12], "little") ^ i
        total += number.to_bytes(8, "big")[7] + memoryview(request)[i % 50]
    digest = hashlib.sha256(request * 64).digest()
    return total + len(base64.b64encode(digest)) + len(binascii.hexlify(digest))


def read_and_write_files(rounds: int) -> int:
    """Write lines, rows and JSON to files, and read them back."""
    import csv
    import json
    import pathlib
    import tempfile

    total = 0
    with tempfile.TemporaryDirectory() as folder:
        lines, table, state = (pathlib.Path(folder, n) for n in ("a.log", "a.csv", "a.json"))
        with lines.open("w") as out:
            for i in range(rounds):
                out.write(f"{i} {i * 7 % 1000} name{i % 50}\n")
        with lines.open() as source, table.open("w", newline="") as out:
            writer = csv.writer(out)
            for line in source:
                writer.writerow(line.rstrip("\n").split(" "))
        with table.open(newline="") as source:
            rows = [
                {"n": int(n), "name": name, "x": [1.5, None]}
                for n, _, name in csv.reader(source)
            ]
        for start in range(0, len(rows), 100):
            state.write_text(json.dumps(rows[start : start + 100], indent=1))
            total += len(json.loads(state.read_text()))
        total += sum(line.startswith(b"1") for line in lines.read_bytes().split(b"\n"))
        total += sum(path.stat().st_size > 0 for path in pathlib.Path(folder).iterdir())
    return total


def parse_arguments(rounds: int) -> int:
    """Build parsers and let them parse."""
    import argparse

    total = 0
    for i in range(rounds // 100):
        parser = argparse.ArgumentParser(prog="tool", description="Watch something.")
        parser.add_argument("-p", "--pid", type=int, default=-1, help="process")
        parser.add_argument("-v", "--verbose", action="store_true")
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument("names", nargs="*")
        args = parser.parse_args(["-p", str(i), "--format=json", "a", "b", "-v"])
        total += args.pid + len(args.names) + len(parser.format_usage())
    return total


def tell_times(rounds: int) -> int:
    """Turn times into text and back, and reckon with them."""
    import datetime
    import time

    utc = datetime.timezone(datetime.timedelta())
    start = datetime.datetime(2024, 2, 28, 23, 59, 30, tzinfo=utc)
    total = 0
    for i in range(rounds):
        moment = start + datetime.timedelta(seconds=i, microseconds=i)
        total += len(moment.isoformat()) + (moment > start) + moment.weekday()
        if i % 4 == 0:
            total += len(moment.strftime("%Y-%m-%d %H:%M:%S"))
            total += datetime.datetime.fromisoformat(moment.isoformat()).second
            total += time.localtime(i).tm_min + datetime.datetime.now().microsecond % 2
            total += len(time.strftime("%H:%M:%S", time.gmtime(i)))
    return total


def sort_and_group(rounds: int) -> int:
    """Group, sort and sum objects of a class, with errors on the way."""
    import heapq
    from collections import defaultdict, deque
    from operator import itemgetter

    class Entry:
        def __init__(self, name: str, value: int) -> None:
            self.name, self.value = name, value

        @property
        def weight(self) -> float:
            return self.value / (len(self.name) or 1)

    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    recent: deque[Entry] = deque(maxlen=100)
    failed = 0
    for i in range(rounds):
        entry = Entry(f"n{i % 97}", i * 31 % 1009)
        groups[entry.name].append(entry)
        recent.append(entry)
        try:
            failed += int("x" if i % 5 == 0 else "1") and {"a": 1}["a" if i % 7 else "b"]
        except (ValueError, KeyError) as error:
            failed += len(error.args)
    sums = {name: sum(e.weight for e in each) for name, each in groups.items()}
    first = sorted(sums.items(), key=itemgetter(1), reverse=True)[:10]
    last = heapq.nsmallest(10, ((e.value, e.name) for e in recent))
    seen = {name for name, _ in first} | {name for _, name in last}
    return failed + len(seen) + len(sorted(e.value for each in groups.values() for e in each))


def main() -> int:
    """Run all of it; a part that fails makes the profile worthless."""
    tests = subprocess.run([sys.executable, *TESTS], check=False)
    if tests.returncode not in TESTS_RAN:
        return tests.returncode
    for code in STARTS * 4:
        subprocess.run([sys.executable, "-c", code], check=True)
    scripts = (take_text_apart, take_bytes_apart, read_and_write_files, tell_times)
    work = (wait_in_asyncio, hand_to_threads, log_lines, take_records_apart)
    for part in (*work, *scripts, parse_arguments, sort_and_group):
        print(part.__name__, part(20_000 if part in work else 200_000), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
