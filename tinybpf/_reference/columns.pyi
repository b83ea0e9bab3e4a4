# SPDX-License-Identifier: MIT
"""Columns: typed buffers of many records or of a whole map."""

from collections.abc import Iterator

from typing_extensions import final

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

    ==================================  =========================================
    integers, enums, pointers           the native number: "B", "h", "I", "q" ...
    bitfields                           the number, in the size of its type
    float, double                       "f", "d"
    _Bool                               "B"
    char[N], u8[N]                      N bytes: "Ns"
    unions, 128 bits, arrays of structs bytes: "Ns"
    other arrays                        more dimensions: shape is (rows, N, ...)
    nested structs                      a column for each field: "hdr.pid"
    ==================================  =========================================
    """

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, those of nested structs as "hdr.pid"."""
    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns.

        Returns:
            Those of names, so that dict(cols) is a dict of memoryviews.
        """
    def values(self) -> tuple[memoryview, ...]:
        """Return the columns, a memoryview each.

        Returns:
            cols[name] for each of the names.
        """
    def items(self) -> tuple[tuple[str, memoryview], ...]:
        """Return pairs of names and columns.

        Returns:
            (name, cols[name]) for each of the names.
        """
    def __getitem__(self, name: str, /) -> memoryview: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
