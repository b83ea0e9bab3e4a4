# SPDX-License-Identifier: MIT
"""The part of `site` that only some programs and the prompt need.

Where PYTHONPATH is set, every start does: what it imports is there already.
"""

import _sitebuiltins
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
    import atexit
    import contextlib

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


def _read_pth(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8-sig").splitlines()


def addpackage(sitedir, name, known_paths):
    """Obey a .pth file: a line is a directory to append to sys.path, or an import."""
    known_paths = set() if known_paths is None else known_paths
    path = os.path.join(sitedir, name)
    for line in _read_pth(path):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if line.startswith(("import ", "import\t")):
                exec(line)
                continue
            directory, compared = makepath(sitedir, line.rstrip())
            if compared not in known_paths and os.path.exists(directory):
                sys.path.append(directory)
                known_paths.add(compared)
        except Exception as error:
            import traceback

            print(f"Error processing {path}, the rest of it is ignored:", file=sys.stderr)
            traceback.print_exception(error)
            break
    return known_paths


def addsitedir(sitedir, known_paths=None):
    """Append a directory to sys.path, and what its .pth files say."""
    known = {makepath(path)[1] for path in sys.path} if known_paths is None else known_paths
    directory, compared = makepath(sitedir)
    if compared not in known:
        sys.path.append(directory)
        known.add(compared)
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        names = []
    for name in names:
        if name.endswith(".pth") and not name.startswith("."):
            addpackage(directory, name, known)
    return known_paths


def script():
    """Print what `python -m site` prints."""
    if {"--user-base", "--user-site"} & set(sys.argv[1:]):
        sys.exit(2)  # there is neither; CPython's status where both are disabled
    print("sys.path = [")
    for path in sys.path:
        print(f"    {path!r},")
    print("]\nUSER_BASE: None (doesn't exist)\nUSER_SITE: None (doesn't exist)")
    print("ENABLE_USER_SITE: False")


def getsitepackages(prefixes=None):
    """Return []: there are no site directories."""
    return []


def getuserbase():
    """Return None: there is no user site directory."""
    return


def getusersitepackages():
    """Return None: there is no user site directory."""
    return
