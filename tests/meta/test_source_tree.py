# SPDX-License-Identifier: MIT
"""`import tinybpf` in a checkout, where nothing is compiled, says what to do."""

import pathlib
import shutil
import subprocess
import sys

import project
import pytest


def last_line(folder: pathlib.Path) -> str:
    """Import tinybpf from a folder, which must fail; return how the traceback ends."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", "import tinybpf"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


@pytest.fixture
def package(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a copy of the package's Python without the sources in C."""
    ignored = shutil.ignore_patterns("core", "__pycache__")
    return shutil.copytree(project.ROOT / "tinybpf", tmp_path / "tinybpf", ignore=ignored)


def test_import_in_a_checkout_says_what_to_do() -> None:
    """One sentence tells that this is the source, and how to have it compiled."""
    assert last_line(project.ROOT) == (
        f"ModuleNotFoundError: {project.ROOT}/tinybpf is the source of tinybpf, without the "
        "compiled tinybpf._core: install the wheel and start in another folder, or run the "
        "script by ./dev run"
    )


def test_a_broken_installation_is_no_checkout(package: pathlib.Path) -> None:
    """Where there are no sources, Python's own words stay."""
    assert last_line(package.parent) == ("ModuleNotFoundError: No module named 'tinybpf._core'")


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("raise ImportError('wrong ELF class')", "ImportError: wrong ELF class"),
    ],
)
def test_errors_from_within_stay(package: pathlib.Path, failing: str, said: str) -> None:
    """A module that is there and cannot be imported tells its own reason."""
    (package / "core").mkdir()
    (package / "_core.py").write_text(failing + "\n")
    assert last_line(package.parent) == said
