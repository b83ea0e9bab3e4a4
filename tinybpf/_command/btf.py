# SPDX-License-Identifier: MIT
"""The types of a BTF as C, or less of it: `python -m tinybpf btf`."""

from __future__ import annotations

import sys

from tinybpf import Btf
from tinybpf._command import plain_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("type", nargs="?", help="one type only, such as task_struct")
    parser.add_argument("-f", "--file", dest="source", help="an object or BTF; else the kernel")
    parser.add_argument("--complete", action="store_true", help="with all that the type needs")
    parser.add_argument(
        *("--minimize",), metavar="OBJECT", nargs="+", help="write BTF of what these need"
    )


def run(args: argparse.Namespace) -> None:
    """Print types, or write the minimised BTF."""
    types = Btf.file(args.source) if args.source else Btf.kernel()
    if args.minimize:
        sys.stdout.buffer.write(bytes(types.minimize(*args.minimize)))
    else:
        print(plain_lines(types.dump(args.type, complete=args.complete)), end="")
