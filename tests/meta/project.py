# SPDX-License-Identifier: MIT
"""The project as files: which there are, which room each belongs to, what is built.

Every check of tests/meta is a function that takes text or paths and returns a list of
complaints, so that a test can also show it something bad.
"""

import fnmatch
import os
import pathlib
import subprocess
import sys
import zipfile
from collections.abc import Iterable

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The rooms of the tree: what may lie where. A file that fits nowhere has no reader.
ROOMS = (
    "dev",
    "CMakeLists.txt",
    "CMakePresets.json",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "SECURITY.md",
    ".ci/run",
    ".gitignore",
    ".clang-format",
    ".github/*.md",
    ".github/workflows/*.yml",
    "cmake/*.cmake",
    "cmake/*.sh",
    "cmake/dev/*.sh",
    "cmake/*.in",
    "cmake/deps.lock",
    "cmake/races.txt",
    "cmake/*/CMakeLists.txt",
    "cmake/licenses/*",
    "cmake/patches/*.patch",
    "cmake/shims/*.c",
    "cmake/shims/*.h",
    "cmake/shims/*/*.c",
    "cmake/shims/*/*.h",
    "cmake/*/*.cmake",
    "cmake/*/*.py",
    "tinybpf/*.py",
    "tinybpf/_command/*.py",
    "tinybpf/_run/*.py",
    "tinybpf/*.pyi",
    "tinybpf/_reference/*.pyi",
    "tinybpf/py.typed",
    "tinybpf/core/README.md",
    "runner/README.md",
    "tinybpf/core/module.c",
    "tinybpf/core/*/*.c",
    "tinybpf/core/*/*.h",
    "tinybpf/include/*.bpf.h",
    "runner/*.c",
    "runner/*.h",
    "runner/*.py",
    "runner/*.toml",
    "runner/*.def",
    "runner/*/*.c",
    "runner/*/*.h",
    "runner/*/*.py",
    "runner/lib/library/*.py",
    "runner/lib/library/*/*.py",
    "tests/conftest.py",
    "tests/known_exceptions.py",
    "tests/ruff.toml",
    "tests/kernel/__init__.py",
    "tests/kernel/conftest.py",
    "tests/kernel/*/__init__.py",
    "tests/kernel/*/test_*.py",
    "tests/support/*.py",
    "tests/support/plugins/*.py",
    "tests/bpf/*.bpf.c",
    "tests/bpf/*.h",
    "tests/leak/*.c",
    "tests/probed/*.c",
    "tests/probed/*.map",
    "tests/meta/*.py",
    "tests/typing/*.py",
    "tests/runner/*.py",
    "tests/runner/*/*",
    "tests/wheel/*.py",
    "tests/bench/*.py",
    "tests/bench/*.c",
    "tests/bench/*.txt",
    "tests/bench/causes.toml",
    "tests/fault/*",
    "tests/fuzz/*",
    "tests/vm/*",
    "tests/arch/*.py",
    "examples/README.md",
    "examples/*/*.py",
    "examples/*/*.bpf.c",
    "examples/*/*.h",
    "docs/*.md",
)


def files(root: pathlib.Path = ROOT) -> list[str]:
    """Return the project's files as git sees them, new ones included, ignored ones not."""
    listed = subprocess.run(
        [
            *["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            *["--exclude=/build/", "--exclude=/dist/"],
        ],
        cwd=root,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode()
    found = {name for name in listed.split("\0") if name and (root / name).is_file()}
    return sorted(found)


def matching(*patterns: str) -> list[pathlib.Path]:
    """Return the project's files that match one of the patterns (`*` within a folder)."""
    return [ROOT / name for name in files() if any(fits(name, p) for p in patterns)]


def fits(name: str, pattern: str) -> bool:
    """Tell whether a path fits a pattern whose `*` does not cross a folder."""
    ours, theirs = name.split("/"), pattern.split("/")
    return len(ours) == len(theirs) and all(map(fnmatch.fnmatchcase, ours, theirs))


def homeless(names: Iterable[str]) -> list[str]:
    """Return the files that belong to no room."""
    return [name for name in names if not any(fits(name, room) for room in ROOMS)]


def none(complaints: Iterable[str]) -> None:
    """Fail with the complaints, one a line, if there are any."""
    found = list(complaints)
    assert not found, "\n".join(["", *found])


def shown(path: pathlib.Path) -> str:
    """Return a path for a message: relative to the project where it lies inside."""
    return os.path.relpath(path, ROOT) if path.is_relative_to(ROOT) else str(path)


def built(variable: str) -> pathlib.Path:
    """Return what an environment variable of ./dev test names; missing is an error."""
    value = os.environ.get(variable)
    assert value, f"{variable} is not set; run the tests by ./dev test"
    path = pathlib.Path(value)
    assert path.exists(), f"{variable}={value} does not exist"
    return path


def unpack_wheel(folder: pathlib.Path) -> pathlib.Path:
    """Unpack the wheel; the folder can then be imported from."""
    with zipfile.ZipFile(built("TINYBPF_WHEEL")) as wheel:
        wheel.extractall(folder)
    return folder


def mypy(folder: pathlib.Path, *files: pathlib.Path) -> "subprocess.CompletedProcess[str]":
    """Check files as a user of the package in `folder` would."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-incremental"]
    return subprocess.run(
        [*command, *map(str, files)],
        env={**os.environ, "MYPYPATH": str(folder)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
