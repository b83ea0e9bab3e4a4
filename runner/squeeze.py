# SPDX-License-Identifier: MIT
"""Make the library small: what freeze.py does to code and sources before they are packed.

Two things that deflate cannot see, each module being deflated by itself so that it can be
read by itself: what all modules have in common, and that a module's source and its code
hold the same strings.
"""

import zlib
from collections import Counter

# As far back as deflated data can refer.
WINDOW = 1 << 15

GRAM = 12  # bytes that are compared in the search for common ones
RARE = 3  # grams of no more texts than these are not looked at
SEGMENT = 256  # what the common words are put together from
LOW_BITS = 0x7F
KEY, STEP = 16, 8  # a copy is found by 16 bytes, of which every 8th of the code is known


def deflate(data: bytes, words: bytes = b"") -> bytes:
    """Deflate without a header, after words that need not be repeated."""
    codec = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=words[-WINDOW:])
    return codec.compress(data) + codec.flush()


def _grams(data: bytes) -> set[bytes]:
    """Return a quarter of the grams of a text, the same ones wherever they stand."""
    return {data[i : i + GRAM] for i in range(len(data) - GRAM) if data[i] % 4 == 0}


def common_words(texts: list[bytes]) -> bytes:
    """Return 32 KB of what most texts have, the most common last (zlib counts from there)."""
    counts: Counter[bytes] = Counter()
    for text in texts:
        counts.update(_grams(text))
    worth = {gram: count for gram, count in counts.items() if count > RARE}
    scored = []
    for text in texts:
        for i in range(0, len(text) - SEGMENT, SEGMENT):
            segment = text[i : i + SEGMENT]
            score = sum(worth.get(gram, 0) for gram in _grams(segment))
            scored.append((score, segment))
    chosen: list[bytes] = []
    known: set[bytes] = set()
    for score, segment in sorted(scored, reverse=True):
        grams = _grams(segment)
        if sum(worth.get(gram, 0) for gram in grams - known) * 2 >= score:
            chosen.append(segment)
            known |= grams
        if len(chosen) * SEGMENT == WINDOW:
            break
    return b"".join(reversed(chosen))


def _number(value: int) -> bytes:
    """Return a number in bytes of seven bits, the lowest first."""
    out = bytearray()
    while value > LOW_BITS:
        out.append(value & LOW_BITS | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _copies(text: bytes, code: bytes) -> list[tuple[int, int, int]]:
    """Return (from, to, length) of what can be copied to the text from the code."""
    known = {code[i : i + KEY]: i for i in range(len(code) - KEY, -1, -STEP)}
    found = []
    at = done = 0
    while at <= len(text) - KEY:
        start = known.get(text[at : at + KEY])
        if start is None:
            at += 1
            continue
        to, end = at, start + KEY
        while to > done and start > 0 and text[to - 1] == code[start - 1]:
            to, start = to - 1, start - 1
        at += KEY
        while at < len(text) and end < len(code) and text[at] == code[end]:
            at, end = at + 1, end + 1
        if end - start >= KEY + STEP:
            found.append((start, to, end - start))
            done = at
    return found


def fold(text: bytes, code: bytes) -> bytes:
    """Tell a source as copies out of its module's code and the text between them.

    The numbers come first: the size of all of them and of the source, then by turns the
    length of a piece of text, and length and distance of a copy; then the text.
    """
    numbers, between = bytearray(), bytearray()
    done = last = 0
    for start, to, length in _copies(text, code):
        distance = start - last
        numbers += _number(to - done) + _number(length)
        numbers += _number(distance << 1 if distance >= 0 else -distance << 1 | 1)
        between += text[done:to]
        done, last = to + length, start + length
    numbers += _number(len(text) - done)
    between += text[done:]
    return _number(len(text)) + _number(len(numbers)) + bytes(numbers + between)
