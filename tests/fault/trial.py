# SPDX-License-Identifier: MIT
"""One scenario with one failure, in a process of its own, which says what came of it."""

import dataclasses
import gc
import json
import os
import pickle
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any, Optional

import inject
import scenarios

import tinybpf
from support import leaks, pins

HANGS_S = 60  # so long a trial may take, on a machine that has other things to do
MAY_BE_RAISED = (MemoryError, OSError, tinybpf.BpfError)


@dataclasses.dataclass
class Result:
    """What came of a trial: how many calls there were, what was raised, what was wrong."""

    seen: int = 0
    raised: Optional[str] = None
    value: str = ""
    call: int = -1
    wrong: list[str] = dataclasses.field(default_factory=list)
    text: str = ""  # of the exception


def _is_allowed(error: BaseException) -> bool:
    """Tell whether an exception is one that a failure may become."""
    if isinstance(error, SystemError) and "tinybpf" in str(error):
        return False
    return isinstance(error, MAY_BE_RAISED) or _is_pythons_own(error)


def _origin(error: BaseException) -> str:
    """Return the file, and the function of it, that raised an exception."""
    code = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
    return f"{code.co_filename}:{code.co_name}" if code else ""


def _is_pythons_own(error: BaseException) -> bool:
    """Tell whether an exception came up in code of the standard library.

    enum, importlib and others make an AttributeError or RuntimeError of what failed, and
    PyOS_FSPath() forgets why it found no __fspath__; dict.setdefault() and calls that find no
    memory for their frame give nothing without saying why. pickle says of an
    import that found none that it failed.
    """
    if isinstance(error, pickle.PicklingError):
        return str(error).endswith("import of module 'tinybpf._core' failed")
    if isinstance(error, TypeError) and "os.PathLike object, not PosixPath" in str(error):
        return True
    return _origin(error).startswith((os.path.dirname(os.__file__), "<frozen "))


def _judge(error: BaseException) -> list[str]:
    """Return what is wrong with an exception that a scenario ended with."""
    if not _is_allowed(error):
        return [f"raised {type(error).__name__}: {error}"]
    is_ours = isinstance(error, tinybpf.BpfError)
    if is_ours and getattr(error, "errno", None) is None:
        return [f"{type(error).__name__} without errno: {error}"]
    return []


class _Unraisable:
    """Collects what a finaliser could not raise."""

    def __init__(self, result: Result) -> None:
        self.result = result

    def __call__(self, what: Any) -> None:
        if what.exc_value is not None and not _is_allowed(what.exc_value):
            self.result.wrong.append(f"not raised: {what.exc_type.__name__}: {what.exc_value}")


def _run(name: str, injector: inject.Injector, at: int, folder: Path) -> Result:
    """Run a scenario while one call fails."""
    objects = Path(os.environ["TINYBPF_BPF_DIR"])
    scenario = scenarios.ALL[name]
    result = Result()
    sys.unraisablehook = _Unraisable(result)
    before = leaks.descriptors()
    error: Optional[BaseException] = None
    value: Any = None
    injector.arm(at)
    try:
        value = scenario(objects, folder)
    except BaseException as caught:
        error = caught
    result.seen, result.call = injector.disarm(), injector.last()
    if error is None:
        result.value = repr(value)
    else:
        result.raised = type(error).__name__
        if not isinstance(error, MAY_BE_RAISED):
            result.raised += f" in {Path(_origin(error)).name}"
        result.wrong += _judge(error)
        result.text = "".join(
            traceback.format_exception(type(error), error, error.__traceback__)
        )
    error = None
    gc.collect()
    left = leaks.descriptors_beyond(before)
    if left:
        result.wrong.append(f"left open: {sorted(left.values())}")
    return result


def _child(name: str, kind: inject.Kind, at: int, folder: Path, report: int) -> None:
    """Be the process of a trial; it ends here."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    warnings.simplefilter("ignore")
    signal.alarm(HANGS_S)
    injector = inject.Injector(kind)
    injector.prepare()
    result = _run(name, injector, at, folder)
    os.write(report, json.dumps(dataclasses.asdict(result)).encode())
    os._exit(0)


def run(name: str, kind: inject.Kind, at: int) -> Result:
    """Run a trial and return what came of it; a crash and a hang are wrong, too."""
    with pins.folder() as folder, tempfile.TemporaryFile() as report:
        pid = os.fork()
        if pid == 0:
            try:
                _child(name, kind, at, folder, report.fileno())
            except BaseException:
                traceback.print_exc()
            os._exit(99)
        _, status = os.waitpid(pid, 0)
        report.seek(0)
        text = report.read()
        shutil.rmtree(folder)
        folder.mkdir()
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        what = (
            "hangs" if number == signal.SIGALRM else f"killed by {signal.Signals(number).name}"
        )
        return Result(wrong=[what])
    if os.WEXITSTATUS(status) != 0 or not text:
        return Result(wrong=[f"ended with status {os.WEXITSTATUS(status)}"])
    return Result(**json.loads(text))
