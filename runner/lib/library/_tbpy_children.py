# SPDX-License-Identifier: MIT
"""Start processes in a bundle: those that want a Python get one (bundle_child.c).

This takes the place of _posixsubprocess.fork_exec(), by which subprocess and
multiprocessing start all of theirs.
"""

import _imp
import fcntl
import os
import sys
from importlib.machinery import BuiltinImporter, ModuleSpec

import _tbpy_bundle

_WITH_ARGUMENT = "WX"
_FLAGS = "bBdEiIOPqRsSuvx"
_LOWEST = 3  # descriptors below become the child's standard streams


def _made_by_cpython():
    spec = ModuleSpec("_posixsubprocess", BuiltinImporter)
    module = _imp.create_builtin(spec)
    _imp.exec_builtin(module)
    return module.fork_exec


_fork_exec = _made_by_cpython()


def wants_python(words):
    """Are these the arguments of a python that runs a command (-c) or a module (-m)?"""
    words = map(os.fsdecode, words)
    for word in words:
        if word == "--check-hash-based-pycs":
            next(words, None)
            continue
        if word[:1] != "-" or word[:2] in ("-", "--"):
            return False
        rest = word[1:].lstrip(_FLAGS)
        if rest[:1] in ("c", "m"):
            return True
        if rest and rest[0] not in _WITH_ARGUMENT:
            return False
        if len(rest) == 1:
            next(words, None)
    return False


def _pipe_with(word):
    """Return the end for reading of a pipe that has this in it."""
    read, write = os.pipe2(os.O_CLOEXEC)
    try:
        os.write(write, word)
        return fcntl.fcntl(read, fcntl.F_DUPFD_CLOEXEC, _LOWEST)
    finally:
        os.close(read)
        os.close(write)


def fork_exec(args, executables, close_fds, pass_fds, *others):
    """Start a process as CPython's fork_exec(); its arguments are those of that."""
    args = list(args)
    own = os.fsencode(sys.executable)
    named = executables if own else args[:1]  # "" has become a place in each folder of PATH
    if own not in map(os.fsencode, named) or not wants_python(args[1:]):
        return _fork_exec(args, executables, close_fds, pass_fds, *others)
    if _tbpy_bundle.IS_SECURE:
        raise PermissionError(
            1,
            "An executable with capabilities of its own starts no Python: use"
            " multiprocessing.set_start_method('fork'), or threads",
            sys.executable,
        )
    word = os.urandom(16).hex().encode()
    pipe = _pipe_with(word)
    try:
        args.insert(1, b"--tbpy-child=%d:%s" % (pipe, word))
        pass_fds = tuple(sorted({*pass_fds, pipe}))
        return _fork_exec(args, executables, close_fds, pass_fds, *others)
    finally:
        os.close(pipe)
