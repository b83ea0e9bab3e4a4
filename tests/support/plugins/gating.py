# SPDX-License-Identifier: MIT
"""The marker @kernel at work: older kernels skip, and results are judged by the table."""

from collections.abc import Iterator
from typing import Any

import pytest

from support import gating


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", 'kernel("5.8", "feature", config=...): works from that Linux on'
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    gating.skip_if_older(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    outcome = yield
    if call.when == "call":
        report = outcome.get_result()  # type: ignore[attr-defined]
        gating.judge(item, call, report)
        item.stash[gating.PASSED] = report.passed
