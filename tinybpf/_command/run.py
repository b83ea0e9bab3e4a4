# SPDX-License-Identifier: MIT
"""An object run as it is: `python -m tinybpf run`, which `tinybpf-run x.bpf.o` is, too."""

from __future__ import annotations

import sys

from tinybpf._run import main

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes; the object says most of them."""
    parser.add_argument(
        "object", nargs="?", help="the .bpf.o file; --help behind it tells more"
    )
    parser.add_argument("rest", nargs="...", metavar="option", help="its options, -- COMMAND")


def run(args: argparse.Namespace) -> int:
    """Run the object; its exit status."""
    return main(sys.argv[2:], "python -m tinybpf run")
