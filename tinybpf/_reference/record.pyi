# SPDX-License-Identifier: MIT
"""Values of C: bytes with fields, their classes, and windows onto memory."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, SupportsIndex, overload

from typing_extensions import Buffer, Self, TypeVar, final

from tinybpf._values import BtfType

_T = TypeVar("_T")

class Record(bytes):
    """A value of a C struct: its bytes, and its fields by their names.

    Each struct, union or array of BTF has a class of its own, made when it is first
    needed: `obj.types.event` is one. It stays usable when its object is closed. The
    fields are attributes, decoded when they are read: integers and pointers are int,
    `_Bool` is bool, floats are float, enums are members of an IntEnum (int where the
    enum has no name for a number), `char[]` is str up to the first NUL (bytes that
    are not UTF-8 as `\\xff`, so that any name can be printed; `_raw()` has them as they
    are), `__u8[]` is bytes, other arrays are tuples, structs and
    unions are Records; fields of anonymous members belong to what they stand in. A
    field named like a method of bytes hides it; `record["class"]` reaches every field.
    An array that is no field is a Record with one field, `value`.

    Everything that bytes do, records do: they are equal to, ordered and hashed as
    their bytes, padding included, and `record[0]` is the first of them. Copies of a record
    are itself. A pickle carries the type: what comes back is a record of the class that
    it came from where that is known, else of an equal one.

    str() shows the fields; repr() also the bytes between and behind them that are not
    zero, for they make two keys different.

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
    def _json(self) -> str:
        """Return the fields as JSON, on one line.

        Enums stand by their names (without one: the number), `char[]` as text, bytes as
        hexadecimal digits, numbers of any size and pointers as numbers, NaN and infinity as
        null, and a union as an object of all its members. There are no blanks; control
        characters are escaped, and bytes that are not UTF-8 are the text `\\xff`.

        Returns:
            A new str, in the order of C.
        """
    def _replace(self, **fields: Any) -> Self:
        """Return a record with other values in some of its fields.

        Args:
            fields: the new values, as the class takes them.

        Returns:
            A record of the same class; bytes that belong to no field stay, and so do the
            members of a struct that a dict for it does not name.

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
    `types["enum event"]` say which. Two structs of one name that differ, as linked files
    may have them, are `types["event___1"]` and `types["event___2"]`, counted as bpftool
    does, or `types[t]` with a BtfType of their Btf; the bare name is a KeyError. Names of
    numbers, such as `__u32`, are not in it.
    """

    def __getitem__(self, name: str | BtfType, /) -> Any: ...
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
    bitfield meanwhile. A dict sets the members that it names, at any depth, and leaves
    the others (a dict for a value of a map, which is written whole, has zeros for them).
    iter() and len() are about elements, or names of fields. What a view raises in all
    its methods:

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
