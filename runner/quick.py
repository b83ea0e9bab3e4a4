# SPDX-License-Identifier: MIT
"""Squeeze code so that it can be had back ten times faster than by inflating it.

For what nearly every script imports. A string is told as LZ4 tells it: by turns, a byte
with two lengths (of new bytes, and of a copy), the new bytes, and the copy's distance in
two bytes; a length of 15 goes on in bytes of up to 255. The last turn has no copy.
Distances may reach back into the words that the reader has, too.
"""

LEAST = 8  # bytes of a copy: shorter ones would save little and take as long
FAR = 0xFFFF
DEPTH = 32  # places that are tried
FIELD, BYTE = 15, 255


class _Past:
    """A string, and where each eight bytes of its beginning stand."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._places: dict[bytes, list[int]] = {}
        self._known = 0

    def longest(self, at: int) -> tuple[int, int]:
        """Return start and length of the longest copy of what stands at a place."""
        data = self.data
        for i in range(self._known, at):
            self._places.setdefault(data[i : i + LEAST], []).append(i)
        self._known = max(self._known, at)
        best, length = 0, 0
        for start in self._places.get(data[at : at + LEAST], [])[: -DEPTH - 1 : -1]:
            if at - start > FAR:
                break
            if data[start : start + length + 1] == data[at : at + length + 1]:
                best, length = start, self._same(start, at, max(length, LEAST))
        return best, length

    def _same(self, start: int, at: int, n: int) -> int:
        """Return how many bytes are the same at two places, n of which are known to be."""
        data = self.data
        while at + n < len(data) and data[start + n] == data[at + n]:
            n += 1
        return n


def _rest(length: int) -> bytes:
    """Return how a length goes on that its field is too small for."""
    if length < FIELD:
        return b""
    full, last = divmod(length - FIELD, BYTE)
    return bytes([BYTE]) * full + bytes([last])


def _turn(new: bytes, distance: int, length: int) -> bytes:
    """Return new bytes and a copy that follows them; none if its distance is 0."""
    more = length - LEAST if distance else 0
    head = bytes([min(len(new), FIELD) << 4 | min(more, FIELD)]) + _rest(len(new)) + new
    return head + distance.to_bytes(2, "little") + _rest(more) if distance else head


def squeeze(data: bytes, words: bytes) -> bytes:
    """Return the string as turns; `words` stand before it when it is read."""
    past = _Past(words + data)
    out = bytearray()
    at = done = len(words)
    end = at + len(data)
    while at + LEAST <= end:
        start, length = past.longest(at)
        if length < LEAST:
            at += 1
            continue
        # A longer copy that begins one byte later is worth the byte.
        while (later := past.longest(at + 1))[1] > length:
            at += 1
            start, length = later
        out += _turn(past.data[done:at], at - start, length)
        at = done = at + length
    return bytes(out + _turn(past.data[done:end], 0, 0))
