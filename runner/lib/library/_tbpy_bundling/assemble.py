# SPDX-License-Identifier: MIT
"""A bundle out of its parts: a runner, and the files of a program."""

import sys

from _tbpy_bundling import BundleError
from _tbpy_bundling.executable import Executable
from _tbpy_bundling.kernels import minimized
from _tbpy_bundling.pack import pack

_PIP = "pip install --target packages --only-binary :all: --platform any"
_PIP += " --implementation py --abi none"


def runner_like_this(path):
    """Return the runner that the bundle is made of: this one, or one like it."""
    own = Executable(sys.executable)
    if path is None:
        return own
    base = Executable(path)
    if base.versions != own.versions:
        theirs, ours = (text.splitlines()[:2] for text in (base.versions, own.versions))
        raise BundleError(
            f"{path} is {', '.join(theirs)}, this one is {', '.join(ours)}: use two of the same"
        )
    return base


def _check_headers(collection, programs):
    """Refuse scripts that need packages which are not among the files."""
    from _tbpy_script import HeaderError, unmet, unmet_packages

    for name in programs.values():
        if not name.endswith(".py"):
            continue
        text = collection.files[name].decode("utf-8", "replace")
        try:
            reasons = unmet(text, collection.version_of, "among the files")
            packages = unmet_packages(text, collection.version_of)
        except (HeaderError, ValueError) as error:
            raise BundleError(f"{name}: script header: {error}") from None
        except RecursionError:
            raise BundleError(f"{name}: script header: it is nested too deeply") from None
        if packages:
            wanted = " ".join(f"'{each}'" for each in packages)
            reasons.append(f"fetch it, and give the folder packages/, too:\n  {_PIP} {wanted}")
        if reasons:
            raise BundleError("\n".join(f"{name}: {reason}" for reason in reasons))


def assembled(collection, base, btf=None):
    """Return the bytes of a bundle: a runner with these files.

    `btf`: a folder with the types of kernels, of which what the objects need goes in.
    """
    programs = collection.programs()
    _check_headers(collection, programs)
    about = {"/programs": "".join(f"{name}\0{programs[name]}\0" for name in sorted(programs))}
    files = collection.files
    if btf is not None:
        objects = [files[name] for name in sorted(files) if name.endswith(".bpf.o")]
        about["/btf"], types = minimized(btf, base.machine, objects)
        files = {**files, **types}
    return base.bundled(*pack(files, about, set(programs.values())))
