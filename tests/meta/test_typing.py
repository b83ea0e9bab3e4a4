# SPDX-License-Identifier: MIT
"""Programs that use tinybpf type-check under mypy --strict, and mistakes are found."""

import pathlib

import project
import pytest

FOLDER = project.ROOT / "tests" / "typing"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a folder with the package of the wheel."""
    return project.unpack_wheel(tmp_path_factory.mktemp("wheel"))


def test_wheel_says_that_it_is_typed(unpacked: pathlib.Path) -> None:
    """The wheel carries py.typed and the stubs."""
    assert (unpacked / "tinybpf" / "py.typed").exists()
    for path in project.matching("tinybpf/*.pyi", "tinybpf/*/*.pyi"):
        assert (unpacked / path.relative_to(project.ROOT)).exists(), path.name


def test_programs_type_check(unpacked: pathlib.Path) -> None:
    """tests/typing has no error: good use is accepted, each mistake is one."""
    done = project.mypy(unpacked, *sorted(FOLDER.glob("*.py")))
    assert done.returncode == 0, done.stdout


def test_the_check_finds_a_mistake(unpacked: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """A wrong program, and an excuse that is not needed, are both found."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import tinybpf\n"
        "x: int = tinybpf.version()\n"
        "y: str = tinybpf.version()  # type: ignore[assignment]\n"
    )
    done = project.mypy(unpacked, wrong)
    assert done.returncode == 1
    assert "wrong.py:2" in done.stdout
    assert "wrong.py:3" in done.stdout
