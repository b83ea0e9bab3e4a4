# SPDX-License-Identifier: MIT
"""The table of known exceptions is well formed and about tests that exist."""

import gates
import project

import known_exceptions


def complaints(row: known_exceptions.KnownException) -> list[str]:
    """Return what is wrong with a row."""
    found = []
    if row.feature not in {gate.feature for gate in gates.everywhere()}:
        found.append(f"no test is about {row.feature!r}")
    if not row.release.strip("*?"):
        found.append(f"{row.feature}: the pattern {row.release!r} means every kernel")
    if row.release.replace(".", "").isdigit():
        found.append(f"{row.feature}: {row.release!r} is no series: write '6.1.*'")
    if not row.machine or not row.reason or row.reason.endswith("."):
        found.append(f"{row.feature}: give a machine pattern and a reason (no full stop)")
    return found


def test_rows_are_well_formed() -> None:
    """Each row names a kernel, a feature that a test has, and a reason; none is double."""
    project.none(c for row in known_exceptions.TABLE for c in complaints(row))
    keys = [(row.release, row.machine, row.feature) for row in known_exceptions.TABLE]
    assert len(keys) == len(set(keys))


def test_the_check_finds_bad_rows() -> None:
    """Each kind of bad row is found."""
    good = known_exceptions.KnownException("6.1.*", "aarch64", "fentry", "no direct calls")
    assert complaints(good) == []
    assert len(complaints(good._replace(feature="teleport"))) == 1
    assert len(complaints(good._replace(release="*"))) == 1
    assert len(complaints(good._replace(release="6.1"))) == 1
    assert len(complaints(good._replace(reason=""))) == 1
