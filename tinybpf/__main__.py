# SPDX-License-Identifier: MIT
"""The command line: python -m tinybpf. No command needs root, or loads anything."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys

from tinybpf import BpfError, version
from tinybpf._command import plain_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Each is a module of tinybpf/_command, and what it does.
COMMANDS = (
    ("inspect", "what is in an object"),
    ("stubs", "write a typed module for an object"),
    ("btf", "types as C, as vmlinux.h has them"),
    ("headers", "what a BPF program includes"),
)


class _Command(argparse.ArgumentParser):
    """The parser of one command, whose module is imported when it is chosen."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse what stands behind the name of the command."""
        command = importlib.import_module(f"tinybpf._command.{self.get_default('command')}")
        command.declare(self)
        self.set_defaults(run=command.run)
        return super().parse_known_args(args, namespace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tinybpf", description="Look into BPF objects and BTF, without root."
    )
    parser.add_argument("--version", action="version", version=f"tinybpf {version()}")
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Command)
    for name, what in COMMANDS:
        commands.add_parser(name, help=what).set_defaults(command=name)
    return parser


def main() -> int:
    """Run a command; its exit status."""
    args = _parser().parse_args()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (BpfError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(plain_lines(f"tinybpf: {message}"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
