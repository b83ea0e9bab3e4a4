# SPDX-License-Identifier: MIT
"""Several threads: waiting without the GIL, closing under a wait, separate logs."""

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import tinybpf
from support import child, traffic
from support.objects import DEADLINE_S, Find, Load


class Thread(threading.Thread):
    """A thread that keeps what its function returned or raised."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.function = function
        self.result: Any = None
        self.error: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.function()
        except BaseException as error:
            self.error = error

    def finish(self) -> "Thread":
        """Wait for the end, with a deadline."""
        self.join(DEADLINE_S)
        assert not self.is_alive(), "the thread does not end"
        return self

    def wait_until_waiting(self) -> None:
        """Wait until the thread sleeps in epoll."""
        while self.native_id is None:
            pass
        child.wait_until_waiting(self.native_id)


def test_poll_lets_other_threads_run_and_is_woken_by_them(load: Load) -> None:
    """A thread in poll() holds no GIL; a record that another causes ends its wait."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=3)
    records: list[bytes] = []
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], records.append) as ring:
        waiting = Thread(lambda: ring.poll(-1))
        waiting.wait_until_waiting()
        producer.fire()
        # The first record wakes the thread; the others of the burst may come later.
        assert waiting.finish().result >= 1
        ring.consume()
    assert records == [producer.record(seq) for seq in range(3)]


def test_close_by_another_thread_ends_poll(load: Load) -> None:
    """close() during a wait makes poll() raise BpfClosedError at once."""
    ring = tinybpf.BpfRingBuffer(load("rings").maps["even"], lambda data: None)
    waiting = Thread(lambda: ring.poll(-1))
    waiting.wait_until_waiting()
    ring.close()
    assert isinstance(waiting.finish().error, tinybpf.BpfClosedError)
    assert "closed" in str(waiting.error)


def test_closing_the_object_during_poll_is_safe(bpf: Find) -> None:
    """Closing the object while a thread waits neither crashes nor blocks for ever."""
    obj = tinybpf.load(bpf("rings"))
    ring = tinybpf.BpfRingBuffer(obj.maps["even"], lambda data: None)
    waiting = Thread(lambda: ring.poll(-1))
    waiting.wait_until_waiting()
    obj.close()
    ring.close()
    assert isinstance(waiting.finish().error, (tinybpf.BpfClosedError, type(None)))


def test_two_threads_reading_one_buffer_share_the_records(load: Load) -> None:
    """Each record is handed over exactly once, whoever reads."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=16)
    records: list[bytes] = []
    done = threading.Event()
    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], records.append) as ring:

        def read() -> None:
            while not done.is_set():
                try:
                    ring.poll(1)
                except tinybpf.BpfClosedError:
                    raise
                except tinybpf.BpfError:
                    continue  # "in use by another thread" would be an answer too

        readers = [Thread(read), Thread(read)]
        for _ in range(200):
            producer.fire()
        while len(records) < producer.tried - producer.no_room:
            assert all(reader.is_alive() for reader in readers)
        done.set()
        for reader in readers:
            assert reader.finish().error is None
    assert sorted(records) == sorted(set(records))
    assert len(records) == producer.tried - producer.no_room


def test_producer_in_another_thread_spoils_nothing(load: Load) -> None:
    """Records that are read while others are written arrive whole and in order."""
    obj = load("ring")
    producer = traffic.Producer(obj).setup(count=8, size=31, vary=(13, 400))
    seen: list[int] = []

    def check(data: bytes) -> None:
        seen.append(int.from_bytes(data[:8], sys.byteorder))
        assert data == producer.record(seen[-1])

    with obj.attach(), tinybpf.BpfRingBuffer(obj.maps["events"], check) as ring:
        writer = Thread(lambda: producer.fire(1500))
        while writer.is_alive():
            ring.poll(1)
        ring.consume()
        assert writer.finish().error is None
        assert producer.tried == 12_000
        assert len(seen) == producer.tried - producer.no_room
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("rounds", [5])
def test_two_threads_that_load_keep_their_own_logs(bpf: Find, rounds: int) -> None:
    """Errors of loads that run at once carry only their own log lines."""

    def refused(name: str, kind: Any) -> list[str]:
        logs = []
        for _ in range(rounds):
            with pytest.raises(kind) as caught:
                tinybpf.load(bpf(name))
            logs.append(caught.value.libbpf_log)
        return logs

    first = Thread(lambda: refused("rejected", tinybpf.BpfVerifierError))
    second = Thread(lambda: refused("relocation", tinybpf.BpfRelocationError))
    for log in first.finish().result:
        assert "reads_null" in log
        assert "reads_missing" not in log
    for log in second.finish().result:
        assert "reads_missing" in log
        assert "reads_null" not in log
    assert first.error is second.error is None


def test_threads_load_use_and_close_at_once(bpf: Find) -> None:
    """Four threads, each with objects of its own, do not disturb each other."""

    def cycle() -> int:
        for _ in range(10):
            with tinybpf.load(bpf("counts")) as obj, obj.attach():
                for key in range(50):
                    obj.maps["counts"][key] = key
                assert dict(obj.maps["counts"].items()) == {key: key for key in range(50)}
        return 1

    threads = [Thread(cycle) for _ in range(4)]
    assert [thread.finish().result for thread in threads] == [1] * 4


def test_closing_an_object_that_others_use_is_safe(bpf: Find) -> None:
    """Threads that use a map while it is closed get BpfClosedError and nothing worse."""
    for _ in range(10):
        obj = tinybpf.load(bpf("counts"))
        counts = obj.maps["counts"]
        started = threading.Barrier(3)

        def use(m: Any = counts, barrier: Any = started) -> None:
            barrier.wait(DEADLINE_S)
            while True:
                m[1] = 1
                list(m.items())

        users = [Thread(use), Thread(use)]
        started.wait(DEADLINE_S)
        obj.close()
        for user in users:
            assert isinstance(user.finish().error, tinybpf.BpfClosedError), user.error


def test_concurrent_close_is_safe(bpf: Find) -> None:
    """Closing one object from several threads at once closes it once."""
    for _ in range(10):
        obj = tinybpf.load(bpf("counts"))
        links = obj.attach()
        closers = [Thread(obj.close), Thread(links.close), Thread(obj.close)]
        for closer in closers:
            assert closer.finish().error is None


def test_fork_leaves_the_parent_whole(bpf: Find, trigger: traffic.Trigger) -> None:
    """A forked child that exits detaches nothing of its parent."""
    printed = child.output(
        """
        import os, sys
        import tinybpf
        from support import traffic
        trigger = traffic.Trigger()
        with tinybpf.load(sys.argv[1]) as obj, obj.attach():
            trigger.arm(obj)
            pid = os.fork()
            if pid == 0:
                trigger.fire()
                os._exit(0)
            os.waitpid(pid, 0)
            trigger.fire()
            print(obj.maps["counts"][0])
        """,
        bpf("counts"),
    )
    assert printed == "2\n"
