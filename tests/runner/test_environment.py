# SPDX-License-Identifier: MIT
"""What of the host reaches the embedded Python: PYTHON*, and no stray file."""

import pathlib
import shutil
import subprocess

import pytest
from launch import Evaluate, Run


def test_pythonpath_comes_before_the_library(
    evaluate: Evaluate, tmp_path: pathlib.Path
) -> None:
    """sys.path is the script's directory, PYTHONPATH made absolute, the library."""
    code = "import sys; print(sys.path)"
    env = {"PYTHONPATH": f"{tmp_path}:relative"}
    wanted = ["", str(tmp_path), str(tmp_path / "relative"), "/tbpy/lib/python3.14"]
    assert evaluate(code, env=env, cwd=tmp_path) == str(wanted)
    assert evaluate(code) == str(["", "/tbpy/lib/python3.14"])
    for flag in ("-E", "-I"):
        assert str(tmp_path) not in evaluate(code, flag, env=env, cwd=tmp_path)


def test_variables_are_honoured_but_not_with_E(evaluate: Evaluate) -> None:
    """PYTHON* variables do what they do for python, -E and -I ignore them."""
    cases = [
        ("PYTHONOPTIMIZE", "2", "sys.flags.optimize", "2", "0"),
        ("PYTHONDONTWRITEBYTECODE", "1", "sys.dont_write_bytecode", "True", "False"),
        ("PYTHONUNBUFFERED", "1", "sys.stdout.write_through", "True", "False"),
        ("PYTHONWARNINGS", "error", "sys.warnoptions", "['error']", "[]"),
        ("PYTHONIOENCODING", "cp1252", "sys.stdout.encoding", "cp1252", "utf-8"),
        ("PYTHONHASHSEED", "0", "sys.flags.hash_randomization", "0", "1"),
        ("PYTHONDEVMODE", "1", "sys.flags.dev_mode", "True", "False"),
        ("PYTHONSAFEPATH", "1", "sys.flags.safe_path", "True", "False"),
        ("PYTHONPYCACHEPREFIX", "/c", "sys.pycache_prefix", "/c", "None"),
        ("PYTHONTRACEMALLOC", "1", "'tracemalloc' in sys.builtin_module_names or 1", "1", "1"),
    ]
    for name, value, expression, honoured, ignored in cases:
        code = f"import sys; print({expression})"
        assert evaluate(code, env={name: value}) == honoured, name
        assert evaluate(code, "-E", env={name: value}) == ignored, name
        if name != "PYTHONSAFEPATH":
            assert evaluate(code, "-I", env={name: value}) == ignored, name


def test_pythonhome_is_ignored(evaluate: Evaluate) -> None:
    """PYTHONHOME cannot move the library, and children still inherit it."""
    code = "import os, sys, json; print(sys.prefix, os.environ['PYTHONHOME'], json.__file__)"
    wanted = "/tbpy /usr /tbpy/lib/python3.14/json/__init__.py"
    assert evaluate(code, env={"PYTHONHOME": "/usr"}) == wanted


def test_pyvenv_cfg_is_not_read(run: Run, runner: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A pyvenv.cfg beside or above the executable changes nothing."""
    (tmp_path / "bin").mkdir()
    copy = tmp_path / "bin" / "tinybpf-run"
    shutil.copy(runner, copy)
    for place in (tmp_path, copy.parent):
        (place / "pyvenv.cfg").write_text("home = /usr/bin\n")
    done = run("-c", "import sys; print(sys.prefix, sys.executable)", executable=copy)
    assert done.stdout == f"/tbpy {copy}\n"


@pytest.mark.real
def test_start_opens_nothing_of_python_on_the_host(
    runner: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """A start asks for no file of a Python installation."""
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=%file", "-o", str(trace), str(runner)]
    subprocess.run([*command, "-I", "-c", "import json, decimal"], check=True)
    lines = [line for line in trace.read_text().splitlines() if '"' in line]
    paths = {line.split('"')[1] for line in lines}
    allowed = {
        str(runner),  # execve, and sys.executable's own check
        "/proc/self/exe",
        "/proc/sys/vm/overcommit_memory",  # mimalloc
        "/sys/devices/system/node/node1",  # mimalloc
    }
    assert paths <= allowed, paths - allowed


@pytest.mark.real
def test_import_of_the_library_does_not_touch_the_host(
    runner: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """/tbpy is a name only: it is never looked for."""
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=%file", "-o", str(trace), str(runner)]
    subprocess.run([*command, "-c", "import json, email.mime.text"], check=True, cwd=tmp_path)
    assert "/tbpy" not in trace.read_text()


def test_sitecustomize_of_pythonpath_runs(run: Run, tmp_path: pathlib.Path) -> None:
    """PYTHONPATH may bring a sitecustomize, as for python; -I and -S go without."""
    (tmp_path / "sitecustomize.py").write_text("print('customized')\n")
    env = {"PYTHONPATH": str(tmp_path)}
    assert run("-c", "pass", env=env).stdout == "customized\n"
    assert run("-I", "-c", "pass", env=env).stdout == ""
    assert run("-S", "-c", "pass", env=env).stdout == ""


def test_text_is_utf8_without_a_locale(evaluate: Evaluate) -> None:
    """Without LANG, and with LANG=C, names and streams are UTF-8."""
    code = "import sys; print(sys.getfilesystemencoding(), sys.stdout.encoding, 'é')"
    for env in ({}, {"LANG": "C"}, {"LC_ALL": "POSIX"}):
        assert evaluate(code, env=env) == "utf-8 utf-8 é"


def test_start_imports_neither_asyncio_nor_logging(evaluate: Evaluate) -> None:
    """What a start imports is little, with tinybpf's import too."""
    code = "import sys; print({'asyncio', 'logging', 'zipimport', 'os'} & set(sys.modules))"
    assert evaluate(code) == "set()"
    code = "import sys, tinybpf; print({'asyncio', 'logging'} & set(sys.modules))"
    assert evaluate(code) == "set()"


def test_start_that_looks_for_sitecustomize_imports_little(
    evaluate: Evaluate, tmp_path: pathlib.Path
) -> None:
    """PYTHONPATH makes a start look there for one, no more."""
    code = "import sys; print({'atexit', 'collections', 'contextlib'} & set(sys.modules))"
    assert evaluate(code, env={"PYTHONPATH": str(tmp_path)}) == "set()"
