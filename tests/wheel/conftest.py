# SPDX-License-Identifier: MIT
"""What the checks of the wheel share: the wheel, its extension, clean environments."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from places import LOAD, Loads, Run, path_from


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "source_build: compiles the package from source, which takes minutes"
    )


@pytest.fixture(scope="session")
def wheel() -> Path:
    """Return the wheel under test."""
    return path_from("TINYBPF_WHEEL")


@pytest.fixture(scope="session")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel's files."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def extension(unpacked: Path) -> Path:
    """Return the wheel's one extension module."""
    (path,) = unpacked.rglob("*.so")
    return path


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a command, which must succeed; it returns the output.

    The command gets nothing that this environment says to Python, uv, CMake or a
    compiler; where a package index and our sources are, it does get.
    """
    dropped = ("PYTHON", "VIRTUAL_ENV", "CMAKE", "SKBUILD", "UV_")
    compiler = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS")
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(dropped) and name not in compiler
    }
    clean["UV_CACHE_DIR"] = str(tmp_path / "uv-cache")
    clean["UV_PYTHON_DOWNLOADS"] = "never"

    def run_clean(*command: str | Path, **variables: str) -> str:
        ended = subprocess.run(
            command,
            check=False,
            cwd=tmp_path,
            env={**clean, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert ended.returncode == 0, f"{command}:\n{ended.stdout}"
        return ended.stdout

    return run_clean


@pytest.fixture
def loads(run: Run) -> Loads:
    """Return a function that checks that a command line runs load.py well."""
    counts = path_from("TINYBPF_BPF_DIR") / "counts.bpf.o"

    def check(*command: str | Path, script: Path = LOAD, **variables: str) -> None:
        output = run(*command, script, counts, **variables)
        assert output.splitlines()[-1].startswith("loaded by ")
        assert output.splitlines()[-1].endswith(" {7: 42}")

    return check
