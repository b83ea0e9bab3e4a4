# SPDX-License-Identifier: MIT
"""read_columns(): records as typed buffers, of rings and perf buffers, of several types."""

import gc
import signal
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import arrow, traffic
from support.objects import Load, ended

CONFIG = ["cookie", "count", "min_size", "step", "span", "flags"]
KINDS = {7: "exec_event", 9: "exit_event", None: bytes}


@pytest.fixture
def producer(load: Load) -> Iterator[traffic.Producer]:
    """Yield a producer whose records can be read as struct config: 32 bytes."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=40, size=32)


@pytest.fixture
def mixed(load: Load, trigger: traffic.Trigger) -> Iterator[Any]:
    """Yield event_kinds.bpf.c, attached and armed: exec, exit, an unknown one, one byte."""
    loaded = load("event_kinds")
    trigger.arm(loaded)
    with loaded.attach():
        yield loaded


def ring_of(producer: traffic.Producer, **more: Any) -> Any:
    """Return a buffer of the producer's ring."""
    return tinybpf.BpfRingBuffer(producer.events, event_type="config", **more)


def rows(cols: tinybpf.Columns) -> list[bytes]:
    """Return the rows as the records that they were, of struct config."""
    columns = (cols[name].tolist() for name in CONFIG)
    return [struct.pack("=QIIIIQ", *row) for row in zip(*columns)]


def test_columns_are_the_records(producer: traffic.Producer) -> None:
    """In their order, every byte of them, over the wrap of the ring, many times."""
    seq = 0
    with ring_of(producer) as ring:
        for _ in range(100):  # 64 KiB hold 1638 of them
            producer.fire(20)
            cols = ring.read_columns()
            assert list(cols) == CONFIG
            assert rows(cols) == [producer.record(seq + i) for i in range(800)]
            seq += 800
    assert producer.no_room == 0


def test_numbers_of_records_are_counted(producer: traffic.Producer) -> None:
    """stats() counts what went into columns."""
    with ring_of(producer) as ring:
        producer.fire(3)
        ring.read_columns()
        assert (ring.stats().records, ring.stats().bytes) == (120, 120 * 32)


def test_max_events_leaves_the_rest(producer: traffic.Producer) -> None:
    """No more than that, and nothing is skipped; None is what was there."""
    with ring_of(producer) as ring:
        producer.fire(20)
        found = []
        for most in (1, 2, 511, 100, None):
            cols = ring.read_columns(most)
            assert len(cols) == (most or 800 - 614)
            found += rows(cols)
    assert found == [producer.record(i) for i in range(800)]


def test_nothing_there_is_an_empty_schema(producer: traffic.Producer) -> None:
    """timeout=0 does not wait, others wait so long; the schema is that of full ones."""
    with ring_of(producer) as ring:
        producer.fire()
        full = ring.read_columns()
        for timeout in (0, 0.05):
            start = time.monotonic()
            cols = ring.read_columns(timeout=timeout)
            assert time.monotonic() - start >= timeout
            assert (len(cols), cols.schema) == (0, full.schema)
            assert [cols[name].format for name in cols] == [full[name].format for name in full]


def test_waits_for_the_first(producer: traffic.Producer) -> None:
    """timeout=None waits until there is one, then does not wait for more."""
    with ring_of(producer) as ring:
        timer = threading.Timer(0.05, producer.fire)
        timer.start()
        assert len(ring.read_columns()) >= 1
        timer.join()


def test_ctrl_c_ends_a_wait(producer: traffic.Producer) -> None:
    """At once, by KeyboardInterrupt; nothing is taken."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with ring_of(producer) as ring:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            start = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                ring.read_columns()
            assert time.monotonic() - start < 1
            producer.fire()
            assert len(ring.read_columns()) == 40
    finally:
        signal.signal(signal.SIGALRM, before)


def test_queued_records_come_first(producer: traffic.Producer) -> None:
    """What poll() has queued is before what the ring has; each comes once."""
    with ring_of(producer) as ring:
        producer.fire()
        ring.poll(0)
        producer.fire()
        found = rows(ring.read_columns(50)) + rows(ring.read_columns())
    assert found == [producer.record(i) for i in range(80)]


def test_bytes_are_read_as_what_type_says(producer: traffic.Producer) -> None:
    """Without event_type records are bytes; type= is asked for, and says the struct."""
    with tinybpf.BpfRingBuffer(producer.events) as ring:
        producer.fire()
        with pytest.raises(ValueError, match="must know what the records are"):
            ring.read_columns()
        ring.poll(0)
        producer.fire()
        assert rows(ring.read_columns(type="config")) == [producer.record(i) for i in range(80)]
        for kind in (producer.obj.types.config, "struct config"):
            producer.fire()
            assert len(ring.read_columns(type=kind)) == 40
        with pytest.raises(tinybpf.BtfValidationError, match="not found"):
            ring.read_columns(type="confg")
        with pytest.raises((TypeError, ValueError)):
            ring.read_columns(type=5)  # type: ignore[arg-type]
    with ring_of(producer) as ring, pytest.raises(ValueError, match="the records are"):
        ring.read_columns(type="pattern")


def test_record_of_another_size_takes_none_along(producer: traffic.Producer) -> None:
    """Those before it are returned, the next call says both sizes, then it goes on."""
    with ring_of(producer) as ring:
        producer.setup(count=5, size=32).fire()
        producer.setup(count=2, size=24).fire()
        producer.setup(count=3, size=32).fire()
        assert len(ring.read_columns()) == 5
        for _ in range(2):
            with pytest.raises(tinybpf.BtfValidationError, match="expected 32 bytes, got 24"):
                ring.read_columns()
        assert rows(ring.read_columns()) == [producer.record(i) for i in range(7, 10)]
        producer.setup(count=1, size=40).fire()
        with pytest.raises(tinybpf.BtfValidationError, match="expected 32 bytes, got 40"):
            ring.read_columns()


def test_partial_records_are_filled_with_zeros(producer: traffic.Producer) -> None:
    """And what is behind longer ones has no column."""
    with ring_of(producer, partial=True) as ring:
        for size in (32, 20, 48, 32):
            producer.setup(count=2, size=size).fire()
        found = rows(ring.read_columns())
    expected = [producer.record(i)[:32] for i in range(8)]
    whole = [struct.pack("=Q", i) + producer._pattern[8:32] for i in range(8)]
    expected = [whole[0], whole[1], whole[2][:20] + bytes(12), whole[3][:20] + bytes(12)]
    assert found == expected + whole[4:]


def test_one_of_several_types(mixed: Any, trigger: traffic.Trigger) -> None:
    """type= says which; the others wait for their own call, or for read()."""
    more: Any = {"event_type": KINDS, "event_key": "hdr.type"}
    with tinybpf.BpfRingBuffer(mixed.maps["mixed"], **more) as ring:
        trigger.fire(50)
        with pytest.raises(ValueError, match="must be one of exec_event, exit_event"):
            ring.read_columns()
        with pytest.raises(ValueError, match="must be one of exec_event, exit_event"):
            ring.read_columns(type="header")
        execs = ring.read_columns(type="exec_event")
        assert len(execs) == 50
        assert set(execs["pid"]) == {42}
        assert set(arrow.read(execs)["comm"]) == {"sh"}
        assert set(execs["hdr.type"]) == {7}
        trigger.fire(2)
        exits = ring.read_columns(30, type="exit_event")
        assert (len(exits), set(exits["code"])) == (30, {-3})
        assert len(ring.read_columns(timeout=0, type=mixed.types.exit_event)) == 22
        rest: list[Any] = ring.read()
    assert [type(event).__name__ for event in rest].count("exec_event") == 2
    assert len(rest) == 2 + 52 * 2


def test_types_that_do_not_come_are_waited_for(mixed: Any, trigger: traffic.Trigger) -> None:
    """Records of other types do not end a wait; they are kept."""
    with tinybpf.BpfRingBuffer(
        mixed.maps["mixed"], event_type=KINDS, event_key="hdr.type"
    ) as ring:
        trigger.fire()
        assert len(ring.read_columns(type="exec_event")) == 1
        start = time.monotonic()
        assert len(ring.read_columns(timeout=0.05, type="exec_event")) == 0
        assert time.monotonic() - start >= 0.05
        assert len(ring.read(timeout=0)) == 3


def test_perf_buffers_the_same(mixed: Any, trigger: traffic.Trigger) -> None:
    """The padding is no part of a record."""
    with tinybpf.BpfPerfBuffer(mixed.maps["perf"], event_type="exit_event") as buffer:
        trigger.fire(100)
        found = len(buffer.read_columns(30, timeout=5)), buffer.read_columns(timeout=5)
    assert (found[0], len(found[1])) == (30, 70)
    assert set(found[1]["code"]) == {-3}
    assert list(found[1]) == ["hdr.version", "hdr.type", "code"]


def test_callbacks_and_closed_buffers_are_refused(producer: traffic.Producer) -> None:
    """In the words that read() has."""
    with tinybpf.BpfRingBuffer(producer.events, lambda data: None) as ring:
        with pytest.raises(tinybpf.BpfError, match="requires iterator mode"):
            ring.read_columns()
    with pytest.raises(tinybpf.BpfClosedError):
        ring.read_columns()
    with ring_of(producer) as ring:
        for bad in (0, -1):
            with pytest.raises(ValueError, match="max_events"):
                ring.read_columns(bad)
        for timeout in (-1, float("nan")):
            with pytest.raises(ValueError, match="timeout"):
                ring.read_columns(timeout=timeout)
        producer.obj.close()
        with pytest.raises(tinybpf.BpfClosedError):
            ring.read_columns()


def test_closed_by_another_thread_while_it_waits(producer: traffic.Producer) -> None:
    """The wait ends by BpfClosedError; nothing hangs."""
    ring = ring_of(producer)
    threading.Timer(0.05, ring.close).start()
    with pytest.raises(tinybpf.BpfClosedError):
        ended(ring.read_columns)


def test_two_readers_share_the_records(producer: traffic.Producer) -> None:
    """Two threads on one buffer: each record comes once, in one of them."""
    found: list[bytes] = []
    with ring_of(producer) as ring:
        over = threading.Event()

        def read() -> None:
            while not over.is_set():
                found.extend(rows(ring.read_columns(timeout=0.01)))

        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(50):
            producer.fire(10)
        late = time.monotonic() + 10
        while len(found) < 50 * 400 - producer.no_room and time.monotonic() < late:
            time.sleep(0.01)
        over.set()
        for thread in threads:
            thread.join()
    assert len(found) == len(set(found)) == 50 * 400 - producer.no_room


def test_columns_outlive_the_buffer(producer: traffic.Producer) -> None:
    """And the object, and the Columns."""
    with ring_of(producer) as ring:
        producer.fire()
        view = ring.read_columns()["cookie"]
    gc.collect()
    assert view.tolist() == list(range(40))
