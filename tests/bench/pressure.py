# SPDX-License-Identifier: MIT
"""The figures of rings under pressure, by reader.py: wake-ups, losses, memory, Ctrl-C.

Records have 32 bytes, and 256 beside them. What must be exact is printed so that it can
be seen; tests/kernel/stream/test_flood.py asserts it.
"""

import functools
import subprocess
from collections.abc import Callable
from pathlib import Path

from figures import Form, Row, Tools
from measure import Command, Environment, interleaved, medians

SIZES = (32, 256)
SHAPES = ("callback", "read", "columns")
LONG_ROUNDS = 5  # of what takes a second and more


def numbers(command: Command, env: Environment) -> list[int]:
    """Run a command once to its end and return the numbers that it prints."""
    done = subprocess.run(
        command, env=env, cwd="/", stdout=subprocess.PIPE, text=True, check=True
    )
    return [int(word) for word in done.stdout.split()]


def first(command: Command, env: Environment) -> float:
    """Return the first of them."""
    return numbers(command, env)[0]


def reader(tools: Tools, form: Form, *args: object) -> Command:
    """Return the command that runs reader.py in a form."""
    script = Path(__file__).with_name("reader.py")
    return [*form.python, script, tools.folder / "pressure.bpf.o", *map(str, args)]


def yardstick(tools: Tools, *args: object) -> Command:
    """Return the command of the same in C."""
    return [tools.folder / "pressure", tools.folder / "pressure.bpf.o", *map(str, args)]


def tasks(
    tools: Tools, *args: object, more: tuple[str, ...] = ()
) -> dict[str, Callable[[], float]]:
    """Return what is measured in C and in both forms."""
    found: dict[str, Callable[[], float]] = {}
    found["C"] = functools.partial(first, yardstick(tools, *args), {})
    for form in tools.forms:
        found[form.name] = functools.partial(first, reader(tools, form, *args, *more), form.env)
    return found


def wakeups(tools: Tools, rounds: int) -> list[Row]:
    """Measure the median time from the write of a record to whom it wakes."""
    ns = medians(interleaved(min(rounds, LONG_ROUNDS), tasks(tools, "latency", SIZES[0])))
    rows = [Row("wake-up by a record, C", f"{ns['C'] / 1e3:.1f} us")]
    for form in tools.forms:
        over = f"{(ns[form.name] - ns['C']) / 1e3:+.1f} us"
        what = f"wake-up by a record, {form.name}"
        rows.append(Row(what, f"{ns[form.name] / 1e3:.1f} us", over, "<= +60 us"))
    return rows


def sizes(tools: Tools, rounds: int) -> list[Row]:
    """Measure full rings of records of each size, as Records, beside empty callbacks of C."""
    rows = []
    for size in SIZES:
        for shape in SHAPES:
            ns = medians(
                interleaved(min(rounds, LONG_ROUNDS), tasks(tools, "rate", size, more=(shape,)))
            )
            for who, took in ns.items():
                what = f"{size} bytes, {'callback' if who == 'C' else shape}, {who}"
                rows.append(Row(what, f"{1e6 / took:.1f} M/s", f"{ns['C'] / took:.3f}"))
    return rows


def floods(tools: Tools, rounds: int) -> list[Row]:
    """Read at full speed of a producer on another CPU, and compare what both have counted."""
    rows = []
    for form in tools.forms:
        for size in SIZES:
            command = reader(tools, form, "count", size, tools.seconds)
            produced, received, lost = numbers(command, form.env)
            what = f"{size} bytes, {tools.seconds:g} s at full speed, {form.name}"
            rate = f"{received / tools.seconds / 1e6:.2f} M/s"
            rows.append(Row(what, rate, f"{lost / produced:.1%} lost", ""))
            missing = produced - received - lost
            rows.append(Row("  neither received nor lost", str(missing), "", "0"))
    return rows


def grown(tools: Tools, rounds: int) -> list[Row]:
    """Watch the memory of a reader over many records."""
    rows = []
    for form in tools.forms:
        command = reader(tools, form, "memory", SIZES[0], tools.records)
        what = f"memory over {tools.records:.0e} records, {form.name}"
        rows.append(Row(what, f"{first(command, form.env) / 1e6:+.2f} MB", "", "flat"))
    return rows


def interrupts(tools: Tools, rounds: int) -> list[Row]:
    """Measure how soon Ctrl-C ends a loop over records that never stop coming."""
    found = tasks(tools, "interrupt", SIZES[0])
    del found["C"]
    ns = medians(interleaved(min(rounds, LONG_ROUNDS), found))
    return [
        Row(f"Ctrl-C under load, {who}", f"{took / 1e6:.1f} ms", "", "<= 50 ms")
        for who, took in ns.items()
    ]


FIGURES: dict[str, Callable[[Tools, int], list[Row]]] = {
    "wakeup": wakeups,
    "sizes": sizes,
    "flood": floods,
    "memory": grown,
    "interrupt": interrupts,
}
