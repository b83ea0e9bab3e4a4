# SPDX-License-Identifier: MIT
"""Types as BTF describes them."""

from collections.abc import Iterator

from _typeshed import StrOrBytesPath
from typing_extensions import Buffer, final

from tinybpf._reference.enums import BtfKind
from tinybpf._reference.record import TypeCollection
from tinybpf._values import BtfType

@final
class Btf:
    """Type information (BTF) of a kernel, a module, an object or a file.

    An immutable value in memory that needs no close. `btf["task_struct"]` and
    `btf[95]` are types, `in`, iteration and len() go over them. A bare name that
    several types have means a struct before a union, a typedef, an enum, a number, a
    function; "struct x", "union x", "typedef x" and "enum x" say which. The types of a
    module go on from the kernel's: names and numbers reach those, too, len() and
    iteration do not.
    """

    @property
    def name(self) -> str:
        """What the types belong to: 'vmlinux', a module, an object, a file."""
    @property
    def base(self) -> Btf | None:
        """The Btf that this one goes on from, as a module's from the kernel's; else None."""
    @classmethod
    def kernel(cls) -> Btf:
        """Return the types of the running kernel.

        Returns:
            A Btf named 'vmlinux'; objects that are loaded meanwhile share its memory.

        Raises:
            BpfNotSupportedError: the kernel has none.

        Kernel: 5.4, CONFIG_DEBUG_INFO_BTF; no privilege.
        Source: btf__load_vmlinux_btf.
        """
    @classmethod
    def module(cls, name: str, /) -> Btf:
        """Return the types of a loaded kernel module.

        Args:
            name: the module, such as 'nf_conntrack'.

        Returns:
            A Btf whose `base` is the kernel's.

        Raises:
            BpfError: it is not loaded, or built in, or has no types.
            BpfNotSupportedError: the kernel has none.

        Kernel: 5.11, CONFIG_DEBUG_INFO_BTF_MODULES; no privilege.
        Source: btf__load_module_btf.
        """
    @classmethod
    def file(cls, path: StrOrBytesPath, base: Btf | None = None) -> Btf:
        """Read the types in a file: an ELF file of any kind, or BTF alone.

        Args:
            path: an object, a kernel or module with debug symbols, a .btf file.
            base: what the file's types go on from: for a module the kernel's.

        Returns:
            A Btf named as the path.

        Raises:
            FileNotFoundError, PermissionError, OSError: the file cannot be read.
            BpfError: it has no types, or they are cut short or malformed.

        Source: btf__new, btf__new_split, btf__relocate.
        """
    @classmethod
    def parse(cls, data: Buffer, base: Btf | None = None, name: str = "<bytes>") -> Btf:
        """Read the types in bytes: those of an ELF file, or BTF alone.

        Args:
            data: the bytes; they are copied.
            base: as for file().
            name: what `.name` will be.

        Returns:
            The Btf.

        Raises:
            BpfError: there are no types, or they are cut short or malformed.

        Source: btf__new, btf__new_split, btf__relocate.
        """
    @classmethod
    def from_id(cls, id: int, /) -> Btf:
        """Return the types that the kernel keeps under a number.

        Args:
            id: of a BTF of the kernel, of a module, or of a program or map.

        Returns:
            The Btf; a module's goes on from the kernel's.

        Raises:
            BpfError: there is none. BpfPermissionError: not allowed.

        Kernel: 4.18; CAP_SYS_ADMIN.
        Source: btf__load_from_kernel_by_id_split.
        """
    def find(self, name: str, kind: BtfKind | int | None = None) -> BtfType | None:
        """Return the type of that name, and of that kind if one is given.

        Args:
            name: as in C; "struct x" says the kind as well, "x___2" that it is the second
                of that name, as `bpftool btf dump` counts them.
            kind: what it must be; ENUM finds enums of 64 bits, too.

        Returns:
            The type; None if there is none.

        Raises:
            ValueError: there is no such kind. KeyError: several types that differ have
                the name.
        """
    def types(self, kind: BtfKind | int | None = None) -> Iterator[BtfType]:
        """Iterate over the types, or over those of one kind.

        Args:
            kind: as for find(); None for all, as iter().

        Returns:
            An iterator in the order of their numbers, without those of `base`.

        Raises:
            ValueError: there is no such kind.
        """
    def names(self, kind: BtfKind | int | None = None) -> list[str]:
        """List the names of the types, or of those of one kind.

        Args:
            kind: as for types().

        Returns:
            The names in the order of the numbers; much faster than types().

        Raises:
            ValueError: there is no such kind.
        """
    def dump(self, name: str | int | BtfType | None = None, *, complete: bool = False) -> str:
        """Write C: all types as one header, or the definition of one.

        Args:
            name: the type, as in `btf[name]`; None writes all types, as a vmlinux.h
                with the guards and kfuncs that bpftool writes.
            complete: before the definition all that it needs, so that it compiles.

        Returns:
            The C source.

        Raises:
            KeyError: there is no such type. BpfError: the types are malformed.

        Source: btf_dump__dump_type, btf_dump__emit_type_decl.
        """
    def minimize(self, *objects: StrOrBytesPath | Buffer) -> Btf:
        """Return the part of the types that objects need to be loaded.

        A few kilobytes in place of megabytes: to ship with the objects, and to load them
        by (`btf=` of open()) on kernels of this build that were made without BTF.

        Args:
            objects: paths of `.bpf.o` files, or their contents as bytes.

        Returns:
            A Btf with what their CO-RE relocations look at: of structs the members that
            are accessed. `bytes()` of it is the file.

        Raises:
            OSError: a file cannot be read. BpfError: it is no object, or malformed.

        Source: btf__add_type and others, as `bpftool gen min_core_btf`.
        """
    def __getitem__(self, name: str | int | BtfType, /) -> BtfType: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[BtfType]: ...
    def __len__(self) -> int: ...
    def __bytes__(self) -> bytes:
        """Return the BTF itself, as a file that other tools read.

        Returns:
            Raw BTF of its own types, as btf__raw_data gives it.
        """
    @property
    def classes(self) -> TypeCollection:
        """Classes of the types by name."""
