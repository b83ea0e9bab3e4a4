# SPDX-License-Identifier: MIT
"""The marker `last`: what changes the machine for good runs when all else is over."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: after all other tests; it cannot be undone")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)
