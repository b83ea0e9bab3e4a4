# SPDX-License-Identifier: MIT
"""Iterators: programs that walk over tasks, cgroups and map entries while one reads."""

import gc
import os
import pathlib
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest

import tinybpf
from support import pins
from support.gating import kernel
from support.objects import Load

ROOT = pathlib.Path("/proc")
MAP_ENTRIES = kernel("5.8", "iterator of a map's entries")


@pytest.fixture
def iters(load: Load) -> tinybpf.BpfObject:
    """Return the object whose iterators walk over tasks."""
    return load("iter")


def walk_of_a_map(load: Load) -> tuple[tinybpf.BpfProgram, tinybpf.BpfMap]:
    """Return the iterator that walks over entries, and a map for it."""
    obj = load("iter_map")
    return obj.programs["dump_map"], obj.maps["counts"]


@pytest.fixture
def cgroups(load: Load) -> tinybpf.BpfProgram:
    """Return the iterator that walks over cgroups."""
    return load("iter_cgroup").programs["dump_cgroups"]


def test_read_is_a_pass_each_time(iters: tinybpf.BpfObject) -> None:
    """Each read() sees what is there then: a child comes and goes."""
    with iters.programs["dump_tasks"].attach_iter() as link:
        assert repr(link).startswith("<BpfLink 'dump_tasks' iter:task, fd=")
        with subprocess.Popen(["sleep", "100"]) as child:
            line = b"task %d\n" % child.pid
            assert line in link.read()
            child.kill()
        assert line not in link.read()
        assert b"task %d\n" % os.getpid() in link.read()


def test_iteration_gives_lines(iters: tinybpf.BpfObject) -> None:
    """Lines are bytes with their end, as those of a file; each loop is a pass."""
    with iters.programs["dump_tasks"].attach_iter() as link:
        lines = list(link)
        assert b"task %d\n" % os.getpid() in lines
        assert all(line.startswith(b"task ") and line.endswith(b"\n") for line in lines)
        assert b"task %d\n" % os.getpid() in list(link)


def test_link_of_attach_is_read_too(iters: tinybpf.BpfObject) -> None:
    """What the section names is attached by attach(), with options or without."""
    with iters.programs["dump_tasks"].attach() as link:
        assert b"task %d\n" % os.getpid() in link.read()


@MAP_ENTRIES
def test_link_of_attach_with_a_map(load: Load) -> None:
    """attach() takes the options of the kind."""
    program, counts = walk_of_a_map(load)
    with program.attach(map=counts) as link:
        assert link.read() == b""


def test_records_are_of_a_named_type(iters: tinybpf.BpfObject) -> None:
    """What the program writes as structs comes as Records, by name or by class."""
    with iters.programs["dump_rows"].attach_iter() as link:
        for kind in ("task_row", "struct task_row", iters.types["task_row"]):
            rows = {row.pid: row for row in link.records(kind)}
            mine = rows[os.getpid()]
            assert type(mine) is iters.types["task_row"]
            assert mine.tgid == os.getpid()
            assert mine.comm == ROOT.joinpath("self/comm").read_text().rstrip()


@pytest.mark.parametrize(
    ("kind", "error"),
    [("tusk_row", KeyError), (5, TypeError), (int, TypeError), ("__u32", TypeError)],
)
def test_records_of_no_struct(iters: tinybpf.BpfObject, kind: object, error: type) -> None:
    """The type is a struct of the object, or a Record class."""
    with iters.programs["dump_rows"].attach_iter() as link:
        with pytest.raises((error, KeyError)):
            link.records(kind)  # type: ignore[arg-type]


@MAP_ENTRIES
def test_records_that_end_within_one_are_an_error(iters: tinybpf.BpfObject, load: Load) -> None:
    """Text is no sequence of structs: what is left over is told, not dropped."""
    program, counts = walk_of_a_map(load)
    counts[1] = 2
    with program.attach_iter(map=counts) as link:
        with pytest.raises(tinybpf.BpfError, match="ended within a record: 5 bytes"):
            list(link.records(iters.types["task_row"]))


@MAP_ENTRIES
def test_map_is_walked_over(load: Load) -> None:
    """The program sees each entry of the map that it is given, by object or descriptor."""
    program, counts = walk_of_a_map(load)
    counts.update({1: 10, 2: 20, 3: 30})
    with program.attach_iter(map=counts) as link, program.attach_iter(map=counts.fd) as other:
        assert sorted(link) == sorted(other) == [b"1: 10\n", b"2: 20\n", b"3: 30\n"]
        del counts[2]
        assert sorted(link.read().splitlines()) == [b"1: 10", b"3: 30"]
        assert isinstance(link.info, tinybpf.IterLinkInfo)
        assert link.info.target == "bpf_map_elem"
        assert link.info.map_id == counts.id


@MAP_ENTRIES
def test_long_walk_is_read_whole(load: Load) -> None:
    """A pass of many chunks, whose lines lie across them, loses none."""
    program, counts = walk_of_a_map(load)
    counts.update({n: n * n for n in range(50_000)})
    with program.attach_iter(map=counts) as link:
        lines = list(link)
        assert len(lines) == 50_000
        pairs = (line.split(b":") for line in lines)
        assert {int(k): int(v) for k, v in pairs} == dict(counts.items())
        assert len(link.read()) == sum(map(len, lines))


@kernel("6.1", "iterator of one task")
def test_thread_and_process_are_chosen(iters: tinybpf.BpfObject) -> None:
    """tid is one thread, pid all threads of a process."""
    program = iters.programs["dump_rows"]
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with program.attach_iter(pid=os.getpid()) as link:
            rows = [row.pid for row in link.records("task_row")]
            assert {os.getpid(), thread.native_id} <= set(rows)
            assert isinstance(link.info, tinybpf.IterLinkInfo)
            assert link.info.pid == os.getpid()
        assert thread.native_id is not None
        with program.attach_iter(tid=thread.native_id) as link:
            assert [row.pid for row in link.records("task_row")] == [thread.native_id]
    finally:
        stop.set()
        thread.join()


@kernel("6.1", "iterator of cgroups")
def test_cgroups_are_walked_in_an_order(
    cgroups: tinybpf.BpfProgram, cgroup: pathlib.Path
) -> None:
    """A path, a descriptor and an id are the same cgroup; the order is by name."""
    child = cgroup / "child"
    child.mkdir()
    own, below, above = (
        b"%d\n" % path.stat().st_ino for path in (cgroup, child, cgroup.parent)
    )
    try:
        fd = os.open(cgroup, os.O_RDONLY)
        for place in (cgroup, str(cgroup), fd, cgroup.stat().st_ino):
            with cgroups.attach_iter(cgroup=place) as link:
                assert list(link) == [own, below]
        os.close(fd)
        for order, expected in {
            "self": [own],
            "pre": [own, below],
            "post": [below, own],
        }.items():
            with cgroups.attach_iter(cgroup=cgroup, order=order) as link:  # type: ignore[arg-type]
                assert list(link) == expected
        with cgroups.attach_iter(cgroup=child, order="up") as link:
            assert list(link)[:3] == [below, own, above]
            assert isinstance(link.info, tinybpf.IterLinkInfo)
            assert (link.info.cgroup_id, link.info.order) == (child.stat().st_ino, 4)
        with cgroups.attach_iter() as link:
            assert {own, below, above} <= set(link)
    finally:
        child.rmdir()


@kernel("7.0", "iterator of a cgroup's children")
def test_children_of_a_cgroup(cgroups: tinybpf.BpfProgram, cgroup: pathlib.Path) -> None:
    """The order "children" leaves the cgroup itself out."""
    child = cgroup / "child"
    child.mkdir()
    try:
        with cgroups.attach_iter(cgroup=cgroup, order="children") as link:
            assert list(link) == [b"%d\n" % child.stat().st_ino]
    finally:
        child.rmdir()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"tid": 1, "pid": 1}, ValueError, "give one"),
        ({"map": 0, "tid": 1}, ValueError, "walks over one thing"),
        ({"tid": 0}, ValueError, "tid must be 1 or more"),
        ({"pid": -1}, ValueError, "pid"),
        ({"pid": "1"}, TypeError, "int"),
        ({"order": "sideways"}, ValueError, "order must be .*'pre'"),
        ({"cgroup": "/no/such"}, FileNotFoundError, "/no/such"),
        ({"map": object()}, TypeError, "fileno"),
        ({"mop": 1}, TypeError, "nearest: 'map'"),
    ],
)
def test_walk_that_cannot_be(
    iters: tinybpf.BpfObject, options: dict[str, object], error: type, words: str
) -> None:
    """What is wrong with the options is said before the kernel is asked."""
    with pytest.raises(error, match=words):
        iters.programs["dump_tasks"].attach_iter(**options)  # type: ignore[arg-type]


@MAP_ENTRIES
def test_map_iterator_without_a_map(load: Load) -> None:
    """It says what it lacks; the object's attach() finds nothing that attaches itself."""
    obj = load("iter_map")
    program = obj.programs["dump_map"]
    for attach in (program.attach_iter, program.attach):
        with pytest.raises((ValueError, tinybpf.BpfError), match=r"give map=|not say where"):
            attach()
    with pytest.raises(tinybpf.BpfError, match="no program's section says where"):
        obj.attach()


def test_all_iterators_are_attached(iters: tinybpf.BpfObject) -> None:
    """The object's attach() makes a link of each that walks over everything."""
    with iters.attach() as links:
        assert len(links) == 2


def test_program_that_is_no_iterator(counts: tinybpf.BpfObject) -> None:
    """Its section says what it is; its link cannot be read."""
    program = counts.programs["on_trigger"]
    with pytest.raises(tinybpf.BpfError, match="iterator"):
        program.attach_iter()
    with program.attach() as link:
        for use in (link.read, lambda: iter(link), lambda: link.records(tinybpf.Record)):
            with pytest.raises((tinybpf.BpfError, TypeError), match=r"of no iterator|Record"):
                use()


def test_closed_link_is_not_read(iters: tinybpf.BpfObject) -> None:
    """A pass that has begun goes on to its end; a new one says closed."""
    with iters.programs["dump_tasks"].attach_iter() as link:
        begun = iter(link)
    assert list(begun)
    for use in (link.read, lambda: iter(link), lambda: link.records("task_row")):
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            use()


def test_pass_can_be_left(iters: tinybpf.BpfObject, recwarn: pytest.WarningsRecorder) -> None:
    """A pass that nobody reads to its end is closed, with close() or without a word."""
    with iters.programs["dump_tasks"].attach_iter() as link:
        begun = iter(link)
        next(begun)
        begun.close()
        begun.close()
        assert list(begun) == []
        next(iter(link))
        gc.collect()
    assert not recwarn.list


def test_pinned_iterator_is_a_file(iters: tinybpf.BpfObject) -> None:
    """`cat` of the pin is a pass; the opened pin reads, too, without its object."""
    row = iters.types["task_row"]
    with pins.folder() as folder:
        with iters.programs["dump_tasks"].attach_iter() as link:
            link.pin(folder / "tasks")
        with iters.programs["dump_rows"].attach_iter() as link:
            link.pin(folder / "rows")
        iters.close()
        said = subprocess.run(["cat", folder / "tasks"], capture_output=True, check=True).stdout
        assert b"task %d\n" % os.getpid() in said
        with tinybpf.open_pinned_link(folder / "tasks") as link:
            assert b"task %d\n" % os.getpid() in list(link)
            link.unpin()
        with tinybpf.open_pinned_link(folder / "rows") as link:
            assert os.getpid() in {r.pid for r in link.records(row)}
            with pytest.raises(TypeError, match="has no types"):
                link.records("task_row")
            link.unpin()
        assert not list(folder.iterdir())


@pytest.fixture
def alarm() -> Iterator[None]:
    """Have SIGALRM raise InterruptedError meanwhile."""

    def handler(number: int, frame: object) -> None:
        raise InterruptedError

    before = signal.signal(signal.SIGALRM, handler)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@MAP_ENTRIES
@pytest.mark.usefixtures("alarm")
def test_signal_ends_reading(load: Load) -> None:
    """A handler that raises ends a pass in its middle."""
    program, counts = walk_of_a_map(load)
    counts.update({n: n for n in range(50_000)})
    with program.attach_iter(map=counts) as link:
        with pytest.raises(InterruptedError):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            while True:
                link.read()
        assert len(link.read().splitlines()) == 50_000
