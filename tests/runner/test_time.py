# SPDX-License-Identifier: MIT
"""Local time and its text: what musl was changed in, and what CPython was told of it."""

from launch import Evaluate


def test_zone_is_that_of_the_start_until_it_is_set(evaluate: Evaluate) -> None:
    """TZ counts at the start, then at time.tzset(), as on any Linux; mktime() looks itself."""
    code = (
        "import datetime, os, time\n"
        "of = datetime.datetime.fromtimestamp\n"
        "def hours(): return time.localtime(0).tm_hour, of(0).hour\n"
        "print(hours(), time.tzname[0])\n"
        "os.environ['TZ'] = 'YST-5'; print(hours())\n"
        "time.tzset(); print(hours(), time.tzname[0])\n"
        "os.environ['TZ'] = 'ZST-7'\n"
        "print(time.mktime((1970, 1, 1, 7, 0, 0, 0, 1, 0)), hours())"
    )
    wanted = ["(2, 2) XST", "(2, 2)", "(5, 5) YST", "0.0 (7, 7)"]
    assert evaluate(code, env={"TZ": "XST-2"}).splitlines() == wanted


def test_zone_without_tz_is_utc_on_a_host_that_has_none(evaluate: Evaluate) -> None:
    """An empty TZ, which names no file, is UTC, and summer time is reckoned by its rule."""
    code = "import time; print(time.localtime(0)[:5], time.tzname)"
    assert evaluate(code, env={"TZ": ""}) == "(1970, 1, 1, 0, 0) ('UTC', 'UTC')"
    code = "import time; print([time.localtime(t)[3] for t in (1720000000, 1700000000)])"
    assert evaluate(code, env={"TZ": "EST5EDT,M3.2.0,M11.1.0"}) == "[5, 17]"


def test_fields_are_padded_as_the_standard_says(evaluate: Evaluate) -> None:
    """Each number of strftime() has its width, with zeroes, blanks or nothing."""
    code = (
        "import time\n"
        "at = (2024, 1, 2, 3, 4, 5, 1, 2, 0)\n"
        "print(time.strftime('%Y-%m-%d %H:%M:%S|%j|%y|%C|%e|%I|%U|%W|%V|%G|%u|%w|%D|%T', at))\n"
        "print(time.strftime('%-d %_d %-H', at), time.strftime('%Y', (12345, *at[1:])))"
    )
    assert evaluate(code).splitlines() == [
        "2024-01-02 03:04:05|002|24|20| 2|03|00|01|01|2024|2|2|01/02/24|03:04:05",
        "2  2 3 +12345",
    ]


def test_text_of_a_format_is_kept(evaluate: Evaluate) -> None:
    """What is no field of a format comes through: any character, surrogates, no text."""
    code = (
        "import datetime, time\n"
        "at = (2024, 1, 2, 3, 4, 5, 1, 2, 0)\n"
        "for text in '%Y\\u5e74%m\\u6708', '\\U0001f600%d', '\\udcff%H', '', 'a\\0%M':\n"
        "    print(ascii(time.strftime(text, at)))\n"
        "print(ascii(datetime.date(2024, 1, 2).strftime('\\xe9 %A')))"
    )
    assert evaluate(code).splitlines() == [
        *("'2024\\u5e7401\\u6708'", "'\\U0001f60002'", "'\\udcff03'", "''", "'a\\x0004'"),
        "'\\xe9 Tuesday'",
    ]
