# SPDX-License-Identifier: MIT
"""An object, and what is in it."""

import builtins
import pathlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, overload

from _typeshed import StrOrBytesPath
from typing_extensions import Buffer, Self, TypeVar, final

from tinybpf._reference.btf import Btf
from tinybpf._reference.link import BpfLinks
from tinybpf._reference.map import BpfMap
from tinybpf._reference.program import BpfProgram
from tinybpf._reference.record import TypeCollection, View
from tinybpf._system import ObjectStats
from tinybpf._values import BtfType

_T = TypeVar("_T")

@final
class BpfObject:
    """A BPF object: its programs, its maps and their life.

        with tinybpf.load("tool.bpf.o") as obj, obj.attach():
            print(obj.programs, obj.maps)
            obj.maps["counts"][1234] = 0

    Both collections are mappings by name. close(), or the end of the block, destroys the
    links made from the object and unloads it; what holds a map or a program of it then
    raises BpfClosedError.

    One that was opened only can be changed, and is then loaded by its own load(); until
    then, what needs the kernel is a BpfError.
    """

    @property
    def name(self) -> str:
        """Name of the object: that of its file, less the ending."""
    @property
    def path(self) -> pathlib.Path:
        """Path that the object was loaded from, as it was given: a pathlib.Path."""
    @property
    def state(self) -> str:
        """How far it is: 'opened', 'prepared', 'loaded' or 'closed'."""
    @property
    def rodata(self) -> View:
        """Constants (const volatile): set before loading, then read-only.

        Raises:
            AttributeError: the object has no such section; also the three below.
            BpfError: it was compiled without BTF. BpfClosedError: it is closed.
        """
    @property
    def data(self) -> View:
        """Global variables that begin with a value."""
    @property
    def bss(self) -> View:
        """Global variables that begin as zero."""
    @property
    def kconfig(self) -> View:
        """What `extern __kconfig` variables say of the kernel; read-only."""
    @property
    def arena(self) -> View:
        """Global variables in the object's arena."""
    @property
    def sections(self) -> tuple[str, ...]:
        """Names of the sections with global variables."""
    @property
    def programs(self) -> ProgramCollection:
        """The programs by name."""
    @property
    def maps(self) -> MapCollection:
        """The maps by name."""
    @property
    def btf(self) -> Btf | None:
        """Type information of the object; None if it was compiled without."""
    @property
    def types(self) -> TypeCollection:
        """Classes of the types by name."""
    def program(self, name: str) -> BpfProgram:
        """Return the program of that name, as `programs[name]`.

        Args:
            name: the C function's name.

        Returns:
            The program; the same one each time.

        Raises:
            KeyError: there is none; says which there are.
            BpfClosedError: the object is closed.
        """
    def map(self, name: str) -> BpfMap:
        """Return the map of that name, as `maps[name]`.

        Args:
            name: the C variable's name.

        Returns:
            The map; the same one each time.

        Raises:
            KeyError: there is none; says which there are.
            BpfClosedError: the object is closed.
        """
    def section(self, name: str, /) -> View:
        """Return the global variables of the section of that name.

        Args:
            name: as in SEC(), such as '.data.more'; '.bss' and the others too.

        Returns:
            A view with an attribute for each variable that is neither static nor
            hidden (BTF does not tell where those are). It reads and writes the initial
            values before loading, and the memory of the program after.

        Raises:
            KeyError: there is no such section; says which there are.
            BpfError: BTF does not describe it. BpfClosedError: the object is closed.

        Kernel: 5.5, to share the memory.
        Source: bpf_map__initial_value.
        """
    def prepare(self) -> Self:
        """Relocate the programs and create the maps of an opened object.

        A first part of load(), which goes on from there. A failure closes the object.

        Returns:
            The object itself.

        Raises:
            BpfError: as load() of the module; or the object is prepared already.
            BpfClosedError: the object is closed.

        Kernel: as load() of the module.
        Source: bpf_object__prepare.
        """
    def load(self) -> Self:
        """Load an opened object's maps and programs into the kernel.

        A failure closes the object: open it anew to try something else.

        Returns:
            The object itself.

        Raises:
            BpfError: as load() of the module; or the object is loaded already.
            BpfClosedError: the object is closed.

        Kernel: as load() of the module.
        Source: bpf_object__load.
        """
    def reopen(
        self,
        *,
        autoload: Iterable[str] | Mapping[str, bool] | None = None,
        btf: StrOrBytesPath | Buffer | None = None,
        kconfig: str | None = None,
        token: StrOrBytesPath | None = None,
        log_level: int = 0,
    ) -> BpfObject:
        """Open the object once more, over the maps of this one.

        So a program is loaded several times, each time for another target:

            with obj.reopen(autoload=["trace"]) as again:
                again.programs["trace"].set_attach_target("vfs_write")
                again.load()
                with again.attach(): ...

        All its maps, those of global variables among them, are this object's: programs
        of both count in the same place. Its own bss, data and rodata are not shown, and
        what is constant stays as it was set. A struct_ops is not made again.

        Args:
            autoload: as for open(): the programs to load, and no others.
            btf: as for open().
            kconfig: as for open().
            token: as for open().
            log_level: as for open().

        Returns:
            An object that is opened and not loaded, of the same bytes. It is closed by
            itself; the maps stay until both are.

        Raises:
            BpfError: this object is not loaded, or prepared. Else as open().
            BpfClosedError: it is closed.

        Source: bpf_object__open_mem, bpf_map__reuse_fd.
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
    def register_type(
        self,
        btf_name: str | BtfType,
        py_type: builtins.type[Any],
        validate_field_names: bool = True,
    ) -> None:
        """Say which class stands for a type of C in the maps of the object.

        From then on all maps whose keys or values are of that type, by its own name or
        by that of a typedef, give instances of the class and take them. What typed()
        has given a type keeps it; records of ring and perf buffers are bytes all the
        same, unless event_type says otherwise.

        Args:
            btf_name: name of a struct, union, typedef, enum or number type in the
                object's BTF, such as 'event', or its BtfType.
            py_type: a class of ctypes. Another class for the same name takes its place.
            validate_field_names: as for BpfMap.typed().

        Raises:
            BtfValidationError: there is no such type (says which is near), or the class
                does not fit it. TypeError: it is no class of ctypes.
            BpfClosedError: the object is closed.
        """
    def lookup_type(self, btf_name: str | BtfType) -> builtins.type[Any] | None:
        """Return the class that was registered for a type of C, None if there is none.

        Args:
            btf_name: as for register_type().

        Returns:
            The class that came last, also after the object was closed.
        """
    def lookup_btf_name(self, py_type: builtins.type[Any]) -> str | None:
        """Return the name that a class was registered for, None if it was not.

        Args:
            py_type: a class.

        Returns:
            The name that came last, also after the object was closed.
        """
    def stats(self) -> ObjectStats:
        """Tell what was counted of its programs, rings and links, and what was not seen.

            print(obj.stats())

        Returns:
            An ObjectStats: of each program how often it ran (while enable_stats() counts)
            and did not for recursion; of each ring what its reader counted, and what was
            lost; of each link what its hook missed. None is what is not known.

        Raises:
            BpfClosedError: closed.
            BpfError: not loaded.

        Source: bpf_prog_get_info_by_fd, bpf_link_get_info_by_fd.
        """
    def close(self) -> None:
        """Destroy the links made from the object and unload it; may be called again.

        A link that is pinned or disconnected stays attached, and so stays what its
        program uses.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

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
