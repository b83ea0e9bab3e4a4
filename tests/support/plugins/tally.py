# SPDX-License-Identifier: MIT
"""TINYBPF_TALLY=yes ends a run with a line for machines: what was tested, and how it went.

It counts by the features that @kernel names and by files, and is what ./dev vm makes the
table of docs/kernels.md of. "skipped" is what is too new for the kernel, "lacking" what
tests/known_exceptions.py says that it lacks.
"""

import json
import os
from collections import Counter

import pytest

VARIABLE = "TINYBPF_TALLY"
MARK = "TINYBPF-TALLY "

Counts = dict[str, Counter[str]]  # label -> outcome -> how often


class Tally:
    """What becomes of each test, and what that says of features and files."""

    def __init__(self) -> None:
        self._labels: dict[str, set[str]] = {}  # test -> features and file
        self._outcomes: dict[str, str] = {}  # test -> how it ended

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note what each test is about."""
        for item in items:
            features = {f"@{mark.args[1]}" for mark in item.iter_markers("kernel")}
            self._labels[item.nodeid] = {item.nodeid.partition("::")[0], *features}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended; what fails behind its call is a failure, too."""
        if report.failed:
            self._outcomes[report.nodeid] = "failed"
        elif report.skipped:
            lacks = hasattr(report, "wasxfail")
            self._outcomes[report.nodeid] = "lacking" if lacks else "skipped"
        elif report.when == "call":
            self._outcomes[report.nodeid] = "passed"

    def counts(self) -> Counts:
        """Return how often each outcome was, by label."""
        found: Counts = {}
        for test, outcome in self._outcomes.items():
            for label in self._labels[test]:
                found.setdefault(label, Counter())[outcome] += 1
        return found

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the line."""
        terminalreporter.write_line(MARK + json.dumps(self.counts(), sort_keys=True))


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.pop(VARIABLE, ""):
        config.pluginmanager.register(Tally())
