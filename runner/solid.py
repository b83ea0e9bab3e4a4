# SPDX-License-Identifier: MIT
"""Squeeze pieces in blocks, as LZMA has it: neighbours of one kind say much twice.

For what few starts read: a block is read as a whole (lzma.c). xz does it; what it made of
a block is kept beside what is built, under the block's hash, until no build needs it.

The executable has the same bytes wherever it is built, so xz must make the same of a block.
5.2.5, 5.4.1 and 5.8.4 do, for every block (the encoder of LZMA1 did not change in between),
and nothing of the caller's environment reaches xz. That the xz that is there does, too, is
tried on a sample: if not, what is built works as well, and the build says so.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# 5 ms to read; twice as much would save two parts of a hundred.
BLOCK = 1 << 18
COMMAND = [
    *("xz", "--format=raw", "--stdout"),
    f"--lzma1=preset=9,dict={BLOCK * 4},lc=3,lp=0,pb=0,nice=273",
]
WORKERS = 2
SAMPLE_SHA256 = "dfe4b69986ace42c435e313f14b66011e5f45db14238bcd30e67b49d2238e254"


def blocks(pieces: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Divide pieces, in their order, into blocks; a larger piece has its own."""
    block: dict[str, bytes] = {}
    size = 0
    for name, piece in pieces.items():
        if block and size + len(piece) > BLOCK:
            yield block
            block, size = {}, 0
        block[name] = piece
        size += len(piece)
    if block:
        yield block


def _xz(data: bytes) -> bytes:
    """Return what xz makes of a string."""
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    return subprocess.run(
        COMMAND, input=data, env=environment, stdout=subprocess.PIPE, check=True
    ).stdout


def sample() -> bytes:
    """Return a text with copies of all lengths, near and far, and much that is new."""
    words = [hashlib.sha256(bytes([n])).hexdigest().encode() for n in range(256)]
    return b"".join(words[i * i * 7 % 251][: i % 64] for i in range(4000))


def check_xz() -> None:
    """Say so if the xz that is there makes other bytes than those of the release."""
    if hashlib.sha256(_xz(sample())).hexdigest() != SAMPLE_SHA256:
        print(
            "tinybpf: this xz squeezes otherwise than 5.2 to 5.8 do: tinybpf-run will "
            "work, but have other bytes than the release",
            file=sys.stderr,
        )


def _squeeze(data: bytes, file: Path) -> bytes:
    """Return the file of what xz made of a string, having it made if it is not there."""
    if not file.exists():
        unfinished = file.with_suffix(".part")
        unfinished.write_bytes(_xz(data))
        unfinished.rename(file)
    return file.read_bytes()


def squeeze_all(texts: list[bytes], kept: Path) -> list[bytes]:
    """Return the strings squeezed; `kept` is the folder of what was made before."""
    check_xz()
    kept.mkdir(parents=True, exist_ok=True)
    salt = " ".join(COMMAND).encode()
    files = [kept / hashlib.sha256(salt + text).hexdigest() for text in texts]
    with ThreadPoolExecutor(WORKERS) as pool:
        squeezed = list(pool.map(_squeeze, texts, files))
    for file in set(kept.iterdir()) - set(files):
        file.unlink()
    return squeezed
