# SPDX-License-Identifier: MIT
"""Several kernels at a time, shares of the suite, and the table that is made of them."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from typing import Any

import initramfs
import kernels
import machine
import pool
import pytest
import suite
import table

from support import apt
from support.plugins import share, tally

HERE = pathlib.Path(__file__).parent
KERNEL = kernels.Kernel(pathlib.Path("/dev/null"), "linux-image-6.1.0-x 6.1.2-1")
X86 = suite.Target("x86_64", "6.1")


def report(target: suite.Target = X86, **fields: Any) -> suite.Report:
    """Return a report of a suite in which one test passed."""
    usual = suite.Report(target, KERNEL.origin, 0, 1.0, Counter(passed=1), {})
    return usual._replace(**fields)


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> list[suite.Work]:
    """Let machines end at once; return what was done in them."""
    done: list[suite.Work] = []

    def do(self: suite.Work, folder: pathlib.Path, timeout_s: float) -> suite.Report:
        done.append(self)
        return report(self.target, status=int(self.share == "2/2"))

    guest = initramfs.Guest(initramfs.Built(HERE, HERE, HERE), {}, {})
    monkeypatch.setattr(suite.Work, "do", do)
    monkeypatch.setattr(pool, "make_guest", lambda arch, folder: guest)
    monkeypatch.setattr(machine, "can_use_kvm", lambda arch, kernel: False)
    monkeypatch.setattr(suite, "find_program", pathlib.Path)
    return done


def find(target: suite.Target) -> kernels.Kernel:
    """Find all kernels but one."""
    if target.series == "5.10":
        raise apt.LookupFailed("it is gone")
    return KERNEL


def test_whole_suite_is_shared_out(
    works: list[suite.Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kernel has two shares, if two machines run at a time; their results are one."""
    monkeypatch.setattr(suite, "find_kernel", find)
    targets = [X86, suite.Target("x86_64", "5.10"), suite.Target("x86_64", "7")]
    found = list(pool.run(pool.Options(targets, 1, 2, [])))
    assert sorted(map(str, works)) == [
        *("6.1-x86_64 1/2", "6.1-x86_64 2/2", "7-x86_64 1/2", "7-x86_64 2/2")
    ]
    assert [(one.target.series, one.status) for one in found] == [
        *(("6.1", 1), ("7", 1), ("5.10", machine.NO_VERDICT))
    ]
    assert found[0].outcomes == {"passed": 2}


@pytest.mark.parametrize(
    ("kernels", "jobs", "shares"),
    [(1, 1, 1), (1, 2, 2), (1, 4, 4), (2, 4, 2), (6, 4, 2), (6, 1, 1)],
)
def test_few_kernels_have_all_machines(
    works: list[suite.Work],
    monkeypatch: pytest.MonkeyPatch,
    kernels: int,
    jobs: int,
    shares: int,
) -> None:
    """No machine is without work as long as there is some."""
    monkeypatch.setattr(suite, "find_kernel", find)
    targets = [suite.Target("x86_64", f"6.{number}") for number in range(kernels)]
    reports = list(pool.run(pool.Options(targets, 1, jobs, [])))
    assert len(reports) == kernels
    assert Counter(work.target for work in works) == dict.fromkeys(targets, shares)


def test_report_comes_when_its_kernel_is_done(
    works: list[suite.Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kernel did is known, and kept, whatever becomes of the next ones."""
    monkeypatch.setattr(suite, "find_kernel", find)
    do, broken = suite.Work.do, suite.Target("x86_64", "7")

    def fails(self: suite.Work, folder: pathlib.Path, timeout_s: float) -> suite.Report:
        if self.target == broken:
            raise OSError("no space left")
        return do(self, folder, timeout_s)

    monkeypatch.setattr(suite.Work, "do", fails)
    reports = pool.run(pool.Options([X86, broken], 1, 2, []))
    assert next(reports).outcomes == {"passed": 2}
    assert len(works) == 2
    with pytest.raises(OSError, match="no space left"):
        next(reports)


def test_selection_is_one_run_on_each_kernel(
    works: list[suite.Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was selected may be a single test, and a share without any would fail."""
    monkeypatch.setattr(suite, "find_kernel", find)
    assert len(list(pool.run(pool.Options([X86], 1, 2, ["-k", "one"])))) == 1
    assert [(str(work), work.share) for work in works] == [("6.1-x86_64", "1/1")]


def test_kernel_that_cannot_be_had_is_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other kernels are tried all the same; the status is that of no verdict."""
    monkeypatch.setenv("PATH", "")
    (one,) = pool.run(pool.Options([X86], 1, 1, []))
    assert one.status == machine.NO_VERDICT


def inner(folder: pathlib.Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the suite of the folder with our plug-ins."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no"],
        cwd=folder,
        env={"PYTHONPATH": str(HERE.parent), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


TESTS = """
import pytest
from support.gating import kernel

@pytest.mark.parametrize("number", range(5))
def test_passes(number):
    print(number)

@pytest.mark.parametrize("number", range(2))
@kernel("4.1", "old thing")
def test_old(number):
    pass

@kernel("99.0", "new thing")
@kernel("4.1", "old thing")
def test_new():
    pass

@kernel("4.1", "broken thing")
def test_broken():
    assert False
"""
SET_UP_ONCE = """
import pytest

@pytest.fixture(scope="module")
def thing():
    pass

@pytest.mark.parametrize("number", range(3))
def test_of_thing(thing, number):
    pass
"""


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a folder with a suite in it."""
    names = ("share", "tally", "gating", "order")
    plugins = "".join(f'    "support.plugins.{name}",\n' for name in names)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(f"pytest_plugins = [\n{plugins}]\n")
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "test_together.py").write_text(SET_UP_ONCE)
    return tmp_path


def counts(printed: str) -> "dict[str, dict[str, int]]":
    """Return the tally in what a suite printed."""
    (line,) = (li for li in printed.splitlines() if li.startswith(tally.MARK))
    found: dict[str, dict[str, int]] = json.loads(line[len(tally.MARK) :])
    return found


def test_tally_counts_by_feature_and_file(project: pathlib.Path) -> None:
    """What is too new is skipped, and counts for each feature that it is about."""
    done = inner(project, TINYBPF_TALLY="yes")
    assert counts(done.stdout) == {
        "test_it.py": {"passed": 7, "skipped": 1, "failed": 1},
        "test_together.py": {"passed": 3},
        "@old thing": {"passed": 2, "skipped": 1},
        "@new thing": {"skipped": 1},
        "@broken thing": {"failed": 1},
    }
    assert tally.MARK not in inner(project).stdout


def test_shares_are_all_tests_once(project: pathlib.Path) -> None:
    """What one share leaves out another one has."""
    shares = [
        inner(project, TINYBPF_TALLY="yes", TINYBPF_SHARE=f"{number}/2") for number in (1, 2)
    ]
    found = [counts(done.stdout) for done in shares]
    outcomes = [Counter(one["test_it.py"]) for one in found]
    assert [sum(one.values()) for one in outcomes] == [5, 4]
    assert outcomes[0] + outcomes[1] == {"passed": 7, "skipped": 1, "failed": 1}
    assert [one.get("test_together.py") for one in found] == [None, {"passed": 3}]


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0"])
def test_share_that_is_none_is_refused(text: str) -> None:
    """A share beyond those that there are would run nothing, and pass."""
    with pytest.raises(pytest.UsageError, match="write 1/2 or 2/2"):
        share.of(text)


def test_tally_of_the_console_is_kept(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line for machines is not shown; the counts of shares are added."""
    output = suite.Output(tmp_path / "log")
    output.line(tally.MARK + '{"@tcx": {"passed": 2}}')
    output.close()
    assert capsys.readouterr().out == ""
    other = {"@tcx": Counter(passed=1, lacking=1), "@xdp": Counter(skipped=1)}
    shares = [report(tally=output.tally), report(tally=other)]
    assert suite.together([*shares, report()]).tally == {}, "a part is no tally"
    found = suite.together(shares)
    assert found.tally == {"@tcx": {"passed": 3, "lacking": 1}, "@xdp": {"skipped": 1}}


def test_table_tells_what_ran(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row a feature, a column a kernel; what none of a kernel's tests ran is a dash."""
    monkeypatch.setattr(table, "TALLIES", tmp_path / "vm")
    monkeypatch.setattr(table, "TARGETS", [X86, suite.Target("aarch64", "7")])
    page = tmp_path / "page.md"
    page.write_text(f"# Kernels\n{table.BEGIN}\nold\n{table.END}\nmore\n")
    table.keep(report(tally={"@tcx": Counter(skipped=1)}))
    table.write(page)
    assert "| tcx | - | ? |" in page.read_text()
    assert "- 7 arm64: not run yet" in page.read_text()
    name = "tests/kernel/attach/test_tcx_link.py"
    found = {
        "@tcx": Counter(passed=2, lacking=1),
        "^tc": Counter(passed=5),
        name: Counter(passed=3, failed=1),
    }
    table.keep(report(suite.Target("aarch64", "7"), tally=found))
    table.write(page)
    lines = page.read_text().splitlines()
    assert "| feature | 6.1 x86_64 | 7 arm64 |" in lines
    assert "| tcx | - | 2, 1 lacking |" in lines
    assert "| kind of hook | 6.1 x86_64 | 7 arm64 |" in lines
    assert "| tc | - | 5 |" in lines
    assert "| kprobe | - | - |" in lines
    assert "| attach | ? | 3, 1 failed |" in lines, "nobody ran that folder there"
    assert f"- 6.1 x86_64: {KERNEL.origin}" in lines
    assert (lines[0], lines[-1]) == ("# Kernels", "more")
    assert "old" not in lines


def test_guest_takes_what_was_compiled(tmp_path: pathlib.Path) -> None:
    """Tests, helpers and zips run as they were compiled: what their texts say now is not
    asked for. Failures name the files of the guest."""
    place = tmp_path / "guest"
    names = {f"{place}/{name}": tmp_path / name for name in ("test_x.py", "helper.py", "a.zip")}
    (tmp_path / "helper.py").write_text("NUMBER = 1\n")
    text = "import deep, helper\ndef test_x():\n    assert helper.NUMBER + deep.NUMBER == 4\n"
    (tmp_path / "test_x.py").write_text(text)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("deep/__init__.py", "NUMBER = 2\n")
    initramfs.compile_into(tmp_path / "made", names, pathlib.Path(sys.executable), "")
    shutil.copytree(tmp_path / "made" / str(place).lstrip("/"), place)
    (place / "helper.py").write_text("NUMBER = 7\n")
    (place / "test_x.py").write_text(text.replace("4", "3"))
    (place / "pytest.ini").touch()
    os.utime(place / "test_x.py", (0, 0))
    done = inner(place, PYTHONPATH=str(place / "a.zip"))
    assert "test_x - assert (1 + 2) == 4" in done.stdout
    assert "test_x.py:3: AssertionError" in done.stdout
