# SPDX-License-Identifier: MIT
"""The command line: python -m tinybpf. No command needs root, or loads anything."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys

from tinybpf import BpfError, Btf, open, version


def _inspect(args: argparse.Namespace) -> None:
    from tinybpf import _inspect

    with open(args.object) as obj:
        found = _inspect.describe(obj, args.object)
    if args.json:
        import json

        print(json.dumps(found, indent=2))
    else:
        print(_inspect.layout(found), end="")


def _stubs(args: argparse.Namespace) -> None:
    from tinybpf import _stubs

    beside = _stubs.default_path(args.object)
    out = args.output or beside
    is_terminal = str(out) == "-"
    folder = beside.parent if is_terminal else out.parent
    with open(args.object) as obj:
        text = _stubs.write(obj, os.path.relpath(args.object, folder))
    if is_terminal:
        print(text, end="")
    else:
        out.write_text(text)


def _btf(args: argparse.Namespace) -> None:
    types = Btf.file(args.source) if args.source else Btf.kernel()
    if args.minimize:
        sys.stdout.buffer.write(bytes(types.minimize(*args.minimize)))
    else:
        print(types.dump(args.type, complete=args.complete), end="")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tinybpf", description="Look into BPF objects and BTF, without root."
    )
    parser.add_argument("--version", action="version", version=f"tinybpf {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    inspect = commands.add_parser("inspect", help="what is in an object")
    inspect.add_argument("object", help="the .bpf.o file")
    inspect.add_argument("--json", action="store_true", help="for programs to read")
    inspect.set_defaults(run=_inspect)

    stubs = commands.add_parser("stubs", help="write a typed module for an object")
    stubs.add_argument("object", type=pathlib.Path, help="the .bpf.o file")
    stubs.add_argument(
        *("-o", "--output"),
        type=pathlib.Path,
        help="the module, or - for the terminal (x_bpf.py beside x.bpf.o)",
    )
    stubs.set_defaults(run=_stubs)

    btf = commands.add_parser("btf", help="types as C, as vmlinux.h has them")
    btf.add_argument("type", nargs="?", help="one type only, such as task_struct")
    btf.add_argument("-f", "--file", dest="source", help="an object or BTF; else the kernel")
    btf.add_argument("--complete", action="store_true", help="with all that the type needs")
    btf.add_argument(
        *("--minimize",), metavar="OBJECT", nargs="+", help="write BTF of what these need"
    )
    btf.set_defaults(run=_btf)
    return parser


def main() -> int:
    """Run a command; its exit status."""
    args = _parser().parse_args()
    try:
        args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (BpfError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"tinybpf: {message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
