#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "tinybpf @ https://tinybpf.invalid/x86_64.whl ; platform_machine == 'x86_64'",
#   "tinybpf @ https://tinybpf.invalid/aarch64.whl ; platform_machine == 'aarch64'",
# ]
# ///
"""Print every file that is opened on this machine, and those that fail to be.

With a COMMAND: while it runs, ending with its exit status; without: until Ctrl-C.
All processes but this one are shown, not only those that COMMAND starts (-p and -n
choose). RESULT is the file descriptor, or the name of the error. Paths are cut
after 255 bytes.
"""

import argparse
import contextlib
import errno
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import tinybpf


def attach(obj: tinybpf.BpfObject, links: contextlib.ExitStack) -> None:
    """Attach every program whose system call this machine has."""
    for program in obj.programs.values():
        if platform.machine() == "x86_64" or not program.section.endswith("_open"):
            links.enter_context(program.attach())


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


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-p", "--pid", type=int, default=0, help="only this process")
    parser.add_argument("-n", "--name", default="", help="only names that contain this")
    parser.add_argument("-x", "--failed", action="store_true", help="only failures")
    parser.add_argument("command", nargs="*", metavar="-- COMMAND", help="what to run")
    return parser.parse_args()


def main() -> int:
    """Run the tool; return its exit status."""
    args = options()
    stdout: Any = sys.stdout
    stdout.reconfigure(errors="backslashreplace")  # a locale may lack letters
    shown = 0

    def show(e: Any) -> None:
        nonlocal shown
        unwanted = args.name not in e.comm or (args.failed and e.result >= 0)
        if unwanted or e.pid == os.getpid():
            return
        shown += 1
        outcome = errno.errorcode.get(-e.result, e.result)
        print(f"{e.pid:<8}{e.comm:<17}{outcome:<13}{e.path}", flush=True)

    with contextlib.ExitStack() as links:
        path = Path(__file__).with_name("opensnoop.bpf.o")
        obj = links.enter_context(tinybpf.load(path))
        obj.maps["only"][0] = args.pid
        attach(obj, links)
        print(f"{'PID':<8}{'COMM':<17}{'RESULT':<13}PATH", flush=True)
        with tinybpf.BpfRingBuffer(obj.maps["events"], show, event_type="event") as rb:
            status = trace(rb, args.command)
        print(f"{shown} events, lost: {obj.maps['lost'][0]}")
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `opensnoop.py | head` ends quietly
    try:
        sys.exit(main())
    except (OSError, tinybpf.BpfError) as error:
        sys.exit(f"opensnoop: {error}")
