# SPDX-License-Identifier: MIT
"""The marker @kernel: from which kernel on a feature must work.

    @kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")

On an older kernel the test is skipped. On a newer one "unsupported" is a failure,
unless tests/known_exceptions.py says that this kernel lacks the feature; then the test
must fail in that way, and passing is the failure. `config` names the kernel options
that the feature needs; it is for the reader of such a failure.
"""

import errno
from typing import Any

import pytest

import known_exceptions
from support import host

kernel = pytest.mark.kernel
PASSED = pytest.StashKey[bool]()  # of a test whose call is over: whether it passed

ENOTSUPP = 524  # the kernel's own, which user space has no name for
UNSUPPORTED = {errno.EOPNOTSUPP, ENOTSUPP, errno.ENOSYS}


def is_unsupported(error: BaseException) -> bool:
    """Tell whether an exception says that the kernel lacks something."""
    if type(error).__name__ == "BpfNotSupportedError":
        return True
    return getattr(error, "errno", None) in UNSUPPORTED


def _is_expected(error: BaseException, row: known_exceptions.KnownException) -> bool:
    """Tell whether an exception is what the row says of this kernel."""
    said = row.errno and getattr(error, "errno", None) == row.errno
    return bool(said) or is_unsupported(error)


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def check_marker(mark: Any) -> tuple[str, str]:
    """Return (version, feature) of a marker; raises UsageError if it is malformed."""
    if len(mark.args) != 2 or set(mark.kwargs) - {"config"}:
        raise pytest.UsageError('write @kernel("5.8", "feature", config="CONFIG_X")')
    version, feature = mark.args
    return version, feature


def skip_if_older(item: pytest.Item) -> None:
    """Skip a test whose features are all younger than this kernel, or one of them."""
    running = host.kernel_version()
    for mark in item.iter_markers("kernel"):
        version, feature = check_marker(mark)
        if running < _version(version):
            pytest.skip(f"{feature} needs Linux {version}")


def judge(item: pytest.Item, call: Any, report: Any) -> None:
    """Turn the report of a test's call into what the table of exceptions makes of it."""
    for mark in item.iter_markers("kernel"):
        _, feature = check_marker(mark)
        row = known_exceptions.find(feature)
        error = call.excinfo.value if call.excinfo else None
        if row is None:
            if error is not None and is_unsupported(error):
                report.sections.append(("kernel", _blame(mark, feature)))
        elif error is None and report.passed and not row.varies:
            report.outcome = "failed"
            report.longrepr = (
                f"{feature} works here, but known_exceptions.py lists it: {row.reason}"
            )
        elif error is not None and _is_expected(error, row):
            report.outcome = "skipped"
            report.wasxfail = f"{feature}: {row.reason}"


def _blame(mark: Any, feature: str) -> str:
    config = ", " + mark.kwargs["config"] if mark.kwargs else ""
    return (
        f"this kernel is new enough for {feature} (Linux {mark.args[0]}{config}) and says "
        "that it lacks it: a defect, or a row for tests/known_exceptions.py"
    )
