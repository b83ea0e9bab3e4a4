# SPDX-License-Identifier: MIT
"""The initramfs of a run: busybox, tinybpf-run, the kernel suite, and little else.

It is a cpio archive ("newc"), written here: no program of the host and no privilege is
needed, and every file belongs to root. In it the project lies as it does in the
checkout, so that tests find their neighbours as they do on the host.
"""

import json
import os
import pathlib
import shlex
import stat
import subprocess
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from programs import Files

PROJECT = "tinybpf"  # the folder of the project in the guest
TREES = (
    *("pyproject.toml", "README.md", "docs/*.md"),
    *("tests/*.py", "tests/kernel/*.py", "tests/kernel/*/*.py", "tests/bpf/*.bpf.c"),
    *("tests/support/*.py", "tests/support/plugins/*.py", "examples/*/*.py"),
    "tinybpf/core/catalog/hook.c",  # what the tally counts by
)
COMPILED = (".py", ".zip")
BUILT = ("kernel_ids", "probed", "versioned", "bpf/*.bpf.o")  # below the build tree
EXAMPLES = "examples/*/*.bpf.o"  # below the build tree or beside their sources
ENVIRONMENT = {
    "TINYBPF_RUN": f"/{PROJECT}/build/dev/tinybpf-run",
    "TINYBPF_BUILD": f"/{PROJECT}/build/dev",
    "TINYBPF_BPF_DIR": f"/{PROJECT}/build/dev/bpf",
    "PYTHONPATH": f"/{PROJECT}/build/pytest.zip",
    "PYTHONDONTWRITEBYTECODE": "1",
    "COLUMNS": "100",
    "TINYBPF_SCALE": "0.1",
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


class Built(NamedTuple):
    """What was built for the guest's architecture."""

    root: pathlib.Path  # the project
    tree: pathlib.Path  # the build tree
    runner: pathlib.Path

    def files(self) -> Iterator[tuple[str, pathlib.Path]]:
        """Return the files that the guest gets; a kind without any is an error."""
        yield "build/pytest.zip", self.root / "build/pytest.zip"
        for pattern in TREES:
            yield from self._matching(self.root, pattern, "")
        for pattern in BUILT:
            yield from self._matching(self.tree, pattern, "build/dev/")
        beside = not (self.tree / "examples").exists()
        yield from self._matching(self.root if beside else self.tree, EXAMPLES, "")
        yield "build/dev/tinybpf-run", self.runner

    def _matching(
        self, folder: pathlib.Path, pattern: str, prefix: str
    ) -> Iterator[tuple[str, pathlib.Path]]:
        found = sorted(folder.glob(pattern))
        if not found:
            raise FileNotFoundError(f"nothing is {folder / pattern}: run ./dev vm")
        return ((prefix + str(path.relative_to(folder)), path) for path in found)


def compile_into(
    folder: pathlib.Path, names: Files, interpreter: pathlib.Path, path: str
) -> None:
    """Compile Python files (name in the guest -> file) into a folder, by an interpreter
    that finds pytest on that path."""
    script = pathlib.Path(__file__).with_name("precompile.py")
    subprocess.run(
        [str(interpreter), str(script), str(folder)],
        input=json.dumps({name: str(file) for name, file in names.items()}),
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        check=True,
    )


def compiled(folder: pathlib.Path, built: Built, interpreter: pathlib.Path) -> Files:
    """Return what the project's Python files are compiled to, made in that folder."""
    names = {f"/{PROJECT}/{name}": path for name, path in built.files()}
    wanted = {name: path for name, path in names.items() if name.endswith(COMPILED)}
    compile_into(folder, wanted, interpreter, str(built.root / "build/pytest.zip"))
    made = (path for path in folder.glob("**/*") if path.is_file())
    return {str(path.relative_to(folder)): path for path in made}


class Guest(NamedTuple):
    """What an archive is made of: the project, programs, what the project's Python files
    are compiled to. Later kinds win over those before them."""

    built: Built
    programs: Files
    compiled: Files

    def files(self) -> Files:
        """Return all files by their path in the guest."""
        project = {f"{PROJECT}/{name}": path for name, path in self.built.files()}
        return {**project, **self.programs, **self.compiled}


def suite_script(arguments: list[str], environment: dict[str, str]) -> str:
    """Return the shell script that runs the suite; its status is that of pytest."""
    variables = {**ENVIRONMENT, **environment}
    exports = [f"export {name}={shlex.quote(text)}" for name, text in variables.items()]
    command = ["$TINYBPF_RUN -m pytest --color=no -p no:cacheprovider"]
    command += [shlex.quote(argument) for argument in arguments]
    return "\n".join([*exports, f"cd /{PROJECT}", "exec " + " ".join(command), ""])


def write(
    place: pathlib.Path, files: Files, arguments: list[str], environment: dict[str, str]
) -> None:
    """Write the initramfs with those files that runs pytest with the arguments."""
    with open(place, "wb") as file:
        archive = Archive(file)
        for name in ("proc", "sys", "dev", "tmp", "run", "root", "sbin", "usr/bin"):
            archive.folder(name)
        archive.copy("init", pathlib.Path(__file__).parent / "init.sh")
        archive.text("suite", suite_script(arguments, environment))
        archive.text(
            "etc/passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
        )
        archive.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")
        for name, path in sorted(files.items()):
            archive.copy(name, path)
        archive.end()
