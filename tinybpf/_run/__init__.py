# SPDX-License-Identifier: MIT
"""An object that is run without a script: `tinybpf-run x.bpf.o`, `python -m tinybpf run`.

main() is both. It must be quick until the first event is shown: what it imports at its
top costs every start, so modules for help, errors and maps are imported where they are
needed, and no dataclass of the package is asked for before.

Exit statuses: 0, or that of COMMAND if it ended first (128 and the signal's number, if
one ended it); 1 for errors of the library and of the system; 2 for a command line that
means nothing; 126 and 127 for a COMMAND that cannot be started, or is not there; 130 if
it was interrupted before it ran.
"""

from __future__ import annotations

import os

from tinybpf import BpfError, open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """A command line that means nothing, in words for who typed it."""


def main(args: Sequence[str], program: str = "tinybpf-run", command: str | None = None) -> int:
    """Run an object as a command line says; the exit status.

    Args:
        args: the object's path, then options, and a command behind "--".
        program: what stands before the path, for messages.
        command: what stands before the options; program and path, if not given.
    """
    try:
        return _run(args, program, command)
    except UsageError as error:
        return _complain(f"{error}\n  see --help", MISUSED)
    except BrokenPipeError:
        return OK
    except KeyboardInterrupt:  # before it was attached
        return INTERRUPTED
    except BpfError as error:
        return _complain(str(error), FAILED)
    except OSError as error:
        named = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        return _complain(f"{named}{error.strerror or error}", FAILED)


def _run(args: Sequence[str], program: str, command: str | None) -> int:
    """Do what a command line says; the exit status."""
    from tinybpf._run import options

    path, rest = options.split(args)
    if path is None:
        return _without_object(rest, program)
    with open(path) as obj:
        chosen = options.parse(obj, rest)
        if chosen.help:
            from tinybpf._run import manual

            return _print(manual.text(obj, chosen, command or f"{program} {path}"))
        from tinybpf._run import session

        return session.run(obj, chosen)


def _without_object(rest: Sequence[str], program: str) -> int:
    """Tell how it is called; that is wrong unless it was asked for."""
    from tinybpf._run import manual

    if "--help" in rest or "-h" in rest:
        return _print(manual.usage(program))
    return _complain("which object? Give the path of a .bpf.o file\n  see --help", MISUSED)


def _print(text: str) -> int:
    """Print what was asked for; the exit status."""
    try:
        data = text.encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(1, data) :]
    except BrokenPipeError:
        pass
    return OK


def _complain(message: str, status: int) -> int:
    """Tell what went wrong; the status."""
    tell(message)
    return status


def tell(message: str) -> None:
    """Tell something on stderr, as no terminal can be misled by."""
    text = f"tinybpf: {message}\n"
    if not all(line.isprintable() for line in text.split("\n")):
        from tinybpf._command import plain_lines

        text = plain_lines(text)
    try:  # noqa: SIM105  # contextlib would cost every start
        os.write(2, text.encode("utf-8", "backslashreplace"))
    except OSError:  # nobody listens
        pass
