# SPDX-License-Identifier: MIT
"""Loading an object that is good: ways to name the file, what any object may be."""

import os
import pathlib
import shutil
from typing import Any

import pytest

import tinybpf
from support import child, elf, scale
from support.objects import Find

CYCLES = scale.times(10_000)
REFUSALS = scale.times(300, least=100)
DETACHES = 20  # each takes its time


@pytest.mark.parametrize("kind", [str, os.fsencode, pathlib.Path])
def test_load_takes_a_path_of_any_kind(bpf: Find, kind: Any) -> None:
    """str, bytes and os.PathLike name the same file."""
    with tinybpf.load(kind(str(bpf("nowhere")))) as obj:
        assert list(obj.programs) == ["filter"]
        assert obj.path == pathlib.Path(bpf("nowhere"))


def test_load_finds_a_relative_path_as_open_does(
    bpf: Find, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path starts at the working directory; .path keeps what was given."""
    shutil.copy(bpf("nowhere"), tmp_path / "here.bpf.o")
    monkeypatch.chdir(tmp_path)
    with tinybpf.load("here.bpf.o") as obj:
        assert obj.path == pathlib.Path("here.bpf.o")
        assert obj.name == "here"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tool.bpf.o", "tool"),
        ("tool.o", "tool"),
        ("two words.bpf.o", "two words"),
        ("tool", "tool"),
        ("a.b.bpf.o", "a.b"),
        ("longer_than_names_in_the_kernel.bpf.o", "longer_than_names_in_the_kernel"),
    ],
)
def test_load_names_the_object_after_its_file(
    bpf: Find, tmp_path: pathlib.Path, file: str, name: str
) -> None:
    """The object's name is the file's, less the ending."""
    shutil.copy(bpf("nowhere"), tmp_path / file)
    with tinybpf.load(tmp_path / file) as obj:
        assert obj.name == name


def test_load_takes_a_file_name_that_is_no_utf8(bpf: Find, tmp_path: pathlib.Path) -> None:
    """What is not UTF-8 is in the path as os.fsdecode() has it, escaped in the name."""
    path = os.fsencode(tmp_path) + b"/\xff\xfe.bpf.o"
    shutil.copy(os.fsencode(bpf("nowhere")), path)
    with tinybpf.load(path) as obj:
        assert obj.path == pathlib.Path(os.fsdecode(path))
        assert obj.name == "\\xff\\xfe"


@pytest.mark.parametrize("wrong", [3, None, 1.5, object()])
def test_load_of_what_is_no_path_is_a_type_error(wrong: Any) -> None:
    """What open() of a path would refuse is refused alike."""
    with pytest.raises(TypeError):
        tinybpf.load(wrong)


def test_load_of_a_path_with_nul_is_a_value_error() -> None:
    """A NUL in the path is refused, not cut off there."""
    with pytest.raises(ValueError):
        tinybpf.load("a\0b")


def test_load_without_a_path_is_a_type_error() -> None:
    """The path is the one argument that load() needs."""
    with pytest.raises(TypeError):
        tinybpf.load()  # type: ignore[call-arg]


def test_load_takes_path_as_a_keyword(bpf: Find) -> None:
    """The parameter is named as in the stub."""
    with tinybpf.load(path=bpf("nowhere")) as obj:
        assert obj.name == "nowhere"


def test_load_of_an_object_with_maps_only(bpf: Find) -> None:
    """An object needs no program."""
    with tinybpf.load(bpf("big")) as obj:
        assert len(obj.programs) == 0
        assert set(obj.maps) == {"big", "wide"}


def test_load_of_an_object_without_btf(tmp_path: pathlib.Path) -> None:
    """An object needs no BTF."""
    path = tmp_path / "minimal.bpf.o"
    path.write_bytes(elf.minimal())
    with tinybpf.load(path) as obj:
        assert list(obj.programs) == ["entry"]
        assert len(obj.maps) == 0


def test_load_of_compressed_debug_sections(bpf: Find, tmp_path: pathlib.Path) -> None:
    """An object whose debug sections are compressed loads like any other."""
    path = tmp_path / "compressed.bpf.o"
    path.write_bytes(elf.compress_debug(bpf("ring").read_bytes()))
    with tinybpf.load(path) as obj:
        assert "events" in obj.maps


def test_load_reads_a_pipe(bpf: Find) -> None:
    """What is no regular file is read to its end, as open() would."""
    receive, send = os.pipe()
    try:
        os.write(send, bpf("nowhere").read_bytes())
        os.close(send)
        with tinybpf.load(f"/proc/self/fd/{receive}") as obj:
            assert list(obj.programs) == ["filter"]
    finally:
        os.close(receive)


def test_load_does_not_need_the_file_afterwards(bpf: Find, tmp_path: pathlib.Path) -> None:
    """The file may go away while the object is in use."""
    path = tmp_path / "gone.bpf.o"
    shutil.copy(bpf("counts"), path)
    with tinybpf.load(path) as obj:
        path.unlink()
        obj.maps["counts"][1] = 2
        obj.program("on_trigger").attach().destroy()
        assert obj.maps["counts"][1] == 2


def test_load_of_one_file_twice_gives_two_objects(bpf: Find) -> None:
    """Two objects of one file share nothing."""
    with tinybpf.load(bpf("counts")) as one, tinybpf.load(bpf("counts")) as two:
        one.maps["counts"][1] = 1
        assert 1 not in two.maps["counts"]


def test_load_closes_nothing_of_the_standard_streams(bpf: Find) -> None:
    """Loading works where descriptors 0, 1 and 2 are closed, and takes none of them."""
    done = child.run(
        """
        import os, sys
        import tinybpf
        os.close(0), os.close(1)
        with tinybpf.load(sys.argv[1]) as obj:
            fds = [obj.maps[m].fd for m in obj.maps]
            fds += [obj.programs[p].fd for p in obj.programs]
        sys.exit(40 + (min(fds) > 2))
        """,
        bpf("counts"),
    )
    assert done.returncode == 41, done.stderr


REFUSED = """
try:
    with tinybpf.load(path) as obj, obj.attach():
        pass
except tinybpf.BpfError:
    pass
else:
    raise AssertionError("it is not refused")
"""
# What is done with which object, and how often.
AGAIN = {
    "nowhere": ('with tinybpf.load(path) as obj: assert obj.program("filter").fd > 2', CYCLES),
    "counts": (
        """
with tinybpf.load(path) as obj:
    obj.maps["counts"][1] = 1
    assert list(obj.maps["counts"]) == [1]
""",
        CYCLES,
    ),
    "ring": (
        """
with tinybpf.load(path) as obj, obj.attach():
    with tinybpf.BpfRingBuffer(obj.maps["events"], print) as ring:
        ring.poll(0)
""",
        DETACHES,
    ),
    "rejected": (REFUSED, CYCLES),
    "relocation": (REFUSED, REFUSALS),
    "refused_map": (REFUSED, REFUSALS),
    "half": (REFUSED, DETACHES),
}


@pytest.mark.parametrize("name", AGAIN)
def test_use_again_and_again_grows_nothing(bpf: Find, name: str) -> None:
    """Descriptors stay the same and memory is flat over very many loads, good or refused.

    The pytest of this process keeps memory of its own, so it is done in another one. There
    memory may grow once, where the kernel makes small pages a huge one, but not each time.
    """
    code = """
    import os, sys, tinybpf
    path, use, times = sys.argv[1], compile(sys.argv[2], "use", "exec"), int(sys.argv[3])
    def cycles(times):
        for _ in range(times):
            exec(use)
    def state():
        with open("/proc/self/statm") as file:
            return len(os.listdir("/proc/self/fd")), int(file.read().split()[1])
    cycles(times // 10 + 50 * (times > 50))
    states = [state()]
    for _ in range(4):
        cycles(times // 4)
        states.append(state())
    fds, pages = zip(*states)
    print(len(set(fds)), min(after - before for before, after in zip(pages, pages[1:])))
    """
    printed = child.output(code, bpf(name), *AGAIN[name], timeout_s=600)
    numbers_of_fds, pages = map(int, printed.split())
    assert numbers_of_fds == 1
    assert pages * 4096 <= 64 << 10
