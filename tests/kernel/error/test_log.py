# SPDX-License-Identifier: MIT
"""libbpf's own lines: to logging where somebody listens, to the error, never to stderr."""

import logging
from collections.abc import Iterator

import pytest

import tinybpf
from support import child
from support.objects import Find

REFUSED_LOAD = """
import sys
import tinybpf
%s
try:
    tinybpf.load(sys.argv[1])
except tinybpf.BpfVerifierError as error:
    assert "reads_null" in error.libbpf_log
    print("refused", "logging" in sys.modules)
"""


class Keep(logging.Handler):
    """A handler that keeps the records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def text(self) -> str:
        """Return all messages as one text."""
        return "\n".join(record.getMessage() for record in self.records)


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """Return libbpf's logger, and put it back as it was."""
    found = logging.getLogger("tinybpf.libbpf")
    level, propagate = found.level, found.propagate
    found.propagate = False
    yield found
    found.setLevel(level)
    found.propagate = propagate
    for handler in list(found.handlers):
        found.removeHandler(handler)


def _refused_load(bpf: Find) -> tinybpf.BpfError:
    with pytest.raises(tinybpf.BpfVerifierError) as caught:
        tinybpf.load(bpf("rejected"))
    return caught.value


def test_listener_gets_libbpfs_lines(bpf: Find, logger: logging.Logger) -> None:
    """A handler on the logger "tinybpf.libbpf" gets what libbpf says."""
    keep = Keep()
    logger.addHandler(keep)
    logger.setLevel(logging.WARNING)
    _refused_load(bpf)
    assert "reads_null" in keep.text
    assert {record.name for record in keep.records} == {"tinybpf.libbpf"}
    assert all(record.levelno >= logging.WARNING for record in keep.records)


def test_level_decides_what_a_listener_gets(bpf: Find, logger: logging.Logger) -> None:
    """libbpf's debug lines are DEBUG, its warnings WARNING; the level filters them."""
    keep = Keep()
    logger.addHandler(keep)
    logger.setLevel(logging.DEBUG)
    _refused_load(bpf)
    debug = len(keep.records)
    assert {logging.DEBUG, logging.WARNING} <= {r.levelno for r in keep.records}
    keep.records.clear()
    logger.setLevel(logging.CRITICAL)
    _refused_load(bpf)
    assert debug > 0
    assert keep.records == []


def test_listener_on_the_parent_logger_gets_the_lines(bpf: Find) -> None:
    """The logger is an ordinary one: its lines reach handlers of "tinybpf" too."""
    keep = Keep()
    parent = logging.getLogger("tinybpf")
    parent.addHandler(keep)
    try:
        _refused_load(bpf)
    finally:
        parent.removeHandler(keep)
    assert "reads_null" in keep.text


def test_lines_have_no_trailing_newline(bpf: Find, logger: logging.Logger) -> None:
    """A line of libbpf is one record without its newline."""
    keep = Keep()
    logger.addHandler(keep)
    _refused_load(bpf)
    assert keep.records
    assert all(not r.getMessage().endswith("\n") for r in keep.records)


def test_message_with_percent_signs_is_taken_literally(
    bpf: Find, logger: logging.Logger
) -> None:
    """libbpf's text is no format string for logging."""
    keep = Keep()
    logger.addHandler(keep)
    logger.setLevel(logging.DEBUG)
    _refused_load(bpf)
    assert all(r.getMessage() for r in keep.records)


def test_error_has_the_log_also_where_nobody_listens(bpf: Find) -> None:
    """The error carries libbpf's lines whether or not they were logged."""
    assert "reads_null" in _refused_load(bpf).libbpf_log


def test_listener_may_load_in_turn(bpf: Find, logger: logging.Logger) -> None:
    """A handler that uses tinybpf itself neither deadlocks nor mixes the logs."""

    class Loads(Keep):
        def emit(self, record: logging.LogRecord) -> None:
            super().emit(record)
            if len(self.records) == 1:
                with tinybpf.load(bpf("nowhere")):
                    pass

    keep = Loads()
    logger.addHandler(keep)
    logger.setLevel(logging.WARNING)
    error = _refused_load(bpf)
    assert "reads_null" in error.libbpf_log
    assert len(keep.records) >= 1


def test_listener_that_raises_breaks_nothing(bpf: Find, logger: logging.Logger) -> None:
    """An exception out of a handler does not take the place of the load's result."""

    class Raises(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ZeroDivisionError

    logger.addHandler(Raises())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.unraisablehook", lambda unraisable: None)
        with pytest.raises((tinybpf.BpfVerifierError, ZeroDivisionError)):
            tinybpf.load(bpf("rejected"))


@pytest.mark.parametrize(
    ("setup", "logging_imported"),
    [
        ("", False),
        ("import logging", True),
        ("import logging; logging.getLogger('tinybpf.libbpf')", True),
    ],
    ids=["no-logging", "logging", "logger"],
)
def test_nothing_is_printed_where_nobody_listens(
    bpf: Find, setup: str, logging_imported: bool
) -> None:
    """Without a handler nothing reaches stderr, and logging is not even imported."""
    printed = child.output(REFUSED_LOAD % setup, bpf("rejected"))
    assert printed == f"refused {logging_imported}\n"


def test_nothing_is_printed_whatever_goes_wrong() -> None:
    """Every error that can be provoked: all is in the exception, nothing on a stream."""
    printed = child.output(
        """
        from support import provoke
        with provoke.own_folder():
            all = provoke.everything()
            raised = [type(provoke.provoke(one)).__name__ for one in all]
        print(len(all) > 35, [one.what for one, it in zip(all, raised) if one.error != it])
        """
    )
    assert printed == "True []\n"


def test_basic_config_shows_the_lines(bpf: Find) -> None:
    """logging.basicConfig() is all that a program needs to see libbpf's lines."""
    done = child.run(REFUSED_LOAD % "import logging; logging.basicConfig()", bpf("rejected"))
    assert done.returncode == 0
    assert "WARNING:tinybpf.libbpf:" in done.stderr
