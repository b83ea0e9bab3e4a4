# SPDX-License-Identifier: MIT
"""The table of commands of `python -m tinybpf`: a row for each module, and lazy."""

import ast
import pathlib
import subprocess
import sys

import project
import pytest

FOLDER = project.ROOT / "tinybpf" / "_command"


def has_run(path: pathlib.Path) -> bool:
    """Tell whether a module is a command, and no part of another one."""
    names = {getattr(node, "name", "") for node in ast.parse(path.read_text()).body}
    return {"declare", "run"} <= names


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a folder with the package of the wheel."""
    return project.unpack_wheel(tmp_path_factory.mktemp("wheel"))


def printed(folder: pathlib.Path, *args: str) -> str:
    """Return the help of python -m tinybpf with these arguments, then what it imported."""
    code = """if True:
        import sys
        from tinybpf import __main__
        try:
            __main__.main()
        except SystemExit:
            print(*(name for name in sys.modules if name.startswith("tinybpf.")))
    """
    command = [sys.executable, "-B", "-c", code, *args, "--help"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def test_each_command_is_in_the_help(unpacked: pathlib.Path) -> None:
    """--help has a line for each module that is a command."""
    commands = [path.stem for path in FOLDER.glob("*.py") if has_run(path)]
    assert len(commands) > 2
    text = printed(unpacked)
    project.none(f"no row for {name}" for name in commands if f"\n    {name} " not in text)


def test_only_the_command_that_is_asked_for_is_imported(unpacked: pathlib.Path) -> None:
    """The help of a command has its own arguments, and its module alone was imported."""
    text = printed(unpacked, "btf")
    assert "--minimize" in text
    assert "tinybpf._command.btf" in text
    assert "tinybpf._command.stubs" not in text
    assert "tinybpf._command." not in printed(unpacked)
