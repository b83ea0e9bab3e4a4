# SPDX-License-Identifier: MIT
"""All programs, maps, links or BTF of the kernel: `python -m tinybpf list`."""

from __future__ import annotations

import time

from tinybpf._command import loaded

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

HEADS = {
    "prog": ("ID", "TYPE", "NAME", "TAG", "LOADED", "UID", "MEM", "RUNS", "HELD BY"),
    "map": ("ID", "TYPE", "NAME", "KEY", "VALUE", "MAX", "MEM", "HELD BY"),
    "link": ("ID", "TYPE", "PROG", "TARGET", "HELD BY"),
    "btf": ("ID", "NAME", "SIZE", "HELD BY"),
}
COMMON = ("kind", "id", "type", "prog_id", "holders", "pins", "unseen")


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("kind", choices=tuple(loaded.ITER), help="what to list")
    parser.add_argument("--json", action="store_true", help="for programs to read")


def run(args: argparse.Namespace) -> None:
    """Print what is loaded, a line each."""
    found = list(loaded.everything(args.kind))
    if args.json:
        import json

        print(json.dumps({"schema": 1, args.kind: found}, indent=2))
        return
    row = _ROWS[args.kind]
    print(loaded.table(HEADS[args.kind], [(*row(one), loaded.held(one)) for one in found]))
    for line in loaded.unseen(found):
        print(line)


def _program(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(one["id"]),
        str(one["type"]).lower(),
        one["name"],
        one["tag"],
        time.strftime("%m-%d %H:%M", time.localtime(one["loaded_at"])),
        str(one["uid"]),
        loaded.amount(one["memlock"]),
        str(one["run_cnt"] or "-"),
    )


def _map(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(one["id"]),
        str(one["type"]).lower(),
        one["name"],
        str(one["key_size"]),
        str(one["value_size"]),
        str(one["max_entries"]),
        loaded.amount(one["memlock"]),
    )


def _link(one: dict[str, Any]) -> tuple[str, ...]:
    rest = {k: v for k, v in one.items() if k not in COMMON and v not in (0, "", None)}
    target = " ".join(
        f"{k}={len(v) if isinstance(v, list) else v}" for k, v in list(rest.items())[:2]
    )
    return (str(one["id"]), str(one["type"]).lower(), str(one["prog_id"]), target)


def _btf(one: dict[str, Any]) -> tuple[str, ...]:
    return (str(one["id"]), one["name"] or "-", loaded.amount(one["size"]))


_ROWS: dict[str, Callable[[dict[str, Any]], tuple[str, ...]]] = {
    "prog": _program,
    "map": _map,
    "link": _link,
    "btf": _btf,
}
