# SPDX-License-Identifier: MIT
"""tinybpf-run takes a BPF object for its script; the object says how it is run."""

import pathlib
import shutil

import pytest
from launch import Run

from support import host


@pytest.fixture(scope="module")
def tool() -> pathlib.Path:
    """Return the object of a tool."""
    return host.bpf_object("direct")


def test_object_is_told_by_its_content(
    run: Run, tool: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Whatever its name is: its help has its constants, its arguments are its own."""
    copy = shutil.copy(tool, tmp_path / "tool")
    for path in (tool, copy):
        done = run(path, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"usage: tinybpf-run {path} [option]...")
        assert "--cookie N" in done.stdout
    done = run("-I", "-W", "error", copy, "--cooky")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "tinybpf: there is no option --cooky; did you mean --cookie?\n  see --help\n"
    )


def test_name_of_an_object_is_enough(run: Run, tmp_path: pathlib.Path) -> None:
    """What is named .bpf.o and is no object, or is not there, is refused as one."""
    path = tmp_path / "x.bpf.o"
    done = run(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"tinybpf: {path}: No such file or directory\n"
    path.write_text("print('ran')\n")
    done = run(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("tinybpf: ")
    assert "Traceback" not in done.stderr


def test_program_of_a_machine_is_no_object(run: Run, runner: pathlib.Path) -> None:
    """An ELF file of another kind is refused with the reason, not run as Python."""
    done = run(runner)
    assert (done.returncode, done.stdout) == (1, "")
    assert "BPF" in done.stderr


def test_script_that_only_sounds_so_is_a_script(run: Run, tmp_path: pathlib.Path) -> None:
    """A script is a script, also beside objects, and with arguments that name them."""
    path = tmp_path / "x.bpf.o.py"
    path.write_text("import sys; print(sys.argv[1:])\n")
    assert run(path, "x.bpf.o", "--help").stdout == "['x.bpf.o', '--help']\n"
