# SPDX-License-Identifier: MIT
"""--bundle makes one file, always the same, whole or not at all; what it cannot it says."""

import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess
import zipfile
import zlib
from typing import Any, Callable

import pytest
from bundling import Bundle, write
from launch import EMULATOR, Completed, Run

Make = Callable[..., Completed]


@pytest.fixture
def make(run: Run, tmp_path: pathlib.Path) -> Make:
    """Return the function that tries to make a bundle `tool` of texts."""

    def make(files: "dict[str, str]", *options: object, **keywords: Any) -> Completed:
        given = write(tmp_path / "given", files)
        return run("--bundle", "-o", tmp_path / "tool", *options, *given, **keywords)

    return make


def check_refused(done: Completed, *words: str) -> None:
    assert (done.returncode, done.stdout) == (1, "")
    for each in words:
        assert each in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_made_is_told(make: Make, tmp_path: pathlib.Path) -> None:
    """Its size, and where it runs."""
    done = make({"tool.py": "pass\n"})
    size = (tmp_path / "tool").stat().st_size / 1e6
    machine = os.uname().machine
    told = f"{tmp_path / 'tool'}: {size:.1f} MB, runs on any Linux {machine}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, told, "")


def test_the_same_files_make_the_same_bytes(bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """Wherever they lie, in whichever order they come, whenever they were written."""
    files = {
        "tool.py": "import a, pkg\nX = {'a', 'b', 'c', 1.5, (1, 2)} == frozenset('abc')\n",
        "a.py": "def f(x, *, y={'k': (1, 'two')}):\n    return x in {'one', 'two', 'three'}\n",
        "pkg/__init__.py": "",
        "pkg/b.py": "Y = 1\n",
    }
    first = bundle(*write(tmp_path / "one", files), name="first")
    others = write(tmp_path / "two" / "deep", files)
    (tmp_path / "two" / "deep" / "pkg" / "__pycache__").mkdir()
    (tmp_path / "two" / "deep" / "pkg" / "__pycache__" / "b.pyc").write_text("x")
    (tmp_path / "two" / "deep" / "pkg" / ".hidden").write_text("x")
    for path in (tmp_path / "two").rglob("*"):
        os.utime(path, (1, 1))
    second = bundle(*reversed(others), name="second")
    assert first.read_bytes() == second.read_bytes()


def test_a_bundle_makes_a_bundle(run: Run, bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """What another bundle has in front is as good a runner as the one it was made of."""
    (one, two) = write(tmp_path, {"one.py": "print(1)\n", "two.py": "print(2)\n"})
    of_bundle = bundle(two, name="second", words=["--base", bundle(one, name="first")])
    assert run(executable=of_bundle).stdout == "2\n"
    assert of_bundle.read_bytes() == bundle(two, name="third").read_bytes()


def test_what_is_inside_is_listed(run: Run, bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """Files with their sizes, and what runs."""
    tool = bundle(*write(tmp_path, {"tool.py": "import a\n", "a.py": "", "x/b.txt": "four"}))
    done = run("--bundle", "--list", tool)
    head, program, *files = done.stdout.splitlines()
    assert head.startswith(f"{tool}: {os.uname().machine}, tinybpf-run ")
    assert program == "program tool: tool.py"
    assert [line.split() for line in files] == [
        ["0", "a.py"],
        ["9", "tool.py"],
        ["4", "x/b.txt"],
    ]


def test_file_that_exists_is_replaced_as_a_whole(make: Make, tmp_path: pathlib.Path) -> None:
    """Its reader goes on seeing what it has; a link goes on leading there."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "tool").symlink_to("real")
    with open(tmp_path / "real") as before:
        assert make({"tool.py": "pass\n"}).returncode == 0
        assert before.read() == "old"
    assert (tmp_path / "tool").is_symlink()
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o777 & ~_umask()
    assert {path.name for path in tmp_path.iterdir()} == {"real", "tool", "given"}


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_full_disk_leaves_nothing(make: Make, tmp_path: pathlib.Path) -> None:
    """The file that was there stays as it was, and no part of a new one is left."""
    (tmp_path / "tool").write_text("old")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    done = make({"tool.py": "pass\n"}, preexec_fn=limit)
    check_refused(done, f"-o {tmp_path / 'tool'}: File too large")
    assert (tmp_path / "tool").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"tool", "given"}


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("given", "is a folder"),
        ("given/tool.py", "is a file that goes in"),
        ("none/tool", "No such file or directory"),
        ("/dev/null", "is no regular file"),
        ("/proc/tool", "No such file or directory"),
    ],
)
def test_place_that_is_none_is_refused(
    run: Run, tmp_path: pathlib.Path, output: str, words: str
) -> None:
    """Nothing is lost by a wrong -o."""
    (script,) = write(tmp_path / "given", {"tool.py": "pass\n"})
    done = run("--bundle", "-o", tmp_path / output, script)
    check_refused(done, "-o ", words)
    assert script.read_text() == "pass\n"


@pytest.mark.real
def test_folder_of_others_is_refused(
    runner: pathlib.Path, public_dir: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Who may not write there is told so."""
    (script,) = write(public_dir, {"tool.py": "pass\n"})
    shutil.copy(runner, public_dir / "runner")
    (public_dir / "runner").chmod(0o755)
    public_dir.chmod(0o755)
    done = subprocess.run(
        [public_dir / "runner", "--bundle", "-o", public_dir / "tool", script],
        preexec_fn=lambda: os.setuid(65534),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    check_refused(done, f"-o {public_dir / 'tool'}: Permission denied")
    assert {path.name for path in public_dir.iterdir()} == {"tool.py", "runner"}


@pytest.mark.real
def test_part_of_a_bundle_is_no_executable(run: Run, tool: pathlib.Path) -> None:
    """Cut off within the runner it does not start at all; --list says why."""

    def cut(data: bytearray) -> None:
        del data[6_000_000:]

    damaged = _damaged(tool, cut)
    assert run(executable=damaged).returncode not in (0, 1)
    check_refused(run("--bundle", "--list", damaged), "it ends too early")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"tool.py": "def f(:\n"}, "tool.py, line 1: "),
        ({"tool.txt": ""}, "nothing to run: give a script"),
        ({"a.py": "import b\n", "b.py": "import a\n"}, "import each other"),
        ({"one/x.py": "1\n", "x.zip": "none"}, "x.zip is no zip"),
        ({"tool.py": "", "empty/.hidden": ""}, "empty has no files"),
        ({"tool.py": "# /// script\n# dependencies = [\n# ///\n"}, "script header: not TOML"),
        ({"tool.py": "# /// script\n# requires-python = '<3'\n# ///\n"}, "needs Python <3"),
    ],
)
def test_files_that_make_no_program_are_refused(
    make: Make, tmp_path: pathlib.Path, files: "dict[str, str]", words: str
) -> None:
    """Each in a sentence that says what to do; nothing is written."""
    check_refused(make(files), words)
    assert not (tmp_path / "tool").exists()


def test_file_that_is_none_is_refused(run: Run, tmp_path: pathlib.Path) -> None:
    """One that is not there, one that never ends, two of one name."""
    (script,) = write(tmp_path / "given", {"tool.py": "pass\n"})
    start = ("--bundle", "-o", tmp_path / "tool", script)
    check_refused(run(*start, tmp_path / "none"), "No such file", "none")
    os.mkfifo(tmp_path / "pipe")
    check_refused(run(*start, tmp_path / "pipe"), "neither a file nor a folder")
    (other,) = write(tmp_path / "other", {"tool.py": "1\n"})
    check_refused(run(*start, other), str(script), str(other), "would both be tool.py")
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop" / "again").symlink_to(tmp_path / "loop")
    check_refused(run(*start, tmp_path / "loop"), "is a link to a folder that it is in")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../x.py", "")
    check_refused(run(*start, tmp_path / "x.zip"), "no name that a file of a zip may have")


def test_command_line_without_sense_is_status_2(run: Run, tmp_path: pathlib.Path) -> None:
    """As of any wrong use."""
    for words in ([], ["-o", "tool"], ["tool.py"], ["--nothing"]):
        done = run("--bundle", *words, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "usage: tinybpf-run --bundle" in done.stderr


def test_lacking_package_is_refused_with_the_command(make: Make) -> None:
    """What the PEP 723 header asks for must be among the files."""
    header = "# /// script\n# dependencies = ['tinybpf', 'rich>=13', \"x; os_name == 'nt'\"]\n"
    done = make({"tool.py": header + "# ///\n"})
    check_refused(
        done, "tool.py: it needs the package 'rich', which is neither inside nor among"
    )
    assert "pip install --target packages --only-binary :all:" in done.stderr
    assert done.stderr.endswith(" 'rich>=13'\n")
    folder = {
        "packages/rich/__init__.py": "",
        "packages/rich-12.dist-info/METADATA": "Name: rich\nVersion: 12\n",
    }
    done = make({"tool.py": header + "# ///\n", **folder})
    check_refused(done, "it needs rich >=13, and 12 is among the files")
    folder["packages/rich-12.dist-info/METADATA"] = "Name: rich\nVersion: 13.1\n"
    assert make({"tool.py": header + "# ///\nimport rich\n", **folder}).returncode == 0


def test_extension_modules_are_left_out_and_told(make: Make) -> None:
    """A static executable loads none; the package may do without."""
    done = make({"tool.py": "pass\n", "pkg/__init__.py": "", "pkg/x.cpython-314.so": ""})
    assert done.returncode == 0
    assert "pkg/x.cpython-314.so is left out: a static executable loads no" in done.stderr


def test_base_that_is_none_is_refused(make: Make, tmp_path: pathlib.Path) -> None:
    """What is no tinybpf-run of this version has no place for a bundle."""
    for path, words in (
        ("/bin/sh", "has no place for a bundle"),
        (__file__, "is no tinybpf-run"),
    ):
        check_refused(make({"tool.py": "pass\n"}, "--base", path), path, words)


def test_base_of_another_architecture_is_taken(
    run: Run, make: Make, runner: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Its name is told; one of another version is refused."""
    data = bytearray(runner.read_bytes())
    machine, other = {62: (183, "aarch64"), 183: (62, "x86_64")}[data[18]]
    data[18] = machine
    (tmp_path / "base").write_bytes(data)
    done = make({"tool.py": "pass\n"}, "--base", tmp_path / "base")
    assert done.stdout.endswith(f", runs on any Linux {other}\n"), done.stderr
    assert f"tool: {other}, tinybpf-run" in run("--bundle", "--list", tmp_path / "tool").stdout
    at = data.index(b"tinybpf\0\0\0\0\0tinybpf-run ")
    data[at + 24] += 1
    (tmp_path / "base").write_bytes(data)
    done = make({"tool.py": "pass\n"}, "--base", tmp_path / "base")
    check_refused(done, "use two of the same")


def _damaged(tool: pathlib.Path, change: "Callable[[bytearray], object]") -> pathlib.Path:
    data = bytearray(tool.read_bytes())
    change(data)
    path = tool.with_name("damaged")
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


@pytest.fixture
def tool(bundle: Bundle, tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a bundle that has files of some size."""
    texts = {"tool.py": "print('ran')\n", "data.bpf.o": "x" * 20_000, "more.bpf.o": "y" * 9000}
    return bundle(*write(tmp_path / "given", texts))


@pytest.mark.real
@pytest.mark.parametrize("n", [1, 100, 4096, 10_000, 30_000, 50_000])
def test_bundle_that_is_cut_off_does_not_run(run: Run, tool: pathlib.Path, n: int) -> None:
    """Wherever its copy ended."""

    def cut(data: bytearray) -> None:
        del data[-n:]

    done = run(executable=_damaged(tool, cut))
    assert (done.returncode, done.stdout) == (2, "")
    assert "it is damaged: " in done.stderr
    assert "copy it here again" in done.stderr
    check_refused(run("--bundle", "--list", _damaged(tool, cut)), "is damaged")


@pytest.mark.parametrize("n", [1, 100, 4096, 10_000, 30_000, 50_000])
def test_bundle_that_was_changed_does_not_run(run: Run, tool: pathlib.Path, n: int) -> None:
    """A bit is enough, wherever it is in what was appended."""

    def change(data: bytearray) -> None:
        data[-n] ^= 4

    done = run(executable=_damaged(tool, change))
    assert (done.returncode, done.stdout) == (2, "")
    assert "it is damaged: its checksum is another" in done.stderr
    check_refused(run("--bundle", "--list", _damaged(tool, change)), "is damaged")


@pytest.mark.parametrize("at", [0, 4, 8, 12, 16, 20])
@pytest.mark.parametrize("value", [0xFFFFFFFF, 0x7FFFFFFF, 1])
def test_list_that_makes_no_sense_is_refused(
    run: Run, tool: pathlib.Path, at: int, value: int
) -> None:
    """A bundle that somebody has made so, with the right checksum, does no harm."""

    def change(data: bytearray) -> None:
        start = data.rindex(b"tinybpf\n\1\0\0\0")
        data[start + 96 + at : start + 100 + at] = value.to_bytes(4, "little")
        checksum = zlib.crc32(data[start + 16 :])
        data[start + 12 : start + 16] = checksum.to_bytes(4, "little")

    damaged = _damaged(tool, change)
    done = run(executable=damaged)
    assert (done.returncode, done.stdout) in ((2, ""), (0, "ran\n"))
    for words in (("--bundle", "--list"), ("--version",), ("--licenses",)):
        done = run(*words, damaged)
        assert done.returncode in (0, 1)
        assert "Traceback" not in done.stderr


def test_runner_that_was_changed_is_seen_by_list(run: Run, tool: pathlib.Path) -> None:
    """What is in front of the files is compared, too, where there is time for it."""

    def change(data: bytearray) -> None:
        data[5_000_000] ^= 1

    done = run("--bundle", "--list", _damaged(tool, change))
    check_refused(done, "is damaged: its runner's checksum is another")


def test_bundle_of_whole_pages_runs(run: Run, bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """Wherever the last byte of a file is, it is known to be there."""
    page, texts = 4096, {"tool.py": "print('ran')\n", "z.bpf.o": "z"}
    missing = -bundle(*write(tmp_path, texts)).stat().st_size % page
    for more, rest in ((missing - 1, page - 1), (missing, 1), (missing + 1, 1)):
        tool = bundle(*write(tmp_path, {**texts, "z.bpf.o": "z" * (1 + more)}))
        assert run(executable=tool).stdout == "ran\n"
        assert tool.stat().st_size % page == rest  # never 0


def test_plain_runner_is_no_bundle(run: Run, runner: pathlib.Path) -> None:
    """It has no list of files; its version is told."""
    check_refused(run("--bundle", "--list", runner), "is no bundle")
    check_refused(run("--licenses", runner), "is no bundle")
    assert run("--version", runner).stdout == run("--version").stdout


def test_interrupted_making_leaves_nothing(
    runner: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """SIGTERM in the middle of writing: there is no file, or all of it."""
    (script,) = write(tmp_path / "given", {"tool.py": "pass\n"})
    folder = tmp_path / "out"
    folder.mkdir()
    for _ in range(5):
        process = subprocess.Popen(
            [*EMULATOR, runner, "--bundle", "-o", folder / "tool", script],
            stdout=subprocess.DEVNULL,
        )
        while process.poll() is None and not any(folder.iterdir()):
            pass
        process.terminate()
        # -SIGTERM: Python had ended, and had given the signal back
        assert process.wait() in (0, 128 + signal.SIGTERM, -signal.SIGTERM)
        assert {path.name for path in folder.iterdir()} <= {"tool"}
        (folder / "tool").unlink(missing_ok=True)
