# SPDX-License-Identifier: MIT
"""Why a module cannot be imported: it was left out, or only its extension is there.

Only an import that fails loads this module (library.c).
"""

import sys

import _tbpy

_ELSEWHERE = "or run this with the host's Python and the tinybpf wheel"


def _extension(name, path):
    """Return the shared object that is in the module's place, or None.

    The finders have just looked: their lists of names cost no system call.
    """
    tail = name.rpartition(".")[2] + "."
    for entry in sys.path if path is None else path:
        finder = sys.path_importer_cache.get(entry)
        for found in getattr(finder, "_path_cache", ()):
            if found.startswith(tail) and found.endswith(".so"):
                return f"{finder.path}/{found}"
    return None


def explain(name, path=None):
    """Return the error's class, message and file, or None if nothing is known of it.

    `path` is the __path__ of the package that should have the module.
    """
    advice = _tbpy.left_out(name)
    if advice is not None:
        if not advice.startswith("Python 3."):  # that removed it
            advice = f"It is not inside tinybpf-run: {advice}, {_ELSEWHERE}"
        return ModuleNotFoundError, f"No module named {name!r}. {advice}", None
    found = _extension(name, path)
    if found is None:
        return None
    # No ModuleNotFoundError: `from package import name` would pass over it in silence.
    message = (
        f"{name!r} cannot be imported: {found} is there, but a static executable loads no"
        f" extension modules. Use a package that is Python alone, {_ELSEWHERE}"
    )
    return ImportError, message, found


def sentence(name):
    """Return what `-m NAME` says of a module that is not there."""
    told = explain(name)
    return f"No module named {name}" if told is None else told[1]
