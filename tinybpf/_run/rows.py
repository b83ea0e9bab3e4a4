# SPDX-License-Identifier: MIT
"""Columns of records, for tables and for JSON: which fields, how wide, what is between."""

from __future__ import annotations

from tinybpf import _core
from tinybpf._run import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tinybpf._run.formats import Choice, Field, Format
    from tinybpf._run.options import Condition

    Column = tuple[bytes, str, int, Format | None]

# Characters that a column has, whatever comes; what is longer shifts its line.
WIDTHS = {"bool": 5, "float": 12, "pointer": 18, "enum": 12, "array": 20, "union": 20}
NUMBERS = {1: 4, 2: 6, 4: 8, 8: 12}  # by bytes
LONGEST = 32
FORMATTED = 16


class Rows:
    """Records of a map as lines: a table's, with a head, or of JSON."""

    def __init__(
        self, type: type[Any], map: str, formats: Choice, is_json: bool, mark: str = ""
    ) -> None:
        self.type, self.map, self.formats, self.is_json = type, map, formats, is_json
        self.name: str = type.__name__
        self.mark = mark  # what JSON has before the fields, such as '"_map":"events",'
        self.all: list[Field] = _core._fields(type)
        self.paths: dict[str, Field] = {field[0]: field for field in self.all}
        self.only = ""  # the name of what is no struct, whose one field is `value`
        self.head = b""

    def make(self, fields: Sequence[Field], filters: Sequence[Condition]) -> Any:
        """Return what formats records, whose head it settles if they are a table."""
        columns, after = self._json(fields) if self.is_json else self._table(fields)
        return self._rows(columns, after, filters)

    def make_between(
        self,
        before: str,
        fields: Sequence[Field],
        widths: dict[str, int],
        filters: Sequence[Condition],
    ) -> Any:
        """Return what formats records as lines of a table that others stand in, too.

        Args:
            before: text of the first column.
            fields: those that are shown.
            widths: of all columns, by their paths; those of others stay empty.
            filters: what must hold.
        """
        columns: list[Column] = []
        between = before
        mine = {field[0]: field for field in fields}
        for path, width in widths.items():
            if path not in mine:
                between += " " * (width + 1)
                continue
            text = (between + " ").encode("utf-8", "backslashreplace")
            columns.append((text, path, width, self.format(mine[path], False)))
            between = ""
        if not columns:
            return self._rows([], before.rstrip().encode() + b"\n", filters)
        columns[-1] = (*columns[-1][:2], 0, columns[-1][3])
        return self._rows(columns, b"\n", filters)

    def filter(self, filters: Sequence[Condition]) -> Any:
        """Return what makes empty lines of those records for which all hold."""
        return self._rows([], b"", filters)

    def _rows(
        self, columns: list[Column], after: bytes, filters: Sequence[Condition]
    ) -> _core.Rows:
        conditions = [
            (path, relation, text, self.format(self.paths[path], False))
            for _, path, relation, text in filters
        ]
        try:
            return _core.Rows(self.type, columns, after, conditions, self.is_json)
        except ValueError as error:
            words = str(error)
            words = words.replace("'value'", f"'{self.only}'") if self.only else words
            raise UsageError(f"--filter: {words}") from None

    def cells(self, fields: Sequence[Field], records: list[Any]) -> list[list[str]]:
        """Return the texts of fields of each record, as a table has them."""
        columns: list[Column] = [
            (b"\t" if i else b"", field[0], 0, self.format(field, False))
            for i, field in enumerate(fields)
        ]
        lines, _ = _core.Rows(self.type, columns, b"\n", [], False).format(records)
        return [line.split("\t") for line in lines.decode().split("\n")[:-1]]

    def objects(self, records: list[Any]) -> list[str]:
        """Return each record as JSON; what is no struct without the name of its field."""
        columns, after = self._json(self.leaves())
        if self.only:
            columns, after = [(b"", "value", 0, columns[0][3])], b"\n"
        lines, _ = _core.Rows(self.type, columns, after, [], True).format(records)
        return lines.decode().split("\n")[:-1]

    def format(self, field: Field, is_json: bool) -> Format | None:
        """Return the function that a field is shown by."""
        field = (self.only, *field[1:]) if self.only else field
        return self.formats.of(self.map, field, is_json)

    def leaves(self) -> list[Field]:
        """Return all fields; those of a struct in its place, unless that has a format."""
        found: list[Field] = []
        whole: list[str] = []
        for field in self.all:
            path, kind = field[:2]
            if any(path.startswith(above) for above in whole):
                continue
            if kind == "struct" and self.format(field, self.is_json) is None:
                continue
            if kind == "struct":
                whole.append(path + ".")
            found.append(field)
        return found

    def _table(self, fields: Sequence[Field]) -> tuple[list[Column], bytes]:
        """Return columns that blanks divide, and settle the head above them."""
        columns: list[Column] = []
        head = ""
        for i, field in enumerate(fields):
            path, is_last = field[0], i == len(fields) - 1
            function = self.format(field, False)
            title = shown(path).upper()
            width = 0 if is_last else max(self.width(field), len(title))
            columns.append((b" " if i else b"", path, width, function))
            head += (" " if i else "") + title.ljust(width)
        self.head = head.encode("utf-8", "backslashreplace")
        return columns, b"\n"

    def width(self, field: Field) -> int:
        """Return how wide the column of a field is."""
        _, kind, size, n, _ = field
        if self.format(field, False) is not None:
            return FORMATTED
        if kind == "text":
            return min(max(n - 1, 1), LONGEST)
        if kind == "bytes":
            return min(2 * size, LONGEST)
        return WIDTHS.get(kind) or NUMBERS.get(size, LONGEST)

    def _json(self, fields: Sequence[Field]) -> tuple[list[Column], bytes]:
        """Return columns between which objects begin and end, as their structs do."""
        columns: list[Column] = []
        inside: list[str] = []
        text = "{" + self.mark
        for field in fields:
            *above, name = field[0].split(".")
            n = len([1 for a, b in zip(inside, above) if a == b])
            while inside[:n] != above[:n]:
                n -= 1
            text += "}" * (len(inside) - n)
            text += "," if columns else ""
            text += "".join(quoted(each) + ":{" for each in above[n:])
            text += quoted(name) + ":"
            columns.append((text.encode(), field[0], 0, self.format(field, True)))
            inside, text = above, ""
        text = text.rstrip(",")  # of a mark that nothing follows
        return columns, (text + "}" * (len(inside) + 1) + "\n").encode()


def shown(text: str) -> str:
    """Return a name out of an object as it can be shown: others as escapes."""
    if text.isprintable():
        return text
    from tinybpf._command import plain

    return plain(text)


def quoted(text: str) -> str:
    """Return a name out of an object as a string of JSON."""
    return '"' + shown(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
