# SPDX-License-Identifier: MIT
"""ctypes without shared libraries: the C library and Python's API that are inside."""

import pytest
from launch import Evaluate


@pytest.mark.parametrize("name", ["None", "'libc.so.6'", "'libc.so'", "'/lib/libm.so.6'"])
def test_libc_is_inside(evaluate: Evaluate, name: str) -> None:
    """CDLL(None) and libc's usual names are the C library that is inside."""
    code = f"import ctypes, os; print(ctypes.CDLL({name}).getpid() == os.getpid())"
    assert evaluate(code) == "True"


def test_errno_is_carried(evaluate: Evaluate) -> None:
    """use_errno works: the usual way to call setns, unshare, mount."""
    code = (
        "import ctypes, errno\n"
        "libc = ctypes.CDLL('libc.so.6', use_errno=True)\n"
        "print(libc.setns(-1, 0), ctypes.get_errno() == errno.EBADF)"
    )
    assert evaluate(code) == "-1 True"


def test_callbacks_into_python(evaluate: Evaluate) -> None:
    """C calls Python back."""
    code = (
        "import ctypes\n"
        "P = ctypes.POINTER(ctypes.c_int)\n"
        "order = ctypes.CFUNCTYPE(ctypes.c_int, P, P)(lambda a, b: a[0] - b[0])\n"
        "numbers = (ctypes.c_int * 5)(5, 3, 1, 4, 2)\n"
        "ctypes.CDLL(None).qsort(numbers, 5, 4, order)\n"
        "print(list(numbers))"
    )
    assert evaluate(code) == "[1, 2, 3, 4, 5]"


def test_python_api(evaluate: Evaluate) -> None:
    """ctypes.pythonapi finds the stable ABI."""
    code = (
        "import ctypes\n"
        "make = ctypes.pythonapi.PyList_New\n"
        "make.restype = ctypes.py_object\n"
        "print(make(0), ctypes.pythonapi.Py_IsInitialized())"
    )
    assert evaluate(code) == "[] 1"


def test_what_is_not_inside_is_named(evaluate: Evaluate) -> None:
    """Another library, or an unknown symbol, is refused by name."""
    code = (
        "import ctypes\n"
        "for call in (lambda: ctypes.CDLL('libfoo.so.1'), lambda: ctypes.CDLL(None).no_such):\n"
        "    try: call()\n"
        "    except (OSError, AttributeError) as error: print(error)"
    )
    first, second = evaluate(code).splitlines()
    assert first == "libfoo.so.1: tinybpf-run is one static executable and loads no libraries"
    assert second == "no_such: not among the symbols inside tinybpf-run"


def test_structures_and_memory(evaluate: Evaluate) -> None:
    """Structure, from_buffer and sizeof work as everywhere."""
    code = (
        "import ctypes\n"
        "class S(ctypes.Structure):\n"
        "    _fields_ = [('a', ctypes.c_uint8), ('b', ctypes.c_uint64)]\n"
        "print(ctypes.sizeof(S), S.from_buffer_copy(bytes(8) + b'\\x05' + bytes(7)).b)"
    )
    assert evaluate(code) == "16 5"
