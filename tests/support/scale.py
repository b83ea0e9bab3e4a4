# SPDX-License-Identifier: MIT
"""How often tests do what they do many times: less often where processors are emulated.

The machines of ./dev vm set TINYBPF_SCALE to a part, such as 0.1. That many times must
show the property too; what shows only in the long run, the host's own suite finds.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
SCALE = float(os.environ.get("TINYBPF_SCALE", "1"))


def times(usual: int, least: int = 0) -> int:
    """Return how often to do what is usually done so many times, at least `least`."""
    return max(int(usual * SCALE), min(usual, least))


def part(things: "Sequence[T]", turn: int) -> "Sequence[T]":
    """Return all things, or a third of them, another one at each of three turns."""
    return things if SCALE >= 1 else things[turn % 3 :: 3]
