# SPDX-License-Identifier: MIT
"""Modules that others import only when they use them (runner/edits.toml)."""

import pytest
from launch import Evaluate, Run

PIPES = """\
import subprocess, sys
child = [sys.executable, "-c", "import sys; print(sys.stdin.read(), file=sys.stderr); print(2)"]
done = subprocess.run(child, input="text", capture_output=True, text=True, timeout=60)
print(repr((done.stdout, done.stderr)))
"""


@pytest.mark.parametrize("flags", [(), ("-X", "utf8=0")])
def test_subprocess_reads_two_pipes(evaluate: Evaluate, flags: tuple[str, ...]) -> None:
    """It wants selectors for that, and locale where text is not said to be UTF-8."""
    assert evaluate(PIPES, *flags) == "('2\\n', 'text\\n')"


def test_selector_of_subprocess_can_be_replaced(evaluate: Evaluate) -> None:
    """CPython's own tests do so, before and after the first use."""
    code = (
        "import selectors, subprocess\n"
        "class Mine(selectors.SelectSelector):\n"
        "    def __init__(self): super().__init__(); print('mine', end=' ')\n"
        "subprocess._PopenSelector = Mine\n"
    )
    assert evaluate(code + PIPES) == "mine ('2\\n', 'text\\n')"
    assert evaluate(PIPES + code + PIPES).splitlines()[1:] == ["mine ('2\\n', 'text\\n')"]


def test_subprocess_has_its_names(evaluate: Evaluate) -> None:
    """What a program takes from there is there, and what is not is an AttributeError."""
    assert (
        evaluate(
            "import subprocess as s; from subprocess import selectors\n"
            "import locale, selectors as real\n"
            "print(s.locale is locale, s.selectors is selectors is real,"
            " s._PopenSelector is real.PollSelector, hasattr(s, 'nothing'))"
        )
        == "True True True False"
    )


def test_traceback_suggests_keywords(run: Run) -> None:
    """A SyntaxError wants tokenize and codeop, which its traceback imports then."""
    done = run("-c", "fro i in range(3):\n    pass")
    assert done.returncode == 1
    assert "SyntaxError: invalid syntax. Did you mean 'for'?" in done.stderr


def test_paths_of_windows(evaluate: Evaluate) -> None:
    """ntpath is itself without the modules that only Windows has."""
    assert (
        evaluate(
            "import ntpath as n, pathlib\n"
            "print(n.normcase('A/b'), n.splitroot('c:/x/y'), n.normpath('c:/a/../b'),"
            " n.ismount('c:/'), n.isdir('/'), n.isdevdrive('/'),"
            " pathlib.PureWindowsPath('C:/A') == pathlib.PureWindowsPath('c:/a'))"
        )
        == r"a\b ('c:', '/', 'x/y') c:\b True True False True"
    )
