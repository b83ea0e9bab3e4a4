# SPDX-License-Identifier: MIT
"""The `site` of tinybpf-run: a Python that has no site-packages.

CPython's own site.py looks for pyvenv.cfg, .pth files and site directories on the
host; unless a script asks for it (addsitedir), none of them may change what this
executable does. What is left of its job: the names that it adds to builtins,
sitecustomize from PYTHONPATH, the prompt's history.

It runs at every start, so the work waits until somebody wants it: _tbpy_site.py.
"""

import builtins
import sys

PREFIXES = [sys.prefix]
ENABLE_USER_SITE = False
USER_SITE = None
USER_BASE = None


class _Builtin:
    """Stands for exit, help, copyright ... until one of them is used."""

    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return repr(self._real())

    def __call__(self, *args, **kwargs):
        return self._real()(*args, **kwargs)

    def _real(self):
        import _tbpy_site

        return _tbpy_site.make_builtin(self._name)


def __getattr__(name):
    """Find the functions that programs seldom call."""
    # Not for __path__ and such: code that looks at all of sys.modules asks for them.
    if name.startswith("_"):
        raise AttributeError(f"module 'site' has no attribute {name!r}")
    import _tbpy_site

    return getattr(_tbpy_site, name)


def _register_readline():
    import _tbpy_site

    _tbpy_site.register_readline()


def main():
    """Do what a start needs."""
    for name in ("copyright", "credits", "exit", "help", "license", "quit"):
        setattr(builtins, name, _Builtin(name))
    if not sys.flags.isolated:
        sys.__interactivehook__ = _register_readline
        if len(sys.path) > 1:  # only PYTHONPATH can supply a sitecustomize
            import _tbpy_site

            _tbpy_site.execsitecustomize()


if __name__ == "__main__":
    __getattr__("script")()
elif not sys.flags.no_site:
    main()
