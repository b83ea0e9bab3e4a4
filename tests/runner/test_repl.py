# SPDX-License-Identifier: MIT
"""The prompt: without arguments, on a terminal."""

import os
import pathlib
import pty
import select
import time

import pytest
from launch import PLAIN, Run

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


EDITED = """\
import readline
lines = [input('one? '), input('two? ')]
from _pyrepl import terminfo
caps = terminfo.TermInfo(None)._capabilities
print(lines, [name for name, its in terminfo._TERMINAL_CAPABILITIES.items() if its == caps][0])
"""


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


def test_prompt_completes_keys(runner: pathlib.Path) -> None:
    """Tab completes the key of a dict, and of what offers its keys as IPython asks."""
    terminal = Terminal(runner)
    terminal.wait_for(">>> ")
    terminal.type(
        "class Offers:\r_ipython_key_completions_ = lambda s: ['ev-one', 'ev-two']\r\r"
    )
    terminal.wait_for(">>> ")
    terminal.type("Offers.__getitem__ = lambda s, key: key.upper()\r")
    terminal.wait_for(">>> ")
    terminal.type("class Holder: maps = Offers(); d = {'only one': 'the value'}\r\r")
    terminal.wait_for(">>> ")
    terminal.type('Holder.maps["ev-t\t\r')
    terminal.wait_for("'EV-TWO'")
    terminal.wait_for(">>> ")
    terminal.type("Holder.d['only o\t\r")
    terminal.wait_for("'the value'")
    terminal.wait_for(">>> ")
    terminal.type("exit()\r")
    assert terminal.end() == 0


UP = "\x1bOA"


@pytest.mark.parametrize("term", ["xterm-unheard-of", "tmux-new", "linux-9"])
def test_prompt_edits_without_terminfo(runner: pathlib.Path, term: str) -> None:
    """A terminal that no database knows still has editing keys and the history."""
    terminal = Terminal(runner, "-c", EDITED, TERM=term)
    terminal.wait_for("one? ")
    terminal.type("lo\x01hel\r")
    terminal.wait_for("two? ")
    terminal.type(UP + "!\r")
    terminal.wait_for("['hello', 'hello!'] ansi")
    assert terminal.end() == 0


def test_prompt_without_a_home_is_quiet(runner: pathlib.Path) -> None:
    """Its banner names tinybpf; that no history can be kept is no news after each line."""
    terminal = Terminal(runner)
    assert "tinybpf " in terminal.wait_for('Type "help"')
    terminal.wait_for(">>> ")
    terminal.type("6 * 7\r")
    terminal.wait_for("42")
    assert "history" not in terminal.wait_for(">>> ")
    terminal.type("exit()\r")
    assert terminal.end() == 0


def test_readline_edits_what_input_reads(runner: pathlib.Path) -> None:
    """`import readline` gives input() editing keys, a history, and completion."""
    code = (
        "import readline\n"
        "readline.set_completer(lambda text, n: (['albatross'] + [None])[n])\n"
        "lines = [input('one? '), input('two? '), input('three? ')]\n"
        "print(lines, readline.get_current_history_length(), readline.get_history_item(1))"
    )
    terminal = Terminal(runner, "-c", code)
    terminal.wait_for("one? ")
    terminal.type("lo\x01hel\r")  # Ctrl-A: to the beginning
    terminal.wait_for("two? ")
    terminal.type(UP + "!\r")
    terminal.wait_for("three? ")
    terminal.type("alb\t\r")
    terminal.wait_for("['hello', 'hello!', 'albatross'] 3 hello")
    assert terminal.end() == 0


def test_pdb_edits_and_completes(runner: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Tab completes a local variable, the history gives the line again."""
    script = tmp_path / "script.py"
    script.write_text("number_of_sheep = 40 + 2\nbreakpoint()\n")
    terminal = Terminal(runner, str(script))
    terminal.wait_for("(Pdb) ")
    terminal.type("p number_of_s\t\r")
    terminal.wait_for("42\r\n")
    terminal.wait_for("(Pdb) ")
    terminal.type(UP + " + 1\r")
    terminal.wait_for("43\r\n")
    terminal.wait_for("(Pdb) ")
    terminal.type("continue\r")
    assert terminal.end() == 0


def test_cmd_completes_and_keeps_a_history(
    runner: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Tab completes a command and its argument, the history gives the line again."""
    script = tmp_path / "script.py"
    script.write_text(
        "import cmd\n"
        "class Shepherd(cmd.Cmd):\n"
        "    prompt = 'flock> '\n"
        "    def do_count(self, line): print('counted', line)\n"
        "    def complete_count(self, text, *_):\n"
        "        return [name for name in ('lambs', 'rams') if name.startswith(text)]\n"
        "    def do_EOF(self, line): return True\n"
        "Shepherd().cmdloop()\n"
    )
    terminal = Terminal(runner, str(script))
    terminal.wait_for("flock> ")
    terminal.type("cou\t la\t\r")
    terminal.wait_for("counted lambs\r\n")
    terminal.wait_for("flock> ")
    terminal.type(UP + "s\r")
    terminal.wait_for("counted lambss\r\n")
    terminal.wait_for("flock> ")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_readline_leaves_pipes_and_prompts_alone(run: Run, runner: pathlib.Path) -> None:
    """Without a terminal input() reads as ever; the prompt sets itself up behind it."""
    code = "import readline; print([input(), input('? ')], hasattr(readline, 'nothing'))"
    done = run("-c", code, input="a\tb\nc\n")
    assert done.stdout == "? ['a\\tb', 'c'] False\n"
    terminal = Terminal(runner, "-i", "-c", "import readline; name_of_it = input('? ')")
    terminal.wait_for("? ")
    terminal.type("typed\r")
    terminal.wait_for(">>> ")
    terminal.type("name_of\t + '!'\r")
    terminal.wait_for("'typed!'")
    terminal.type("exit()\r")
    assert terminal.end() == 0


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
