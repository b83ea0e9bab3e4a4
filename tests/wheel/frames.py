# SPDX-License-Identifier: MIT
"""Hand columns of every kind to those who take them; run by test_frames.py.

    python frames.py RECORDS.bpf.o STREAM

STREAM is what write.py has written in tinybpf-run, of the same map.
"""

import io
import sys

import duckdb  # type: ignore[import-not-found]
import numpy as np  # type: ignore[import-not-found]
import polars as pl  # type: ignore[import-not-found]
import pyarrow as pa  # type: ignore[import-not-found]
from write import things

import tinybpf

with tinybpf.load(sys.argv[1]) as obj:
    cols = things(obj)
    empty = obj.maps["flows"].read_columns()

table = pa.table(cols)
table.validate(full=True)
rows = table.to_pylist()
expected = {
    "key": 3,
    "value.name": "h\\xffllo é",
    "value.mac": b"abcdef",
    "value.is_up": True,
    "value.state": "FAILED",
    "value.wide": "18446744073709551615",
    "value.ratio": 2.5,
    "value.grid": [[1, -2, 3], [4, 5, 6]],
    "value.high": -7,
    "value.mode": "RUNNING",
    "value.huge": (-2).to_bytes(16, "little", signed=True),
    "value.words": ["ab", "cdef"],
}
assert {name: rows[3][name] for name in expected} == expected, rows[3]
assert pa.types.is_dictionary(table.schema.field("value.state").type)
batch = pa.record_batch(cols)
batch.validate(full=True)
assert batch.to_pylist() == rows

frame = pl.DataFrame(cols)
assert frame.columns == list(cols.names)
assert frame.to_dicts() == rows
assert frame.group_by("value.state").len().sort("len")["len"].to_list() == [1, 63]

asked = duckdb.sql(
    'select "value.name", "value.state", "value.ratio" from cols where "value.high" < 0'
)
assert asked.fetchall() == [("h\\xffllo é", "FAILED", 2.5)]

ratios = np.asarray(cols["value.ratio"])
assert (ratios[3], ratios.dtype, ratios.base is not None) == (2.5, np.float64, True)
assert np.asarray(cols["value.mac"])[3] == b"abcdef"
assert np.asarray(cols["value.grid"]).shape == (64, 2, 3)
lent = batch.column(cols.names.index("value.ratio")).buffers()[1]
assert lent.address == ratios.__array_interface__["data"][0], "numbers were copied"

mine = io.BytesIO()
cols.write_ipc(mine)
with open(sys.argv[2], "rb") as file:
    others = file.read()
for stream in (mine.getvalue(), others):
    read = pa.ipc.open_stream(stream).read_all()
    read.validate(full=True)
    assert (read.schema, read.to_pylist()) == (table.schema, rows)
    assert pl.read_ipc_stream(io.BytesIO(stream)).to_dicts() == rows

assert (pa.table(empty).num_rows, pl.DataFrame(empty).shape) == (0, (0, 4))
nothing = io.BytesIO()
empty.write_ipc(nothing)
assert pa.ipc.open_stream(nothing.getvalue()).read_all().schema == pa.table(empty).schema
assert pl.read_ipc_stream(io.BytesIO(nothing.getvalue())).shape == (0, 4)
print("all of them took the columns")
