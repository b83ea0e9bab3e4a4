# SPDX-License-Identifier: MIT
"""One thing that is loaded, with all that is known: `python -m tinybpf show`."""

from __future__ import annotations

import time

from tinybpf._command import loaded, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument(
        "kind", nargs="?", choices=tuple(loaded.ITER), help="if it is not plain"
    )
    parser.add_argument("what", help="an id, or the path of a pin")
    parser.add_argument("--json", action="store_true", help="for programs to read")


def run(args: argparse.Namespace) -> None:
    """Print what is known of a thing."""
    kind, thing = loaded.find(args.what, args.kind)
    found = loaded.describe(kind, thing)
    if args.json:
        import json

        print(json.dumps({"schema": 1, **found}, indent=2))
        return
    width = max(map(len, found))
    for name, value in found.items():
        if name not in ("holders", "pins", "unseen"):
            print(f"{name.ljust(width)}  {_shown(name, value)}")
    print(f"{'held by'.ljust(width)}  {plain(loaded.held(found))}")
    for line in loaded.unseen([found]):
        print(line)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "unknown"
    if name == "loaded_at":
        return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(value))
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return plain(str(value)) if value != "" else "-"
