# SPDX-License-Identifier: MIT
"""Symbols of stripped files: where debug files are looked for, and which are the right ones."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Optional

import pytest

from support import libraries
from tinybpf import Symbols

DEBUG = pathlib.Path("/usr/lib/debug")
BUILD_ID = bytes(range(20))


@contextlib.contextmanager
def placed(path: pathlib.Path, data: bytes) -> Iterator[None]:
    """Write a file, and the folders above it; remove what was made."""
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    try:
        yield
    finally:
        path.unlink()
        for folder in made:
            folder.rmdir()


def named(path: pathlib.Path) -> Optional[str]:
    """Return what the first function of a file is called."""
    return Symbols().file(path, [libraries.CODE_AT])[0].name


@pytest.fixture
def stripped(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return the path of a library that has a build id and no symbols."""
    path = tmp_path / "lib.so"
    path.write_bytes(libraries.library((), build_id=BUILD_ID))
    return path


def test_debug_file_is_found_by_build_id(stripped: pathlib.Path) -> None:
    """In the folder of build ids, if it is of that build itself."""
    debug = DEBUG / ".build-id" / "00" / (BUILD_ID[1:].hex() + ".debug")
    assert named(stripped) is None
    with placed(debug, libraries.library(build_id=BUILD_ID)):
        assert named(stripped) == "first"
    for other in (BUILD_ID[::-1], b"", BUILD_ID[:10]):
        with placed(debug, libraries.library(build_id=other)):
            assert named(stripped) is None
    with placed(debug, libraries.library((), build_id=BUILD_ID)):
        assert named(stripped) is None


@pytest.mark.parametrize("folder", ["", ".debug", "global"])
def test_debug_file_is_found_by_its_link(tmp_path: pathlib.Path, folder: str) -> None:
    """Beside the file, in .debug there, and in the folder of all of them; by checksum."""
    debug = libraries.library()
    above = DEBUG / str(tmp_path)[1:] if folder == "global" else tmp_path / folder
    path, name = tmp_path / "lib.so", "lib.so.dbg"
    path.write_bytes(libraries.library((), debuglink=name, debug=debug))
    assert named(path) is None
    with placed(above / name, debug):
        assert named(path) == "first"
    with placed(above / name, debug + b"\0"):
        assert named(path) is None


def test_build_id_counts_more_than_a_checksum(tmp_path: pathlib.Path) -> None:
    """A file that has a build id takes no debug file of another, whatever its link says."""
    path = tmp_path / "lib.so"
    for build_id, name in ((BUILD_ID, "first"), (BUILD_ID[::-1], None)):
        debug = libraries.library(build_id=build_id)
        path.write_bytes(libraries.library((), build_id=BUILD_ID, debuglink="x", debug=debug))
        with placed(tmp_path / "x", debug):
            assert named(path) == name


@pytest.mark.parametrize("link", ["../lib.debug", "/etc/passwd", "lib.so", "a" * 300])
def test_link_leads_to_no_other_folder(tmp_path: pathlib.Path, link: str) -> None:
    """A link is a name: one with a slash, of the file itself, or too long, is none."""
    debug, folder = libraries.library(), tmp_path / "folder"
    path = folder / "lib.so"
    with placed(tmp_path / "lib.debug", debug):
        folder.mkdir()
        path.write_bytes(libraries.library((), debuglink=link, debug=debug))
        assert named(path) is None


def test_debug_file_that_is_no_file_is_passed_over(stripped: pathlib.Path) -> None:
    """A pipe in its place waits for nobody; a link that goes round ends."""
    import os

    debug = DEBUG / ".build-id" / "00" / (BUILD_ID[1:].hex() + ".debug")
    with placed(debug, b""):
        debug.unlink()
        os.mkfifo(debug)
        assert named(stripped) is None
        debug.unlink()
        debug.symlink_to(debug)
        assert named(stripped) is None
