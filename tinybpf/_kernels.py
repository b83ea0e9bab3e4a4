# SPDX-License-Identifier: MIT
"""The BTF of this kernel out of a folder with that of many: `btf=FOLDER` of open().

ID/VERSION_ID/ARCH/RELEASE.btf is one of a distribution, as BTF archives have them;
ARCH/RELEASE.btf is taken where the distribution is another or unknown, as in containers.
Imported when a folder is given, or a kernel has no BTF of its own.
"""

from __future__ import annotations

import os
import pathlib

# The folder that open() looks into when none is given and the kernel has no BTF: that of
# a bundle.
default_folder: str | None = None

_OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
_PACKED = (".xz", ".tar.xz")


def distribution() -> str | None:
    """Return this system's ID/VERSION_ID, None if it does not say both."""
    for path in _OS_RELEASE:
        try:
            text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        pairs = (line.partition("=") for line in text.splitlines())
        found = {key.strip(): value.strip().strip("'\"") for key, _, value in pairs}
        names = (found.get("ID", ""), found.get("VERSION_ID", ""))
        if all(name.strip(".") and "/" not in name for name in names):
            return "/".join(names)
        return None
    return None


def candidates() -> list[str]:
    """Return where in a folder the BTF of this kernel can be, the best first."""
    host = os.uname()
    name = f"{host.machine}/{host.release}.btf"
    system = distribution()
    return [name] if system is None else [f"{system}/{name}", name]


def archived(folder: str) -> bytes | None:
    """Return the BTF of this kernel out of a folder of an archive that Python imports from.

    None if there is no such folder, or nothing of this kernel in it.
    """
    import pkgutil

    for name in candidates():
        path = f"{folder}/{name}"
        importer = pkgutil.get_importer(os.path.dirname(path))
        if importer is not None and hasattr(importer, "get_data"):
            try:
                return bytes(importer.get_data(path))
            except OSError:
                continue
    return None


def read(folder: str) -> bytes:
    """Return the BTF of this kernel out of a folder of the host's.

    Raises:
        FileNotFoundError: it has none; the message tells what it would be called.
    """
    paths = [pathlib.Path(folder, name) for name in candidates()]
    for path in paths:
        if path.is_file():
            return path.read_bytes()
    for path in paths:
        for ending in _PACKED:
            packed = path.with_name(path.name + ending)
            if packed.exists():
                raise FileNotFoundError(2, f"it is packed: {unpack(packed)}", str(packed))
    wanted = " or ".join(candidates())
    raise FileNotFoundError(2, f"it has no BTF of this kernel: {wanted}", folder)


def unpack(packed: pathlib.Path) -> str:
    """Return the command that unpacks a file of a BTF archive."""
    if packed.name.endswith(".tar.xz"):
        return f"tar -xJf {packed} -C {packed.parent}"
    return f"unxz {packed}"


def default() -> bytes | None:
    """Return what open() takes if no BTF is given and the kernel has none; None: nothing."""
    if default_folder is None:
        return None
    return archived(default_folder)  # what needs no types loads without
