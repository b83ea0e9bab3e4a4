# SPDX-License-Identifier: MIT
# mypy: disable-error-code="import-not-found"
"""Run CPython's own tests on tinybpf-run: `python tests/runner/cpython [MODULES]`.

`./dev cpython-tests` sets what is read here: TINYBPF_RUN, and TINYBPF_PYTHON_SOURCE,
the folder of CPython's sources. modules.toml says what has to pass. Each module runs in a
process group of its own, with a time limit; a crash or a hang is a failure.
"""

import argparse
import contextlib
import fnmatch
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import tomllib

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))  # for support

from support import child

LIST = pathlib.Path(__file__).with_name("modules.toml")
LIMIT_S = 600
# regrtest's exit statuses: all passed; no test ran (the module skips itself).
PASSED, NOTHING_RAN = 0, 4
# Modules in Python that are left out of the runner but tested beside their twins in C.
TWINS = ("_pydatetime", "_pydecimal", "_pyio")


class Result(NamedTuple):
    """How a module's tests ended."""

    name: str
    verdict: str
    seconds: float
    output: str


class Lists:
    """The file modules.toml."""

    def __init__(self) -> None:
        """Read it."""
        data: dict[str, Any] = tomllib.loads(LIST.read_text())
        self.ignored: dict[str, list[str]] = {}
        for modules in data["passes_without"].values():
            for name, patterns in modules.items():
                self.ignored.setdefault(name, []).extend(patterns)
        self.left_out = {name for names in data["left_out"].values() for name in names}
        self.run = sorted({*data["passes"]["modules"], *self.ignored})
        self.reasons = set(data["reasons"])
        self.used = {*data["passes_without"], *data["left_out"]}

    def complaints(self, there: set[str]) -> list[str]:
        """Return what does not fit to the modules that there are."""
        known = {*self.run, *self.left_out}
        twice = sorted(self.left_out & set(self.run))
        found = [f"{name}: stands in no table" for name in sorted(there - known)]
        found += [f"{name}: CPython has no such tests" for name in sorted(known - there)]
        found += [f"{name}: both passes and is left out" for name in twice]
        return found + [f"{word}: no such reason" for word in sorted(self.used - self.reasons)]


class Suite:
    """CPython's tests and the runner that they test."""

    def __init__(self, runner: str, folder: pathlib.Path) -> None:
        """Lay out a directory for PYTHONPATH with the tests in it, and nothing else."""
        self.runner, self.folder = runner, folder
        library = pathlib.Path(os.environ["TINYBPF_PYTHON_SOURCE"]) / "Lib"
        path = folder / "path"
        path.mkdir()
        for name in ("test", *(f"{twin}.py" for twin in TWINS)):
            (path / name).symlink_to(library / name)
        # The tests take a module `ssl` for one that can do TLS; without it they leave
        # that out. The runner's, which cannot, has tests of its own.
        (path / "ssl.py").write_text("raise ImportError('no TLS')\n")
        # The runner does not read PYTHONHOME. That it is set tells script_helper not to
        # start children with -E and -I, where PYTHONPATH would not count.
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(path),
            "PYTHONHOME": "/tbpy",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "TMPDIR": str(folder),
        }

    def names(self) -> set[str]:
        """Return the names of all test modules."""
        command = [self.runner, "-m", "test", "--list-tests"]
        done = subprocess.run(
            command, env=self.env, cwd=self.folder, capture_output=True, text=True, check=True
        )
        return set(done.stdout.split())

    def run(self, name: str, ignored: Iterable[str]) -> Result:
        """Run the tests of one module."""
        command = [self.runner, "-m", "test", "-W", "--timeout", str(LIMIT_S), name]
        for pattern in ignored:
            command += ["--ignore", pattern]
        start = time.monotonic()
        with tempfile.TemporaryFile("w+", errors="replace", dir=self.folder) as output:
            process = subprocess.Popen(
                command,
                env=self.env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            verdict = self.verdict(process)
            output.seek(0)
            text = output.read()
        if verdict == "passed" and f"{name} skipped" in text:
            verdict = "skipped itself"
        return Result(name, verdict, time.monotonic() - start, text)

    @staticmethod
    def verdict(process: "subprocess.Popen[bytes]") -> str:
        """Wait for a module's process; end what it left behind."""
        try:
            status = process.wait(LIMIT_S + 60)
            said = {PASSED: "passed", NOTHING_RAN: "ran nothing"}
            verdict = f"crashed ({status})" if status < 0 else said.get(status, "FAILED")
        except subprocess.TimeoutExpired:
            verdict = "HANGS"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return verdict


def report(results: Iterable[Result]) -> bool:
    """Print a line for each module as it ends, and the output of what did not pass."""
    counts: dict[str, int] = {}
    bad = []
    for result in results:
        print(f"{result.name:<50} {result.verdict:<16} {result.seconds:6.1f} s", flush=True)
        counts[result.verdict] = counts.get(result.verdict, 0) + 1
        if result.verdict != "passed":
            bad.append(result)
    for result in bad:
        print(f"\n==== {result.name}: {result.verdict}\n{result.output[-4000:]}")
    print("\n" + ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())))
    return not bad


def main() -> int:
    """Run what the command line names, or all that has to pass."""
    parser = argparse.ArgumentParser(prog="tests/runner/cpython", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="MODULE", help="or patterns of them")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    child.let_children_be_interrupted()
    lists = Lists()
    with tempfile.TemporaryDirectory(prefix="tinybpf-cpython-") as folder:
        suite = Suite(os.environ["TINYBPF_RUN"], pathlib.Path(folder))
        there = suite.names()
        complaints = lists.complaints(there)
        if complaints:
            print(*complaints, sep="\n")
            return 2
        names = lists.run
        if args.names:
            names = [n for p in args.names for n in fnmatch.filter(sorted(there), p)]
        with ThreadPoolExecutor(args.jobs) as pool:
            ran = pool.map(lambda name: suite.run(name, lists.ignored.get(name, ())), names)
            return 0 if report(ran) else 1


if __name__ == "__main__":
    sys.exit(main())
