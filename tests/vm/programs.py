# SPDX-License-Identifier: MIT
"""Programs of the guest that are not ours: busybox, and setpriv with its libraries.

They are this machine's own, or for another architecture those of Debian's packages,
unpacked into the cache.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from support.apt import Apt, LookupFailed

# What tests use of util-linux; busybox's own setpriv can do less.
SETPRIV = "usr/bin/setpriv"
PACKAGES = ("busybox-static", "util-linux", "libcap-ng0", "libc6")

Files = dict[str, pathlib.Path]  # path in the guest -> file


def find(arch: str, deb_arch: str, cache: pathlib.Path) -> Files:
    """Return what the guest gets besides the project."""
    if arch == os.uname().machine:
        return of_machine()
    root = cache / f"programs-{deb_arch}"
    if not root.exists():
        fetch(Apt(cache, deb_arch), root)
    return of_root(root)


def of_machine() -> Files:
    """Return the programs of this machine, and the libraries that its ldd names."""
    busybox = shutil.which("busybox")
    if not busybox:
        raise LookupFailed("busybox is missing here")
    setpriv = pathlib.Path("/", SETPRIV)
    told = subprocess.run(["ldd", str(setpriv)], capture_output=True, text=True, check=True)
    libraries = map(pathlib.Path, re.findall(r"(/\S+) \(0x", told.stdout))
    found = {str(path).lstrip("/"): path for path in (setpriv, *libraries)}
    return {"bin/busybox": pathlib.Path(busybox), **found}


def fetch(archive: Apt, root: pathlib.Path) -> None:
    """Unpack the packages of another architecture."""
    archive.update()
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as name:
        for package in PACKAGES:
            archive.unpack_newest(package, pathlib.Path(name))
        pathlib.Path(name, "root").rename(root)


def needed(program: pathlib.Path) -> list[str]:
    """Return the names of the libraries that a program or library asks for."""
    command = ["readelf", "--dynamic", str(program)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", told.stdout)


def of_root(root: pathlib.Path) -> Files:
    """Return the programs below a root; their libraries lie where the loader looks."""
    (busybox,) = {path.resolve() for path in root.glob("**/bin/busybox")}
    found = {"bin/busybox": busybox, SETPRIV: root / SETPRIV}
    loaders = sorted(root.glob("**/ld-linux-*.so.*"))  # a file and links to it
    found[f"lib/{loaders[0].name}"] = loaders[0]
    wanted = needed(root / SETPRIV)
    while wanted:
        name = wanted.pop()
        if f"lib/{name}" in found:
            continue
        path = next(root.glob(f"**/{name}"), None)
        if path is None:
            raise LookupFailed(f"{SETPRIV} of {root} wants {name}, which no package brought")
        found[f"lib/{name}"] = path
        wanted += needed(path)
    return found
