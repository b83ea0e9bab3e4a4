# SPDX-License-Identifier: MIT
"""Rings in overwrite mode of an object that is run: the newest events, as maps are shown."""

import json
import pathlib

import pytest

from support import direct, host
from support.gating import kernel
from support.objects import Find
from support.traffic import Trigger

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")
overwrite = kernel("6.19", "ring buffer in overwrite mode")


@pytest.fixture(name="kept")
def _kept(bpf: Find) -> pathlib.Path:
    """Return direct_overwritten.bpf.o."""
    return bpf("direct_overwritten")


@overwrite
def test_newest_events_are_shown_at_the_end(kept: pathlib.Path) -> None:
    """As many as the ring has, whole and in order; what is told is how many they are."""
    trigger = Trigger()
    line = ("--json", "--cookie", trigger.cookie, "--number", "40", "--fields", "seq")
    done = direct.run(kept, *line, *direct.calling(trigger))
    numbers = [json.loads(text)["seq"] for text in done.stdout.splitlines()]
    assert numbers == list(range(40 - len(numbers), 40))
    assert 8 < len(numbers) < 17
    assert done.stderr == f"tinybpf: {len(numbers)} events, the newest\n"
    some = ("--filter", "seq>36", "--cookie", trigger.cookie, "--number", "40", "--table")
    lines = direct.output(kept, *some, *direct.calling(trigger)).splitlines()
    assert lines[:2] == ["", "newest:"]
    assert lines[2].split() == ["SEQ", "CPU", "FILL"]
    assert [row.split()[0] for row in lines[3:]] == ["37", "38", "39"]


@overwrite
def test_newest_events_are_shown_at_intervals(kept: pathlib.Path) -> None:
    """They stay in the ring: each batch has them all, with its number."""
    trigger = Trigger()
    command = ("sh", "-c", f"{direct.shell(trigger)}; sleep 0.7")
    line = ("--interval", "0.2", "--cookie", trigger.cookie, "--number", "2", "--count", "1")
    found = direct.objects(kept, *line, "--fields", "seq", "--", *command)
    last = found[-1]["_interval"]
    assert last > 2
    for number in (last - 1, last):
        assert [one["seq"] for one in found if one["_interval"] == number] == [0, 1]


def test_kernel_that_does_not_know_them_is_told(kept: pathlib.Path) -> None:
    """The library's sentence, with status 1; newer kernels load it."""
    done = direct.run(kept, "--duration", "0")
    if host.kernel_version() >= (6, 19):
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 1
    assert "map 'newest': BPF_F_RB_OVERWRITE is in Linux since 6.19, and this" in done.stderr
