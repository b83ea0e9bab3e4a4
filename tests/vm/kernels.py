# SPDX-License-Identifier: MIT
"""Kernels of Debian by series: found in the machine's own mirror, kept in the cache.

Names of packages vanish from mirrors, so a series is looked up each time ("6.1", or "7"
for the newest 7.x) and what was taken is printed. The flavour is "cloud": it has virtio,
the serial ports and everything of BPF built in, so an initramfs needs no module.
"""

import pathlib
import re
import shutil
import tempfile
from typing import NamedTuple

from support.apt import TRIES, Apt, LookupFailed, Package


class Kernel(NamedTuple):
    """A kernel to boot, and where it came from."""

    image: pathlib.Path
    origin: str


def order(package: Package) -> tuple[bool, list[int]]:
    """Return what sorts the newest last; images are empty where binaries exist."""
    return package.name.startswith("linux-binary-"), package.order()


def name_pattern(series: str, deb_arch: str) -> "re.Pattern[str]":
    """Return what the package names of a series match; "6.1" is not the start of 6.19."""
    return re.compile(
        rf"linux-(?:binary|image)-{re.escape(series)}(?:[.+-][\w.+-]*)?-cloud-{deb_arch}"
    )


def find(series: str, deb_arch: str, cache: pathlib.Path) -> Kernel:
    """Return the newest kernel of a series that can be had, or raise LookupFailed."""
    apt = Apt(cache, deb_arch)
    apt.update()
    pattern = name_pattern(series, deb_arch)
    names = [name for name in apt.names("linux-") if pattern.fullmatch(name)]
    candidates = sorted(apt.versions(names), key=order, reverse=True)
    reasons = []
    for package in candidates[:TRIES]:
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
