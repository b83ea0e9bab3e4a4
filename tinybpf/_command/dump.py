# SPDX-License-Identifier: MIT
"""The entries of a map, decoded by its BTF: `python -m tinybpf dump`."""

from __future__ import annotations

from tinybpf import Record
from tinybpf._command import loaded, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from tinybpf import BpfMap


def declare(parser: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    parser.add_argument("kind", choices=("map",), help="what to dump")
    parser.add_argument("what", help="the id of a map, or the path of its pin")
    parser.add_argument("--json", action="store_true", help="for programs to read")


def run(args: argparse.Namespace) -> None:
    """Print what is in a map."""
    _, found = loaded.find(args.what, args.kind)
    with found as one:
        if args.json:
            import json

            print(json.dumps({"schema": 1, **_whole(one)}, indent=2))
            return
        n = 0
        for key, value in one.items():
            print(plain(f"{_shown(key)}: {_shown(value)}"))
            n += 1
    print("1 entry" if n == 1 else f"{n} entries")


def _whole(one: BpfMap) -> dict[str, Any]:
    entries = [{"key": _value(key), "value": _value(value)} for key, value in one.items()]
    return {"id": one.id, "name": one.name, "entries": entries}


def _value(value: Any) -> Any:
    """Return a key or a value, ready for JSON: raw bytes as hexadecimal digits."""
    if isinstance(value, Record):
        import json

        return json.loads(value._json())
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_value(item) for item in value]
    return value


def _shown(value: Any) -> str:
    if isinstance(value, bytes) and not isinstance(value, Record):
        return value.hex(" ")
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return str(value)
