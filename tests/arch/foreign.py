# SPDX-License-Identifier: MIT
"""A CPython of another architecture: Debian's, unpacked into the cache, run by qemu-user."""

import os
import pathlib
import re
import shutil
import tempfile

from support import apt

DEBIAN = {"aarch64": "arm64", "x86_64": "amd64"}
# Beside python3.X-minimal and libpython3.X-*: what they are linked with.
LIBRARIES = ("libc6", "libexpat1", "zlib1g", "libffi8")


def fetch(archive: apt.Apt, place: pathlib.Path) -> None:
    """Make `place` a root with the oldest CPython that the archive has, and its library."""
    archive.update()
    names = [re.fullmatch(r"python(3\.\d+)-minimal", n) for n in archive.names("python3.")]
    versions = sorted((found[1] for found in names if found), key=lambda v: int(v[2:]))
    if not versions:
        raise apt.LookupFailed(f"the mirror lists no Python for {archive.arch}")
    version = versions[0]
    wanted = [f"{kind}{version}-minimal" for kind in ("python", "libpython")]
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        for package in (*wanted, f"libpython{version}-stdlib", *LIBRARIES):
            archive.unpack_newest(package, pathlib.Path(name))
        root = pathlib.Path(name, "root")
        if not (root / "lib").exists():  # newer suites have it below /usr alone
            (root / "lib").symlink_to("usr/lib")
        root.rename(place)


def python(arch: str) -> list[str]:
    """Return the command that starts that CPython here, fetching it the first time."""
    cache = pathlib.Path(os.environ["TINYBPF_CACHE"]) / "vm"
    place = cache / f"python-{arch}"
    if not place.exists():
        fetch(apt.Apt(cache, DEBIAN[arch]), place)
    (program,) = place.glob("usr/bin/python3.*[0-9]")
    return [emulator(arch), "-L", str(place), str(program)]


def emulator(arch: str) -> str:
    """Return the path of qemu-user for an architecture."""
    name = f"qemu-{arch}-static"
    found = shutil.which(name)
    assert found, f"{name} is missing here"
    return found
