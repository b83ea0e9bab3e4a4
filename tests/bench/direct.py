# SPDX-License-Identifier: MIT
"""The figures of an object that is run without a script: its first event, and many."""

import contextlib
import functools
from collections.abc import Callable
from pathlib import Path

from figures import RECORDS, Row, Tools
from measure import Server, costs, interleaved, launch, medians

AIMS = {"json": 1.0, "table": 0.5}  # million records of 32 bytes a second


def first_events(tools: Tools, rounds: int) -> list[Row]:
    """Measure a process that shows one event of a small CO-RE object and ends."""
    path = str(tools.folder / "direct.bpf.o")
    tasks = {"C": tools.launched(tools.folder / "direct", path)}
    for form in tools.forms:
        direct = [*form.python, *([] if form is tools.runner else ["-m", "tinybpf", "run"])]
        command = [*direct, path, "--count", "1", "--maps", ""]
        tasks[form.name + " pass"] = tools.ran(form, "pass")
        tasks[form.name] = functools.partial(launch, tools.folder / "launch", command, form.env)
    cost = costs(interleaved(rounds, tasks))
    rows = [Row("first event of an object, C", f"{cost['C'].ms:.2f} ms")]
    for form in tools.forms:
        beside = cost["C"].ms + cost[form.name + " pass"].ms
        took = cost[form.name].ms
        aim = "<= 1.5 (C + -c pass)" if form is tools.runner else ""
        what = f"first event of an object, {form.name}"
        rows.append(Row(what, f"{took:.2f} ms", f"{took / beside:.2f}", aim))
    return rows


def lines(tools: Tools, rounds: int) -> list[Row]:
    """Measure the lines of 65,536 events of 32 bytes, from the ring to /dev/null."""
    worker = Path(__file__).with_name("lines.py")
    rows = []
    with contextlib.ExitStack() as stack:
        tasks: dict[tuple[str, str], Callable[[], float]] = {}
        for form in tools.forms:
            command: list[str | Path] = [*form.python, worker, tools.folder / "direct.bpf.o"]
            server = stack.enter_context(Server(command, form.env))
            for name in AIMS:
                tasks[name, form.name] = functools.partial(server.seconds, name)
        seconds = medians(interleaved(rounds, tasks))
    for (name, who), took in seconds.items():
        rate = f"{RECORDS / took / 1e6:.2f} M/s"
        rows.append(Row(f"lines of events, {name}, {who}", rate, "", f">= {AIMS[name]} M/s"))
    return rows


def direct_figures(tools: Tools, rounds: int) -> list[Row]:
    """Measure both."""
    return [*first_events(tools, rounds), *lines(tools, rounds)]


FIGURES: dict[str, Callable[[Tools, int], list[Row]]] = {"direct": direct_figures}
