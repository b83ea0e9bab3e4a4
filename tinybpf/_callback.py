# SPDX-License-Identifier: MIT
"""The loop over events that calls a callback; imported with the first callback.

It is bytecode, and not C, because an interpreter that runs it does not leave itself to
call a function of Python, and specialises the call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol


class _Events(Iterator[Any], Protocol):
    """The records that one call of poll() hands over, each made when it is asked for."""

    def judge(self, answer: object) -> None:
        """End it if the answer says stop."""


def _deliver(events: _Events, callback: Callable[[Any], object]) -> None:
    """Hand each event to the callback."""
    for event in events:
        answer = callback(event)
        if answer is not None:
            events.judge(answer)


def make() -> Callable[[_Events, Callable[[Any], object]], None] | None:
    """Return a loop for one callback, since code is specialised for what it calls.

    Before 3.11 there is none: those leave themselves for each call, and may raise
    KeyboardInterrupt between the taking of an event and its call, which would lose it.
    """
    if sys.version_info < (3, 11):
        return None
    return type(_deliver)(_deliver.__code__.replace(), {}, "deliver")
