# SPDX-License-Identifier: MIT
"""Programs that are in the kernel already: opened by id, descriptor and pin."""

import gc
import os
import pathlib
import stat
from collections.abc import Iterator

import pytest

import tinybpf
from support import pins, privilege
from support.objects import Find, Load, fdinfo

XDP_TX = 3
PACKET = bytes(range(64))


@pytest.fixture
def program(load: Load) -> tinybpf.BpfProgram:
    """Return a program whose run can be checked."""
    return load("run").programs["on_packet"]


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the bpffs."""
    with pins.folder() as path:
        yield path


def test_id_is_that_of_the_kernel(program: tinybpf.BpfProgram) -> None:
    """The id is what the kernel's own text about the descriptor says."""
    assert program.id == int(fdinfo(program.fd)["prog_id"])
    assert program.id == program.info.id


def test_program_opened_by_id_is_the_same_program(program: tinybpf.BpfProgram) -> None:
    """It has a descriptor of its own, and runs."""
    with tinybpf.BpfProgram.from_id(program.id) as again:
        assert again.id == program.id
        assert again.fd != program.fd
        assert again.is_standalone
        assert not program.is_standalone
        assert (again.name, again.section) == ("on_packet", "")
        assert again.type is tinybpf.BpfProgType.XDP
        assert again.test_run(PACKET).retval == XDP_TX
        assert repr(again) == f"<BpfProgram 'on_packet' xdp, fd={again.fd}>"
    assert repr(again) == "<BpfProgram 'on_packet' closed>"


def test_program_opened_by_descriptor_takes_a_duplicate(program: tinybpf.BpfProgram) -> None:
    """The caller's descriptor stays open and his own."""
    with tinybpf.BpfProgram.from_fd(program.fd) as again:
        assert again.id == program.id
    assert fdinfo(program.fd)


def test_program_outlives_its_object(bpf: Find) -> None:
    """A program opened by id is kept in the kernel when its object goes."""
    with tinybpf.load(bpf("run")) as obj:
        again = tinybpf.BpfProgram.from_id(obj.programs["on_packet"].id)
    with again:
        assert again.test_run(PACKET).retval == XDP_TX


def test_name_is_whole_where_the_kernel_cuts_it(load: Load) -> None:
    """The kernel keeps 15 bytes of a name; its function's BTF has all of it."""
    program = load("counts").programs["on_trigger"]
    with tinybpf.BpfProgram.from_id(program.id) as again:
        assert again.name == "on_trigger"
    program = load("hooks").programs["on_raw_tracepoint"]
    assert len(program.name) > 15
    with tinybpf.BpfProgram.from_id(program.id) as again:
        assert again.name == program.name


def test_there_is_no_program_of_that_id() -> None:
    """The error is a FileNotFoundError, too, and says what is not there."""
    with pytest.raises(tinybpf.BpfError, match="there is no program 4294967295") as caught:
        tinybpf.BpfProgram.from_id(2**32 - 1)
    assert isinstance(caught.value, FileNotFoundError)


@pytest.mark.parametrize("number", [-1, 2**32, 2**70])
def test_number_that_is_no_id(number: int) -> None:
    """An id has 32 bits."""
    with pytest.raises(ValueError, match="id"):
        tinybpf.BpfProgram.from_id(number)


@pytest.mark.parametrize("kind", ["program", "map"])
def test_id_without_privilege_names_the_capability(kind: str) -> None:
    """EPERM says that it takes CAP_SYS_ADMIN."""
    cls = {"program": "BpfProgram", "map": "BpfMap"}[kind]
    told = privilege.attempt(["bpf"], f"attempt(lambda: tinybpf.{cls}.from_id(1))")
    assert f"opening a {kind} by its id needs CAP_SYS_ADMIN" in told


def test_descriptor_of_something_else(counts: tinybpf.BpfObject) -> None:
    """Of maps, links, BTF and files it says that they are no programs."""
    with open(os.devnull) as file, counts.programs["on_trigger"].attach() as link:
        for fd in (counts.maps["counts"].fd, link.fd, file.fileno()):
            with pytest.raises(tinybpf.BpfError, match="it is not a program"):
                tinybpf.BpfProgram.from_fd(fd)


def test_descriptor_that_is_not_open() -> None:
    """It is an OSError, too."""
    with pytest.raises(OSError, match="descriptor 1000000"):
        tinybpf.BpfProgram.from_fd(1000000)


def test_pinned_program_is_opened_and_unpinned(
    program: tinybpf.BpfProgram, folder: pathlib.Path
) -> None:
    """A pin is a file that opens the program; unpin() removes it."""
    path = folder / "new" / "packet"
    program.pin(path)
    assert stat.S_ISREG(path.stat().st_mode)
    with tinybpf.open_pinned_program(path) as again:
        assert again.id == program.id
        again.unpin(path)
        assert not path.exists()
        assert again.test_run(PACKET).retval == XDP_TX


def test_pin_keeps_the_program(bpf: Find, folder: pathlib.Path) -> None:
    """The program stays in the kernel without any descriptor."""
    with tinybpf.load(bpf("run")) as obj:
        obj.programs["on_packet"].pin(folder / "packet")
    gc.collect()
    with tinybpf.open_pinned_program(folder / "packet") as program:
        assert program.test_run(PACKET).retval == XDP_TX


def test_pin_of_another_thing_is_left(load: Load, folder: pathlib.Path) -> None:
    """unpin() removes pins of the program alone; a map's is no program."""
    obj = load("counts")
    other = load("run").programs["on_packet"]
    obj.maps["counts"].pin(folder / "map")
    obj.programs["on_trigger"].pin(folder / "program")
    for name in ("map", "program"):
        with pytest.raises(tinybpf.BpfError, match="that is not a pin of this program"):
            other.unpin(folder / name)
        assert (folder / name).exists()
    with pytest.raises(tinybpf.BpfError, match="what is pinned there is not a program"):
        tinybpf.open_pinned_program(folder / "map")
    with pytest.raises(tinybpf.BpfError, match="not a map"):
        tinybpf.open_pinned_map(folder / "program")


def test_pin_that_cannot_be(program: tinybpf.BpfProgram, folder: pathlib.Path) -> None:
    """What is wrong with the path is said, in the class that open() would raise."""
    program.pin(folder / "packet")
    with pytest.raises(FileExistsError):
        program.pin(folder / "packet")
    with pytest.raises(FileNotFoundError):
        program.unpin(folder / "absent")
    with pytest.raises(FileNotFoundError):
        tinybpf.open_pinned_program(folder / "absent")
    with pytest.raises(IsADirectoryError):
        tinybpf.open_pinned_program(folder)
    with pytest.raises(tinybpf.BpfError, match="not on a BPF file system"):
        program.pin("/tmp/packet")


def test_program_alone_has_no_hook_and_no_settings(program: tinybpf.BpfProgram) -> None:
    """libbpf attaches and sets what it has loaded; the error says so."""
    with tinybpf.BpfProgram.from_id(program.id) as again:
        for use in (
            again.attach,
            lambda: again.attach_xdp("lo"),
            lambda: again.expected_attach_type,
            lambda: again.set_ifindex(1),
            lambda: setattr(again, "flags", 0),
        ):
            with pytest.raises(tinybpf.BpfError, match="was in the kernel already"):
                use()


def test_closed_program(program: tinybpf.BpfProgram, folder: pathlib.Path) -> None:
    """close() may be repeated; each use says that the program is closed."""
    again = tinybpf.BpfProgram.from_id(program.id)
    again.close()
    again.close()
    for use in (
        lambda: again.fd,
        lambda: again.id,
        lambda: again.info,
        lambda: again.section,
        lambda: again.test_run(PACKET),
        lambda: again.pin(folder / "x"),
        again.lines,
        again.attach,
        again.__enter__,
    ):
        with pytest.raises(tinybpf.BpfClosedError, match="'on_packet' is closed"):
            use()
    program.close()
    assert program.test_run(PACKET).retval == XDP_TX


def test_dropped_program_warns(program: tinybpf.BpfProgram) -> None:
    """One that nobody closed is closed, and a ResourceWarning says so."""
    with pytest.warns(ResourceWarning, match="unclosed <BpfProgram 'on_packet' xdp"):
        tinybpf.BpfProgram.from_id(program.id)
        gc.collect()


def test_program_alone_goes_into_a_map(load: Load) -> None:
    """A program array takes it as it takes one of an object."""
    program = load("run").programs["on_packet"]
    with tinybpf.BpfProgram.from_id(program.id) as again:
        with tinybpf.BpfMap.create(tinybpf.BpfMapType.PROG_ARRAY, 4, 4, 1) as array:
            array[0] = again
            assert array[0] == program.id
