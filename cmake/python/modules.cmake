# SPDX-License-Identifier: MIT
# modules.cmake - the C modules of the standard library that are not compiled
# into the runner's CPython; all others are built in.

set(TINYBPF_PYTHON_LEFT_OUT
    # need a library that the runner does not carry
    _bz2 _lzma _zstd _dbm _gdbm _sqlite3 _ssl _hashlib _uuid _tkinter readline _curses
    _curses_panel
    # 0.75 MB of tables for encodings that no kernel event has
    _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw
    _multibytecodec
    # reads another process's memory; examples of the C API
    _remote_debugging xxlimited xxlimited_35)
