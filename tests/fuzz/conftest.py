# SPDX-License-Identifier: MIT
"""The package under test, out of the wheel that TINYBPF_WHEEL names."""

import importlib
import os
import zipfile
from collections.abc import Iterator
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def tinybpf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Return the package of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(os.environ["TINYBPF_WHEEL"]) as wheel:
        wheel.extractall(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield importlib.import_module("tinybpf")
