# SPDX-License-Identifier: MIT
"""Columns go to numpy, pyarrow, polars and duckdb as they are, and back from a stream."""

from pathlib import Path

from places import HERE, Run, path_from


def test_data_frames_take_columns(run: Run, unpacked: Path, tmp_path: Path) -> None:
    """Of every kind, without a copy of numbers; what the runner writes is read, too."""
    records = path_from("TINYBPF_BPF_DIR") / "records.bpf.o"
    stream = tmp_path / "stream.arrow"
    run(path_from("TINYBPF_RUN"), HERE / "write.py", records, stream)
    output = run(
        path_from("TINYBPF_FRAMES"),
        HERE / "frames.py",
        records,
        stream,
        PYTHONPATH=str(unpacked),
    )
    assert output.splitlines()[-1] == "all of them took the columns"
