# SPDX-License-Identifier: MIT
"""zoneinfo on a host without a time zone database: the zones inside tinybpf-run."""

import datetime
import json
import zoneinfo

import pytest
from launch import Evaluate

# The host's database is hidden by an empty search path.
HIDDEN = {"PYTHONTZPATH": ""}

# Times at which what a zone does is history, which later versions seldom rewrite.
TIMES = [
    datetime.datetime(year, month, 15, tzinfo=datetime.timezone.utc)
    for year in (1975, 1995, 2008, 2019)
    for month in (1, 7)
]


def test_zones_are_those_of_the_host(evaluate: Evaluate) -> None:
    """Every zone that the host's database has too gives the same offsets and names."""
    names = sorted(zoneinfo.available_timezones() - {"localtime", "posixrules"})
    assert len(names) > 400, "the host has no database to compare with"
    code = f"""
import datetime, json, zoneinfo
zones = [zoneinfo.ZoneInfo(name) for name in {names!r}]
times = [datetime.datetime.fromisoformat(t) for t in {[t.isoformat() for t in TIMES]!r}]
local = [[t.astimezone(zone) for t in times] for zone in zones]
print(json.dumps([[[t.isoformat(), t.tzname()] for t in row] for row in local]))
"""
    told = json.loads(evaluate(code, env=HIDDEN))
    differing = []
    for name, row in zip(names, told, strict=True):
        local = [time.astimezone(zoneinfo.ZoneInfo(name)) for time in TIMES]
        if row != [[time.isoformat(), time.tzname()] for time in local]:
            differing.append(name)
    # What tzdata has found out since about the past of a few places.
    assert len(differing) < 8, differing


def test_the_future_follows_the_rule_of_the_zone(evaluate: Evaluate) -> None:
    """Beyond the table of a zone its rule holds: summer time in Berlin in 2090."""
    code = (
        "import datetime, zoneinfo; z = zoneinfo.ZoneInfo('Europe/Berlin');"
        "print(*(datetime.datetime(2090, m, 15, tzinfo=z).tzname() for m in (1, 7)))"
    )
    assert evaluate(code, env=HIDDEN) == "CET CEST"


def test_names_are_listed(evaluate: Evaluate) -> None:
    """available_timezones() has the zones inside, links among them."""
    code = "import zoneinfo; print(*zoneinfo.available_timezones())"
    names = set(evaluate(code, env=HIDDEN).split())
    assert {"UTC", "Europe/Berlin", "US/Pacific", "Asia/Calcutta"} <= names
    assert len(names) > 550


@pytest.mark.parametrize("name", ["Mars/Olympus", "Europe", "europe/berlin", "UTC/x"])
def test_unknown_zone_is_not_found(evaluate: Evaluate, name: str) -> None:
    """A name that no zone has raises what zoneinfo raises anywhere."""
    code = f"""
import zoneinfo
try: zoneinfo.ZoneInfo({name!r})
except zoneinfo.ZoneInfoNotFoundError as error: print(error)
"""
    assert name in evaluate(code, env=HIDDEN)


def test_zone_can_be_pickled(evaluate: Evaluate) -> None:
    """A zone from inside pickles by its name, as zones of a file do."""
    code = (
        "import pickle, zoneinfo; z = zoneinfo.ZoneInfo('Asia/Tokyo');"
        "print(pickle.loads(pickle.dumps(z)) is z)"
    )
    assert evaluate(code, env=HIDDEN) == "True"
