# SPDX-License-Identifier: MIT
"""Lay the files of a bundle out: what stands behind its header (bundle.h).

The same files give the same bytes: they are sorted, and nothing is kept of where and
when they were found.
"""

import marshal
import zlib

import _tbpy

from _tbpy_bundling import LARGEST, NO_PYTHON, BundleError
from _tbpy_bundling.executable import FILE, HEADER

ROOT = "/tbpy/tool"
PAGE = 4096  # the smallest; larger ones are multiples of it


def _deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _packed(name, data):
    """Return a file's contents as they are kept.

    Objects stay as they are: each start reads them.
    """
    if name.endswith(".bpf.o"):
        return data
    packed = _deflated(data)
    return packed if len(packed) < len(data) * 3 // 4 else data


def compiled(name, data, is_needed):
    """Return a file's code, marshalled; b"" if it is no Python.

    In a package not all that ends so needs to be: it may be a template. What is needed
    must compile.
    """
    if not name.endswith(".py"):
        return b""
    try:
        code = compile(data, f"{ROOT}/{name}", "exec", dont_inherit=True, optimize=0)
    except NO_PYTHON as error:
        if not is_needed:
            return b""
        line = getattr(error, "lineno", None)
        where = f"{name}, line {line}" if line else name
        raise BundleError(f"{where}: {getattr(error, 'msg', error)}") from None
    return marshal.dumps(code)


def pack(files, about, scripts):
    """Return what stands behind the header, and the number of files.

    `files`: contents by name. `about`: texts by name that are no files of the program's
    (bundle.h). `scripts`: the names of those that must compile. What several files have is
    kept once.
    """
    texts = {**about, "/licenses": _tbpy.licenses()}
    files = {**files, **{name: text.encode() for name, text in texts.items()}}
    names = sorted(files, key=str.encode)
    table, tail, places = [], bytearray(), {}
    start = HEADER.size + len(names) * FILE.size

    def place(data):
        if data not in places:
            tail.extend(bytes(-len(tail) % 8))
            places[data] = start + len(tail)
            tail.extend(data)
        return places[data]

    for name in names:
        data = files[name]
        kept = _packed(name, data)
        code = compiled(name, data, name in scripts)
        text = name.encode()
        row = [place(text + b"\0"), len(text), place(kept), len(kept), len(data)]
        table.append(FILE.pack(*row, place(code) if code else 0, len(code), 0))
    # What is cut off a file seems to be zeroes up to the end of its last page; and who
    # looks for its last byte by the kernel (bundle.c) wants a zero behind it.
    contents = b"".join(table) + tail + b"\n"
    if (HEADER.size + len(contents)) % PAGE == 0:
        contents += b"\n"
    if len(contents) > LARGEST:
        raise BundleError(f"the files are too large: {LARGEST >> 20} MB are allowed")
    return contents, len(names)
