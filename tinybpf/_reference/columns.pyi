# SPDX-License-Identifier: MIT
"""Columns: typed buffers of many records or of a whole map."""

from collections.abc import Iterator
from typing import Any

from typing_extensions import final

from tinybpf._given import Writable

@final
class Columns:
    """Rows of records or of a map, one typed buffer for each field.

        cols = rb.read_columns(timeout=1.0)
        print(len(cols), cols.names)
        print(max(cols["latency_ns"]))

    `cols[name]` is a read-only memoryview; len(cols) is the number of rows, so that an empty
    one is false. Loops give names. A column outlives the buffer, the map and the object that
    it came from, and never changes.

    What a field is there, by its type in C:

    ==========================  ==============================  ========================
    in C                        memoryview                      Arrow
    ==========================  ==============================  ========================
    integers, pointers          native: "B", "h", "I", "q" ...  the same
    bitfields                   as their type                   the same
    float, double               "f", "d"                        the same
    _Bool                       "B"                             bool
    enums                       as their number                 dictionary: names
    char[N]                     "Ns"                            utf8, up to the first NUL
    u8[N], unions, 128 bits     "Ns"                            fixed_size_binary
    other arrays                shape (rows, N, ...)            fixed_size_list
    nested structs              a column a field: "hdr.pid"     the same
    ==========================  ==============================  ========================

    Other libraries take Columns as they are, by Arrow's PyCapsule interface:
    `pyarrow.table(cols)`, `polars.DataFrame(cols)`, `duckdb.sql("... from cols")`; and
    `numpy.asarray(cols["latency_ns"])`. Numbers and bytes are not copied for that: they
    share the memory. A value of an enum that has no name is its number as text, bytes in a
    text that are no UTF-8 are "\\xff" as in Records. Columns can be pickled.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, those of nested structs as "hdr.pid"."""
    @property
    def schema(self) -> dict[str, str]:
        """Types of the columns in the words of Arrow, by name.

        Such as "uint64", "string", "dictionary<string>", "fixed_size_list<int32>[4]".
        """
    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns.

        Returns:
            Those of names, so that dict(cols) is a dict of memoryviews.
        """
    def values(self) -> tuple[memoryview[Any], ...]:
        """Return the columns, a memoryview each.

        Returns:
            cols[name] for each of the names.
        """
    def items(self) -> tuple[tuple[str, memoryview[Any]], ...]:
        """Return pairs of names and columns.

        Returns:
            (name, cols[name]) for each of the names.
        """
    def write_ipc(self, file: Writable, /) -> None:
        """Write the rows to a file, as a stream of Arrow's IPC format.

        For `pyarrow.ipc.open_stream(path)`, `polars.read_ipc_stream(path)` and others, also
        where none of them is: in tinybpf-run.

        Args:
            file: open for bytes, or whatever has write(bytes). It is not closed.

        Returns:
            None, behind the last write().

        Raises:
            TypeError: file has no write().
            BpfError: a text column's row is larger than 512 MiB.
            BlockingIOError: a raw file that does not block takes no more now: a part of the
                stream is written. Open it buffered, or let it block.
        """
    def __arrow_c_schema__(self) -> Any: ...
    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...
    def __getitem__(self, name: str, /) -> memoryview[Any]: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
