# SPDX-License-Identifier: MIT
"""Find tinybpf-run and start it, for the tests of this folder."""

import os
import pathlib
import subprocess
from typing import Any

import pytest
from bundling import Bundle, Start, write
from launch import EMULATOR, PLAIN, Completed, Evaluate, Run


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "real: needs a real processor and kernel, not those of qemu-user"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if EMULATOR and item.get_closest_marker("real"):
        pytest.skip("cannot be under qemu-user")


@pytest.fixture(scope="session")
def runner() -> pathlib.Path:
    """Return the path of the executable under test."""
    path = pathlib.Path(os.environ["TINYBPF_RUN"]).resolve()
    assert path.is_file(), f"TINYBPF_RUN names {path}, which does not exist"
    return path


@pytest.fixture
def run(runner: pathlib.Path) -> Run:
    """Return the function that runs it to its end and returns its output as text."""

    def start(*args: object, **options: Any) -> Completed:
        env = {**PLAIN, **options.pop("env", {})}
        if "stdin" not in options and "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.run(
            [*EMULATOR, str(options.pop("executable", runner)), *map(str, args)],
            env=env,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
            check=False,
            **options,
        )

    return start


@pytest.fixture
def evaluate(run: Run) -> Evaluate:
    """Return the function that runs code and returns what it printed."""

    def value(code: str, *flags: str, **options: Any) -> str:
        done = run(*flags, "-c", code, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return value


@pytest.fixture
def bundle(run: Run, tmp_path: pathlib.Path) -> Bundle:
    """Return the function that makes a bundle in the test's folder."""

    def make(*files: object, **options: Any) -> pathlib.Path:
        path: pathlib.Path = tmp_path / "made" / options.get("name", "tool")
        path.parent.mkdir(exist_ok=True)
        done = run("--bundle", "-o", path, *options.get("words", ()), *files)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert "runs on any Linux" in done.stdout
        return path

    return make


@pytest.fixture
def start(run: Run, bundle: Bundle, tmp_path: pathlib.Path) -> Start:
    """Return the function that makes a bundle of texts and starts it."""

    def make_and_start(files: "dict[str, str]", *args: object, **options: Any) -> Completed:
        path = bundle(*write(tmp_path / "given", files))
        return run(*args, executable=path, **options)

    return make_and_start
