# SPDX-License-Identifier: MIT
"""btf=FOLDER: the types of this kernel out of a folder with those of many."""

import os
import pathlib
import zipfile

import pytest

import tinybpf
from support import child
from support.gating import kernel
from support.objects import Find
from tinybpf import Btf, _kernels

pytestmark = kernel("5.7", "kernel BTF with what the program reads")

HOST = os.uname()
NAME = f"{HOST.machine}/{HOST.release}.btf"

# A kernel that has no BTF, as far as this process can see.
HIDDEN = """\
import os, sys, tinybpf
from support import confine
confine.hide(*filter(os.path.isdir, ("/sys/kernel/btf", "/boot")))
"""


@pytest.fixture
def small(bpf: Find) -> bytes:
    """Return what the object `core` needs of this kernel's types."""
    return bytes(Btf.kernel().minimize(bpf("core")))


def write(root: pathlib.Path, name: str, data: bytes) -> pathlib.Path:
    """Write a file below a folder; return the folder."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)
    return root


@pytest.mark.parametrize("name", _kernels.candidates())
def test_types_of_this_kernel_are_chosen(
    bpf: Find, small: bytes, tmp_path: pathlib.Path, name: str
) -> None:
    """By distribution, or by architecture and release; the kernel's own are not there."""
    write(tmp_path, name, small)
    write(tmp_path, f"other/1/{NAME}", b"no BTF")
    write(tmp_path, f"{HOST.machine}/1.2.3.btf", b"no BTF")
    code = HIDDEN + (
        "try:\n    tinybpf.load(sys.argv[1])\nexcept tinybpf.BpfError:\n    print('none')\n"
        "with tinybpf.load(sys.argv[1], btf=sys.argv[2]) as obj:\n    print(obj.name)\n"
    )
    done = child.run(code, bpf("core"), tmp_path)
    assert done.stdout == "none\ncore\n", done.stderr


def test_folder_in_a_zip_is_looked_into(
    bpf: Find, small: bytes, tmp_path: pathlib.Path
) -> None:
    """What lies beside a script that was packed is found there."""
    with zipfile.ZipFile(tmp_path / "tool.zip", "w") as archive:
        archive.writestr(f"btf/{NAME}", small)
    with tinybpf.open(bpf("core"), btf=tmp_path / "tool.zip" / "btf") as obj:
        obj.load()
    with pytest.raises(NotADirectoryError):
        tinybpf.open(bpf("core"), btf=tmp_path / "tool.zip" / "none")


def test_folder_without_it_tells_the_name(bpf: Find, tmp_path: pathlib.Path) -> None:
    """The error says what the file would be called."""
    with pytest.raises(FileNotFoundError, match="it has no BTF of this kernel: ") as caught:
        tinybpf.open(bpf("core"), btf=tmp_path)
    assert caught.value.filename == str(tmp_path)
    assert NAME in str(caught.value)


@pytest.mark.parametrize(("ending", "command"), [(".xz", "unxz "), (".tar.xz", "tar -xJf ")])
def test_packed_file_is_refused_with_the_command(
    bpf: Find, tmp_path: pathlib.Path, ending: str, command: str
) -> None:
    """As archives of BTF have them."""
    write(tmp_path, NAME + ending, b"")
    with pytest.raises(FileNotFoundError, match=f"it is packed: {command}"):
        tinybpf.open(bpf("core"), btf=tmp_path)


def test_file_that_is_no_btf_is_refused(bpf: Find, tmp_path: pathlib.Path) -> None:
    """What was chosen is checked as every other."""
    write(tmp_path, NAME, b"nothing of the kind")
    with pytest.raises(tinybpf.BpfError, match="BTF"):
        tinybpf.open(bpf("core"), btf=tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "debian/12"),
        ("VERSION_ID='7.9'\nID=\"ol\"\nNAME=x\n", "ol/7.9"),
        ("ID=arch\n", None),
        ("ID=../x\nVERSION_ID=1\n", None),
        ("ID=..\nVERSION_ID=1\n", None),
        ("", None),
    ],
)
def test_distribution_is_read_of_os_release(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: "str | None"
) -> None:
    """With and without quotes; what is no name is none."""
    (tmp_path / "os-release").write_text(text)
    monkeypatch.setattr(_kernels, "_OS_RELEASE", (tmp_path / "none", tmp_path / "os-release"))
    assert _kernels.distribution() == expected
