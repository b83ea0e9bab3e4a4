# SPDX-License-Identifier: MIT
"""Symbols: whose code an address is."""

from collections.abc import Iterable

from _typeshed import StrOrBytesPath
from typing_extensions import final

@final
class Symbol:
    """Whose code an address is.

    It never changes, compares and hashes by its four fields, and can be pickled. str() is as
    people write it: "vfs_read+0x4f", "/usr/lib/libx.so+0x1234" where no function is known,
    "0x7f0000001234" where nothing is.
    """

    @property
    def name(self) -> str | None:
        """Name of the function; None where it is not known."""
    @property
    def offset(self) -> int:
        """Bytes from the begin of the function; of the module, if only that is known."""
    @property
    def module(self) -> str | None:
        """The kernel ("kernel"), one of its modules, "bpf", or a file's path; None: unknown."""
    @property
    def address(self) -> int:
        """The address that was asked for."""
    def __new__(
        cls, name: str | None, offset: int = 0, module: str | None = None, address: int = 0
    ) -> Symbol: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Symbols:
    """Names for addresses of the kernel, of processes and of files.

        symbols = tinybpf.Symbols()
        for symbol in symbols.kernel(obj.maps["stacks"].walk(stack_id)):
            print(symbol)

    What it reads it keeps, up to a bound: use one for all that a program asks. Threads may
    share it.
    """

    def kernel(self, addresses: Iterable[int], /) -> list[Symbol]:
        """Name addresses of the kernel.

        The first call reads all of the kernel's symbols, those of modules and of BPF
        programs, too: some 10 MB. They are read again when programs or modules have come, and
        now and then when an address is unknown.

        Args:
            addresses: as many as there are at once: 0 to 2**64-1 each.

        Returns:
            A Symbol for each, in their order; its name is None where none is known.

        Raises:
            BpfPermissionError: the kernel hides its addresses from this process: it says
                what to do.
            BpfError: /proc/kallsyms cannot be read.
            TypeError, ValueError: what was given are no addresses.

        Kernel: CAP_SYSLOG, where kernel.kptr_restrict or kernel.perf_event_paranoid ask for it.
        Source: /proc/kallsyms.
        """
    def user(self, pid: int, addresses: Iterable[int], /) -> list[Symbol]:
        """Name addresses of a process.

        By the symbols of its files (.symtab; of stripped ones those that are installed for
        debuggers, by build id or .gnu_debuglink; else .dynsym), by the perf map files of its
        just-in-time compilers (/tmp/perf-PID.map), and by the vDSO. They are found where the
        process has them: in its container. Names of Rust are as its source writes them, others
        as the file has them.

        A process that has ended is answered from what was read while it was there: by this
        method, what the addresses asked for; by observe(), all. Another process with its
        number is noticed.

        Args:
            pid: number of the process or thread, 1 or more.
            addresses: as many as there are at once: 0 to 2**64-1 each.

        Returns:
            A Symbol for each, in their order. Where no function is known its name is None, and
            offset that in the file which module names; where that is not known either, module
            is None, as for all of a process that had ended before it was seen.

        Raises:
            BpfPermissionError: this user may not look at that process.
            TypeError, ValueError: what was given is no pid, or no addresses.

        Kernel: CAP_SYS_PTRACE for processes of others; CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE
            for files that were deleted.
        Source: /proc/PID/maps, PROCMAP_QUERY (6.11).
        """
    def observe(self, pid: int, /) -> bool:
        """Read what names the addresses of a process, for after its end.

        A profiler calls it when it sees a process first: when that has ended, user() still
        answers.

        Args:
            pid: as for user().

        Returns:
            Whether the process is there.

        Raises:
            BpfPermissionError, TypeError, ValueError: as for user().

        Kernel: as for user().
        Source: /proc/PID/maps, PROCMAP_QUERY (6.11).
        """
    def file(self, path: StrOrBytesPath, offsets: Iterable[int], /) -> list[Symbol]:
        """Name places of a program or library.

        Args:
            path: the file, as for the built-in open().
            offsets: bytes from its start, as maps with BPF_F_STACK_BUILD_ID give them.

        Returns:
            A Symbol for each, in their order; address is the offset that was given.

        Raises:
            OSError: the file cannot be read.
            BpfError (ENOEXEC): it is no 64-bit ELF file of this machine's byte order.
            TypeError, ValueError: what was given is no path, or no offsets.

        Source: libelf's formats, read without it.
        """
