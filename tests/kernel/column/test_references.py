# SPDX-License-Identifier: MIT
"""References of columns: nothing stays behind, exported, pickled, written or refused."""

import io
import pickle

from support import arrow
from support.objects import Load
from support.references import Table, Use, each

TABLE: Table = {
    "view": Use(lambda c: c["value.grid"].tolist()),
    "views": Use(lambda c: dict(c.items())),
    "values": Use(lambda c: c.values()),
    "names": Use(lambda c: (c.names, c.keys(), list(c), repr(c))),
    "schema": Use(lambda c: c.schema),
    "no such column": Use(lambda c: c["valeu"], KeyError),
    "no name": Use(lambda c: c[1], TypeError),
    "array": Use(arrow.read),
    "array that nobody takes": Use(lambda c: c.__arrow_c_array__()),
    "schema that nobody takes": Use(lambda c: c.__arrow_c_schema__()),
    "stream that nobody takes": Use(lambda c: c.__arrow_c_stream__()),
    "pickle": Use(lambda c: pickle.loads(pickle.dumps(c))),
    "forged pickle": Use(lambda c: c.__reduce__()[0](c.__reduce__()[1][0], 1, []), ValueError),
    "forged member": Use(
        lambda c: c.__reduce__()[0]([("x", 4, 0, 4, (), (("a", 1), ("\0", 1)))], 0, [b""]),
        ValueError,
    ),
    "ipc": Use(lambda c: c.write_ipc(io.BytesIO())),
    "ipc to no file": Use(lambda c: c.write_ipc(None), TypeError),
    "ipc that fails": Use(lambda c: c.write_ipc(io.StringIO()), TypeError),
}


@each(TABLE)
def test_use_of_columns_keeps_nothing(load: Load, use: Use) -> None:
    """In every way of use."""
    things = load("records").maps["things"]
    things[3] = {"name": "hello", "state": 99, "wide": 1}
    use.check(things.read_columns())
