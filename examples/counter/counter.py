#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "tinybpf @ https://tinybpf.invalid/x86_64.whl ; platform_machine == 'x86_64'",
#   "tinybpf @ https://tinybpf.invalid/aarch64.whl ; platform_machine == 'aarch64'",
# ]
# ///
"""Count the system calls of every process; print the busiest ones.

With a COMMAND: when it ends, ending with its exit status; without: at Ctrl-C. With
an interval, every so many seconds too. All processes are counted, not only those
that COMMAND starts.
"""

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

import tinybpf


def show(obj: tinybpf.BpfObject, top: int) -> None:
    """Print the processes that made the most calls, the busiest first."""
    counts, names = obj.maps["counts"], obj.maps["names"]
    print(f"{'CALLS':<12}{'PID':<8}COMM")
    for pid, calls in sorted(counts.items(), key=lambda kv: -kv[1])[:top]:
        comm = names.get(pid, b"?").split(b"\0", 1)[0].decode(errors="replace")
        print(f"{calls:<12}{pid:<8}{comm}")
    print(f"{len(counts)} processes, {sum(counts.values())} calls", flush=True)


def count(obj: tinybpf.BpfObject, args: argparse.Namespace) -> int:
    """Let it count until the command ends, or Ctrl-C; return the exit status."""
    if args.command:
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the command
        child = subprocess.Popen(args.command)
        while True:
            try:
                status = child.wait(args.interval)
                return status if status >= 0 else 128 - status
            except subprocess.TimeoutExpired:
                show(obj, args.top)
    try:
        while args.interval is None:
            signal.pause()
        while True:
            time.sleep(args.interval)
            show(obj, args.top)
    except KeyboardInterrupt:
        return 0


def main() -> int:
    """Run the tool; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-t", "--top", type=int, default=10, help="lines (default 10)")
    parser.add_argument("-i", "--interval", type=float, help="seconds between tables")
    parser.add_argument("command", nargs="*", metavar="-- COMMAND", help="what to run")
    args = parser.parse_args()

    with tinybpf.load(Path(__file__).with_name("counter.bpf.o")) as obj, obj.attach():
        status = count(obj, args)
        show(obj, args.top)
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `counter.py | head` ends quietly
    try:
        sys.exit(main())
    except (OSError, tinybpf.BpfError) as error:
        sys.exit(f"counter: {error}")
