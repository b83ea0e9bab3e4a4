# SPDX-License-Identifier: MIT
"""Settings of maps and programs: changed between open() and load(), and never later."""

import logging
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import elf, pins
from support.gating import kernel
from support.objects import Find, fdinfo

# What settings.bpf.c holds that does not load as it is.
LOADABLE: dict[str, Any] = {
    "maps": {"odd": {"autocreate": False}, "kept": {"pin_path": None}},
    "autoload": ["count"],
}


@pytest.fixture
def opened(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return settings.bpf.c, opened, with all that cannot be loaded taken out."""
    with tinybpf.open(bpf("settings")) as obj:
        obj.maps["odd"].autocreate = False
        obj.maps["kept"].pin_path = None
        obj.programs["hook"].autoload = False
        yield obj


def test_sizes_that_are_set_are_those_of_the_kernels_map(opened: tinybpf.BpfObject) -> None:
    """max_entries, type, sizes and flags are what the kernel's map is made with."""
    small = opened.maps["small"]
    opened.programs["count"].autoload = False  # it writes 8 bytes
    small.max_entries = 1000
    small.type = tinybpf.BpfMapType.LRU_HASH
    small.value_size = 24
    small.flags = 1 << 1  # BPF_F_NO_COMMON_LRU
    assert (small.max_entries, small.value_size, small.flags) == (1000, 24, 2)
    opened.load()
    info = fdinfo(small.fd)
    assert (info["max_entries"], info["value_size"]) == ("1000", "24")
    assert int(info["map_type"]) == tinybpf.BpfMapType.LRU_HASH
    assert int(info["map_flags"], 0) == 2
    small[1] = bytes(24)
    assert small[1] == bytes(24)


def test_number_settings_are_read_as_they_were_set(opened: tinybpf.BpfObject) -> None:
    """numa_node, map_extra, ifindex, key_size are kept as they are given."""
    table = opened.maps["table"]
    for name, value in (("numa_node", 1), ("map_extra", 1 << 40), ("ifindex", 3)):
        assert getattr(table, name) == 0
        setattr(table, name, value)
        assert getattr(table, name) == value
    table.key_size = 8
    assert table.key_size == 8
    assert not table.autoattach


def test_ring_size_becomes_a_power_of_two_of_pages(opened: tinybpf.BpfObject) -> None:
    """The size of a ring is rounded up to what the kernel takes, and read so."""
    events = opened.maps["events"]
    events.max_entries = 100_000
    assert events.max_entries == 131072
    opened.load()
    assert fdinfo(events.fd)["max_entries"] == "131072"


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("max_entries", -1, ValueError),
        ("max_entries", 1 << 32, ValueError),
        ("max_entries", "many", TypeError),
        ("map_extra", 1 << 64, ValueError),
        ("autocreate", 2, ValueError),
        ("autocreate", "no", TypeError),
        ("autoattach", True, tinybpf.BpfError),
        ("pin_path", 3, TypeError),
        ("inner_map", "outer", TypeError),
        ("inner_map", 1 << 30, tinybpf.BpfError),
    ],
)
def test_refused_setting_leaves_the_map_as_it_was(
    opened: tinybpf.BpfObject, name: str, value: Any, error: Any
) -> None:
    """A value that a setting cannot take is refused, and the old one stays."""
    small = opened.maps["small"]
    before = getattr(small, name)
    with pytest.raises(error):
        setattr(small, name, value)
    assert getattr(small, name) == before
    opened.load()


def test_settings_are_refused_once_the_object_is_loaded(opened: tinybpf.BpfObject) -> None:
    """After load() a setting says when it can be set; it stays readable."""
    small, count = opened.maps["small"], opened.programs["count"]
    opened.load()
    match = r"'small' is loaded: set its 'max_entries' between tinybpf.open\(\) and load\(\)"
    with pytest.raises(tinybpf.BpfError, match=match):
        small.max_entries = 8
    with pytest.raises(tinybpf.BpfError, match="'count' is loaded: set its 'flags'"):
        count.flags = 1
    with pytest.raises(tinybpf.BpfError, match="is loaded"):
        small.reuse(opened.maps["table"])
    with pytest.raises(tinybpf.BpfError, match="is loaded"):
        count.set_attach_target("sys_enter")
    assert (small.max_entries, small.flags, small.autocreate) == (4, 0, True)
    assert (count.flags, count.autoload) == (0, True)
    with pytest.raises(TypeError, match="cannot be deleted"):
        del small.max_entries


def test_settings_of_a_closed_object_are_closed(bpf: Find) -> None:
    """A closed object's settings are BpfClosedError, but for what a map remembers."""
    with tinybpf.open(bpf("settings")) as obj:
        small, count = obj.maps["small"], obj.programs["count"]
    assert small.max_entries == 4
    for read in (lambda: small.flags, lambda: small.pin_path, lambda: count.autoload):
        with pytest.raises(tinybpf.BpfClosedError):
            read()
    with pytest.raises(tinybpf.BpfClosedError):
        small.max_entries = 5


def test_map_that_is_not_created_says_so(opened: tinybpf.BpfObject) -> None:
    """autocreate = False leaves a map out; its use says why it is not there."""
    odd = opened.maps["odd"]
    opened.load()
    assert not odd.autocreate
    with pytest.raises(tinybpf.BpfError, match="'odd' was not created: its autocreate"):
        odd[1] = 1


def test_program_that_is_not_loaded_says_so(opened: tinybpf.BpfObject) -> None:
    """autoload = False leaves a program out, one that could not be loaded among them."""
    opened.load()
    assert opened.programs["count"].test_run().retval == 0
    with pytest.raises(tinybpf.BpfError, match="'hook' was not loaded: its autoload"):
        opened.programs["hook"].test_run()


def test_program_settings_are_read_as_they_were_set(opened: tinybpf.BpfObject) -> None:
    """Every setting of a program comes back as the value, or the enum member, it is."""
    count = opened.programs["count"]
    assert count.type is tinybpf.BpfProgType.RAW_TRACEPOINT
    count.type = tinybpf.BpfProgType.XDP
    assert count.type is tinybpf.BpfProgType.XDP
    count.expected_attach_type = tinybpf.BpfAttachType.XDP
    assert count.expected_attach_type is tinybpf.BpfAttachType.XDP
    assert count.autoattach
    count.autoattach = False
    assert not count.autoattach
    count.flags, count.log_level = 1 << 4, 2
    assert (count.flags, count.log_level) == (16, 2)
    count.set_ifindex(0)
    with pytest.raises(ValueError, match="flags is out of range"):
        count.flags = 1 << 32
    with pytest.raises(TypeError):
        count.autoload = "yes"  # type: ignore[assignment]


def test_attach_target_is_chosen_before_load(opened: tinybpf.BpfObject) -> None:
    """A program whose section names no target gets one, and is loaded for it."""
    hook = opened.programs["hook"]
    with pytest.raises(tinybpf.BpfError, match="attach target 'no_such' of program 'hook'"):
        hook.set_attach_target("no_such")
    with pytest.raises(TypeError):
        hook.set_attach_target("sys_enter", program="count")  # type: ignore[arg-type]
    hook.set_attach_target("sys_enter")
    hook.autoload = True
    opened.load()
    hook.attach().destroy()


def test_map_takes_over_one_of_another_object(bpf: Find, opened: tinybpf.BpfObject) -> None:
    """reuse() shares a map: what one object's program writes, the other one reads."""
    with tinybpf.load(bpf("settings"), **LOADABLE) as first:
        opened.maps["small"].reuse(first.maps["small"])
        with pytest.raises(tinybpf.BpfError, match="'small' takes over a map that exists"):
            opened.maps["small"].max_entries = 8
        opened.maps["table"].reuse(first.maps["table"].fd)
        opened.load()
        opened.programs["count"].test_run()
        assert first.maps["small"][0] == 7
        first.maps["table"][0] = 9
    assert opened.maps["small"][0] == 7
    assert opened.maps["table"][0] == 9
    assert opened.maps["small"].name == "small"


def test_map_that_takes_over_another_name_keeps_its_own(
    bpf: Find, opened: tinybpf.BpfObject
) -> None:
    """A map is found by the name of its C variable, whatever it took over is called."""
    with tinybpf.load(bpf("counts")) as counts:
        opened.maps["small"].reuse(counts.maps["counts"])
        opened.load()
        counts.maps["counts"][5] = 6
        assert opened.maps["small"][5] == 6
        assert opened.maps["small"].max_entries == 1024
        assert "small" in list(opened.maps)


@pytest.mark.parametrize("other", ["text", 3.5, None])
def test_reuse_of_what_is_no_map_is_refused(opened: tinybpf.BpfObject, other: Any) -> None:
    """Only a map or a descriptor can be taken over; a descriptor of a map, at that."""
    with pytest.raises(TypeError):
        opened.maps["small"].reuse(other)
    with open(os.devnull) as null, pytest.raises(tinybpf.BpfError, match="reuse of"):
        opened.maps["small"].reuse(null.fileno())
    with pytest.raises(tinybpf.BpfError, match="not loaded yet"):
        opened.maps["small"].reuse(opened.maps["table"])
    opened.load()
    assert opened.maps["small"].max_entries == 4


def test_inner_map_is_the_pattern_of_a_map_of_maps(
    bpf: Find, opened: tinybpf.BpfObject
) -> None:
    """The pattern is told before loading, and can be that of a map that exists."""
    outer = opened.maps["outer"]
    pattern = outer.inner_map
    assert pattern is not None
    assert (pattern.type, pattern.max_entries) == (tinybpf.BpfMapType.ARRAY, 2)
    assert opened.maps["small"].inner_map is None
    with tinybpf.load(bpf("settings"), **LOADABLE) as other:
        outer.inner_map = other.maps["small"]
        outer.inner_map = other.maps["table"]
    opened.load()
    with tinybpf.load(bpf("settings"), **LOADABLE) as other:
        outer.update(1, other.maps["table"].fd.to_bytes(4, "little"))
        with pytest.raises(tinybpf.BpfError):
            outer.update(2, other.maps["small"].fd.to_bytes(4, "little"))


def give_and_close(program: tinybpf.BpfProgram, path: pathlib.Path) -> None:
    """Set a target that is closed behind it, once as it is and once with no such function."""
    with tinybpf.load(path) as target:
        replaced = target.program("filter")
        program.set_attach_target("verdict", replaced)
        with pytest.raises(tinybpf.BpfError):
            program.set_attach_target("none", replaced.fd)


@kernel("5.8", "freplace")
def test_program_to_attach_to_is_kept_until_loading(bpf: Find, tmp_path: pathlib.Path) -> None:
    """What set_attach_target() was given may be closed before the object is loaded.

    So may what was given before, or refused; nothing of it stays open behind the load.
    """
    path = tmp_path / "other.bpf.o"
    path.write_bytes(elf.enable(bpf("replaced").read_bytes(), "freplace/verdict"))
    with tinybpf.open(path) as obj:
        before = len(os.listdir("/proc/self/fd"))
        substitute = obj.program("substitute")
        for _ in range(2):
            give_and_close(substitute, bpf("replaced"))
        with pytest.raises(tinybpf.BpfError, match=r"set_attach_target\(\) of program"):
            substitute.set_attach_target("verdict", 1 << 20)
        assert len(os.listdir("/proc/self/fd")) == before + 1
        with tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 4, 1):
            made = {p.name for p in obj.load().programs.values()}
        assert made == {"filter", "substitute"}


def test_map_is_pinned_below_the_root_that_is_given(bpf: Find) -> None:
    """pin_root= is where maps pinned by name go; a second object takes them over."""
    with pins.folder() as folder:
        settings = {"odd": {"autocreate": False}}
        options: Any = {"pin_root": folder, "maps": settings, "autoload": ["count"]}
        with tinybpf.load(bpf("settings"), **options) as first:
            assert first.maps["kept"].pin_path == str(folder / "kept")
            first.maps["kept"][0] = 11
        with tinybpf.load(bpf("settings"), **options) as second:
            assert second.maps["kept"][0] == 11


def test_pin_path_says_where_a_map_is_pinned(opened: tinybpf.BpfObject) -> None:
    """A pin path that is set pins the map with loading."""
    with pins.folder() as folder:
        small = opened.maps["small"]
        small.pin_path = folder / "mine"
        assert small.pin_path == str(folder / "mine")
        opened.load()
        with tinybpf.open_pinned_map(folder / "mine") as same:
            same[1] = 5
            assert small[1] == 5
            assert same.flags == 0
            assert same.map_extra == 0
            with pytest.raises(tinybpf.BpfError, match="stands alone: it has no 'pin_path'"):
                same.pin_path  # noqa: B018
            with pytest.raises(tinybpf.BpfError, match="stands alone"):
                same.max_entries = 5


def test_load_sets_and_chooses_in_one_call(bpf: Find) -> None:
    """load() takes settings by map and the programs to load."""
    maps = {**LOADABLE["maps"], "small": {"max_entries": 64}}
    with tinybpf.load(bpf("settings"), maps=maps, autoload=["count"]) as obj:
        assert fdinfo(obj.maps["small"].fd)["max_entries"] == "64"
        assert [p.autoload for p in obj.programs.values()] == [True, False]


def test_open_takes_what_load_takes(bpf: Find) -> None:
    """open() and open_bytes() set and choose, too; all of it can still be changed."""
    maps = {**LOADABLE["maps"], "small": {"max_entries": 64}}
    data = bpf("settings").read_bytes()
    for obj in (
        tinybpf.open(bpf("settings"), maps=maps, autoload=["count"]),
        tinybpf.open_bytes(data, maps=maps, autoload=["count"]),
    ):
        with obj:
            assert obj.maps["small"].max_entries == 64
            assert [p.autoload for p in obj.programs.values()] == [True, False]
            obj.maps["small"].max_entries = 32
            obj.load()
            assert fdinfo(obj.maps["small"].fd)["max_entries"] == "32"


def test_open_takes_constants(bpf: Find) -> None:
    """rodata= of open() are values that the object is then loaded with."""
    with tinybpf.open(bpf("globals"), rodata={"target_pid": 5}) as obj:
        assert obj.rodata.target_pid == 5
    with tinybpf.open_bytes(bpf("globals").read_bytes(), rodata={"target_pid": 6}) as obj:
        assert obj.rodata.target_pid == 6
    with pytest.raises(KeyError, match="target_pid"):
        tinybpf.open(bpf("globals"), rodata={"target_pit": 5})


def test_autoload_of_a_dict_changes_what_it_names(bpf: Find) -> None:
    """A dict turns programs on and off; the others stay as they are."""
    maps = LOADABLE["maps"]
    autoload = {"hook": False}
    with tinybpf.load(bpf("settings"), maps=maps, autoload=autoload) as obj:
        assert obj.programs["count"].fd > 2


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"maps": {"smal": {}}}, KeyError, "did you mean 'small'"),
        ({"maps": {"small": {"max_entrys": 1}}}, ValueError, "did you mean 'max_entries'"),
        ({"maps": {"small": {"zzz": 1}}}, ValueError, "map 'small' has no setting 'zzz'"),
        ({"maps": {"small": {"max_entries": -1}}}, ValueError, "max_entries is out of range"),
        ({"maps": {"small": 3}}, TypeError, "is a dict, not"),
        ({"maps": 3}, TypeError, "is a dict, not"),
        ({"autoload": ["cuont"]}, KeyError, "did you mean 'count'"),
        ({"autoload": {"count": 3}}, ValueError, "autoload is out of range"),
        ({"autoload": "count"}, TypeError, "not one str"),
        ({"autoload": 3}, TypeError, "not iterable"),
    ],
)
def test_load_refuses_what_cannot_be_set(
    bpf: Find, options: Any, error: Any, match: str
) -> None:
    """A misspelt name or a wrong value is refused by name, and nothing stays open."""
    with pytest.raises(error, match=match):
        tinybpf.load(bpf("settings"), **options)


def test_log_level_has_the_verifier_write_for_good_programs(
    bpf: Find,
) -> None:
    """With log_level=1 the verifier's log of a program that it accepts goes to logging."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("tinybpf.libbpf")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        tinybpf.load(bpf("counts"), log_level=1).close()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert any("BEGIN PROG LOAD LOG" in line for line in lines)


def test_what_libbpf_keeps_memory_by_is_fixed(bpf: Find) -> None:
    """Type and entries of a section, type and size of struct_ops stay those of the file."""
    with tinybpf.open(bpf("globals")) as obj:
        section = obj.maps["globals.bss"]
        for name, value in (("max_entries", 1 << 20), ("type", tinybpf.BpfMapType.HASH)):
            with pytest.raises(
                ValueError, match=rf"'{name}' of map 'globals\.bss' is what the"
            ):
                setattr(section, name, value)
            setattr(section, name, getattr(section, name))
    with tinybpf.open(bpf("struct_ops")) as obj:
        operations = obj.maps["tiny_cc"]
        with pytest.raises(ValueError, match="'value_size' of map 'tiny_cc' is what the"):
            operations.value_size = 4096
        with pytest.raises(ValueError, match="'type' of map 'tiny_cc' is what the file says"):
            operations.type = tinybpf.BpfMapType.ARRAY
    with tinybpf.open(bpf("settings")) as obj:
        with pytest.raises(ValueError, match="'type' of map 'small' is what the file says"):
            obj.maps["small"].type = tinybpf.BpfMapType.STRUCT_OPS


def test_section_takes_over_no_map_of_another_size(bpf: Find) -> None:
    """A map that is larger than the section's memory is refused, and the section unharmed."""
    with tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, value_size=8, max_entries=99) as other:
        with tinybpf.open(bpf("globals")) as obj:
            with pytest.raises(
                tinybpf.BpfError, match=r"as map 'globals\.bss' failed: Invalid"
            ):
                obj.maps["globals.bss"].reuse(other)
            obj.load()
