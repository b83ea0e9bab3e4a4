# SPDX-License-Identifier: MIT
"""The error classes: what they are, what they carry, and that they travel."""

import copy
import errno
import pickle
from typing import Any

import pytest

import tinybpf

CLASSES = [
    tinybpf.BpfError,
    tinybpf.BpfVerifierError,
    tinybpf.BpfRelocationError,
    tinybpf.BpfNotSupportedError,
    tinybpf.BpfPermissionError,
    tinybpf.BpfClosedError,
    tinybpf.BtfValidationError,
]
each_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


@each_class
def test_error_is_a_bpf_error(kind: Any) -> None:
    """One except clause catches all of them."""
    assert issubclass(kind, tinybpf.BpfError)
    assert issubclass(kind, Exception)


def test_only_the_permission_error_is_an_os_error() -> None:
    """A lack of privilege is a PermissionError too; the others are no OSError."""
    assert issubclass(tinybpf.BpfPermissionError, PermissionError)
    for kind in CLASSES:
        assert issubclass(kind, OSError) == (kind is tinybpf.BpfPermissionError)


@each_class
def test_error_carries_message_errno_and_log(kind: Any) -> None:
    """The three arguments come back as str(), .errno and .libbpf_log."""
    error = kind("what happened", errno=errno.EPERM, libbpf_log="line 1\nline 2")
    assert str(error) == "what happened"
    assert error.errno == errno.EPERM
    assert error.libbpf_log == "line 1\nline 2"
    assert error.args == ("what happened",)


@each_class
def test_error_needs_no_more_than_a_message(kind: Any) -> None:
    """errno is 0 and the log empty unless they are given."""
    error = kind("what happened")
    assert (str(error), error.errno, error.libbpf_log) == ("what happened", 0, "")


@each_class
def test_error_can_be_made_of_nothing(kind: Any) -> None:
    """As with other exceptions, the class alone can be raised."""
    with pytest.raises(kind) as caught:
        raise kind
    assert (caught.value.errno, caught.value.libbpf_log) == (0, "")


@each_class
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_error_survives_pickling(kind: Any, protocol: int) -> None:
    """Every attribute comes back from a pickle of any protocol."""
    error = kind("msg", errno=7, libbpf_log="log")
    found = pickle.loads(pickle.dumps(error, protocol))
    assert type(found) is kind
    assert (str(found), found.errno, found.libbpf_log) == ("msg", 7, "log")


@each_class
def test_error_survives_copying(kind: Any) -> None:
    """copy and deepcopy keep every attribute."""
    error = kind("msg", errno=7, libbpf_log="log")
    for found in (copy.copy(error), copy.deepcopy(error)):
        assert type(found) is kind
        assert (str(found), found.errno, found.libbpf_log) == ("msg", 7, "log")


@each_class
def test_error_can_be_subclassed(kind: Any) -> None:
    """A program may derive errors of its own from ours."""

    class Mine(kind):  # type: ignore[misc]
        pass

    error: Any = Mine("msg", errno=7)
    assert isinstance(error, kind)
    assert (str(error), error.errno) == ("msg", 7)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [(("m",), {"errno": "x"}), (("m",), {"libbpf_log": 3}), (("m",), {"other": 1})],
)
def test_error_refuses_wrong_arguments(args: Any, kwargs: Any) -> None:
    """errno is an int, the log a str, and there is nothing else."""
    with pytest.raises(TypeError):
        tinybpf.BpfError(*args, **kwargs)


def test_os_error_except_clause_catches_lack_of_privilege() -> None:
    """`except PermissionError` finds errno as with any OSError."""
    with pytest.raises(PermissionError) as caught:
        raise tinybpf.BpfPermissionError("msg", errno=errno.EPERM)
    assert caught.value.errno == errno.EPERM


def test_validation_error_is_a_value_error() -> None:
    """A class that does not fit is a wrong value; no other error of ours is."""
    for kind in CLASSES:
        assert issubclass(kind, ValueError) == (kind is tinybpf.BtfValidationError)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_validation_error_carries_suggestions(protocol: int) -> None:
    """.suggestions is a list, which travels with the other attributes."""
    assert tinybpf.BtfValidationError("msg").suggestions == []
    error = tinybpf.BtfValidationError("msg", errno=7, suggestions=("pid", "tid"))
    for found in (error, copy.copy(error), pickle.loads(pickle.dumps(error, protocol))):
        assert (str(found), found.errno, found.libbpf_log) == ("msg", 7, "")
        assert found.suggestions == ["pid", "tid"]
    with pytest.raises(TypeError):
        tinybpf.BtfValidationError("msg", suggestions=3)  # type: ignore[arg-type]
