# SPDX-License-Identifier: MIT
"""User ring buffers: samples for a program, each whole, in order, once or not at all."""

import ctypes
import errno
import gc
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import traffic
from support.gating import kernel
from support.objects import DEADLINE_S, Find, Load, ended

pytestmark = kernel("6.1", "user ring buffer")


class Command(ctypes.Structure):
    """As struct command."""

    _fields_ = [
        ("kind", ctypes.c_uint32),
        ("pid", ctypes.c_uint32),
        ("text", ctypes.c_char * 8),
    ]


class Program:
    """user_ring.bpf.c, which echoes what it drains."""

    def __init__(self, obj: tinybpf.BpfObject, trigger: traffic.Trigger) -> None:
        self.obj, self.trigger = obj, trigger
        trigger.arm(obj)
        self.commands = obj.maps["commands"]

    def drain(self) -> list[bytes]:
        """Let the program drain the ring; return the samples."""
        with tinybpf.BpfRingBuffer(self.obj.maps["echo"]) as ring:
            self.trigger.fire()
            echoes = ring.read(timeout=0)
        return [echo[8 : 8 + struct.unpack_from("=Q", echo)[0]] for echo in echoes]


@pytest.fixture
def program(load: Load, trigger: traffic.Trigger) -> Iterator[Program]:
    """Return the attached program."""
    obj = load("user_ring")
    with obj.attach():
        yield Program(obj, trigger)


@pytest.fixture
def ring(program: Program) -> Iterator[tinybpf.BpfUserRingBuffer]:
    """Return a producer for it."""
    with tinybpf.BpfUserRingBuffer(program.commands) as made:
        yield made


def test_submitted_samples_arrive(program: Program, ring: Any) -> None:
    """Bytes of any length, Records and instances of ctypes, in order."""
    record = program.obj.types.command(kind=1, pid=2, text="go")
    ring.submit(b"x")
    ring.submit(record)
    ring.submit(Command(3, 4, b"halt"))
    ring.submit(bytearray(b"12345678"))
    assert program.drain() == [b"x", bytes(record), bytes(Command(3, 4, b"halt")), b"12345678"]
    assert program.drain() == []


@pytest.mark.parametrize("name", ["command", "struct command", "class", "btf"])
def test_reserved_struct_is_filled_in_place(program: Program, ring: Any, name: str) -> None:
    """The statement gets a View; what it leaves alone is 0."""
    btf: Any = program.obj.btf
    types = {"class": program.obj.types.command, "btf": btf["command"]}
    with ring.reserve(types.get(name, name)) as command:
        command.kind = 7
        command.text = "hello"
        assert program.drain() == []
    assert program.drain() == [struct.pack("=II8s", 7, 0, b"hello")]


def test_reserved_bytes_and_instances(program: Program, ring: Any) -> None:
    """A bytearray of the length, an instance of the class: copied at the end."""
    with ring.reserve(5) as data:
        assert data == bytearray(5)
        data[:] = b"abcde"
    with ring.reserve(Command) as command:
        command.pid = 9
    assert program.drain() == [b"abcde", bytes(Command(0, 9, b""))]


def test_exception_discards_the_sample(program: Program, ring: Any) -> None:
    """It goes on, and the program sees what lies behind the sample."""
    with pytest.raises(ZeroDivisionError), ring.reserve("command") as command:
        command.kind = 1 // 0
    with pytest.raises(ValueError, match="5 bytes was reserved, and has 6"):
        with ring.reserve(5) as data:
            data.append(0)
    ring.submit(b"next")
    assert program.drain() == [b"next"]


def test_forgotten_reservation_is_discarded(program: Program, ring: Any) -> None:
    """It does not keep the program from what comes behind it."""
    ring.reserve("command")
    ring.reserve(8).__enter__()
    view = ring.reserve("command").__enter__()
    ring.submit(b"next")
    assert program.drain() == []
    del view
    gc.collect()
    assert program.drain() == [b"next"]


def test_sample_is_out_of_reach_behind_the_statement(program: Program, ring: Any) -> None:
    """Its memory is the program's: a View that was kept says so."""
    with ring.reserve("command") as command:
        command.kind = 1
    with pytest.raises(tinybpf.BpfClosedError, match="submitted"):
        command.kind = 2
    with pytest.raises(tinybpf.BpfClosedError, match="submitted"):
        command.kind  # noqa: B018
    reservation = ring.reserve(4)
    with reservation:
        pass
    with pytest.raises(RuntimeError, match="one `with` statement"), reservation:
        pass
    assert len(program.drain()) == 2


def fill(ring: tinybpf.BpfUserRingBuffer) -> int:
    """Submit samples of 56 bytes until there is no room; return their number."""
    count = 0
    while True:
        try:
            ring.submit(b"\xff" * 56, timeout=0)
        except tinybpf.BpfError as error:
            if error.errno != errno.ENOSPC:
                raise
            return count
        count += 1


def test_full_ring_is_an_error_in_time(program: Program, ring: Any) -> None:
    """At once with timeout=0, or when the time is over; the samples stay."""
    assert fill(ring) == 64
    begin = time.monotonic()
    with pytest.raises(tinybpf.BpfError, match="no room for 8 bytes"):
        ring.reserve(8, timeout=0.05)
    assert time.monotonic() - begin >= 0.05
    assert len(program.drain()) == 64
    ring.submit(b"now", timeout=0)


def test_wait_ends_when_the_program_drains(program: Program, ring: Any) -> None:
    """A sample waits for its room."""
    assert fill(ring) == 64
    timer = threading.Timer(0.05, program.trigger.fire)
    timer.start()
    ring.submit(b"late", timeout=DEADLINE_S)
    timer.join()
    assert program.obj.bss.n_drained == 64
    assert program.drain()[-1] == b"late"


def test_wait_ends_with_close(program: Program, ring: Any) -> None:
    """By another thread, as that of the object does."""
    fill(ring)
    timer = threading.Timer(0.05, ring.close)
    timer.start()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        ended(lambda: ring.submit(b"x"))
    timer.join()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        ring.reserve(4)


def test_close_in_a_reservation_leaves_it(program: Program, ring: Any) -> None:
    """The ring is unmapped behind it: what it was filled with arrives."""
    with ring.reserve("command") as command:
        ring.close()
        command.kind = 5
    assert program.drain() == [struct.pack("=II8s", 5, 0, b"")]


def test_closed_object_ends_the_ring(bpf: Find) -> None:
    """What would wait for a program that is gone raises BpfClosedError."""
    obj = tinybpf.load(bpf("user_ring"))
    with tinybpf.BpfUserRingBuffer(obj.maps["commands"]) as ring:
        fill(ring)
        obj.close()
        with pytest.raises(tinybpf.BpfClosedError):
            ended(lambda: ring.submit(b"x"))


def test_samples_wrap_around_many_times(program: Program, ring: Any) -> None:
    """Of all sizes, through a ring of 4 KiB."""
    wanted, seen = [], []
    for number in range(600):
        wanted.append(bytes([number % 251]) * (number % 61 + 1))
        ring.submit(wanted[-1], timeout=0)
        if number % 25 == 24:
            seen += program.drain()
    assert seen == wanted


def test_threads_write_whole_samples(program: Program, ring: Any) -> None:
    """Each sample is one thread's."""

    def write(letter: bytes) -> None:
        for _ in range(30):
            with ring.reserve(32, timeout=DEADLINE_S) as data:
                data[:] = letter * 32

    threads = [threading.Thread(target=write, args=(bytes([65 + n]),)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(program.drain()) == sorted(
        bytes([65 + n]) * 32 for n in range(3) for _ in range(30)
    )


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda ring: ring.reserve("commando"), tinybpf.BtfValidationError),
        (lambda ring: ring.reserve(-1), ValueError),
        (lambda ring: ring.reserve(2**31), ValueError),
        (lambda ring: ring.reserve(5000), tinybpf.BpfError),
        (lambda ring: ring.reserve(bytes), TypeError),
        (lambda ring: ring.submit("text"), TypeError),
        (lambda ring: ring.submit({"kind": 1}), TypeError),
        (lambda ring: ring.submit(b"x", timeout=-1), ValueError),
        (lambda ring: ring.submit(bytes(5000)), tinybpf.BpfError),
    ],
)
def test_misuse_is_refused(ring: Any, use: Any, error: type[Exception]) -> None:
    """And nothing is left in the ring."""
    with pytest.raises(error):
        use(ring)
    assert fill(ring) == 64


def test_map_must_be_a_user_ring(program: Program) -> None:
    """Others are said to be none."""
    wrong: Any = 3
    with pytest.raises(tinybpf.BpfError, match="expected USER_RINGBUF"):
        tinybpf.BpfUserRingBuffer(program.obj.maps["echo"])
    with pytest.raises(TypeError, match="must be a BpfMap"):
        tinybpf.BpfUserRingBuffer(wrong)


def test_forgotten_buffer_warns(program: Program) -> None:
    """As all that is to be closed; its repr says what it is."""
    ring = tinybpf.BpfUserRingBuffer(program.commands)
    assert repr(ring) == "<BpfUserRingBuffer map='commands' open>"
    with pytest.warns(
        ResourceWarning, match="unclosed <BpfUserRingBuffer map='commands' open>"
    ):
        del ring
        gc.collect()
