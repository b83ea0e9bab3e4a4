#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# /// script
# requires-python = ">=3.9"
# dependencies = ["tinybpf"]
# ///
"""Print every program that is started on this machine.

With a COMMAND: while it runs, ending with its exit status; without: until Ctrl-C.
All processes are shown, not only those that COMMAND starts. Arguments are cut
after 255 bytes.
"""

import argparse
import signal
import struct
import subprocess
import sys
from pathlib import Path

import tinybpf

EVENT = struct.Struct("=II16s256s")  # struct event of execsnoop.bpf.c


def text(field: bytes) -> str:
    """Decode a C string: what stands before its first NUL."""
    return field.split(b"\0", 1)[0].decode(errors="replace")


def trace(rb: tinybpf.BpfRingBuffer, command: list[str]) -> int:
    """Handle events until the command ends, or Ctrl-C; return the exit status."""
    if command:
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the command
        child = subprocess.Popen(command)
        while child.poll() is None:
            rb.poll(timeout_ms=50)
        while rb.consume():
            pass
        return child.returncode if child.returncode >= 0 else 128 - child.returncode
    try:
        while True:
            rb.poll()
    except KeyboardInterrupt:
        return 0


def main() -> int:
    """Run the tool; return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="*", metavar="-- COMMAND", help="what to run")
    args = parser.parse_args()
    shown = 0

    def show(record: bytes) -> None:
        nonlocal shown
        shown += 1
        pid, ppid, comm, argv = EVENT.unpack(record)
        print(f"{pid:<8}{ppid:<8}{text(comm):<17}{text(argv)}", flush=True)

    with tinybpf.load(Path(__file__).with_name("execsnoop.bpf.o")) as obj, obj.attach():
        print(f"{'PID':<8}{'PPID':<8}{'COMM':<17}ARGS", flush=True)
        with tinybpf.BpfRingBuffer(obj.maps["events"], show) as rb:
            status = trace(rb, args.command)
        print(f"{shown} events, lost: {obj.maps['lost'][0]}")
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `execsnoop.py | head` ends quietly
    try:
        sys.exit(main())
    except (OSError, tinybpf.BpfError) as error:
        sys.exit(f"execsnoop: {error}")
