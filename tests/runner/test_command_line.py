# SPDX-License-Identifier: MIT
"""The command line of tinybpf-run is python's."""

import pathlib
import zipapp

import pytest
from launch import Run

PRINT_MAIN = """\
import sys
print(__name__, sys.argv, sys.path[0], globals().get("__file__"))
"""


@pytest.fixture
def package(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a directory with a __main__.py and a helper that it imports."""
    directory = tmp_path / "tool"
    directory.mkdir()
    (directory / "helper.py").write_text("NAME = 'helper'\n")
    (directory / "__main__.py").write_text(PRINT_MAIN + "import helper\nprint(helper.NAME)\n")
    return directory


def test_file_sees_its_own_name_and_arguments(run: Run, tmp_path: pathlib.Path) -> None:
    """A script gets __main__, __file__, sys.argv and its directory in sys.path[0]."""
    script = tmp_path / "script.py"
    script.write_text(PRINT_MAIN)
    done = run("script.py", "-x", "--help", cwd=tmp_path)
    wanted = f"__main__ ['script.py', '-x', '--help'] {tmp_path} {script}\n"
    assert (done.returncode, done.stdout) == (0, wanted)


def test_file_imports_helper_beside_it(run: Run, package: pathlib.Path) -> None:
    """A module in the script's directory is found from any working directory."""
    done = run(package / "__main__.py", cwd="/")
    assert done.stdout.endswith("helper\n"), done.stderr


def test_file_helper_wins_over_the_library(run: Run, tmp_path: pathlib.Path) -> None:
    """A helper may have the name of a module of the library, as under python."""
    (tmp_path / "trace.py").write_text("NAME = 'mine'\n")
    script = tmp_path / "script.py"
    script.write_text("import trace\nprint(getattr(trace, 'NAME', 'library'))\n")
    assert run(script).stdout == "mine\n"
    assert run("-P", script).stdout == "library\n"
    assert run("-I", script).stdout == "library\n"


def test_directory_and_zip_run_their_main(run: Run, package: pathlib.Path) -> None:
    """A directory or zip file with a __main__.py is a program."""
    archive = package.with_suffix(".pyz")
    zipapp.create_archive(package, archive)
    for program in (package, archive):
        done = run(program, "a")
        wanted = f"__main__ ['{program}', 'a'] {program}"
        assert done.stdout.startswith(wanted), done.stderr
        assert done.stdout.endswith("helper\n")


def test_zip_on_the_path_is_imported_from(run: Run, package: pathlib.Path) -> None:
    """PYTHONPATH may name a zip file, and a directory inside one."""
    archive = package.with_suffix(".zip")
    zipapp.create_archive(package, archive)
    done = run(
        "-c", "import helper; print(helper.__loader__)", env={"PYTHONPATH": str(archive)}
    )
    assert "zipimporter" in done.stdout, done.stderr


def test_module_runs_as_main(run: Run) -> None:
    """-m runs a module of the library."""
    done = run("-m", "json.tool", "--compact", input='{"a": [1, 2]}')
    assert (done.returncode, done.stdout) == (0, '{"a":[1,2]}\n')


@pytest.mark.parametrize("flags", [["-"], []])
def test_standard_input_is_a_script(run: Run, flags: list[str]) -> None:
    """`-`, or nothing at all without a terminal, reads the script from stdin."""
    done = run(*flags, input="import sys\nprint(sys.argv, __name__)\n")
    assert done.stdout == f"{flags or ['']} __main__\n"


def test_code_gets_the_remaining_arguments(run: Run) -> None:
    """-c ends the options: what follows is the program's."""
    done = run("-c", "import sys; print(sys.argv)", "-V", "--licenses")
    assert done.stdout == "['-c', '-V', '--licenses']\n"


def test_arguments_keep_undecodable_bytes(run: Run) -> None:
    """A byte that is not UTF-8 comes through sys.argv by surrogateescape."""
    code = "import os, sys; print(os.fsencode(sys.argv[1]))"
    assert run("-c", code, "caf\udce9").stdout == "b'caf\\xe9'\n"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pass", 0),
        ("raise SystemExit", 0),
        ("raise SystemExit(7)", 7),
        ("import sys; sys.exit('text')", 1),
        ("raise ValueError", 1),
        ("exit(3)", 3),
        ("import os; os._exit(9)", 9),
        ("import os; os.abort()", -6),
    ],
)
def test_exit_status_is_pythons(run: Run, code: str, status: int) -> None:
    """The status tells how the program ended."""
    assert run("-c", code).returncode == status


def test_missing_file_exits_2(run: Run, tmp_path: pathlib.Path) -> None:
    """A script that is not there is named."""
    missing = tmp_path / "tool.py"
    done = run(missing)
    assert done.returncode == 2
    assert f"can't open file '{missing}': [Errno 2]" in done.stderr


def test_unknown_option_exits_2(run: Run) -> None:
    """An option that neither we nor python knows is refused."""
    done = run("--no-such-option")
    assert done.returncode == 2
    assert "no-such-option" in done.stderr


@pytest.mark.parametrize(
    ("flag", "expression", "value"),
    [
        ("-O", "__debug__", "False"),
        ("-B", "sys.dont_write_bytecode", "True"),
        ("-u", "sys.stdout.write_through", "True"),
        ("-E", "sys.flags.ignore_environment", "1"),
        ("-I", "(sys.flags.isolated, sys.flags.safe_path)", "(1, True)"),
        ("-P", "sys.flags.safe_path", "True"),
        ("-s", "sys.flags.no_user_site", "1"),
        ("-S", "'exit' in dir(__builtins__)", "False"),
        ("-q", "sys.flags.quiet", "1"),
        ("-v", "sys.flags.verbose", "1"),
        ("-d", "sys.flags.debug", "1"),
        ("-bb", "sys.flags.bytes_warning", "2"),
        ("-Wignore", "sys.warnoptions", "['ignore']"),
        ("-Xdev", "sys.flags.dev_mode", "True"),
        ("-Xfrozen_modules=off", "'ok'", "ok"),
        ("-R", "sys.flags.hash_randomization", "1"),
    ],
)
def test_flag_has_pythons_meaning(run: Run, flag: str, expression: str, value: str) -> None:
    """Every flag of python is accepted and does its work."""
    done = run(flag, "-c", f"import sys; print({expression})")
    assert done.stdout == f"{value}\n", done.stderr


def test_skip_first_line_flag(run: Run, tmp_path: pathlib.Path) -> None:
    """-x skips a first line that is not Python."""
    script = tmp_path / "script.txt"
    script.write_text("@echo off\nprint('ran')\n")
    assert run("-x", script).stdout == "ran\n"


def test_importtime_is_shown(run: Run) -> None:
    """-X importtime lists the imports."""
    assert "import time:" in run("-X", "importtime", "-c", "pass").stderr


@pytest.mark.real
def test_shebang_line_starts_the_script(
    run: Run, runner: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """The executable can be a script's interpreter."""
    script = tmp_path / "tool"
    script.write_text(f"#!{runner}\nprint('by shebang')\n")
    script.chmod(0o755)
    assert run(executable=script).stdout == "by shebang\n"


@pytest.mark.parametrize("flag", ["--help", "-h", "-?", "-Bh"])
def test_help_fits_a_screen(run: Run, flag: str) -> None:
    """--help is at most 24 lines of 80 columns."""
    done = run(flag)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].startswith("usage: tinybpf-run")
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_version_names_all_that_is_inside(run: Run) -> None:
    """--version has a line for each part, -V is python's."""
    lines = dict(line.split(" ", 1) for line in run("--version").stdout.splitlines())
    parts = {"tinybpf-run", "python", "libbpf", "libelf", "zlib", "libffi", "musl", "zones"}
    assert set(lines) == parts
    assert all(version[0].isdigit() for version in lines.values()), lines
    assert run("-V").stdout == f"Python {lines['python']}\n"


def test_licenses_are_printed(run: Run) -> None:
    """--licenses prints every licence, and how to relink for the LGPL parts."""
    text = run("--licenses").stdout
    for words in (
        "PYTHON SOFTWARE FOUNDATION LICENSE",
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "Jean-loup Gailly",
        "Rich Felker",
        "relink",
    ):
        assert words.lower() in text.lower(), words


def test_options_of_ours_end_with_the_script(run: Run, tmp_path: pathlib.Path) -> None:
    """--version after the script's name belongs to the script."""
    script = tmp_path / "script.py"
    script.write_text("import sys; print(sys.argv[1:])")
    assert run("-W", "-h", script, "--version").stdout == "['--version']\n"
