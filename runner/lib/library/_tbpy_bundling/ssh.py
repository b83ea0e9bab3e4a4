# SPDX-License-Identifier: MIT
"""What --ssh does: make a bundle for each host, and run it there (remote.py)."""

import asyncio
import difflib
import functools
import glob
import os
import re
import signal
import sys

from _tbpy_bundling import BundleError
from _tbpy_bundling.assemble import assembled, runner_like_this
from _tbpy_bundling.collect import Collection
from _tbpy_bundling.executable import Executable
from _tbpy_bundling.remote import Remote, with_host

_USAGE = """\
usage: tinybpf-run --ssh HOST[,HOST...] [--sudo] [--with PATH]... [--base RUNNER]...
                   FILE [arg]...

Run FILE on hosts that have nothing but sshd and a shell, and leave nothing there.
  FILE           a bundle, an object, or a script with SCRIPT*.bpf.o beside it
  --sudo         by `sudo -n`, which must not ask for a password
  --with PATH    what the script needs besides: files, packages, wheels
  --base RUNNER  the tinybpf-run of another architecture that one of the hosts has

HOST is what ssh takes. Ctrl-C ends the programs as it would here; a second one, or the
end of the connection, by SIGTERM, and SIGKILL five seconds later. With several hosts
lines begin with the host; those of JSON have a key "_host". The status is the first
one, in the order of the hosts, that is not 0; 255 is ssh's own.
"""
_PIPE_STATUS = 128 + signal.SIGPIPE
_OBJECT = 247  # EM_BPF
_SAFE = re.compile(r"[^A-Za-z0-9._-]")


class UsageError(Exception):
    """The command line is wrong."""


class Options:
    """The command line, which is the program's from FILE on."""

    def __init__(self, words):
        self.is_root, self.extra, self.bases = False, [], []
        self.hosts = words.pop(0).split(",") if words else []
        if not self.hosts or any(host[:1] in ("", "-") for host in self.hosts):
            raise UsageError("say the hosts behind --ssh: HOST or HOST,HOST")
        while words and words[0].startswith("-") and words[0] != "-":
            self._take(words)
        if not words:
            raise UsageError("it takes HOST and FILE")
        self.file, *self.arguments = words

    def _take(self, words):
        word, equals, value = words.pop(0).partition("=")
        with_value = {"--with": self.extra, "--base": self.bases}
        if word == "--sudo" and not equals:
            self.is_root = True
        elif word in with_value:
            if not equals and not words:
                raise UsageError(f"{word} takes a path")
            with_value[word].append(value if equals else words.pop(0))
        else:
            known = [*with_value, "--sudo", "--help"]
            near = difflib.get_close_matches(word, known, 1, 0.4)
            nearest = f"\n  nearest: {near[0]!r}" if near else ""
            raise UsageError(f"unknown option {word!r}{nearest}")


class Program:
    """What is to run, as a bundle for each architecture that is asked for."""

    def __init__(self, options):
        self.path = options.file
        name = os.path.basename(os.path.abspath(self.path))
        for suffix in (".py", ".bpf.o", ".pyz"):
            name = name.removesuffix(suffix)
        self.name = _SAFE.sub("_", name).lstrip("-") or "tool"
        self._ready = {}
        self._runners = {}
        self._collection = None
        machine = _machine_of(self.path)
        if machine not in (None, _OBJECT):
            self._take_bundle(options)
            return
        self._runners = {each.machine: each for each in map(runner_like_this, options.bases)}
        self._collect(options)

    def _take_bundle(self, options):
        """The file is an executable: it must be one of ours, with a program."""
        bundle = Executable(self.path)
        if bundle.bundle is None:
            raise BundleError(f"{self.path} has no program in it: name a script or an object")
        if options.extra or options.bases:
            raise BundleError(f"{self.path} is a bundle: it takes no --with and no --base")
        with open(self.path, "rb") as file:
            self._ready[bundle.machine] = file.read()

    def _collect(self, options):
        self._collection = Collection()
        beside = []
        if self.path.endswith(".py"):
            stem = glob.escape(self.path.removesuffix(".py"))
            beside = sorted(glob.glob(f"{stem}*.bpf.o"))
        for path in dict.fromkeys([self.path, *beside, *options.extra]):
            self._collection.add(path)
        own = runner_like_this(None)
        self._ready[own.machine] = assembled(self._collection, own)

    def for_machine(self, host, said):
        """Return the bundle for what a host says that it is: "Linux x86_64"."""
        system, _, machine = said.partition(" ")
        if system != "Linux":
            raise BundleError(f"{host} is no Linux but {system}")
        if machine in self._runners and machine not in self._ready:
            self._ready[machine] = assembled(self._collection, self._runners[machine])
        if machine not in self._ready:
            have = " and ".join({**self._ready, **self._runners})
            advice = (
                f"add --base with the tinybpf-run for {machine}"
                if self._collection
                else "make the bundle for it, or name the script"
            )
            raise BundleError(f"{host} is {machine}, this is for {have}: {advice}")
        return self._ready[machine]


def _machine_of(path):
    """Return the machine that an ELF file is for; None of what is none."""
    if os.path.isdir(path):
        return None
    with open(path, "rb") as file:
        head = file.read(20)
    return int.from_bytes(head[18:20], "little") if head[:4] == b"\x7fELF" else None


class Output:
    """Where the hosts' output goes: as it is from one, in whole lines from several."""

    def __init__(self, hosts):
        self._is_one = len(hosts) == 1
        self._parts = {}

    def take(self, remote, data, is_error):
        """Write what a host has written."""
        if self._is_one:
            self._write(data, is_error)
            return
        *lines, rest = (self._parts.pop((remote, is_error), b"") + data).split(b"\n")
        self._parts[remote, is_error] = rest
        told = [with_host(remote.host, line) + b"\n" for line in lines]
        self._write(b"".join(told), is_error)

    def finish(self):
        """Write the lines that have no end."""
        for (remote, is_error), rest in self._parts.items():
            if rest:
                self._write(with_host(remote.host, rest) + b"\n", is_error)

    def _write(self, data, is_error):
        stream = sys.stderr.buffer if is_error else sys.stdout.buffer
        if data:
            stream.write(data)
            stream.flush()


class Session:
    """All hosts, side by side."""

    def __init__(self, program, options):
        self._program, self._options = program, options
        self.output = Output(options.hosts)
        self._remotes = [Remote(host, self.output.take) for host in options.hosts]
        self._is_interrupted = False
        self._status = None

    def _interrupt(self):
        for remote in self._remotes:
            if self._is_interrupted:
                remote.end()
            else:
                remote.tell(signal.SIGINT)
        self._is_interrupted = True

    def _end(self, number):
        self._status = 128 + number
        for remote in self._remotes:
            remote.end()

    async def _run_one(self, remote):
        make = functools.partial(self._program.for_machine, remote.host)
        options = self._options
        try:
            return await remote.run(
                make, self._program.name, options.arguments, options.is_root
            )
        except BundleError as error:
            print(f"tinybpf-run: {error}", file=sys.stderr)
            return 2

    async def run(self):
        """Run the program everywhere; the status."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end, number)
        statuses = await asyncio.gather(*map(self._run_one, self._remotes))
        self.output.finish()
        return self._status or next((status for status in statuses if status), 0)


def main(words):
    """Do what the command line says; the status of the process."""
    if words[:1] in (["-h"], ["--help"]):
        print(_USAGE, end="")
        return 0
    try:
        options = Options(list(words))
        return asyncio.run(Session(Program(options), options).run())
    except UsageError as error:
        print(
            f"tinybpf-run: --ssh: {error}\n{_USAGE.partition(chr(10) * 2)[0]}", file=sys.stderr
        )
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_STATUS
    except FileNotFoundError as error:
        if error.filename != "ssh":
            raise
        raise BundleError("--ssh takes the program ssh, which is not in PATH") from None
