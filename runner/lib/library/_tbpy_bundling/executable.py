# SPDX-License-Identifier: MIT
"""Read an executable: is it a tinybpf-run, is a bundle in it, and where can one go?

Nothing is started for that: another architecture's is read as well. What a file says of
itself is doubted: it may be damaged, or no tinybpf-run at all.
"""

import struct
import zlib

from _tbpy_bundling import LARGEST, BundleError

ARCHITECTURES = {62: "x86_64", 183: "aarch64"}

_ELF = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_LOAD, _NOTE = 1, 4
_NOTE_HEAD = struct.Struct("<III8sI")
_FORMAT = 1

# The flags of a bundle's segment, as bundle.c knows it.
SEGMENT_FLAGS = 4 | 0x04000000
_FAR = 1 << 21  # between the runner's last byte in memory and the bundle's first
_PAGE = 1 << 16  # the largest of any architecture's

MAGIC = b"tinybpf\n"
HEADER = struct.Struct("<8sIIQQII56s")
_CHECKED = 16  # the checksum in the header is of what begins here
FILE = struct.Struct("<8I")
# What reading a list of files raises that is none.
_NONSENSE = (struct.error, zlib.error, UnicodeDecodeError, MemoryError)


class Executable:
    """A tinybpf-run, and the bundle that is appended to it (None: there is none)."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self._data = file.read(LARGEST + 1)
        if len(self._data) > LARGEST:
            raise BundleError(f"{path} is too large for an executable")
        self.bundle = None
        try:
            self._read()
        except struct.error:
            raise BundleError(f"{path} is no tinybpf-run: it ends too early") from None

    def _read(self):
        head = _ELF.unpack_from(self._data)
        ident, machine, at, entry_size, count = head[0], head[2], head[5], head[9], head[10]
        if ident[:6] != b"\x7fELF\x02\x01" or machine not in ARCHITECTURES:
            raise BundleError(f"{self.path} is no tinybpf-run: no executable of these machines")
        if entry_size != _SEGMENT.size:
            raise BundleError(f"{self.path} is no tinybpf-run: its header is another")
        self.machine = ARCHITECTURES[machine]
        offsets = range(at, at + count * entry_size, entry_size)
        self._segments = {each: _SEGMENT.unpack_from(self._data, each) for each in offsets}
        self.runner = self._data
        for where, segment in self._segments.items():
            if segment[:2] == (_LOAD, SEGMENT_FLAGS):
                self._read_bundle(where, segment)
                return
        for where, segment in self._segments.items():
            if segment[0] == _NOTE and self._read_note(where, segment):
                return
        raise BundleError(
            f"{self.path} is no tinybpf-run of this version: it has no place for a bundle"
        )

    def _read_bundle(self, where, segment):
        """Take the runner out of a bundle, as it was before."""
        bundle = self._data[segment[2] : segment[2] + segment[5]]
        magic, form, checksum, size, runner_size, runner_sum, _, before = HEADER.unpack_from(
            bundle
        )
        if magic != MAGIC or form != _FORMAT:
            raise BundleError(f"{self.path} is damaged, or a bundle of another version")
        if size != len(bundle) or checksum != zlib.crc32(memoryview(bundle)[_CHECKED:]):
            raise BundleError(f"{self.path} is damaged: copy it again from where it was made")
        runner = bytearray(self._data[:runner_size])
        runner[where : where + _SEGMENT.size] = before
        if zlib.crc32(runner) != runner_sum:
            raise BundleError(f"{self.path} is damaged: its runner's checksum is another")
        self.runner, self.bundle = bytes(runner), bundle
        self._segments[where] = _SEGMENT.unpack(before)
        self._read_note(where, self._segments[where])

    def _read_note(self, where, segment):
        """Read a note: is it the one of tinybpf-run, whose place a bundle takes?"""
        offset = segment[2]
        name_size, size, form, name, _ = _NOTE_HEAD.unpack_from(self.runner, offset)
        if (name_size, name) != (8, b"tinybpf\0"):
            return False
        if form != _FORMAT:
            raise BundleError(f"{self.path} has a place for bundles of another version")
        text = self.runner[offset + _NOTE_HEAD.size :][:size]
        self.versions = text.rstrip(b"\0").decode("utf-8", "replace")
        self._place = where
        return True

    def bundled(self, contents, count):
        """Return the bytes of this runner with a bundle of these contents.

        `contents` is what stands behind a bundle's header: `count` files are in it.
        """
        runner = self.runner
        offset = -len(runner) % 4096 + len(runner)
        end = max(each[3] + each[6] for each in self._segments.values())
        address = (end + 2 * _FAR) // _FAR * _FAR + offset % _PAGE
        size = HEADER.size + len(contents)
        segment = (_LOAD, SEGMENT_FLAGS, offset, address, address, size, size, _PAGE)
        before = runner[self._place : self._place + _SEGMENT.size]
        head = HEADER.pack(
            MAGIC, _FORMAT, 0, size, len(runner), zlib.crc32(runner), count, before
        )
        checksum = zlib.crc32(contents, zlib.crc32(head[_CHECKED:]))
        data = bytearray(runner)
        _SEGMENT.pack_into(data, self._place, *segment)
        data += bytes(offset - len(runner))
        data += head[:12] + checksum.to_bytes(4, "little") + head[_CHECKED:]
        data += contents
        return data

    def files(self):
        """Return the contents of the bundle's files by name; {} if there is none.

        The checksum tells of accidents, not of who made the bundle: nothing is believed.
        """
        if self.bundle is None:
            return {}
        try:
            return self._files()
        except _NONSENSE:
            raise BundleError(
                f"{self.path} is damaged: its list of files makes no sense"
            ) from None

    def _files(self):
        found = {}
        room = LARGEST
        for number in range(HEADER.unpack_from(self.bundle)[6]):
            entry = FILE.unpack_from(self.bundle, HEADER.size + number * FILE.size)
            name, name_size, at, size, full_size = entry[:5]
            data = self.bundle[at : at + size]
            room -= full_size
            if room < 0:
                raise BundleError(f"{self.path} has files that are too large")
            if size < full_size:
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, full_size)
            found[self.bundle[name : name + name_size].decode("utf-8")] = data
        return found
