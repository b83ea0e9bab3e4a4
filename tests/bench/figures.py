# SPDX-License-Identifier: MIT
# mypy: disable-error-code="import-not-found"
"""The figures: each function measures one thing in one run and returns table rows.

C is plain libbpf doing the same work, Y a bare loop in the same interpreter; a ratio
compares with the row that says 1.00. DESIGN.md's aims stand beside it, to be read and
never asserted.
"""

import contextlib
import functools
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import tomllib
from measure import (
    Cost,
    Environment,
    K,
    Server,
    costs,
    interleaved,
    launch,
    medians,
    printed_number,
)
from programs import PROGRAMS

ENTRIES = 100_000
RECORDS = 65_536


class Row(NamedTuple):
    """A line of the table."""

    what: str
    value: str
    ratio: str = ""
    aim: str = ""


class Form(NamedTuple):
    """A way to run Python with tinybpf."""

    name: str
    python: list[str]
    env: Environment


class Tools(NamedTuple):
    """What there is to measure, and what to measure it with."""

    folder: Path  # the compiled *.c and *.bpf.c beside this file
    wheel: Form
    runner: Form
    seconds: float = 5  # that a ring is read at full speed
    records: int = 10_000_000  # over which memory is watched

    @property
    def forms(self) -> list[Form]:
        """Return both forms."""
        return [self.wheel, self.runner]

    def servers(self, stack: contextlib.ExitStack) -> dict[str, Server]:
        """Start rates.c as "C", and worker.py in both forms."""
        rates = self.folder / "rates.bpf.o"
        worker = Path(__file__).with_name("worker.py")
        servers = {"C": Server([self.folder / "rates", rates], {})}
        for form in self.forms:
            servers[form.name] = Server([*form.python, worker, rates], form.env)
        for server in servers.values():
            stack.enter_context(server)
        return servers

    def launched(self, *command: str | Path) -> Callable[[], Cost]:
        """Return a task that runs a program that is not Python."""
        return functools.partial(launch, self.folder / "launch", command, {})

    def ran(self, form: Form, code: str, *flags: str) -> Callable[[], Cost]:
        """Return a task that runs a line of Python in a form."""
        command = [*form.python, *flags, "-c", code]
        return functools.partial(launch, self.folder / "launch", command, form.env)


BINDING = Path(__file__).with_name("binding.py")

MAP_CODE = {
    "lookup": ("m[k]", ">= 0.9 C"),
    "update": ("m[k] = v", ">= 0.9 C"),
    "items": ("dict(m.items())", ">= 0.6 C, which is batched"),
}


def map_rates(tools: Tools, rounds: int) -> list[Row]:
    """Measure `m[k]`, `m[k] = v` and `dict(m.items())` on a hash of u32 -> u64."""
    rows = []
    with contextlib.ExitStack() as stack:
        servers = tools.servers(stack)
        for name, (code, aim) in MAP_CODE.items():
            seconds = medians(
                interleaved(
                    rounds,
                    {
                        who: functools.partial(server.seconds, name)
                        for who, server in servers.items()
                    },
                )
            )
            for who, took in seconds.items():
                rows.append(
                    Row(
                        f"{code}, {who}",
                        f"{ENTRIES / took / 1e3:.0f} k/s",
                        f"{seconds['C'] / took:.2f}",
                        "" if who == "C" else aim,
                    )
                )
    return rows


SHAPES = {
    "ring": ("event callback", "bare", ">= 0.7 Y"),
    "records": ("event callback, Record, one field read", "bare_slots", ">= 0.6 Y"),
    "ctypes_class": ("event callback, class of ctypes", "binding", ">= 5 of a binding"),
    "stream": ("loop over stream()", "bare", ""),
    "read_bytes": ("read() of bytes", "bare", ">= 1.2 Y"),
    "read_records": ("read() of Records, one field read each", "bare_slots", ">= 0.8 Y"),
}


def ring_rates(tools: Tools, rounds: int) -> list[Row]:
    """Measure all shapes of events of 32 bytes, from a ring that is full of them."""
    bare = {
        "bare": "bare loop over bytes (Y)",
        "bare_slots": "bare loop over slots, one read (Y)",
    }
    with contextlib.ExitStack() as stack:
        servers = tools.servers(stack)
        binding = Server([*tools.wheel.python, BINDING, tools.folder / "rates.bpf.o"], {})
        stack.enter_context(binding)
        tasks = {
            "C": functools.partial(servers["C"].seconds, "ring"),
            "binding": functools.partial(binding.seconds, "ctypes_class"),
        }
        for form in tools.forms:
            for name in (*bare, *SHAPES):
                tasks[form.name + name] = functools.partial(servers[form.name].seconds, name)
        seconds = medians(interleaved(rounds, tasks))

    def rate(task: str) -> str:
        return f"{RECORDS / seconds[task] / 1e6:.1f} M/s"

    rows = [
        Row("event callback, C", rate("C")),
        Row("event callback, class of ctypes, binding of ctypes", rate("binding"), "1.00"),
    ]
    for form in tools.forms:
        for name, what in bare.items():
            rows.append(Row(f"{what}, {form.name}", rate(form.name + name), "1.00"))
        for name, (what, beside, aim) in SHAPES.items():
            yardstick = seconds.get(form.name + beside, seconds["binding"])
            ratio = f"{yardstick / seconds[form.name + name]:.2f}"
            rows.append(Row(f"{what}, {form.name}", rate(form.name + name), ratio, aim))
    return rows


# What columns do, the pass of C beside it, how many of what, and the aim.
COLUMNS = {
    "ring_columns": ("rb.read_columns()", "ring", RECORDS, ">= 0.2 of C's empty callback"),
    "columns": ("m.read_columns()", "items", ENTRIES, ">= 0.95 of C's batches"),
    "number": ("m[k], mmapable", "number", ENTRIES, ">= 8 of C's system call"),
}


def column_rates(tools: Tools, rounds: int) -> list[Row]:
    """Measure records and a hash as columns, and an array that is memory."""
    rows = []
    with contextlib.ExitStack() as stack:
        servers = tools.servers(stack)
        for name, (code, yardstick, n, aim) in COLUMNS.items():
            tasks = {
                who: functools.partial(server.seconds, yardstick if who == "C" else name)
                for who, server in servers.items()
            }
            seconds = medians(interleaved(rounds, tasks))
            for who, took in seconds.items():
                text = f"{yardstick if who == 'C' else code}, {who}"
                ratio = f"{seconds['C'] / took:.2f}"
                rows.append(
                    Row(text, f"{n / took / 1e6:.1f} M/s", ratio, "" if who == "C" else aim)
                )
    return rows


READS = {
    "slot": ("read of a slot", "slot", ""),
    "global": ("read of a global, bss.x", "slot", "<= 3"),
    "section": ("read of a global, obj.bss.x", "slot", ""),
    "field": ("read of a Record's field", "slot", "<= 2"),
    "bytes": ("bytes(32)", "bytes", ""),
    "record": ("Record of 32 bytes", "bytes", "<= 1.5"),
    "bare_slots": ("bare loop over slots, one read (Y)", "bare_slots", ""),
    "records": ("event callback, Record, one field read", "bare_slots", "<= 1.67 (0.6 Y)"),
}


def reads(tools: Tools, rounds: int) -> list[Row]:
    """Measure reads of globals and fields, and Records, beside what Python has."""
    with contextlib.ExitStack() as stack:
        servers = tools.servers(stack)
        tasks = {
            name + form.name: functools.partial(servers[form.name].seconds, name)
            for form in tools.forms
            for name in READS
        }
        seconds = medians(interleaved(rounds, tasks))
    rows = []
    for form in tools.forms:
        for name, (what, beside, aim) in READS.items():
            took = seconds[name + form.name]
            times = RECORDS if beside == "bare_slots" else ENTRIES
            ratio = f"{took / seconds[beside + form.name]:.2f}"
            value = f"{took / times * 1e9:.0f} ns"
            rows.append(Row(f"{what}, {form.name}", value, ratio, aim))
    return rows


def starts(tools: Tools, rounds: int) -> list[Row]:
    """Measure the start and end of an interpreter that does nothing."""
    python = Form("python3", ["/usr/bin/python3"], {})
    cost = costs(
        interleaved(
            rounds,
            {
                "hello": tools.launched(tools.folder / "hello"),
                "python": tools.ran(python, "pass", "-I", "-S"),
                "runner": tools.ran(tools.runner, "pass"),
            },
        )
    )
    names = {
        "hello": "static hello",
        "python": "/usr/bin/python3 -I -S -c pass",
        "runner": "tinybpf-run -c pass",
    }
    rows = []
    for who, name in names.items():
        aims = ("<= 0.7", "<= 10 MB") if who == "runner" else ("", "")
        ratio = f"{cost[who].ms / cost['python'].ms:.2f}"
        rows.append(Row(name, f"{cost[who].ms:.2f} ms", ratio, aims[0]))
        rows.append(Row("  memory", f"{cost[who].rss_mb:.1f} MB", "", aims[1]))
    size = Path(tools.runner.python[0]).stat().st_size / 1e6
    rows.append(Row("size of tinybpf-run", f"{size:.1f} MB", "", "<= 14 MB"))
    return rows


# Scripts whose start is measured, as files and in a bundle.
SCRIPTS = {
    "a script that does nothing": "pass\n",
    "a tool: argparse, json, an object opened": (
        "import argparse, json\nfrom pathlib import Path\nimport tinybpf\n"
        "tinybpf.open(Path(__file__).with_name('small.bpf.o')).close()\n"
    ),
}


def bundles(tools: Tools, rounds: int) -> list[Row]:
    """Measure the start and end of scripts, each as a file and as a bundle."""
    rows = []
    runner = tools.runner.python[0]
    with tempfile.TemporaryDirectory() as folder:
        script, tool = Path(folder, "script.py"), Path(folder, "tool")
        small = Path(shutil.copy(tools.folder / "small.bpf.o", folder))
        for what, text in SCRIPTS.items():
            script.write_text(text)
            make: list[str | Path] = [runner, "--bundle", "-o", tool, script, small]
            subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
            tasks = {"file": tools.launched(runner, script), "bundle": tools.launched(tool)}
            cost = costs(interleaved(rounds, tasks))
            rows.append(Row(what, f"{cost['file'].ms:.2f} ms", "", ""))
            ratio = f"{cost['bundle'].ms / cost['file'].ms:.2f}"
            rows.append(Row("  as a bundle", f"{cost['bundle'].ms:.2f} ms", ratio, "<= 1.10"))
    return rows


def imports(tools: Tools, rounds: int) -> list[Row]:
    """Measure what `import tinybpf` adds to an interpreter that does nothing."""
    clock = "from time import perf_counter_ns as now; start = now(); "
    code = clock + "import tinybpf; print(now() - start)"
    times, runs = {}, {}
    for form in tools.forms:
        times[form.name] = functools.partial(
            printed_number, [*form.python, "-c", code], form.env
        )
        runs[form.name + " pass"] = tools.ran(form, "pass")
        runs[form.name] = tools.ran(form, "import tinybpf")
    ns = medians(interleaved(rounds, times))
    cost = costs(interleaved(rounds, runs))
    rows = []
    for form in tools.forms:
        what = f"import tinybpf, {form.name}"
        rows.append(Row(what, f"{ns[form.name] / 1e6:+.2f} ms", "", "<= 5 ms"))
        more = cost[form.name].rss_mb - cost[form.name + " pass"].rss_mb
        rows.append(Row("  memory", f"{more:+.2f} MB", "", "<= 2 MB"))
    return rows


def loads(tools: Tools, rounds: int) -> list[Row]:
    """Measure a process that loads a small CO-RE object and ends."""
    small = tools.folder / "small.bpf.o"
    code = f"import tinybpf; tinybpf.load({str(small)!r}).close()"
    tasks = {"C": tools.launched(tools.folder / "load", small)}
    for form in tools.forms:
        tasks[form.name + " pass"] = tools.ran(form, "pass")
        tasks[form.name] = tools.ran(form, code)
    cost = costs(interleaved(rounds, tasks))
    rows = [Row("load of a small object, C", f"{cost['C'].ms:.2f} ms", "1.00")]
    for form in tools.forms:
        bare, loaded = cost[form.name + " pass"], cost[form.name]
        value = f"{loaded.ms:.2f} ms"
        rows.append(Row(f"load of a small object, {form.name}", value))
        over = loaded.ms - bare.ms
        ratio = f"{over / cost['C'].ms:.2f}"
        rows.append(Row("  over -c pass", f"{over:.2f} ms", ratio, "<= 1.05 C"))
    return rows


def listings(tools: Tools, rounds: int) -> list[Row]:
    """Measure lists of 1,000 programs and maps, which the yardstick in C keeps loaded."""
    worker = Path(__file__).with_name("listing.py")
    with contextlib.ExitStack() as stack:
        servers = {"C": stack.enter_context(Server([tools.folder / "listing"], {}))}
        servers["C"].seconds("maps")  # all is there now
        for form in tools.forms:
            server = Server([*form.python, worker], form.env)
            servers[form.name] = stack.enter_context(server)
        tasks = {
            (name, who): functools.partial(server.seconds, name)
            for name in ("programs", "maps")
            for who, server in servers.items()
        }
        seconds = medians(interleaved(rounds, tasks))
    rows = []
    for (name, who), took in seconds.items():
        ratio = f"{took / seconds[name, 'C']:.2f}"
        aim = "" if who == "C" else "<= 2 C"
        rows.append(Row(f"list of 1,000 {name}, {who}", f"{took * 1e3:.2f} ms", ratio, aim))
    return rows


def scripts(tools: Tools, rounds: int) -> list[Row]:
    """Measure scripts that import the library, from a file and to their end."""
    python = Form("python3", ["/usr/bin/python3"], {})
    several = "json, asyncio, dataclasses, argparse"
    typical = "json, argparse, logging, subprocess, pathlib, datetime"
    rows = []
    for names in (typical, several, *several.split(", "), "typing", "logging", "subprocess"):
        code = f"import {names}"
        forms = {form.name: form for form in (python, tools.runner)}
        tasks = {name: tools.ran(form, code) for name, form in forms.items()}
        cost = costs(interleaved(rounds, tasks))
        for name, took in cost.items():
            ratio = f"{took.ms / cost['python3'].ms:.2f}"
            aim = "" if name == "python3" else "<= 1.00"
            value = f"{took.ms:.1f} ms, {took.rss_mb:.1f} MB"
            rows.append(Row(f"{code}, {name}", value, ratio, aim))
    return rows


def programs(tools: Tools, rounds: int) -> list[Row]:
    """Measure programs in pure Python that the runner's profile was not trained on."""
    worker = Path(__file__).with_name("programs.py")
    forms = [Form("python3", ["/usr/bin/python3"], {}), tools.runner]
    with contextlib.ExitStack() as stack:
        servers = {form.name: Server([*form.python, worker], form.env) for form in forms}
        for server in servers.values():
            stack.enter_context(server)
        tasks = {
            (who, name): functools.partial(server.seconds, name)
            for name in PROGRAMS
            for who, server in servers.items()
        }
        seconds = medians(interleaved(rounds, tasks))
    rows, ratios = [], []
    for name in PROGRAMS:
        took, theirs = seconds["tinybpf-run", name], seconds["python3", name]
        ratios.append(took / theirs)
        rows.append(Row(f"{name}, tinybpf-run", f"{took * 1e3:.1f} ms", f"{ratios[-1]:.2f}"))
    mean = statistics.geometric_mean(ratios)
    rows.append(Row("programs / python3, geometric mean", "", f"{mean:.2f}", "<= 0.9"))
    return rows


# What takes more than this beside python3 is named in the table, with its cause.
SLOW = 1.5
CAUSES = Path(__file__).with_name("causes.toml")


def timed(python: list[str]) -> dict[tuple[str, str], float]:
    """Run operations.py once; return the nanoseconds by group and operation."""
    worker = Path(__file__).with_name("operations.py")
    lines = subprocess.run(
        [*python, worker], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()
    fields = (line.split("\t", 2) for line in lines)
    return {(group, what): float(ns) for group, ns, what in fields}


def operations(tools: Tools, rounds: int) -> list[Row]:
    """Measure core operations by groups; no more than five rounds, of 15 s each."""
    commands = {"python3": ["/usr/bin/python3"], "tinybpf-run": tools.runner.python}
    tasks = {who: functools.partial(timed, command) for who, command in commands.items()}
    results = interleaved(min(rounds, 5), tasks)
    took = {who: medians(by_operation(rows)) for who, rows in results.items()}
    ratios = {key: ns / took["python3"][key] for key, ns in took["tinybpf-run"].items()}
    groups: dict[str, list[float]] = {}
    for (group, _), ratio in ratios.items():
        groups.setdefault(group, []).append(ratio)
    slow = sorted((key for key in ratios if ratios[key] > SLOW), key=lambda k: -ratios[k])
    mean = statistics.geometric_mean(ratios.values())
    rows = [
        Row(f"{len(ratios)} operations / python3, geometric mean", "", f"{mean:.3f}", "<= 0.95")
    ]
    for group, values in groups.items():
        mean = statistics.geometric_mean(values)
        rows.append(Row(f"  {group}, {len(values)}", "", f"{mean:.2f}", "<= 1.10"))
    rows.append(Row(f"operations above {SLOW}", str(len(slow)), "", "<= 20"))
    causes = tomllib.loads(CAUSES.read_text())
    for key in slow:
        ns = f"{took['tinybpf-run'][key]:.0f} ns"
        cause = causes.get(key[1].rpartition(";;")[2].strip(), "of no known cause")
        rows.append(Row(f"  {key[0]}: {key[1][-60:]}", ns, f"{ratios[key]:.2f}"))
        rows.append(Row(f"    {cause}", ""))
    return rows


def by_operation(rounds: list[dict[K, float]]) -> dict[K, list[float]]:
    """Return the results of all rounds of each operation."""
    return {key: [results[key] for results in rounds] for key in rounds[0]}


SYMBOLS = {
    "memory_mb": ("the kernel's symbols in memory", "{:.1f} MB", "<= 20 MB"),
    "parsed": ("the kernel's symbols read and kept / only read", "", "<= 1.3"),
    "kernel_per_s": ("kernel look-ups a second, warm", "{:,.0f}", ">= 1,000,000"),
    "user_per_s": ("user look-ups a second, warm", "{:,.0f}", ">= 300,000"),
    "stacks": ("10,000 distinct user stacks of 30 frames", "{:.2f} s", "<= 1 s"),
}


def symbol_figures(tools: Tools, rounds: int) -> list[Row]:
    """Measure what symbols take, in both forms; no more than ten rounds."""
    rows = []
    worker = Path(__file__).with_name("symbols.py")
    for form in tools.forms:
        results: dict[str, list[float]] = {}
        for _ in range(min(rounds, 10)):
            printed = subprocess.run(
                [*form.python, worker],
                env={**os.environ, **form.env},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
            for line in printed.splitlines():
                name, number = line.split()
                results.setdefault(name, []).append(float(number))
        took = medians(results)
        for name, (what, form_of, aim) in SYMBOLS.items():
            ratio = f"{took['parsed'] / took['read']:.2f}" if name == "parsed" else ""
            rows.append(Row(f"{what}, {form.name}", form_of.format(took[name]), ratio, aim))
    return rows


FIGURES: dict[str, Callable[[Tools, int], list[Row]]] = {
    "map": map_rates,
    "ring": ring_rates,
    "columns": column_rates,
    "read": reads,
    "start": starts,
    "bundle": bundles,
    "import": imports,
    "load": loads,
    "list": listings,
    "scripts": scripts,
    "programs": programs,
    "operations": operations,
    "symbols": symbol_figures,
}
