# SPDX-License-Identifier: MIT
"""The last deadline: a test that hangs with the GIL held cannot end itself."""

import faulthandler
import os
from collections.abc import Iterator

import pytest

HANGS_S = 600  # an emulated processor is slow


@pytest.fixture(scope="session")
def outer_stderr(request: pytest.FixtureRequest) -> Iterator[int]:
    """Yield a descriptor of the stderr that pytest itself writes to."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        fd = os.dup(2)
    yield fd
    os.close(fd)


@pytest.fixture
def last_deadline(outer_stderr: int) -> Iterator[None]:
    """End the whole run, with the traceback of each thread, where a test hangs."""
    faulthandler.dump_traceback_later(HANGS_S, exit=True, file=outer_stderr)
    yield
    faulthandler.cancel_dump_traceback_later()
