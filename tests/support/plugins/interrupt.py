# SPDX-License-Identifier: MIT
"""Children can be interrupted, however the tests were started."""

import pytest

from support import child


def pytest_configure(config: pytest.Config) -> None:
    child.let_children_be_interrupted()
