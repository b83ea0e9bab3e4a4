# SPDX-License-Identifier: MIT
"""The types of kernels without BTF: of many files, what the objects of a bundle need."""

import os

from tinybpf import BpfError, Btf

from _tbpy_bundling import BundleError

_ENDING = ".btf"
# What BTF archives have, and how all of it is unpacked.
_PACKED = {
    ".btf.tar.xz": "find {} -name '*.btf.tar.xz' -execdir tar -xJf {{}} \\;",
    ".btf.xz": "find {} -name '*.btf.xz' -exec unxz {{}} +",
}


def _files(folder):
    """Yield (name, path) of what is below a folder, in the order of names."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(root, name)
            yield os.path.relpath(path, folder), path


def _check_unpacked(folder, names):
    """Refuse a folder in which a file still waits to be unpacked."""
    for name in names:
        for ending, command in _PACKED.items():
            plain = name.removesuffix(ending) + _ENDING
            if name.endswith(ending) and plain not in names:
                raise BundleError(
                    f"{folder}/{name} is packed. Unpack them all:\n  {command.format(folder)}"
                )


def _minimized(path, objects):
    """Return the bytes of what objects need of the types in a file."""
    try:
        return bytes(Btf.file(path).minimize(*objects))
    except BpfError as error:
        raise BundleError(str(error)) from None


def minimized(folder, machine, objects):
    """Return the types that objects need of each kernel, by their names in the bundle.

    The folder has ID/VERSION_ID/ARCH/RELEASE.btf. What only one distribution has of a
    release is there as ARCH/RELEASE.btf, too: a container's distribution is not the host's.
    """
    if not objects:
        raise BundleError("--btf is for objects (FILE.bpf.o), and none is among the files")
    files = dict(_files(folder))
    _check_unpacked(folder, files)
    top = os.path.basename(os.path.abspath(folder))
    found, releases = {}, {}
    for name, path in files.items():
        parts = name.split("/")
        if name.endswith(_ENDING) and parts[-2:-1] == [machine] and len(parts) in (2, 4):
            data = _minimized(path, objects)
            found[f"{top}/{name}"] = data
            releases.setdefault("/".join((top, *parts[-2:])), set()).add(data)
    if not found:
        raise BundleError(
            f"--btf {folder} has no types of {machine}: ID/VERSION_ID/{machine}/RELEASE.btf"
        )
    for name, several in releases.items():
        if len(several) == 1:
            found.setdefault(name, *several)
    return top, found
