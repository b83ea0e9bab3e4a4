# SPDX-License-Identifier: MIT
"""Opening without loading: what can be asked, what must wait, and the steps to the kernel."""

import contextlib
import os
import pathlib
import threading
from typing import Any, Callable

import pytest

import tinybpf
from support import elf
from support.objects import Find
from support.paths import NO_PIN


def test_open_loads_nothing(bpf: Find) -> None:
    """An opened object has its programs and maps, and nothing in the kernel."""
    with tinybpf.open(bpf("counts")) as obj:
        assert obj.state == "opened"
        assert "counts" in obj.maps
        assert "on_trigger" in obj.programs
        assert obj.path == pathlib.Path(bpf("counts"))
        assert repr(obj).startswith("<BpfObject 'counts' open, not loaded, programs=")
        assert "not loaded" in repr(obj.maps["counts"])
        assert "not loaded" in repr(obj.programs["on_trigger"])
    assert obj.state == "closed"


def test_opened_object_is_loaded_by_load(bpf: Find) -> None:
    """load() takes an opened object to where tinybpf.load() does, maps held included."""
    with tinybpf.open(bpf("counts")) as obj:
        counts = obj.maps["counts"]
        assert obj.load() is obj
        assert obj.state == "loaded"
        assert "open, programs=" in repr(obj)
        counts[1] = 2
        assert obj.maps["counts"] is counts
        assert counts[1] == 2
        obj.attach().destroy()


def test_prepared_object_has_maps_and_no_programs(bpf: Find) -> None:
    """prepare() creates the maps; the programs come with load()."""
    with tinybpf.open(bpf("counts")).prepare() as obj:
        assert obj.state == "prepared"
        assert "prepared, not loaded" in repr(obj)
        obj.maps["counts"][1] = 2
        with pytest.raises(tinybpf.BpfError, match=r"not loaded yet: call its load\(\)"):
            print(obj.programs["on_trigger"].fd)
        obj.load()
        assert obj.maps["counts"][1] == 2
        assert obj.programs["on_trigger"].fd > 2


NEEDS_LOAD: dict[str, Callable[[tinybpf.BpfObject], Any]] = {
    "attach of the object": lambda obj: obj.attach(),
    "attach of a program": lambda obj: obj.programs["on_trigger"].attach(),
    "attach by hand": lambda obj: obj.programs["on_trigger"].attach_tracepoint("a", "b"),
    "test run": lambda obj: obj.programs["on_trigger"].test_run(),
    "descriptor of a program": lambda obj: obj.programs["on_trigger"].fd,
    "descriptor of a map": lambda obj: obj.maps["counts"].fd,
    "lookup": lambda obj: obj.maps["counts"][1],
    "update": lambda obj: obj.maps["counts"].update(1, 1),
    "delete": lambda obj: obj.maps["counts"].delete(1),
    "iteration": lambda obj: list(obj.maps["counts"].items()),
    "length": lambda obj: len(obj.maps["counts"]),
    "pin": lambda obj: obj.maps["counts"].pin(NO_PIN),
}


@pytest.mark.parametrize("what", NEEDS_LOAD)
def test_what_needs_the_kernel_says_that_the_object_is_not_loaded(bpf: Find, what: str) -> None:
    """Whatever needs the kernel is a BpfError that says which call is missing."""
    with tinybpf.open(bpf("counts")) as obj:
        with pytest.raises(tinybpf.BpfError, match=r"not loaded yet: call its load\(\) first"):
            NEEDS_LOAD[what](obj)
        obj.load()


def test_ring_of_an_object_that_is_not_loaded_is_refused(bpf: Find) -> None:
    """A ring buffer reader, too, says that its map is not in the kernel yet."""
    with tinybpf.open(bpf("ring")) as obj:
        with pytest.raises(tinybpf.BpfError, match="not loaded yet"):
            tinybpf.BpfRingBuffer(obj.maps["events"], lambda data: None)


@pytest.mark.parametrize("step", ["prepare", "load"])
def test_step_that_was_taken_is_refused(bpf: Find, step: str) -> None:
    """An object is prepared once and loaded once; trying again does it no harm."""
    with tinybpf.open(bpf("counts")) as obj:
        getattr(obj, step)()
        with pytest.raises(tinybpf.BpfError, match=f"{step}(e?)d already"):
            getattr(obj, step)()
        obj.maps["counts"][1] = 1
    with pytest.raises(tinybpf.BpfClosedError):
        getattr(obj, step)()


def test_refused_load_closes_the_object(bpf: Find) -> None:
    """A load that the kernel refuses is explained, and leaves the object closed."""
    obj = tinybpf.open(bpf("rejected"))
    with pytest.raises(tinybpf.BpfVerifierError, match="program 'reads_null'") as caught:
        obj.load()
    assert "load of object 'rejected' failed" in str(caught.value)
    assert obj.state == "closed"
    with pytest.raises(tinybpf.BpfClosedError):
        obj.maps["seen"]


def test_refused_prepare_closes_the_object(bpf: Find) -> None:
    """The same for prepare(), with a map that cannot be created."""
    obj = tinybpf.open(bpf("refused_map"))
    with pytest.raises(tinybpf.BpfError, match="prepare of object 'refused_map' failed"):
        obj.prepare()
    assert obj.state == "closed"


@pytest.mark.parametrize("kind", [bytes, bytearray, lambda data: memoryview(b"x" + data)[1:]])
def test_open_bytes_takes_an_object_in_memory(bpf: Find, kind: Any) -> None:
    """The bytes of a file, in any bytes-like object, open as the file does."""
    with tinybpf.open_bytes(kind(bpf("counts").read_bytes())) as obj:
        assert (obj.name, str(obj.path)) == ("bytes", "<bytes>")
        obj.load().maps["counts"][1] = 1
        with pytest.raises(KeyError, match="map 'nothing' not found in <bytes>"):
            obj.maps["nothing"]


def test_open_bytes_explains_what_is_no_object() -> None:
    """Wrong bytes are refused as a wrong file is; what is not bytes is a TypeError."""
    with pytest.raises(tinybpf.BpfError, match="open '<bytes>' failed: it is not an ELF file"):
        tinybpf.open_bytes(b"no object")
    with pytest.raises(TypeError, match="bytes-like"):
        tinybpf.open_bytes("text")  # type: ignore[arg-type]


def test_open_refuses_what_load_refuses(tmp_path: pathlib.Path) -> None:
    """open() says what is wrong with a file by itself, before any load()."""
    with pytest.raises(FileNotFoundError):
        tinybpf.open(tmp_path / "nothing")
    (tmp_path / "odd.bpf.o").write_bytes(elf.minimal(machine=elf.EM_X86_64))
    with pytest.raises(tinybpf.BpfError, match=r"open '.*odd.bpf.o' failed: .*another machine"):
        tinybpf.open(tmp_path / "odd.bpf.o")


@pytest.mark.parametrize("function", [tinybpf.open, tinybpf.load])
def test_object_gets_the_name_that_is_given(bpf: Find, function: Any) -> None:
    """name= replaces the name that comes from the file."""
    with function(bpf("counts"), name="other name") as obj:
        assert obj.name == "other name"


@pytest.mark.parametrize("kind", ["path", "bytes"])
def test_relocations_are_resolved_with_the_btf_that_is_given(
    bpf: Find, tmp_path: pathlib.Path, kind: str
) -> None:
    """btf= takes the place of the kernel's types: other types give the errors of theirs."""
    vmlinux = pathlib.Path("/sys/kernel/btf/vmlinux")
    with tinybpf.load(bpf("core"), btf=vmlinux if kind == "path" else vmlinux.read_bytes()):
        pass
    obj = tinybpf.open(bpf("core"), btf=_btf_of_nothing(tmp_path, kind))
    with pytest.raises(tinybpf.BpfError, match="load of object 'core' failed"):
        obj.load()


def _btf_of_nothing(folder: pathlib.Path, kind: str) -> Any:
    """Return a BTF without a type, as a path or as bytes."""
    header = b"\x9f\xeb\x01\x00" + (24).to_bytes(4, "little") + bytes(12)
    data = header + (1).to_bytes(4, "little") + b"\0"
    if kind == "bytes":
        return data
    (folder / "empty.btf").write_bytes(data)
    return folder / "empty.btf"


def test_missing_btf_file_is_said_at_once(bpf: Find, tmp_path: pathlib.Path) -> None:
    """A file of types that cannot be read is the OSError of that file, when opening."""
    with pytest.raises(FileNotFoundError) as caught:
        tinybpf.open(bpf("core"), btf=tmp_path / "no.btf")
    assert caught.value.filename == str(tmp_path / "no.btf")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name": 3}, TypeError),
        ({"name": "a\0b"}, ValueError),
        ({"kconfig": b"CONFIG_X=y"}, TypeError),
        ({"btf": 3}, TypeError),
        ({"pin_root": 3}, TypeError),
        ({"token": 3}, TypeError),
        ({"log_level": -1}, ValueError),
        ({"log_level": "1"}, TypeError),
        ({"unknown": 1}, TypeError),
    ],
)
def test_wrong_option_is_refused(bpf: Find, options: Any, error: Any) -> None:
    """An option of a wrong kind is refused before anything is opened."""
    for function in (tinybpf.open, tinybpf.load):
        with pytest.raises(error):
            function(bpf("counts"), **options)
    with pytest.raises(error):
        tinybpf.open_bytes(bpf("counts").read_bytes(), **options)


def test_token_of_a_folder_that_is_no_bpffs_is_refused(bpf: Find, tmp_path: Any) -> None:
    """token= names where tokens come from; a folder of another kind is an error."""
    with pytest.raises(tinybpf.BpfError, match="load"):
        tinybpf.load(bpf("counts"), token=tmp_path)
    with tinybpf.load(bpf("counts"), token=""):
        pass


def test_two_threads_load_two_objects_at_once(bpf: Find) -> None:
    """Loading releases the GIL and shares nothing between objects."""
    objects = [tinybpf.open(bpf("counts")) for _ in range(8)]
    threads = [threading.Thread(target=obj.load) for obj in objects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {obj.state for obj in objects} == {"loaded"}
    for obj in objects:
        obj.close()


def test_one_object_is_loaded_by_one_of_many_threads(bpf: Find) -> None:
    """Of threads that load one object, one does; the others are told so."""
    obj = tinybpf.open(bpf("many"))
    start, errors = threading.Barrier(4), []

    def load() -> None:
        start.wait()
        try:
            obj.load()
        except tinybpf.BpfError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert obj.state == "loaded"
    assert len(errors) == 3
    assert all("loaded already" in e or "being loaded by another" in e for e in errors)
    obj.close()


def test_close_in_the_middle_of_a_load_wins(bpf: Find) -> None:
    """An object that another thread closes while it loads is closed afterwards."""
    for _ in range(20):
        obj = tinybpf.open(bpf("many"))
        closer = threading.Thread(target=obj.close)
        closer.start()
        with contextlib.suppress(tinybpf.BpfClosedError):
            obj.load()
        closer.join()
        assert obj.state == "closed"


def test_forked_child_loads_what_its_parent_opened(bpf: Find) -> None:
    """An opened object is memory: a child of fork() has its own, and can load it."""
    obj = tinybpf.open(bpf("counts"))
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            obj.load().maps["counts"][1] = 1
            code = 7
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] >> 8 == 7
    obj.load()
    assert 1 not in obj.maps["counts"]
    obj.close()


def test_object_that_was_opened_and_dropped_warns(bpf: Find) -> None:
    """An object that nobody closes warns, loaded or not."""
    with pytest.warns(ResourceWarning, match="unclosed .*not loaded"):
        tinybpf.open(bpf("counts"))
