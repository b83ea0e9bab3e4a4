# SPDX-License-Identifier: MIT
"""A bundle is one file that runs its program as a script runs, with its files inside."""

import os
import pathlib
import shutil
import subprocess
import zipfile

import pytest
from bundling import Bundle, Start, write
from launch import Run

PRINT_MAIN = """\
import sys
print(__name__, __file__, sys.argv[1:], sys.path, __spec__, __package__)
"""


def test_script_is_main(start: Start) -> None:
    """A script sees what python gives it, from a path of its own."""
    done = start({"tool.py": PRINT_MAIN})
    path = "['/tbpy/tool', '/tbpy/lib/python3.14']"
    assert done.stdout == f"__main__ /tbpy/tool/tool.py [] {path} None None\n", done.stderr


@pytest.mark.parametrize(
    "words", [["-c", "x"], ["--help"], ["-m", "json"], ["--version"], ["-"], ["--licenses"]]
)
def test_all_arguments_are_the_programs(start: Start, words: "list[str]") -> None:
    """Whatever they would mean to python or to tinybpf-run."""
    done = start({"tool.py": "import sys; print(sys.argv[1:])\n"}, *words)
    assert (done.returncode, done.stdout) == (0, f"{words}\n"), done.stderr


def test_the_environment_is_not_pythons(start: Start, tmp_path: pathlib.Path) -> None:
    """No PYTHON* variable changes what runs."""
    (tmp_path / "json.py").write_text("raise SystemExit('theirs')\n")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('theirs')\n")
    env = {
        "PYTHONPATH": str(tmp_path),
        "PYTHONINSPECT": "1",
        "PYTHONOPTIMIZE": "2",
        "PYTHONSTARTUP": str(tmp_path / "json.py"),
        "PYTHONWARNINGS": "error",
        "PYTHONVERBOSE": "1",
    }
    code = "import json, sys\nassert 1 < 2\nprint(json.dumps(sys.flags.optimize))\n"
    done = start({"tool.py": code}, env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def test_modules_and_packages_are_imported(start: Start) -> None:
    """A module beside the script, packages, those without an __init__.py, data in them."""
    files = {
        "tool.py": (
            "import helper, pkg.deep.leaf, plain.part, pkgutil, importlib\n"
            "print(helper.NAME, pkg.deep.leaf.NAME, plain.part.NAME, pkg.__path__)\n"
            "print(pkgutil.get_data('pkg', 'data.txt'))\n"
            "print(sorted(m.name for m in pkgutil.walk_packages(pkg.__path__, 'pkg.')))\n"
            "print(importlib.util.find_spec('nothing'), importlib.util.find_spec('pkg.none'))\n"
        ),
        "helper.py": "NAME = 'helper'\n",
        "pkg/__init__.py": "",
        "pkg/data.txt": "data",
        "pkg/deep/__init__.py": "from ..other import NAME\n",
        "pkg/deep/leaf.py": "from . import NAME\n",
        "pkg/other.py": "NAME = 'leaf'\n",
        "plain/part.py": "NAME = 'part'\n",
    }
    done = start(files)
    assert done.stdout.splitlines() == [
        "helper leaf part ['/tbpy/tool/pkg']",
        "b'data'",
        "['pkg.deep', 'pkg.deep.leaf', 'pkg.other']",
        "None None",
    ], done.stderr


RESOURCES = """\
from importlib import resources
root = resources.files("pkg")
print(sorted(each.name for each in root.iterdir()))
print((root / "texts" / "a.txt").read_text(), root.joinpath("texts/b.txt").read_bytes())
print((root / "texts").is_dir(), (root / "none").exists() if hasattr(root, "exists") else False)
with (root / "texts" / "a.txt").open("rb") as file, resources.as_file(root / "texts") as folder:
    print(file.read(), sorted(each.name for each in folder.iterdir()))
try:
    (root / "none").read_text()
except FileNotFoundError as error:
    print(error)
"""


def test_resources_are_read(start: Start) -> None:
    """importlib.resources finds what packages have beside their modules."""
    files = {
        "tool.py": RESOURCES,
        "pkg/__init__.py": "",
        "pkg/texts/a.txt": "first",
        "pkg/texts/b.txt": "second",
    }
    done = start(files)
    assert done.stdout.splitlines() == [
        "['__init__.py', 'texts']",
        "first b'second'",
        "True False",
        "b'first' ['a.txt', 'b.txt']",
        "[Errno 2] No such file in the bundle: '/tbpy/tool/pkg/none'",
    ], done.stderr


def test_tracebacks_have_source_lines(start: Start) -> None:
    """Of the script and of its modules, in the encoding that they name."""
    files = {
        "tool.py": "import helper\nprint('first', flush=False)\nhelper.fail('x')  # here\n",
        "helper.py": "def fail(word):\n    raise ValueError(word)  # there\n",
    }
    done = start(files)
    assert (done.returncode, done.stdout) == (1, "first\n")
    assert '  File "/tbpy/tool/tool.py", line 3, in <module>\n' in done.stderr
    assert "    helper.fail('x')  # here\n" in done.stderr
    assert '  File "/tbpy/tool/helper.py", line 2, in fail\n' in done.stderr
    assert "    raise ValueError(word)  # there\n" in done.stderr
    assert done.stderr.endswith("\nValueError: x\n")


def test_source_is_there_for_inspect(start: Start) -> None:
    """inspect shows functions of the script, and linecache its lines."""
    code = "import inspect, linecache\ndef f(): return 1\nprint(inspect.getsource(f), end='')\n"
    code += "print(linecache.getline(__file__, 2), end='')\n"
    assert start({"tool.py": code}).stdout == "def f(): return 1\n" * 2


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pass", 0),
        ("raise SystemExit(7)", 7),
        ("import sys; sys.exit('text')", 1),
        ("raise ValueError", 1),
        ("exit(3)", 3),
        ("import os; os._exit(9)", 9),
        ("raise KeyboardInterrupt", -2),
        ("import atexit; atexit.register(print, 'end')", 0),
    ],
)
def test_exit_status_is_pythons(start: Start, code: str, status: int) -> None:
    """The status tells how the program ended; what it left for its end was done."""
    done = start({"tool.py": code + "\n"})
    assert done.returncode == status
    assert done.stdout == ("end\n" if "atexit" in code else "")


def test_what_cannot_be_written_is_status_120(start: Start) -> None:
    """As python tells of output that was lost."""
    with open("/dev/full", "w") as full:
        assert start({"tool.py": "print('x')\n"}, stdout=full).returncode == 120


def test_data_beside_the_script_is_read(start: Start) -> None:
    """The loader gives it, by the path that with_name() makes."""
    code = (
        "from pathlib import Path\n"
        "print(__loader__.get_data(str(Path(__file__).with_name('words.txt'))))\n"
    )
    assert start({"tool.py": code, "words.txt": "data"}).stdout == "b'data'\n"


@pytest.mark.parametrize("how", ["open(path)", "path.read_text()", "os.listdir(path.parent)"])
def test_what_cannot_be_opened_is_told(start: Start, how: str) -> None:
    """No host has these files: the error says who reads them."""
    code = f"import os\nfrom pathlib import Path\npath = Path(__file__)\n{how}\n"
    done = start({"tool.py": code})
    assert done.returncode == 1
    assert "FileNotFoundError" in done.stderr
    assert "is inside this executable, where only" in done.stderr
    assert "importlib.resources" in done.stderr


def test_what_is_nowhere_is_told_as_ever(start: Start) -> None:
    """A file that neither the host nor the bundle has is simply not there."""
    done = start({"tool.py": "open('/tbpy/tool/none')\n"})
    assert "[Errno 2] No such file or directory: '/tbpy/tool/none'" in done.stderr


def test_package_with_a_main_is_a_program(start: Start) -> None:
    """As -m runs it."""
    files = {"pkg/__init__.py": "", "pkg/__main__.py": "from . import __name__ as n; print(n)"}
    assert start(files).stdout == "pkg\n"


def test_folder_and_zip_with_a_main_are_programs(
    run: Run, bundle: Bundle, tmp_path: pathlib.Path
) -> None:
    """What python runs by its name becomes a bundle as it is."""
    files = {"app/__main__.py": "import part; print(part.NAME)", "app/part.py": "NAME = 1"}
    (folder,) = write(tmp_path, files)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name.partition("/")[2], text)
    for given in (folder, tmp_path / "app.zip"):
        done = run(executable=bundle(given))
        assert done.stdout == "1\n", done.stderr


def test_several_scripts_make_several_programs(
    run: Run, bundle: Bundle, tmp_path: pathlib.Path
) -> None:
    """The first word chooses, or the name of a link; else it is told what there is."""
    code = "import sys; print(__file__.rpartition('/')[2], sys.argv)\n"
    tool = bundle(*write(tmp_path, {"one.py": code, "two.py": code}))
    assert run("two", "x", executable=tool).stdout == "two.py ['two', 'x']\n"
    (tmp_path / "one").symlink_to(tool)
    done = run("two", executable=tmp_path / "one")
    assert done.stdout == f"one.py ['{tmp_path / 'one'}', 'two']\n"
    refused = run("three", executable=tool)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "there is no program three in it" in refused.stderr
    assert "programs: one two" in refused.stderr
    asked = run("--help", executable=tool)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "programs: one two" in asked.stdout


WHEEL = {
    "some_dep/__init__.py": "VERSION = 5\n",
    "some_dep-1.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: some-dep\nVersion: 1.5\n",
    "some_dep-1.5.dist-info/licenses/LICENSE": "Do what you like.\n",
    "some_dep-1.5.dist-info/entry_points.txt": "[tools]\na = some_dep:VERSION\n",
    "some_dep-1.5.dist-info/RECORD": "",
    "some_dep-1.5.data/purelib/more.py": "",
    "some_dep-1.5.data/scripts/run": "no\n",
}


def write_wheel(folder: pathlib.Path) -> pathlib.Path:
    """Write a wheel that has a bit of everything."""
    path = folder / "some_dep-1.5-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in WHEEL.items():
            archive.writestr(name, text)
    return path


def test_wheel_is_installed_inside(run: Run, bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """Its modules, version, entry points and licences are there."""
    code = (
        "# /// script\n# dependencies = ['some-dep>=1.4']\n# ///\n"
        "import some_dep, more\nfrom importlib import metadata\n"
        "found = metadata.entry_points(group='tools')['a'].load()\n"
        "print(metadata.version('Some.Dep'), found, metadata.version('tinybpf') > '0')\n"
        "print(sorted(d.name for d in metadata.distributions()))\n"
    )
    tool = bundle(*write(tmp_path, {"tool.py": code}), write_wheel(tmp_path))
    done = run(executable=tool)
    assert done.stdout == "1.5 5 True\n['some-dep', 'tinybpf']\n", done.stderr
    assert run("--version", tool).stdout.endswith("\nsome-dep 1.5\n")
    texts = run("--licenses", tool).stdout
    assert texts.startswith(run("--licenses").stdout.rstrip())
    assert texts.endswith("Do what you like.\n")
    assert "scripts/run" not in run("--bundle", "--list", tool).stdout


@pytest.mark.real
def test_nothing_of_the_host_is_needed(bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """One file in an empty root, that is not even readable, runs; and from a memfd."""
    code = "import json, helper; print(json.dumps(helper.NAME))\n"
    tool = bundle(*write(tmp_path, {"tool.py": code, "helper.py": "NAME = 'helper'\n"}))
    root = tmp_path / "root"
    root.mkdir()
    shutil.copy(tool, root / "tool")
    (root / "tool").chmod(0o111)

    def enter() -> None:
        os.chroot(root)
        os.chdir("/")
        os.setuid(65534)

    done = subprocess.run(["/tool"], preexec_fn=enter, env={}, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b'"helper"\n'), done.stderr
    copy = os.memfd_create("copy", 0)
    os.write(copy, tool.read_bytes())
    done = subprocess.run(
        ["tool"],
        executable=f"/proc/self/fd/{copy}",
        pass_fds=[copy],
        capture_output=True,
        check=False,
    )
    os.close(copy)
    assert (done.returncode, done.stdout) == (0, b'"helper"\n'), done.stderr
