# SPDX-License-Identifier: MIT
"""The commands of `python -m tinybpf`, one a module, which has declare() and run().

`declare(parser)` says which arguments there are; `run(args)` does it and prints. What a
command raises of BpfError, OSError and KeyError is told in a line, with status 1.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# What a terminal obeys or is led astray by: control characters, those that turn the
# direction of text, and halves of characters, which cannot be written.
_CONTROL = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
)
_IN_LINES = re.compile(f"[{_CONTROL}]")
_IN_A_LINE = re.compile(f"[{_CONTROL}\t\n]")


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def plain(text: str) -> str:
    """Return a name from a file as it can be shown in a line: others as escapes."""
    return _IN_A_LINE.sub(_escaped, text)


def plain_lines(text: str) -> str:
    """Return text of many lines as it can be shown."""
    return _IN_LINES.sub(_escaped, text)


def tell(found: dict[str, Any], as_json: bool, layout: Callable[[dict[str, Any]], str]) -> None:
    """Print what was found: as JSON, or as the text that layout() makes of it."""
    if as_json:
        import json

        print(json.dumps(found, indent=2))
    else:
        print(layout(found), end="")
