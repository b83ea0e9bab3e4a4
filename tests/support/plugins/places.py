# SPDX-License-Identifier: MIT
"""Places of a test's own: folders that others can read, a cgroup."""

import os
import pathlib
import tempfile
from collections.abc import Iterator

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
