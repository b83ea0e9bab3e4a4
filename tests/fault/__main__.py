# SPDX-License-Identifier: MIT
"""Let the n-th of everything fail in turn: `./dev fault [TRIALS]`.

For each scenario and each kind of call (allocations of C and of Python, system calls)
every n has a process of its own, or so many of them as are asked for, evenly spread.
What was raised must be right and nothing may be left: a line for each that is wrong.
"""

import argparse
import collections
import errno
import importlib
import os
import pkgutil
import pwd
import sys
from collections.abc import Iterator
from pathlib import Path

import tinybpf

# What a map's types are not to be had for, where it goes on with bytes: no privilege for
# them, and kernels that do not tell.
MAY_DO_LESS = (errno.EPERM, errno.EINVAL)

TESTS = Path(__file__).resolve().parent.parent


def warm() -> None:
    """Run all scenarios once, so that what comes once for a process is there.

    Imports and the making of classes are Python's affair, and whom to ask for users is
    glibc's: a trial shall not spend its calls there, where some versions of CPython, and
    glibc's nss_database.c, crash without memory.
    """
    import scenarios

    from support import pins

    os.getgrouplist(pwd.getpwnam("nobody").pw_name, 0)
    objects = Path(os.environ["TINYBPF_BPF_DIR"])
    for scenario in scenarios.SCENARIOS.values():
        with pins.folder() as folder:
            scenario(objects, folder)


def import_modules() -> None:
    """Import the package's modules in Python, whose classes dataclasses compiles."""
    for module in pkgutil.walk_packages(tinybpf.__path__, "tinybpf."):
        importlib.import_module(module.name)


def sweep(name: str, kind_name: str, trials: int, only: int) -> Iterator[str]:
    """Run the trials of a scenario and a kind; print a line; yield what is wrong."""
    import inject
    import trial

    kind = inject.KINDS[kind_name]
    whole = trial.run(name, kind, 0)
    if whole.wrong or whole.raised:
        yield f"{name}, {kind_name}, nothing fails: {whole.wrong} {whole.text}"
        return
    raised: collections.Counter[str] = collections.Counter()
    for at in [only] if only else inject.spread(whole.seen, trials):
        result = trial.run(name, kind, at)
        is_less = not result.raised and result.value != whole.value
        if is_less and not result.wrong and kind.err not in MAY_DO_LESS:
            result.wrong.append(f"in silence: {result.value} is not {whole.value}")
        raised[result.raised or "nothing"] += 1
        call = f" (system call {result.call})" if result.call >= 0 else ""
        if result.wrong or only:
            yield f"{name}, {kind_name} {at}{call}: {result.wrong}\n{result.text}"
    counts = ", ".join(f"{n} {what}" for what, n in raised.most_common())
    print(f"{name:10} {kind_name:15} {whole.seen:6}: {counts}", flush=True)


def main() -> int:
    """Run what the command line says; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="tests/fault", description=__doc__)
    parser.add_argument("trials", nargs="?", type=int, default=0, help="of each; 0: all")
    parser.add_argument("--scenario", action="append", help="those that run")
    parser.add_argument("--kind", action="append", help="those that fail")
    parser.add_argument("--only", type=int, default=0, help="the one number that fails")
    args = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    import command
    import inject
    import scenarios

    from support import leaks

    import_modules()
    ids = leaks.KernelIds()
    watch, before = leaks.Watch(ids), ids.now()
    wrong, is_warm = 0, False
    for name in args.scenario or [*scenarios.ALL, command.NAME]:
        if name not in (*scenarios.COLD, command.NAME) and not is_warm:
            warm()
            is_warm = True
        for kind in args.kind or inject.KINDS:
            if kind == "python" and name in scenarios.NOT_OF_PYTHON:
                continue
            if name != command.NAME:
                lines = sweep(name, kind, args.trials, args.only)
            elif kind.startswith("syscall"):
                lines = command.sweep(inject.KINDS[kind], args.trials, args.only)
            else:
                continue
            for line in lines:
                print("WRONG " + line, flush=True)
                wrong += 1
            now = ids.now()
            watch.add(f"{name}, {kind}", now - before)
            before |= now
    left = watch.drain()
    print(*left, sep="\n")
    ids.close()
    return 1 if wrong or left else 0


if __name__ == "__main__":
    sys.exit(main())
