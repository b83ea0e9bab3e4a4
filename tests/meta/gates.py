# SPDX-License-Identifier: MIT
"""The @kernel markers of the kernel suite, read from its files without running them."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

import project


class Gate(NamedTuple):
    """One marker: from which version on a test runs, because of what, and where it is."""

    version: tuple[int, int]
    feature: str
    where: str

    def is_open(self, series: str) -> bool:
        """Tell whether all kernels of a series have the feature; "7" means 7.0 at least."""
        major, _, minor = series.partition(".")
        return (int(major), int(minor or 0)) >= self.version


def of_text(name: str, text: str) -> Iterator[Gate]:
    """Yield the markers of a file: @kernel(version, feature) and marks=kernel(...)."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "kernel":
            version, feature = (ast.literal_eval(arg) for arg in node.args)
            major, minor = version.split(".")
            yield Gate((int(major), int(minor)), feature, f"{name}:{node.lineno}")


def everywhere() -> list[Gate]:
    """Return the markers of the kernel suite."""
    paths = project.matching("tests/kernel/*/test_*.py")
    return [gate for path in paths for gate in of_text(project.shown(path), path.read_text())]
