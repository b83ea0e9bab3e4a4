# SPDX-License-Identifier: MIT
"""One host of --ssh: send a bundle there, start it, pass on what it says.

A shell there makes a private folder, takes so many bytes from standard input into it, and
becomes what they are. That removes itself (lifeline.c); the rest of standard input is its
lifeline: a byte is a signal, its end is the end of the program.
"""

import asyncio
import contextlib
import json
import os
import shlex
import signal

CHUNK = 1 << 16
FAILED = 255  # ssh's own status for what is not the program's
_WORD = "tinybpf"

# In one line, without single quotes, backslashes or "!": whatever shell a user has there
# must hand it on as it is. The executable's folder has a name that nobody can foresee.
_SCRIPT = (
    'umask 077; w={word}; f={name}; z() {{ rm -rf "$t"; }}; '
    'echo "{mark} $w $(uname -s -m)"; read -r n || exit 255; '
    'for d in "$XDG_RUNTIME_DIR" /dev/shm /tmp "$HOME"; do '
    't=$d/.tinybpf-$w; if [ -d "$d" ] && mkdir "$t" 2>/dev/null; then '
    'trap z EXIT; trap "exit 255" HUP INT TERM; '
    'if (echo "#!/bin/sh" >"$t/$f" && chmod 700 "$t/$f" && "$t/$f" </dev/null) 2>/dev/null; '
    'then head -c "$n" >"$t/$f"; if [ "$(wc -c <"$t/$f")" -eq "$n" ]; '
    'then exec "$t/$f" --tbpy-lifeline=$w "$@"; fi; '
    'echo "tinybpf-run: $t: it did not arrive whole: is there room?" >&2; exit 255; fi; z; '
    "fi; done; "
    'echo "tinybpf-run: no folder here takes a program: tried XDG_RUNTIME_DIR, /dev/shm, '
    '/tmp, HOME" >&2; exit 255'
)


def _ignore_interrupt():
    """A terminal sends Ctrl-C to ssh, too, which would end before the program has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def command(word, name, arguments, is_root):
    """Return what ssh has a shell of the host run."""
    script = _SCRIPT.format(word=word, mark=_WORD, name=name)
    words = ["sudo", "-n"] if is_root else []
    words += ["sh", "-c", script, "sh", *arguments]
    return " ".join(map(shlex.quote, words))


class Remote:
    """A program on a host."""

    def __init__(self, host, sink):
        self.host = host
        self._sink = sink  # called with bytes and whether they are of stderr
        self._process = None
        self._has_started = False

    async def run(self, make, name, arguments, is_root):
        """Run it to its end; the status.

        `make` returns the bundle for a machine (what uname -m says); BundleError goes on to
        the caller.
        """
        word = os.urandom(8).hex()
        text = command(word, name, arguments, is_root)
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *("ssh", "-T", "--", self.host, os.fsencode(text)),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            preexec_fn=_ignore_interrupt,
        )
        try:
            await asyncio.gather(self._converse(word, make), self._pass_errors())
            return self._status(await self._process.wait())
        finally:
            await self._leave()

    async def _converse(self, word, make):
        """Send the bundle when the host has said what it is, then pass on all output."""
        out = self._process.stdout
        machine, rest = await self._machine(f"{_WORD} {word} ".encode())
        if machine is None:
            return
        self._send(make(machine))
        self._sink(self, rest, False)
        while chunk := await out.read(CHUNK):
            self._sink(self, chunk, False)

    async def _machine(self, mark):
        """Return what uname said, and what came behind it; (None, b"") if it did not.

        What a profile prints on the way is passed on as an error.
        """
        seen = b""
        while True:
            at = seen.find(mark)
            end = seen.find(b"\n", at)
            if at >= 0 and end >= 0:
                break
            chunk = await self._process.stdout.read(CHUNK)
            if not chunk:
                self._sink(self, seen, True)
                return None, b""
            seen += chunk
        self._sink(self, seen[:at], True)
        return seen[at + len(mark) : end].decode("ascii", "replace"), seen[end + 1 :]

    def _send(self, data):
        self._process.stdin.write(b"%d\n" % len(data))
        self._process.stdin.write(data)
        self._has_started = True

    async def _pass_errors(self):
        while chunk := await self._process.stderr.read(CHUNK):
            self._sink(self, chunk, True)

    def _status(self, code):
        return code if code >= 0 else 128 - code

    def tell(self, number):
        """Send the program a signal; before there is one, leave."""
        if self._process is None or self._process.stdin.is_closing():
            return
        if self._has_started:
            self._process.stdin.write(bytes([number]))
        else:
            self.end()
            self._process.terminate()

    def end(self):
        """Let go of the lifeline."""
        if self._process is not None:
            self._process.stdin.close()

    async def _leave(self):
        """Leave no ssh behind, whatever has happened."""
        self.end()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()


def with_host(host, line):
    """Return a line that says which host it is of: by a key of JSON, or a prefix."""
    if line.startswith(b'{"') and line.rstrip().endswith(b"}"):
        return b'{"_host": ' + json.dumps(host).encode() + b", " + line[1:]
    return os.fsencode(host) + b": " + line
