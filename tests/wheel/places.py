# SPDX-License-Identifier: MIT
"""Where things are that the checks of the wheel use."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent  # of the virtual environment that runs the tests
LOAD = HERE / "load.py"

Run = Callable[..., str]  # the fixture run
Loads = Callable[..., None]  # the fixture loads


def path_from(variable: str) -> Path:
    """Return the existing path that an environment variable names."""
    path = Path(os.environ[variable])
    assert path.exists(), f"{variable}={path} does not exist; run ./dev test"
    return path
