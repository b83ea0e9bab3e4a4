# SPDX-License-Identifier: MIT
"""TINYBPF_TALLY=yes ends a run with a line for machines: what was tested, and how it went.

It counts by the features that @kernel names ("@tcx"), by files, and by the kinds of hook
that something was attached to ("^tcx"); it is what ./dev vm makes the tables of
docs/kernels.md of. "skipped" is what is too new for the kernel, "lacking" what
tests/known_exceptions.py says that it lacks. Programs that no method attaches, such as
those of a devmap, are told by @pytest.mark.runs("xdp/devmap"), by their sections.
"""

import json
import os
from collections import Counter

import pytest

from support import attached, catalog

VARIABLE = "TINYBPF_TALLY"
MARK = "TINYBPF-TALLY "

Counts = dict[str, Counter[str]]  # label -> outcome -> how often


class Tally:
    """What becomes of each test, and what that says of features, files and hooks."""

    def __init__(self) -> None:
        self._labels: dict[str, set[str]] = {}  # test -> what it is counted by
        self._outcomes: dict[str, str] = {}  # test -> how it ended
        self._hooks = catalog.hooks(catalog.SOURCE.read_text())
        self._watch = attached.Watch()
        self._watch.start()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note what each test is about."""
        for item in items:
            features = {f"@{mark.args[1]}" for mark in item.iter_markers("kernel")}
            runs = {self._hook("", mark.args[0]) for mark in item.iter_markers("runs")}
            self._labels[item.nodeid] = {item.nodeid.partition("::")[0], *features, *runs}

    def _hook(self, method: str, section: str) -> str:
        return f"^{catalog.kind(method, section, self._hooks)}"

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note what a test attached."""
        self._labels[nodeid].update(self._hook(*each) for each in self._watch.found)
        self._watch.found.clear()

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
    config.addinivalue_line("markers", 'runs("section"): no method attaches what it has run')
    if os.environ.pop(VARIABLE, ""):
        config.pluginmanager.register(Tally())
