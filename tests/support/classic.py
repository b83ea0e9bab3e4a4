# SPDX-License-Identifier: MIT
"""Filters of classic BPF, which others put on sockets."""

import ctypes
import socket
import struct

_SO_ATTACH_FILTER = 26


def drop_all(sock: socket.socket) -> None:
    """Put a filter on a socket that drops all that it receives."""
    code = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))  # return 0
    program = struct.pack("@HP", 1, ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
