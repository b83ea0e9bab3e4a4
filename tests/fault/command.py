# SPDX-License-Identifier: MIT
"""--user and --caps of tinybpf-run, while one of its system calls fails.

The executable is static: strace, and no library, lets them fail. Either it ends before
Python starts, and says why, or its script is exactly who was said.
"""

import collections
import errno
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import inject

NAME = "command"
OPTIONS = ("--user", "nobody", "--caps", "bpf,perfmon")
SHOW = """\
rows = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
ids = [rows[name].split() for name in ("Uid", "Gid", "Groups", "NoNewPrivs")]
print(ids, [int(rows["Cap" + name], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")])
"""
KEPT = 1 << 39 | 1 << 38
SETS = str([0, KEPT, KEPT, KEPT, 0])
# What is never asked about its failure.
WITHOUT_RESULT = ("close", "munmap", "rt_sigaction", "rt_sigprocmask")


class Done(NamedTuple):
    """How the executable ended."""

    status: int
    out: str
    err: str


def _run(trace: Path, *options: str) -> Done:
    """Run it under strace."""
    env = {name: text for name, text in os.environ.items() if name != "LD_PRELOAD"}
    line = ["strace", "-qq", "-o", str(trace), *options, os.environ["TINYBPF_RUN"]]
    done = subprocess.run(
        [*line, *OPTIONS, "-c", SHOW], env=env, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _calls(trace: Path) -> "list[tuple[str, int]]":
    """Return the calls from the look-up of the user to the last look at what is left, each
    by its name and its number among those of that name: so strace tells them apart."""
    lines = trace.read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if '"/etc/passwd"' in line)
    last = max(i for i, line in enumerate(lines) if "PR_CAPBSET_READ" in line)
    seen: collections.Counter[str] = collections.Counter()
    found = []
    for i, line in enumerate(lines[: last + 1]):
        match = re.match(r"\w+(?=\()", line)
        if match:
            seen[match[0]] += 1
            if i >= first and match[0] not in WITHOUT_RESULT:
                found.append((match[0], seen[match[0]]))
    return found


def _is_refused(done: Done) -> bool:
    """Tell whether it said why it did not start, and not that there is no such user."""
    is_told = done.err.startswith("tinybpf-run: --user") and "there is no" not in done.err
    return done.status == 2 and is_told and not done.out


def sweep(kind: inject.Kind, trials: int, only: int) -> Iterator[str]:
    """Run the trials of a kind; print a line; yield what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace")
        whole = _run(trace)
        if whole.status != 0 or not whole.out.endswith(f" {SETS}\n"):
            yield f"{NAME}, {kind.name}, nothing fails: {whole}"
            return
        calls = _calls(trace)
        ended: collections.Counter[str] = collections.Counter()
        for at in [only] if only else inject.spread(len(calls), trials):
            name, number = calls[at - 1]
            what = f"inject={name}:error={errno.errorcode[kind.err]}:when={number}"
            done = _run(trace, "-e", what)
            is_refused = _is_refused(done)
            ended["refused" if is_refused else "nothing"] += 1
            if only or (not is_refused and done != whole):
                yield f"{NAME}, {kind.name} {at} ({name} {number}): {done}"
    counts = ", ".join(f"{n} {what}" for what, n in ended.most_common())
    print(f"{NAME:10} {kind.name:15} {len(calls):6}: {counts}", flush=True)
