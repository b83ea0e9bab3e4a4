# SPDX-License-Identifier: MIT
"""The keys of the dependency cache: what changes them, and what must not."""

import pathlib
import re
import subprocess

import project
import pytest

CMAKE = project.ROOT / "cmake"
RECIPE = """\
# Comment.
include("{where}/musl.cmake")

function(build)
  # Another.
  run(make {flag})  # all
endfunction()
"""


@pytest.fixture
def recipe(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return the path of a recipe."""
    return tmp_path / "recipe.cmake"


def key(recipe: pathlib.Path, text: str) -> str:
    """Return what tinybpf_recipes says of a recipe with this text."""
    recipe.write_text(text)
    script = recipe.with_name("script.cmake")
    script.write_text(
        f'cmake_minimum_required(VERSION 3.25)\ninclude("{CMAKE}/lock.cmake")\n'
        f'set(TINYBPF_CMAKE_DIR "{recipe.parent}")\ntinybpf_recipes(key {recipe.stem})\n'
        "message(NOTICE ${key})\n"
    )
    return subprocess.run(
        ["cmake", "-P", script], stderr=subprocess.PIPE, text=True, check=True
    ).stderr


def test_words_about_a_recipe_leave_its_key(recipe: pathlib.Path) -> None:
    """Comments, and where an included file lies, rebuild nothing."""
    text = RECIPE.format(where="a", flag="-s")
    before = key(recipe, text)
    assert len(before.strip()) == 64
    assert key(recipe, text.replace("Comment.", "More.\n# Words.")) == before
    assert key(recipe, text.replace("  # Another.\n", "")) == before
    assert key(recipe, RECIPE.format(where="b", flag="-s")) == before


def test_a_change_of_a_recipe_changes_its_key(recipe: pathlib.Path) -> None:
    """A command or an argument that is not the same makes another key."""
    text = RECIPE.format(where="a", flag="-s")
    before = key(recipe, text)
    assert key(recipe, RECIPE.format(where="a", flag="-k")) != before
    assert (
        key(recipe, text.replace("endfunction()\n", "  run(true)\nendfunction()\n")) != before
    )


def test_every_recipe_of_cpython_is_in_a_key() -> None:
    """No file of cmake/python can change without a key that changes."""
    texts = [path.read_text() for path in project.matching("cmake/python/*.cmake")]
    named = {word.rstrip(")") for text in texts for word in text.split()}
    stems = {f"python/{path.stem}" for path in project.matching("cmake/python/*.cmake")}
    assert len(stems) > 5
    project.none(f"no key has cmake/{stem}.cmake" for stem in sorted(stems - named))


def missing(path: pathlib.Path, text: str) -> list[str]:
    """Return what a file includes that is not there."""
    found = []
    for name in re.findall(r'^ *include\("?([^")]+)"?\)', text, re.MULTILINE):
        here = name.replace("${CMAKE_CURRENT_LIST_DIR}", str(path.parent))
        if not pathlib.Path(here if here != name else f"{CMAKE}/{name}.cmake").is_file():
            found.append(f"{project.shown(path)} includes {name}")
    return found


def test_included_files_exist() -> None:
    """include() names files and modules that are there."""
    paths = project.matching("cmake/*.cmake", "cmake/*/*.cmake", "CMakeLists.txt")
    assert len(paths) > 30
    project.none(c for path in paths for c in missing(path, path.read_text()))


def test_the_checks_find_what_is_wrong() -> None:
    """A file that is not there is found, by its path and as a module."""
    here, folder = CMAKE / "x.cmake", "${CMAKE_CURRENT_LIST_DIR}"
    assert missing(here, f'include(python/daily)\ninclude("{folder}/lock.cmake")\n') == []
    assert len(missing(here, f'include(daily)\ninclude("{folder}/x.cmake")\n')) == 2
