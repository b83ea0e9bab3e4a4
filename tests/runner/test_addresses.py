# SPDX-License-Identifier: MIT
"""Addresses as text: the runner's own inet_ntop() writes what everybody writes."""

from launch import Evaluate


def test_addresses_are_written_as_the_standard_says(evaluate: Evaluate) -> None:
    """Random addresses with runs of zeroes anywhere, beside what ipaddress writes."""
    code = (
        "import ipaddress, random, socket\n"
        "random.seed(7)\n"
        "def address(n):\n"
        "    groups = [random.choice([0, 0, random.randrange(16), random.randrange(1 << 16)])\n"
        "              for _ in range(n)]\n"
        "    return b''.join(g.to_bytes(2, 'big') for g in groups)\n"
        "mapped = bytes(10) + b'\\xff\\xff'\n"
        "for n in range(20_000):\n"
        "    four, six = address(2), address(8)\n"
        "    if n % 10 == 0: six = mapped + four\n"
        "    assert socket.inet_ntop(socket.AF_INET, four) == str(ipaddress.ip_address(four))\n"
        "    text = socket.inet_ntop(socket.AF_INET6, six)\n"
        "    assert text == str(ipaddress.IPv6Address(six)), text\n"
        "    assert socket.inet_pton(socket.AF_INET6, text) == six\n"
        "print('ok')"
    )
    assert evaluate(code) == "ok"


def test_address_that_does_not_fit_is_refused(evaluate: Evaluate) -> None:
    """ENOSPC from one byte too few on, nothing behind the text touched; EAFNOSUPPORT."""
    code = (
        "import ctypes, errno\n"
        "c = ctypes.CDLL(None, use_errno=True)\n"
        "c.inet_ntop.restype = ctypes.c_char_p\n"
        "def text(family, size):\n"
        "    buffer = ctypes.create_string_buffer(b'x' * 63)\n"
        "    ctypes.set_errno(0)\n"
        "    got = c.inet_ntop(family, bytes([127, 0, 0, 1] + 12 * [9]), buffer, size)\n"
        "    return got, buffer.raw[10:12], errno.errorcode.get(ctypes.get_errno())\n"
        "print(text(2, 10), text(2, 9), text(3, 60))"
    )
    wanted = "(b'127.0.0.1', b'xx', None) (None, b'xx', 'ENOSPC') (None, b'xx', 'EAFNOSUPPORT')"
    assert evaluate(code) == wanted
