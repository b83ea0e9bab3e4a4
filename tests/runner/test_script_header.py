# SPDX-License-Identifier: MIT
"""A script's PEP 723 header is checked before the script starts."""

import os
import pathlib
import threading
import zipfile
from typing import Callable

import pytest
from launch import Completed, Run

Header = Callable[..., Completed]


@pytest.fixture
def with_header(run: Run, tmp_path: pathlib.Path) -> Header:
    """Return a function that runs a script with the lines of a header."""

    def start(*lines: str, body: str = "print('ran')") -> Completed:
        header = ["# /// script", *(f"# {line}".rstrip() for line in lines), "# ///"]
        script = tmp_path / "script.py"
        script.write_text("\n".join([*header, body, ""]))
        return run(script)

    return start


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ['requires-python = ">=3.9"'],
        ['requires-python = ">=3.9,<4"', "dependencies = []"],
        ['requires-python = "==3.14.*"'],
        ['requires-python = "~=3.9"'],
        ['requires-python = "!=3.14.0"'],
        ['requires-python = ">3.9, !=3.10.*"'],
        ['dependencies = ["tinybpf"]'],
        ['dependencies = ["TinyBPF >= 0.3"]'],
        ['dependencies = ["tinybpf @ https://example.org/tinybpf-1-cp39-abi3.whl"]'],
        [
            "dependencies = [",
            "  \"tinybpf @ https://example.org/1.whl ; platform_machine == 'x86_64'\",",
            "  \"tinybpf @ https://example.org/2.whl ; platform_machine == 'aarch64'\",",
            "]",
        ],
        [
            'dependencies = ["tinybpf"]',
            "[tool.uv.sources]",
            'tinybpf = { url = "https://example.org/1.whl" }',
        ],
        ["dependencies = [\"tinybpf[all]>=0.1 ; python_version >= '3.9'\"]"],
        ["dependencies = [\"tomli; python_version < '3.11'\"]"],
        ["dependencies = [\"pywin32 ; sys_platform == 'win32' or os_name == 'nt'\"]"],
        ["dependencies = [\"x; extra == 'test' and python_version > '3'\"]"],
        ["dependencies = [", '    "tinybpf",  # inside', "]", "", "[tool.uv]", 'x = "y"'],
    ],
)
def test_header_that_can_be_met_runs(with_header: Header, lines: list[str]) -> None:
    """tinybpf, the standard library and this Python are inside."""
    done = with_header(*lines)
    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['requires-python = ">=3.15"'], "needs Python >=3.15, and 3.14."),
        (['requires-python = "<3.14"'], "needs Python <3.14"),
        (['requires-python = "==3.13.*"'], "needs Python ==3.13.*"),
        (['requires-python = "~=3.13.0"'], "needs Python ~=3.13.0"),
        (['dependencies = ["requests"]'], "'requests'"),
        (['dependencies = ["tinybpf", "rich>=13"]'], "'rich'"),
        (['dependencies = ["tinybpf-extras"]'], "'tinybpf-extras'"),
        (['dependencies = ["tinybpf >= 99"]'], "tinybpf >= 99"),
        (["dependencies = [\"rich; python_version >= '3.9'\"]"], "'rich'"),
    ],
)
def test_header_that_cannot_be_met_is_named(
    with_header: Header, lines: list[str], words: str
) -> None:
    """What is lacking is named, and no line of the script runs."""
    done = with_header(*lines)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_all_that_is_lacking_is_named_at_once(with_header: Header) -> None:
    """One run tells everything."""
    done = with_header('requires-python = ">=4"', 'dependencies = ["rich", "numpy"]')
    for words in ("Python >=4", "'rich'", "'numpy'"):
        assert words in done.stderr


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["dependencies = ["], "not TOML"),
        (['dependencies = "rich"'], "dependencies is not a list of strings"),
        (["requires-python = 3"], "requires-python is not a string"),
        (['requires-python = "three"'], "'three' is not a version specifier"),
        (['requires-python = ">=3.x"'], "'3.x' is not a version"),
        (['dependencies = ["!!"]'], "'!!' is not a requirement"),
        (['dependencies = ["rich; when"]'], "'when' is not a marker"),
    ],
)
def test_malformed_header_is_an_error(
    with_header: Header, lines: list[str], words: str
) -> None:
    """A header that says nothing is told what is wrong with it."""
    done = with_header(*lines)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dependencies = " + "[" * 100_000, "nested too deeply"),
        (f'dependencies = ["x; {"(" * 100_000}"]', "nested too deeply"),
        (f"{'a.' * 100_000}b = 1", "nested too deeply"),
        (f'requires-python = ">=3.{"1" * 100_000}"', "limit"),
        (f"number = {'1' * 100_000}", "limit"),
    ],
)
def test_header_beyond_all_measure_is_an_error(
    with_header: Header, line: str, words: str
) -> None:
    """What no header needs is told in a sentence, not by a traceback or a crash."""
    done = with_header(line)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


PACKAGE = {
    "some_tool/__init__.py": "NAME = 'some tool'\n",
    "Some_Tool-1.5.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: Some.Tool\nVersion: 1.5\n"
    ),
}


def write_package(root: pathlib.Path) -> None:
    """Write what `pip install --target` leaves of a package."""
    for name, text in PACKAGE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def write_zip(path: pathlib.Path) -> None:
    """Write the same as one zip, which a wheel is, too."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in PACKAGE.items():
            archive.writestr(name, text)


WANTS = (
    "# /// script\n# dependencies = ['{}']\n# ///\nimport some_tool; print(some_tool.NAME)\n"
)


@pytest.mark.parametrize("wanted", ["some-tool", "Some.Tool[x]>=1.4,<2", "some_tool ~= 1.5"])
@pytest.mark.parametrize("where", ["beside", "PYTHONPATH", "zip"])
def test_package_that_is_there_is_enough(
    run: Run, tmp_path: pathlib.Path, where: str, wanted: str
) -> None:
    """Beside the script, on PYTHONPATH, in a zip: its version is looked at."""
    script = tmp_path / "script.py"
    script.write_text(WANTS.format(wanted))
    place = tmp_path / {"beside": ".", "PYTHONPATH": "packages", "zip": "packages.zip"}[where]
    write_zip(place) if where == "zip" else write_package(place)
    env = {} if where == "beside" else {"PYTHONPATH": str(place)}
    done = run(script, env=env)
    assert (done.returncode, done.stdout) == (0, "some tool\n"), done.stderr


def test_package_of_another_version_is_not_enough(run: Run, tmp_path: pathlib.Path) -> None:
    """The version that is there is named."""
    write_package(tmp_path)
    script = tmp_path / "script.py"
    script.write_text(WANTS.format("some-tool>=2"))
    done = run(script)
    assert (done.returncode, done.stdout) == (2, "")
    assert "it needs some-tool >=2, and 1.5 is on sys.path" in done.stderr
    assert "pip install" in done.stderr


def test_module_without_a_version_is_enough(run: Run, tmp_path: pathlib.Path) -> None:
    """A package that was copied, not installed, is known by its name."""
    (tmp_path / "some_tool.py").write_text("NAME = 'copied'\n")
    script = tmp_path / "script.py"
    script.write_text(WANTS.format("some-tool>=2"))
    assert run(script).stdout == "copied\n"
    done = run("-P", script)
    assert "neither inside nor on sys.path" in done.stderr  # -P: not beside the script


def test_script_on_a_pipe_is_read_once(run: Run, tmp_path: pathlib.Path) -> None:
    """Nothing but Python itself opens it: no text is lost, nothing waits for more."""
    pipe = tmp_path / "pipe"
    for number in range(10):
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_text, args=(f"print({number})\n",))
        writer.start()
        assert run(pipe).stdout == f"{number}\n"
        writer.join()
        pipe.unlink()


def test_header_that_is_not_closed_is_an_error(run: Run, tmp_path: pathlib.Path) -> None:
    """A header without its last line is a mistake, not a comment."""
    script = tmp_path / "script.py"
    script.write_text("# /// script\n# dependencies = []\nprint('ran')\n")
    done = run(script)
    assert done.returncode == 2
    assert "closes it" in done.stderr


def test_two_headers_are_an_error(with_header: Header) -> None:
    """The specification allows one."""
    done = with_header(body="print('ran')\n# /// script\n# x = 1\n# ///")
    assert done.returncode == 2
    assert "two" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "X = '# /// script'\nprint('ran')\n",
        "#!/usr/bin/env python3\n# /// other\n# x = [\n# ///\nprint('ran')\n",
        "print('ran')\n",
    ],
)
def test_what_is_no_header_is_not_looked_at(
    run: Run, tmp_path: pathlib.Path, text: str
) -> None:
    """The marker within a line, and blocks of other types, mean nothing."""
    script = tmp_path / "script.py"
    script.write_text(text)
    assert run(script).stdout == "ran\n"


def test_header_with_windows_line_ends(run: Run, tmp_path: pathlib.Path) -> None:
    """CRLF is read as LF."""
    script = tmp_path / "script.py"
    script.write_bytes(b'# /// script\r\n# dependencies = ["rich"]\r\n# ///\r\nprint(1)\r\n')
    assert "'rich'" in run(script).stderr


VERSIONS = """\
from _tbpy_script import Version, satisfies
order = '''1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2
1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0.post456.dev34 1.0.post456
1.0.15 1.1.dev1 1!0.1'''.split()
keys = [Version(text).key() for text in order]
assert keys == sorted(keys) and len(set(keys)) == len(keys), keys
for version, specifier, answer in [
    ("1.0", "==1", True), ("1.0", "==1.0.0", True), ("1.0.1", "==1.0", False),
    ("1.0+local", "==1.0", True), ("1.0", "==1.0+local", False),
    ("3.10.2", "==3.10.*", True), ("3.1", "==3.10.*", False), ("3.10", "!=3.1.*", True),
    ("3.10", ">=3.9", True), ("3.9.0", ">3.9", False), ("3.9.post1", ">3.9", False),
    ("3.9.1", ">3.9", True), ("3.9rc1", "<3.9", False), ("3.8", "<3.9", True),
    ("2.2.5", "~=2.2", True), ("3.0", "~=2.2", False), ("1.4.6", "~=1.4.5", True),
    ("1.5", "~=1.4.5", False), ("1.0c1", "==1.0rc1", True), ("v1.0-1", "==1.0.post1", True),
    ("1.0", "===1.0", True), ("1.0", "===1.0.0", False), ("1", "", True),
    ("0.4.0.dev0", ">=0.3", True), ("0.4.0.dev0", ">=0.4", False),
]:
    assert satisfies(version, specifier) is answer, (version, specifier)
print("checked")
"""


def test_versions_compare_as_pep_440_says(run: Run) -> None:
    """Order of versions and meaning of each operator."""
    done = run("-c", VERSIONS)
    assert done.stdout == "checked\n", done.stderr
