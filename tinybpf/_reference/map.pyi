# SPDX-License-Identifier: MIT
"""Maps."""

import builtins
import ipaddress
import types
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from ctypes import _SimpleCData as _Number
from typing import Any, overload

from _typeshed import StrOrBytesPath
from typing_extensions import Self, TypeVar, final

from tinybpf._reference.columns import Columns
from tinybpf._reference.constants import BPF_ANY
from tinybpf._reference.enums import BpfMapType
from tinybpf._reference.link import BpfLink
from tinybpf._reference.map_share import _Shared
from tinybpf._reference.map_view import BpfMapDrain, BpfMapView
from tinybpf._reference.symbols import Symbol, Symbols
from tinybpf._system import Holder, Seen
from tinybpf._values import BtfType, MapInfo

_T = TypeVar("_T")
_K = TypeVar("_K", default=Any)
_V = TypeVar("_V", default=Any)
_K2 = TypeVar("_K2")
_V2 = TypeVar("_V2")

@final
class BpfMap(_Shared, MutableMapping[_K, _V]):
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
        ARRAY with BPF_F_MMAPABLE: m[k], m[k] = v and walks need no system call; a first
        write keeps other processes from freezing the map until this one closes or freezes it.

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
    def attach_struct_ops(self) -> BpfLink:
        """Let the kernel call the programs of a struct_ops.

        Returns:
            The link; only one of `.struct_ops.link` can be pinned, and updated.
        Raises:
            BpfError: it is no struct_ops, or attached; or its name is taken.
        Kernel: 5.6, with a link 6.4; CAP_BPF, CAP_NET_ADMIN.
        Source: bpf_map__attach_struct_ops.
        """
    @classmethod
    def from_fd(cls, fd: int, /) -> BpfMap:
        """Open the map behind a descriptor.

        Args:
            fd: a descriptor of a map, which stays the caller's.

        Returns:
            A stand-alone map with a duplicate of it, typed by the kernel's BTF if any.

        Raises:
            BpfError: it is not a map's; also an OSError if it is no descriptor.

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
            BpfError, also a FileNotFoundError: there is none. BpfPermissionError:
                CAP_SYS_ADMIN is missing.

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
    def pin_path(self, value: StrOrBytesPath | None) -> None: ...
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
        """What BTF says of a key, behind typedefs; None where it says nothing."""
    @property
    def btf_value(self) -> BtfType | None:
        """What BTF says of a value, behind typedefs; None where it says nothing."""
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
    def lookup(self, key: _K, flags: int = 0) -> _V | None:
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
    def lookup_and_delete(self, key: _K, flags: int = 0) -> _V | None:
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
    def get(self, key: _K, default: None = None) -> _V | None: ...
    @overload
    def get(self, key: _K, default: _V | _T) -> _V | _T:
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
    def delete(self, key: _K) -> bool:
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
    def read_columns(self) -> Columns:
        """Read the whole map into typed buffers, one for each field.

        No Python object is made for an entry: it takes as long as the kernel needs.

        Returns:
            Columns "key", or "key.x" for each field of a struct, and "value" likewise, with
            a row for each entry; of a per-CPU map a row for each entry and CPU, whose number
            is the column "cpu". Keys and values that typed() has made bytes are bytes here,
            classes of ctypes are what BTF says of them.

        Raises:
            BpfError: a key or value has more than 16384 fields.
            BpfNotSupportedError: the kernel does not list the keys of that kind of map.
            BpfClosedError: the map is closed.

        Kernel: 5.6 for batches, which some kinds lack; else key by key.
        Source: bpf_map_lookup_batch.
        """
    def drain(self) -> BpfMapDrain[_K, _V]:
        """Take entries out of the map and return an iterator of their (key, value) pairs.

        Each entry is read and deleted in one step of the kernel, so that what a program
        adds meanwhile stays or comes, and is never lost. The kernel does it for a chunk of
        entries at a time: when the drain ends early, or is dropped, what it has not
        handed out goes back, but for keys that were set anew meanwhile, which a
        RuntimeWarning counts.

        Returns:
            An iterator, and a context manager that closes it.

        Raises:
            BpfNotSupportedError: the kernel does not do that with this kind of map: it
                does with hashes of numbers, structs and bytes, per CPU and LRU too.
            BpfClosedError: the map is closed.

        Kernel: 5.6.
        Source: bpf_map_lookup_and_delete_batch.
        """
    def lookup_percpu(self, key: _K) -> list[Any] | None:
        """Return the values of a key on each possible CPU, None if the key is absent.

        Args:
            key: as for lookup().

        Returns:
            A list, in the order of the CPUs' numbers; the same as lookup().

        Raises:
            TypeError: this is no per-CPU map. Else as lookup().

        Kernel: 4.6.
        Source: bpf_map_lookup_elem, libbpf_num_possible_cpus.
        """
    def lookup_percpu_sum(self, key: _K) -> Any | None:
        """Return the sum of a key's values on all CPUs, None if the key is absent.

        Args:
            key: as for lookup().

        Returns:
            An int of any size, or a float; of structs and arrays of numbers a Record,
            each field of it the sum of the CPUs'.

        Raises:
            TypeError: the values are bytes, or have a field that is no number.
            OverflowError: the sum of a field does not fit it. Else as lookup_percpu().

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
            TypeError: this is no per-CPU map. Else as update().

        Kernel: 4.6.
        Source: bpf_map_update_elem.
        """
    def items_percpu(self) -> BpfMapView[tuple[_K, list[Any]]]:
        """Return a view of the (key, values) pairs of a per-CPU map.

        Returns:
            The same as items(), where each value is a list.

        Raises:
            TypeError: this is no per-CPU map.
        """
    @overload
    def typed(
        self,
        key: builtins.type[_Number[_K2]],
        value: builtins.type[_Number[_V2]],
        validate_field_names: bool = True,
    ) -> BpfMap[_K2, _V2]: ...
    @overload
    def typed(
        self,
        key: builtins.type[_Number[_K2]],
        value: builtins.type[_V2],
        validate_field_names: bool = True,
    ) -> BpfMap[_K2, _V2]: ...
    @overload
    def typed(
        self,
        key: builtins.type[_K2],
        value: builtins.type[_Number[_V2]],
        validate_field_names: bool = True,
    ) -> BpfMap[_K2, _V2]: ...
    @overload
    def typed(
        self,
        key: builtins.type[_Number[_K2]],
        value: None = None,
        validate_field_names: bool = True,
    ) -> BpfMap[_K2, _V]: ...
    @overload
    def typed(
        self,
        key: None = None,
        *,
        value: builtins.type[_Number[_V2]],
        validate_field_names: bool = True,
    ) -> BpfMap[_K, _V2]: ...
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

        A class of ctypes gives instances that are copies, and takes instances and bytes;
        one of a number (c_int32) gives plain numbers, and takes them, too. int, float,
        bool and bytes give and take these. What BTF tells of the map is compared with the
        class first.

        Args:
            key: the type of the keys; None: as they are.
            value: the type of the values, of each CPU's in a per-CPU map, which still
                gives lists; None: as they are.
            validate_field_names: compare the number and the names of fields too, not
                only sizes and places. A field `_pad...` may stand for a gap.

        Returns:
            A map with all methods; this one keeps its own types. Of an object's map it
            ends with the object; of a stand-alone one it has a descriptor of its own,
            and either may be closed.

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
    @overload
    def walk(self, stack_id: int, symbols: None = None, pid: None = None) -> list[Any]: ...
    @overload
    def walk(self, stack_id: int, symbols: Symbols, pid: int | None = None) -> list[Symbol]:
        """Return the frames of a stack trace, the innermost first.

        Args:
            stack_id: what bpf_get_stackid() returned in the program.
            symbols: what names them.
            pid: the process whose stack it is (BPF_F_USER_STACK); None: the kernel's. The
                id alone says neither.

        Returns:
            Without symbols a list of addresses (int); of a map with BPF_F_STACK_BUILD_ID,
            of (build id, offset in the file) where the file is known. With symbols a list
            of Symbol: of a (build id, offset), address is that offset, and module the
            build id in hexadecimal where no such file was seen.

        Raises:
            KeyError: there is no such stack. BpfError: the id is negative, and so the
                errno of bpf_get_stackid(); or a map of another kind; and what
                Symbols.kernel() and Symbols.user() raise. TypeError: a pid without symbols.

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
    def holders(self) -> Seen[Holder]:
        """Tell which processes have descriptors of it.

        A walk over all of /proc; things of one listing (iter_maps()) share theirs,
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
        """Close a stand-alone map; one of an object stays open until its object closes.

        May be called again, and while another thread uses the map.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    _chunk: int  # entries that a walk fetches at once, for its tests; 0: it decides
    _identity: int  # of what was found in a listing, for its tests
