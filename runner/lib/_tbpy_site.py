# SPDX-License-Identifier: MIT
"""The part of `site` that only some programs and the prompt need."""

import _sitebuiltins
import atexit
import contextlib
import os
import sys

_EOF = "Ctrl-D (i.e. EOF)"
_CREDITS = """\
Thanks to the Python community, and to those of libbpf, elfutils, zlib and musl,
whose work is inside tinybpf-run."""
_LICENSE = """\
`tinybpf-run --licenses` prints the licence of everything that is inside.
Python's own: https://www.python.org/psf/license/"""


def make_builtin(name):
    """Return what CPython's site puts into builtins under a name."""
    if name == "help":
        return _sitebuiltins._Helper()
    if name in ("exit", "quit"):
        return _sitebuiltins.Quitter(name, _EOF)
    texts = {"copyright": sys.copyright, "credits": _CREDITS, "license": _LICENSE}
    return _sitebuiltins._Printer(name, texts[name])


def execsitecustomize():
    """Import sitecustomize; a mistake in it does not stop the start."""
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
    except Exception as error:
        if sys.flags.verbose:
            sys.excepthook(*sys.exc_info())
        else:
            sys.stderr.write(
                "Error in sitecustomize; set PYTHONVERBOSE for traceback:\n"
                f"{type(error).__name__}: {error}\n"
            )


def gethistoryfile():
    """Return $PYTHON_HISTORY, or ~/.python_history."""
    if not sys.flags.ignore_environment:
        history = os.environ.get("PYTHON_HISTORY")
        if history:
            return history
    return os.path.join(os.path.expanduser("~"), ".python_history")


def enablerlcompleter():
    """Have interactive prompts complete names and keep a history."""
    sys.__interactivehook__ = register_readline


def register_readline():
    """Give the prompt's line editor its history; called before the first prompt."""
    if not sys.flags.ignore_environment and os.getenv("PYTHON_BASIC_REPL"):
        return
    from _pyrepl.main import CAN_USE_PYREPL

    if not CAN_USE_PYREPL:
        return
    import _pyrepl.readline
    import _pyrepl.unix_console

    errors = (OSError, *_pyrepl.unix_console._error)
    history = gethistoryfile()
    with contextlib.suppress(*errors):
        _pyrepl.readline.read_history_file(history)

    def write_history():
        with contextlib.suppress(*errors):
            _pyrepl.readline.write_history_file(history)

    atexit.register(write_history)


def makepath(*paths):
    """Return the absolute form of a path, twice: to show and to compare."""
    path = os.path.abspath(os.path.join(*paths))
    return path, os.path.normcase(path)


def addsitedir(sitedir, known_paths=None):
    """Append a directory to sys.path. Its .pth files are not looked at."""
    path, _ = makepath(sitedir)
    if path not in sys.path:
        sys.path.append(path)
    return known_paths


def getsitepackages(prefixes=None):
    """Return []: there are no site directories."""
    return []


def getuserbase():
    """Return None: there is no user site directory."""
    return


def getusersitepackages():
    """Return None: there is no user site directory."""
    return
