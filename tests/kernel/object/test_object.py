# SPDX-License-Identifier: MIT
"""The loaded object: its collections, attaching all at once, closing."""

import collections.abc
import gc
import pathlib
import re
from typing import Any, Callable

import pytest

import tinybpf
from support import traffic
from support.objects import Find, Load, fdinfo


def test_collections_are_mappings_in_file_order(load: Load) -> None:
    """programs and maps walk their members in the order of the file, as Mapping does."""
    obj = load("several")
    assert isinstance(obj.programs, collections.abc.Mapping)
    assert isinstance(obj.maps, collections.abc.Mapping)
    assert list(obj.programs) == ["first", "second", "third", "filter"]
    assert set(obj.maps) == {"config", "hits"}
    assert len(obj.programs) == 4
    assert list(obj.programs.keys()) == list(obj.programs)
    assert [p.name for p in obj.programs.values()] == list(obj.programs)
    assert dict(obj.programs.items()) == {name: obj.programs[name] for name in obj.programs}


def test_collection_membership_is_by_name(load: Load) -> None:
    """`in` and get() take names; anything else is just not there."""
    obj = load("counts")
    assert "counts" in obj.maps
    assert "count" not in obj.maps
    assert 3 not in obj.maps  # type: ignore[comparison-overlap]
    assert obj.maps.get("counts") is obj.maps["counts"]
    assert obj.maps.get("count") is None
    assert obj.programs.get("count", "default") == "default"


def test_collection_repr_lists_the_names(load: Load) -> None:
    """The repr of a collection shows what there is."""
    obj = load("counts")
    assert repr(obj.programs) == "ProgramCollection('on_trigger')"
    assert repr(obj.maps).startswith("MapCollection('")
    assert "'tiny'" in repr(obj.maps)


def test_unknown_map_is_a_key_error_that_names_the_nearest(load: Load) -> None:
    """A wrong name says what was asked, the nearest name, and all there are."""
    obj = load("counts")
    for ask in (obj.maps.__getitem__, obj.map):
        with pytest.raises(KeyError) as caught:
            ask("count")
        text = str(caught.value)
        assert re.search(r"map 'count' not found in \S*counts\.bpf\.o", text)
        assert "did you mean 'counts'?" in text
        for name in obj.maps:
            assert name in text


def test_unknown_program_is_a_key_error_that_names_what_there_is(load: Load) -> None:
    """A wrong program name lists the programs, the nearest first."""
    obj = load("several")
    for ask in (obj.programs.__getitem__, obj.program):
        with pytest.raises(KeyError) as caught:
            ask("thirds")
        text = str(caught.value)
        assert re.search(r"program 'thirds' not found in \S*several\.bpf\.o", text)
        assert "did you mean 'third'?" in text
        assert all(name in text for name in obj.programs)


def test_unknown_name_unlike_any_other_suggests_nothing(load: Load) -> None:
    """Where no name is near, none is suggested."""
    obj = load("counts")
    with pytest.raises(KeyError) as caught:
        obj.maps["zzzzzzzz"]
    assert "did you mean" not in str(caught.value)


def test_unknown_name_in_an_object_without_any(load: Load) -> None:
    """An object without maps says so in its own words and does not break."""
    with pytest.raises(KeyError, match=r"'m' not found in \S*nowhere\.bpf\.o"):
        load("nowhere").maps["m"]


def test_name_that_is_no_text_is_refused(load: Load) -> None:
    """A collection's key is a name."""
    obj = load("counts")
    with pytest.raises((TypeError, KeyError)):
        obj.maps[3]  # type: ignore[index]
    with pytest.raises(TypeError):
        obj.map(3)  # type: ignore[arg-type]


def test_same_name_gives_the_same_handle(load: Load) -> None:
    """A program or map is one Python object however it is reached."""
    obj = load("counts")
    assert obj.maps["counts"] is obj.maps["counts"] is obj.map("counts")
    assert obj.programs["on_trigger"] is obj.program("on_trigger")
    assert next(iter(obj.maps.values())) is obj.maps[next(iter(obj.maps))]


def test_object_with_many_programs(load: Load) -> None:
    """An object of 64 programs has and attaches them all."""
    obj = load("many")
    assert list(obj.programs) == [f"p{n:02o}" for n in range(64)]
    with obj.attach() as links:
        assert len(links) == 64
        assert len({link.fd for link in links}) == 64


def test_repr_says_name_state_and_counts(bpf: Find) -> None:
    """The repr of an object tells its name, its counts and whether it is open."""
    with tinybpf.load(bpf("counts")) as obj:
        assert repr(obj) == "<BpfObject 'counts' open, programs=1, maps=4>"
    assert "closed" in repr(obj)


def test_close_may_be_called_again(bpf: Find) -> None:
    """close() is idempotent, also after the with statement closed it."""
    with tinybpf.load(bpf("counts")) as obj:
        pass
    obj.close()
    obj.close()


def test_with_statement_gives_the_object_and_lets_errors_out(bpf: Find) -> None:
    """The context manager is the object, closes it, and swallows no exception."""
    obj = tinybpf.load(bpf("counts"))
    with pytest.raises(ZeroDivisionError):
        with obj as entered:
            assert entered is obj
            raise ZeroDivisionError
    with pytest.raises(tinybpf.BpfClosedError):
        obj.maps["counts"]


def test_closed_object_cannot_be_entered(bpf: Find) -> None:
    """A with statement on a closed object says that it is closed."""
    obj = tinybpf.load(bpf("counts"))
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        obj.__enter__()


USES: dict[str, Callable[[Any], Any]] = {
    "map": lambda obj: obj.map("counts"),
    "program": lambda obj: obj.program("on_trigger"),
    "maps": lambda obj: obj.maps["counts"],
    "programs": lambda obj: obj.programs["on_trigger"],
    "walk": lambda obj: list(obj.maps),
    "attach": lambda obj: obj.attach(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_of_a_closed_object_is_a_closed_error(bpf: Find, use: Callable[[Any], Any]) -> None:
    """Whatever needs the object open says that it, by name, is closed."""
    obj = tinybpf.load(bpf("counts"))
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="'counts' is closed"):
        use(obj)


def test_closed_object_still_tells_its_name_and_path(bpf: Find) -> None:
    """Name and path need no kernel."""
    obj = tinybpf.load(bpf("counts"))
    obj.close()
    assert obj.name == "counts"
    assert obj.path == pathlib.Path(bpf("counts"))


def test_close_releases_all_descriptors_at_once(bpf: Find) -> None:
    """After close() the descriptors are gone though the handles are still referenced."""
    obj = tinybpf.load(bpf("counts"))
    counts, program = obj.maps["counts"], obj.programs["on_trigger"]
    fds = [counts.fd, program.fd]
    assert all(fdinfo(fd) for fd in fds)
    obj.close()
    for fd in fds:
        with pytest.raises(OSError):
            fdinfo(fd)
    with pytest.raises(tinybpf.BpfClosedError):
        counts[1]
    with pytest.raises(tinybpf.BpfClosedError):
        program.attach()


def test_close_destroys_the_links(load: Load) -> None:
    """Closing an object detaches what was attached from it; the links say so."""
    obj = load("sections")
    single = obj.program("on_raw_tp").attach()
    obj.close()
    assert single.fd == -1
    single.close()


def test_close_destroys_the_links_of_a_group(load: Load) -> None:
    """Closing an object detaches what obj.attach() attached."""
    obj = load("several")
    links = obj.attach()
    obj.close()
    assert [link.fd for link in links] == [-1, -1, -1]
    links.close()


def test_attach_attaches_all_that_say_where(load: Load, trigger: traffic.Trigger) -> None:
    """obj.attach() attaches each program that can attach itself, and only those."""
    obj = load("several")
    trigger.arm(obj)
    with obj.attach() as links:
        assert len(links) == 3
        trigger.fire(2)
    assert [obj.maps["hits"][n] for n in range(3)] == [2, 2, 2]


def test_attach_is_undone_at_the_end_of_with(load: Load, trigger: traffic.Trigger) -> None:
    """After the with statement nothing is attached any more."""
    obj = load("several")
    trigger.arm(obj)
    with obj.attach() as links:
        pass
    trigger.fire()
    assert [obj.maps["hits"][n] for n in range(3)] == [0, 0, 0]
    assert [link.fd for link in links] == [-1, -1, -1]


def test_attach_that_fails_leaves_nothing_attached(
    load: Load, trigger: traffic.Trigger
) -> None:
    """If one program cannot be attached, none is, and the error names that one."""
    obj = load("half")
    trigger.arm(obj)
    with pytest.raises(tinybpf.BpfError, match="'bad'"):
        obj.attach()
    trigger.fire()
    assert obj.maps["hits"][0] == 0


def test_attach_with_nothing_to_attach_is_an_error(load: Load) -> None:
    """An object of which no program says where it goes cannot be attached silently."""
    with pytest.raises(tinybpf.BpfError, match="nowhere"):
        load("nowhere").attach()


def test_attach_of_an_object_without_programs_is_an_error(load: Load) -> None:
    """An object without programs has nothing to attach."""
    with pytest.raises(tinybpf.BpfError):
        load("big").attach()


def test_object_can_be_attached_again(load: Load, trigger: traffic.Trigger) -> None:
    """Attaching, detaching and attaching again works."""
    obj = load("several")
    trigger.arm(obj)
    for _ in range(3):
        with obj.attach():
            trigger.fire()
    assert obj.maps["hits"][0] == 3


def test_child_keeps_its_object_open(bpf: Find) -> None:
    """A map keeps the object that it belongs to, also where nobody else does."""
    obj = tinybpf.load(bpf("counts"))
    counts = obj.maps["counts"]
    keep = [obj]
    del obj
    counts[7] = 8
    collected = keep.pop()
    del collected
    gc.collect()
    with pytest.warns(ResourceWarning, match="counts"):
        assert counts[7] == 8
        del counts
        gc.collect()


def test_forgotten_object_warns_and_is_closed(bpf: Find) -> None:
    """An object that is dropped open warns ResourceWarning and gives all back."""
    obj = tinybpf.load(bpf("counts"))
    fd = obj.maps["counts"].fd
    with pytest.warns(ResourceWarning, match="counts"):
        del obj
        gc.collect()
    with pytest.raises(OSError):
        fdinfo(fd)


def test_closed_object_is_dropped_in_silence(
    bpf: Find, recwarn: pytest.WarningsRecorder
) -> None:
    """An object that was closed warns of nothing when it goes."""
    obj = tinybpf.load(bpf("counts"))
    obj.close()
    del obj
    gc.collect()
    assert not recwarn.list


def test_object_in_a_reference_cycle_is_collected(bpf: Find) -> None:
    """The garbage collector sees through an object's collections."""

    class Owner:
        pass

    owner: Any = Owner()
    owner.obj = tinybpf.load(bpf("counts"))
    owner.maps = owner.obj.maps
    owner.me = owner
    fd = owner.obj.maps["counts"].fd
    owner.obj.close()
    del owner
    gc.collect()
    with pytest.raises(OSError):
        fdinfo(fd)


def test_attributes_of_an_object_are_read_only(load: Load) -> None:
    """The properties cannot be assigned."""
    obj = load("counts")
    for name in ("name", "path", "maps", "programs"):
        with pytest.raises(AttributeError):
            setattr(obj, name, None)
    with pytest.raises(AttributeError):
        obj.anything = 1  # type: ignore[attr-defined]


def test_types_outlive_the_object(load: Load) -> None:
    """`obj.btf` says how many types there are, also after the object was closed."""
    with load("counts") as obj:
        btf = obj.btf
        assert btf is obj.btf
    assert btf is not None
    assert btf.name == "counts"
    assert re.fullmatch(r"<Btf 'counts', types=[1-9]\d*>", repr(btf))
    assert obj.btf is btf


def test_types_of_a_closed_object_are_not_read(load: Load) -> None:
    """What was not asked for while the object was open says that it is closed."""
    obj = load("counts")
    obj.close()
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        obj.btf  # noqa: B018


def test_member_as_an_attribute_says_how_it_is_reached(counts: tinybpf.BpfObject) -> None:
    """Maps and programs are items: the nearest name is told, and how to write it."""
    maps: Any = counts.maps
    programs: Any = counts.programs
    with pytest.raises(AttributeError, match=r"'counts' is an item: obj.maps\['counts'\]"):
        maps.counts  # noqa: B018
    with pytest.raises(
        AttributeError, match=r"map 'cuonts' not found .* did you mean 'counts'"
    ):
        maps.cuonts  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean 'on_trigger'"):
        programs.on_triger  # noqa: B018
    assert not hasattr(maps, "__array__")
    assert not hasattr(maps, "counts")
    counts.close()
    assert not hasattr(maps, "counts")
