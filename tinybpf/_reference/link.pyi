# SPDX-License-Identifier: MIT
"""What keeps a program attached."""

from collections.abc import Iterator

from _typeshed import StrOrBytesPath
from typing_extensions import Self, final

@final
class BpfLink:
    """A program attached to a hook, until it is destroyed."""

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
