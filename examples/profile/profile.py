#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "tinybpf @ https://tinybpf.invalid/x86_64.whl ; platform_machine == 'x86_64'",
#   "tinybpf @ https://tinybpf.invalid/aarch64.whl ; platform_machine == 'aarch64'",
# ]
# ///
"""Show where the CPUs spend their time, as stacks and as a flame graph.

While COMMAND runs, or until Ctrl-C; the outermost frame of each stack stands first.
"""

import argparse
import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import tinybpf


def watch(obj: tinybpf.BpfObject, symbols: tinybpf.Symbols, command: list[str]) -> int:
    """Look at processes while they are there, until the end; return the exit status."""
    child = subprocess.Popen(command) if command else None
    status = None
    if child:
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the command
    with contextlib.suppress(KeyboardInterrupt):
        while status is None:
            for pid in {key.pid for key in obj.maps["counts"]}:
                symbols.observe(pid)
            time.sleep(0.1)
            status = child.poll() if child else None
    return 128 - status if status and status < 0 else status or 0


def stacks(obj: tinybpf.BpfObject, symbols: tinybpf.Symbols) -> "dict[tuple[Any, ...], int]":
    """Return how often each stack was seen, with names, the outermost first."""
    counts: dict[tuple[Any, ...], int] = {}
    for key, n in obj.maps["counts"].items():
        frames: list[Any] = []
        for stack, pid in ((key.kernel, None), (key.user, key.pid)):
            with contextlib.suppress(KeyError):  # another stack has taken its place
                frames += obj.maps["stacks"].walk(stack, symbols, pid) if stack >= 0 else []
        named = (key.comm, *reversed(frames))
        counts[named] = counts.get(named, 0) + n
    return counts


def main() -> int:
    """Run the tool; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-p", "--pid", type=int, default=0, help="only this process")
    parser.add_argument("-o", "--output", type=Path, help="draw a flame graph: an SVG file")
    parser.add_argument("command", nargs="*", metavar="-- COMMAND", help="what to run")
    args, symbols = parser.parse_args(), tinybpf.Symbols()
    with tinybpf.load(Path(__file__).with_name("profile.bpf.o")) as obj:
        obj.maps["only"][0] = args.pid
        with obj.programs["on_sample"].attach_perf_event("cpu-clock", freq=99):
            status = watch(obj, symbols, args.command)
        counts = stacks(obj, symbols)
        sys.stdout.write(tinybpf.folded(counts))
        if args.output:
            args.output.write_text(tinybpf.flamegraph(counts), encoding="utf-8")
        print(f"{sum(counts.values())} samples, lost: {obj.maps['lost'][0]}", file=sys.stderr)
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `profile.py | head` ends quietly
    try:
        sys.exit(main())
    except (OSError, tinybpf.BpfError) as error:
        sys.exit(f"profile: {error}")
