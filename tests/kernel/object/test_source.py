# SPDX-License-Identifier: MIT
"""What an object is read from beside files: zips that Python runs, packages, read_bytes()."""

import importlib
import pathlib
import subprocess
import sys
import zipfile

import pytest

import tinybpf
from support import child
from support.objects import Find

LOAD = """
import pathlib
import tinybpf

PATH = pathlib.Path(__file__).with_name("counts.bpf.o")

def load():
    with tinybpf.load(PATH) as obj:
        obj.maps["counts"][1] = 2
        print(obj.name, dict(obj.maps["counts"].items()))
"""


@pytest.fixture
def archive(bpf: Find, tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a tool as a zip: a program, a package, and an object beside each."""
    path = tmp_path / "tool.zip"
    # A virtual machine's files are of 1970, before a zip can tell.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as file:
        file.writestr("__main__.py", LOAD + "\nload()\nimport parts.part\nparts.part.load()\n")
        file.writestr("parts/__init__.py", "")
        file.writestr("parts/part.py", LOAD)
        file.write(bpf("counts"), "counts.bpf.o")
        file.write(bpf("counts"), "parts/counts.bpf.o")
    return path


@pytest.mark.parametrize("given", ["tool.zip", "./tool.zip", "{folder}/tool.zip"])
def test_tool_in_a_zip_loads_what_lies_beside_it(given: str, archive: pathlib.Path) -> None:
    """A script and a package in a zip find their objects by __file__, however it is named."""
    done = subprocess.run(
        [sys.executable, given.format(folder=archive.parent)],
        cwd=archive.parent,
        env=child.environment(),
        capture_output=True,
        text=True,
        timeout=child.TIMEOUT_S,
        check=False,
    )
    assert (done.stderr, done.stdout) == ("", "counts {1: 2}\n" * 2)


def test_zip_on_the_path_is_looked_into(archive: pathlib.Path) -> None:
    """A path that leads into a zip is read, whether Python imported from it or not."""
    with tinybpf.open(archive / "parts" / "counts.bpf.o") as obj:
        assert obj.name == "counts"
        assert str(obj.path) == str(archive / "parts" / "counts.bpf.o")


def test_zip_without_the_object_is_the_error_of_the_path(archive: pathlib.Path) -> None:
    """What is not in the zip either is the system's error, with the path."""
    missing = archive / "missing.bpf.o"
    with pytest.raises(NotADirectoryError) as caught:
        tinybpf.load(missing)
    assert caught.value.filename == str(missing)
    with pytest.raises(FileNotFoundError):
        tinybpf.load(archive.with_name("missing.bpf.o"))


MISSING = """
import os, sys, tinybpf
data = open(sys.argv[1], "rb").read()
os.chroot(sys.argv[2])
os.chdir("/")
for name in ("pkgutil", "tinybpf._kernels"):
    sys.modules.pop(name, None)
for given in ({"path": "none/x.bpf.o"}, {"path": "x.bpf.o"}, {"btf": "none/types"}):
    try:
        tinybpf.open(**given) if "path" in given else tinybpf.open_bytes(data, **given)
    except OSError as error:
        print(type(error).__name__, error.filename)
"""


def test_file_that_is_missing_is_told_without_pythons_files(
    bpf: Find, tmp_path: pathlib.Path
) -> None:
    """Behind a chroot(2), where what looks into archives cannot be imported any more."""
    told = child.output(MISSING, bpf("counts"), tmp_path)
    names = ("none/x.bpf.o", "x.bpf.o", "none/types")
    assert told.splitlines() == [f"FileNotFoundError {name}" for name in names]


def test_importer_of_its_own_kind_is_asked(bpf: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any importer with get_data() has objects, as zipimport's has."""

    class Importer:
        def get_data(self, path: str) -> bytes:
            if path != "somewhere:/lib/counts.bpf.o":
                raise OSError(path)
            return bpf("counts").read_bytes()

    monkeypatch.setitem(sys.path_importer_cache, "somewhere:/lib", Importer())
    with tinybpf.load("somewhere:/lib/counts.bpf.o") as obj:
        assert "counts" in obj.maps
    with pytest.raises(FileNotFoundError):
        tinybpf.load("somewhere:/lib/other.bpf.o")


def test_what_has_read_bytes_is_taken(bpf: Find, archive: pathlib.Path) -> None:
    """zipfile.Path and importlib.resources give objects that are no paths of files."""
    with tinybpf.load(zipfile.Path(archive, "counts.bpf.o")) as obj:
        assert obj.name == "counts"
        assert str(obj.path) == f"{archive}/counts.bpf.o"
    absent = FileNotFoundError if sys.version_info >= (3, 10) else KeyError  # zipfile's own
    with pytest.raises(absent):
        tinybpf.load(zipfile.Path(archive, "missing.bpf.o"))
    with pytest.raises(TypeError):
        tinybpf.load(4)  # type: ignore[arg-type]


def test_package_in_a_zip_gives_its_resource(
    archive: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """importlib.resources.files(package) / name is enough, in a zip too."""
    resources = importlib.import_module("importlib.resources")
    monkeypatch.syspath_prepend(str(archive))
    package = importlib.import_module("parts")
    try:
        with tinybpf.open(resources.files(package) / "counts.bpf.o") as obj:
            assert obj.name == "counts"
    finally:
        monkeypatch.delitem(sys.modules, "parts")
