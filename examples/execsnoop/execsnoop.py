#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "tinybpf @ https://tinybpf.invalid/x86_64.whl ; platform_machine == 'x86_64'",
#   "tinybpf @ https://tinybpf.invalid/aarch64.whl ; platform_machine == 'aarch64'",
# ]
# ///
"""Print every program that is started on this machine.

With a COMMAND: while it runs, ending with its exit status; without: until Ctrl-C.
All processes are shown, not only those that COMMAND starts. Arguments are cut
after 255 bytes.
"""

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import tinybpf


def events(rb: tinybpf.BpfRingBuffer[Any], child: "Popen[bytes] | None") -> Iterator[Any]:
    """Yield events until the child ends; without one for ever."""
    if child is None:
        yield from rb.stream()
        return
    while child.poll() is None:
        yield from rb.stream(timeout=0.05)
    yield from rb.stream(timeout=0)


def start(command: list[str]) -> "Popen[bytes] | None":
    """Start the command, if there is one; then Ctrl-C is for that."""
    if not command:
        return None
    signal.signal(signal.SIGINT, lambda *_: None)
    return Popen(command)


def show(rb: tinybpf.BpfRingBuffer[Any], child: "Popen[bytes] | None") -> None:
    """Print events until the child ends, or Ctrl-C; then their number."""
    with contextlib.suppress(KeyboardInterrupt):
        for e in events(rb, child):
            print(f"{e.pid:<8}{e.ppid:<8}{e.comm:<17}{e.args}", flush=True)
    stats = rb.stats()
    print(f"{stats.records} events, lost: {stats.lost}")


def main() -> int:
    """Run the tool; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="*", metavar="-- COMMAND", help="what to run")
    args = parser.parse_args()
    stdout: Any = sys.stdout
    stdout.reconfigure(errors="backslashreplace")  # a locale may lack letters
    status = 0

    with tinybpf.load(Path(__file__).with_name("execsnoop.bpf.o")) as obj, obj.attach():
        print(f"{'PID':<8}{'PPID':<8}{'COMM':<17}ARGS", flush=True)
        with tinybpf.BpfRingBuffer(obj.maps["events"], event_type="event") as rb:
            child = start(args.command)
            show(rb, child)
    if child is not None:
        status = child.returncode if child.returncode >= 0 else 128 - child.returncode
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `execsnoop.py | head` ends quietly
    try:
        sys.exit(main())
    except (OSError, tinybpf.BpfError) as error:
        sys.exit(f"execsnoop: {error}")
