# SPDX-License-Identifier: MIT
"""Global variables: by name, typed, before loading and in the memory of the program."""

import gc
import os
import threading
import types
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support.objects import Find, Load

SECTIONS = {".rodata", ".data", ".bss", ".kconfig", ".data.more", ".rodata.more"}


@pytest.fixture
def opened(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return globals.bpf.c, opened."""
    with tinybpf.open(bpf("globals")) as obj:
        yield obj


def test_sections_are_named_as_in_the_source(opened: tinybpf.BpfObject) -> None:
    """Each section with global variables has the name that SEC() gave it."""
    assert set(opened.sections) == SECTIONS
    assert opened.section(".data.more")._fields == ("more", "count")
    assert opened.section(".bss").seen == opened.bss.seen == 0


def test_settings_before_load_state_while_it_runs(bpf: Find) -> None:
    """Scene 3: constants are given to load(), counters read and settings set live."""
    rodata = {"target_pid": 4242, "min_ns": 1_000_000}
    with tinybpf.load(bpf("globals"), rodata=rodata) as obj:
        assert (obj.rodata.target_pid, obj.rodata.min_ns) == (4242, 1_000_000)
        hz = obj.kconfig.CONFIG_HZ
        assert obj.programs["bump"].test_run().retval == 4242 + 9 + hz
        assert (obj.bss.seen, obj.bss.last) == (1, 7)
        obj.data.cfg.verbose = True
        obj.programs["bump"].test_run()
        assert (obj.bss.seen, obj.bss.last) == (2, 1)


def test_initial_values_are_read_and_set_before_loading(opened: tinybpf.BpfObject) -> None:
    """An opened object shows what the compiler put there; what is set is loaded."""
    assert opened.data.step == 1
    assert opened.data.ratio == 0.5
    assert opened.data.cfg.name == "cfg"
    opened.data.step = 10
    opened.data.cfg.limit = -3
    opened.bss.hits[1] = 40
    opened.section(".data.more").more = [5, 6]
    opened.load()
    opened.programs["bump"].test_run()
    assert opened.bss.seen == 10
    assert opened.bss.last == 2**64 - 3
    assert list(opened.bss.hits) == [0, 41, 0, 0]
    assert list(opened.section(".data.more").more) == [6, 6]


def test_views_taken_before_loading_show_the_programs_memory_after(
    opened: tinybpf.BpfObject,
) -> None:
    """A view asks for its memory each time: it goes with its object to the kernel."""
    bss, cfg = opened.bss, opened.data.cfg
    opened.load()
    cfg.limit = 21
    opened.programs["bump"].test_run()
    assert (bss.seen, bss.last) == (1, 21)


def test_rodata_is_read_only_once_it_is_loaded(opened: tinybpf.BpfObject) -> None:
    """Setting a constant after load() says when it can be set; reading goes on."""
    opened.rodata.target_pid = 5
    opened.load()
    for change in (
        lambda: setattr(opened.rodata, "target_pid", 6),
        lambda: setattr(opened.rodata.start, "limit", 6),
        lambda: opened.rodata.start.at[0].__setattr__("x", 6),
        lambda: setattr(opened.section(".rodata.more"), "extra", 6),
    ):
        with pytest.raises(tinybpf.BpfError, match=r"read-only once it is loaded: set it"):
            change()
    assert (opened.rodata.target_pid, opened.rodata.start.limit) == (5, 9)


def test_prepared_rodata_is_read_only_too(opened: tinybpf.BpfObject) -> None:
    """prepare() has frozen the constants already."""
    opened.prepare()
    with pytest.raises(tinybpf.BpfError, match="read-only"):
        opened.rodata.target_pid = 6
    opened.data.step = 3
    opened.load()
    opened.programs["bump"].test_run()
    assert opened.bss.seen == 3


def test_kconfig_says_what_the_kernel_is_configured_with(bpf: Find) -> None:
    """`extern __kconfig` variables are there once libbpf has looked, and never change."""
    with tinybpf.open(bpf("globals"), kconfig="CONFIG_HZ=123\n") as obj:
        with pytest.raises(tinybpf.BpfError, match="not loaded yet"):
            print(obj.kconfig.CONFIG_HZ)
        obj.prepare()
        assert obj.kconfig.CONFIG_HZ == 123
        assert obj.kconfig.CONFIG_NO_SUCH_SWITCH is False
        with pytest.raises(tinybpf.BpfError, match="configured with: open the object with"):
            obj.kconfig.CONFIG_HZ = 1


def test_constants_of_any_rodata_section_are_given_to_load(bpf: Find) -> None:
    """rodata= finds a constant in .rodata and in sections of one's own."""
    rodata = {"extra": 8, "start": {"limit": 1, "at": [{"x": 1}, {"y": 2}]}}
    with tinybpf.load(bpf("globals"), rodata=rodata) as obj:
        assert obj.section(".rodata.more").extra == 8
        assert (obj.rodata.start.limit, obj.rodata.start.at[1].y) == (1, 2)
        assert obj.rodata.start.name == "start"  # as C initialised it


def test_dict_keeps_the_members_that_it_does_not_name(opened: Any) -> None:
    """A struct that has a value is changed where a dict says so, at any depth."""
    opened.rodata.start = {"mode": 3}
    opened.data.cfg = {"at": [{"x": 1}, {}], "high": 9}
    opened.load()
    cfg = opened.data.cfg
    assert (opened.rodata.start.limit, opened.rodata.start.name) == (9, "start")
    assert (cfg.limit, cfg.mode, cfg.name, cfg.high, cfg.low) == (7, 3, "cfg", 9, 0)
    cfg.at[0] = {"y": 5}
    assert (cfg.at[0].x, cfg.at[0].y) == (1, 5)
    opened.data.cfg = types.MappingProxyType({"limit": 21, "at": ({"y": 6}, {"x": 7})})
    assert [(p.x, p.y) for p in cfg.at] == [(1, 6), (7, 0)]
    opened.programs["bump"].test_run()
    assert (opened.bss.last, cfg.name) == (21, "cfg")


def test_dict_that_does_not_fit_changes_nothing(opened: tinybpf.BpfObject) -> None:
    """All of it is converted before the first member is set."""
    with pytest.raises(ValueError, match=r"'cfg\.at\[0\]\.x' out of range"):
        opened.data.cfg = {"limit": 1, "at": [{"x": 1 << 16}, {}]}
    with pytest.raises(ValueError, match="count mismatch: expected 2, got 1"):
        opened.data.cfg = {"limit": 1, "at": [{"x": 1}]}
    assert opened.data.cfg.limit == 7


@pytest.mark.parametrize(
    ("rodata", "error", "match"),
    [
        ({"target_pd": 1}, KeyError, "target_pd"),
        ({"mim_ns": 1}, KeyError, "did you mean 'min_ns'"),
        ({"seen": 1}, KeyError, "'seen' is no constant, it is in .bss: set it by"),
        ({"count": 1}, KeyError, "it is in .data.more: set it by obj.section"),
        ({"hidden_count": 1}, KeyError, "'hidden_count' cannot be set: it is static"),
        ({"target_pid": "x"}, TypeError, "Cannot convert str to .rodata.* field 'target_pid'"),
        ({"target_pid": 1 << 31}, ValueError, "'target_pid' out of range"),
        ({"start": {"limt": 1}}, TypeError, "limt"),
        (3, TypeError, "rodata is a dict"),
    ],
)
def test_wrong_constant_is_refused(bpf: Find, rodata: Any, error: Any, match: str) -> None:
    """A misspelt constant, or a value that does not fit, stops load() by name."""
    with pytest.raises(error, match=match):
        tinybpf.load(bpf("globals"), rodata=rodata)


def test_constant_of_an_object_without_any_is_refused(bpf: Find) -> None:
    """An object without .rodata says how constants are declared."""
    with pytest.raises(KeyError, match=r"counts\.bpf\.o has no \.rodata; declare it `const"):
        tinybpf.load(bpf("counts"), rodata={"x": 1})


def test_section_that_is_not_there_is_said(load: Load) -> None:
    """A section that the object lacks is no attribute, and a KeyError by name."""
    obj = load("counts")
    assert not hasattr(obj, "bss")
    with pytest.raises(AttributeError, match=r"object 'counts' has no section \.bss"):
        print(obj.bss)
    with pytest.raises(KeyError, match=r"section '\.dat' not found in .*there are: \(\)"):
        obj.section(".dat")
    with pytest.raises(TypeError):
        obj.section(3)  # type: ignore[arg-type]
    assert obj.sections == ()


def test_section_without_btf_is_said(bpf: Find) -> None:
    """Constants that the compiler made itself have no types: the map is what is left."""
    with tinybpf.open(bpf("settings")) as obj:
        (name,) = obj.sections
        assert name.startswith(".rodata.cst")
        with pytest.raises(tinybpf.BpfError, match="BTF does not describe it; compile with"):
            obj.section(name)


def test_static_variables_are_not_shown(opened: tinybpf.BpfObject) -> None:
    """BTF does not say where static variables are: they are no attributes."""
    assert "hidden_count" not in opened.data._fields
    with pytest.raises(AttributeError, match=r"\.data has no global variable 'hidden_count'"):
        print(opened.data.hidden_count)


def test_section_is_resized_with_its_last_array(opened: tinybpf.BpfObject) -> None:
    """value_size grows the array that is last in a section, before loading."""
    name = next(m for m in opened.maps if m.endswith(".bss"))
    bss, small = opened.bss, opened.maps[name]
    size = small.value_size
    bss.hits[3] = 9
    with pytest.raises(ValueError, match=r"\.data cannot have 400 bytes: its last variable"):
        opened.maps[name.replace(".bss", ".data")].value_size = 400
    with pytest.raises(ValueError, match=r"\.bss cannot have 101 bytes: .*the array 'hits'"):
        small.value_size = 101
    assert small.value_size == size
    small.value_size = size + 96 * 8
    assert len(opened.bss.hits) == 100
    assert opened.bss.hits[3] == 9
    opened.bss.hits[99] = 7
    small.value_size = size - 8
    assert len(opened.bss.hits) == 3
    with pytest.raises(tinybpf.BpfError, match="no longer there: the section was resized"):
        print(bss.hits[0])
    opened.load()
    opened.programs["bump"].test_run()
    assert list(opened.bss.hits) == [0, 1, 0]


def test_view_outlives_the_name_of_its_object(bpf: Find) -> None:
    """A view keeps its object: what nobody else holds lives as long as the view."""
    bss = tinybpf.load(bpf("globals")).bss
    gc.collect()
    assert bss.seen == 0
    with pytest.warns(ResourceWarning, match="unclosed"):
        del bss
        gc.collect()


def test_access_after_close_is_a_closed_error(bpf: Find) -> None:
    """Views of a closed object raise, whatever they are asked for, and never fault."""
    with tinybpf.load(bpf("globals")) as obj:
        bss, cfg, hits = obj.bss, obj.data.cfg, obj.bss.hits
        at = cfg.at[0]
    for use in (
        lambda: bss.seen,
        lambda: setattr(bss, "seen", 1),
        lambda: cfg.limit,
        cfg.copy,
        cfg._asdict,
        lambda: hits[0],
        lambda: hits.__setitem__(0, 1),
        lambda: list(hits),
        lambda: at.x,
        lambda: obj.bss,
        lambda: obj.sections,
        lambda: obj.section(".bss"),
    ):
        with pytest.raises(tinybpf.BpfClosedError):
            use()
    assert repr(bss) == "<View of .bss, not there now>"
    assert bss._fields == ("seen", "last", "hits")


def test_close_while_a_value_is_converted_is_seen(bpf: Find) -> None:
    """Converting can run Python code that closes the object: nothing is written then."""

    class Closer:
        def __index__(self) -> int:
            obj.close()
            return 1

    obj = tinybpf.load(bpf("globals"))
    bss = obj.bss
    with pytest.raises(tinybpf.BpfClosedError):
        bss.seen = Closer()
    obj = tinybpf.load(bpf("globals"))
    with pytest.raises(tinybpf.BpfClosedError):
        obj.data.cfg.low = Closer()


def test_view_during_a_load_in_another_thread_waits_its_turn(bpf: Find) -> None:
    """Memory that libbpf replaces while it loads is not read: an error, or the value."""
    for _ in range(20):
        obj = tinybpf.open(bpf("globals"))
        bss, loader = obj.bss, threading.Thread(target=obj.load)
        loader.start()
        while loader.is_alive():
            try:
                assert bss.seen == 0
            except tinybpf.BpfError as error:
                assert "being loaded by another thread" in str(error)  # noqa: PT017
        loader.join()
        assert bss.seen == 0
        obj.close()


def test_forked_child_shares_the_programs_memory(bpf: Find) -> None:
    """The memory is the map itself, also in a child of fork()."""
    with tinybpf.load(bpf("globals")) as obj:
        pid = os.fork()
        if pid == 0:
            obj.bss.hits[2] = 77
            os._exit(obj.bss.hits[2])
        assert os.waitpid(pid, 0)[1] >> 8 == 77
        assert obj.bss.hits[2] == 77


def test_section_that_takes_over_a_map_is_not_shown(
    bpf: Find, opened: tinybpf.BpfObject
) -> None:
    """Variables of a section that is another object's map are read in that map."""
    name = next(m for m in opened.maps if m.endswith(".bss"))
    bss = opened.bss
    with tinybpf.load(bpf("globals")) as other:
        opened.maps[name].reuse(other.maps[name])
        opened.load()
        opened.programs["bump"].test_run()
        assert other.bss.seen == 1
        with pytest.raises(tinybpf.BpfNotSupportedError, match="takes over a map that exists"):
            print(bss.seen)


def test_map_of_a_section_and_its_view_are_one_memory(load: Load) -> None:
    """The map that holds a section reads what its view wrote."""
    obj = load("globals")
    obj.bss.seen = 0x0102030405060708
    name = next(m for m in obj.maps if m.endswith(".bss"))
    assert bytes(obj.maps[name][0])[:8] == bytes([8, 7, 6, 5, 4, 3, 2, 1])
    assert obj.bss.copy() == bytes(obj.maps[name][0])
