# SPDX-License-Identifier: MIT
"""./dev vm: the kernel suite on real kernels, with tinybpf-run as the only Python there.

    ./dev vm [SERIES ...] [--arch A] [--timeout S] [-- PYTEST ARGS]

A SERIES is "6.1", or "7" for the newest 7.x that the machine's Debian mirror has, or the
path of a vmlinuz; without one, those that every change must pass on. The exit status
is that of pytest; 125 says that a kernel could not be had or gave no verdict. What the
kernels printed is in build/logs/vm-*.log too.
"""

import argparse
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))  # for support

import machine
import suite
from matrix import SERIES

TIMEOUT_S = 3600.0


def arch_name(text: str) -> str:
    """Return the kernel's name of an architecture, which may be given by Debian's."""
    for name, arch in machine.ARCHES.items():
        if text in (name, arch.debian):
            return name
    raise argparse.ArgumentTypeError(f"{text!r} is none of: {' '.join(machine.ARCHES)}")


def parse(arguments: list[str]) -> suite.Options:
    """Return the options; ends the program if they make no sense."""
    ours: list[str] = arguments
    pytest: list[str] = []
    if "--" in arguments:
        at = arguments.index("--")
        ours, pytest = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser(prog="./dev vm")
    parser.add_argument("series", nargs="*", metavar="SERIES")
    parser.add_argument("--arch", type=arch_name, default=os.uname().machine, metavar="A")
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, metavar="SECONDS")
    found = parser.parse_args(ours)
    series = found.series or SERIES[found.arch]
    return suite.Options(series, found.arch, found.timeout, pytest)


def main(arguments: list[str]) -> int:
    """Run the suite on each kernel; return the first status that is not 0."""
    options = parse(arguments)
    results = [suite.attempt(series, options) for series in options.series]
    print("\n" + "\n".join(map(str, results)))
    return next((result.status for result in results if result.status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
