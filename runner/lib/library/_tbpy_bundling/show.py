# SPDX-License-Identifier: MIT
"""Tell what is in a bundle, without starting it: files, versions, licences."""

import re
from email.parser import Parser

from tinybpf._command import plain, plain_lines

from _tbpy_bundling import BundleError
from _tbpy_bundling.executable import Executable

# What a wheel has its licences in: by PEP 639, and as it was before that.
_LICENCE = re.compile(
    r"[^/]+\.dist-info/(licenses?/.+|(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*)", re.IGNORECASE
)


def _open(path):
    executable = Executable(path)
    if executable.bundle is None:
        raise BundleError(f"{path} is no bundle: a tinybpf-run without a program")
    return executable


def _programs(files):
    words = files.get("/programs", b"").decode("utf-8", "replace").split("\0")
    return dict(zip(words[::2], words[1::2], strict=False))


def files(path):
    """Print what is inside, by name and size; the checksums have been compared."""
    executable = _open(path)
    inside = executable.files()
    versions = ", ".join(executable.versions.splitlines()[:2])
    print(f"{plain(path)}: {executable.machine}, {plain(versions)}")
    for name, file in _programs(inside).items():
        print(f"program {plain(name)}: {plain(file)}")
    for name, data in inside.items():
        if not name.startswith("/"):
            print(f"{len(data):>10}  {plain(name)}")


def versions(path):
    """Print what --version would of the runner inside, and the packages."""
    executable = Executable(path)
    print(plain_lines(executable.versions.rstrip("\n")))
    for name, data in executable.files().items():
        if name.endswith(".dist-info/METADATA"):
            found = Parser().parsestr(data.decode("utf-8", "replace"), headersonly=True)
            print(plain(f"{found['Name']} {found['Version']}"))


def licenses(path):
    """Print the licences of the runner inside, and those that packages have with them."""
    inside = _open(path).files()
    texts = [inside.get("/licenses", b"").decode("utf-8", "replace").rstrip("\n")]
    for name, data in inside.items():
        if _LICENCE.fullmatch(name):
            text = data.decode("utf-8", "replace").strip()
            texts.append(f"==== {name} ====\n\n{text}")
    print(plain_lines("\n\n\n".join(texts)))
