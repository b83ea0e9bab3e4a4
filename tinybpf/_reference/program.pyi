# SPDX-License-Identifier: MIT
"""Programs."""

from collections.abc import Mapping, Sequence
from typing import Final

from _typeshed import StrOrBytesPath
from typing_extensions import Buffer, Self, final

from tinybpf._reference.enums import BpfAttachType, BpfProgType
from tinybpf._reference.hook import _Hooks
from tinybpf._reference.lines import BpfLines
from tinybpf._reference.link import BpfLink
from tinybpf._reference.map import BpfMap
from tinybpf._system import Holder, Seen
from tinybpf._values import ProgramInfo, ProgramLine

@final
class BpfProgram(_Hooks):
    """A program of an object.

        with obj.programs["on_open"].attach() as link:
            print(link)
        obj.programs["filter"].test_run(data=packet).retval

    A link that is dropped without a name is detached, and warns.

    Properties that can be set are set between open() and load().

    One that was in the kernel already (from_id(), from_fd(), open_pinned_program()) has
    no section, no settings and no attach methods, and is closed by itself:

        with tinybpf.BpfProgram.from_id(12) as program:
            print(program.info)
    """

    @classmethod
    def from_fd(cls, fd: int, /) -> BpfProgram:
        """Open the program behind a descriptor.

        Args:
            fd: a descriptor of a program, which stays the caller's.

        Returns:
            A stand-alone program with a duplicate of it.

        Raises:
            BpfError: it is not a program's; also an OSError if it is no descriptor.

        Kernel: 4.13.
        Source: bpf_prog_get_info_by_fd.
        """
    @classmethod
    def from_id(cls, id: int, /) -> BpfProgram:
        """Open the program of an id.

        Args:
            id: as `BpfProgram.id` and bpftool tell it.

        Returns:
            A stand-alone program.

        Raises:
            ValueError: no 32-bit number. BpfError, also a FileNotFoundError: there is
                none. BpfPermissionError: CAP_SYS_ADMIN is missing.

        Kernel: 4.13; CAP_SYS_ADMIN.
        Source: bpf_prog_get_fd_by_id.
        """
    @property
    def name(self) -> str:
        """Name of the C function."""
    @property
    def section(self) -> str:
        """Name of its ELF section, such as 'tracepoint/syscalls/sys_enter_openat'."""
    @property
    def type(self) -> BpfProgType:
        """Kind of program; a plain int where this build does not know it."""
    @type.setter
    def type(self, value: BpfProgType | int) -> None: ...
    @property
    def expected_attach_type(self) -> BpfAttachType:
        """Kind of hook that it is checked for; a plain int where it is not known."""
    @expected_attach_type.setter
    def expected_attach_type(self, value: BpfAttachType | int) -> None: ...
    @property
    def flags(self) -> int:
        """Flags that it is loaded with: the kernel's BPF_F_ bits."""
    @flags.setter
    def flags(self, value: int) -> None: ...
    @property
    def log_level(self) -> int:
        """What the verifier writes while it is loaded: 0 nothing, 1 and 2 more."""
    @log_level.setter
    def log_level(self, value: int) -> None: ...
    @property
    def autoload(self) -> bool:
        """Whether loading the object loads it."""
    @autoload.setter
    def autoload(self, value: bool) -> None: ...
    @property
    def autoattach(self) -> bool:
        """Whether the object's attach() includes it."""
    @autoattach.setter
    def autoattach(self, value: bool) -> None: ...
    @property
    def fd(self) -> int:
        """File descriptor, owned by the object, if it has one."""
    @property
    def id(self) -> int:
        """Number that the kernel knows the program by."""
    @property
    def is_standalone(self) -> bool:
        """Whether the program belongs to no object, and is to be closed."""
    def set_attach_target(
        self, func: str | None, program: BpfProgram | int | None = None
    ) -> None:
        """Choose the function that a program of an opened object is made for.

        Args:
            func: the function's name, in the kernel, a module or the program; None
                for the program itself. It is looked up for expected_attach_type.
            program: the loaded program (or its descriptor) that a freplace, fentry or
                fexit program attaches to; None for the kernel.

        Raises:
            BpfError: there is no such function, or the object is loaded.
            BpfClosedError: an object is closed.

        Source: bpf_program__set_attach_target.
        """
    def set_ifindex(self, ifindex: int, /) -> None:
        """Load the program into an interface's hardware.

        Args:
            ifindex: index of the interface; 0 for none.

        Raises:
            ValueError: the index is out of range. BpfError: the object is loaded.
            BpfClosedError: the object is closed.

        Source: bpf_program__set_ifindex.
        """
    @property
    def stdout(self) -> BpfLines:
        """Lines that the program has printed by bpf_stream_printk(), an iterator.

        A loop over it gives what is there and ends; each line is given once.

        Raises:
            BpfNotSupportedError: the kernel has no streams, when it is read.
            BpfClosedError: the object is closed.

        Kernel: 6.17.
        Source: bpf_prog_stream_read.
        """
    @property
    def stderr(self) -> BpfLines:
        """Lines that the program, or the kernel about it, wrote as errors, an iterator.

        As stdout; the kernel tells there of faults and of loops that it ended.
        """
    @property
    def info(self) -> ProgramInfo:
        """What the program is, as one value that outlives it."""
    def attach(self, **options: object) -> BpfLink:
        """Attach the program to what its section names.

        Args:
            options: those of the attach_ method of the kind that the section names,
                such as cookie=7; what the section says need not be given.

        Returns:
            The link; the program stays attached until it is destroyed.

        Raises:
            TypeError: the kind has no such option, or there is no such kind.
            BpfError: it cannot be attached, or its section does not say where.
            BpfClosedError: the object is closed.

        Kernel: as the program type asks.
        Source: bpf_program__attach.
        """
    def assoc_struct_ops(self, map: BpfMap, /) -> None:
        """Tell the kernel which struct_ops the program serves.

        A kernel function that the program calls, such as one of sched_ext, finds by it
        which of several struct_ops is meant. It lasts as long as the program does, which
        keeps the map.

        Args:
            map: a struct_ops map; it need not be attached.

        Raises:
            BpfError: the map is no struct_ops; the program serves another one (EBUSY),
                or is part of a struct_ops.
            BpfNotSupportedError: the kernel is older. BpfClosedError: one is closed.

        Kernel: 7.0; CAP_BPF.
        Source: bpf_prog_assoc_struct_ops.
        """
    def test_run(
        self,
        data: Buffer | None = None,
        ctx: Buffer | Mapping[str, object] | Sequence[object] | None = None,
        repeat: int = 0,
        flags: int = 0,
        cpu: int | None = None,
        batch_size: int = 0,
        live_frames: bool = False,
    ) -> TestRun:
        """Run the program in the kernel without its hook.

        Args:
            data: the packet of a networking program, 14 bytes at least.
            ctx: the context: struct __sk_buff, xdp_md, or what the type takes. Bytes, a
                Record, or a dict or sequence that the type of the program's parameter
                is made of by the object's BTF, as by obj.types; for `unsigned long long
                *ctx`, as of BPF_PROG(), the words, such as [1, 2].
            repeat: number of runs; 0 and 1 are one. Tracing programs take 0 only.
            flags: more BPF_F_TEST_ bits.
            cpu: number of the CPU to run on; None for the one that it is on. For raw
                tracepoints (5.10).
            batch_size: packets at a time of live frames, up to 256; 0: 64.
            live_frames: whether what an xdp program sends or redirects really leaves
                (5.18); a packet that it passes goes into the network stack.

        Returns:
            A TestRun: the verdict, packet and context as the program left them; the
            context is a Record where a Record was given, or made.

        Raises:
            KeyboardInterrupt: Ctrl-C, also between two of its runs.
            BpfNotSupportedError: programs of the type only run on their hook.
            BpfError: the kernel refused the packet; EINTR: a signal whose handler raised
                nothing came before the last run.
            TypeError, ValueError: the context cannot be made of it; a number is out of
                range.
            BpfClosedError: closed.

        Kernel: 4.12 for networking, 5.10 raw tracepoints; CAP_NET_ADMIN or CAP_PERFMON.
        Source: bpf_prog_test_run_opts.
        """
    def pin(self, path: StrOrBytesPath) -> None:
        """Keep the program by a file on the BPF file system.

        It stays in the kernel until the pin is removed; what attaches it is a link,
        which has a pin() of its own.

        Args:
            path: the pin to make, such as '/sys/fs/bpf/filter'; a folder of it that
                is missing there is made. Names have no dot.

        Raises:
            BpfError: the path is on another file system, or the kernel refused; also a
                FileExistsError, FileNotFoundError or other OSError, as of the path.
            BpfClosedError: closed.

        Kernel: 4.4; CAP_BPF (5.8) and the permissions of the path.
        Source: bpf_obj_pin.
        """
    def unpin(self, path: StrOrBytesPath) -> None:
        """Remove a pin of this program.

        Args:
            path: where it is pinned. The program stays open; it may have other pins.

        Raises:
            BpfError: something else is pinned there, or the path is on another file
                system; also a FileNotFoundError or other OSError, as of the path.
                Nothing is removed. BpfClosedError: closed.

        Source: bpf_obj_get, unlink.
        """
    def xlated(self) -> bytes:
        """Return the instructions as the verifier left them.

        Returns:
            struct bpf_insn, 8 bytes each; addresses are hidden where this process may
            not see them.

        Raises:
            BpfPermissionError: the kernel hides them. BpfClosedError: closed.

        Kernel: 4.13; CAP_BPF (5.8).
        Source: bpf_prog_get_info_by_fd.
        """
    def jited(self) -> bytes:
        """Return the machine code that runs.

        Returns:
            The code of the processor, without relocation; b"" where the program is
            interpreted.

        Raises:
            BpfPermissionError: the kernel hides it. BpfClosedError: closed.

        Kernel: 4.13; CAP_BPF (5.8), and CAP_SYSLOG where kernel.kptr_restrict is 1.
        Source: bpf_prog_get_info_by_fd.
        """
    def lines(self) -> list[ProgramLine]:
        """List the lines of C that its instructions come from.

        Returns:
            In the order of instructions; empty if the program was loaded without BTF.

        Raises:
            BpfPermissionError: CAP_SYS_ADMIN is missing, which opens BTF by its id.
            BpfClosedError: closed.

        Kernel: 5.0; CAP_SYS_ADMIN.
        Source: bpf_prog_get_info_by_fd, btf__load_from_kernel_by_id.
        """
    def holders(self) -> Seen[Holder]:
        """Tell which processes have descriptors of it.

        A walk over all of /proc; things of one listing (iter_programs()) share theirs,
        which is made when the first of them is asked.

        Returns:
            A Seen of Holders, each with .pid and .name. Its .unseen says what could not
            be looked at; bool() of an empty one that has not seen all is a ValueError.

        Raises:
            BpfClosedError: closed.
            OSError: there are no descriptors or no memory for it.

        Kernel: CAP_SYS_PTRACE for processes of others.
        Source: /proc/PID/fdinfo.
        """
    def pins(self) -> Seen[str]:
        """Tell where it is pinned.

        A walk over the BPF file systems that are mounted here; things of one listing
        share theirs.

        Returns:
            A Seen of paths. Its .unseen says what could not be looked at.

        Raises:
            BpfClosedError: closed.
            OSError: there are no descriptors or no memory for it.

        Kernel: the permissions of the pins.
        Source: bpf_obj_get.
        """
    def close(self) -> None:
        """Close a stand-alone program; others end with their object.

        May be called again, and while another thread uses the program.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

@final
class BpfStats:
    """What keeps the kernel counting the runs of programs."""

    @property
    def fd(self) -> int:
        """Descriptor that the kernel counts for; -1 once closed."""
    def close(self) -> None:
        """Stop counting for this caller; may be called again."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

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
