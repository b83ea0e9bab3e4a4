# SPDX-License-Identifier: MIT
"""TZ names any file: one that lies is none, and nothing is read beyond it."""

import pathlib
import struct
from typing import Callable, Union

import pytest
from launch import Run

# Prints the name and offset of the zone at several times, by all that looks at one.
SHOW = """\
import time
time.tzset()
for t in (-2**40, 0, 1500000000, 1600000000, 2**40):
    local = time.localtime(t)
    time.mktime(local)
    print(local.tm_zone, local.tm_gmtoff, time.strftime("%Z", local))
"""
UTC = "UTC 0 UTC\n" * 5
Part = Union[int, bytes]


def header(times: int, types: int, chars: int, version: bytes = b"2") -> bytes:
    """Return a header of RFC 8536 without leap seconds and indicators."""
    return b"TZif" + version + bytes(15) + struct.pack(">6L", 0, 0, 0, times, types, chars)


def zone(**changes: Part) -> bytes:
    """Return a zone file of two types and a footer, changed as the keywords say."""
    parts: dict[str, Part] = {
        "times": 1, "types": 2, "chars": 8, "index": 1, "abbreviation": 4,
        "names": b"AAA\0BBB\0", "footer": b"\nAAA-1\n", **changes,
    }  # fmt: skip
    times, kinds, chars = (int(parts[name]) for name in ("times", "types", "chars"))
    first = header(1, 1, 4) + bytes(4 + 1) + bytes(6) + b"AAA\0"
    types = struct.pack(">lBB", 3600, 0, 0)
    types += struct.pack(">lBB", 7200, 1, int(parts["abbreviation"]))
    body = struct.pack(">qB", 1550000000, int(parts["index"])) + types + bytes(parts["names"])
    return first + header(times, kinds, chars) + body + bytes(parts["footer"])


HOSTILE: dict[str, bytes] = {
    "cut short": zone()[:60],
    "cut in its types": zone()[:130],
    "many times": zone(times=0xFFFFFFFF),
    "times that overflow": zone(times=0x20000000),
    "many types": zone(types=0xFFFFFFF0),
    "no types": zone(types=0),
    "many letters": zone(chars=0x7FFFFFFF),
    "a type that is not there": zone(index=200),
    "a name that is not there": zone(abbreviation=250),
    "a name without end": zone(names=b"AAA\0BBBB"),
    "a footer without beginning": zone(names=b"AAA\0BB\0\0", footer=b"AAA-1\n"),
    "a bracket without end": zone(footer=b"\n<" + b"A" * 4096 + b"\n"),
    "only a header": b"TZif2" + bytes(39),
    "a first half that is all": (header(1 << 28, 1 << 28, 0) + bytes(44)),
    "an old one": header(0x10000000, 1, 4, b"1") + bytes(64),
}


@pytest.fixture
def show(run: Run, tmp_path: pathlib.Path) -> Callable[[bytes], str]:
    """Return the function that shows the zone of a file of these bytes."""

    def shown(data: bytes) -> str:
        path = tmp_path / "zone"
        path.write_bytes(data)
        done = run("-c", SHOW, env={"TZ": f":{path}"})
        assert done.returncode == 0, done.stderr
        return done.stdout

    return shown


def test_zone_file_is_read(show: Callable[[bytes], str]) -> None:
    """One that is whole gives its zone; so do an old one, and one of full pages."""
    lines = show(zone()).splitlines()
    assert lines[1] == "AAA 3600 AAA"
    assert lines[-1] == "AAA 3600 AAA"
    old = header(0, 1, 4, b"1") + struct.pack(">lBB", 1800, 0, 0) + b"CCC\0"
    assert show(old) == "CCC 1800 CCC\n" * 5
    page = zone(footer=b"\n<" + b"A" * 6 + b">-2\n")
    assert show(page).splitlines()[-1] == "AAAAAA 7200 AAAAAA"


@pytest.mark.parametrize("what", HOSTILE)
def test_zone_file_that_lies_is_utc(show: Callable[[bytes], str], what: str) -> None:
    """Whatever its counts, offsets and footer claim."""
    data = HOSTILE[what]
    assert show(data) == UTC
    # Whole pages: a byte behind the end is behind the mapping, too.
    padded = data + bytes(-len(data) % 4096)
    assert len(show(padded).splitlines()) == 5


@pytest.mark.parametrize(
    "rule",
    ["M99999.1.0", "M0.0.0", "M1.99999.9", "M12.5.6,M4294967295.1.0", "J99999", "/9999999"],
)
def test_rule_beyond_its_tables_is_harmless(run: Run, rule: str) -> None:
    """TZ itself may have months, weeks and days that there are not."""
    done = run("-c", SHOW, env={"TZ": f"AAA1BBB,{rule},M3.1.0"})
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 5
