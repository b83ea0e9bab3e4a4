# SPDX-License-Identifier: MIT
"""The command line: python -m tinybpf. No command leaves anything loaded.

Only those that look at what is loaded need root: list, show and dump.
"""

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
    ("run", "load and attach an object, print its events and maps"),
    ("doctor", "why this host does not run BPF, or an object not on it"),
    ("caps", "what an object needs, and how to start a process with it"),
    ("list", "what is loaded: programs, maps, links or BTF, and who holds it"),
    ("show", "all that is known of one of them, by its id or pin"),
    ("dump", "the entries of a map"),
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
        prog="python -m tinybpf", description="Look into BPF objects, BTF and hosts."
    )
    parser.add_argument("--version", action="version", version=f"tinybpf {version()}")
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Command)
    for name, what in COMMANDS:
        commands.add_parser(name, help=what).set_defaults(command=name)
    return parser


def main() -> int:
    """Run a command; its exit status."""
    if sys.argv[1:2] == ["run"]:  # whose options the object says
        from tinybpf import _run

        return _run.main(sys.argv[2:], "python -m tinybpf run")
    args = _parser().parse_args()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = int(args.run(args) or 0)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except (BpfError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(plain_lines(f"tinybpf: {message}"), file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
