# SPDX-License-Identifier: MIT
"""The plug-ins of all tests: each concern is one file of tests/support/plugins.

What holds for the kernel suite alone is in tests/kernel/conftest.py.
"""

pytest_plugins = [
    "support.plugins.interrupt",
    "support.plugins.gating",
    "support.plugins.share",
    "support.plugins.order",
    "support.plugins.collector",
    "support.plugins.tally",
    "support.plugins.machine",
    "support.plugins.objects",
    "support.plugins.deadline",
    "support.plugins.places",
]
