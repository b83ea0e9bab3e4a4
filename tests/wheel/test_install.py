# SPDX-License-Identifier: MIT
"""Every way to install the package ends with a real load."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import BIN, LOAD, ROOT, Loads, Run, path_from

UV = BIN / "uv"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")


def python_of(version: str) -> str | None:
    """Return a Python of that version: of the PATH, or of pyenv."""
    candidates = [shutil.which("python" + version)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += [str(path) for path in pyenv.glob(version + ".*/bin/python")]
    question = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
    for candidate in filter(None, candidates):
        answer = subprocess.run(
            [candidate, "-c", question], check=False, capture_output=True, text=True
        ).stdout.split()
        if answer[1:] == [version]:
            return answer[0]
    return None


PYTHONS = [path for path in map(python_of, VERSIONS) if path]
assert PYTHONS, "no Python from 3.9 to 3.13 is here"
BASE = getattr(sys, "_base_executable", sys.executable)  # not of a virtual environment


@pytest.fixture
def environment(run: Run, tmp_path: Path) -> Path:
    """Return the bin folder of a clean virtual environment that has pip."""
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    return tmp_path / "venv" / "bin"


def test_pip_install_wheel_loads(
    run: Run, loads: Loads, environment: Path, wheel: Path
) -> None:
    """`pip install <wheel>` needs no index: the wheel depends on nothing."""
    run(environment / "pip", "install", "--no-index", wheel)
    loads(environment / "python")


@pytest.mark.parametrize("python", PYTHONS)
def test_uv_pip_install_wheel_loads(
    python: str, run: Run, loads: Loads, wheel: Path, tmp_path: Path
) -> None:
    """`uv pip install <wheel>` serves every Python that is here, by the same file."""
    venv = tmp_path / "venv"
    run(UV, "venv", "--offline", "--python", python, venv)
    run(UV, "pip", "install", "--offline", wheel, VIRTUAL_ENV=str(venv))
    loads(venv / "bin" / "python")


def test_uv_run_with_wheel_loads(loads: Loads, wheel: Path) -> None:
    """`uv run --with <wheel>` needs no installation."""
    loads(UV, "run", "--offline", "--no-project", "--python", BASE, "--with", wheel)


def test_script_with_inline_metadata_loads_in_both_forms(
    loads: Loads, wheel: Path, tmp_path: Path
) -> None:
    """A PEP 723 script runs under `uv run`, and unchanged under tinybpf-run."""
    script = tmp_path / "inline.py"
    header = [
        "# /// script",
        '# requires-python = ">=3.9"',
        f'# dependencies = ["tinybpf @ {wheel.resolve().as_uri()}"]',
        "# ///",
    ]
    script.write_text("\n".join(header) + "\n" + LOAD.read_text())
    loads(UV, "run", "--offline", "--python", BASE, script=script)
    loads(path_from("TINYBPF_RUN"), script=script)


def test_published_example_has_the_address_of_the_wheel(
    run: Run, loads: Loads, wheel: Path, tmp_path: Path
) -> None:
    """`./dev publish` puts the release's addresses into the examples; both forms run them."""
    release = tmp_path / "releases" / "download" / "dev"
    release.mkdir(parents=True)
    shutil.copy(wheel, release)
    gh = tmp_path / "gh"
    gh.write_text(f"#!/bin/sh\n[ $1 != repo ] || echo {tmp_path.as_uri()}\n")
    gh.chmod(0o755)
    run(ROOT / "dev", "publish", "dev", wheel, PATH=f"{tmp_path}:{os.environ['PATH']}")
    published = ROOT / "build" / "published" / "examples.tar.gz"
    run("tar", "-xzf", published, "-C", tmp_path)
    header, _ = (tmp_path / "examples/counter/counter.py").read_text().split('"""', 1)
    assert f"{release.as_uri()}/{wheel.name} ; platform_machine" in header
    script = tmp_path / "published.py"
    script.write_text(header + LOAD.read_text())
    loads(UV, "run", "--offline", "--python", BASE, script=script)
    loads(path_from("TINYBPF_RUN"), script=script)


@pytest.mark.source_build
def test_pip_install_from_source_loads(
    run: Run, loads: Loads, environment: Path, tmp_path: Path
) -> None:
    """`pip install .` builds everything with the system's compiler, and it loads."""
    built = shutil.ignore_patterns("build", "dist", ".*", "__pycache__")
    shutil.copytree(ROOT, tmp_path / "tinybpf", ignore=built)
    run(environment / "pip", "install", tmp_path / "tinybpf")
    loads(environment / "python")
