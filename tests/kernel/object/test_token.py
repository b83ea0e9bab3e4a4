# SPDX-License-Identifier: MIT
"""BPF tokens: what a process in a user namespace was delegated it loads, by token=."""

import pathlib
import socket
import subprocess

import pytest

from support import child, delegate
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("6.9", "BPF tokens")

CODE = """
import socket, sys
import tinybpf
from support import delegate

delegate.enter(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
options = {"token": sys.argv[2]} if sys.argv[4] else {}
try:
    with tinybpf.load(sys.argv[3], **options) as obj:
        print("loaded", *obj.maps, *obj.programs)
except tinybpf.BpfError as error:
    print(type(error).__name__, str(error).partition("libbpf output:")[0])
"""
ALL = {"cmds": "any", "maps": "any", "progs": "any", "attachs": "any"}


def said(
    path: pathlib.Path, place: pathlib.Path, delegated: dict[str, str], given: bool = True
) -> str:
    """Load an object in a user namespace that was delegated so; return what it prints."""
    here, there = socket.socketpair()
    with subprocess.Popen(
        child.command(CODE, str(there.fileno()), str(place), str(path), "1" if given else ""),
        env={**child.environment(), "LIBBPF_BPF_TOKEN_PATH": ""},
        cwd=child.TESTS,
        pass_fds=[there.fileno()],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        there.close()
        try:
            delegate.grant(here, **delegated)
            output, _ = process.communicate(timeout=child.TIMEOUT_S)
        finally:
            process.kill()
    assert process.returncode == 0
    return output


@pytest.fixture
def place(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a folder to mount a bpffs on."""
    folder = tmp_path / "bpf"
    folder.mkdir()
    return folder


def test_token_loads_what_is_delegated(bpf: Find, place: pathlib.Path) -> None:
    """Capabilities of the namespace count where the bpffs delegates all."""
    assert said(bpf("nowhere"), place, ALL) == "loaded filter\n"
    assert said(bpf("filter"), place, ALL).startswith("loaded ")


def test_without_token_nothing_is_loaded(bpf: Find, place: pathlib.Path) -> None:
    """The same process without token= is refused, and told of its namespace."""
    text = said(bpf("filter"), place, ALL, given=False)
    assert text.startswith("BpfPermissionError ")
    assert "in a user namespace" in text


def test_what_is_not_delegated_is_refused(bpf: Find, place: pathlib.Path) -> None:
    """A type of program that is not among those delegated is refused."""
    less = {**ALL, "progs": "socket_filter"}
    assert said(bpf("nowhere"), place, less) == "loaded filter\n"
    assert said(bpf("filter"), place, less).startswith("BpfPermissionError ")
