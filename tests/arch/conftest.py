# SPDX-License-Identifier: MIT
"""What the checks of another architecture's wheel share; ./dev test --arch A runs them."""

import os
import pathlib
import subprocess
import zipfile
from collections.abc import Callable

import foreign
import pytest

Run = Callable[..., str]


@pytest.fixture(scope="session")
def arch() -> str:
    """Return the architecture that all is built for."""
    return os.environ["TINYBPF_ARCH"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(os.environ["TINYBPF_WHEEL"]) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def run(arch: str, installed: pathlib.Path) -> Run:
    """Return the function that runs code in that architecture's CPython with the wheel."""
    command = foreign.python(arch)

    def output(code: str, *args: object) -> str:
        done = subprocess.run(
            [
                *command,
                "-I",
                "-c",
                f"import sys; sys.path.insert(0, {str(installed)!r})\n{code}",
            ]
            + [str(arg) for arg in args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return output
