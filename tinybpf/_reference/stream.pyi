# SPDX-License-Identifier: MIT
"""What programs send: ring buffers and perf buffers."""

import builtins
import contextlib
import types
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from typing import Any, Generic, Literal, overload

from typing_extensions import Buffer, Self, TypeVar, final

from tinybpf._reference.columns import Columns
from tinybpf._reference.map import BpfMap
from tinybpf._reference.record import Record
from tinybpf._typed import EventMap
from tinybpf._values import BtfType, RingBufferEvent, RingStats

_E = TypeVar("_E", default=bytes)
_E2 = TypeVar("_E2")

@final
class BpfRingBuffer(Generic[_E]):
    """Consumer of one or more ring buffers, by callbacks or as an iterator.

        with tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
            for data in ring.stream():
                print(data)
        with tinybpf.BpfRingBuffer(obj.maps["events"], callback=print) as ring:
            ring.poll(timeout_ms=1000)

    Without callbacks read() gives lists of records and stream() waits for one after the
    other, as `async for data in ring` does in any number of asyncio tasks. poll() and
    consume() queue them, and `for data in ring` gives out what was queued and what is
    there, then ends. With event_type=... records are instances of that class in place of
    bytes.

    When the object is closed, loops give out what lies in its rings and end, and poll() and
    its like raise BpfClosedError once nothing does. When the buffer itself is closed, what
    it has read is left for loops.

    Args:
        map: a RINGBUF map, or an array of them that is tagged "tinybpf:sharded", whose
            rings are read as one; None to add() maps later.
        callback: called with each record; returns None or 0 to go on, a negative
            number to stop. An exception leaves poll() at once; the record counts as
            consumed. None: the buffer is an iterator.
        as_memoryview: give callbacks a read-only memoryview of the record in the
            ring instead of a copy. It is released behind the call, so later use
            raises ValueError; poll() raises BufferError if a part of it was kept.
        event_type: what records are. The name of a struct in the map's BTF ("event",
            "struct event"), a BtfType of that BTF, or a Record class such as
            `obj.types.event`: Records, whose
            size must be just theirs, or more if the struct ends in a flexible array. A
            class of ctypes: instances, copies of as much as it has, and plain numbers for
            a class of a number. bytes: bytes. None:
            what the C source declares by a tag on the map,
            `__attribute__((btf_decl_tag("tinybpf:event=event")))`, or of several types by
            TINYBPF_EVENT_IF of tinybpf.bpf.h, else bytes. A record
            of another size raises BtfValidationError, with both sizes, when it is read. A
            dict: several types in one ring, told apart by event_key; the type at None is
            that of all others, without it they are a ValueError. Any other function: it is
            called with the bytes, and what it returns is the event. In an iterator it is
            the same for all maps.
        validate_btf_struct: the type of C, by its name in the object's BTF or its BtfType,
            that a class of ctypes is compared with; None: it is not compared.
        validate_field_names: as for BpfMap.typed().
        event_key: what the keys of the dict in event_type are compared with: the name of a
            field ("type", "hdr.type") that is a whole number and lies in one place in all
            of its structs but that at None, or a function of the bytes.
        partial: take records of other sizes: zeros are in the place of what a shorter one
            lacks, and a Record keeps what a longer one has behind its struct as `_rest`.
        drain_interval: seconds after which every wait looks at the rings by itself, for
            programs that wake nobody (BPF_RB_NO_WAKEUP). None: only when it is woken.

    What is given here besides map and callback holds for maps that are added later, too.

    Raises:
        ValueError: a callback, and no map; a key that the field cannot have.
        TypeError: several types without event_key, or it without them.
        BtfValidationError: event_type does not fit, or there is no such type; event_key is
            in no struct's, or not in one place.
        BpfError: the map is none of type RINGBUF, or what is asked for does not go
            together.

    Kernel: 5.8.
    Source: our own consumer of the kernel's mmap layout (kernel/bpf/ringbuf.c).
    """

    @overload
    def __new__(  # type: ignore[overload-overlap]  # an EventMap is told from others
        cls,
        map: EventMap[_E2],
        callback: Callable[[_E2], int | None] | None = None,
        as_memoryview: Literal[False] = False,
        *,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        event_key: None = None,
        partial: bool = False,
        drain_interval: float | None = None,
    ) -> BpfRingBuffer[_E2]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap | None = None,
        callback: Callable[[bytes], int | None] | None = None,
        as_memoryview: Literal[False] = False,
        *,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        event_key: None = None,
        partial: bool = False,
        drain_interval: float | None = None,
    ) -> BpfRingBuffer[bytes]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap | None = None,
        callback: Callable[[memoryview], int | None] | None = None,
        as_memoryview: bool = False,
        *,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        event_key: None = None,
        partial: bool = False,
        drain_interval: float | None = None,
    ) -> BpfRingBuffer[bytes]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap | None = None,
        callback: Callable[[_E2], int | None] | None = None,
        as_memoryview: Literal[False] = False,
        *,
        event_type: builtins.type[_E2],
        validate_btf_struct: str | BtfType | None = None,
        validate_field_names: bool = True,
        event_key: None = None,
        partial: bool = False,
        drain_interval: float | None = None,
    ) -> BpfRingBuffer[_E2]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap | None = None,
        callback: Callable[[Any], int | None] | None = None,
        as_memoryview: Literal[False] = False,
        *,
        event_type: str | BtfType | dict[Any, Any] | Callable[[bytes], Any],
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        event_key: str | Callable[[bytes], Any] | None = None,
        partial: bool = False,
        drain_interval: float | None = None,
    ) -> BpfRingBuffer[Any]: ...
    @overload
    def add(
        self,
        map: EventMap[_E2],
        callback: Callable[[_E2], int | None] | None = None,
        as_memoryview: Literal[False] = False,
        *,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        event_key: None = None,
        partial: bool | None = None,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[_E], int | None] | None = None,
        as_memoryview: Literal[False] | None = None,
        *,
        event_type: None = None,
        validate_btf_struct: str | BtfType | None = None,
        validate_field_names: bool | None = None,
        event_key: None = None,
        partial: bool | None = None,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[memoryview], int | None] | None = None,
        as_memoryview: bool | None = None,
        *,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool | None = None,
        event_key: None = None,
        partial: bool | None = None,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[_E2], int | None] | None = None,
        as_memoryview: Literal[False] | None = None,
        *,
        event_type: builtins.type[_E2],
        validate_btf_struct: str | BtfType | None = None,
        validate_field_names: bool | None = None,
        event_key: None = None,
        partial: bool | None = None,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[Any], int | None] | None = None,
        as_memoryview: Literal[False] | None = None,
        *,
        event_type: str | BtfType | dict[Any, Any] | Callable[[bytes], Any],
        validate_btf_struct: None = None,
        validate_field_names: bool | None = None,
        event_key: str | Callable[[bytes], Any] | None = None,
        partial: bool | None = None,
    ) -> None:
        """Consume one more ring buffer.

        Args:
            map: a RINGBUF map that was not added before.
            callback: as for the class; all maps have one, or none has.
            as_memoryview: as for the class; the same for all maps.
            event_type: as for the class; in an iterator, None: that of the maps before.
            validate_btf_struct: as for the class.
            event_key: as for the class; None: that of the class, for several types.
            partial: as for the class.
            validate_field_names: as for the class.

        What is None here is as the class was given it.

        Raises:
            BtfValidationError: event_type does not fit, or there is no such type.
            BpfError: not a ring buffer, already added, it does not go with the maps
                that were added before, or it cannot be mapped.
            BpfClosedError: the buffer or the map's object is closed.
        """
    def poll(self, timeout_ms: int = -1) -> int:
        """Wait for records and hand them to the callbacks, or queue them to be iterated.

        Args:
            timeout_ms: how long to wait for the first record, in milliseconds; -1 for ever.

        Returns:
            The number of records handled; 0 after the time is over. One call
            handles at most what was there when it looked: it returns under load.

        Raises:
            What a callback raised; KeyboardInterrupt at once on Ctrl-C.
            BpfError: no maps were added. BpfClosedError: closed, also by another thread;
                or the object is closed and nothing lies there.
        """
    def consume(self) -> int:
        """Hand over, or queue, the records that are there, without waiting.

        Returns:
            The number of records handled.

        Raises:
            As poll().
        """
    def read(self, max_events: int | None = None, timeout: float | None = None) -> list[_E]:
        """Wait for records and return those that are there, as a list.

        Args:
            max_events: how many at most, from 1 on; None: what was there when it looked.
            timeout: how long to wait for the first, in seconds; 0 not at all, None for
                ever.

        Returns:
            The records, the oldest of each ring first; none when the time is over.

        Raises:
            BtfValidationError: a record has another size than its type; those that were
                read before it are given by the next call.
            BpfError: "requires iterator mode": the buffer has callbacks; or it has no maps.
            BpfClosedError: closed, also by another thread; or the object is closed and
                nothing lies there.
            KeyboardInterrupt: at once on Ctrl-C.
        """
    def read_columns(
        self,
        max_events: int | None = None,
        timeout: float | None = None,
        *,
        type: str | builtins.type[Any] | BtfType | None = None,
    ) -> Columns:
        """Wait for records and return those that are there, a typed buffer for each field.

        Large batches, of 256 KiB and more that are of one type, are read without the GIL.

        Args:
            max_events: as for read().
            timeout: as for read().
            type: of the records, as event_type names one struct: where they are bytes, or of
                several types, of which one is taken; the others are left for whoever asks
                for them. None: that of the buffer.

        Returns:
            A row for each record, the oldest of each ring first; none when the time is over.

        Raises:
            ValueError: it is not known what the records are; the names of several types
                stand in it. Or the struct ends in a flexible array.
            BtfValidationError: a record has another size than its type; those before it were
                returned by the call before.
            BpfError: "requires iterator mode": the buffer has callbacks.
            BpfClosedError: as read().
            KeyboardInterrupt: at once on Ctrl-C.
        """
    def stream(self, timeout: float | None = None) -> Iterator[_E]:
        """Return an iterator that waits for records until the buffer is closed.

        Args:
            timeout: seconds without any record after which it ends; None: it does not.

        Returns:
            An iterator for `for`. It ends, too, when another thread closes the buffer, or
            the object is closed and nothing lies there. Records that it has not given out
            are left for whoever reads next.

        Raises:
            As read(), here or in the loop.
        """
    def snapshot(self, max_events: int | None = None) -> list[_E]:
        """Return the newest records of rings made with BPF_F_RB_OVERWRITE, oldest first.

        Args:
            max_events: how many of each ring at most, from 1 on; None: all that lie there.

        Returns:
            The records of one ring behind those of the other. They stay in the rings, which
            the program goes on to write over: nothing else reads them.

        Raises:
            BtfValidationError: a record has another size than its type.
            BpfError: a map was made without the flag, or no maps were added.
            BpfClosedError: the buffer is closed.

        Kernel: 6.19.
        """
    def poll_async(self, timeout_ms: int = -1) -> Coroutine[Any, Any, int]:
        """Do as poll(), in an asyncio task that waits without blocking its event loop.

        Args:
            timeout_ms: as for poll().

        Returns:
            A coroutine; awaiting it gives the number of records handled.

        Raises:
            As poll(). Cancelling it loses no record.
        """
    def events(self) -> AsyncIterator[RingBufferEvent[_E]]:
        """Return an asynchronous iterator of records with the names of their maps.

        Returns:
            An iterator for `async for`, which waits for records until the buffer or
            the object is closed, and ends when nothing lies there any more.

        Raises:
            BpfError: the buffer has callbacks, or no maps.
        """
    def stats(self) -> RingStats:
        """Return what went through the buffer, how full it is, and what was lost.

        Returns:
            A RingStats; of a buffer that is closed, as it was then. `lost` is a number if
            the program counts what finds no room, and its C source says so by a tag on the
            counter, `__attribute__((btf_decl_tag("tinybpf:dropped=events")))`, as the
            macros of tinybpf.bpf.h do (`python -m tinybpf headers`); else it is None.
        """
    def epoll_fd(self) -> int:
        """Return the epoll descriptor that is readable when records wait.

        Returns:
            A descriptor owned by the buffer.

        Raises:
            BpfError: no maps were added. BpfClosedError: the buffer is closed.
        """
    def fileno(self) -> int:
        """Return the epoll descriptor, for select() and event loops.

        Returns:
            A descriptor owned by the buffer.

        Raises:
            BpfError: no maps were added. BpfClosedError: the buffer is closed.
        """
    def close(self) -> None:
        """Unmap the rings; may be called again, and while another thread polls."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> _E: ...
    def __aiter__(self) -> AsyncIterator[_E]: ...
    def __class_getitem__(cls, item: Any, /) -> types.GenericAlias: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def __aenter__(self) -> Coroutine[Any, Any, Self]: ...
    def __aexit__(self, *exc: object) -> Coroutine[Any, Any, None]: ...
    def _interval(self) -> float | None: ...
    def _take(self) -> tuple[str, _E] | None: ...
    def _wait(self) -> contextlib.AbstractContextManager[int]: ...

@final
class BpfPerfBuffer(Generic[_E]):
    """Consumer of a perf event array, by callbacks or as an iterator.

        def sample(cpu, data):
            print(cpu, data)

        with tinybpf.BpfPerfBuffer(obj.maps["events"], sample) as buffer:
            buffer.poll(timeout_ms=1000)
            print(buffer.lost)
        with tinybpf.BpfPerfBuffer(obj.maps["events"], order="time") as buffer:
            for data in buffer.stream():
                print(data)

    Args:
        map: a PERF_EVENT_ARRAY map. The buffer puts its events into it and takes them
            out when it is closed.
        sample_callback: called with the number of a CPU and each record, as bytes
            padded by the kernel to 8 * n + 4. What it returns means nothing; an
            exception leaves poll() at once, and the record counts as consumed. None: the
            buffer is an iterator, as a BpfRingBuffer without a callback is.
        lost_callback: called with the number of a CPU and how many of its records found
            no room, when the kernel tells so: with the next record that finds some.
            `lost` counts them in any case.
        page_count: size of each CPU's ring in pages, a power of 2.
        event_type: as for BpfRingBuffer; the kernel's padding is not taken for a part of
            Records, but is in flexible arrays.
        validate_btf_struct: as for BpfRingBuffer.
        validate_field_names: as for BpfMap.typed().
        event_key: as for BpfRingBuffer.
        partial: as for BpfRingBuffer; the kernel's padding is a part of `_rest`.
        cpus: numbers of the CPUs to read; None: all that are online when it is made. One that
            goes offline leaves what it wrote; when it is back, a new buffer reads it.
        order: of records of different CPUs. "cpu": those of one after those of the other.
            "time": as they were written, by the kernel's monotonic clock; a call that finds
            some waits 20 microseconds for those that are just being written.
        watermark: wake a reader when so many bytes wait on a CPU; None: see sample_period.
        sample_period: wake a reader at every so many records of a CPU. What waits without
            a wake-up is read by the next call, or at drain_interval.
        overwrite: let the kernel write over the oldest records, so that nothing is read but
            by snapshot(). Without callbacks. Linux 4.7.
        drain_interval: as for BpfRingBuffer.

    Raises:
        BtfValidationError: event_type does not fit, or there is no such type.
        ValueError: page_count is no power of 2; a CPU that there is not; watermark and
            sample_period; overwrite with callbacks; order.
        BpfError: the map is none of type PERF_EVENT_ARRAY, or a ring cannot be made, as on
            a CPU of cpus that is offline.

    Kernel: 4.4; CAP_PERFMON (5.8).
    Source: perf_event_open, and our own consumer of its mmap layout
        (kernel/events/ring_buffer.c).
    """

    @overload
    def __new__(  # type: ignore[overload-overlap]  # an EventMap is told from others
        cls,
        map: EventMap[_E2],
        sample_callback: Callable[[int, _E2], object] | None = None,
        lost_callback: Callable[[int, int], object] | None = None,
        page_count: int = 64,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        *,
        event_key: None = None,
        partial: bool = False,
        cpus: Iterable[int] | None = None,
        order: Literal["cpu", "time"] = "cpu",
        watermark: int | None = None,
        sample_period: int = 1,
        overwrite: bool = False,
        drain_interval: float | None = None,
    ) -> BpfPerfBuffer[_E2]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        sample_callback: Callable[[int, bytes], object] | None = None,
        lost_callback: Callable[[int, int], object] | None = None,
        page_count: int = 64,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        *,
        event_key: None = None,
        partial: bool = False,
        cpus: Iterable[int] | None = None,
        order: Literal["cpu", "time"] = "cpu",
        watermark: int | None = None,
        sample_period: int = 1,
        overwrite: bool = False,
        drain_interval: float | None = None,
    ) -> BpfPerfBuffer[bytes]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        sample_callback: Callable[[int, _E2], object] | None = None,
        lost_callback: Callable[[int, int], object] | None = None,
        page_count: int = 64,
        *,
        event_type: builtins.type[_E2],
        validate_btf_struct: str | BtfType | None = None,
        validate_field_names: bool = True,
        event_key: None = None,
        partial: bool = False,
        cpus: Iterable[int] | None = None,
        order: Literal["cpu", "time"] = "cpu",
        watermark: int | None = None,
        sample_period: int = 1,
        overwrite: bool = False,
        drain_interval: float | None = None,
    ) -> BpfPerfBuffer[_E2]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        sample_callback: Callable[[int, Any], object] | None = None,
        lost_callback: Callable[[int, int], object] | None = None,
        page_count: int = 64,
        *,
        event_type: str | BtfType | dict[Any, Any] | Callable[[bytes], Any],
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
        event_key: str | Callable[[bytes], Any] | None = None,
        partial: bool = False,
        cpus: Iterable[int] | None = None,
        order: Literal["cpu", "time"] = "cpu",
        watermark: int | None = None,
        sample_period: int = 1,
        overwrite: bool = False,
        drain_interval: float | None = None,
    ) -> BpfPerfBuffer[Any]: ...
    @property
    def lost(self) -> int:
        """Number of records that found no room, as far as the kernel has told."""
    def poll(self, timeout_ms: int = -1) -> int:
        """Wait for records and hand them to the callbacks, or queue them to be iterated.

        Args:
            timeout_ms: how long to wait for the first record, in milliseconds; -1 for ever.

        Returns:
            The number of records handled, without lost ones; 0 after the time is over.
            One call handles at most what was there when it looked at each CPU.

        Raises:
            What a callback raised; KeyboardInterrupt at once on Ctrl-C.
            BpfClosedError: closed, also by another thread; or the object is closed and
                nothing lies there.
        """
    def consume(self) -> int:
        """Hand over, or queue, the records that are there, without waiting.

        Returns:
            The number of records handled.

        Raises:
            As poll().
        """
    def read(self, max_events: int | None = None, timeout: float | None = None) -> list[_E]:
        """Wait for records and return those that are there, as a list.

        Args:
            max_events: how many at most, from 1 on; None: what was there when it looked.
            timeout: how long to wait for the first, in seconds; 0 not at all, None for
                ever.

        Returns:
            The records, the oldest of each ring first; none when the time is over.

        Raises:
            BtfValidationError: a record has another size than its type; those that were
                read before it are given by the next call.
            BpfError: "requires iterator mode": the buffer has callbacks.
            BpfClosedError: closed, also by another thread; or the object is closed and
                nothing lies there.
            KeyboardInterrupt: at once on Ctrl-C.
        """
    def read_columns(
        self,
        max_events: int | None = None,
        timeout: float | None = None,
        *,
        type: str | builtins.type[Any] | BtfType | None = None,
    ) -> Columns:
        """Wait for records and return those that are there, a typed buffer for each field.

        Args:
            max_events: as for read().
            timeout: as for read().
            type: of the records, as event_type names one struct: where they are bytes, or of
                several types, of which one is taken; the others are left for whoever asks
                for them. None: that of the buffer.

        Returns:
            A row for each record, the oldest of each ring first; none when the time is over.

        Raises:
            ValueError: it is not known what the records are; the names of several types
                stand in it. Or the struct ends in a flexible array.
            BtfValidationError: a record has another size than its type; those before it were
                returned by the call before.
            BpfError: "requires iterator mode": the buffer has callbacks.
            BpfClosedError: as read().
            KeyboardInterrupt: at once on Ctrl-C.
        """
    def stream(self, timeout: float | None = None) -> Iterator[_E]:
        """Return an iterator that waits for records until the buffer is closed.

        Args:
            timeout: seconds without any record after which it ends; None: it does not.

        Returns:
            An iterator for `for`. It ends, too, when another thread closes the buffer, or
            the object is closed and nothing lies there. Records that it has not given out
            are left for whoever reads next.

        Raises:
            As read(), here or in the loop.
        """
    def snapshot(self, max_events: int | None = None) -> list[_E]:
        """Return the newest records of a buffer made with overwrite=True, oldest first.

        Args:
            max_events: how many at most, from 1 on; None: all that lie in the rings.

        Returns:
            The records of all CPUs in the order of their times. They stay in the rings.
            What a CPU writes while its ring is copied is lost, and is counted.

        Raises:
            BtfValidationError: a record has another size than its type.
            BpfError: the buffer was made without overwrite. BpfClosedError: it is closed.
        """
    def poll_async(self, timeout_ms: int = -1) -> Coroutine[Any, Any, int]:
        """Do as poll(), in an asyncio task that waits without blocking its event loop.

        Args:
            timeout_ms: as for poll().

        Returns:
            A coroutine; awaiting it gives the number of records handled.

        Raises:
            As poll(). Cancelling it loses no record.
        """
    def stats(self) -> RingStats:
        """Return what went through the buffer, how full it is, and what was lost.

        Returns:
            A RingStats; of a buffer that is closed, as it was then. `lost` is what the
            kernel has told, as the property is; nothing is known of `discarded`.
        """
    def epoll_fd(self) -> int:
        """Return the epoll descriptor that becomes readable when records are written.

        Returns:
            A descriptor owned by the buffer. The kernel says it once: whoever sees it
            readable must consume().

        Raises:
            BpfClosedError: the buffer is closed.
        """
    def fileno(self) -> int:
        """Return the epoll descriptor, for select() and event loops.

        Returns:
            A descriptor owned by the buffer.

        Raises:
            BpfClosedError: the buffer is closed.
        """
    def close(self) -> None:
        """Unmap the rings; may be called again, and while another thread polls."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> _E: ...
    def __aiter__(self) -> AsyncIterator[_E]: ...
    def __class_getitem__(cls, item: Any, /) -> types.GenericAlias: ...
    def __aenter__(self) -> Coroutine[Any, Any, Self]: ...
    def __aexit__(self, *exc: object) -> Coroutine[Any, Any, None]: ...
    def _interval(self) -> float | None: ...
    def _take(self) -> tuple[str, _E] | None: ...
    def _wait(self) -> contextlib.AbstractContextManager[int]: ...

@final
class BpfUserRingBuffer:
    """Producer of a user ring buffer, which a BPF program drains.

        with tinybpf.BpfUserRingBuffer(obj.maps["commands"]) as commands:
            commands.submit(obj.types.command(kind=1, pid=42))
            with commands.reserve("command", timeout=1.0) as command:
                command.kind = 2

    The program calls bpf_user_ringbuf_drain(). Any thread may write; one process at a time.

    Args:
        map: a USER_RINGBUF map.

    Raises:
        BpfError: the map is none of type USER_RINGBUF, or it cannot be mapped.

    Kernel: 6.1.
    Source: user_ring_buffer__new.
    """

    def __new__(cls, map: BpfMap) -> Self: ...
    @overload
    def reserve(
        self, what: int, timeout: float | None = None
    ) -> contextlib.AbstractContextManager[bytearray]: ...
    @overload
    def reserve(
        self, what: str | BtfType | builtins.type[Record], timeout: float | None = None
    ) -> contextlib.AbstractContextManager[Any]: ...
    @overload
    def reserve(
        self, what: builtins.type[_E2], timeout: float | None = None
    ) -> contextlib.AbstractContextManager[_E2]:
        """Reserve room for a sample, to be filled in a `with` statement.

        Args:
            what: the name of a struct in the map's BTF, a BtfType or a Record class: the
                statement gets a View of it. A class of ctypes: an instance. A number of
                bytes: a bytearray of that length.
            timeout: how long to wait for room, in seconds; 0 not at all, None for ever.

        Returns:
            A context manager. The sample, zeros to begin with, is submitted at the end of
            the statement, and discarded if that raises. The program gets no sample that was
            reserved later before.

        Raises:
            BpfError: no room in time (errno ENOSPC), or it is larger than the ring (E2BIG).
            BpfClosedError: closed, also by another thread; or the object is closed.
            KeyboardInterrupt: at once on Ctrl-C.

        Kernel: 6.1.
        Source: user_ring_buffer__reserve, user_ring_buffer__submit,
            user_ring_buffer__discard.
        """
    def submit(self, value: Buffer, timeout: float | None = None) -> None:
        """Send a sample to the program.

        Args:
            value: a Record, an instance of a class of ctypes, or any bytes-like object.
            timeout: as for reserve().

        Raises:
            As reserve().

        Kernel: 6.1.
        Source: user_ring_buffer__submit.
        """
    def close(self) -> None:
        """Unmap the ring, behind the last reservation; may be called again."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
