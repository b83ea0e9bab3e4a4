# SPDX-License-Identifier: MIT
"""How a map is shared: as memory, as a file."""

from _typeshed import StrOrBytesPath

class _Shared:
    # Methods of BpfMap, which has no such base class but here.

    def mmap(self, writable: bool = True) -> memoryview:
        """Return the map's memory, which is shared with the kernel.

        Reading and writing it takes no system call; the programs see it at once.

        Args:
            writable: whether it can be written; a frozen map only without.

        Returns:
            Bytes of all values in a row, each at a multiple of 8 (cast() makes numbers
            of them); of an arena all its pages. It stays valid after close().

        Raises:
            BpfError: the map is no array with BPF_F_MMAPABLE, and no arena; EPERM if
                it may not be written.

        Kernel: 5.5; arenas 6.9.
        Source: mmap.
        """
    def freeze(self) -> None:
        """Make the map read-only for user space, for good.

        Programs can still write it, unless it has BPF_F_RDONLY_PROG.

        Raises:
            BpfError: EPERM if it is frozen already, EBUSY if its memory is mapped
                writable.

        Kernel: 5.2.
        Source: bpf_map_freeze.
        """
    def pin(self, path: StrOrBytesPath) -> None:
        """Keep the map in the kernel under a path of the BPF file system.

        The map outlives its object and this process, until the pin is removed.

        Args:
            path: the pin to make, such as '/sys/fs/bpf/counts'; a folder of it that
                is missing there is made. Names have no dot.

        Raises:
            BpfError: the path is on another file system, or the kernel refused; also a
                FileExistsError, FileNotFoundError or other OSError, as of the path.

        Kernel: 4.4; CAP_BPF (5.8) and the permissions of the path.
        Source: bpf_obj_pin.
        """
    def unpin(self, path: StrOrBytesPath) -> None:
        """Remove a pin of this map.

        Args:
            path: where it is pinned. The map stays open; it may have other pins.

        Raises:
            BpfError: something else is pinned there, or the path is on another file
                system; also an OSError, as of the path. Nothing is removed.

        Source: bpf_obj_get, unlink.
        """
