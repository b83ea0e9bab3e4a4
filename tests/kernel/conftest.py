# SPDX-License-Identifier: MIT
"""The rules of the kernel suite: it has the machine to itself, and leaves it as it was.

Tests of streams that wait in vain are ended. The tests of the other folders (meta,
runner, wheel, vm) share its fixtures, not this.
"""

import pytest


@pytest.fixture(autouse=True)
def watched(no_leak: None) -> None:
    """Let no test leave a descriptor or a kernel object behind."""


@pytest.fixture(autouse=True)
def ended_in_time(request: pytest.FixtureRequest) -> None:
    """Let no wait keep the other tests from running, whatever holds the interpreter."""
    if request.path.parent.name == "stream":
        request.getfixturevalue("last_deadline")
