# SPDX-License-Identifier: MIT
"""The garbage collector leaves alone what was there before the first test.

That is pytest and thousands of tests in the making, which many a test would go through
again and again, for it collects to see what becomes of its own few objects.
"""

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()
