# SPDX-License-Identifier: MIT
"""BPF objects of the tests, loaded for one test and closed behind it; and their traffic."""

import pathlib
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from support import host, traffic


@pytest.fixture
def bpf() -> Callable[[str], pathlib.Path]:
    """Return the function that finds the compiled tests/bpf/<name>.bpf.c."""
    return host.bpf_object


@pytest.fixture
def load(bpf: Callable[[str], pathlib.Path]) -> Iterator[Callable[[str], Any]]:
    """Return a function that loads tests/bpf/<name>; the objects are closed afterwards."""
    import tinybpf

    loaded: list[Any] = []

    def load_named(name: str) -> Any:
        loaded.append(tinybpf.load(bpf(name)))
        return loaded[-1]

    yield load_named
    while loaded:
        loaded.pop().close()


@pytest.fixture
def tool(bpf: Callable[[str], pathlib.Path]) -> pathlib.Path:
    """Return the object of a tool that is run without a script: direct.bpf.c."""
    return bpf("direct")


@pytest.fixture
def trigger() -> traffic.Trigger:
    """Return a trigger that only this test's programs answer to."""
    return traffic.Trigger()


@pytest.fixture
def counts(load: Callable[[str], Any]) -> Any:
    """Return the loaded object of counts.bpf.c."""
    return load("counts")
