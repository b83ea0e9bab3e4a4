# SPDX-License-Identifier: MIT
"""The rolling wheel keeps its address and changes its bytes: how README says to follow it."""

import functools
import http.server
import shutil
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import BIN, ROOT, Run

UV = BIN / "uv"
UPGRADE = "uv sync --upgrade-package tinybpf --reinstall-package tinybpf"
SAYS = "import tinybpf; print(getattr(tinybpf, 'NEWER', 'first'))"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that prints nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(wheel: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve a copy of the wheel as a release does; return the file and its address."""
    folder = tmp_path / "served"
    folder.mkdir()
    copy = Path(shutil.copy(wheel, folder))
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield copy, f"http://localhost:{server.server_port}/{copy.name}"
        server.shutdown()
        thread.join()


def publish_newer(wheel: Path) -> None:
    """Replace the wheel by one of the same name and version that says it is newer."""
    newer = wheel.with_suffix(".part")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "tinybpf/__init__.py":
                data += b"\nNEWER = 'newer'\n"
            if name.endswith("/RECORD"):
                lines = data.decode().splitlines()
                kept = [line for line in lines if not line.startswith("tinybpf/__init__.py")]
                data = "\n".join([*kept, "tinybpf/__init__.py,,", ""]).encode()
            new.writestr(name, data)
    newer.replace(wheel)


def test_upgrade_as_readme_says(run: Run, served: tuple[Path, str], tmp_path: Path) -> None:
    """uv.lock keeps the old bytes' hash until that command; then both have the new ones."""
    wheel, address = served
    project = tmp_path / "project"
    variables = {"NO_PROXY": "localhost", "no_proxy": "localhost"}
    uv = functools.partial(run, UV, "--directory", project, **variables)
    python = project / ".venv/bin/python"
    project.mkdir()
    uv("init", "--bare", "--name", "tool", "--python", sys.executable)
    uv("add", address)
    publish_newer(wheel)
    uv("sync")
    assert run(python, "-I", "-c", SAYS).strip() == "first"
    assert UPGRADE in (ROOT / "README.md").read_text()
    uv(*UPGRADE.split()[1:])
    assert run(python, "-I", "-c", SAYS).strip() == "newer"
