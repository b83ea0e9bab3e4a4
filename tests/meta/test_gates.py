# SPDX-License-Identifier: MIT
"""A test that no kernel of the matrix runs is a test that nobody runs."""

import fnmatch
import runpy
from collections.abc import Iterable

import gates
import project

import known_exceptions

Matrix = dict[str, list[str]]
Table = Iterable[known_exceptions.KnownException]


def matrix() -> Matrix:
    """Return the series that ./dev vm runs on, by architecture."""
    found: Matrix = runpy.run_path(str(project.ROOT / "tests/vm/matrix.py"))["SERIES"]
    return found


def is_excused(feature: str, series: str, machine: str, table: Table) -> bool:
    """Tell whether kernels of a series are known to lack a feature, on some CPU at least."""
    release = series + (".0-x" if "." in series else ".0.0-x")
    return any(
        row.feature == feature
        and fnmatch.fnmatchcase(release, row.release)
        and fnmatch.fnmatchcase(machine, row.machine)
        for row in table
    )


def complaints(gate: gates.Gate, series: Matrix, table: Table) -> list[str]:
    """Return a complaint if no kernel of the matrix runs what is behind a marker."""
    for machine, names in series.items():
        for name in names:
            if gate.is_open(name) and not is_excused(gate.feature, name, machine, table):
                return []
    version = "{}.{}".format(*gate.version)
    return [f"{gate.where}: no kernel of the matrix has {gate.feature} (Linux {version})"]


def test_every_test_runs_on_some_kernel_of_the_matrix() -> None:
    """For each @kernel there is a kernel that is new enough and not known to lack it."""
    found = gates.everywhere()
    assert len(found) > 40
    series, table = matrix(), known_exceptions.TABLE
    project.none(c for gate in found for c in complaints(gate, series, table))


def test_the_check_finds_what_nobody_runs() -> None:
    """A kernel that is too new, and one that is excused everywhere, are both found."""
    series = {"x86_64": ["6.1", "7"], "aarch64": ["7"]}
    text = '@kernel("6.9", "arena", config="X")\ndef test_a():\n    pass\n'
    (gate,) = gates.of_text("test_a.py", text)
    assert gate == ((6, 9), "arena", "test_a.py:1")
    row = known_exceptions.KnownException("7.*", "x86_64", "arena", "a reason")
    assert complaints(gate, series, ()) == []
    assert complaints(gate, series, [row]) == []
    assert len(complaints(gate, series, [row._replace(machine="*")])) == 1
    assert len(complaints(gate, {"x86_64": ["6.1"]}, ())) == 1
    assert complaints(gate._replace(version=(7, 0)), series, ()) == []
    assert len(complaints(gate._replace(version=(7, 1)), series, ())) == 1
    assert complaints(gate._replace(version=(7, 1)), {"aarch64": ["7.1"]}, ()) == []
