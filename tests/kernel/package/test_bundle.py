# SPDX-License-Identifier: MIT
"""A bundle carries objects: load() finds them where a script would have them."""

import os
import pathlib
import subprocess

import pytest

import tinybpf
from support import child
from support.objects import Find

TOOL = """\
from pathlib import Path
import tinybpf
import parts.part
from importlib.resources import files

PATH = Path(__file__).with_name("counts.bpf.o")
for given in (PATH, str(PATH), files("parts") / "counts.bpf.o", parts.part.PATH):
    with tinybpf.load(given) as obj:
        obj.maps["counts"][1] = 2
        print(obj.name, dict(obj.maps["counts"].items()))
try:
    tinybpf.load(PATH.with_name("none.bpf.o"))
except FileNotFoundError as error:
    print(error.filename)
"""
PART = "from pathlib import Path\nPATH = Path(__file__).with_name('counts.bpf.o')\n"


def run(*args: object) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; its output as text."""
    return subprocess.run(
        [*map(str, args)], capture_output=True, text=True, timeout=child.TIMEOUT_S, check=False
    )


@pytest.fixture
def tool(bpf: Find, tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a bundle of a script and a package, with an object beside each."""
    (tmp_path / "tool.py").write_text(TOOL)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "__init__.py").touch()
    (tmp_path / "parts" / "part.py").write_text(PART)
    (tmp_path / "parts" / "counts.bpf.o").write_bytes(bpf("counts").read_bytes())
    path = tmp_path / "tool"
    inside = (tmp_path / "tool.py", bpf("counts"), tmp_path / "parts")
    done = run(os.environ["TINYBPF_RUN"], "--bundle", "-o", path, *inside)
    assert (done.returncode, done.stderr) == (0, "")
    return path


def test_objects_of_a_bundle_are_loaded(tool: pathlib.Path) -> None:
    """Beside the script, in a package, as a resource; one that is not there is named."""
    done = run(tool)
    expected = "counts {1: 2}\n" * 4 + "/tbpy/tool/none.bpf.o\n"
    assert (done.stderr, done.stdout) == ("", expected)


LOAD = """\
from pathlib import Path
import tinybpf
try:
    with tinybpf.load(Path(__file__).with_name("core.bpf.o")) as obj:
        print(obj.name)
except tinybpf.BpfError as error:
    print("no types")
"""
# A kernel that has no BTF, as far as the command can see.
HIDDEN = """\
import os, sys
from support import confine
confine.hide(*filter(os.path.isdir, ("/sys/kernel/btf", "/boot")))
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("folder", ["debian/12", "other/1"])
def test_types_of_a_kernel_without_them_are_inside(
    bpf: Find, tmp_path: pathlib.Path, folder: str
) -> None:
    """--btf keeps what the objects need of each kernel; a start picks this one's."""
    host = os.uname()
    place = tmp_path / "types" / folder / host.machine
    place.mkdir(parents=True)
    (place / f"{host.release}.btf").write_bytes(
        pathlib.Path("/sys/kernel/btf/vmlinux").read_bytes()
    )
    (place / "1.2.3.btf").write_bytes(bytes(tinybpf.Btf.kernel().minimize(bpf("core"))))
    (tmp_path / "tool.py").write_text(LOAD)
    inside = (tmp_path / "tool.py", bpf("core"))
    runner = os.environ["TINYBPF_RUN"]
    for words, expected in (((), "no types\n"), (("--btf", tmp_path / "types"), "core\n")):
        path = tmp_path / "tool"
        done = run(runner, "--bundle", "-o", path, *words, *inside)
        assert (done.returncode, done.stderr) == (0, "")
        done = child.run(HIDDEN, path)
        assert (done.stdout, done.stderr) == (expected, "")
        assert path.stat().st_size < pathlib.Path(runner).stat().st_size + 200_000


def test_types_that_are_packed_are_refused(bpf: Find, tmp_path: pathlib.Path) -> None:
    """With the command that unpacks them; so is a folder without any."""
    place = tmp_path / "types" / "debian" / "12" / os.uname().machine
    place.mkdir(parents=True)
    start = (os.environ["TINYBPF_RUN"], "--bundle", "-o", tmp_path / "tool", bpf("core"))
    done = run(*start, "--btf", tmp_path / "types")
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no types of" in done.stderr
    (place / "5.4.btf.tar.xz").touch()
    done = run(*start, "--btf", tmp_path / "types")
    assert "is packed. Unpack them all:\n  find " in done.stderr
    (place / "5.4.btf").write_bytes(b"none")
    done = run(*start, "--btf", tmp_path / "types")
    assert f"{place}/5.4.btf" in done.stderr
    assert "Traceback" not in done.stderr


def test_object_alone_is_a_tool(bpf: Find, tmp_path: pathlib.Path) -> None:
    """All arguments are its options; its help does not tell of files inside."""
    tool = tmp_path / "counts"
    done = run(os.environ["TINYBPF_RUN"], "--bundle", "-o", tool, bpf("counts"))
    assert (done.returncode, done.stderr) == (0, "")
    done = run(tool, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: counts [")
    assert "counts.bpf.o" not in done.stdout.partition("\n")[0]
    done = run(tool, "--no-such-option")
    assert (done.returncode, done.stdout) == (2, "")
    done = run(tool, "--duration", "0.1")
    assert done.returncode == 0, done.stderr


def test_several_objects_are_several_tools(bpf: Find, tmp_path: pathlib.Path) -> None:
    """The first word names one."""
    tool = tmp_path / "tool"
    runner = os.environ["TINYBPF_RUN"]
    done = run(runner, "--bundle", "-o", tool, bpf("counts"), bpf("core"))
    assert (done.returncode, done.stderr) == (0, "")
    assert run(tool, "core", "--help").stdout.startswith("usage: core [")
    assert "programs: core counts" in run(tool).stderr
