# SPDX-License-Identifier: MIT
"""Records as memoryviews: there during the callback, and nowhere afterwards."""

import gc
from typing import Any, Callable, Optional

import pytest

import tinybpf
from support import traffic
from support.objects import Load

View = Callable[[memoryview], Optional[int]]


@pytest.fixture
def producer(load: Load) -> Any:
    """Return the attached producer of ring.bpf.c, set to 10 records for a trigger."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=10, size=100)


def ring_of(producer: traffic.Producer, callback: View) -> tinybpf.BpfRingBuffer:
    """Return a buffer that shows the producer's records to a callback."""
    return tinybpf.BpfRingBuffer(producer.obj.maps["events"], callback, as_memoryview=True)


def ring_mappings() -> int:
    """Return the number of ring buffers' mappings in this process, those aside that only
    garbage of other tests holds."""
    gc.collect()
    with open("/proc/self/maps") as lines:
        return sum("bpf-map" in line for line in lines)


def test_callback_gets_a_view_of_each_record(producer: traffic.Producer) -> None:
    """The view is flat, of bytes, read-only, and has the record's contents."""
    records: list[bytes] = []

    def look(data: memoryview) -> None:
        assert type(data) is memoryview
        assert (data.readonly, data.format, data.itemsize, data.ndim) == (True, "B", 1, 1)
        assert data.contiguous
        assert len(data) == data.nbytes == 100
        records.append(bytes(data))

    producer.fire()
    with ring_of(producer, look) as ring:
        assert ring.poll(1000) == 10
    assert records == [producer.record(number) for number in range(10)]


@pytest.mark.parametrize("size", [0, 1, 7])
def test_short_record_is_a_short_view(producer: traffic.Producer, size: int) -> None:
    """Records of any size are seen, also of none."""
    records: list[bytes] = []
    producer.setup(count=2, size=size).fire()
    with ring_of(producer, lambda data: records.append(data.tobytes())) as ring:
        assert ring.consume() == 2
    assert records == [producer.record(number) for number in range(2)]


def test_view_is_released_behind_the_call(producer: traffic.Producer) -> None:
    """A view that was kept raises ValueError, while the buffer is open and later."""
    kept: list[memoryview] = []
    producer.fire()
    with ring_of(producer, kept.append) as ring:
        assert ring.consume() == 10
        for view in kept:
            with pytest.raises(ValueError, match="released"):
                bytes(view)
    for view in kept:
        with pytest.raises(ValueError, match="released"):
            view[0]


def test_released_view_is_as_good(producer: traffic.Producer) -> None:
    """A callback may release its view itself."""
    producer.fire()
    with ring_of(producer, lambda data: data.release()) as ring:
        assert ring.consume() == 10


def test_record_cannot_be_written(producer: traffic.Producer) -> None:
    """The memory is the kernel's."""

    def write(data: memoryview) -> None:
        data[0] = 1

    producer.fire()
    with ring_of(producer, write) as ring:
        with pytest.raises(TypeError, match="read-only"):
            ring.consume()


KEEPS: dict[str, Callable[[memoryview], Any]] = {
    "slice": lambda data: data[8:16],
    "copy of the view": memoryview,
    "cast": lambda data: data[:96].cast("Q"),
}


@pytest.mark.parametrize("keep", KEEPS.values(), ids=KEEPS.keys())
def test_kept_part_is_an_error_and_cannot_crash(
    load: Load, keep: Callable[[memoryview], Any]
) -> None:
    """What was made of a view and kept is named as the error; the memory waits for it."""
    mapped = ring_mappings()
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=3, size=100)
    kept: list[Any] = []
    with obj.attach():
        ring = ring_of(producer, lambda data: kept.append(keep(data)))
        producer.fire()
        for _ in range(3):
            with pytest.raises(BufferError, match="kept a view"):
                ring.consume()
        assert ring.consume() == 0
        ring.close()
    obj.close()
    assert ring_mappings() > mapped
    for view in kept:
        assert len(bytes(view)) in (8, 96, 100)
    kept.clear()
    del view
    assert ring_mappings() == mapped


def test_exporter_outlives_nothing(producer: traffic.Producer) -> None:
    """The object behind a view gives no view once the call is over."""
    kept: list[Any] = []
    producer.fire()
    with ring_of(producer, lambda data: kept.append(data.obj)) as ring:
        assert ring.consume() == 10
    for exporter in kept:
        with pytest.raises(BufferError, match="callback"):
            memoryview(exporter)


def test_exception_comes_out_and_the_view_ends(producer: traffic.Producer) -> None:
    """What the callback raises leaves the call; its view is released all the same."""
    kept: list[memoryview] = []

    def fail(data: memoryview) -> None:
        kept.append(data)
        part = data[2:4]
        raise ZeroDivisionError(bytes(part))

    producer.fire()
    with ring_of(producer, fail) as ring:
        with pytest.raises(ZeroDivisionError):
            ring.consume()
        with pytest.raises(ValueError, match="released"):
            bytes(kept[0])
        kept.clear()


def test_negative_result_stops(producer: traffic.Producer) -> None:
    """Answers mean what they mean for callbacks of bytes."""
    producer.fire()
    with ring_of(producer, lambda data: -1) as ring:
        assert [ring.consume() for _ in range(11)] == [1] * 10 + [0]


def test_callback_that_consumes_again_keeps_its_record(producer: traffic.Producer) -> None:
    """Records taken by a call within a callback do not free the outer record's memory."""
    records: list[bytes] = []

    def nested(data: memoryview) -> None:
        number = len(records)
        records.append(bytes(data))
        if number == 0:
            while producer.no_room == 0:  # fill what is free, then read it
                producer.fire()
            ring.consume()
            producer.fire(20)
            assert bytes(data) == records[0]

    producer.setup(count=10, size=1000).fire()
    with ring_of(producer, nested) as ring:
        ring.consume()
        ring.consume()
        producer.setup(count=10, size=1000).fire()
        assert ring.consume() == 10
    assert records[:9] == [producer.record(number) for number in range(9)]


def test_callback_may_close_the_buffer(load: Load) -> None:
    """The record of a callback that closes the buffer stays until the callback ends."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=5, size=100)
    records: list[bytes] = []

    def close(data: memoryview) -> None:
        ring.close()
        records.append(bytes(data))

    with obj.attach():
        producer.fire()
        ring = ring_of(producer, close)
        assert ring.consume() == 1
    assert records == [producer.record(0)]


def test_memoryview_and_bytes_do_not_mix(load: Load) -> None:
    """as_memoryview is the same for all maps of a buffer."""
    maps = load("rings").maps
    with tinybpf.BpfRingBuffer(maps["even"], print, as_memoryview=True) as views:
        with pytest.raises(tinybpf.BpfError, match="Cannot mix memoryview and bytes"):
            views.add(maps["odd"], print, as_memoryview=False)
        views.add(maps["odd"], print)
    with tinybpf.BpfRingBuffer(maps["even"], print) as copies:
        with pytest.raises(tinybpf.BpfError, match="Cannot mix memoryview and bytes"):
            copies.add(maps["odd"], print, as_memoryview=True)
    with tinybpf.BpfRingBuffer() as later:
        later.add(maps["even"], print, as_memoryview=True)


def test_iterator_cannot_use_memoryviews(load: Load) -> None:
    """A record that waits for a loop must be a copy: there is no call to be valid in."""
    maps = load("rings").maps
    with pytest.raises(tinybpf.BpfError, match="Cannot use as_memoryview") as caught:
        tinybpf.BpfRingBuffer(maps["even"], as_memoryview=True)
    assert "requires a callback" in str(caught.value)
    with tinybpf.BpfRingBuffer() as later:
        with pytest.raises(tinybpf.BpfError, match="Cannot use as_memoryview"):
            later.add(maps["even"], as_memoryview=True)
