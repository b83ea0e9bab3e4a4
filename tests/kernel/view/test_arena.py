# SPDX-License-Identifier: MIT
"""Global variables in an arena: one memory for programs and this process."""

import struct

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find, Load

pytestmark = kernel("6.9", "arena")


def test_variables_are_those_of_the_program(load: Load) -> None:
    """What the program writes is seen at once, and what is set here the program uses."""
    obj = load("arena_globals")
    assert (obj.arena.runs, obj.arena.step, obj.arena.name) == (40, 1, "tiny")
    assert obj.programs["bump"].test_run().retval == 0
    assert (obj.arena.runs, obj.arena.cfg.last) == (41, 41)
    obj.arena.step = 9
    assert obj.programs["bump"].test_run().retval == 0
    assert obj.arena.runs == 50
    obj.arena.cfg.limit = 51
    assert obj.programs["bump"].test_run().retval == 1
    assert obj.arena.cfg.copy() == obj.types.config(limit=51, last=50)


def test_initial_values_can_be_set(bpf: Find) -> None:
    """Between open() and load() the values are those that the arena will begin with."""
    with tinybpf.open(bpf("arena_globals")) as obj:
        assert obj.arena.runs == 40
        obj.arena.runs = 7
        obj.section(".addr_space.1")["cfg"] = {"limit": 9, "last": 0}
        obj.load()
        assert (obj.arena.runs, obj.arena.cfg.limit) == (7, 9)
        obj.programs["bump"].test_run()
        assert obj.arena.runs == 8


def test_prepared_object_says_to_load(bpf: Find) -> None:
    """libbpf tells where the variables are when it loads; before, it says what to do."""
    with tinybpf.open(bpf("arena_globals")) as obj:
        obj.prepare()
        with pytest.raises(tinybpf.BpfError, match="not loaded yet"):
            obj.arena.runs  # noqa: B018
        obj.load()
        assert obj.arena.runs == 40
        obj.programs["bump"].test_run()
        assert obj.arena.runs == 41


def test_variables_lie_in_the_arenas_memory(load: Load) -> None:
    """They are part of what mmap() of the map shows."""
    obj = load("arena_globals")
    obj.arena.runs = 0x1122334455667788
    assert struct.pack("=Q", 0x1122334455667788) in bytes(obj.maps["arena"].mmap())


def test_arena_is_one_of_the_sections(load: Load) -> None:
    """It is listed by its name; an arena without variables is none."""
    obj = load("arena_globals")
    assert ".addr_space.1" in obj.sections
    assert obj.section(".addr_space.1").runs == 40
    empty = load("arena")
    assert ".addr_space.1" not in empty.sections
    with pytest.raises(AttributeError, match="no section"):
        empty.arena  # noqa: B018


def test_closed_arena_says_closed(load: Load) -> None:
    """A view that is kept says that its object is closed."""
    obj = load("arena_globals")
    view = obj.arena
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        view.runs  # noqa: B018


def test_unknown_variable_is_named(load: Load) -> None:
    """The nearest one is, too."""
    with pytest.raises(AttributeError, match="runs"):
        load("arena_globals").arena.run  # noqa: B018


def test_arena_that_takes_over_another_has_no_views(load: Load, bpf: Find) -> None:
    """Its variables are where the other object put its own: in the map."""
    first = load("arena_globals")
    with tinybpf.open(bpf("arena_globals")) as obj:
        obj.maps["arena"].reuse(first.maps["arena"])
        with pytest.raises(tinybpf.BpfError, match="takes over a map"):
            obj.arena.runs  # noqa: B018
