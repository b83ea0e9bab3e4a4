# SPDX-License-Identifier: MIT
"""pyright, which many editors are, sees the package as mypy does."""

import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

import project
import pytest

FOLDER = project.ROOT / "tests" / "typing"
_EXCUSE = re.compile(r"# type: ignore\[")


def errors(folder: pathlib.Path, *files: pathlib.Path, excuses: bool) -> set[tuple[str, int]]:
    """Check files as a user of the wheel in `folder` would; return (file, line) of errors.

    Without excuses, `# type: ignore` does not count.
    """
    config = folder / "pyrightconfig.json"
    config.write_text(
        json.dumps(
            {
                "include": [path.name for path in files],
                "extraPaths": ["."],
                "pythonVersion": "3.9",
                "typeCheckingMode": "strict",
                "enableTypeIgnoreComments": excuses,
            }
        )
    )
    for path in files:
        (folder / path.name).write_text(path.read_text())
    # Else it asks the first Python on PATH what is installed.
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, "--project", str(config), "--outputjson"],
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        cwd=folder,
        stdout=subprocess.PIPE,
        check=False,
    )
    report: Any = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(files), report
    return {
        (pathlib.Path(found["file"]).name, found["range"]["start"]["line"] + 1)
        for found in report["generalDiagnostics"]
    }


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a folder with the package of the wheel."""
    return project.unpack_wheel(tmp_path_factory.mktemp("wheel"))


def test_pyright_accepts_good_use(unpacked: pathlib.Path) -> None:
    """tests/typing has no error for pyright in its strict mode."""
    assert errors(unpacked, *sorted(FOLDER.glob("*.py")), excuses=True) == set()


def test_pyright_finds_each_mistake(unpacked: pathlib.Path) -> None:
    """Each line that is excused there is an error for pyright too, and no other line."""
    misuses = FOLDER / "misuses.py"
    lines = misuses.read_text().splitlines()
    excused = {(misuses.name, n) for n, line in enumerate(lines, 1) if _EXCUSE.search(line)}
    assert len(excused) > 15
    assert errors(unpacked, misuses, excuses=False) == excused
