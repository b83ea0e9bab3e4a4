# SPDX-License-Identifier: MIT
"""The prompt: without arguments, on a terminal."""

import os
import pathlib
import pty
import select
import time

import pytest
from launch import PLAIN

pytestmark = pytest.mark.real


class Terminal:
    """tinybpf-run on a pseudo-terminal of its own."""

    def __init__(self, runner: pathlib.Path, *args: str, **env: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(runner, [str(runner), *args], {**PLAIN, "TERM": "xterm", **env})
        self.seen = ""

    def wait_for(self, words: str) -> str:
        """Read until the words appear; return what came before, and forget it."""
        deadline = time.monotonic() + 30
        while words not in self.seen:
            left = deadline - time.monotonic()
            assert select.select([self.fd], [], [], max(left, 0))[0], self.seen
            self.seen += os.read(self.fd, 4096).decode()
        before, _, self.seen = self.seen.partition(words)
        return before

    def type(self, text: str) -> None:
        """Type it, as a hand would."""
        os.write(self.fd, text.encode())

    def end(self) -> int:
        """Wait for the process; return its exit status."""
        try:
            while os.read(self.fd, 4096):
                pass
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.parametrize("env", [{}, {"PYTHON_BASIC_REPL": "1"}, {"TERM": "dumb"}])
def test_prompt_evaluates(runner: pathlib.Path, env: dict[str, str]) -> None:
    """The editing prompt, and the plain one where there is no editing."""
    terminal = Terminal(runner, **env)
    terminal.wait_for('Type "help"')
    terminal.wait_for(">>> ")
    terminal.type("6 * 7\r")
    terminal.wait_for("42")
    terminal.wait_for(">>> ")
    terminal.type("exit(3)\r")
    assert terminal.end() == 3


def test_prompt_survives_an_interrupt(runner: pathlib.Path) -> None:
    """Ctrl-C at the prompt starts a new line, Ctrl-D ends it."""
    terminal = Terminal(runner)
    terminal.wait_for(">>> ")
    terminal.type("\x03")
    terminal.wait_for("KeyboardInterrupt")
    terminal.wait_for(">>> ")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_prompt_after_a_script(runner: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """-i leaves the script's names at a prompt."""
    script = tmp_path / "script.py"
    script.write_text("answer = 'from the script'\n")
    terminal = Terminal(runner, "-i", str(script))
    terminal.wait_for(">>> ")
    terminal.type("answer.upper()\r")
    terminal.wait_for("FROM THE SCRIPT")
    terminal.type("quit()\r")
    assert terminal.end() == 0


def test_prompt_completes_and_keeps_a_history(
    runner: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Tab completes a name; the history file gets what was typed."""
    history = tmp_path / "history"
    terminal = Terminal(runner, PYTHON_HISTORY=str(history))
    terminal.wait_for(">>> ")
    terminal.type("print('typed')\r")
    terminal.wait_for("typed\r\n")
    terminal.wait_for(">>> ")
    terminal.type("import argpa\t\r")
    terminal.wait_for("argparse")
    terminal.wait_for(">>> ")
    terminal.type("exit()\r")
    assert terminal.end() == 0
    assert "import argparse" in history.read_text()


def test_startup_file_runs(runner: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """PYTHONSTARTUP is run before the first prompt."""
    startup = tmp_path / "startup.py"
    startup.write_text("ready = 'it is ready'\n")
    terminal = Terminal(runner, PYTHONSTARTUP=str(startup))
    terminal.wait_for(">>> ")
    terminal.type("ready.title()\r")
    terminal.wait_for("It Is Ready")
    terminal.type("exit()\r")
    assert terminal.end() == 0
