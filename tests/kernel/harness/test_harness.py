# SPDX-License-Identifier: MIT
"""The harness itself: that it finds leaks, and what @kernel makes of results.

One run of pytest on a folder with our conftest.py files and tests that misbehave; each
test here looks at the report of one of them, so a check that stopped working shows. It
is started as a shell starts what it puts in the background: with SIGINT ignored.
"""

import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import pytest

from support import child, host
from support.paths import MISSING

MISBEHAVING = """
import errno, mmap, os
import pytest
import tinybpf
from support import child, host, leaks
from support.gating import kernel

kept = []

@pytest.mark.last
def test_comes_last():
    pass

def test_child_has_the_default():
    code = "import signal; print(signal.getsignal(signal.SIGINT).__name__)"
    assert child.output(code) == "default_int_handler\\n"

def unsupported():
    raise tinybpf.BpfNotSupportedError("no such thing")

def test_leaves_descriptor():
    os.open("/dev/null", os.O_RDONLY)

def test_leaves_object():
    kept.append(tinybpf.load(host.bpf_object("big")))

def test_leaves_mapping():
    before = leaks.descriptors()
    with tinybpf.load(host.bpf_object("rings")) as obj:
        kept.append(mmap.mmap(obj.maps["even"].fd, 4096))
    for fd in leaks.descriptors_beyond(before):
        os.close(fd)  # the copy that mmap keeps

def test_is_clean():
    with tinybpf.load(host.bpf_object("several")) as obj, obj.attach():
        pass

def test_fails_and_leaves():
    fd = os.open("/dev/zero", os.O_RDONLY)
    assert fd == -1

@kernel("99.0", "future")
def test_future():
    unsupported()

@kernel("4.1", "unlisted", config="CONFIG_X")
def test_unlisted():
    unsupported()

@kernel("4.1", "listed")
def test_listed():
    unsupported()

@kernel("4.1", "listed")
@pytest.mark.parametrize("code", [95, 524, 38])
def test_errno(code):
    raise OSError(code, "no")

@kernel("4.1", "listed")
def test_listed_and_works():
    pass

@kernel("4.1", "listed")
def test_listed_and_broken():
    raise ValueError

@kernel("4.1", "odd")
def test_listed_with_errno():
    raise tinybpf.BpfError("no", errno=errno.EPERM)

@kernel("4.1", "odd")
def test_listed_with_another_errno():
    raise tinybpf.BpfError("no", errno=errno.ENOENT)

@kernel("4.1", "elsewhere")
def test_listed_elsewhere():
    pass
"""
TABLE = """TABLE = (
    KnownException("*", "*", "listed", "the reason"),
    KnownException("*", "*", "odd", "the reason", errno.EPERM),
    KnownException("2.6.*", "*", "elsewhere", "the reason"),
)

"""
RECORDER = """
import json
reports = []
def pytest_runtest_logreport(report):
    reports.append({
        "test": report.nodeid.partition("::")[2], "when": report.when,
        "outcome": report.outcome, "xfail": getattr(report, "wasxfail", ""),
        "text": report.longreprtext + "".join(text for _, text in report.sections),
        "skip": str(report.longrepr) if report.skipped else "",
    })
def pytest_sessionfinish(session):
    with open("reports.json", "w") as file:
        json.dump(reports, file)
"""
IN_BACKGROUND = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]
Report = dict[str, Any]


class Reports:
    """The reports of the misbehaving tests."""

    def __init__(self, found: list[Report]) -> None:
        self.found = found

    def of(self, test: str, when: str = "call") -> Report:
        """Return the report of a test's setup, call or teardown."""
        (report,) = (r for r in self.found if (r["test"], r["when"]) == (test, when))
        return report


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, kernel_host: None) -> Reports:
    """Run the misbehaving tests once, with a table of exceptions of their own."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "kernel").mkdir()
    for name in ("conftest.py", "kernel/__init__.py", "kernel/conftest.py"):
        shutil.copy(child.TESTS / name, folder / name)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:logging -p recorder\n")
    (folder / "recorder.py").write_text(RECORDER)
    (folder / "kernel" / "test_inner.py").write_text(MISBEHAVING)
    table = (child.TESTS / "known_exceptions.py").read_text()
    head, rest = table.partition("TABLE = (")[::2]
    table = head + TABLE + rest.partition("\n)\n")[2]
    (folder / "known_exceptions.py").write_text(table)
    done = subprocess.run(
        [*IN_BACKGROUND, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(folder)],
        env={**child.environment(with_pytest=True), "TINYBPF_LEAK_DEADLINE_S": "3"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=child.TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    return Reports(json.loads((folder / "reports.json").read_text()))


def test_last_test_comes_last(reports: Reports) -> None:
    """A test that is marked so runs behind those that stand below it."""
    called = [report["test"] for report in reports.found if report["when"] == "call"]
    assert called[-1] == "test_comes_last"
    assert len(called) > 10


def test_child_can_be_interrupted(reports: Reports) -> None:
    """A child gets the default of SIGINT although the suite was told to ignore it."""
    assert reports.of("test_child_has_the_default")["outcome"] == "passed"


def test_leaked_descriptor_is_found(reports: Reports) -> None:
    """A test that leaves a file open fails, and the report names the file."""
    report = reports.of("test_leaves_descriptor", "teardown")
    assert report["outcome"] == "failed"
    assert "leaked descriptors" in report["text"]
    assert "/dev/null" in report["text"]


def test_leaked_object_is_found(reports: Reports) -> None:
    """An object that was not closed is reported by the descriptors of its maps."""
    report = reports.of("test_leaves_object", "teardown")
    assert report["outcome"] == "failed"
    assert "bpf-map" in report["text"]


def test_leaked_kernel_object_without_descriptor_is_found(reports: Reports) -> None:
    """A map that outlives its test by a mapping alone is found, and the test is named."""
    assert reports.of("test_leaves_mapping", "teardown")["outcome"] == "passed"
    late = [r["text"] for r in reports.found if "leaked kernel objects" in r["text"]]
    assert "test_leaves_mapping left map" in "".join(late)
    assert "test_is_clean left" not in "".join(late)


def test_clean_test_passes(reports: Reports) -> None:
    """A test that loads, attaches and closes leaves nothing that the check sees."""
    assert reports.of("test_is_clean")["outcome"] == "passed"
    assert "test_is_clean left" not in "".join(r["text"] for r in reports.found)


def test_failed_test_is_not_blamed_for_a_leak_too(reports: Reports) -> None:
    """What the traceback of a failed test keeps is not reported as a leak."""
    assert reports.of("test_fails_and_leaves")["outcome"] == "failed"
    assert reports.of("test_fails_and_leaves", "teardown")["outcome"] == "passed"


def test_older_kernel_skips(reports: Reports) -> None:
    """A feature of a future kernel is skipped, and the reason names it."""
    report = reports.of("test_future", "setup")
    assert report["outcome"] == "skipped"
    assert "future needs Linux 99.0" in report["skip"]


def test_unsupported_on_a_new_kernel_fails(reports: Reports) -> None:
    """A kernel that is new enough and says "unsupported" is a failure that says so."""
    report = reports.of("test_unlisted")
    assert report["outcome"] == "failed"
    assert "new enough for unlisted (Linux 4.1, CONFIG_X)" in report["text"]


@pytest.mark.parametrize(
    "test",
    [
        *["test_listed", "test_errno[95]", "test_errno[524]", "test_errno[38]"],
        "test_listed_with_errno",
    ],
)
def test_known_exception_is_expected_to_fail(reports: Reports, test: str) -> None:
    """A row of the table turns "unsupported", or the errno it names, into an xfail."""
    report = reports.of(test)
    assert report["outcome"] == "skipped"
    assert "the reason" in report["xfail"]


def test_known_exception_that_works_fails(reports: Reports) -> None:
    """A row of the table whose feature works is a failure: the row must go."""
    report = reports.of("test_listed_and_works")
    assert report["outcome"] == "failed"
    assert "listed works here, but known_exceptions.py lists it" in report["text"]


@pytest.mark.parametrize("test", ["test_listed_and_broken", "test_listed_with_another_errno"])
def test_known_exception_excuses_no_other_error(reports: Reports, test: str) -> None:
    """Where the table expects "unsupported", another error is still a failure."""
    assert reports.of(test)["outcome"] == "failed"


def test_known_exception_of_another_kernel_does_not_apply(reports: Reports) -> None:
    """A row for another release changes nothing."""
    assert reports.of("test_listed_elsewhere")["outcome"] == "passed"


def test_missing_object_is_an_error() -> None:
    """A .bpf.o that was not built is an error that says what to run; it is no skip."""
    with pytest.raises(host.HostError, match=r"no_such_object\.bpf\.o is missing"):
        host.bpf_object("no_such_object")


@pytest.mark.parametrize(("value", "words"), [("", "is not set"), (MISSING, "no directory")])
def test_missing_folder_is_an_error(
    monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    """Without the folder of objects the suite does not run, and says why."""
    monkeypatch.setenv("TINYBPF_BPF_DIR", value)
    with pytest.raises(host.HostError, match=words):
        host.bpf_object("counts")


def test_missing_mount_or_privilege_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine lacks is named with the command that mends it."""
    assert host.missing() is None
    with monkeypatch.context() as patch:
        patch.setattr(host, "_mounts", set)
        assert "mount -t tracefs" in (host.missing() or "")
    with monkeypatch.context() as patch:
        patch.setattr(host, "_effective_capabilities", lambda: 0)
        assert "needs root" in (host.missing() or "")


def test_machine_is_held_by_one_suite() -> None:
    """While this suite runs, no other can take the machine's lock."""
    printed = child.output(
        """
        import fcntl, sys
        with open(sys.argv[1]) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("held")
        """,
        host.LOCK_FILE,
    )
    assert printed == "held\n"


def test_grace_periods_are_as_before(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite hurries the kernel, and leaves the machine as it was; some have no such
    setting."""
    monkeypatch.setattr(host, "EXPEDITED", tmp_path / "rcu_expedited")
    with host.quick_grace_periods():
        assert not host.EXPEDITED.exists()
    host.EXPEDITED.write_text("0\n")
    with pytest.raises(ZeroDivisionError), host.quick_grace_periods():
        assert host.EXPEDITED.read_text() == "1"
        raise ZeroDivisionError
    assert host.EXPEDITED.read_text() == "0\n"
