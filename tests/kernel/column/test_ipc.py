# SPDX-License-Identifier: MIT
"""write_ipc(): how it treats files. What it writes is read back by tests/wheel."""

import errno
import io
import os
import pathlib
import struct
from typing import Any

import pytest

import tinybpf
from support.objects import Load

CONTINUATION = 0xFFFFFFFF


@pytest.fixture
def cols(load: Load) -> tinybpf.Columns:
    """Return columns of every kind."""
    return load("records").maps["things"].read_columns()


def written(cols: tinybpf.Columns) -> bytes:
    """Return the stream."""
    file = io.BytesIO()
    cols.write_ipc(file)
    return file.getvalue()


def messages(stream: bytes) -> list[int]:
    """Return the sizes of the messages' heads, the bodies taken from where they say."""
    sizes: list[int] = []
    at = 0
    while True:
        mark, size = struct.unpack_from("<II", stream, at)
        assert (mark, size % 8) == (CONTINUATION, 0)
        at += 8
        if size == 0:
            assert at == len(stream)
            return sizes
        sizes.append(size)
        root = at + struct.unpack_from("<I", stream, at)[0]
        vtable = root - struct.unpack_from("<i", stream, root)[0]
        place = struct.unpack_from("<H", stream, vtable + 4 + 2 * 3)[0]
        body = struct.unpack_from("<q", stream, root + place)[0]
        assert (body % 8, (root + place) % 8) == (0, 0)
        at += size + body


def test_stream_is_framed(cols: tinybpf.Columns) -> None:
    """A schema, a dictionary for each enum, the rows, the end; all of it aligned."""
    assert len(messages(written(cols))) == 1 + 3 + 1


def test_no_rows_are_a_schema_alone(load: Load) -> None:
    """A reader gets the columns and their types."""
    assert len(messages(written(load("records").maps["choices"].read_columns()))) == 1


def test_files_of_every_kind(cols: tinybpf.Columns, tmp_path: pathlib.Path) -> None:
    """Buffered, raw, one that says nothing, and one that takes a few bytes at a time."""
    whole = written(cols)
    for buffering in (0, -1):
        with open(tmp_path / "x", "wb", buffering) as file:
            cols.write_ipc(file)
            assert not file.closed
        assert (tmp_path / "x").read_bytes() == whole
    kept: list[bytes] = []

    class Silent:
        def write(self, data: bytes) -> None:
            kept.append(data)

    cols.write_ipc(Silent())
    assert b"".join(kept) == whole
    few = bytearray()

    class Slow:
        def write(self, data: bytes) -> int:
            few.extend(data[:100])
            return len(data[:100])

    cols.write_ipc(Slow())
    assert bytes(few) == whole


@pytest.mark.parametrize("answer", [0, -1, 10**9, 2**70])
def test_wrong_answers_of_write_are_refused(cols: tinybpf.Columns, answer: int) -> None:
    """It would go on for ever, or read beyond the end."""

    class Wrong:
        def write(self, data: bytes) -> int:
            return answer

    with pytest.raises((OSError, OverflowError)):
        cols.write_ipc(Wrong())


def test_full_files_say_so(cols: tinybpf.Columns) -> None:
    """A full disk, a closed pipe, and a pipe that takes no more and does not block."""
    with open("/dev/full", "wb", buffering=0) as file:
        with pytest.raises(OSError, match="No space left") as caught:
            cols.write_ipc(file)
        assert caught.value.errno == errno.ENOSPC
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with open(writer, "wb", buffering=0) as pipe:
        with pytest.raises(BlockingIOError):
            while True:
                cols.write_ipc(pipe)
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            cols.write_ipc(pipe)


def test_what_is_no_file_is_refused(cols: tinybpf.Columns) -> None:
    """TypeError says what it must have; what write() raises comes out."""
    bad: Any = "x.arrow"
    with pytest.raises(TypeError, match=r"must have write\(\)"):
        cols.write_ipc(bad)
    with pytest.raises(TypeError):
        cols.write_ipc(io.StringIO())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="closed file"):
        file = io.BytesIO()
        file.close()
        cols.write_ipc(file)
