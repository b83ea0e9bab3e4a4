# SPDX-License-Identifier: MIT
"""Places of a test's own: folders that others can read, a cgroup, a network."""

import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def public_dir() -> Iterator[pathlib.Path]:
    """Return a directory that other users can read too, unlike tmp_path."""
    with tempfile.TemporaryDirectory(prefix="tinybpf-") as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture
def cgroup() -> Iterator[pathlib.Path]:
    """Return an empty cgroup of version 2 of the test's own."""
    from support.objects import cgroup_root

    path = cgroup_root() / f"tinybpf-test-{os.getpid()}"
    path.mkdir()
    yield path
    path.rmdir()


@pytest.fixture
def inside(cgroup: pathlib.Path) -> Iterator[pathlib.Path]:
    """Put this process into a cgroup of its own meanwhile."""
    from support.objects import cgroup_root

    current = pathlib.Path("/proc/self/cgroup").read_text().splitlines()
    before = next(line[3:] for line in current if line.startswith("0::"))
    (cgroup / "cgroup.procs").write_text(str(os.getpid()))
    yield cgroup
    (cgroup_root() / before.lstrip("/") / "cgroup.procs").write_text(str(os.getpid()))


@pytest.fixture
def veth() -> Iterator[Any]:
    """Return a pair of interfaces in a network namespace of the test's own."""
    from support import network

    with network.pair() as pair:
        yield pair
