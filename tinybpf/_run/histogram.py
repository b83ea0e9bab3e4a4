# SPDX-License-Identifier: MIT
"""Histograms of powers of two as bars: a slot i counts values of i + 1 bits."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 64  # slots
WIDTH = 40  # characters of the longest bar


def bounds(slot: int) -> tuple[int, int]:
    """Return the least and the largest value that a slot counts."""
    return (0 if slot == 0 else 1 << slot), (2 << slot) - 1


def used(counts: Sequence[int]) -> list[int]:
    """Return the counts up to the last that is not 0."""
    return list(counts[: max((i + 1 for i, count in enumerate(counts) if count), default=0)])


def lines(counts: Sequence[int], unit: str = "") -> list[str]:
    """Return the lines of a histogram, up to the last slot that counted something.

    Args:
        counts: how many values each slot has.
        unit: of the values, for the head.
    """
    counts = used(counts)
    if not counts:
        return ["(nothing was counted)"]
    most = max(counts)
    ends = [bounds(i) for i in range(len(counts))]
    left, right = (max(len(str(end[side])) for end in ends) for side in (0, 1))
    digits = max(len(str(most)), len("count"))
    head = f"{(unit or 'value').rjust(left + right + 4)} : {'count'.ljust(digits)} distribution"
    return [
        head,
        *(
            f"{low:>{left}} -> {high:<{right}} : {count:<{digits}} "
            f"|{'*' * (count * WIDTH // most):<{WIDTH}}|"
            for (low, high), count in zip(ends, counts)
        ),
    ]
