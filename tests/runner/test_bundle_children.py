# SPDX-License-Identifier: MIT
"""In a bundle, sys.executable is the program, and still a Python for its own children."""

import os
import pathlib
import subprocess

import pytest
from bundling import Bundle, Start, write
from launch import EMULATOR, Run

pytestmark = pytest.mark.real

# Each start of the program leaves a byte; the others wait for the end of the test.
COUNTED = """\
import os, sys
with open(os.environ["STARTS"], "ab", buffering=0) as starts:
    starts.write(b"%b %d\\n" % (__name__.encode(), os.getpid()))
"""

MAPPED = (
    COUNTED
    + """
import multiprocessing
import helper

def double(n):
    return helper.double(n), os.getpid()

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1] if sys.argv[1:] else None)
    with context.Pool(2) as pool:
        pairs = pool.map(double, range(20), chunksize=1)
    print([n for n, pid in pairs], os.getpid() in {pid for n, pid in pairs})
"""
)
EXECUTED = (
    COUNTED
    + """
from concurrent.futures import ProcessPoolExecutor
import helper

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        print(list(pool.map(helper.double, range(5))))
"""
)
HELPER = "def double(n):\n    return 2 * n\n"


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn", ""])
def test_pool_works_and_starts_no_second_program(
    start: Start, tmp_path: pathlib.Path, method: str
) -> None:
    """Functions of the script and of its modules; each process is one that was asked for."""
    starts = tmp_path / "starts"
    words = [method] if method else []
    done = start({"tool.py": MAPPED, "helper.py": HELPER}, *words, env={"STARTS": str(starts)})
    assert done.stdout == f"{[2 * n for n in range(20)]} False\n", done.stderr
    assert done.stderr == ""
    names = [line.split()[0] for line in starts.read_text().splitlines()]
    assert names.count("__main__") == 1
    assert set(names) <= {"__main__", "__mp_main__"}
    assert len(names) <= 1 + 3  # two workers, and the server that forks them


def test_executor_works(start: Start, tmp_path: pathlib.Path) -> None:
    """ProcessPoolExecutor, by the method that is the default."""
    env = {"STARTS": str(tmp_path / "starts")}
    done = start({"tool.py": EXECUTED, "helper.py": HELPER}, env=env)
    assert (done.stdout, done.stderr) == ("[0, 2, 4, 6, 8]\n", "")


CHILDREN = """\
import subprocess, sys, os
def run(*words, **options):
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, **options)
print(run("-c", "import sys, helper; print(sys.argv, helper.NAME)", "-m", "x").stdout, end="")
print(run("-m", "helper", "a").stdout, end="")
flags = ["-I", "-W", "ignore", "-Xdev", "-Bc", "print('flags')"]
print(run(*flags, close_fds=False).stdout, end="")
nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(7)'])"
print(run("-c", nested).stdout, end="")
print(run("-c", "import os; print(sorted(os.listdir('/proc/self/fd'))[:4])").stdout, end="")
os.close(0)
print(run("-c", "print('closed')", stdin=subprocess.DEVNULL).stdout, end="")
if sys.argv[1:] == []:
    print(run("again", "-c", "x").stdout, end="")
"""
NAMED = "import sys\nNAME = 'helper'\nif __name__ == '__main__': print('main', sys.argv[1:])\n"


def test_children_run_code_and_modules(start: Start) -> None:
    """-c and -m are python's, in children of children as well; other words the program's."""
    done = start({"tool.py": CHILDREN.replace("os.close(0)", ""), "helper.py": NAMED})
    own = "['-c', '-m', 'x'] helper\nmain ['a']\nflags\n7\n['0', '1', '2', '3']\nclosed\n"
    assert (done.stdout, done.stderr) == (own + own, "")


def test_closed_standard_streams_are_not_mixed_up(start: Start) -> None:
    """What the child is told by is none of them."""
    code = (
        "import os, subprocess, sys\nos.close(0)\n"
        "subprocess.run([sys.executable, '-c', 'print(1)'])\n"
        "out = os.dup(1); os.close(2); os.close(1)\n"
        "done = subprocess.run([sys.executable, '-c', 'print(2)'], stdout=subprocess.PIPE)\n"
        "os.write(out, done.stdout)\n"
    )
    done = start({"tool.py": code})
    assert (done.returncode, done.stdout) == (0, "1\n2\n"), done.stderr


@pytest.mark.parametrize("how", ["none", "another", "empty", "file", "closed"])
def test_nobody_else_gets_a_python(bundle: Bundle, tmp_path: pathlib.Path, how: str) -> None:
    """The word alone is an argument of the program's; nothing waits, nothing is lost."""
    tool = bundle(*write(tmp_path, {"tool.py": "import sys; print(sys.argv[1:])\n"}))
    read, write_end = os.pipe()
    word = "a" * 32
    if how == "another":
        os.write(write_end, b"b" * 32)
    if how == "file":
        os.close(read)
        (tmp_path / "file").write_text(word)
        read = os.open(tmp_path / "file", os.O_RDONLY)
    number = 99 if how == "closed" else read
    words = ["-c", "print('python')"] if how == "none" else [f"--tbpy-child={number}:{word}"]
    done = subprocess.run(
        [*EMULATOR, tool, *words],
        pass_fds=[read],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    os.close(read)
    os.close(write_end)
    assert done.stdout == f"{words}\n"


def test_script_is_run_by_its_path(run: Run, bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """runpy.run_path() finds scripts of the bundle, as multiprocessing does."""
    code = (
        "import runpy\nfrom pathlib import Path\n"
        "print(runpy.run_path(str(Path(__file__).with_name('other.py')))['X'])\nimport other\n"
    )
    tool = bundle(*write(tmp_path, {"tool.py": code, "other.py": "X = __file__\n"}))
    assert run(executable=tool).stdout == "/tbpy/tool/other.py\n"
