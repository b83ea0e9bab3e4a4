# SPDX-License-Identifier: MIT
"""Kernels of Debian by series: found in the machine's own mirror, kept in the cache.

apt works in a state of its own below the cache and checks its signatures; the system's
apt is asked for the addresses of its archives and is never written to. Names of
packages vanish from mirrors, so a series is looked up each time ("6.1", or "7" for the
newest 7.x) and what was taken is printed. The flavour is "cloud": it has virtio, the
serial ports and everything of BPF built in, so an initramfs needs no module.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITES = ("trixie", "trixie-backports", "sid")  # beside those the machine itself uses
INDEX_IS_FRESH_S = 86400


class LookupFailed(Exception):
    """No kernel of the series could be had; the text says why."""


class Package(NamedTuple):
    """One version of one package with a kernel in it."""

    name: str
    version: str

    def order(self) -> tuple[bool, list[int]]:
        """Return what sorts the newest last; images are empty where binaries exist."""
        numbers = [int(number) for number in re.findall(r"\d+", self.version)]
        return self.name.startswith("linux-binary-"), numbers


class Kernel(NamedTuple):
    """A kernel to boot, and where it came from."""

    image: pathlib.Path
    origin: str


def name_pattern(series: str, deb_arch: str) -> "re.Pattern[str]":
    """Return what the package names of a series match; "6.1" is not the start of 6.19."""
    return re.compile(
        rf"linux-(?:binary|image)-{re.escape(series)}(?:[.+-][\w.+-]*)?-cloud-{deb_arch}"
    )


class Apt:
    """A private state of apt, for one architecture."""

    def __init__(self, folder: pathlib.Path, deb_arch: str) -> None:
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
        if stamp.exists() and time.time() - stamp.stat().st_mtime < INDEX_IS_FRESH_S:
            return
        for needed in (lists / "partial", self._folder / "cache/archives/partial"):
            needed.mkdir(parents=True, exist_ok=True)
        (self._folder / "status").touch()
        (self._folder / "sources.list").write_text(sources())
        done = self._run("apt-get", "update")
        if done.returncode == 0:
            stamp.touch()
        else:
            print("the index of kernels is not complete:", done.stderr, file=sys.stderr)

    def packages(self, series: str) -> list[Package]:
        """Return the packages of a series, the newest first."""
        pattern = name_pattern(series, self.arch)
        listed = self._run("apt-cache", "pkgnames", "linux-").stdout.split()
        names = [name for name in listed if pattern.fullmatch(name)]
        if not names:
            return []
        rows = self._run("apt-cache", "madison", *names).stdout.splitlines()
        found = {Package(*(word.strip() for word in row.split("|")[:2])) for row in rows}
        return sorted(found, key=Package.order, reverse=True)

    def unpack(self, package: Package, folder: pathlib.Path) -> str:
        """Download a package and unpack it; return what went wrong, if anything."""
        done = self._run("apt-get", "download", f"{package.name}={package.version}", cwd=folder)
        files = list(folder.glob("*.deb"))
        if done.returncode or not files:
            return done.stderr
        subprocess.run(["dpkg-deb", "-x", str(files[0]), str(folder / "root")], check=True)
        return ""


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
        raise LookupFailed("apt knows no archive of Debian here: name a vmlinuz instead")
    for uri, suite in list(pairs):
        if not suite.endswith("-security"):
            pairs |= {(uri, other) for other in SUITES}
    return "".join(f"deb [signed-by={KEYS}] {u} {s} main\n" for u, s in sorted(pairs))


def find(series: str, deb_arch: str, cache: pathlib.Path) -> Kernel:
    """Return the newest kernel of a series that can be had, or raise LookupFailed."""
    if not shutil.which("apt-get"):
        raise LookupFailed("there is no apt-get here: name a vmlinuz instead of a series")
    apt = Apt(cache, deb_arch)
    apt.update()
    candidates = apt.packages(series)
    reasons = []
    for package in candidates[:4]:  # the index lists files that are gone
        place = cache / "kernels" / f"{package.name}_{package.version}" / "vmlinuz"
        reason = "" if place.exists() else _fetch(apt, package, place)
        if not reason:
            return Kernel(place, f"{package.name} {package.version}")
        reasons.append(f"{package.name} {package.version}: {reason}")
    told = "\n  ".join(reasons) or "the mirror lists no such package"
    raise LookupFailed(f"no kernel {series} for {deb_arch}:\n  {told}")


def _fetch(apt: Apt, package: Package, place: pathlib.Path) -> str:
    """Bring a package's kernel to `place`; return what went wrong, if anything."""
    with tempfile.TemporaryDirectory(prefix="tinybpf-kernel-") as name:
        folder = pathlib.Path(name)
        reason = apt.unpack(package, folder)
        if reason:
            return reason
        root = folder / "root"
        images = [*root.glob("boot/vmlinuz-*"), *root.glob("usr/lib/modules/*/vmlinuz")]
        if len(images) != 1:
            return f"holds {len(images)} kernels"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(images[0], place.with_suffix(".part"))
        place.with_suffix(".part").replace(place)
    return ""
