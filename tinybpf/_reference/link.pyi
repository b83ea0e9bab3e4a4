# SPDX-License-Identifier: MIT
"""What keeps a program attached."""

import builtins
from collections.abc import Iterator

from _typeshed import StrOrBytesPath
from typing_extensions import Self, TypeVar, final

from tinybpf._links import LinkInfo
from tinybpf._reference.map import BpfMap
from tinybpf._reference.program import BpfProgram
from tinybpf._reference.record import Record
from tinybpf._system import Holder, Seen

_R = TypeVar("_R", default=Record)

@final
class BpfLink:
    """A program attached to a hook, until it is destroyed.

    with obj.programs["dump_tasks"].attach_iter() as link:
        for line in link: # an iterator; others cannot be read
            print(line)
    with tinybpf.BpfLink.from_id(12) as link:
        print(link.info)
    """

    @classmethod
    def from_fd(cls, fd: int, /) -> BpfLink:
        """Open the link behind a descriptor.

        Args:
            fd: a descriptor of a link, which stays the caller's.

        Returns:
            A stand-alone link with a duplicate of it.

        Raises:
            BpfError: it is not a link's; also an OSError if it is no descriptor.

        Kernel: 5.8.
        Source: bpf_link_get_info_by_fd.
        """
    @classmethod
    def from_id(cls, id: int, /) -> BpfLink:
        """Open the link of an id.

        Args:
            id: as `BpfLink.id` and bpftool tell it.

        Returns:
            A stand-alone link, which keeps the program attached until it is closed.

        Raises:
            ValueError: no 32-bit number. BpfError, also a FileNotFoundError: there is
                none. BpfPermissionError: CAP_SYS_ADMIN is missing.

        Kernel: 5.8; CAP_SYS_ADMIN.
        Source: bpf_link_get_fd_by_id.
        """
    @property
    def id(self) -> int:
        """Number that the kernel knows the link by."""
    @property
    def info(self) -> LinkInfo:
        """What the kernel says of the link, as a value of a class for each kind."""
    @property
    def is_standalone(self) -> bool:
        """Whether the link was in the kernel already, and belongs to no object."""
    @property
    def fd(self) -> int:
        """File descriptor; -1 once destroyed, and where the kernel has none for it."""
    @property
    def fds(self) -> tuple[int, ...]:
        """File descriptors of all the links of the kernel that it is, as a tuple."""
    @property
    def pin_path(self) -> str | None:
        """Path that pin() pinned it at; None if it is not pinned."""
    def destroy(self) -> None:
        """Detach the program; may be called again.

        A link that is pinned or disconnected is closed only: the program stays attached.

        Raises:
            BpfError: the kernel refused.

        Source: bpf_link__destroy.
        """
    def close(self) -> None:
        """Detach the program; the same as destroy()."""
    def holders(self) -> Seen[Holder]:
        """Tell which processes have descriptors of it.

        A walk over all of /proc; things of one listing (iter_links()) share theirs,
        which is made when the first of them is asked.
        A link is also kept by its pins, and detached when nothing is left.

        Returns:
            A Seen of Holders, each with .pid and .name. Its .unseen says what could not
            be looked at; bool() of an empty one that has not seen all is a ValueError.

        Raises:
            BpfClosedError: the link is destroyed.
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
            BpfClosedError: the link is destroyed.
            OSError: there are no descriptors or no memory for it.

        Kernel: the permissions of the pins.
        Source: bpf_obj_get.
        """
    def pin(self, path: StrOrBytesPath, /) -> None:
        """Keep the program attached by a file on the BPF file system.

        It then outlives this handle, its object and the process, until the file is
        removed, by unpin() or by anybody. What the program uses, its maps included,
        lives as long.

        Args:
            path: the file to make, on a bpffs such as /sys/fs/bpf; a folder that is
                missing is made; names there have no dot.

        Raises:
            FileExistsError: something is pinned there.
            BpfNotSupportedError: a kprobe, uprobe or tracepoint before Linux 5.15.
            BpfClosedError: the link is destroyed.
            BpfError: it is pinned already, or the path is not on a bpffs.

        Kernel: 5.7; kprobes, uprobes and tracepoints 5.15.

        Source: bpf_obj_pin.
        """
    def unpin(self) -> None:
        """Remove the pin that pin() made.

        The program is detached with the link again.

        Raises:
            FileNotFoundError: the file is gone already.
            BpfClosedError: the link is destroyed; remove the file.
            BpfError: the link is not pinned, or something else is pinned there.

        Kernel: 5.8.

        Source: unlink(2).
        """
    def disconnect(self) -> None:
        """Let the program stay attached when this handle ends.

        Then neither destroy(), nor closing the object, nor dropping the link detaches
        it. Its descriptors stay open until the process ends.

        Raises:
            BpfClosedError: the link is destroyed.

        Source: bpf_link__disconnect.
        """
    def detach(self) -> None:
        """Detach the program, also where a pin keeps the link.

        The link stays, without effect, until its last descriptor and pin are gone.

        Raises:
            BpfNotSupportedError: the kernel cannot do this for the kind of link: it can
                for cgroup, netns, xdp, tcx, netkit, netfilter and struct_ops.
            BpfClosedError: the link is destroyed.

        Kernel: 5.9.
        Source: bpf_link_detach.
        """
    def update(self, program: BpfProgram, expected: BpfProgram | None = None) -> None:
        """Run another program in the place of the one that is attached.

        There is no moment without one, and none with both. The link then ends with the
        object of the new program.

        Args:
            program: of the same type, and for the same hook.
            expected: the program that is replaced; nothing happens if it is another.

        Raises:
            TypeError: not a BpfProgram.
            BpfNotSupportedError: the kernel cannot do this for the kind of link: it can
                for xdp, tcx, netkit, cgroup, netns, sockmap and iterators.
            BpfError: another program than the expected one runs (errno EPERM), or the
                program is of another type. BpfClosedError: closed.

        Kernel: 5.7, as the kind of link has it.
        Source: bpf_link_update.
        """
    def update_map(self, map: BpfMap, /) -> None:
        """Put another struct_ops in the place of the one that is attached.

        Args:
            map: one of a section `.struct_ops.link`, of the same type.

        Raises:
            BpfNotSupportedError: the link or the map is no struct_ops that was loaded
                here.
            BpfError: the kernel refused. BpfClosedError: closed.

        Kernel: 6.4.
        Source: bpf_link__update_map.
        """
    def read(self) -> bytes:
        """Run an iterator, and return all that it says.

        Each call is a pass of its own, and sees what is there then.

        Returns:
            What the program wrote with BPF_SEQ_PRINTF() and bpf_seq_write().

        Raises:
            KeyboardInterrupt: Ctrl-C, also in the middle.
            BpfError: it is of no iterator. BpfClosedError: the link is destroyed.

        Kernel: 5.8.
        Source: bpf_iter_create, read(2).
        """
    def records(self, type: str | builtins.type[_R], /) -> BpfIterPass[_R]:
        """Run an iterator, and yield what it says as Records.

            for task in link.records("task_row"):
                print(task.pid, task.comm)

        Args:
            type: name of the struct that the program writes with bpf_seq_write(), as in
                obj.types; or the class.

        Returns:
            An iterator over one pass, which reads as it goes.

        Raises:
            KeyError: the object has no such type. TypeError: it is no struct.
            BpfError: it is of no iterator; later, it ends within a record.
            BpfClosedError: the link is destroyed.

        Kernel: 5.8.
        Source: bpf_iter_create, read(2).
        """
    def __iter__(self) -> BpfIterPass[bytes]: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

@final
class BpfIterPass(Iterator[_R]):
    """One pass of an iterator: its lines or its records.

    It reads as it goes, and stays good when its link is closed. What is not read to its
    end ends with it.
    """

    def __next__(self) -> _R: ...
    def close(self) -> None:
        """End the pass; may be called again."""

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
