# SPDX-License-Identifier: MIT
"""readline without GNU readline: the editing of the prompt, by _pyrepl.

Importing it gives input(), and pdb and cmd with it, what importing CPython's gives: a line
that can be edited, a history, completion. _pyrepl is imported with the first use of it:
an interactive start imports this module, too.
"""

import builtins
import sys

# rlcompleter, which _pyrepl imports, must not find it half made.
if "_pyrepl.readline" in sys.modules and not hasattr(sys.modules["_pyrepl.readline"], "_setup"):
    raise ImportError("readline is being imported by _pyrepl", name="readline")

backend = "readline"
_NO_FILE = (AttributeError, ValueError, OSError)  # None, closed, in memory
_plain_input = builtins.input
_completers = []  # set before _pyrepl was there; the last one holds


def _editor():
    """Return _pyrepl's side of it, with the completer that was set last.

    rlcompleter, imported by _pyrepl, sets its own: not in place of what a program wants.
    """
    wanted = _completers[-1:]
    from _pyrepl import readline as editor

    for function in wanted:
        editor.set_completer(function)
    _completers.clear()
    return editor


def __getattr__(name):
    """Find the other functions, which are _pyrepl's own."""
    if name.startswith("_") or name not in _editor().__all__:
        raise AttributeError(f"module 'readline' has no attribute {name!r}")
    return getattr(_editor(), name)


def __dir__():
    return sorted({*globals(), *_editor().__all__})


def set_completer(function=None):
    """Set the function that completes words: function(text, number) -> str or None."""
    _completers.append(function)


def get_completer():
    """Return the function that completes words, None if there is none."""
    return _completers[-1] if _completers else _editor().get_completer()


def read_init_file(filename=None):
    """Do nothing: there is no inputrc."""


def redisplay():
    """Do nothing: what is shown is always up to date."""


def set_pre_input_hook(function=None):
    """Refuse: nothing is called between the prompt and the first key."""
    raise NotImplementedError("the readline of tinybpf-run has set_startup_hook() alone")


def set_completion_display_matches_hook(function=None):
    """Do nothing: completions are shown as the prompt shows them."""


def get_completion_type():
    """Return 9, a single Tab."""
    return ord("\t")


def _can_edit():
    try:
        fds = sys.stdin.fileno(), sys.stdout.fileno()
    except _NO_FILE:
        return None
    import os

    return fds if all(map(os.isatty, fds)) and os.environ.get("TERM") != "dumb" else None


def _edited_input(prompt="", /):
    """Forward to the line editor on a terminal, else to the input() that was there."""
    fds = _can_edit()
    if fds is None:
        return _plain_input(prompt)
    editor = _editor()
    before, editor.raw_input = editor.raw_input, _plain_input
    try:
        editor._wrapper.f_in, editor._wrapper.f_out = fds
        return editor._wrapper.input(prompt)
    finally:
        editor.raw_input = before  # the prompt sets itself up if nobody has


_edited_input.__name__ = _edited_input.__qualname__ = "input"
builtins.input = _edited_input
