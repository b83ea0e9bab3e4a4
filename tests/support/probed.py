# SPDX-License-Identifier: MIT
"""The program tests/probed: functions and a tracepoint that tests attach probes to."""

import pathlib
import subprocess
from typing import Any

from support import host


def path() -> pathlib.Path:
    """Return where it is built."""
    return host.directory_from("TINYBPF_BUILD") / "probed"


def run(letters: str, binary: "pathlib.Path | None" = None) -> list[int]:
    """Run it to its end, for what each letter asks; return its answers."""
    command = [binary or path()]
    done = subprocess.run(command, input=letters, capture_output=True, text=True, check=True)
    return [int(line) for line in done.stdout.split()]


class Running:
    """It, waiting for letters."""

    def __init__(
        self, binary: "pathlib.Path | None" = None, command: "list[Any] | None" = None
    ) -> None:
        self._process = subprocess.Popen(
            command or [binary or path()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self.ask("r")  # it is the program now, with all that it maps

    def ask(self, letter: str) -> int:
        """Have it do one thing; return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(letter)
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.communicate()
