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
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import tinybpf


def trace(rb: tinybpf.BpfRingBuffer[Any], command: list[str]) -> int:
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
    stdout: Any = sys.stdout
    stdout.reconfigure(errors="backslashreplace")  # a locale may lack letters
    shown = 0

    def show(e: Any) -> None:
        nonlocal shown
        shown += 1
        print(f"{e.pid:<8}{e.ppid:<8}{e.comm:<17}{e.args}", flush=True)

    with tinybpf.load(Path(__file__).with_name("execsnoop.bpf.o")) as obj, obj.attach():
        print(f"{'PID':<8}{'PPID':<8}{'COMM':<17}ARGS", flush=True)
        with tinybpf.BpfRingBuffer(obj.maps["events"], show, event_type="event") as rb:
            status = trace(rb, args.command)
        print(f"{shown} events, lost: {obj.maps['lost'][0]}")
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `execsnoop.py | head` ends quietly
    try:
        sys.exit(main())
    except (OSError, tinybpf.BpfError) as error:
        sys.exit(f"execsnoop: {error}")
