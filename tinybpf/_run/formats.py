# SPDX-License-Identifier: MIT
"""Formats of fields: what --format and the tag "tinybpf:format=" know, one table.

Each is made when a field wants it, and gets the field's value as a Record has it: an
int, or bytes of a u8 array or a struct. In JSON what has a unit stays a number.
"""

from __future__ import annotations

import sys

from tinybpf._run import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Format = Callable[[Any], object]
    # Path, kind, size, elements, and the type that it is a member of: of _core._fields().
    Field = tuple[str, str, int, int, int]

_STEP = 1024


def raw(value: Any, size: int) -> bytes:
    """Return a value as it lies in memory: so many bytes."""
    if isinstance(value, bytes):
        return value[:size]
    if isinstance(value, tuple):  # of numbers, as in6_u.u6_addr32 is
        return b"".join(raw(part, size // (len(value) or 1)) for part in value)
    return int(value).to_bytes(size, sys.byteorder, signed=value < 0)


def _ipv4() -> Format:
    def ipv4(value: Any) -> str:
        return ".".join(map(str, raw(value, 4)))

    return ipv4


def _ipv6() -> Format:
    import socket

    def ipv6(value: Any) -> str:
        return socket.inet_ntop(socket.AF_INET6, raw(value, 16).ljust(16, b"\0"))

    return ipv6


def _mac() -> Format:
    def mac(value: Any) -> str:
        return raw(value, 6).hex(":")

    return mac


def _port() -> Format:
    def port(value: Any) -> int:
        return int.from_bytes(raw(value, 2), "big")

    return port


def _ns() -> Format:
    def ns(value: Any) -> str:
        for size, unit in ((10**9, "s"), (10**6, "ms"), (10**3, "us")):
            if abs(value) >= size:
                return f"{value / size:.3f}{unit}"
        return f"{value}ns"

    return ns


def _time() -> Format:
    import time

    started = time.time_ns() - time.monotonic_ns()  # of bpf_ktime_get_ns()

    def clock(value: Any) -> str:
        seconds, rest = divmod(started + value, 10**9)
        if seconds >= 1 << 40:  # no time of day
            return str(value)
        return time.strftime("%H:%M:%S", time.localtime(seconds)) + f".{rest // 1000:06}"

    return clock


def _bytes() -> Format:
    def amount(value: Any) -> str:
        size, units = float(value), ["B", "KiB", "MiB", "GiB", "TiB"]
        while size >= _STEP and len(units) > 1:
            size /= _STEP
            units.pop(0)
        return f"{value}B" if units[0] == "B" else f"{size:.1f}{units[0]}"

    return amount


def _hex() -> Format:
    def hexadecimal(value: Any) -> str:
        return f"{value:#x}"

    return hexadecimal


def _text() -> Format:
    def text(value: Any) -> str:
        data = value if isinstance(value, bytes) else str(value).encode()
        return data.partition(b"\0")[0].decode("utf-8", "backslashreplace")

    return text


def _errno() -> Format:
    import errno

    def name(value: Any) -> object:
        number = abs(value)
        return errno.errorcode.get(number, value) if number else value

    return name


def _signal() -> Format:
    import signal

    def name(value: Any) -> object:
        try:
            return signal.Signals(value).name
        except ValueError:
            return value

    return name


def _ksym() -> Format:
    from tinybpf import Symbols

    symbols = Symbols()

    def ksym(value: Any) -> str:
        return str(symbols.kernel([value])[0])

    return ksym


NUMBERS = ("unsigned", "signed", "enum", "pointer")
NUMBER, ANY = "a whole number", "anything"
# Name: (what makes it, the bytes or kind of field that it takes, whether JSON has it,
# too, what it is for).
FORMATS: dict[str, tuple[Callable[[], Format], object, bool, str]] = {
    "ipv4": (_ipv4, 4, True, "an address of 4 bytes, as the network has it"),
    "ipv6": (_ipv6, 16, True, "an address of 16 bytes"),
    "mac": (_mac, 6, True, "an address of 6 bytes"),
    "port": (_port, 2, True, "a port, as the network has it"),
    "ns": (_ns, NUMBER, False, "nanoseconds, with a unit that fits"),
    "time": (_time, NUMBER, False, "bpf_ktime_get_ns() as the time of day"),
    "bytes": (_bytes, NUMBER, False, "an amount of bytes, with a unit that fits"),
    "hex": (_hex, NUMBER, True, "a number as 0x..."),
    "text": (_text, ANY, True, "bytes as text"),
    "ksym": (_ksym, NUMBER, True, "an address of the kernel by name"),
    "errno": (_errno, NUMBER, True, "an error of the kernel by name, whatever its sign"),
    "signal": (_signal, NUMBER, True, "a signal by name"),
}


def takes(name: str, kind: str, size: int) -> bool:
    """Tell whether a field of that kind and size can have a format."""
    wanted = FORMATS[name][1]
    return wanted in (ANY, size) or (wanted == NUMBER and kind in NUMBERS)


class Choice:
    """Which field has which format: by the command line, else by a tag in the source."""

    def __init__(self, given: dict[str, str], tags: list[tuple[int, str, str, str]]) -> None:
        self._given = given
        self._tags = {
            (number, member): text[7:]
            for number, _, member, text in tags
            if text.startswith("format=") and text[7:] in FORMATS and member
        }
        self._made: dict[str, Format] = {}
        self._unused = dict.fromkeys(given)

    def of(self, map: str, field: Field, is_json: bool) -> Format | None:
        """Return the function for a field of a map, None if it has none there.

        Raises:
            UsageError: the command line asks for a format that is not for such a field.
        """
        path, kind, size, _, owner = field
        name = self._given.get(f"{map}:{path}", self._given.get(path))
        for key in (f"{map}:{path}", path):
            self._unused.pop(key, None)
        if name is not None and not takes(name, kind, size):
            what = FORMATS[name][1]
            words = f"{what} bytes" if isinstance(what, int) else what
            raise UsageError(f"--format {path}={name}: it is for {words}, not for {kind}")
        if name is None:
            name = self._tags.get((owner, path.rpartition(".")[2]))
        if name is None or not takes(name, kind, size) or (is_json and not FORMATS[name][2]):
            return None
        if name not in self._made:
            self._made[name] = FORMATS[name][0]()
        return self._made[name]

    def check(self) -> None:
        """Raise UsageError if a format was given for what is no field of anything."""
        for field in self._unused:
            raise UsageError(f"--format {field}={self._given[field]}: there is no such field")
