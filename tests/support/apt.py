# SPDX-License-Identifier: MIT
"""Packages of Debian for any architecture, in a state of apt below the cache.

The system's apt is asked for the addresses of its archives and is never written to;
signatures are checked as ever. A mirror's index may list what is gone, so whoever
wants a package tries several versions of it.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Beside those that the machine itself uses; a mirror need not have them all.
SUITES = ("bullseye", "trixie", "trixie-backports", "sid")
INDEX_IS_FRESH_S = 86400
TRIES = 4


class LookupFailed(Exception):
    """Something of Debian could not be had; the text says why."""


class Package(NamedTuple):
    """One version of one package."""

    name: str
    version: str

    def order(self) -> list[int]:
        """Return what sorts the newest last."""
        return [int(number) for number in re.findall(r"\d+", self.version)]


class Apt:
    """A private state of apt, for one architecture."""

    def __init__(self, folder: pathlib.Path, deb_arch: str) -> None:
        if not shutil.which("apt-get"):
            raise LookupFailed("there is no apt-get here")
        self.arch = deb_arch
        self._folder = folder / f"apt-{deb_arch}"
        settings = {
            "Dir::Etc::SourceList": self._folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": self._folder / "lists",
            "Dir::State::status": self._folder / "status",
            "Dir::Cache": self._folder / "cache",
            "APT::Architecture": deb_arch,
            "APT::Architectures": deb_arch,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::http::Timeout": "30",
        }
        self._options = [w for k, v in settings.items() for w in ("-o", f"{k}={v}")]

    def _run(
        self, *command: str, cwd: "pathlib.Path | None" = None
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [command[0], "-q=2", *self._options, *command[1:]],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def update(self) -> None:
        """Fetch the index, unless it is fresh; a mirror that is away is no error here."""
        lists = self._folder / "lists"
        stamp = self._folder / "updated"
        listed, wanted = self._folder / "sources.list", sources()
        is_fresh = stamp.exists() and time.time() - stamp.stat().st_mtime < INDEX_IS_FRESH_S
        if is_fresh and listed.read_text() == wanted:
            return
        for needed in (lists / "partial", self._folder / "cache/archives/partial"):
            needed.mkdir(parents=True, exist_ok=True)
        (self._folder / "status").touch()
        listed.write_text(wanted)
        done = self._run("apt-get", "update")
        if done.returncode == 0:
            stamp.touch()
        else:
            print("the index of packages is not complete:", done.stderr, file=sys.stderr)

    def names(self, beginning: str) -> list[str]:
        """Return the names of all packages that begin so."""
        return self._run("apt-cache", "pkgnames", beginning).stdout.split()

    def versions(self, names: Iterable[str]) -> list[Package]:
        """Return all versions of the packages of those names."""
        wanted = list(names)
        if not wanted:
            return []
        rows = self._run("apt-cache", "madison", *wanted).stdout.splitlines()
        return sorted({Package(*(word.strip() for word in row.split("|")[:2])) for row in rows})

    def unpack(self, package: Package, folder: pathlib.Path) -> str:
        """Download a package and unpack it; return what went wrong, if anything."""
        done = self._run("apt-get", "download", f"{package.name}={package.version}", cwd=folder)
        files = list(folder.glob(f"{package.name}_*.deb"))
        if done.returncode or not files:
            return done.stderr
        subprocess.run(["dpkg-deb", "-x", str(files[0]), str(folder / "root")], check=True)
        return ""

    def unpack_newest(self, name: str, folder: pathlib.Path) -> None:
        """Unpack the newest version of a package that can be had into folder/root."""
        ours = [package for package in self.versions([name]) if package.name == name]
        reasons = []
        for package in sorted(ours, key=Package.order, reverse=True)[:TRIES]:
            reason = self.unpack(package, folder)
            if not reason:
                return
            reasons.append(f"{package.version}: {reason}")
        raise LookupFailed(f"no {name} for {self.arch}: {reasons}")


def sources() -> str:
    """Return a sources.list: the suites of the machine, and newer ones beside them."""
    wanted = ["Created-By: Packages", "Origin: Debian", "Component: main"]
    text = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", *wanted],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    pairs = {tuple(line.split()[:2]) for line in text.splitlines()}
    if not pairs:
        raise LookupFailed("apt knows no archive of Debian here")
    for uri, suite in list(pairs):
        if not suite.endswith("-security"):
            pairs |= {(uri, other) for other in SUITES}
    return "".join(f"deb [signed-by={KEYS}] {u} {s} main\n" for u, s in sorted(pairs))
