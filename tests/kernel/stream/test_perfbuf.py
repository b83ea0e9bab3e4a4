# SPDX-License-Identifier: MIT
"""Perf buffers: each record once with its CPU, losses told, waits and ends in order."""

import contextlib
import gc
import os
import select
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import child
from support.objects import DEADLINE_S, Find, Load, wait_for
from support.traffic import Producer

PAGE = os.sysconf("SC_PAGE_SIZE")
NOT_PADDED = 12  # 8 * n + 4 bytes fill what the kernel reserves for a record
Sample = tuple[int, bytes]


@contextlib.contextmanager
def on_cpu(cpu: int) -> Iterator[None]:
    """Keep this thread on one CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@pytest.fixture
def cpu() -> Iterator[int]:
    """Keep the test on one CPU, and return its number."""
    chosen = max(os.sched_getaffinity(0))
    with on_cpu(chosen):
        yield chosen


@pytest.fixture
def producer(load: Load) -> Iterator[Producer]:
    """Return the attached producer, set to 10 records for a trigger."""
    obj = load("perf")
    with obj.attach():
        yield Producer(obj).setup(count=10, size=NOT_PADDED)


class Log:
    """A buffer's callbacks, which keep what they are called with."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.losses: list[tuple[int, int]] = []

    def sample(self, cpu: int, data: bytes) -> None:
        self.samples.append((cpu, data))

    def lost(self, cpu: int, count: int) -> None:
        self.losses.append((cpu, count))


@pytest.mark.parametrize("read", ["poll", "consume"])
def test_each_record_comes_with_its_cpu(producer: Producer, cpu: int, read: str) -> None:
    """poll() and consume() call the callback with the CPU and bytes of each record."""
    log = Log()
    with tinybpf.BpfPerfBuffer(producer.events, log.sample, log.lost) as buffer:
        producer.fire()
        assert getattr(buffer, read)() == 10
        assert getattr(buffer, read)(*([0] if read == "poll" else [])) == 0
        assert buffer.lost == 0
    assert log.samples == [(cpu, producer.record(number)) for number in range(10)]
    assert {type(data) for _, data in log.samples} == {bytes}
    assert log.losses == []


def test_records_of_all_cpus_come(producer: Producer) -> None:
    """Each CPU has a ring of its own; one call reads them all."""
    cpus = sorted(os.sched_getaffinity(0))
    log = Log()
    with tinybpf.BpfPerfBuffer(producer.events, log.sample) as buffer:
        for number in cpus:
            with on_cpu(number):
                producer.fire()
        assert buffer.consume() == 10 * len(cpus)
    assert {number for number, _ in log.samples} == set(cpus)
    records = sorted(data for _, data in log.samples)
    assert records == sorted(producer.record(n) for n in range(10 * len(cpus)))


@pytest.mark.parametrize("size", [12, 20, 500, 2044])
def test_records_wrap_around_the_ring(producer: Producer, cpu: int, size: int) -> None:
    """Records whose data meet the end of the ring arrive whole."""
    producer.setup(count=1, size=size)
    log = Log()
    with tinybpf.BpfPerfBuffer(producer.events, log.sample, page_count=1) as buffer:
        for _ in range(3 * PAGE // size + 50):
            producer.fire()
            assert buffer.consume() == 1
        assert buffer.lost == 0
    assert log.samples == [(cpu, producer.record(n)) for n in range(len(log.samples))]


@pytest.mark.parametrize("size", [8, 9, 11, 13, 19])
def test_padding_follows_the_record(producer: Producer, cpu: int, size: int) -> None:
    """The kernel pads records to 8 * n + 4 bytes; the record itself is in front."""
    producer.setup(count=3, size=size)
    log = Log()
    with tinybpf.BpfPerfBuffer(producer.events, log.sample) as buffer:
        producer.fire()
        assert buffer.consume() == 3
    for number, (_, data) in enumerate(log.samples):
        assert data[:size] == producer.record(number)
        assert len(data) == (size + 3) // 8 * 8 + 4


@pytest.mark.parametrize("with_callback", [True, False])
def test_losses_are_told_and_counted(producer: Producer, cpu: int, with_callback: bool) -> None:
    """What found no room is counted in any case, and told to the callback if there is one."""
    producer.setup(count=64, size=500)
    log = Log()
    lost = log.lost if with_callback else None
    with tinybpf.BpfPerfBuffer(producer.events, log.sample, lost, page_count=1) as buffer:
        producer.fire(2)
        kept = buffer.consume()
        assert 0 < kept < 64
        producer.setup(count=1, size=500).fire()
        assert buffer.consume() == 1
        assert buffer.lost == producer.tried - len(log.samples) == 128 - kept
        assert str(buffer.lost) in repr(buffer)
    assert log.losses == ([(cpu, 128 - kept)] if with_callback else [])


def test_poll_waits_and_is_woken(producer: Producer) -> None:
    """A thread in poll() holds no GIL and is woken by a record; the time ends a wait."""
    log = Log()
    with tinybpf.BpfPerfBuffer(producer.events, log.sample) as buffer:
        assert buffer.poll(10) == 0
        thread = threading.Thread(target=lambda: buffer.poll(-1), daemon=True)
        thread.start()
        wait_for("the thread's id", lambda: thread.native_id is not None)
        child.wait_until_waiting(thread.native_id or 0)
        producer.fire()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
        buffer.consume()
    assert len(log.samples) == 10


def test_descriptor_becomes_readable(producer: Producer) -> None:
    """epoll_fd() and fileno() serve select()."""
    with tinybpf.BpfPerfBuffer(producer.events, print) as buffer:
        assert buffer.fileno() == buffer.epoll_fd()
        assert select.select([buffer], [], [], 0)[0] == []
        producer.fire()
        assert select.select([buffer], [], [], 10)[0] == [buffer]


@pytest.mark.parametrize("read", ["poll", "consume"])
def test_exception_leaves_at_once_and_consumes_its_record(
    producer: Producer, cpu: int, read: str
) -> None:
    """What a callback raises comes out; the next call goes on behind the record."""
    log = Log()

    def fail_at_third(number: int, data: bytes) -> None:
        log.sample(number, data)
        if len(log.samples) == 3:
            raise ZeroDivisionError

    with tinybpf.BpfPerfBuffer(producer.events, fail_at_third) as buffer:
        producer.fire()
        with pytest.raises(ZeroDivisionError):
            getattr(buffer, read)()
        assert len(log.samples) == 3
        assert getattr(buffer, read)() == 7
    assert log.samples == [(cpu, producer.record(number)) for number in range(10)]


def test_exception_of_the_lost_callback_leaves_too(producer: Producer, cpu: int) -> None:
    """What lost_callback raises comes out; the loss is counted, the record follows."""

    def fail(number: int, count: int) -> None:
        raise ZeroDivisionError

    log = Log()
    producer.setup(count=64, size=500)
    with tinybpf.BpfPerfBuffer(producer.events, log.sample, fail, 1) as buffer:
        producer.fire()
        kept = buffer.consume()
        producer.setup(count=1, size=500).fire()
        with pytest.raises(ZeroDivisionError):
            buffer.consume()
        assert buffer.lost == 64 - kept
        assert buffer.consume() == 1


@pytest.mark.parametrize("answer", [None, -1, "text", object()], ids=repr)
def test_answers_mean_nothing(producer: Producer, cpu: int, answer: Any) -> None:
    """Whatever sample_callback returns, the next record comes."""
    with tinybpf.BpfPerfBuffer(producer.events, lambda number, data: answer) as buffer:
        producer.fire()
        assert buffer.consume() == 10


def test_callback_may_close_the_buffer(producer: Producer, cpu: int) -> None:
    """close() in a callback: no callback runs after it, and nothing breaks."""
    log = Log()

    def close(number: int, data: bytes) -> None:
        log.sample(number, data)
        buffer.close()

    buffer = tinybpf.BpfPerfBuffer(producer.events, close)
    producer.fire()
    assert buffer.consume() == 1
    assert len(log.samples) == 1
    with pytest.raises(tinybpf.BpfClosedError, match="perf buffer is closed"):
        buffer.consume()


def test_callback_that_consumes_again_repeats_no_record(producer: Producer, cpu: int) -> None:
    """consume() within a callback hands each record over once."""
    log = Log()

    def again(number: int, data: bytes) -> None:
        log.sample(number, data)
        if len(log.samples) == 3:
            buffer.consume()

    with tinybpf.BpfPerfBuffer(producer.events, again) as buffer:
        producer.fire()
        buffer.consume()
    assert log.samples == [(cpu, producer.record(number)) for number in range(10)]


def test_close_by_another_thread_ends_poll(producer: Producer) -> None:
    """close() during a wait makes poll() raise BpfClosedError at once."""
    errors: list[BaseException] = []
    buffer = tinybpf.BpfPerfBuffer(producer.events, print)

    def poll() -> None:
        try:
            buffer.poll(-1)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    wait_for("the thread's id", lambda: thread.native_id is not None)
    child.wait_until_waiting(thread.native_id or 0)
    buffer.close()
    thread.join(DEADLINE_S)
    assert [type(error) for error in errors] == [tinybpf.BpfClosedError]


def test_closed_buffer_gets_nothing_and_a_new_one_everything(
    producer: Producer, cpu: int
) -> None:
    """Closing takes the events out of the map; another buffer can put its own there."""
    log = Log()
    with tinybpf.BpfPerfBuffer(producer.events, log.sample):
        pass
    producer.fire()
    with tinybpf.BpfPerfBuffer(producer.events, log.sample) as buffer:
        assert buffer.consume() == 0
        producer.fire()
        assert buffer.consume() == 10
        assert buffer.lost == 0
    assert log.samples[0] == (cpu, producer.record(10))


def test_buffer_outlives_its_object(bpf: Find, cpu: int) -> None:
    """Records that were written before the object was closed can still be read."""
    obj = tinybpf.load(bpf("perf"))
    producer = Producer(obj).setup(count=10, size=NOT_PADDED)
    log = Log()
    buffer = tinybpf.BpfPerfBuffer(producer.events, log.sample)
    with obj.attach():
        producer.fire()
    obj.close()
    assert buffer.consume() == 10
    buffer.close()


@pytest.mark.parametrize("count", [0, -1, 3, 65, 2**40, -(2**31)])
def test_page_count_must_be_a_power_of_2(load: Load, count: int) -> None:
    """The kernel maps no other number of pages."""
    with pytest.raises(ValueError, match="power of 2"):
        tinybpf.BpfPerfBuffer(load("perf").maps["events"], print, page_count=count)


@pytest.mark.parametrize("name", ["hash", "array", "ring", "queue"])
def test_map_of_another_kind_is_refused(load: Load, name: str) -> None:
    """Only a perf event array can be read; the error says what it is instead."""
    with pytest.raises(tinybpf.BpfError, match="expected PERF_EVENT_ARRAY") as caught:
        tinybpf.BpfPerfBuffer(load("kinds").maps[name], print)
    assert repr(name) in str(caught.value)


def test_callbacks_are_checked(load: Load) -> None:
    """What cannot be called is no callback."""
    events = load("perf").maps["events"]
    wrong: Any = 3
    for arguments in ((events, wrong), (events, print, wrong), (wrong, print)):
        with pytest.raises(TypeError):
            tinybpf.BpfPerfBuffer(*arguments)


def test_map_of_a_closed_object_is_refused(bpf: Find) -> None:
    """A buffer over a closed map says that it is closed."""
    obj = tinybpf.load(bpf("perf"))
    events = obj.maps["events"]
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        tinybpf.BpfPerfBuffer(events, print)


def test_ring_that_cannot_be_made_leaves_nothing(load: Load) -> None:
    """A refused mapping is an error that says which, and gives all back."""
    events = load("perf").maps["events"]
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(tinybpf.BpfError, match="16777216 pages on CPU 0"):
        tinybpf.BpfPerfBuffer(events, print, page_count=2**24)
    assert len(os.listdir("/proc/self/fd")) == before


USES: dict[str, Callable[[Any], Any]] = {
    "poll": lambda buffer: buffer.poll(0),
    "consume": lambda buffer: buffer.consume(),
    "epoll_fd": lambda buffer: buffer.epoll_fd(),
    "fileno": lambda buffer: buffer.fileno(),
    "enter": lambda buffer: buffer.__enter__(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_of_a_closed_buffer_is_a_closed_error(
    load: Load, use: Callable[[Any], Any]
) -> None:
    """Whatever needs the rings says that the buffer is closed; close() may come again."""
    buffer = tinybpf.BpfPerfBuffer(load("perf").maps["events"], print)
    buffer.close()
    buffer.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        use(buffer)
    assert "closed" in repr(buffer)


def test_forgotten_buffer_warns_and_is_closed(load: Load) -> None:
    """A buffer that is dropped open, in a cycle too, warns and gives all back."""
    events = load("perf").maps["events"]
    before = len(os.listdir("/proc/self/fd"))

    class Owner:
        def __init__(self) -> None:
            self.buffer = tinybpf.BpfPerfBuffer(events, self.sample, self.sample)

        def sample(self, number: int, data: object) -> None:
            pass

    owner = Owner()
    with pytest.warns(ResourceWarning, match="BpfPerfBuffer"):
        del owner
        gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("kind", ["config", None])
def test_events_that_are_kept_stay_as_they_are(producer: Producer, cpu: int, kind: Any) -> None:
    """Those that a callback or the list of a call drops are filled again, and no others."""
    producer.setup(count=10, size=32)  # 36 as the kernel pads them
    kept: list[Any] = []
    with tinybpf.BpfPerfBuffer(
        producer.events,
        lambda cpu, event: kept.append(event) if event[0] % 3 else None,
        event_type=kind,
    ) as buffer:
        producer.fire(2)
        assert buffer.consume() == 20
    with tinybpf.BpfPerfBuffer(producer.events, event_type=kind) as buffer:
        for n in range(2, 8):
            producer.fire()
            batch = buffer.read(timeout=0)
            assert [event[:32] for event in batch] == [
                producer.record(10 * n + i) for i in range(10)
            ]
            kept += batch[n : n + 2]
    wanted = [n for n in range(20) if n % 3] + [11 * n + i for n in range(2, 8) for i in (0, 1)]
    assert [event[:32] for event in kept] == [producer.record(n) for n in wanted]
    assert {len(event) for event in kept} == {32 if kind else 36}
