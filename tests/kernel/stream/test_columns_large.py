# SPDX-License-Identifier: MIT
"""read_columns() of large batches: other threads run meanwhile, and may do what they like."""

import contextlib
import functools
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable, ClassVar, NamedTuple, Optional

import pytest

import tinybpf
from support import traffic
from support.objects import DEADLINE_S, Find, ended, wait_for

FIELDS = ["cookie", "count", "min_size", "step", "span", "flags"]
TRIGGERS = 500
LARGE = TRIGGERS * traffic.BURST  # records of 32 bytes: more than 1 MiB
DEEP = 4  # so many large batches at once
PAGES = 4096  # of 4 KiB, with room for as many
FEW_PAGES = 1024
CPUS = sorted(os.sched_getaffinity(0))[:2]
SPIN_S = 0.01  # for a thread that was woken to come to where it waits for its turn


class OneCpu(traffic.Producer):
    """A producer whose records are all in the ring of one CPU, or of those of a list."""

    cpus: ClassVar = CPUS[:1]

    def fire(self, times: int = 1) -> None:
        """Trigger on each CPU in turn."""
        before = os.sched_getaffinity(0)
        try:
            for cpu in self.cpus:
                os.sched_setaffinity(0, {cpu})
                super().fire(times // len(self.cpus))
        finally:
            os.sched_setaffinity(0, before)


class Kind(NamedTuple):
    """A kind of buffer."""

    object: str
    make: Callable[..., Any]
    padding: int = 0  # bytes of each record, which the kernel counts as data


perf = functools.partial(tinybpf.BpfPerfBuffer, page_count=PAGES, cpus=CPUS)
KINDS = {
    "ring": Kind("ring", tinybpf.BpfRingBuffer),
    "perf": Kind("perf", perf, 4),
    "perf by time": Kind("perf", functools.partial(perf, order="time"), 4),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Return each kind of buffer."""
    return KINDS[request.param]


@pytest.fixture
def producer(bpf: Find, kind: Kind) -> Iterator[traffic.Producer]:
    """Yield a producer whose ring has room for a large batch."""
    settings = {"events": {"max_entries": 16 << 20}} if kind.object == "ring" else None
    with tinybpf.load(bpf(kind.object), maps=settings) as obj, obj.attach():
        yield OneCpu(obj).setup(count=traffic.BURST, size=32)


@pytest.fixture
def ring(producer: traffic.Producer, kind: Kind) -> Iterator[Any]:
    """Yield a buffer of that ring."""
    with kind.make(producer.events, event_type="config") as made:
        yield made


@contextlib.contextmanager
def turns_kept() -> Iterator[None]:
    """Let no thread run but when another waits, or gives up its turn by itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def attempt(
    producer: traffic.Producer, ring: Any, function: Callable[[], Any], times: int
) -> Optional[tinybpf.Columns]:
    """Read a large batch; return it if another thread could run a function meanwhile.

    The thread waits for its turn when the call begins.
    """
    is_reading = has_run = False
    go = threading.Event()

    def run() -> None:
        nonlocal has_run
        go.wait()
        if is_reading:
            has_run = True
            function()

    producer.fire(times * TRIGGERS)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    with turns_kept():
        go.set()
        begin = time.monotonic()
        while time.monotonic() < begin + SPIN_S:
            pass
        is_reading = True
        cols: tinybpf.Columns = ring.read_columns(timeout=0)
        is_reading = False
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    return cols if has_run else None


def read_meanwhile(
    producer: traffic.Producer, ring: Any, function: Callable[[], Any], times: int = 1
) -> tinybpf.Columns:
    """Return a large batch, or so many, in whose reading another thread has run a function.

    If that is slow to come to its turn, the call is over before: another one is made.
    """
    late = time.monotonic() + 3 * DEADLINE_S
    while time.monotonic() < late:
        cols = attempt(producer, ring, function, times)
        if cols is not None:
            return cols
    raise AssertionError("no other thread has run while columns were read")


def check(producer: traffic.Producer, cols: tinybpf.Columns, end: int) -> None:
    """Check that a large batch is whole, up to the record before that number."""
    assert cols["cookie"].tolist() == list(range(end - LARGE, end))
    last = producer.record(end - 1)
    values = struct.unpack("=QIIIIQ", last)
    assert [cols[name][-1] for name in FIELDS] == list(values)
    for name, value in zip(FIELDS[1:], values[1:]):
        assert set(cols[name].tolist()) == {value}, name


def test_other_threads_run_meanwhile(producer: traffic.Producer, ring: Any, kind: Kind) -> None:
    """And find the buffer as it was before the call; each record comes once, in order."""
    fills: list[float] = []
    cols = read_meanwhile(producer, ring, lambda: fills.append(ring.stats().records))
    check(producer, cols, producer.tried)
    assert fills == [producer.tried - LARGE]
    stats = ring.stats()
    size = 32 + kind.padding
    assert (stats.records, stats.bytes) == (producer.tried, producer.tried * size)
    assert producer.no_room == 0


def test_closed_meanwhile(producer: traffic.Producer, ring: Any) -> None:
    """The batch is whole; the ring is unmapped behind it."""
    cols = read_meanwhile(producer, ring, ring.close)
    check(producer, cols, producer.tried)
    with pytest.raises(tinybpf.BpfClosedError):
        ring.read_columns()


def test_object_closed_meanwhile(producer: traffic.Producer, ring: Any) -> None:
    """The same; then the buffer is at its end."""
    wanted: list[int] = []

    def close() -> None:
        wanted.append(producer.tried)
        producer.obj.close()

    cols = read_meanwhile(producer, ring, close)
    check(producer, cols, wanted[0])
    with pytest.raises(tinybpf.BpfClosedError):
        ended(ring.read_columns)


@pytest.mark.parametrize("method", ["read", "read_columns"])
def test_read_meanwhile(producer: traffic.Producer, ring: Any, method: str) -> None:
    """Who reads the same ring gets what the first call has left: nothing twice."""
    others: list[int] = []
    cols = read_meanwhile(
        producer, ring, lambda: others.append(len(getattr(ring, method)(timeout=0)))
    )
    check(producer, cols, producer.tried)
    assert others == [0]
    assert ring.stats().records == producer.tried


@pytest.mark.parametrize("kind", [KINDS["ring"]], ids=["ring"])
def test_forked_meanwhile(producer: traffic.Producer, ring: Any) -> None:
    """The child, in which nobody reads, can; the parent's batch is whole."""
    children: list[int] = []

    def fork() -> None:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                ring.read_columns(max_events=10, timeout=0)
                ring.close()
                status = 0
            finally:
                os._exit(status)
        children.append(pid)

    cols = read_meanwhile(producer, ring, fork)
    assert cols["cookie"].tolist()[-1] == producer.tried - 1
    codes: list[int] = []

    def is_over() -> bool:
        pid, status = os.waitpid(children[0], os.WNOHANG)
        codes.extend([os.waitstatus_to_exitcode(status)] if pid else [])
        return pid != 0

    try:
        wait_for("the child", is_over)
    finally:
        if not codes:
            os.kill(children[0], signal.SIGKILL)
            os.waitpid(children[0], 0)
    assert codes == [0]


def test_record_of_another_size_ends_the_batch(
    producer: traffic.Producer, ring: Any, kind: Kind
) -> None:
    """What is before it is returned, what is behind it comes behind the error."""
    producer.fire(TRIGGERS)
    producer.setup(count=1, size=24).fire()
    producer.setup(count=traffic.BURST, size=32).fire(TRIGGERS)
    check(producer, ring.read_columns(), LARGE)
    wrong = f"expected 32 bytes, got {24 + kind.padding}"
    with pytest.raises(tinybpf.BtfValidationError, match=wrong):
        ring.read_columns()
    check(producer, ring.read_columns(), 2 * LARGE + 1)


def test_no_more_than_asked_for(producer: traffic.Producer, ring: Any) -> None:
    """A large batch of a larger one."""
    producer.fire(TRIGGERS)
    found: list[int] = []
    for most in (LARGE - 1000, 900, 200):
        found += ring.read_columns(most)["cookie"].tolist()
    assert found == list(range(LARGE))


@pytest.fixture
def partial(producer: traffic.Producer, kind: Kind) -> Iterator[Any]:
    """Yield a buffer that takes records of any size."""
    with kind.make(producer.events, event_type="config", partial=True) as made:
        yield made


def test_partial_records_among_others(producer: traffic.Producer, partial: Any) -> None:
    """Short ones are filled up in their place."""
    for size in (32, 20, 48):
        producer.setup(count=traffic.BURST, size=size).fire(200)
    cols = partial.read_columns()
    n = 200 * traffic.BURST
    assert cols["cookie"].tolist() == list(range(3 * n))
    whole = producer.record(0)[24:32]
    assert [bytes(8), whole] == [struct.pack("=Q", cols["flags"][i]) for i in (n, n - 1)]
    assert struct.pack("=Q", cols["flags"][2 * n]) == whole
    assert set(cols["flags"][n : 2 * n].tolist()) == {0}


@pytest.mark.parametrize("size", [20, 52])
def test_turn_is_not_taken_back_for_partial_records(
    producer: traffic.Producer, partial: Any, size: int
) -> None:
    """Other threads run on while records are read that are too short or too long."""
    seen: list[int] = []

    def look() -> None:
        seen.append(partial.stats().records)
        time.sleep(20e-6)  # it has no turn again while the call keeps it
        seen.append(partial.stats().records)

    def is_let_run() -> bool:
        cols = read_meanwhile(producer, partial, look, DEEP)
        begin = producer.tried - DEEP * LARGE
        assert cols["cookie"].tolist() == list(range(begin, producer.tried))
        return seen[-2] == seen[-1]

    producer.setup(count=traffic.BURST, size=size)
    wait_for("a call that keeps no turn", is_let_run)


def test_two_readers_share_large_batches(producer: traffic.Producer, ring: Any) -> None:
    """Each record comes once, in one of them."""
    found: list[list[int]] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            found.append(ring.read_columns(timeout=0.01)["cookie"].tolist())

    threads = [threading.Thread(target=read, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        producer.fire(TRIGGERS)
    wait_for("all records", lambda: sum(map(len, found)) >= producer.tried - producer.no_room)
    over.set()
    for thread in threads:
        thread.join(DEADLINE_S)
    numbers = [number for batch in found for number in batch]
    assert len(numbers) == len(set(numbers)) == producer.tried - producer.no_room


def fill_twice(producer: traffic.Producer, buffer: Any) -> int:
    """Fill a ring, make room for some, and fill it again; return how many were lost then.

    Their count lies between the records: the kernel writes it before the next that it has
    room for.
    """
    producer.fire(4 * TRIGGERS)
    lost = producer.no_room
    buffer.read_columns(2000, timeout=0)
    producer.fire(TRIGGERS)
    assert 0 < lost < producer.no_room
    return lost


perf_only = pytest.mark.parametrize("kind", [KINDS["perf"]], ids=["perf"])


@perf_only
def test_lost_are_told_of(producer: traffic.Producer, kind: Kind) -> None:
    """The callback is called behind the batch that their count lies in."""
    told: list[tuple[int, int]] = []
    wanted = {"event_type": "config", "page_count": FEW_PAGES}
    with kind.make(producer.events, None, lambda *lost: told.append(lost), **wanted) as buffer:
        lost = fill_twice(producer, buffer)
        assert told == []
        cols = buffer.read_columns(timeout=0)
        assert told == [(OneCpu.cpus[0], lost)]
        assert len(cols) == producer.tried - producer.no_room - 2000
        assert buffer.stats().lost == lost


@perf_only
def test_callback_of_lost_that_raises_takes_nothing_along(
    producer: traffic.Producer, kind: Kind
) -> None:
    """The batch is returned; the next call raises."""
    wanted = {"event_type": "config", "page_count": FEW_PAGES}
    with kind.make(producer.events, None, lambda cpu, n: 1 / 0, **wanted) as buffer:
        fill_twice(producer, buffer)
        cols = buffer.read_columns(timeout=0)
        assert len(cols) == producer.tried - producer.no_room - 2000
        with pytest.raises(ZeroDivisionError):
            buffer.read_columns(timeout=0)
        assert len(buffer.read_columns(timeout=0)) == 0


@pytest.mark.skipif(len(CPUS) < 2, reason="records of two CPUs need two")
@pytest.mark.parametrize("kind", [KINDS["perf by time"]], ids=["perf by time"])
def test_large_batches_are_merged(
    producer: traffic.Producer, ring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of several CPUs come as they were written."""
    monkeypatch.setattr(OneCpu, "cpus", CPUS * 5)
    cols = read_meanwhile(producer, ring, lambda: None)
    check(producer, cols, producer.tried)
