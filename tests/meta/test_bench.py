# SPDX-License-Identifier: MIT
"""What stands beside the figures of tests/bench is about what is measured."""

import project
import tomllib  # type: ignore[import-not-found]  # the tools' Python is newer


def complaints(causes: dict[str, str], operations: str) -> list[str]:
    """Return the causes that are of no operation, or that could be of several."""
    lines = [line for line in operations.splitlines() if not line.startswith("#")]
    statements = [line.rpartition(";;")[2].strip() for line in lines]
    return [
        f"{statement!r} is the statement of {statements.count(statement)} operations"
        for statement in causes
        if statements.count(statement) != 1
    ]


def test_each_cause_is_of_one_operation() -> None:
    """A statement that operations.txt words otherwise would be "of no known cause"."""
    bench = project.ROOT / "tests" / "bench"
    causes = tomllib.loads((bench / "causes.toml").read_text())
    project.none(complaints(causes, (bench / "operations.txt").read_text()))


def test_causes_of_nothing_are_found() -> None:
    """A statement that is missing, and one that two operations share."""
    operations = "# a\n[x]\na = 1 ;; f(a)\na = 2 ;; f(a)\ng()\n"
    assert len(complaints({"f(a)": "", "g()": "", "h()": "", "# a": ""}, operations)) == 3
