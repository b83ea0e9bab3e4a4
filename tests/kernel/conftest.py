# SPDX-License-Identifier: MIT
"""The rule of the kernel suite: it has the machine to itself, and leaves it as it was.

The tests of the other folders (meta, runner, wheel, vm) share its fixtures, not this.
"""

import pytest


@pytest.fixture(autouse=True)
def watched(no_leak: None) -> None:
    """Let no test leave a descriptor or a kernel object behind."""
