# SPDX-License-Identifier: MIT
"""The check of references itself: that it finds what stays behind."""

import pytest

from support.blocks import leaks
from support.references import Use


def test_leak_is_found() -> None:
    """An operation that keeps one object each time is found, and no other."""
    kept: list[object] = []
    assert leaks(lambda: kept.append(object()))
    assert not leaks(object)


def test_use_that_leaks_fails() -> None:
    """A row of a table fails if its use leaves something behind, or if it is not refused."""
    kept: list[object] = []
    with pytest.raises(AssertionError):
        Use(lambda things: kept.append(object())).check(None)
    with pytest.raises(AssertionError, match="should have been refused"):
        Use(lambda things: None, KeyError).check(None)
    Use(lambda things: None).check(None)
