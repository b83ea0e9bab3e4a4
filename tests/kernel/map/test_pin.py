# SPDX-License-Identifier: MIT
"""Pins of maps on the BPF file system, and the stand-alone maps that they open."""

import errno
import gc
import os
import pathlib
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tinybpf
from support import child, pins
from support.objects import Find, Load, fdinfo
from support.paths import FOLDER, NO_PIN, TEXT

KINDS = ["hash", "array", "lru", "percpu_hash", "lpm", "queue", "ring", "perf", "sizes"]


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of this test's own on the BPF file system."""
    with pins.folder() as path:
        yield path


@pytest.fixture
def pinned(counts: tinybpf.BpfObject, folder: pathlib.Path) -> pathlib.Path:
    """Return the pin of a hash with {1: 10}, whose object is closed."""
    counts.maps["counts"][1] = 10
    counts.maps["counts"].pin(folder / "counts")
    counts.close()
    return folder / "counts"


def test_pinned_map_outlives_its_object(pinned: pathlib.Path) -> None:
    """What is pinned can be opened again, entries and types and all."""
    with tinybpf.open_pinned_map(pinned) as again:
        assert dict(again) == {1: 10}
        again[2] = 20
    with tinybpf.open_pinned_map(pinned) as again:
        assert dict(again) == {1: 10, 2: 20}


def test_pinned_map_and_the_objects_are_one(
    counts: tinybpf.BpfObject, folder: pathlib.Path
) -> None:
    """Two handles of one map see each other's entries."""
    numbers = counts.maps["counts"]
    numbers.pin(folder / "counts")
    with tinybpf.open_pinned_map(folder / "counts") as again:
        again[1] = 1
        assert numbers[1] == 1
        assert fdinfo(again.fd)["map_id"] == fdinfo(numbers.fd)["map_id"]
        assert again.fd != numbers.fd
        assert (again.is_standalone, numbers.is_standalone) == (True, False)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_map_is_pinned_and_opened(
    load: Load, folder: pathlib.Path, name: str
) -> None:
    """A stand-alone map says of itself what the object's map says."""
    found = load("kinds").maps[name]
    found.pin(folder / name)
    with tinybpf.open_pinned_map(folder / name) as again:
        assert again.info == found.info
        assert repr(again).startswith(f"<BpfMap {name!r} {found.type.name}")
    found.unpin(folder / name)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("form", [str, os.fsencode, pathlib.Path])
def test_path_in_any_form(
    counts: tinybpf.BpfObject, folder: pathlib.Path, form: Callable[[Any], Any]
) -> None:
    """A path is a str, bytes or path-like."""
    path = form(folder / "counts")
    counts.maps["counts"].pin(path)
    tinybpf.open_pinned_map(path).close()
    counts.maps["counts"].unpin(path)


def test_relative_path(
    counts: tinybpf.BpfObject, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare name is in the current directory."""
    monkeypatch.chdir(folder)
    counts.maps["counts"].pin("counts")
    tinybpf.open_pinned_map("counts").close()
    counts.maps["counts"].unpin("counts")
    monkeypatch.chdir(FOLDER)
    with pytest.raises(tinybpf.BpfError, match="not on a BPF file system"):
        counts.maps["counts"].pin("counts")


def test_pin_makes_one_folder(counts: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """The last folder of a pin is made, as libbpf does; others must be there."""
    numbers = counts.maps["counts"]
    numbers.pin(folder / "mine" / "counts")
    assert (folder / "mine" / "counts").exists()
    with pytest.raises(FileNotFoundError):
        numbers.pin(folder / "no" / "such" / "counts")
    assert os.listdir(folder) == ["mine"]


def test_pin_makes_no_folder_elsewhere(
    counts: tinybpf.BpfObject, tmp_path: pathlib.Path
) -> None:
    """On another file system nothing is made."""
    with pytest.raises(FileNotFoundError):
        counts.maps["counts"].pin(tmp_path / "mine" / "counts")
    assert list(tmp_path.iterdir()) == []


def test_pin_where_something_is(pinned: pathlib.Path, load: Load) -> None:
    """A path that is taken is FileExistsError."""
    with pytest.raises(FileExistsError) as caught:
        load("counts").maps["tiny"].pin(pinned)
    assert str(pinned) in str(caught.value)


def test_stand_alone_map_is_pinned_too(pinned: pathlib.Path) -> None:
    """A second pin keeps the map when the first is gone."""
    second = pinned.with_name("second")
    with tinybpf.open_pinned_map(pinned) as numbers:
        numbers.pin(second)
        numbers.unpin(pinned)
        assert not pinned.exists()
    with tinybpf.open_pinned_map(second) as numbers:
        assert dict(numbers) == {1: 10}


def test_unpin_leaves_the_map_open(counts: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """Without its pin a map lives as long as its object."""
    numbers = counts.maps["counts"]
    numbers.pin(folder / "counts")
    numbers.unpin(folder / "counts")
    numbers[1] = 1
    assert numbers[1] == 1
    with pytest.raises(FileNotFoundError):
        numbers.unpin(folder / "counts")


def test_unpin_of_another_map_is_refused(pinned: pathlib.Path, load: Load) -> None:
    """Only a map's own pins are removed."""
    obj = load("counts")
    pins.pin(obj.program("on_trigger").fd, pinned.with_name("program"))
    for name in ("counts", "program"):
        with pytest.raises(tinybpf.BpfError, match="not a pin of this map"):
            obj.maps["counts"].unpin(pinned.with_name(name))
        assert pinned.with_name(name).exists()


def test_open_of_a_pinned_program_is_refused(load: Load, folder: pathlib.Path) -> None:
    """What is pinned must be a map."""
    pins.pin(load("counts").program("on_trigger").fd, folder / "program")
    with pytest.raises(tinybpf.BpfError, match="not a map") as caught:
        tinybpf.open_pinned_map(folder / "program")
    assert caught.value.errno == errno.EINVAL


def test_open_of_a_pinned_link_is_refused(load: Load, folder: pathlib.Path) -> None:
    """A link is no map either."""
    with load("sections").program("on_raw_tp").attach() as link:
        pins.pin(link.fd, folder / "link")
        with pytest.raises(tinybpf.BpfError, match="not a map"):
            tinybpf.open_pinned_map(folder / "link")
        (folder / "link").unlink()


def test_open_of_nothing(folder: pathlib.Path) -> None:
    """A missing pin is FileNotFoundError with its path, as for open()."""
    with pytest.raises(FileNotFoundError) as caught:
        tinybpf.open_pinned_map(folder / "missing")
    assert str(folder / "missing") in str(caught.value)
    with pytest.raises(NotADirectoryError):
        tinybpf.open_pinned_map(TEXT + "/missing")
    with pytest.raises(IsADirectoryError):
        tinybpf.open_pinned_map(folder)


def test_path_on_another_file_system(counts: tinybpf.BpfObject, tmp_path: pathlib.Path) -> None:
    """Files elsewhere are refused with the place where pins belong."""
    ordinary = tmp_path / "file"
    ordinary.write_text("text")
    numbers = counts.maps["counts"]
    for use in (tinybpf.open_pinned_map, numbers.pin, numbers.unpin):
        with pytest.raises(tinybpf.BpfError, match=r"not on a BPF file system\n.*mount -t bpf"):
            use(ordinary)
    with pytest.raises(tinybpf.BpfError, match=r"counts.*not on a BPF file system"):
        numbers.pin(tmp_path / "new")
    assert ordinary.read_text() == "text"


def test_name_with_a_dot_is_explained(counts: tinybpf.BpfObject, folder: pathlib.Path) -> None:
    """The kernel says EPERM for it, which sends everybody to look for privileges."""
    with pytest.raises(tinybpf.BpfError, match="no dot"):
        counts.maps["counts"].pin(folder / "counts.map")


@pytest.mark.parametrize("wrong", [3, None, "a\0b"])
def test_no_path_is_refused(counts: tinybpf.BpfObject, wrong: Any) -> None:
    """What cannot be a path is refused as by open()."""
    for use in (tinybpf.open_pinned_map, counts.maps["counts"].pin):
        with pytest.raises((TypeError, ValueError)):
            use(wrong)


def test_open_without_privilege_is_a_permission_error(pinned: pathlib.Path) -> None:
    """Another user may not open the pin, and learns that it is about permissions."""
    printed = child.output(
        "import sys, tinybpf\n" + child.BECOME_NOBODY + "try:\n"
        "    tinybpf.open_pinned_map(sys.argv[1])\n"
        "except tinybpf.BpfPermissionError as error:\n"
        "    print(error.errno)\n",
        pinned,
    )
    assert int(printed) in (errno.EPERM, errno.EACCES)


USES: dict[str, Callable[[Any], Any]] = {
    "get": lambda m: m[1],
    "update": lambda m: m.update({1: 1}),
    "clear": lambda m: m.clear(),
    "popitem": lambda m: m.popitem(),
    "len": len,
    "items": lambda m: list(m.items()),
    "fd": lambda m: m.fd,
    "pin": lambda m: m.pin(NO_PIN),
    "unpin": lambda m: m.unpin(NO_PIN),
    "enter": lambda m: m.__enter__(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_after_close_is_a_closed_error(
    pinned: pathlib.Path, use: Callable[[Any], Any]
) -> None:
    """A closed stand-alone map says so; close() may be called again."""
    numbers = tinybpf.open_pinned_map(pinned)
    numbers.close()
    numbers.close()
    assert repr(numbers) == "<BpfMap 'counts' closed>"
    assert numbers.info.name == "counts"
    with pytest.raises(tinybpf.BpfClosedError, match="closed"):
        use(numbers)


def test_close_of_an_objects_map_leaves_it_open(counts: tinybpf.BpfObject) -> None:
    """The map of an object is closed with the object, not by itself."""
    with counts.maps["counts"] as numbers:
        numbers[1] = 1
    numbers.close()
    assert numbers[1] == 1


def test_forgotten_map_warns_and_is_closed(pinned: pathlib.Path) -> None:
    """A stand-alone map that nobody closed is a ResourceWarning with its name."""
    numbers = tinybpf.open_pinned_map(pinned)
    fd = numbers.fd
    with pytest.warns(ResourceWarning, match="unclosed <BpfMap 'counts'"):
        del numbers
        gc.collect()
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(fd)


def test_walk_keeps_a_stand_alone_map(pinned: pathlib.Path) -> None:
    """A view holds its map; closing it ends the walk."""
    numbers = tinybpf.open_pinned_map(pinned)
    items = numbers.items()
    walk = iter(items)
    numbers.close()
    with pytest.raises(tinybpf.BpfClosedError):
        next(walk)


def test_ring_is_read_through_its_pin(load: Load, folder: pathlib.Path) -> None:
    """A ring buffer map may be stand-alone; the buffer lives on when it closes."""
    load("ring").maps["events"].pin(folder / "events")
    with tinybpf.open_pinned_map(folder / "events") as events:
        ring = tinybpf.BpfRingBuffer(events, lambda data: None)
    assert ring.poll(0) == 0
    ring.close()


def test_close_while_other_threads_use_the_map(load: Load, folder: pathlib.Path) -> None:
    """A thread that walks or updates meets its end or BpfClosedError, never another fd."""
    big = load("big").maps["big"]
    big.update({key: key for key in range(20_000)})
    big.pin(folder / "big")
    errors: list[BaseException] = []

    def use(numbers: tinybpf.BpfMap) -> None:
        try:
            while True:
                numbers.update(dict.fromkeys(range(5000), 1))
                len(numbers)
        except tinybpf.BpfClosedError:
            pass
        except BaseException as error:
            errors.append(error)

    for _ in range(5):
        numbers = tinybpf.open_pinned_map(folder / "big")
        threads = [threading.Thread(target=use, args=(numbers,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        len(big)
        numbers.close()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
    assert errors == []


def test_pin_by_another_process_is_opened(bpf: Find, folder: pathlib.Path) -> None:
    """A pin outlives the process that made it."""
    code = """
        import sys, tinybpf
        with tinybpf.load(sys.argv[1]) as obj:
            obj.maps["counts"][7] = 77
            obj.maps["counts"].pin(sys.argv[2])
    """
    child.output(code, bpf("counts"), folder / "counts")
    with tinybpf.open_pinned_map(folder / "counts") as numbers:
        assert dict(numbers) == {7: 77}
