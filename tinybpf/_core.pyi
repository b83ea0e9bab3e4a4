# SPDX-License-Identifier: MIT
"""Types and reference of tinybpf._core, the C module behind the package.

Functions are here, classes and constants in tinybpf/_reference, a folder that is there
for type checkers and readers only. The docstrings of functions and methods are those
that help() shows: the build puts them into the module. The C has the first sentences,
also those of classes and properties; a meta test keeps both in step.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from ctypes import _SimpleCData as _Number
from typing import Any, Literal, overload

from _typeshed import FileDescriptorLike, StrOrBytesPath
from typing_extensions import Buffer, TypeVar, final

from tinybpf._given import Readable
from tinybpf._links import ProgQuery, TcFilter, XdpQuery
from tinybpf._reference.btf import *
from tinybpf._reference.columns import *
from tinybpf._reference.constants import *
from tinybpf._reference.enums import *
from tinybpf._reference.error import *
from tinybpf._reference.lines import *
from tinybpf._reference.link import *
from tinybpf._reference.map import *
from tinybpf._reference.map_view import *
from tinybpf._reference.object import *
from tinybpf._reference.program import *
from tinybpf._reference.record import *
from tinybpf._reference.stream import *
from tinybpf._reference.symbols import *
from tinybpf._system import Holder, LoadedBtf, Seen

_K2 = TypeVar("_K2")
_V2 = TypeVar("_V2")

def load(
    path: StrOrBytesPath | Readable,
    *,
    rodata: Mapping[str, object] | None = None,
    maps: Mapping[str, Mapping[str, object]] | None = None,
    autoload: Iterable[str] | Mapping[str, bool] | None = None,
    name: str | None = None,
    btf: StrOrBytesPath | Buffer | None = None,
    kconfig: str | None = None,
    pin_root: StrOrBytesPath | None = None,
    token: StrOrBytesPath | None = None,
    log_level: int = 0,
) -> BpfObject:
    """Open a compiled BPF object file and load its maps and programs.

    Args:
        path: the `.bpf.o` file, found as the built-in open() finds it; one in a zip or
            package that Python imports from; or what has read_bytes().
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
    path: StrOrBytesPath | Readable,
    *,
    rodata: Mapping[str, object] | None = None,
    maps: Mapping[str, Mapping[str, object]] | None = None,
    autoload: Iterable[str] | Mapping[str, bool] | None = None,
    name: str | None = None,
    btf: StrOrBytesPath | Buffer | None = None,
    kconfig: str | None = None,
    pin_root: StrOrBytesPath | None = None,
    token: StrOrBytesPath | None = None,
    log_level: int = 0,
) -> BpfObject:
    """Open a compiled BPF object file, to be changed before its load().

    Args:
        path: the `.bpf.o` file, found as the built-in open() finds it; one in a zip or
            package that Python imports from; or what has read_bytes().
        rodata: as for load(); all three can still be changed until the load().
        maps: as for load().
        autoload: as for load().
        name: the object's name; the file's, less its ending, if not given. The maps
            of its global variables begin with it.
        btf: the types of the kernel that CO-RE relocations are resolved with: the path
            of a file (a str or PathLike) or its contents (bytes-like; needs /proc).
            Raw BTF or an ELF file with a section .BTF. Or a folder with that of many
            kernels, ID/VERSION_ID/ARCH/RELEASE.btf (those of /etc/os-release) or
            ARCH/RELEASE.btf. This kernel's own if not given.
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
        KeyError, ValueError, TypeError: as load().
        BpfError: it is no BPF object for this machine.

    Source: bpf_object__open_mem.
    """

def open_bytes(
    data: Buffer,
    *,
    rodata: Mapping[str, object] | None = None,
    maps: Mapping[str, Mapping[str, object]] | None = None,
    autoload: Iterable[str] | Mapping[str, bool] | None = None,
    name: str | None = None,
    btf: StrOrBytesPath | Buffer | None = None,
    kconfig: str | None = None,
    pin_root: StrOrBytesPath | None = None,
    token: StrOrBytesPath | None = None,
    log_level: int = 0,
) -> BpfObject:
    """Open a compiled BPF object that is in memory, to be changed before its load().

    Args:
        data: the bytes of a `.bpf.o` file.
        rodata: as for load().
        maps: as for load().
        autoload: as for load().
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
    path: StrOrBytesPath, key_type: type[_Number[_K2]], value_type: type[_Number[_V2]]
) -> BpfMap[_K2, _V2]: ...
@overload
def open_pinned_map(
    path: StrOrBytesPath, key_type: type[_Number[_K2]], value_type: type[_V2]
) -> BpfMap[_K2, _V2]: ...
@overload
def open_pinned_map(
    path: StrOrBytesPath, key_type: type[_K2], value_type: type[_Number[_V2]]
) -> BpfMap[_K2, _V2]: ...
@overload
def open_pinned_map(
    path: StrOrBytesPath, key_type: type[_K2], value_type: type[_V2]
) -> BpfMap[_K2, _V2]: ...
@overload
def open_pinned_map(
    path: StrOrBytesPath, key_type: type[_K2], value_type: None = None
) -> BpfMap[_K2, Any]: ...
@overload
def open_pinned_map(
    path: StrOrBytesPath, key_type: None = None, *, value_type: type[_V2]
) -> BpfMap[Any, _V2]: ...
@overload
def open_pinned_map(
    path: StrOrBytesPath, key_type: None = None, value_type: None = None
) -> BpfMap:
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
        BpfError: what is pinned is not a map, or the path is on another file system;
            also a FileNotFoundError, IsADirectoryError ...: there is no such pin.
        BpfPermissionError: the pin may not be opened.
        BtfValidationError, ValueError, TypeError: as BpfMap.typed().

    Kernel: 4.4; CAP_BPF (5.8) and the permissions of the path; CAP_SYS_ADMIN for BTF.
    Source: bpf_obj_get, btf__load_from_kernel_by_id.
    """

def open_pinned_program(path: StrOrBytesPath) -> BpfProgram:
    """Open a program that is pinned on a BPF file system.

    Args:
        path: the pin, such as '/sys/fs/bpf/filter'.

    Returns:
        A stand-alone program: close it, or use it in a `with` statement. It can be
        pinned, run by test_run(), asked for its info, put into maps of programs and
        into links; attached by itself it cannot be.

    Raises:
        BpfError: what is pinned is not a program, or the path is on another file
            system; also a FileNotFoundError, IsADirectoryError ...: there is no such
            pin.
        BpfPermissionError: the pin may not be opened.

    Kernel: 4.4; CAP_BPF (5.8) and the permissions of the path.
    Source: bpf_obj_get.
    """

def open_pinned_link(path: StrOrBytesPath) -> BpfLink:
    """Open a link that is pinned on a BPF file system.

    Args:
        path: the pin, such as '/sys/fs/bpf/filter'.

    Returns:
        A stand-alone link: close it, or use it in a `with` statement. Closing it leaves
        the program attached for as long as the pin is there; unpin() removes that,
        detach() detaches in spite of it.

    Raises:
        BpfError: what is pinned is not a link, or the path is on another file system;
            also a FileNotFoundError, IsADirectoryError ...: there is no such pin.
        BpfPermissionError: the pin may not be opened.

    Kernel: 5.7; CAP_BPF (5.8) and the permissions of the path.
    Source: bpf_obj_get.
    """

def iter_programs() -> Iterator[BpfProgram]:
    """Iterate over the programs that are loaded, whoever loaded them.

        for prog in tinybpf.iter_programs():
            print(prog.id, prog.type.name, prog.name, prog.info.run_cnt, prog.holders())

    Each waits to be opened until it is used, is closed when nobody refers to it any more,
    and never warns. Its id, name and type are known by then; its info is asked for
    without leaving anything open. One that ends, or whose id belongs to another by then, is
    a BpfError that is a FileNotFoundError, too.


    Returns:
        An iterator; what is gone before it comes to it is left out.

    Raises:
        BpfPermissionError: CAP_SYS_ADMIN is missing; where the first is asked for.

    Kernel: 4.13; CAP_SYS_ADMIN.
    Source: bpf_prog_get_next_id, bpf_prog_get_fd_by_id.
    """

def iter_maps() -> Iterator[BpfMap]:
    """Iterate over the maps that there are, whoever made them.

        for m in tinybpf.iter_maps():
            if m.name == "flows":
                print(dict(m.items()))

    As iter_programs(). Keys and values have the types of the BTF that the kernel keeps.


    Returns:
        An iterator; what is gone before it comes to it is left out.

    Raises:
        BpfPermissionError: CAP_SYS_ADMIN is missing; where the first is asked for.

    Kernel: 4.13; CAP_SYS_ADMIN.
    Source: bpf_map_get_next_id, bpf_map_get_fd_by_id.
    """

def iter_links() -> Iterator[BpfLink]:
    """Iterate over the links that there are, whoever made them.

    As iter_programs(). Closing one detaches nothing; detach() does.


    Returns:
        An iterator; what is gone before it comes to it is left out.

    Raises:
        BpfPermissionError: CAP_SYS_ADMIN is missing; where the first is asked for.

    Kernel: 5.8; CAP_SYS_ADMIN.
    Source: bpf_link_get_next_id, bpf_link_get_fd_by_id.
    """

def iter_btfs() -> Iterator[LoadedBtf]:
    """Iterate over the BTF that the kernel has: its own, its modules', and what was loaded.

    Each is a LoadedBtf with id, name, size, is_kernel and holders(); load() reads its
    types.


    Returns:
        An iterator; what is gone before it comes to it is left out.

    Raises:
        BpfPermissionError: CAP_SYS_ADMIN is missing; where the first is asked for.

    Kernel: 5.8; CAP_SYS_ADMIN.
    Source: bpf_btf_get_next_id, bpf_btf_get_fd_by_id.
    """

def link(*objects: StrOrBytesPath | Readable | Buffer) -> bytes:
    """Link compiled BPF objects into one, and return its bytes.

        data = tinybpf.link("main.bpf.o", "library.bpf.o")
        with tinybpf.open_bytes(data, name="main") as obj:
            obj.load()

    Functions and maps that are `extern` in one of them are found in the others; what is
    defined in several must be `__weak` or static. Sections that have one name become
    one, in the order of the objects. Nothing is loaded, and no file is written.

    Args:
        objects: each the path of a `.bpf.o` file, as for load(), or its bytes.

    Returns:
        The bytes of a `.bpf.o` file, for open_bytes(), for a file, or to be linked again.

    Raises:
        FileNotFoundError, PermissionError, IsADirectoryError, OSError: a file cannot be
            read.
        BpfError: one is no BPF object, or does not fit those before it: the error names
            it, `.libbpf_log` has all that libbpf said.
        TypeError: none is given, or one is neither path nor bytes.

    Source: bpf_linker__new_fd, bpf_linker__add_buf, bpf_linker__finalize.
    """

def enable_stats() -> BpfStats:
    """Count the runs of all programs, and their time.

        with tinybpf.enable_stats():
            time.sleep(1)
        print(prog.info.run_cnt, prog.info.run_time_ns)

    Counting costs each run some ten nanoseconds. It goes on until the last who asked
    for it, in any process, has closed what it got.

    Returns:
        What keeps the kernel counting: close it, or use it in a `with` statement.

    Raises:
        BpfPermissionError: CAP_SYS_ADMIN is missing.
        BpfNotSupportedError: the kernel is older.

    Kernel: 5.8; CAP_SYS_ADMIN.
    Source: bpf_enable_stats.
    """

def drop_privileges(keep: Iterable[str] = (), user: str | int | None = None) -> None:
    """Give up all privileges of this process but the capabilities to keep, for good.

        with tinybpf.load("tool.bpf.o") as obj, obj.attach():
            tinybpf.drop_privileges(user="nobody")
            ...

    Call it when everything is loaded, attached and opened: rings, globals, maps and
    links that are open go on working. What is left is the same in the permitted, the
    effective and the bounding set; the inheritable and the ambient set are empty, so
    that programs which are started have no capabilities. Secure bits and no_new_privs
    bar the ways back: root's uid has no capabilities, setuid programs give none. It may
    be called again, to give up more. A process without CAP_SETPCAP leaves its bounding
    set and secure bits as they are.

    Args:
        keep: names of capabilities that stay, such as ("bpf", "CAP_NET_ADMIN").
        user: who to become: "NAME", with the groups that this machine gives him, a
            number, or "NAME:GROUP" with that group alone (names or numbers). None: the
            user stays who he is; then root still owns what is root's.

    Raises:
        RuntimeError: there are other threads, which would keep their privileges.
        BpfPermissionError: this process lacks what is to be kept, or CAP_SETUID and
            CAP_SETGID to become somebody else. Nothing was done, or the process must
            be ended: the text says which.
        ValueError, TypeError: there is no such capability, user or group.

    Where bpf(2) refuses even open maps without CAP_BPF (before Linux 5.19, with
    kernel.unprivileged_bpf_disabled set), that stays, with a RuntimeWarning.

    Kernel: 3.5.
    Source: capset, prctl, setgroups, setresgid, setresuid.
    """

def prog_query(
    target: StrOrBytesPath | FileDescriptorLike | BpfMap,
    attach_type: BpfAttachType | int,
    *,
    effective: bool = False,
) -> ProgQuery:
    """List the programs that are attached to a place of the network.

    Args:
        target: an interface by name or index for TCX_ and NETKIT_ types; a path or a
            descriptor of a cgroup, of a network namespace, of a receiver of infrared; a
            map of sockets.
        attach_type: the hook at that place, such as BpfAttachType.TCX_INGRESS.
        effective: of a cgroup: all that run there, those of the cgroups above, too.

    Returns:
        A ProgQuery: the programs in the order in which they run, with their links where
        the kernel tells them, and the revision of the list for expected_revision=.

    Raises:
        ValueError: the kernel lists nothing for that type.
        OSError: no such path or interface. BpfPermissionError: not allowed.
        BpfError: the target is of another kind.

    Kernel: 4.15, tcx 6.6, netkit 6.7, revision of cgroups 6.17; CAP_NET_ADMIN.
    Source: bpf_prog_query_opts.
    """

def xdp_query(interface: str | int) -> XdpQuery:
    """Tell which XDP program an interface has, and what its driver can do.

    Args:
        interface: its name or index, in this network namespace.

    Returns:
        An XdpQuery; its mode is None if there is no program.

    Raises:
        ValueError: the index is out of range. BpfError: the kernel refused; no such
            interface, also an OSError.

    Kernel: 4.8, features 6.3; no capability.
    Source: bpf_xdp_query.
    """

def tc_query(interface: str | int, direction: Literal["ingress", "egress"]) -> list[TcFilter]:
    """List the filters of tc at an interface.

    Args:
        interface: its name or index, in this network namespace.
        direction: 'ingress' or 'egress'.

    Returns:
        All filters of its clsact, in the order in which they run; none without one.

    Raises:
        ValueError: no such direction; the index is out of range.
        BpfError: the kernel refused; no such interface, also an OSError.

    Kernel: 4.5; no capability.
    Source: rtnetlink(7): RTM_GETTFILTER.
    """

def init(libbpf_path: StrOrBytesPath | None = None) -> None:
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

def _relocations(
    object: StrOrBytesPath | Buffer, /
) -> list[tuple[str, str, int, int, str, int]]:
    """List the CO-RE relocations of an object.

    Args:
        object: path of a `.bpf.o` file, or its contents as bytes.

    Returns:
        (section, function, instruction, type id, access such as '0:1:2', kind of
        `enum bpf_core_relo_kind`) of each.
    """

def _dropped(map: BpfMap, /) -> int | None:
    """Tell how many records for a ring its program says that it dropped.

    Args:
        map: the ring.

    Returns:
        The count; None if the program has no counter for it.
    """

def _kind(map: BpfMap, /) -> str:
    """Return the name of a map's type.

    Args:
        map: any.

    Returns:
        As BpfMapType has it, which need not be made for it: 'RINGBUF'.
    """

def _btf_holders(scan: object, id: int, /) -> Seen[Holder]:
    """Tell which processes hold the BTF of an id.

    Args:
        scan: of the listing that it was found in.
        id: the number of the BTF.

    Returns:
        As BpfMap.holders().
    """

def _section(object: StrOrBytesPath | Buffer, name: str, /) -> bytes | None:
    """Return the bytes of a section of an object.

    Args:
        object: as for _relocations().
        name: the section, such as 'license'.

    Returns:
        The bytes; None if there is no such section.
    """

def _tags(btf: Btf, /) -> list[tuple[int, str, str, str]]:
    """List what the C source says by tags.

    Args:
        btf: of the object.

    Returns:
        (number of the type that has the tag, its name, the member that has it or "",
        text behind "tinybpf:") of each.
    """

def _event_types(btf: Btf, texts: list[str], /) -> tuple[dict[int | None, str], str | None]:
    """Read what a ring's records are.

    Args:
        btf: of the object, whose enums have names.
        texts: "TYPE" or "TYPE:FIELD==VALUE" of each type, as TINYBPF_EVENT_IF says it.

    Returns:
        Names of types by what the field says (None: of all others), and the field, None
        if none tells.

    Raises:
        ValueError: a text means nothing.
    """

def _fields(type: type[Any], /) -> list[tuple[str, str, int, int, int]]:
    """List the fields of a Record class, at any depth.

    Args:
        type: the class.

    Returns:
        (path such as "hdr.pid", kind such as "unsigned", size in bytes, elements of an
        array, number of the type that it is a member of) of each; a struct before its own.
    """

def _row_class(btf: Btf, type_id: int, /) -> type[Any]:
    """Return the class that Rows takes for values of a type.

    Args:
        btf: of the object.
        type_id: number of the type.

    Returns:
        A Record class; of what is no struct or union one with a single field, `value`.

    Raises:
        BpfError: values of such a type do not lie anywhere.
    """

@final
class Rows:
    """Records of one type as lines of text.

    Args:
        type: their class.
        columns: (text before it, path of the field, characters that it is filled up to,
            function that makes text or a number of a value, or None) of each.
        after: the text behind the last.
        filters: (path, one of == != < <= > >= ~, text, function or None) of each; a record
            is shown if all are met.
        is_json: whether values are JSON, or for people.

    Raises:
        KeyError: there is no such field. ValueError: the text of a filter is nothing that
            the field can be.
    """

    def __new__(
        cls,
        type: type[Any],
        columns: list[tuple[bytes, str, int, Callable[[Any], object] | None]],
        after: bytes,
        filters: list[tuple[str, str, str, Callable[[Any], object] | None]],
        is_json: bool,
        /,
    ) -> Rows: ...
    def format(self, records: list[Any], most: int = -1, /) -> tuple[bytes, int]:
        """Return the lines of records, as bytes, and how many they are.

        Args:
            records: those that were read.
            most: how many lines at most; -1: all.

        Returns:
            The lines, and their number.

        Raises:
            What a function raises. TypeError: a record is too short.
        """

def _facts() -> dict[str, Any]:
    """Return what this host says of itself.

    Returns:
        lockdown, lsm, perf_event_paranoid, btf, lacking (capabilities, as a text),
        user_namespace, seccomp, mounts; None for what cannot be read.
    """

def _feature(
    kind: str, type: int = 0, helper: int = 0, name: str = "", /
) -> tuple[bool | None, str, str | None]:
    """Ask this kernel for a feature.

    Args:
        kind: 'map', 'program', 'helper', 'hook', 'kfunc' or 'token'.
        type: number of the type of map or program.
        helper: number of the helper.
        name: name of the hook or the kfunc.

    Returns:
        (whether there is it, why not, its first version).
    """

def _feature_names() -> tuple[dict[str, int], dict[str, list[int]]]:
    """Return the names of helpers and hooks.

    Returns:
        (helpers with their numbers, hooks with the numbers of their attach types).
    """

def _look(section: str, /) -> str | None:
    """Return what is wrong with the target that a section names.

    Args:
        section: as in SEC("kprobe/do_exit").

    Returns:
        A sentence and advice; None if nothing is known to be wrong.
    """

def _needs(
    kind: str, type: int, section: str = "", /
) -> tuple[str | None, str | None, str | None, str, str, list[str]]:
    """Return what a kind of map or program needs.

    Args:
        kind: 'map' or 'program'.
        type: number of the type.
        section: of a program.

    Returns:
        (hook, first version, option of the kernel, capabilities to load and besides to
        attach as texts, ways to its target).
    """

def _explain(log: str, /) -> str:
    """Return the explanation of a verifier's log, as it stands in messages.

    Args:
        log: libbpf's lines, with a refused program's log between its marks.

    Returns:
        "program 'x': cause" and the lines that follow it; "" if there is no cause.
    """
