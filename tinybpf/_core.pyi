# SPDX-License-Identifier: MIT
"""Types and reference of tinybpf._core, the C module behind the package.

The first sentence of each docstring here is the one that help() shows; a meta
test keeps both in step.
"""

import builtins
import contextlib
import enum
import ipaddress
import os
import types
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from typing import Any, Final, Generic, Literal, SupportsIndex, overload

from typing_extensions import Buffer, Self, TypeVar, final

from tinybpf._values import BtfType, MapInfo, ProgramInfo, RingBufferEvent

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_K = TypeVar("_K", default=Any)
_V = TypeVar("_V", default=Any)
_K2 = TypeVar("_K2")
_V2 = TypeVar("_V2")
_E = TypeVar("_E", default=bytes)
_E2 = TypeVar("_E2")
_Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]

BPF_ANY: Final = 0
BPF_NOEXIST: Final = 1
BPF_EXIST: Final = 2
BPF_F_LOCK: Final = 4
BPF_F_CPU: Final = 8
BPF_F_ALL_CPUS: Final = 16
BPF_F_NO_PREALLOC: Final = 1
BPF_F_NO_COMMON_LRU: Final = 2
BPF_F_RDONLY: Final = 8
BPF_F_WRONLY: Final = 16
BPF_F_STACK_BUILD_ID: Final = 32
BPF_F_RDONLY_PROG: Final = 128
BPF_F_WRONLY_PROG: Final = 256
BPF_F_MMAPABLE: Final = 1024
BPF_F_PRESERVE_ELEMS: Final = 2048
BPF_F_INNER_MAP: Final = 4096

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

class BpfAttachType(enum.IntEnum):
    """Kinds of hook, with the names of `enum bpf_attach_type` less BPF_."""

    CGROUP_INET_INGRESS = 0
    CGROUP_INET_EGRESS = 1
    CGROUP_INET_SOCK_CREATE = 2
    CGROUP_SOCK_OPS = 3
    SK_SKB_STREAM_PARSER = 4
    SK_SKB_STREAM_VERDICT = 5
    CGROUP_DEVICE = 6
    SK_MSG_VERDICT = 7
    CGROUP_INET4_BIND = 8
    CGROUP_INET6_BIND = 9
    CGROUP_INET4_CONNECT = 10
    CGROUP_INET6_CONNECT = 11
    CGROUP_INET4_POST_BIND = 12
    CGROUP_INET6_POST_BIND = 13
    CGROUP_UDP4_SENDMSG = 14
    CGROUP_UDP6_SENDMSG = 15
    LIRC_MODE2 = 16
    FLOW_DISSECTOR = 17
    CGROUP_SYSCTL = 18
    CGROUP_UDP4_RECVMSG = 19
    CGROUP_UDP6_RECVMSG = 20
    CGROUP_GETSOCKOPT = 21
    CGROUP_SETSOCKOPT = 22
    TRACE_RAW_TP = 23
    TRACE_FENTRY = 24
    TRACE_FEXIT = 25
    MODIFY_RETURN = 26
    LSM_MAC = 27
    TRACE_ITER = 28
    CGROUP_INET4_GETPEERNAME = 29
    CGROUP_INET6_GETPEERNAME = 30
    CGROUP_INET4_GETSOCKNAME = 31
    CGROUP_INET6_GETSOCKNAME = 32
    XDP_DEVMAP = 33
    CGROUP_INET_SOCK_RELEASE = 34
    XDP_CPUMAP = 35
    SK_LOOKUP = 36
    XDP = 37
    SK_SKB_VERDICT = 38
    SK_REUSEPORT_SELECT = 39
    SK_REUSEPORT_SELECT_OR_MIGRATE = 40
    PERF_EVENT = 41
    TRACE_KPROBE_MULTI = 42
    LSM_CGROUP = 43
    STRUCT_OPS = 44
    NETFILTER = 45
    TCX_INGRESS = 46
    TCX_EGRESS = 47
    TRACE_UPROBE_MULTI = 48
    CGROUP_UNIX_CONNECT = 49
    CGROUP_UNIX_SENDMSG = 50
    CGROUP_UNIX_RECVMSG = 51
    CGROUP_UNIX_GETPEERNAME = 52
    CGROUP_UNIX_GETSOCKNAME = 53
    NETKIT_PRIMARY = 54
    NETKIT_PEER = 55
    TRACE_KPROBE_SESSION = 56
    TRACE_UPROBE_SESSION = 57
    TRACE_FSESSION = 58

class BtfKind(enum.IntEnum):
    """Kinds of type in BTF, with the names of BTF_KIND_*."""

    UNKN = 0
    INT = 1
    PTR = 2
    ARRAY = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    FWD = 7
    TYPEDEF = 8
    VOLATILE = 9
    CONST = 10
    RESTRICT = 11
    FUNC = 12
    FUNC_PROTO = 13
    VAR = 14
    DATASEC = 15
    FLOAT = 16
    DECL_TAG = 17
    TYPE_TAG = 18
    ENUM64 = 19

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

class BtfValidationError(BpfError, ValueError):
    """A Python class does not fit the type of C that BTF tells.

    What would fit stands in `.suggestions`: names that come near one that was not
    found, or what to change in the class and at the end the declaration that fits.
    """

    suggestions: list[str]
    def __init__(
        self,
        msg: str = ...,
        /,
        errno: int = 0,
        libbpf_log: str = "",
        suggestions: Iterable[str] | None = None,
    ) -> None: ...

def load(
    path: _Path,
    *,
    rodata: Mapping[str, object] | None = None,
    maps: Mapping[str, Mapping[str, object]] | None = None,
    autoload: Iterable[str] | Mapping[str, bool] | None = None,
    name: str | None = None,
    btf: _Path | Buffer | None = None,
    kconfig: str | None = None,
    pin_root: _Path | None = None,
    token: _Path | None = None,
    log_level: int = 0,
) -> BpfObject:
    """Open a compiled BPF object file and load its maps and programs.

    Args:
        path: the `.bpf.o` file, found as the built-in open() finds it.
        rodata: values of constants (`const volatile` variables), by their names.
        maps: settings of maps, such as {'events': {'max_entries': 1 << 20}}: the
            properties of BpfMap that can be set, and 'reuse' with a map or descriptor.
        autoload: names of the programs to load, and no others; or a dict with True or
            False for those that are not as the C source says.
        name: as for open().
        btf: as for open().
        kconfig: as for open().
        pin_root: as for open().
        token: as for open().
        log_level: as for open().

    Returns:
        The loaded object; close it, or use it in a `with` statement.

    Raises:
        FileNotFoundError, PermissionError, IsADirectoryError, OSError: the file
            cannot be read.
        KeyError, ValueError, TypeError: there is no such constant, map, program or
            setting, or it cannot be set to that.
        BpfError: it is no BPF object for this machine, or does not load; the
            subclass tells why, `.libbpf_log` has all that libbpf said.

    Kernel: CAP_BPF (5.8), and what each program type asks for besides.
    Source: bpf_object__open_mem, bpf_object__load.
    """

def open(
    path: _Path,
    *,
    name: str | None = None,
    btf: _Path | Buffer | None = None,
    kconfig: str | None = None,
    pin_root: _Path | None = None,
    token: _Path | None = None,
    log_level: int = 0,
) -> BpfObject:
    """Open a compiled BPF object file, to be changed before its load().

    Args:
        path: the `.bpf.o` file, found as the built-in open() finds it.
        name: the object's name; the file's, less its ending, if not given. The maps
            of its global variables begin with it.
        btf: the types of the kernel that CO-RE relocations are resolved with: the path
            of a file (a str or PathLike) or its contents (bytes-like; needs /proc).
            Raw BTF or an ELF file with a section .BTF. This kernel's own if not given.
        kconfig: lines such as 'CONFIG_HZ=1000' that add to, or stand before, those of
            the kernel's configuration, for `extern ... __kconfig` variables.
        pin_root: folder of a BPF file system for maps that the C source pins by name;
            /sys/fs/bpf if not given.
        token: BPF file system that BPF tokens are made from; "" for none at all. If
            not given, libbpf looks at LIBBPF_BPF_TOKEN_PATH and /sys/fs/bpf.
        log_level: 1 or 2 has the verifier write a log for programs that it accepts,
            too: it goes to logging.getLogger("tinybpf.libbpf") as debug lines.

    Returns:
        An object that is not loaded: change its maps and programs, then call its
        load(). Close it, or use it in a `with` statement.

    Raises:
        FileNotFoundError, PermissionError, IsADirectoryError, OSError: a file
            cannot be read.
        BpfError: it is no BPF object for this machine.

    Source: bpf_object__open_mem.
    """

def open_bytes(
    data: Buffer,
    *,
    name: str | None = None,
    btf: _Path | Buffer | None = None,
    kconfig: str | None = None,
    pin_root: _Path | None = None,
    token: _Path | None = None,
    log_level: int = 0,
) -> BpfObject:
    """Open a compiled BPF object that is in memory, to be changed before its load().

    Args:
        data: the bytes of a `.bpf.o` file.
        name: the object's name; 'bytes' if not given.
        btf: as for open().
        kconfig: as for open().
        pin_root: as for open().
        token: as for open().
        log_level: as for open().

    Returns:
        As open(); its .path is '<bytes>'.

    Raises:
        TypeError: data is not bytes-like. Else as open().

    Source: bpf_object__open_mem.
    """

@overload
def open_pinned_map(
    path: _Path, key_type: type[_K2], value_type: type[_V2]
) -> BpfMap[_K2, _V2]: ...
@overload
def open_pinned_map(
    path: _Path, key_type: type[_K2], value_type: None = None
) -> BpfMap[_K2, Any]: ...
@overload
def open_pinned_map(
    path: _Path, key_type: None = None, *, value_type: type[_V2]
) -> BpfMap[Any, _V2]: ...
@overload
def open_pinned_map(path: _Path, key_type: None = None, value_type: None = None) -> BpfMap:
    """Open a map that is pinned on a BPF file system.

    Args:
        path: the pin, such as '/sys/fs/bpf/counts'.
        key_type: the type of its keys, as for BpfMap.typed().
        value_type: the type of its values, as for BpfMap.typed().

    Returns:
        A stand-alone map: close it, or use it in a `with` statement. Its keys and
        values have the types of the BTF that the kernel keeps with the map; they are
        bytes if it has none, or if this process may not read it.

    Raises:
        FileNotFoundError, IsADirectoryError, OSError: there is no such pin.
        BpfError: what is pinned is not a map, or the path is on another file system.
        BpfPermissionError: the pin may not be opened.
        BtfValidationError, ValueError, TypeError: as BpfMap.typed().

    Kernel: 4.4; CAP_BPF (5.8) and the permissions of the path; CAP_SYS_ADMIN for BTF.
    Source: bpf_obj_get, btf__load_from_kernel_by_id.
    """

def init(libbpf_path: _Path | None = None) -> None:
    """Do nothing: the libbpf inside is always used.

    Programs written for tinybpf 0.3, which loaded a libbpf of the host, call it.

    Args:
        libbpf_path: is not looked at.
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

def _relocations(object: _Path | Buffer, /) -> list[tuple[str, str, int, int, str, int]]:
    """List the CO-RE relocations of an object.

    Args:
        object: path of a `.bpf.o` file, or its contents as bytes.

    Returns:
        (section, function, instruction, type id, access such as '0:1:2', kind of
        `enum bpf_core_relo_kind`) of each.
    """

def _section(object: _Path | Buffer, name: str, /) -> bytes | None:
    """Return the bytes of a section of an object.

    Args:
        object: as for _relocations().
        name: the section, such as 'license'.

    Returns:
        The bytes; None if there is no such section.
    """

def _explain(log: str, /) -> str:
    """Return the explanation of a verifier's log, as it stands in messages.

    Args:
        log: libbpf's lines, with a refused program's log between its marks.

    Returns:
        "program 'x': cause" and the lines that follow it; "" if there is no cause.
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
    def file(cls, path: _Path, base: Btf | None = None) -> Btf:
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
            name: as in C; "struct x" says the kind as well.
            kind: what it must be; ENUM finds enums of 64 bits, too.

        Returns:
            The type; None if there is none.

        Raises:
            ValueError: there is no such kind.
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
    def dump(self, name: str | int | None = None, *, complete: bool = False) -> str:
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
    def minimize(self, *objects: _Path | Buffer) -> Btf:
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
    def __getitem__(self, name: str | int, /) -> BtfType: ...
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

class Record(bytes):
    """A value of a C struct: its bytes, and its fields by their names.

    Each struct, union or array of BTF has a class of its own, made when it is first
    needed: `obj.types.event` is one. It stays usable when its object is closed. The
    fields are attributes, decoded when they are read: integers and pointers are int,
    `_Bool` is bool, floats are float, enums are members of an IntEnum (int where the
    enum has no name for a number), `char[]` is str up to the first NUL (undecodable
    bytes as surrogate escapes), `__u8[]` is bytes, other arrays are tuples, structs and
    unions are Records; fields of anonymous members belong to what they stand in. A
    field named like a method of bytes hides it; `record["class"]` reaches every field.
    An array that is no field is a Record with one field, `value`.

    Everything that bytes do, records do: they are equal to, ordered and hashed as
    their bytes, padding included, and `record[0]` is the first of them. Copies of a record
    are itself. A pickle carries the type: what comes back is a record of the class that
    it came from where that is known, else of an equal one.

    `event(pid=1)` makes one from values of fields, `event(value)` from bytes, a mapping of
    fields or a sequence of all of them (a union: of the first), and both can be given.
    Structs in it may be Records, mappings, sequences or bytes. What is not given is zero,
    as is all padding. A number that does not fit is a ValueError that names the field, a
    name that is no field's a TypeError.
    """

    def __new__(
        cls, value: Buffer | Mapping[str, Any] | Sequence[Any] = ..., /, **fields: Any
    ) -> Self: ...
    @property
    def _fields(self) -> tuple[str, ...]:
        """Names of the fields in the order of C."""
    def _asdict(self) -> dict[str, Any]:
        """Return the fields as a dict, with dicts in it for nested structs.

        Returns:
            A new dict in the order of C.
        """
    def _replace(self, **fields: Any) -> Self:
        """Return a record with other values in some of its fields.

        Args:
            fields: the new values, as the class takes them.

        Returns:
            A record of the same class; bytes that belong to no field stay.

        Raises:
            ValueError: a number does not fit its field, or a size is wrong.
            TypeError: there is no such field, or a value cannot be converted.
        """
    def _raw(self, name: str, /) -> bytes:
        """Return the bytes of one field.

        Args:
            name: which field; of a bitfield come the bytes that have a bit of it.

        Returns:
            The bytes as they are in memory.

        Raises:
            KeyError: there is no such field.
        """
    @overload
    def __getitem__(self, key: str, /) -> Any: ...
    @overload
    def __getitem__(self, key: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes: ...
    def __getattribute__(self, name: str, /) -> Any: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: object, /) -> Self: ...

@final
class TypeCollection(Mapping[str, Any]):
    """The classes of BTF types by name, as items and as attributes.

    A struct, union or array has a Record class, an enum an IntEnum. C keeps names of
    structs, unions and enums apart from those of typedefs; a name that both have is the
    struct's (then the union's, the typedef's, the enum's): `types["typedef event"]`,
    `types["enum event"]` say which. Names of numbers, such as `__u32`, are not in it.
    """

    def __getitem__(self, name: str, /) -> Any: ...
    def __getattribute__(self, name: str, /) -> Any: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __dir__(self) -> list[str]: ...
    @overload
    def get(self, key: str, default: None = None, /) -> Any | None: ...
    @overload
    def get(self, key: str, default: _T, /) -> Any | _T: ...

@final
class View:
    """A live window onto memory that a program shares.

    Fields are attributes (`view.count`) and reached by name (`view["class"]`), elements
    of arrays by index. Numbers, char[] and u8[] are read as values; structs, unions and
    other arrays as views in their turn, so that `obj.data.cfg.limit = 5` and
    `obj.bss.hits[3]` work. What is set is converted as for a Record and goes to the
    memory at once: no system call, and nothing waits for the program, which may see an
    aggregate while it is written, or lose what it writes to the neighbours of a
    bitfield meanwhile. iter() and len() are about elements, or names of fields. What a
    view raises in all its methods:

        AttributeError, KeyError, IndexError: there is no such field or element.
        ValueError, TypeError: a value has a wrong range or size, or cannot be converted.
        BpfError: it is read-only, or not in the kernel yet.
        BpfClosedError: the object that it belongs to is closed.
    """

    @property
    def _fields(self) -> tuple[str, ...]:
        """Names of the fields, in the order of C."""
    def copy(self) -> Any:
        """Return what the memory holds now, as a value that does not change.

        Returns:
            As a map's value of that type; bytes for a whole section.
        """
    def _asdict(self) -> dict[str, Any]:
        """Return the fields as a dict, and those of structs inside as dicts.

        Returns:
            A new dict; arrays are lists.

        Raises:
            TypeError: it is an array.
        """
    def __getattribute__(self, name: str, /) -> Any: ...
    def __setattr__(self, name: str, value: object, /) -> None: ...
    def __delattr__(self, name: str, /) -> None: ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __setitem__(self, key: Any, value: object, /) -> None: ...
    def __delitem__(self, key: Any, /) -> None: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def __dir__(self) -> list[str]: ...

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
    def path(self) -> str:
        """Path that the object was loaded from, as it was given."""
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
        self, btf_name: str, py_type: builtins.type[Any], validate_field_names: bool = True
    ) -> None:
        """Say which class stands for a type of C in the maps of the object.

        From then on all maps whose keys or values are of that type, by its own name or
        by that of a typedef, give instances of the class and take them. What typed()
        has given a type keeps it; records of ring and perf buffers are bytes all the
        same, unless event_type says otherwise.

        Args:
            btf_name: name of a struct, union, typedef, enum or number type in the
                object's BTF, such as 'event'.
            py_type: a class of ctypes. Another class for the same name takes its place.
            validate_field_names: as for BpfMap.typed().

        Raises:
            BtfValidationError: there is no such type (says which is near), or the class
                does not fit it. TypeError: it is no class of ctypes.
            BpfClosedError: the object is closed.
        """
    def lookup_type(self, btf_name: str, /) -> builtins.type[Any] | None:
        """Return the class that was registered for a type of C, None if there is none.

        Args:
            btf_name: as for register_type().

        Returns:
            The class that came last, also after the object was closed.
        """
    def lookup_btf_name(self, py_type: builtins.type[Any], /) -> str | None:
        """Return the name that a class was registered for, None if it was not.

        Args:
            py_type: a class.

        Returns:
            The name that came last, also after the object was closed.
        """
    def close(self) -> None:
        """Destroy the links made from the object and unload it; may be called again.

        A link that is pinned or disconnected stays attached, and so stays what its
        program uses.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

@final
class BpfProgram:
    """A program of an object.

        with obj.programs["on_open"].attach() as link:
            print(link)
        obj.programs["filter"].test_run(data=packet).retval

    A link that is dropped without a name is detached, and warns.

    Properties that can be set are set between open() and load().
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
        """File descriptor, owned by the object."""
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
    def info(self) -> ProgramInfo:
        """What the program is, as one value that outlives it."""
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
    def pin(self, path: _Path, /) -> None:
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

@final
class BpfMap(MutableMapping[_K, _V]):
    """A map in the kernel, used as a dictionary.

    What BTF says of keys and values decides: a single int, float, bool, char, enum or
    pointer is a number; a struct, union or array is a Record, and can be given as a
    dict or a tuple of its fields, too; anything else is bytes. Bytes of the right size
    are always taken. An array map's keys are its indices. `bool(m)` is True, also for an
    empty map; a map equals itself only.

        counts = obj.maps["counts"]
        counts[1234] = 0
        counts.update({1: 2, 3: 4})
        for pid, n in counts.items():
            print(pid, n)

    Some kinds take and give more:

        PROG_ARRAY: a BpfProgram; gives its id.
        ARRAY_OF_MAPS, HASH_OF_MAPS: a BpfMap; gives one opened by id, which closes
            itself when it is dropped (CAP_SYS_ADMIN).
        DEVMAP, DEVMAP_HASH: index or name of an interface, or (that, BpfProgram).
        CPUMAP: size of the queue, or (that, BpfProgram).
        SOCKMAP, SOCKHASH, REUSEPORT_SOCKARRAY: a socket; gives its cookie, where
            value_size is 8.
        XSKMAP, PERF_EVENT_ARRAY, CGROUP_ARRAY: a descriptor, an object with fileno(),
            the path of a cgroup; cannot be read.
        SK_STORAGE, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE: keys are descriptors,
            objects with fileno(), paths of files and cgroups, and for tasks objects
            with a pid (subprocess.Popen); a pid itself by os.pidfd_open(). Their keys
            cannot be listed.
        LPM_TRIE: keys also as "10.0.0.0/8", as networks and addresses of ipaddress,
            and as (prefix length, bytes); network() is the way back.
        Arrays of these: empty places are absent keys.
        QUEUE, STACK, BLOOM_FILTER: push(), pop(), peek(), `in`; no keys.
        STACK_TRACE: walk(). ARENA: mmap(). RINGBUF: BpfRingBuffer.

    Properties that can be set are set between open() and load(); a map that stands
    alone has only those that the kernel tells. What it raises in all its methods:

        ValueError, TypeError: a key or value has a wrong size or range, or cannot
            be converted.
        BpfError: the kernel refused, or the kind of map has no such operation.
        BpfClosedError: the map, or the object that it belongs to, is closed.
    """

    @classmethod
    def create(
        cls,
        type: int,
        key_size: int = 0,
        value_size: int = 0,
        max_entries: int = 0,
        name: str = "",
        flags: int = 0,
        inner_map: BpfMap | int | None = None,
        numa_node: int | None = None,
        map_extra: int = 0,
        ifindex: int = 0,
        token: int = 0,
    ) -> BpfMap:
        """Make a map in the kernel, without an object file.

        Args:
            type: the kind, a BpfMapType.
            key_size: bytes of a key; not needed where it can only be 4 or 0.
            value_size: bytes of a value; not needed where values are descriptors.
            max_entries: how many it holds; bytes for a ring buffer, pages for an
                arena, not needed for storages and perf event arrays.
            name: for the kernel's lists: at most 15 letters, digits, '_' and '.'.
            flags: BPF_F_*. BPF_F_NO_PREALLOC is set for tries and storages, and
                BPF_F_MMAPABLE for arenas, which take no other choice.
            inner_map: an example of what a map of maps shall hold, or its descriptor.
            numa_node: the memory node to use; sets BPF_F_NUMA_NODE.
            map_extra: of Bloom filters the number of hash functions, of arenas the
                address.
            ifindex: index of the device that shall have the map (offload).
            token: descriptor of a BPF token.

        Returns:
            A stand-alone map: close it, or use it in a `with` statement.

        Raises:
            ValueError: not a name. BpfError: the kernel refused; says what is wrong if
                that can be told. BpfPermissionError: a privilege is missing.

        Kernel: as the kind of map asks; CAP_BPF (5.8).
        Source: bpf_map_create.
        """
    @classmethod
    def from_fd(cls, fd: int, /) -> BpfMap:
        """Open the map behind a descriptor.

        Args:
            fd: a descriptor of a map, which stays the caller's.

        Returns:
            A stand-alone map with a duplicate of it, typed by the kernel's BTF if any.

        Raises:
            OSError: it is no descriptor. BpfError: it is not a map's.

        Kernel: 4.13.
        Source: bpf_map_get_info_by_fd, btf__load_from_kernel_by_id.
        """
    @classmethod
    def from_id(cls, id: int, /) -> BpfMap:
        """Open the map of an id.

        Args:
            id: as `BpfMap.id` and bpftool tell it.

        Returns:
            A stand-alone map, typed by the kernel's BTF if any.

        Raises:
            BpfError (ENOENT): there is none. BpfPermissionError: CAP_SYS_ADMIN is
                missing.

        Kernel: 4.13; CAP_SYS_ADMIN.
        Source: bpf_map_get_fd_by_id, btf__load_from_kernel_by_id.
        """
    def create_inner(self, max_entries: int = 0, name: str | None = None) -> BpfMap:
        """Make a map that fits into this map of maps.

        Args:
            max_entries: how many it holds; 0: as the definition says. An array must
                have the size of the others unless it has BPF_F_INNER_MAP.
            name: for the kernel's lists.

        Returns:
            A stand-alone map; it can be closed once it is in a map of maps.

        Raises:
            BpfError: this is no map of maps; or neither its C source nor a map in it
                says what it holds (use create() then).

        Kernel: 4.12; CAP_BPF (5.8).
        Source: bpf_map_create.
        """
    @property
    def id(self) -> int:
        """Number that the kernel knows the map by."""
    @property
    def name(self) -> str:
        """Name of the C variable; of a stand-alone map, as the kernel keeps it (15 bytes)."""
    @property
    def type(self) -> BpfMapType:
        """Kind of map; a plain int where this build does not know it."""
    @type.setter
    def type(self, value: BpfMapType | int) -> None: ...
    @property
    def key_size(self) -> int:
        """Size of a key in bytes."""
    @key_size.setter
    def key_size(self, value: int) -> None: ...
    @property
    def value_size(self) -> int:
        """Size of a value in bytes (of one CPU's value in a per-CPU map)."""
    @value_size.setter
    def value_size(self, value: int) -> None: ...
    @property
    def max_entries(self) -> int:
        """Number of entries that the map can hold; bytes for a ring buffer."""
    @max_entries.setter
    def max_entries(self, value: int) -> None: ...
    @property
    def flags(self) -> int:
        """Flags that it is made with: the kernel's BPF_F_ bits."""
    @flags.setter
    def flags(self, value: int) -> None: ...
    @property
    def numa_node(self) -> int:
        """Node that its memory is taken from, with the flag BPF_F_NUMA_NODE."""
    @numa_node.setter
    def numa_node(self, value: int) -> None: ...
    @property
    def map_extra(self) -> int:
        """A number more that some kinds take: hashes of a bloom filter, an arena's address."""
    @map_extra.setter
    def map_extra(self, value: int) -> None: ...
    @property
    def ifindex(self) -> int:
        """Interface that a map offloaded to hardware belongs to; 0 for none."""
    @ifindex.setter
    def ifindex(self, value: int) -> None: ...
    @property
    def autocreate(self) -> bool:
        """Whether loading creates the map."""
    @autocreate.setter
    def autocreate(self, value: bool) -> None: ...
    @property
    def autoattach(self) -> bool:
        """Whether a struct_ops map is attached with its object."""
    @autoattach.setter
    def autoattach(self, value: bool) -> None: ...
    @property
    def pin_path(self) -> str | None:
        """Path that loading pins the map at, or takes it over from; None for none."""
    @pin_path.setter
    def pin_path(self, value: _Path | None) -> None: ...
    @property
    def inner_map(self) -> MapInfo | None:
        """What the maps in a map of maps are like, before it is loaded; None if not known."""
    @inner_map.setter
    def inner_map(self, value: BpfMap | int) -> None: ...
    @property
    def fd(self) -> int:
        """File descriptor, owned by the object, or by the map if it is stand-alone."""
    @property
    def info(self) -> MapInfo:
        """What the map is, as one value that outlives it."""
    @property
    def btf_key(self) -> BtfType | None:
        """What BTF says of a key; None where it says nothing."""
    @property
    def btf_value(self) -> BtfType | None:
        """What BTF says of a value; None where it says nothing."""
    @property
    def is_percpu(self) -> bool:
        """Whether a key has a value for each possible CPU."""
    @property
    def is_standalone(self) -> bool:
        """Whether the map was opened by itself and must be closed."""
    def __getitem__(self, key: _K, /) -> _V: ...
    def __setitem__(self, key: _K, value: _V, /) -> None: ...
    def __delitem__(self, key: _K, /) -> None: ...
    def __iter__(self) -> Iterator[_K]: ...
    def __len__(self) -> int: ...
    def __contains__(self, key: object, /) -> bool: ...
    def lookup(self, key: _K, /, flags: int = 0) -> _V | None:
        """Return the value of a key, None if the key is absent.

        Args:
            key: bytes of key_size, or a number where BTF says so.
            flags: BPF_F_LOCK (5.1) takes the value's bpf_spin_lock meanwhile;
                BPF_F_CPU | cpu << 32 (7.0) reads the value of one CPU.

        Returns:
            A number where BTF says so, else bytes of value_size; in a per-CPU map a
            list of them, one for each possible CPU.

        Raises:
            ValueError: wrong size or range. TypeError: cannot be a key.
            BpfError: the kernel refused. BpfClosedError: the map is closed.

        Source: bpf_map_lookup_elem_flags.
        """
    def lookup_and_delete(self, key: _K, /, flags: int = 0) -> _V | None:
        """Take a key out and return its value, None if the key is absent.

        Args:
            key: as for lookup().
            flags: BPF_F_LOCK.

        Returns:
            As lookup().

        Raises:
            As delete().

        Kernel: one step for hashes from 5.14 on; else a lookup, then a delete.
        Source: bpf_map_lookup_and_delete_elem_flags.
        """
    @overload
    def get(self, key: _K, default: None = None, /) -> _V | None: ...
    @overload
    def get(self, key: _K, default: _V | _T, /) -> _V | _T:
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
    @overload  # type: ignore[override]  # the key and value of one entry come first
    def update(self, key: _K, value: _V, flags: int = BPF_ANY) -> None: ...
    @overload
    def update(
        self, entries: Mapping[_K, _V] | Iterable[tuple[_K, _V]], /, *, flags: int = BPF_ANY
    ) -> None:
        """Set the value of a key, or those of many.

        Called as update(key, value, flags=BPF_ANY) or as update(entries, flags=BPF_ANY).

        Args:
            key: as for lookup().
            value: bytes of value_size, or a number where BTF says so; for a per-CPU
                map a sequence of them, one for each possible CPU.
            entries: a mapping, or an iterable of (key, value) pairs. They are set in
                their order and in batches; where one fails, those before it are set.
            flags: BPF_ANY, BPF_NOEXIST (the key must be new) or BPF_EXIST (it must not);
                BPF_F_LOCK (5.1) takes the value's bpf_spin_lock meanwhile. With
                BPF_F_CPU | cpu << 32 or BPF_F_ALL_CPUS (7.0) a per-CPU map takes one
                value, for one CPU or for all.

        Raises:
            ValueError: wrong size or range. TypeError: cannot be a key or value.
            BpfError: the kernel refused: EEXIST, ENOENT, E2BIG for a full map.
            BpfClosedError: the map is closed.

        Kernel: batches from 5.6 on, one by one before.
        Source: bpf_map_update_elem, bpf_map_update_batch.
        """
    def setdefault(self, key: _K, default: _V = ..., /) -> _V:
        """Return the value of a key; an absent one is set to a default first.

        Args:
            key: as for lookup().
            default: the value to set, as for update().

        Returns:
            The value, as m[key] gives it.

        Raises:
            As update().

        Source: bpf_map_lookup_elem, bpf_map_update_elem with BPF_NOEXIST.
        """
    def delete(self, key: _K, /) -> bool:
        """Delete a key; tell whether it was there.

        Args:
            key: as for lookup().

        Returns:
            True if it was there, False if not.

        Raises:
            As lookup(). BpfError (EINVAL): an array's entries cannot be deleted.

        Source: bpf_map_delete_elem.
        """
    def delete_many(self, keys: Iterable[_K], /) -> int:
        """Delete keys in batches; return how many were there.

        Args:
            keys: any iterable; absent keys are passed over. Where one cannot be
                converted, those before it are deleted.

        Returns:
            The number of keys deleted.

        Raises:
            As delete().

        Kernel: batches from 5.6 on, one by one before.
        Source: bpf_map_delete_batch, bpf_map_delete_elem.
        """
    @overload
    def pop(self) -> _V: ...
    @overload
    def pop(self, key: _K, /) -> _V: ...
    @overload
    def pop(self, key: _K, default: _V | _T, /) -> _V | _T:
        """Take a key out and return its value, or a default if the key is absent.

        Of a queue or stack, pop() takes the next value out, and pop(default) too.

        Args:
            key: as for lookup().
            default: what to return for an absent key.

        Returns:
            The value or the default.

        Raises:
            KeyError: the key is absent and no default is given. IndexError: the same
                of an empty queue or stack. Else as delete().

        Kernel: one step for hashes from 5.14 on; else a lookup, then a delete.
        Source: bpf_map_lookup_and_delete_elem.
        """
    def popitem(self) -> tuple[_K, _V]:
        """Take any entry out and return its (key, value).

        Returns:
            The pair; which one, the kernel decides.

        Raises:
            KeyError: the map is empty. Else as delete().

        Kernel: as pop().
        Source: bpf_map_get_next_key, bpf_map_lookup_and_delete_elem.
        """
    def clear(self) -> None:
        """Delete every key.

        What is added while that goes on may stay.

        Raises:
            BpfError (EINVAL): an array's entries cannot be deleted.
            BpfClosedError: the map is closed.

        Kernel: batches from 5.6 on, one by one before.
        Source: bpf_map_lookup_batch, bpf_map_delete_batch.
        """
    def keys(self) -> BpfMapView[_K]:  # type: ignore[override]  # no operators of sets
        """Return a view of the keys.

        Returns:
            An iterable that can be walked many times; next() works on it too.
        """
    def values(self) -> BpfMapView[_V]:  # type: ignore[override]
        """Return a view of the values.

        Returns:
            An iterable that can be walked many times; next() works on it too.
        """
    def items(self) -> BpfMapView[tuple[_K, _V]]:  # type: ignore[override]
        """Return a view of the (key, value) pairs.

        A walk gives an entry that is there throughout once, any other at most once.
        `dict(m.items())` copies a map in batches; `dict(m)` looks each key up by itself,
        and so is slow, and a KeyError if one goes meanwhile.

        Returns:
            An iterable that can be walked many times; next() works on it too.
        """
    def lookup_percpu(self, key: _K, /) -> list[Any] | None:
        """Return the values of a key on each possible CPU, None if the key is absent.

        Args:
            key: as for lookup().

        Returns:
            A list, in the order of the CPUs' numbers; the same as lookup().

        Raises:
            BpfError (EINVAL): this is no per-CPU map. Else as lookup().

        Kernel: 4.6.
        Source: bpf_map_lookup_elem, libbpf_num_possible_cpus.
        """
    def lookup_percpu_sum(self, key: _K, /) -> Any | None:
        """Return the sum of a key's values on all CPUs, None if the key is absent.

        Args:
            key: as for lookup().

        Returns:
            An int of any size, or a float.

        Raises:
            TypeError: the values are bytes. Else as lookup_percpu().

        Kernel: 4.6.
        Source: bpf_map_lookup_elem, libbpf_num_possible_cpus.
        """
    def update_percpu(self, key: _K, values: Sequence[Any] | Any, flags: int = BPF_ANY) -> None:
        """Set the values of a key on each possible CPU.

        Args:
            key: as for lookup().
            values: one for each possible CPU; a single one with BPF_F_CPU or
                BPF_F_ALL_CPUS.
            flags: as for update().

        Raises:
            BpfError (EINVAL): this is no per-CPU map. Else as update().

        Kernel: 4.6.
        Source: bpf_map_update_elem.
        """
    def items_percpu(self) -> BpfMapView[tuple[_K, list[Any]]]:
        """Return a view of the (key, values) pairs of a per-CPU map.

        Returns:
            The same as items(), where each value is a list.

        Raises:
            BpfError (EINVAL): this is no per-CPU map.
        """
    @overload
    def typed(
        self,
        key: builtins.type[_K2],
        value: builtins.type[_V2],
        validate_field_names: bool = True,
    ) -> BpfMap[_K2, _V2]: ...
    @overload
    def typed(
        self, key: builtins.type[_K2], value: None = None, validate_field_names: bool = True
    ) -> BpfMap[_K2, _V]: ...
    @overload
    def typed(
        self, key: None = None, *, value: builtins.type[_V2], validate_field_names: bool = True
    ) -> BpfMap[_K, _V2]: ...
    @overload
    def typed(
        self, key: None = None, value: None = None, validate_field_names: bool = True
    ) -> BpfMap[_K, _V]:
        """Return the same map with other types of keys and values.

        A class of ctypes gives instances that are copies, and takes instances, bytes,
        and a number if it is a class of one; int, float, bool and bytes give and take
        these. What BTF tells of the map is compared with the class first.

        Args:
            key: the type of the keys; None: as they are.
            value: the type of the values, of each CPU's in a per-CPU map, which still
                gives lists; None: as they are.
            validate_field_names: compare the number and the names of fields too, not
                only sizes and places. A field `_pad...` may stand for a gap.

        Returns:
            A map with all methods. It lives and ends with this one, which keeps its
            own types.

        Raises:
            BtfValidationError: the class does not fit what BTF tells.
            ValueError: it has another size. TypeError: it is no such type.
            BpfClosedError: the map is closed.
        """
    def push(self, value: _V, /, flags: int = BPF_ANY) -> None:
        """Put a value into a queue, a stack or a Bloom filter.

        Args:
            value: as for update().
            flags: BPF_EXIST makes room in a full queue or stack by dropping its
                oldest value.

        Raises:
            BpfError: E2BIG for a full one; EINVAL for a map of another kind.

        Kernel: 4.20; Bloom filters 5.16.
        Source: bpf_map_update_elem.
        """
    def peek(self) -> _V | None:
        """Return the next value of a queue or stack and leave it there, None if it is empty.

        Returns:
            What pop() would take out.

        Raises:
            BpfError (EINVAL): a map of another kind.

        Kernel: 4.20.
        Source: bpf_map_lookup_elem.
        """
    def walk(self, stack_id: int, /) -> list[Any]:
        """Return the addresses of a stack trace, the innermost first.

        Args:
            stack_id: what bpf_get_stackid() returned in the program.

        Returns:
            A list of addresses (int); of a map with BPF_F_STACK_BUILD_ID, of (build
            id, offset in the file) where the file is known.

        Raises:
            KeyError: there is no such stack. BpfError: the id is negative, and so the
                errno of bpf_get_stackid(); or a map of another kind.

        Kernel: 4.6; build ids 4.17.
        Source: bpf_map_lookup_elem.
        """
    def network(self, key: _K, /) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """Return a key of an LPM trie as a network of the ipaddress module.

        Args:
            key: as the map gives it, or in any form that it takes.

        Returns:
            The network; bits behind the prefix are dropped.

        Raises:
            BpfError (EINVAL): the keys are not prefixes of 32 or 128 bits.
        """
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
    def pin(self, path: _Path, /) -> None:
        """Keep the map in the kernel under a path of the BPF file system.

        The map outlives its object and this process, until the pin is removed.

        Args:
            path: the pin to make, such as '/sys/fs/bpf/counts'; a folder of it that
                is missing there is made. Names have no dot.

        Raises:
            FileExistsError, FileNotFoundError, OSError: as of the path.
            BpfError: the path is on another file system, or the kernel refused.

        Kernel: 4.4; CAP_BPF (5.8) and the permissions of the path.
        Source: bpf_obj_pin.
        """
    def unpin(self, path: _Path, /) -> None:
        """Remove a pin of this map.

        Args:
            path: where it is pinned. The map stays open; it may have other pins.

        Raises:
            FileNotFoundError, OSError: as of the path.
            BpfError: something else is pinned there, or the path is on another file
                system; nothing is removed.

        Source: bpf_obj_get, unlink.
        """
    def __class_getitem__(cls, item: Any, /) -> types.GenericAlias: ...
    def reuse(self, other: BpfMap | int, /) -> None:
        """Take over a map that exists, in place of creating this one.

        Args:
            other: the map, or a descriptor of it, which stays the caller's. Its type,
                sizes and flags become those of this one.

        Raises:
            TypeError: it is neither. BpfError: it is no map, or the object is loaded.
            BpfClosedError: a map is closed.

        Source: bpf_map__reuse_fd.
        """
    def close(self) -> None:
        """Close a stand-alone map; one of an object stays open until its object closes.

        May be called again, and while another thread uses the map.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    _chunk: int  # entries that a walk fetches at once, for its tests; 0: it decides

@final
class BpfMapView(Iterable[_T_co]):
    """A live view of a map's keys, values or items."""

    def __iter__(self) -> BpfMapIterator[_T_co]: ...
    def __next__(self) -> _T_co: ...
    def __len__(self) -> int: ...
    def __contains__(self, item: object, /) -> bool: ...

@final
class BpfMapIterator(Iterator[_T_co]):
    """A walk over a map's keys, values or items."""

    def __next__(self) -> _T_co: ...

@final
class BpfRingBuffer(Generic[_E]):
    """Consumer of one or more ring buffers, by callbacks or as an iterator.

        with tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
            while ring.poll():
                for data in ring:
                    print(data)
        with tinybpf.BpfRingBuffer(obj.maps["events"], callback=print) as ring:
            ring.poll(timeout_ms=1000)

    Without callbacks poll() and consume() queue the records, and `for data in ring` gives
    out what was queued and what is there, then ends; `async for data in ring` waits for
    more, in any number of asyncio tasks. With event_type=... records are instances of that
    class in place of bytes.

    Args:
        map: a RINGBUF map, or None to add() maps later.
        callback: called with each record; returns None or 0 to go on, a negative
            number to stop. An exception leaves poll() at once; the record counts as
            consumed. None: the buffer is an iterator.
        event_type: what records are. The name of a struct in the map's BTF ("event",
            "struct event"), or a Record class such as `obj.types.event`: Records, whose
            size must be just theirs, or more if the struct ends in a flexible array. A
            class of ctypes: instances, copies of as much as it has. bytes: bytes. None:
            what the C source declares by a tag on the map,
            `__attribute__((btf_decl_tag("tinybpf:event=event")))`, else bytes. A record
            of another size raises ValueError when it is read. In an iterator it is the
            same for all maps.
        as_memoryview: give callbacks a read-only memoryview of the record in the
            ring instead of a copy. It is released behind the call, so later use
            raises ValueError; poll() raises BufferError if a part of it was kept.
        validate_btf_struct: name of the type of C in the object's BTF that a class of
            ctypes is compared with; None: it is not compared.
        validate_field_names: as for BpfMap.typed().

    Raises:
        BtfValidationError: event_type does not fit, or there is no such type.
        BpfError: the map is none of type RINGBUF, or what is asked for does not go
            together.

    Kernel: 5.8.
    Source: our own consumer of the kernel's mmap layout (kernel/bpf/ringbuf.c).
    """

    @overload
    def __new__(
        cls,
        map: BpfMap | None = None,
        callback: Callable[[bytes], int | None] | None = None,
        event_type: None = None,
        as_memoryview: Literal[False] = False,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> BpfRingBuffer[bytes]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap | None = None,
        callback: Callable[[memoryview], int | None] | None = None,
        event_type: None = None,
        *,
        as_memoryview: bool,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> BpfRingBuffer[bytes]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        callback: Callable[[_E2], int | None] | None = None,
        *,
        event_type: builtins.type[_E2],
        as_memoryview: Literal[False] = False,
        validate_btf_struct: str | None = None,
        validate_field_names: bool = True,
    ) -> BpfRingBuffer[_E2]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        callback: Callable[[_E2], int | None] | None,
        event_type: builtins.type[_E2],
        as_memoryview: Literal[False] = False,
        validate_btf_struct: str | None = None,
        validate_field_names: bool = True,
    ) -> BpfRingBuffer[_E2]: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        callback: Callable[[Any], int | None] | None = None,
        *,
        event_type: str,
        as_memoryview: Literal[False] = False,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> BpfRingBuffer[Any]: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[bytes], int | None] | None = None,
        event_type: None = None,
        as_memoryview: Literal[False] = False,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[memoryview], int | None] | None = None,
        event_type: None = None,
        *,
        as_memoryview: bool,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[_E2], int | None] | None = None,
        *,
        event_type: builtins.type[_E2],
        as_memoryview: Literal[False] = False,
        validate_btf_struct: str | None = None,
        validate_field_names: bool = True,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[Any], int | None] | None = None,
        *,
        event_type: str,
        as_memoryview: Literal[False] = False,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> None: ...
    @overload
    def add(
        self,
        map: BpfMap,
        callback: Callable[[_E2], int | None] | None,
        event_type: builtins.type[_E2],
        as_memoryview: Literal[False] = False,
        validate_btf_struct: str | None = None,
        validate_field_names: bool = True,
    ) -> None:
        """Consume one more ring buffer.

        Args:
            map: a RINGBUF map that was not added before.
            callback: as for the class; all maps have one, or none has.
            event_type: as for the class.
            as_memoryview: as for the class; the same for all maps.
            validate_btf_struct: as for the class.
            validate_field_names: as for the class.

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
            BpfError: no maps were added. BpfClosedError: closed, also by another thread.
        """
    def consume(self) -> int:
        """Hand over, or queue, the records that are there, without waiting.

        Returns:
            The number of records handled.

        Raises:
            As poll().
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
            An iterator for `async for`, which waits for records until the buffer is
            closed and then raises BpfClosedError.

        Raises:
            BpfError: the buffer has callbacks. BpfClosedError: it is closed.
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
    def __iter__(self) -> Self: ...
    def __next__(self) -> _E: ...
    def __aiter__(self) -> AsyncIterator[_E]: ...
    def __class_getitem__(cls, item: Any, /) -> types.GenericAlias: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def __aenter__(self) -> Coroutine[Any, Any, Self]: ...
    def __aexit__(self, *exc: object) -> Coroutine[Any, Any, None]: ...
    def _take(self) -> tuple[str, _E] | None: ...
    def _wait(self) -> contextlib.AbstractContextManager[int]: ...

@final
class BpfPerfBuffer:
    """Consumer of a perf event array, by callbacks.

        def sample(cpu, data):
            print(cpu, data)

        with tinybpf.BpfPerfBuffer(obj.maps["events"], sample) as buffer:
            buffer.poll(timeout_ms=1000)
            print(buffer.lost)

    Args:
        map: a PERF_EVENT_ARRAY map. The buffer puts its events into it and takes them
            out when it is closed.
        sample_callback: called with the number of a CPU and each record, as bytes
            padded by the kernel to 8 * n + 4. What it returns means nothing; an
            exception leaves poll() at once, and the record counts as consumed.
        lost_callback: called with the number of a CPU and how many of its records found
            no room, when the kernel tells so: with the next record that finds some.
            `lost` counts them in any case.
        page_count: size of each CPU's ring in pages, a power of 2.
        event_type: as for BpfRingBuffer; the kernel's padding is not taken for a part of
            Records, but is in flexible arrays.
        validate_btf_struct: as for BpfRingBuffer.
        validate_field_names: as for BpfMap.typed().

    Raises:
        BtfValidationError: event_type does not fit, or there is no such type.
        ValueError: page_count is no power of 2.
        BpfError: the map is none of type PERF_EVENT_ARRAY, or a ring cannot be made.

    Kernel: 4.4; CAP_PERFMON (5.8).
    Source: perf_event_open, and our own consumer of its mmap layout
        (kernel/events/ring_buffer.c).
    """

    @overload
    def __new__(
        cls,
        map: BpfMap,
        sample_callback: Callable[[int, bytes], object],
        lost_callback: Callable[[int, int], object] | None = None,
        page_count: int = 64,
        event_type: None = None,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> Self: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        sample_callback: Callable[[int, _E2], object],
        lost_callback: Callable[[int, int], object] | None = None,
        page_count: int = 64,
        *,
        event_type: builtins.type[_E2],
        validate_btf_struct: str | None = None,
        validate_field_names: bool = True,
    ) -> Self: ...
    @overload
    def __new__(
        cls,
        map: BpfMap,
        sample_callback: Callable[[int, Any], object],
        lost_callback: Callable[[int, int], object] | None = None,
        page_count: int = 64,
        *,
        event_type: str,
        validate_btf_struct: None = None,
        validate_field_names: bool = True,
    ) -> Self: ...
    @property
    def lost(self) -> int:
        """Number of records that found no room, as far as the kernel has told."""
    def poll(self, timeout_ms: int = -1) -> int:
        """Wait for records and hand them to the callbacks.

        Args:
            timeout_ms: how long to wait for the first record, in milliseconds; -1 for ever.

        Returns:
            The number of records handled, without lost ones; 0 after the time is over.
            One call handles at most what was there when it looked at each CPU.

        Raises:
            What a callback raised; KeyboardInterrupt at once on Ctrl-C.
            BpfClosedError: closed, also by another thread.
        """
    def consume(self) -> int:
        """Hand the records that are there to the callbacks, without waiting.

        Returns:
            The number of records handled.

        Raises:
            As poll().
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
