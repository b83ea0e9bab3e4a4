# SPDX-License-Identifier: MIT
"""Types and reference of tinybpf._core, the C module behind the package.

The first sentence of each docstring here is the one that help() shows; a meta
test keeps both in step.
"""

import enum
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar, overload

from typing_extensions import Buffer, Self, final

_T = TypeVar("_T")
_Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]

BPF_ANY: Final = 0
BPF_NOEXIST: Final = 1
BPF_EXIST: Final = 2

class BpfMapType(enum.IntEnum):
    """Kinds of BPF map, with the names of `enum bpf_map_type` less BPF_MAP_TYPE_."""

    UNSPEC = 0
    HASH = 1
    ARRAY = 2
    PROG_ARRAY = 3
    PERF_EVENT_ARRAY = 4
    PERCPU_HASH = 5
    PERCPU_ARRAY = 6
    STACK_TRACE = 7
    CGROUP_ARRAY = 8
    LRU_HASH = 9
    LRU_PERCPU_HASH = 10
    LPM_TRIE = 11
    ARRAY_OF_MAPS = 12
    HASH_OF_MAPS = 13
    DEVMAP = 14
    SOCKMAP = 15
    CPUMAP = 16
    XSKMAP = 17
    SOCKHASH = 18
    CGROUP_STORAGE = 19
    REUSEPORT_SOCKARRAY = 20
    PERCPU_CGROUP_STORAGE = 21
    QUEUE = 22
    STACK = 23
    SK_STORAGE = 24
    DEVMAP_HASH = 25
    STRUCT_OPS = 26
    RINGBUF = 27
    INODE_STORAGE = 28
    TASK_STORAGE = 29
    BLOOM_FILTER = 30
    USER_RINGBUF = 31
    CGRP_STORAGE = 32
    ARENA = 33
    INSN_ARRAY = 34

class BpfProgType(enum.IntEnum):
    """Kinds of BPF program, with the names of `enum bpf_prog_type` less BPF_PROG_TYPE_."""

    UNSPEC = 0
    SOCKET_FILTER = 1
    KPROBE = 2
    SCHED_CLS = 3
    SCHED_ACT = 4
    TRACEPOINT = 5
    XDP = 6
    PERF_EVENT = 7
    CGROUP_SKB = 8
    CGROUP_SOCK = 9
    LWT_IN = 10
    LWT_OUT = 11
    LWT_XMIT = 12
    SOCK_OPS = 13
    SK_SKB = 14
    CGROUP_DEVICE = 15
    SK_MSG = 16
    RAW_TRACEPOINT = 17
    CGROUP_SOCK_ADDR = 18
    LWT_SEG6LOCAL = 19
    LIRC_MODE2 = 20
    SK_REUSEPORT = 21
    FLOW_DISSECTOR = 22
    CGROUP_SYSCTL = 23
    RAW_TRACEPOINT_WRITABLE = 24
    CGROUP_SOCKOPT = 25
    TRACING = 26
    STRUCT_OPS = 27
    EXT = 28
    LSM = 29
    SK_LOOKUP = 30
    SYSCALL = 31
    NETFILTER = 32

class BpfError(Exception):
    """An operation on a BPF object failed."""

    errno: int
    libbpf_log: str
    def __init__(self, msg: str = ..., /, errno: int = 0, libbpf_log: str = "") -> None: ...

class BpfVerifierError(BpfError):
    """The kernel's verifier rejected a program."""

class BpfRelocationError(BpfError):
    """A CO-RE relocation found no match in this kernel's types."""

class BpfNotSupportedError(BpfError):
    """This kernel, or its configuration, lacks what was asked for."""

class BpfPermissionError(BpfError, PermissionError):  # type: ignore[misc]
    """The process lacks a privilege that the kernel asks for."""

class BpfClosedError(BpfError):
    """The handle, or the object that it belongs to, was closed."""

def load(path: _Path) -> BpfObject:
    """Open a compiled BPF object file and load its maps and programs.

    Args:
        path: the `.bpf.o` file, found as the built-in open() finds it.

    Returns:
        The loaded object; close it, or use it in a `with` statement.

    Raises:
        FileNotFoundError, PermissionError, IsADirectoryError, OSError: the file
            cannot be read.
        BpfError: it is no BPF object for this machine, or does not load; the
            subclass tells why, `.libbpf_log` has all that libbpf said.

    Kernel: CAP_BPF (5.8), and what each program type asks for besides.
    Source: bpf_object__open_mem, bpf_object__load.
    """

def version() -> str:
    """Return the version of tinybpf.

    Returns:
        The text that `tinybpf.__version__` holds too.
    """

def libbpf_version() -> str:
    """Return the version of the libbpf inside, such as '1.7.0'.

    Returns:
        major.minor.patch.

    Source: the version that the build took (libbpf_version_string has no patch number).
    """

@final
class ProgramCollection(Mapping[str, BpfProgram]):
    """The programs of an object by name, in the order of the file."""

    def __getitem__(self, name: str, /) -> BpfProgram: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    @overload
    def get(self, key: str, default: None = None, /) -> BpfProgram | None: ...
    @overload
    def get(self, key: str, default: _T, /) -> BpfProgram | _T: ...

@final
class MapCollection(Mapping[str, BpfMap]):
    """The maps of an object by name, in the order of the file."""

    def __getitem__(self, name: str, /) -> BpfMap: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    @overload
    def get(self, key: str, default: None = None, /) -> BpfMap | None: ...
    @overload
    def get(self, key: str, default: _T, /) -> BpfMap | _T: ...

@final
class BpfObject:
    """A loaded BPF object: its programs, its maps and their life."""

    @property
    def name(self) -> str:
        """Name of the object: that of its file, less the ending."""
    @property
    def path(self) -> str:
        """Path that the object was loaded from, as it was given."""
    @property
    def programs(self) -> ProgramCollection:
        """The programs by name."""
    @property
    def maps(self) -> MapCollection:
        """The maps by name."""
    def program(self, name: str, /) -> BpfProgram:
        """Return the program of that name, as `programs[name]`.

        Args:
            name: the C function's name.

        Returns:
            The program; the same one each time.

        Raises:
            KeyError: there is none; says which there are.
            BpfClosedError: the object is closed.
        """
    def map(self, name: str, /) -> BpfMap:
        """Return the map of that name, as `maps[name]`.

        Args:
            name: the C variable's name.

        Returns:
            The map; the same one each time.

        Raises:
            KeyError: there is none; says which there are.
            BpfClosedError: the object is closed.
        """
    def attach(self) -> BpfLinks:
        """Attach every program whose section says where, in one step.

        Returns:
            The links, as a sequence that is a context manager too. Either all
            programs are attached, or none and an error is raised.

        Raises:
            BpfError: one cannot be attached, or there is nothing to attach.
            BpfClosedError: the object is closed.

        Kernel: as the program types ask.
        Source: bpf_program__attach.
        """
    def close(self) -> None:
        """Destroy the links made from the object and unload it; may be called again."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

@final
class BpfProgram:
    """A program of a loaded object."""

    @property
    def name(self) -> str:
        """Name of the C function."""
    @property
    def section(self) -> str:
        """Name of its ELF section, such as 'tracepoint/syscalls/sys_enter_openat'."""
    @property
    def type(self) -> BpfProgType:
        """Kind of program; a plain int where this build does not know it."""
    @property
    def fd(self) -> int:
        """File descriptor, owned by the object."""
    def attach(self) -> BpfLink:
        """Attach the program to what its section names.

        Returns:
            The link; the program stays attached until it is destroyed.

        Raises:
            BpfError: it cannot be attached, or its section does not say where.
            BpfClosedError: the object is closed.

        Kernel: as the program type asks.
        Source: bpf_program__attach.
        """
    def attach_kprobe(self, func: str, retprobe: bool = False) -> BpfLink:
        """Attach the program to a kernel function.

        Args:
            func: name of the function, as in /proc/kallsyms.
            retprobe: run where it returns, in place of where it begins.

        Returns:
            The link; the program stays attached until it is destroyed.

        Raises:
            BpfError: there is no such function, or it cannot be probed.
            BpfNotSupportedError: the kernel has no kprobes. BpfClosedError: closed.

        Kernel: 4.17, CONFIG_KPROBES; CAP_PERFMON.
        Source: bpf_program__attach_kprobe_opts.
        """
    def attach_kretprobe(self, func: str) -> BpfLink:
        """Attach the program to the return of a kernel function.

        Args:
            func: as for attach_kprobe().

        Returns:
            The link.

        Raises:
            As attach_kprobe().

        Kernel: 4.17, CONFIG_KPROBES; CAP_PERFMON.
        Source: bpf_program__attach_kprobe_opts.
        """
    def attach_tracepoint(self, category: str, name: str) -> BpfLink:
        """Attach the program to a tracepoint.

        Args:
            category: the folder below events/ in tracefs, such as 'syscalls'.
            name: the event in it, such as 'sys_enter_openat'.

        Returns:
            The link.

        Raises:
            BpfError: there is no such tracepoint, or tracefs is not mounted.
            BpfClosedError: the object is closed.

        Kernel: 4.7; CAP_PERFMON, and the right to read tracefs.
        Source: bpf_program__attach_tracepoint.
        """
    def attach_raw_tracepoint(self, name: str) -> BpfLink:
        """Attach the program to a raw tracepoint.

        Args:
            name: the tracepoint, such as 'sys_enter'; no category.

        Returns:
            The link.

        Raises:
            BpfError: there is no such tracepoint. BpfClosedError: the object is closed.

        Kernel: 4.17; CAP_PERFMON.
        Source: bpf_program__attach_raw_tracepoint.
        """
    def attach_uprobe(
        self,
        binary: _Path,
        offset: int = 0,
        pid: int = -1,
        retprobe: bool = False,
        func_name: str | None = None,
    ) -> BpfLink:
        """Attach the program to a place in a binary.

        Args:
            binary: path of an executable or a library; without a slash it is looked
                for where the shell and the loader look.
            offset: bytes from the start of the file, or of func_name.
            pid: the process to watch; 0 this one, -1 every one.
            retprobe: run where the function returns.
            func_name: a symbol of the binary; needs its symbol table.

        Returns:
            The link.

        Raises:
            ValueError: the offset is negative. BpfError: no such binary or symbol.
            BpfClosedError: the object is closed.

        Kernel: 4.17, CONFIG_UPROBES; CAP_PERFMON, older kernels CAP_SYS_ADMIN.
        Source: bpf_program__attach_uprobe_opts.
        """
    def attach_uretprobe(
        self, binary: _Path, offset: int = 0, pid: int = -1, func_name: str | None = None
    ) -> BpfLink:
        """Attach the program to the return of a function in a binary.

        Args:
            binary: as for attach_uprobe().
            offset: bytes from the start of func_name, or of the file.
            pid: as for attach_uprobe().
            func_name: the function; needs the binary's symbol table.

        Returns:
            The link.

        Raises:
            As attach_uprobe().

        Kernel: 4.17, CONFIG_UPROBES; CAP_PERFMON, older kernels CAP_SYS_ADMIN.
        Source: bpf_program__attach_uprobe_opts.
        """
    def attach_xdp(self, interface: str | int) -> BpfLink:
        """Attach the program to the packets that an interface receives.

        Args:
            interface: its name or index, in this network namespace.

        Returns:
            The link.

        Raises:
            ValueError: the index is no positive 31-bit number.
            BpfError: no such interface, or it is taken. BpfClosedError: closed.

        Kernel: 5.9; CAP_NET_ADMIN.
        Source: bpf_program__attach_xdp.
        """
    def attach_cgroup(self, cgroup: _Path | int) -> BpfLink:
        """Attach the program to a cgroup.

        Args:
            cgroup: path of a cgroup of version 2, or an open descriptor of one, which
                stays the caller's.

        Returns:
            The link.

        Raises:
            ValueError: the descriptor is negative or too large.
            BpfError: it is no cgroup of version 2. BpfClosedError: closed.

        Kernel: 5.7; CAP_NET_ADMIN.
        Source: bpf_program__attach_cgroup.
        """
    def test_run(
        self,
        data: Buffer | None = None,
        ctx: Buffer | None = None,
        repeat: int = 0,
        flags: int = 0,
        cpu: int = 0,
        batch_size: int = 0,
    ) -> TestRun:
        """Run the program in the kernel without its hook.

        Args:
            data: the packet of a networking program, 14 bytes at least.
            ctx: the context: struct __sk_buff, xdp_md, or what the type takes.
            repeat: number of runs; 0 and 1 are one. Tracing programs take 0 only.
            flags: BPF_F_TEST_ bits.
            cpu: number of the CPU to run on, with BPF_F_TEST_RUN_ON_CPU.
            batch_size: packets at a time, with BPF_F_TEST_XDP_LIVE_FRAMES.

        Returns:
            A TestRun: the verdict, packet and context as the program left them.

        Raises:
            BpfNotSupportedError: programs of the type only run on their hook.
            BpfError: the kernel refused the packet. BpfClosedError: closed.

        Kernel: 4.12 for networking, 5.10 raw tracepoints; CAP_NET_ADMIN or CAP_PERFMON.
        Source: bpf_prog_test_run_opts.
        """

@final
class TestRun(tuple[int, bytes | None, bytes | None, int]):
    """What BpfProgram.test_run() gives back."""

    n_fields: Final = 4
    n_sequence_fields: Final = 4
    n_unnamed_fields: Final = 0
    __match_args__: Final = ("retval", "data", "ctx", "duration_ns")

    @property
    def retval(self) -> int:
        """What the program returned, as an unsigned 32-bit number."""
    @property
    def data(self) -> bytes | None:
        """The packet as the program left it; None if none was given."""
    @property
    def ctx(self) -> bytes | None:
        """The context as the program left it; None if none was given."""
    @property
    def duration_ns(self) -> int:
        """Time of one run in nanoseconds, the mean over repeat."""

@final
class BpfLink:
    """A program attached to a hook, until it is destroyed."""

    @property
    def fd(self) -> int:
        """File descriptor; -1 once destroyed."""
    def destroy(self) -> None:
        """Detach the program; may be called again.

        Raises:
            BpfError: the kernel refused.

        Source: bpf_link__destroy.
        """
    def close(self) -> None:
        """Detach the program; the same as destroy()."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

@final
class BpfLinks:
    """Links that were made in one step: a sequence and a context manager."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> BpfLink: ...
    def __iter__(self) -> Iterator[BpfLink]: ...
    def destroy(self) -> None:
        """Destroy every link, the last one first; may be called again."""
    def close(self) -> None:
        """Destroy every link; the same as destroy()."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

@final
class BpfMap:
    """A map in the kernel, used as a dictionary.

    Keys and values are bytes of the map's sizes; where BTF says that they are a
    single int, float, bool, char, enum or pointer, they are numbers. An array's
    keys are its indices. `bool(m)` is True, also for an empty map.
    """

    @property
    def name(self) -> str:
        """Name of the C variable."""
    @property
    def type(self) -> BpfMapType:
        """Kind of map; a plain int where this build does not know it."""
    @property
    def key_size(self) -> int:
        """Size of a key in bytes."""
    @property
    def value_size(self) -> int:
        """Size of a value in bytes (of one CPU's value in a per-CPU map)."""
    @property
    def max_entries(self) -> int:
        """Number of entries that the map can hold; bytes for a ring buffer."""
    @property
    def fd(self) -> int:
        """File descriptor, owned by the object."""
    def __getitem__(self, key: Any, /) -> Any: ...
    def __setitem__(self, key: Any, value: Any, /) -> None: ...
    def __delitem__(self, key: Any, /) -> None: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def __contains__(self, key: object, /) -> bool: ...
    def lookup(self, key: Any, /) -> Any | None:
        """Return the value of a key, None if the key is absent.

        Args:
            key: bytes of key_size, or a number where BTF says so.

        Returns:
            A number where BTF says so, else bytes of value_size.

        Raises:
            ValueError: wrong size or range. TypeError: cannot be a key.
            BpfError: the kernel refused. BpfClosedError: the object is closed.

        Source: bpf_map_lookup_elem.
        """
    @overload
    def get(self, key: Any, /) -> Any | None: ...
    @overload
    def get(self, key: Any, default: _T, /) -> Any | _T:
        """Return the value of a key, or a default if the key is absent.

        Args:
            key: as for lookup().
            default: what to return for an absent key; None if not given.

        Returns:
            The value or the default.

        Raises:
            As lookup().

        Source: bpf_map_lookup_elem.
        """
    def update(self, key: Any, value: Any, flags: int = BPF_ANY) -> None:
        """Set the value of a key.

        Args:
            key: as for lookup().
            value: bytes of value_size, or a number where BTF says so.
            flags: BPF_ANY, BPF_NOEXIST (the key must be new) or BPF_EXIST (it must not).

        Raises:
            ValueError: wrong size or range. TypeError: cannot be a key or value.
            BpfError: the kernel refused: EEXIST, ENOENT, E2BIG for a full map.
            BpfClosedError: the object is closed.

        Source: bpf_map_update_elem.
        """
    def delete(self, key: Any, /) -> bool:
        """Delete a key; tell whether it was there.

        Args:
            key: as for lookup().

        Returns:
            True if it was there, False if not.

        Raises:
            As lookup(). BpfError (EINVAL): an array's entries cannot be deleted.

        Source: bpf_map_delete_elem.
        """
    def keys(self) -> BpfMapView:
        """Return a view of the keys.

        Returns:
            An iterable that can be walked many times; next() works on it too.
        """
    def values(self) -> BpfMapView:
        """Return a view of the values.

        Returns:
            An iterable that can be walked many times; next() works on it too.
        """
    def items(self) -> BpfMapView:
        """Return a view of the (key, value) pairs.

        Returns:
            An iterable that can be walked many times; next() works on it too.
        """

@final
class BpfMapView(Iterable[Any]):
    """A live view of a map's keys, values or items."""

    def __iter__(self) -> BpfMapIterator: ...
    def __next__(self) -> Any: ...
    def __len__(self) -> int: ...
    def __contains__(self, item: object, /) -> bool: ...

@final
class BpfMapIterator(Iterator[Any]):
    """A walk over a map's keys, values or items."""

    def __next__(self) -> Any: ...

@final
class BpfRingBuffer:
    """Consumer of one or more ring buffers, by callbacks.

    Args:
        map: a RINGBUF map, or None to add() maps later.
        callback: called with the bytes of each record; returns None or 0 to go
            on, a negative number to stop. An exception leaves poll() at once;
            the record counts as consumed.

    Raises:
        BpfError: the map is none of type RINGBUF, or has no callback.

    Kernel: 5.8.
    Source: our own consumer of the kernel's mmap layout (kernel/bpf/ringbuf.c).
    """

    def __new__(
        cls, map: BpfMap | None = None, callback: Callable[[bytes], int | None] | None = None
    ) -> Self: ...
    def add(self, map: BpfMap, callback: Callable[[bytes], int | None]) -> None:
        """Consume one more ring buffer.

        Args:
            map: a RINGBUF map that was not added before.
            callback: as for the class.

        Raises:
            BpfError: not a ring buffer, already added, or it cannot be mapped.
            BpfClosedError: the buffer or the map's object is closed.
        """
    def poll(self, timeout_ms: int = -1) -> int:
        """Wait for records and hand them to the callbacks.

        Args:
            timeout_ms: how long to wait for the first record, in milliseconds; -1 for ever.

        Returns:
            The number of records handled; 0 after the time is over. One call
            handles at most what was there when it looked: it returns under load.

        Raises:
            What a callback raised; KeyboardInterrupt at once on Ctrl-C.
            BpfError: no maps were added. BpfClosedError: closed, also by another thread.
        """
    def consume(self) -> int:
        """Hand the records that are there to the callbacks, without waiting.

        Returns:
            The number of records handled.

        Raises:
            As poll().
        """
    def epoll_fd(self) -> int:
        """Return the epoll descriptor that is readable when records wait.

        Returns:
            A descriptor owned by the buffer.

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
