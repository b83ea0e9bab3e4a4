# SPDX-License-Identifier: MIT
"""The initramfs of a run: busybox, tinybpf-run, the kernel suite, and little else.

It is a cpio archive ("newc"), written here: no program of the host and no privilege is
needed, and every file belongs to root. In it the project lies as it does in the
checkout, so that tests find their neighbours as they do on the host.
"""

import os
import pathlib
import re
import shlex
import stat
import subprocess
from collections.abc import Iterable
from typing import BinaryIO

PROJECT = "tinybpf"  # the folder of the project in the guest
TREES = (
    *("pyproject.toml", "README.md", "docs/*.md"),
    *("tests/*.py", "tests/support/*.py", "examples/*/*.py"),
)
BUILT = ("build/pytest.zip", "build/dev/kernel_ids", "build/dev/tinybpf-run")
OBJECTS = ("build/dev/bpf/*.bpf.o", "examples/*/*.bpf.o")
# What tests use of util-linux and busybox has less of; with its shared libraries.
PROGRAMS = (pathlib.Path("/usr/bin/setpriv"),)
ENVIRONMENT = {
    "TINYBPF_RUN": f"/{PROJECT}/build/dev/tinybpf-run",
    "TINYBPF_BUILD": f"/{PROJECT}/build/dev",
    "TINYBPF_BPF_DIR": f"/{PROJECT}/build/dev/bpf",
    "PYTHONPATH": f"/{PROJECT}/build/pytest.zip",
    "PYTHONDONTWRITEBYTECODE": "1",
    "COLUMNS": "100",
    "TINYBPF_CYCLES": "500",
    "TINYBPF_DISPOSABLE": "1",
}


class Archive:
    """A cpio archive in the making; folders come into being with what lies in them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._folders: set[str] = set()
        self._entries = 0

    def _write(self, name: str, mode: int, data: bytes) -> None:
        self._entries += 1
        raw = name.encode() + b"\0"
        # inode, mode, uid, gid, links, mtime, size, four device numbers, name, check
        numbers = [self._entries, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0]
        head = b"070701" + b"".join(b"%08X" % number for number in numbers) + raw
        self._file.write(head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4))

    def folder(self, name: str) -> None:
        """Add a folder and those above it, once."""
        if name in ("", ".") or name in self._folders:
            return
        self.folder(os.path.dirname(name))
        self._folders.add(name)
        self._write(name, stat.S_IFDIR | 0o755, b"")

    def text(self, name: str, text: str, mode: int = 0o644) -> None:
        """Add a file with that text."""
        self.folder(os.path.dirname(name))
        self._write(name, stat.S_IFREG | mode, text.encode())

    def copy(self, name: str, source: pathlib.Path) -> None:
        """Add a file of the host; it can be executed there if it can be here."""
        self.folder(os.path.dirname(name))
        mode = 0o755 if os.access(source, os.X_OK) else 0o644
        self._write(name, stat.S_IFREG | mode, source.read_bytes())

    def end(self) -> None:
        """Write what tells the kernel that nothing follows."""
        self._write("TRAILER!!!", 0, b"")


def files(root: pathlib.Path) -> Iterable[pathlib.Path]:
    """Return the files of the project that the guest gets; a kind without any is an error."""
    for pattern in (*TREES, *BUILT, *OBJECTS):
        found = sorted(root.glob(pattern))
        if not found:
            raise FileNotFoundError(f"nothing is {root / pattern}: run ./dev vm")
        yield from found


def with_libraries(program: pathlib.Path) -> set[pathlib.Path]:
    """Return a program of the host and the shared libraries that it starts with."""
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True)
    found = re.findall(r"(/\S+) \(0x", told.stdout)
    return {program, *map(pathlib.Path, found)}


def suite_script(arguments: list[str]) -> str:
    """Return the shell script that runs the suite; its status is that of pytest."""
    exports = [f"export {name}={shlex.quote(text)}" for name, text in ENVIRONMENT.items()]
    command = ["$TINYBPF_RUN -m pytest --color=no -p no:cacheprovider"]
    command += [shlex.quote(argument) for argument in arguments]
    return "\n".join([*exports, f"cd /{PROJECT}", "exec " + " ".join(command), ""])


def write(
    place: pathlib.Path, root: pathlib.Path, busybox: pathlib.Path, arguments: list[str]
) -> None:
    """Write the initramfs that runs pytest with those arguments."""
    with open(place, "wb") as file:
        archive = Archive(file)
        for name in ("proc", "sys", "dev", "tmp", "run", "root", "sbin", "usr/bin"):
            archive.folder(name)
        archive.copy("bin/busybox", busybox)
        archive.copy("init", pathlib.Path(__file__).parent / "init.sh")
        archive.text("suite", suite_script(arguments))
        archive.text(
            "etc/passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
        )
        archive.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")
        for path in sorted(set().union(*map(with_libraries, PROGRAMS))):
            archive.copy(str(path).lstrip("/"), path)
        for path in files(root):
            archive.copy(f"{PROJECT}/{path.relative_to(root)}", path)
        archive.end()
