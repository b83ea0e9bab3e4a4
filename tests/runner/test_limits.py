# SPDX-License-Identifier: MIT
"""What happens at the limits: depth of C code, memory, descriptors, threads, file sizes.

A limit is an exception of Python's, never a crash or a hang. The cases of depth are
those in which CPython guards its C stack; each ends a distribution's Python as well, or
better than that.
"""

import pathlib
import resource

import pytest
from launch import Evaluate, limit_to

# What each builds is nested fifty thousand deep; None: it comes out whole.
DEEP = {
    "json.loads('[' * n + ']' * n)": "RecursionError",
    "json.dumps(nest([], lambda x: [x]))": "RecursionError",
    "repr(nest([], lambda x: [x]))": "RecursionError",
    "repr(nest({}, lambda x: {1: x}))": "RecursionError",
    "repr(nest(int, lambda x: functools.partial(print, x)))": "RecursionError",
    "pickle.dumps(nest([], lambda x: [x]))": "RecursionError",
    "copy.deepcopy(nest([], lambda x: [x]))": "RecursionError",
    "nest([], lambda x: [x]) == nest([], lambda x: [x])": "RecursionError",
    "re.match('(?:a|b)*c', 'ab' * n)": None,
    "xml.etree.ElementTree.fromstring('<a>' * n + '</a>' * n)": None,
    "nest((), lambda x: (x,))": None,
}
IN_DEPTH = """\
import copy, functools, json, pickle, re, sys, threading, xml.etree.ElementTree
n = 50_000
def nest(x, wrap):
    for _ in range(n):
        x = wrap(x)
    return x
def run():
    try:
        {code}
        print("None")
    except RecursionError as error:
        print(type(error).__name__)
run()
threading.stack_size(256 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("code", DEEP)
def test_depth_in_c_is_an_exception(evaluate: Evaluate, code: str) -> None:
    """In a main thread with a stack of 1 MB, and in a thread that asked for 256 KB."""
    done = evaluate(
        IN_DEPTH.format(code=code), preexec_fn=limit_to(resource.RLIMIT_STACK, 1 << 20)
    )
    assert done.split() == [str(DEEP[code])] * 2


def test_memory_limit_is_a_memory_error(evaluate: Evaluate) -> None:
    """`ulimit -v`: what does not fit raises MemoryError, and what does fit goes on."""
    code = (
        "blocks = []\n"
        "try:\n"
        "    while True: blocks.append(bytearray(1 << 20))\n"
        "except MemoryError:\n"
        "    n = len(blocks); del blocks[n // 2:]\n"
        "    print(n > 50, len([bytearray(1 << 20) for _ in range(n // 4)]) > 10)"
    )
    limit = limit_to(resource.RLIMIT_AS, 512 << 20)
    assert evaluate(code, preexec_fn=limit) == "True True"


def test_large_objects_are_made_and_grow(evaluate: Evaluate) -> None:
    """Blocks of hundreds of megabytes: made, grown, joined, given back."""
    code = (
        "import resource\n"
        "for _ in range(4):\n"
        "    b = bytearray(100 << 20)\n"
        "    b += bytes(1 << 20)\n"
        "    assert len(b) == 101 << 20 and b[-1] == 0\n"
        "text = ''.join(['x' * 1000] * 50_000)\n"
        "print(len(text), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 400_000)"
    )
    assert evaluate(code) == "50000000 True"


def test_descriptor_limit_is_an_oserror(evaluate: Evaluate) -> None:
    """`ulimit -n`: EMFILE, and an import still works."""
    code = (
        "import os, errno\n"
        "fds = []\n"
        "try:\n"
        "    while True: fds.append(os.dup(0))\n"
        "except OSError as error:\n"
        "    import xml.dom.minidom\n"
        "    print(errno.errorcode[error.errno])"
    )
    assert evaluate(code, "-P", preexec_fn=limit_to(resource.RLIMIT_NOFILE, 20)) == "EMFILE"


def test_file_size_limit_is_an_oserror(evaluate: Evaluate, tmp_path: pathlib.Path) -> None:
    """`ulimit -f`: EFBIG, for SIGXFSZ is ignored."""
    code = (
        "import errno, os\n"
        f"fd = os.open({str(tmp_path / 'file')!r}, os.O_CREAT | os.O_WRONLY)\n"
        "try:\n"
        "    while True: os.write(fd, bytes(4096))\n"
        "except OSError as error:\n"
        "    print(errno.errorcode[error.errno])"
    )
    assert evaluate(code, preexec_fn=limit_to(resource.RLIMIT_FSIZE, 8192)) == "EFBIG"


def test_thread_limit_is_a_runtime_error(evaluate: Evaluate) -> None:
    """No room for another stack: RuntimeError, and the threads that run end well.

    Stacks are large, so that it is a stack that there is no room for: where a thread has
    one and no memory, CPython's start() waits for it for ever.
    """
    code = (
        "import threading; threading.stack_size(64 << 20)\n"
        "go = threading.Event(); threads = []\n"
        "try:\n"
        "    while True:\n"
        "        threads.append(threading.Thread(target=go.wait)); threads[-1].start()\n"
        "except RuntimeError as error:\n"
        "    threads.pop(); go.set(); [t.join() for t in threads]\n"
        "    print(error, len(threads) > 3)"
    )
    limit = limit_to(resource.RLIMIT_AS, 1536 << 20)
    assert evaluate(code, preexec_fn=limit) == "can't start new thread True"
