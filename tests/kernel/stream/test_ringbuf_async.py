# SPDX-License-Identifier: MIT
"""Ring buffers in asyncio: waits that block nobody, end in order, and lose nothing."""

import asyncio
import copy
import dataclasses
import os
import pickle
import signal
import threading
from collections.abc import Awaitable
from typing import Any, TypeVar

import pytest

import tinybpf
from support import child, traffic
from support.objects import DEADLINE_S, Find, Load

_T = TypeVar("_T")

# A child that prints "ready" once it waits, then how the wait ended.
UNTIL_INTERRUPTED = """
import asyncio, sys
import tinybpf
obj = tinybpf.load(sys.argv[1])
ring = tinybpf.BpfRingBuffer(obj.maps["even"])
async def main():
    try:
        async with ring:
            asyncio.get_running_loop().call_later(0.01, lambda: print("ready", flush=True))
            async for record in ring:
                pass
    finally:
        print("left", ring)
with obj:
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("interrupted")
"""


def run(main: Awaitable[_T]) -> _T:
    """Run a coroutine to its end, with a deadline."""

    async def limited() -> _T:
        return await asyncio.wait_for(main, DEADLINE_S)

    return asyncio.run(limited())


async def started(awaitable: Any) -> "asyncio.Task[Any]":
    """Make it a task and let it run until it waits."""
    task: asyncio.Task[Any] = asyncio.ensure_future(awaitable)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    return task


async def take(iterator: Any, count: int) -> list[Any]:
    """Return the next `count` items of an asynchronous iterator."""
    found: list[Any] = []
    async for item in iterator:
        found.append(item)
        if len(found) == count:
            break
    return found


@pytest.fixture
def producer(load: Load) -> Any:
    """Return the attached producer of ring.bpf.c, set to 10 records for a trigger."""
    obj = load("ring")
    with obj.attach():
        yield traffic.Producer(obj).setup(count=10, size=24)


@pytest.fixture
def ring(producer: traffic.Producer) -> Any:
    """Return a buffer that reads the producer's ring without a callback."""
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"]) as made:
        yield made


def expected(producer: traffic.Producer, count: int) -> list[bytes]:
    """Return the first `count` records."""
    return [producer.record(number) for number in range(count)]


def test_async_for_gives_each_record(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """Records that are there and records that come later, each once and in order."""

    async def main() -> None:
        producer.fire()
        assert await take(ring, 4) == expected(producer, 4)
        task = await started(take(ring, 16))
        await asyncio.sleep(0.01)
        producer.fire()
        assert await task == expected(producer, 20)[4:]

    run(main())


def test_queued_records_come_first(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """What poll() queued is given out by `async for`, before what is in the ring."""
    producer.fire()
    assert ring.poll(1000) == 10
    producer.fire()
    assert run(take(ring, 20)) == expected(producer, 20)


def test_events_name_their_maps(load: Load, trigger: traffic.Trigger) -> None:
    """events() gives the name of the map with the bytes of each record."""
    obj = load("rings")
    trigger.arm(obj)
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["even"]) as both:
        both.add(obj.maps["odd"])
        trigger.fire(4)
        events = run(take(both.events(), 4))
    assert all(type(event) is tinybpf.RingBufferEvent for event in events)
    numbers = sorted((int.from_bytes(e.data[:1], "little"), e.map_name) for e in events)
    assert numbers == [(0, "even"), (1, "odd"), (2, "even"), (3, "odd")]


def test_event_is_a_frozen_dataclass() -> None:
    """RingBufferEvent has two fields, compares by them, and can be copied and pickled."""
    event = tinybpf.RingBufferEvent("events", b"data")
    assert dataclasses.astuple(event) == ("events", b"data")
    assert event == tinybpf.RingBufferEvent(map_name="events", data=b"data")
    assert repr(event) == "RingBufferEvent(map_name='events', data=b'data')"
    assert pickle.loads(pickle.dumps(event)) == copy.copy(event) == event
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.data = b""  # type: ignore[misc]
    assert len({event, copy.copy(event)}) == 1


def test_poll_async_hands_records_to_the_callback(producer: traffic.Producer) -> None:
    """poll_async() waits for records, calls the callback and returns their number."""
    records: list[bytes] = []

    async def main() -> None:
        task = await started(made.poll_async())
        producer.fire()
        handled = await task
        assert handled >= 1
        made.consume()

    with tinybpf.BpfRingBuffer(producer.obj.maps["events"], records.append) as made:
        run(main())
        producer.fire()
        assert run(made.poll_async(timeout_ms=0)) == 10
    assert records == expected(producer, 20)


def test_poll_async_queues_for_the_iterator(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """Without callbacks poll_async() queues, as poll() does."""
    producer.fire()
    assert run(ring.poll_async(1000)) == 10
    assert list(ring) == expected(producer, 10)


@pytest.mark.parametrize("timeout", [0, 1, 20])
def test_poll_async_without_records_is_0(ring: tinybpf.BpfRingBuffer, timeout: int) -> None:
    """The time is over: 0, after about that time."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        assert await ring.poll_async(timeout) == 0
        return loop.time() - start

    assert run(main()) > timeout / 1000 - 0.005


def test_callbacks_exception_leaves_poll_async(producer: traffic.Producer) -> None:
    """What a callback raises is raised by the await."""

    def fail(data: bytes) -> int:
        raise ZeroDivisionError

    producer.fire()
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"], fail) as made:
        with pytest.raises(ZeroDivisionError):
            run(made.poll_async())


def test_cancelled_wait_leaves_nothing_behind(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """Cancelling ends a wait at once; no record is lost, no descriptor is left."""

    async def main() -> None:
        before = len(os.listdir("/proc/self/fd"))
        for waiting in (take(ring, 1), take(ring.events(), 1), ring.poll_async()):
            task = await started(waiting)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert len(os.listdir("/proc/self/fd")) == before
        producer.fire()
        assert await take(ring, 10) == expected(producer, 10)

    run(main())


def test_timeout_of_asyncio_ends_a_busy_loop(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """A ring that is never empty does not keep other tasks and timers from running."""

    async def main() -> int:
        seen = 0

        async def read() -> None:
            nonlocal seen
            async for _ in ring:
                seen += 1
                producer.fire()

        producer.setup(count=1).fire(3)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(read(), 0.05)
        return seen

    assert run(main()) > 3


def test_polling_without_end_lets_others_run(producer: traffic.Producer) -> None:
    """`while True: await poll_async()` gives others their turn though records never end."""
    producer.setup(count=1).fire()

    async def main() -> None:
        async def read() -> None:
            while True:
                await made.poll_async()

        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(read(), 0.05)

    callback = lambda data: producer.fire()  # noqa: E731
    with tinybpf.BpfRingBuffer(producer.obj.maps["events"], callback) as made:
        run(main())


def test_two_tasks_share_the_records(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """Two tasks may wait for one buffer; each record goes to one of them."""

    async def main() -> None:
        records: list[bytes] = []

        async def read() -> None:
            async for record in ring:
                records.append(record)

        tasks = [await started(read()), await started(read())]
        for round_number in range(1, 6):
            producer.fire()
            while len(records) < 10 * round_number:
                await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert records == expected(producer, 50)

    run(main())


def test_cancelling_one_task_leaves_the_other_waiting(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """The end of one wait does not touch another one's."""

    async def main() -> None:
        first, second = await started(take(ring, 1)), await started(take(ring, 1))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        producer.fire()
        assert await second == expected(producer, 1)

    run(main())


@pytest.mark.parametrize("thread", [False, True], ids=["task", "thread"])
def test_close_ends_every_wait(ring: tinybpf.BpfRingBuffer, thread: bool) -> None:
    """close() by another task or thread ends loops, and poll_async() by BpfClosedError."""

    async def main() -> None:
        loop, poll = await started(take(ring, 1)), await started(ring.poll_async(-1))
        if thread:
            closer = threading.Thread(target=ring.close)
            closer.start()
            closer.join()
        else:
            ring.close()
        assert await asyncio.wait_for(loop, DEADLINE_S) == []
        with pytest.raises(tinybpf.BpfClosedError, match="closed"):
            await asyncio.wait_for(poll, DEADLINE_S)

    before = len(os.listdir("/proc/self/fd"))
    run(main())
    assert len(os.listdir("/proc/self/fd")) < before


def test_async_with_closes(producer: traffic.Producer) -> None:
    """`async with` gives the buffer and closes it, also after an exception."""

    async def main() -> None:
        async with tinybpf.BpfRingBuffer(producer.obj.maps["events"]) as made:
            assert isinstance(made, tinybpf.BpfRingBuffer)
            producer.fire()
            assert await take(made, 10) == expected(producer, 10)
        with pytest.raises(tinybpf.BpfClosedError):
            made.fileno()
        with pytest.raises(ZeroDivisionError):
            async with tinybpf.BpfRingBuffer(producer.obj.maps["events"]) as made:
                raise ZeroDivisionError
        assert "closed" in repr(made)

    run(main())


def test_loop_that_ends_under_a_wait_leaves_nothing(producer: traffic.Producer) -> None:
    """A wait whose event loop is closed first is undone when it is closed."""
    before = len(os.listdir("/proc/self/fd"))
    made = tinybpf.BpfRingBuffer(producer.obj.maps["events"])
    loop = asyncio.new_event_loop()
    waiting: Any = take(made, 1)
    waiting.send(None)  # up to the first sleep(0)

    async def step() -> None:
        waiting.send(None)  # up to the wait

    loop.run_until_complete(step())
    loop.close()
    made.close()
    waiting.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_buffer_serves_one_loop_after_another(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """Nothing of an event loop sticks to a buffer."""
    for number in range(3):
        producer.fire()
        assert run(take(ring, 10)) == expected(producer, 10 * number + 10)[-10:]
        assert run(ring.poll_async(1)) == 0


def test_threads_wait_each_in_its_loop(
    producer: traffic.Producer, ring: tinybpf.BpfRingBuffer
) -> None:
    """Two event loops in two threads read one buffer; each record comes once."""
    records: list[bytes] = []

    async def read() -> None:
        async for record in ring:
            records.append(record)

    threads = [threading.Thread(target=asyncio.run, args=(read(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        producer.fire()
    while len(records) < 200:
        assert all(thread.is_alive() for thread in threads)
    ring.close()
    for thread in threads:
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
    assert sorted(records) == sorted(expected(producer, 200))


def test_ctrl_c_ends_an_async_loop(bpf: Find) -> None:
    """SIGINT during `async for` is KeyboardInterrupt, and the program ends in order."""
    with child.started(UNTIL_INTERRUPTED, bpf("rings")) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=child.TIMEOUT_S)
    assert (out, err, process.returncode) == (
        "left <BpfRingBuffer map='even' iterator closed>\ninterrupted\n",
        "",
        0,
    )


def test_asyncio_is_imported_by_its_users_only(bpf: Find) -> None:
    """Neither importing tinybpf nor reading without asyncio imports it."""
    printed = child.output(
        """
        import sys
        import tinybpf
        with tinybpf.load(sys.argv[1]) as obj:
            with tinybpf.BpfRingBuffer(obj.maps["even"]) as ring:
                assert ring.poll(0) == 0
                assert list(ring) == []
                print("asyncio" in sys.modules, "dataclasses" in sys.modules)
                ring.poll_async(0).close()
                print("asyncio" in sys.modules)
        """,
        bpf("rings"),
    )
    assert printed == "False False\nTrue\n"
