# SPDX-License-Identifier: MIT
"""The modules that `python -m tinybpf stubs` writes pass mypy --strict, and find mistakes."""

import pathlib
import subprocess
import sys

import project
import pytest

USES = """
import events_bpf
import globals_bpf
import records_bpf
import ring_bpf
import tinybpf
from typing import Optional
from typing_extensions import assert_type

def use(obj: records_bpf.Object) -> None:
    for flow, stats in obj.maps["flows"].items():
        assert_type(flow.sport, int)
        assert_type(stats.bytes, int)
    thing = obj.maps["things"][0]
    assert_type(thing.name, str)
    assert_type(thing.ratio, float)
    assert_type(thing.words, tuple[str, ...])
    assert_type(thing.pair.a, int)
    obj.maps["flows"][obj.types.flow(saddr=1)] = obj.types.stats(bytes=2)
    obj.maps["flows"][1, 80] = {"bytes": 2}
    obj.maps["flows"].update({flow: (2, 3)})
    assert_type(obj.maps["flows"].get((1, 80)), Optional[records_bpf.stats])
    assert_type(obj.maps["flows"].pop(flow), records_bpf.stats)
    obj.maps["per_cpu"][0] = [(1, 2), {"bytes": 2}]
    as_before: tinybpf.BpfObject = obj
    print(as_before, thing._json())

def print_event(event: events_bpf.event) -> None:
    print(event.pid)

def print_sample(cpu: int, event: events_bpf.event) -> None:
    print(cpu, event.comm)

def declared(obj: events_bpf.Object) -> None:
    tagged = obj.maps["tagged"]
    with tinybpf.BpfRingBuffer(tagged, print_event) as ring:
        ring.add(tagged, print_event)
        assert_type(ring, tinybpf.BpfRingBuffer[events_bpf.event])
    for event in tinybpf.BpfRingBuffer(tagged):
        assert_type(event.comm, str)
    for data in tinybpf.BpfRingBuffer(obj.maps["plain"]):
        assert_type(data, bytes)
    tinybpf.BpfPerfBuffer(obj.maps["perf"], print_sample)
    number: int = events_bpf.color.RED
    print(number)

def constants() -> None:
    start = {"limit": 3}
    globals_bpf.load(rodata={"target_pid": 5, "start": start}, autoload=["bump"])
    globals_bpf.open(rodata={"extra": 5}).rodata.min_ns = 6

def events(obj: ring_bpf.Object) -> None:
    ring = tinybpf.BpfRingBuffer(obj.maps["events"], event_type=obj.types.config)
    for event in ring:
        assert_type(event, ring_bpf.config)
    assert_type(obj.programs["produce"], tinybpf.BpfProgram)

with records_bpf.load() as obj:
    use(obj)
"""
MISTAKES = (
    'obj.maps["flow"]',
    'next(iter(obj.maps["flows"])).dport',
    'obj.programs["flows"]',
    'obj.maps["flows"]["1"] = {"bytes": 2}',
    'obj.maps["flows"][1, 80] = 5',
    'globals_bpf.load(rodata={"target_pd": 5})',
    'globals_bpf.open(rodata={"target_pid": "5"})',
)


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a folder with the package, and with a module for each test object."""
    folder = project.unpack_wheel(tmp_path_factory.mktemp("stubs"))
    code = (
        "import pathlib, sys, tinybpf\n"
        "from tinybpf._command import stubs\n"
        "for path in map(pathlib.Path, sys.argv[1:]):\n"
        "    with tinybpf.open(path) as obj:\n"
        "        text = stubs.write(obj, path.name)\n"
        "    pathlib.Path(stubs.default_path(path).name).write_text(text)\n"
    )
    whole = set(project.built("TINYBPF_BPF_DIR").glob("*.bpf.o"))
    objects = sorted(path for path in whole if path.name != "linked.bpf.o")
    subprocess.run([sys.executable, "-c", code, *map(str, objects)], cwd=folder, check=True)
    assert len(list(folder.glob("*_bpf.py"))) == len(objects)
    return folder


def test_modules_of_all_objects_type_check(stubs: pathlib.Path) -> None:
    """What is written for each test object has no error under mypy --strict."""
    done = project.mypy(stubs, *sorted(stubs.glob("*_bpf.py")))
    assert done.returncode == 0, done.stdout


def test_editor_and_checker_know_the_types(stubs: pathlib.Path) -> None:
    """Keys, values, fields and events have the types of the C source."""
    use = stubs / "use.py"
    use.write_text(USES)
    done = project.mypy(stubs, use)
    assert done.returncode == 0, done.stdout


def test_mistakes_are_found(stubs: pathlib.Path) -> None:
    """A name that is no map, field or program is an error."""
    use = stubs / "misuse.py"
    lines = ["import globals_bpf, records_bpf", "with records_bpf.load() as obj:"]
    use.write_text("\n".join([*lines, *(f"    {wrong}" for wrong in MISTAKES), ""]))
    done = project.mypy(stubs, use)
    for number in range(len(MISTAKES)):
        assert f"misuse.py:{number + 3}: error" in done.stdout
