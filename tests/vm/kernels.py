# SPDX-License-Identifier: MIT
"""Kernels of Debian by series: found in the machine's own mirror, kept in the cache.

Names of packages vanish from mirrors, so a series is looked up once a day ("6.1", or "7"
for the newest 7.x) and what was taken is printed. The flavour is "cloud": it has virtio,
the serial ports and everything of BPF built in; what tests of networks attach to are
modules, which come along.
"""

import gzip
import lzma
import pathlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

from support.apt import INDEX_IS_FRESH_S, TRIES, Apt, LookupFailed, Package

# In the order of insertion. A kernel that has one of them built in has no such file.
MODULES = ("veth", "dummy", "sch_ingress", "cls_bpf", "nf_defrag_ipv4", "nf_defrag_ipv6")
UNPACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".ko": bytes,
    ".xz": lzma.decompress,
    ".gz": gzip.decompress,
}


class Kernel(NamedTuple):
    """A kernel to boot, and where it came from."""

    image: pathlib.Path
    origin: str

    def modules(self) -> dict[str, pathlib.Path]:
        """Return the modules to insert, by names that sort in the order of insertion."""
        folder = self.image.parent / "modules"
        paths = [(number, folder / f"{name}.ko") for number, name in enumerate(MODULES)]
        return {f"{number}-{path.name}": path for number, path in paths if path.exists()}


def order(package: Package) -> tuple[bool, list[int]]:
    """Return what sorts the newest last; images are empty where binaries exist."""
    return package.name.startswith("linux-binary-"), package.order()


def name_pattern(series: str, deb_arch: str) -> "re.Pattern[str]":
    """Return what the package names of a series match; "6.1" is not the start of 6.19.

    Those that hold nothing and depend on the newest have no more than the series' name.
    """
    return re.compile(
        rf"linux-(?:binary|image)-{re.escape(series)}[.+-][\w.+-]*-cloud-{deb_arch}"
    )


def find(series: str, deb_arch: str, cache: pathlib.Path) -> Kernel:
    """Return the newest kernel of a series that can be had, or raise LookupFailed."""
    found = cache / "kernels" / f"newest-{series}-{deb_arch}"
    if found.exists() and time.time() - found.stat().st_mtime < INDEX_IS_FRESH_S:
        name, version = found.read_text().split()
        place = folder_of(Package(name, version), cache)
        if (place / "modules").exists():
            return Kernel(place / "vmlinuz", f"{name} {version}")
    package = _look_up(series, deb_arch, cache)
    found.write_text(f"{package.name} {package.version}")
    return Kernel(folder_of(package, cache) / "vmlinuz", f"{package.name} {package.version}")


def folder_of(package: Package, cache: pathlib.Path) -> pathlib.Path:
    """Return where a package's kernel is kept."""
    return cache / "kernels" / f"{package.name}_{package.version}"


def _look_up(series: str, deb_arch: str, cache: pathlib.Path) -> Package:
    """Return the package of that kernel, which is in the cache then."""
    apt = Apt(cache, deb_arch)
    apt.update()
    pattern = name_pattern(series, deb_arch)
    names = [name for name in apt.names("linux-") if pattern.fullmatch(name)]
    candidates = sorted(apt.versions(names), key=order, reverse=True)
    reasons = []
    for package in candidates[:TRIES]:
        place = folder_of(package, cache)
        reason = "" if (place / "modules").exists() else _fetch(apt, package, place)
        if not reason:
            return package
        reasons.append(f"{package.name} {package.version}: {reason}")
    told = "\n  ".join(reasons) or "the mirror lists no such package"
    raise LookupFailed(f"no kernel {series} for {deb_arch}:\n  {told}")


def _fetch(apt: Apt, package: Package, place: pathlib.Path) -> str:
    """Bring a package's kernel and its modules to `place`; return what went wrong."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        folder = pathlib.Path(name)
        wanted = [package]
        if package.name.startswith("linux-binary-"):
            beside = package.name.replace("linux-binary-", "linux-modules-")
            wanted.append(package._replace(name=beside))
        reason = "".join(apt.unpack(each, folder) for each in wanted)
        root, made = folder / "root", folder / "made"
        if reason:
            return reason
        images = [*root.glob("boot/vmlinuz-*"), *root.glob("usr/lib/modules/*/vmlinuz")]
        if len(images) != 1:
            return f"holds {len(images)} kernels"
        made.mkdir()
        shutil.copyfile(images[0], made / "vmlinuz")
        keep_modules(root, made / "modules")
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)
    return ""


def keep_modules(root: pathlib.Path, folder: pathlib.Path) -> None:
    """Leave those modules of an unpacked package in the folder that tests need."""
    folder.mkdir()
    for name in MODULES:
        for path in root.glob(f"**/lib/modules/*/kernel/**/{name}.ko*"):
            unpack = UNPACKERS[path.suffix]
            (folder / f"{name}.ko").write_bytes(unpack(path.read_bytes()))
