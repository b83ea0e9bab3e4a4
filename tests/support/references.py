# SPDX-License-Identifier: MIT
"""Tables of uses: whatever is done many times leaves as much behind as done once.

Each folder of the kernel suite that has such uses has one test_references.py with one
table. What is refused must give back as much as what succeeds: a row may name the error
that it ends in.
"""

from typing import Any, Callable, NamedTuple

import pytest

from support.blocks import ROUNDS, Errors, leaks


class Use(NamedTuple):
    """Something to do with the things of a test, and the error that it must raise."""

    do: Callable[[Any], object]
    error: Errors = ()
    rounds: int = ROUNDS

    def check(self, things: Any) -> None:
        """Fail if doing it leaves blocks of memory behind each time."""
        assert not leaks(lambda: self.do(things), self.error, self.rounds)


Table = dict[str, Use]


def each(table: Table) -> pytest.MarkDecorator:
    """Return the decorator of a test that gets each `use` of a table in turn."""
    return pytest.mark.parametrize("use", table.values(), ids=table.keys())
