# SPDX-License-Identifier: MIT
"""tinybpf.link(): several objects as one."""

import pathlib
import random
from typing import Any

import pytest

import tinybpf
from support import child
from support.objects import Find

HALVES = ("linked", "linked_with")
FLIP = """
import random, sys, tinybpf
data = bytearray(open(sys.argv[1], "rb").read())
rng = random.Random(int(sys.argv[2]))
ends = {"linked": 0, "refused": 0}
for _ in range(300):
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        changed[rng.randrange(len(changed))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
    try:
        tinybpf.link(changed, sys.argv[3])
        ends["linked"] += 1
    except tinybpf.BpfError:
        ends["refused"] += 1
print(sum(ends.values()), all(ends.values()))
"""


def in_memory(path: pathlib.Path) -> bytearray:
    """Return the bytes of an object."""
    return bytearray(path.read_bytes())


@pytest.mark.parametrize("give", [str, pathlib.Path, in_memory])
def test_linked_halves_run(bpf: Find, give: Any) -> None:
    """Paths and bytes become one object: its programs find the other's functions and maps."""
    data = tinybpf.link(*(give(bpf(half)) for half in HALVES))
    assert isinstance(data, bytes)
    with tinybpf.open_bytes(data) as obj:
        obj.load()
        assert list(obj.maps) == ["totals"]
        assert obj.programs["on_linked"].test_run(data=bytes(64)).retval == 3
        assert obj.maps["totals"][0] == 3


def test_objects_that_do_not_know_each_other_keep_all_they_have(bpf: Find) -> None:
    """The result has the maps and programs of each."""
    with tinybpf.open_bytes(tinybpf.link(bpf("run"), bpf("call"))) as obj:
        assert set(obj.programs) == {"on_packet", "on_words", "on_skb", "on_call"}


def test_linked_object_can_be_linked_again(bpf: Find) -> None:
    """What comes out goes in; one object alone is linked, too, and always alike."""
    once = tinybpf.link(*(bpf(half) for half in HALVES))
    twice = tinybpf.link(tinybpf.link(once), bpf("run"))
    with tinybpf.open_bytes(twice) as obj:
        assert set(obj.load().programs) > {"on_linked", "on_packet"}
    assert once == tinybpf.link(*(bpf(half) for half in HALVES))


def test_half_alone_does_not_load(bpf: Find) -> None:
    """What is missing is named when the result is opened, as of any object."""
    data = tinybpf.link(bpf("linked"))
    with pytest.raises(tinybpf.BpfError, match="extern 'add_parts'"):
        tinybpf.open_bytes(data)


def test_what_is_defined_twice_is_named(bpf: Find) -> None:
    """The error tells which object did not fit, and libbpf's words say why."""
    with pytest.raises(tinybpf.BpfError, match=r"link of '.*run\.bpf\.o' failed") as info:
        tinybpf.link(bpf("run"), bpf("run"))
    assert "on_packet" in str(info.value)
    assert "conflicting" in info.value.libbpf_log


def test_what_is_no_object_is_named(bpf: Find, tmp_path: pathlib.Path) -> None:
    """Files and bytes pass the gate that load() has."""
    text = tmp_path / "notes.txt"
    text.write_text("int x;")
    with pytest.raises(tinybpf.BpfError, match=r"link of '.*notes\.txt' failed: .*ELF"):
        tinybpf.link(bpf("run"), text)
    with pytest.raises(tinybpf.BpfError, match="link of '<bytes>' failed"):
        tinybpf.link(in_memory(bpf("run"))[:1000])
    with pytest.raises(FileNotFoundError):
        tinybpf.link(tmp_path / "none.bpf.o")


@pytest.mark.parametrize("given", [(), (3,), (None,), ([],)])
def test_what_is_neither_path_nor_bytes_is_a_type_error(given: Any) -> None:
    """No object at all is refused likewise."""
    with pytest.raises(TypeError):
        tinybpf.link(*given)


def test_changed_objects_are_linked_or_refused(bpf: Find) -> None:
    """A child that links objects with bytes changed at random lives to count them."""
    seed = random.randrange(2**32)
    done = child.run(FLIP, bpf("linked"), seed, bpf("linked_with"), timeout_s=120)
    assert (done.returncode, done.stdout) == (0, "300 True\n"), (seed, done.stderr[-2000:])
