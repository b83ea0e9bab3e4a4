# SPDX-License-Identifier: MIT
"""Children, threads and stacks of tinybpf-run."""

import pathlib
import resource

import pytest
from launch import Evaluate, Run

POOL = """\
import multiprocessing, sys
def square(n):
    return n * n
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(pool.map(square, range(5)))
"""

# Deep recursion in C: each level of a nested list is one level of repr().
RECURSE = """\
import json, threading
def recurse():
    nested = []
    for _ in range(200_000):
        nested = [nested]
    for deep in (lambda: repr(nested), lambda: json.loads("[" * 200_000)):
        try:
            deep()
        except RecursionError:
            print("RecursionError")
"""


@pytest.mark.real
def test_subprocess_of_itself(evaluate: Evaluate, runner: pathlib.Path) -> None:
    """sys.executable starts the same Python."""
    code = (
        "import subprocess, sys\n"
        "print(sys.executable, subprocess.check_output("
        "[sys.executable, '-c', 'import json; print(json.dumps(1))'], text=True))"
    )
    assert evaluate(code) == f"{runner} 1"


@pytest.mark.real
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_pool(run: Run, tmp_path: pathlib.Path, method: str) -> None:
    """Every start method of multiprocessing works."""
    script = tmp_path / "script.py"
    script.write_text(POOL)
    assert run(script, method).stdout == "[0, 1, 4, 9, 16]\n"


@pytest.mark.real
def test_process_pool_executor(run: Run, tmp_path: pathlib.Path) -> None:
    """concurrent.futures runs work in processes, too."""
    script = tmp_path / "script.py"
    script.write_text(
        "from concurrent.futures import ProcessPoolExecutor\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(2) as pool:\n"
        "        print(list(pool.map(abs, [-1, -2])))\n"
    )
    assert run(script).stdout == "[1, 2]\n"


def test_fork_from_a_thread(evaluate: Evaluate) -> None:
    """A child forked while other threads allocate can allocate."""
    code = (
        "import os, threading, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "stop = threading.Event()\n"
        "def work():\n"
        "    while not stop.is_set(): [bytes(n) for n in range(3000)]\n"
        "threads = [threading.Thread(target=work) for _ in range(3)]\n"
        "[t.start() for t in threads]\n"
        "for _ in range(50):\n"
        "    pid = os.fork()\n"
        "    if pid == 0: [bytearray(n) for n in range(2000)]; os._exit(4)\n"
        "    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 4\n"
        "stop.set()\n"
        "print('done')"
    )
    assert evaluate(code) == "done"


@pytest.mark.parametrize("kib", [128, 256, 1024, 0])
def test_deep_recursion_in_a_small_thread(evaluate: Evaluate, kib: int) -> None:
    """A thread with a small stack gets RecursionError, not a crash."""
    code = RECURSE + (
        f"threading.stack_size({kib} * 1024)\n"
        "thread = threading.Thread(target=recurse)\n"
        "thread.start()\n"
        "thread.join()"
    )
    assert evaluate(code).split() == ["RecursionError"] * 2


@pytest.mark.parametrize("kib", [256, 512, 1024, 4096, 8192, -1])
def test_deep_recursion_in_the_main_thread(evaluate: Evaluate, kib: int) -> None:
    """So does the main thread, whatever `ulimit -s` says."""
    size = resource.RLIM_INFINITY if kib < 0 else kib * 1024

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_STACK, (size, resource.RLIM_INFINITY))

    assert evaluate(RECURSE + "recurse()", preexec_fn=limit).split() == ["RecursionError"] * 2


def test_stack_limit_of_children_is_the_callers(evaluate: Evaluate) -> None:
    """A start does not change limits that children inherit."""
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_STACK)[0])"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_STACK, (2 << 20, resource.RLIM_INFINITY))

    assert evaluate(code, preexec_fn=limit) == str(2 << 20)


def test_many_threads_at_once(evaluate: Evaluate) -> None:
    """A hundred threads run and end."""
    code = (
        "import threading\n"
        "results = []\n"
        "threads = [threading.Thread(target=results.append, args=(n,)) for n in range(100)]\n"
        "[t.start() for t in threads]\n"
        "[t.join() for t in threads]\n"
        "print(len(results))"
    )
    assert evaluate(code) == "100"


def test_faulthandler_writes_a_traceback(run: Run) -> None:
    """A crash in C names the Python line."""
    done = run("-X", "faulthandler", "-c", "import ctypes\nctypes.string_at(0)")
    assert done.returncode == -11
    assert 'File "<string>", line 2 in <module>' in done.stderr


def test_objects_are_finalised_at_exit(evaluate: Evaluate, tmp_path: pathlib.Path) -> None:
    """__del__ runs at the end, in cycles too, wherever the object hangs."""
    code = (
        "import codecs, json, os, sys\n"
        "class Last:\n"
        "    def __init__(self, name): self.name, self.me = name, self\n"
        "    def __del__(self, write=os.write): write(1, self.name.encode() + b' ')\n"
        "mine = Last('main')\n"
        "codecs.x, json.x, sys.x = Last('codecs'), Last('json'), Last('sys')\n"
        "def knows_its_globals(): return mine\n"
    )
    wanted = ["codecs", "json", "main", "sys"]
    assert sorted(evaluate(code).split()) == wanted
    script = tmp_path / "script.py"
    script.write_text(code)
    assert sorted(evaluate(f"import runpy; runpy.run_path({str(script)!r})").split()) == wanted


def test_garbage_is_collected(evaluate: Evaluate) -> None:
    """Cycles that a program makes are collected while it runs."""
    code = (
        "import gc, weakref\n"
        "class Node: pass\n"
        "node = Node(); node.me = node\n"
        "ref = weakref.ref(node)\n"
        "del node\n"
        "gc.collect()\n"
        "print(ref() is None)"
    )
    assert evaluate(code) == "True"
