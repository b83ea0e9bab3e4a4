# SPDX-License-Identifier: MIT
"""Names for addresses of processes and files."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Optional

import pytest

import tinybpf
from support import child, libraries
from support.libraries import ONE, Function, code_of, mapped, running
from support.objects import Load, wait_for
from support.traffic import Trigger
from tinybpf import Symbol, Symbols

SLEEP = shutil.which("sleep") or "/bin/sleep"


def test_functions_of_libraries_have_names() -> None:
    """Code of a process is of the files that it has mapped, and libraries have names."""
    with running(SLEEP, "1000") as process:
        mappings = [m for m in code_of(process.pid) if m.path.startswith("/")]
        symbols = Symbols().user(process.pid, [m.start + 0x200 for m in mappings])
        assert [s.module for s in symbols] == [m.path for m in mappings]
        assert all(s.address == m.start + 0x200 for s, m in zip(symbols, mappings))
        if any(".so" in m.path for m in mappings):  # a static program may be stripped
            assert any(s.name for s in symbols), symbols


def test_written_file_is_named_by_offset(tmp_path: pathlib.Path) -> None:
    """Offsets of a file are those of its functions; what lies between has the file's."""
    path = tmp_path / "lib.so"
    path.write_bytes(libraries.library((ONE[0], Function(b"far", 0x11100, 16))))
    inside, behind, far, end, nowhere = Symbols().file(
        path, [0x1004, 0x1040, 0x110F, 0x1110, 0x9999999]
    )
    assert inside == Symbol("first", 4, str(path), 0x1004)
    assert far == Symbol("far", 15, str(path), 0x110F)
    for symbol, offset in ((behind, 0x1040), (end, 0x1110), (nowhere, 0x9999999)):
        assert symbol == Symbol(None, offset, str(path), offset)


@pytest.fixture
def library(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a library of two functions."""
    path = tmp_path / "lib.so"
    path.write_bytes(libraries.library())
    return path


def test_process_is_named_by_its_file(library: pathlib.Path) -> None:
    """The code that a process has mapped is named by the file's symbols."""
    with mapped(library) as (pid, start):
        assert Symbols().user(pid, [start + 4, start + 0x44]) == [
            Symbol("first", 4, str(library), start + 4),
            Symbol("second", 4, str(library), start + 0x44),
        ]


def test_ended_process_is_answered_from_what_was_seen(library: pathlib.Path) -> None:
    """What was observed is named after the end, although its file is gone."""
    seen, unseen = Symbols(), Symbols()
    with mapped(library) as (pid, start):
        assert seen.observe(pid) is True
    library.unlink()
    wait_for("its end", lambda: not os.path.exists(f"/proc/{pid}"))
    assert seen.observe(pid) is False
    assert seen.user(pid, [start + 1]) == [Symbol("first", 1, str(library), start + 1)]
    assert unseen.observe(pid) is False
    assert unseen.user(pid, [start + 1]) == [Symbol(None, address=start + 1)]


def test_mapping_that_comes_later_is_seen(library: pathlib.Path) -> None:
    """An address that was in no mapping is looked for again."""
    symbols, held = Symbols(), []
    symbols.observe(os.getpid())
    with open(library, "rb") as file:
        import mmap

        held.append(
            mmap.mmap(
                *(file.fileno(), 0x1000, mmap.MAP_PRIVATE),
                prot=mmap.PROT_READ | mmap.PROT_EXEC,
                offset=0x1000,
            )
        )
    (start,) = (m.start for m in code_of(os.getpid()) if m.path == str(library))
    assert symbols.user(os.getpid(), [start])[0].name == "first"
    held.pop().close()


def test_deleted_file_is_still_read(library: pathlib.Path) -> None:
    """A file that was deleted, or replaced, is read as the process has it."""
    with mapped(library) as (pid, start):
        library.unlink()
        library.write_bytes(libraries.library((Function(b"another", 0x11000, 0x80),)))
        (symbol,) = Symbols().user(pid, [start + 1])
        assert symbol.name == "first"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad"),
        (
            b"_ZN44$LT$T$u20$as$u20$alloc..string..ToString$GT$9to_string17h0123456789abcdefE",
            "<T as alloc::string::ToString>::to_string",
        ),
        (b"_RNvCs1234_7mycrate3foo", "mycrate::foo"),
        (b"_RINvCsjMaewn57Afh_1t1cKcx78_Kb1_Kan5_EB2_", None),
        (b"_RINvCsjMaewn57Afh_1t1cKc78_Kb1_Kan5_EB2_", "t::c::<'x', true, -5>"),
        (b"_RNCNvCs1234_7mycrate4mains_0", "mycrate::main::{closure#1}"),
        (b"_ZN3foo3barEv", None),
        (b"_RBBBBBB_", None),
        (b"_R" + b"N" * 3000, None),
        (b"main.(*T).method", None),
        (b"na<me\xff", "na<me\\xff"),
    ],
)
def test_names_of_rust(tmp_path: pathlib.Path, name: bytes, shown: Optional[str]) -> None:
    """Both schemes of rustc are shown as the source has them, all others as they are."""
    path = tmp_path / "lib.so"
    path.write_bytes(libraries.library((Function(name, 0x11000, 0x40),)))
    assert Symbols().file(path, [0x1000])[0].name == (shown or name.decode())


@pytest.fixture
def perf_map() -> Iterator[Any]:
    """Return what writes a perf map file of this process; it is removed."""
    path = pathlib.Path(f"/tmp/perf-{os.getpid()}.map")
    yield path
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


@contextlib.contextmanager
def anonymous() -> Iterator[int]:
    """Map code of no file; yield its address."""
    import mmap

    before = code_of(os.getpid())
    memory = mmap.mmap(
        *(-1, 0x3000, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS),
        prot=mmap.PROT_READ | mmap.PROT_EXEC,
    )
    known = {m.start for m in before}
    (start,) = (m.start for m in code_of(os.getpid()) if m.start not in known)
    yield start
    memory.close()


def test_compiled_code_is_named_by_its_map(perf_map: pathlib.Path) -> None:
    """What a compiler writes is read, again when it has grown; the last word counts."""
    symbols, pid = Symbols(), os.getpid()
    with anonymous() as start:
        assert symbols.user(pid, [start])[0].name is None
        perf_map.write_text(f"{start:x} 20 py::f:x.py\nrubbish\n{start + 32:x} 10 two words\n")
        assert symbols.user(pid, [start + 1, start + 0x30, start + 0x2F]) == [
            Symbol("py::f:x.py", 1, "[jit]", start + 1),
            Symbol(None, 0, None, start + 0x30),
            Symbol("two words", 15, "[jit]", start + 0x2F),
        ]
        with perf_map.open("a") as file:
            file.write(f"{start:x} 20 later\n{start + 0x30:x} 8 unfinished")
        found = symbols.user(pid, [start + 0x30, start])
        assert [s.name for s in found] == [None, "later"]


@pytest.mark.parametrize("kind", ["fifo", "link", "folder", "other"])
def test_hostile_perf_map_is_left_alone(perf_map: pathlib.Path, kind: str) -> None:
    """A pipe would wait for ever, a link leads to anything, a file of others tells theirs."""
    with anonymous() as start:
        target = perf_map.with_suffix(".target")
        line = f"{start:x} 20 trap\n"
        if kind == "fifo":
            os.mkfifo(perf_map)
        elif kind == "folder":
            perf_map.mkdir()
        elif kind == "other":
            perf_map.write_text(line)
            os.chown(perf_map, 12345, 12345)
        else:
            target.write_text(line)
            perf_map.symlink_to(target)
        assert Symbols().user(os.getpid(), [start]) == [Symbol(None, 0, None, start)]
        if kind == "folder":
            perf_map.rmdir()
        with contextlib.suppress(FileNotFoundError):
            target.unlink()


@pytest.mark.parametrize("cut", [0, 1, 63, 64, 0x1000, 0x2010, 0x2100, -1, -64])
def test_cut_file_has_what_is_left(tmp_path: pathlib.Path, cut: int) -> None:
    """A file that ends anywhere has fewer names, or is none; never anything else."""
    path = tmp_path / "lib.so"
    image = libraries.library()
    path.write_bytes(image[:cut])
    if cut in (0, 1, 63):
        with pytest.raises(tinybpf.BpfError, match="no 64-bit ELF file"):
            Symbols().file(path, [0x1000])
        return
    assert Symbols().file(path, [0x1000])[0].name in (None, "first")


@pytest.mark.parametrize("place", range(0, 0x40, 2))
def test_lying_header_is_harmless(tmp_path: pathlib.Path, place: int) -> None:
    """Each number of the header, as large as can be: an answer or a BpfError, soon."""
    path = tmp_path / "lib.so"
    image = bytearray(libraries.library())
    image[place : place + 2] = b"\xff\xff"
    path.write_bytes(image)
    with contextlib.suppress(tinybpf.BpfError):
        assert Symbols().file(path, [0x1000])[0].name in (None, "first")


def test_what_is_no_file_is_refused(tmp_path: pathlib.Path) -> None:
    """A missing file is an OSError, a pipe or device no ELF file, and nobody waits."""
    with pytest.raises(FileNotFoundError):
        Symbols().file(tmp_path / "none", [0])
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", pathlib.Path("/dev/zero"), tmp_path):
        with pytest.raises(tinybpf.BpfError, match="no 64-bit ELF file"):
            Symbols().file(path, [0])


def test_vdso_has_names() -> None:
    """The code that the kernel gives to every process is named."""
    (mapping,) = (m for m in code_of(os.getpid()) if m.path == "[vdso]")
    found = Symbols().user(os.getpid(), range(mapping.start, mapping.end, 16))
    names = {s.name for s in found if s.name}
    assert any("clock_gettime" in name for name in names), names
    assert {s.module for s in found} == {"[vdso]"}


def test_program_that_replaces_another_is_noticed(library: pathlib.Path) -> None:
    """Behind execve() the process is asked anew, although its number stays."""
    code = "import os, sys; print('ready', flush=True); sys.stdin.readline(); "
    code += f"os.execv({SLEEP!r}, [{SLEEP!r}, '1000'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout and process.stdin  # noqa: PT018
            process.stdout.readline()
            symbols = Symbols()
            symbols.observe(process.pid)
            process.stdin.write(b"\n")
            process.stdin.flush()
            name = os.path.realpath(SLEEP)
            wait_for("the program", lambda: any(m.path == name for m in code_of(process.pid)))
            mapping = next(m for m in code_of(process.pid) if m.path == name)
            (symbol,) = symbols.user(process.pid, [mapping.start + 1])
            assert symbol.module == name
        finally:
            process.kill()


def test_processes_that_end_meanwhile_do_no_harm() -> None:
    """Whenever a process ends, its addresses are named or are not."""
    symbols = Symbols()
    for i in range(60):
        with subprocess.Popen([SLEEP, "1000"]) as process:
            time.sleep(i * 0.0002)
            symbols.observe(process.pid)
            process.send_signal(signal.SIGKILL)
            addresses = [0x400000, 0x7F0000000000, 2**64 - 1]
            for symbol, address in zip(symbols.user(process.pid, addresses), addresses):
                assert symbol.address == address
    assert symbols.user(2**31 - 1, [1]) == [Symbol(None, address=1)]


def test_process_of_another_user_is_refused() -> None:
    """Who may not look at a process is told so, and what it takes."""
    with running(SLEEP, "1000") as process:
        said = child.output(
            child.BECOME_NOBODY
            + f"""
import tinybpf
try:
    tinybpf.Symbols().user({process.pid}, [1])
except tinybpf.BpfPermissionError as error:
    print(error)
"""
        )
    assert said.startswith(f"symbols of process {process.pid}: Permission denied"), said
    assert "CAP_SYS_PTRACE" in said


@pytest.mark.parametrize(
    ("pid", "error"), [(0, ValueError), (-1, ValueError), (2**31, ValueError), ("1", TypeError)]
)
def test_what_is_no_pid_is_refused(pid: Any, error: type[Exception]) -> None:
    """Numbers of processes are from 1 to 2**31-1."""
    with pytest.raises(error):
        Symbols().user(pid, [])
    with pytest.raises(error):
        Symbols().observe(pid)


def test_walk_names_the_frames(load: Load, trigger: Trigger) -> None:
    """walk() with symbols names a user stack by pid, by addresses and by build ids."""
    obj = load("stacks")
    trigger.arm(obj)
    with obj.programs["keep_stack"].attach():
        trigger.fire()
    by_address, by_id = obj.maps["ids"][0], obj.maps["ids"][1]
    symbols, pid = Symbols(), os.getpid()
    stack = obj.maps["stacks"]
    frames = stack.walk(by_address)
    assert stack.walk(by_address, symbols, pid) == symbols.user(pid, frames)
    assert stack.walk(stack_id=by_address, symbols=symbols) == symbols.kernel(frames)
    named = obj.maps["files"].walk(by_id, symbols, pid)
    assert len(named) == len(obj.maps["files"].walk(by_id))
    assert {s.name for s in named if s.name} <= {s.name for s in symbols.user(pid, frames)}
    with pytest.raises(TypeError, match="symbols alone"):
        stack.walk(by_address, pid=pid)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"tinybpf\.Symbols"):
        stack.walk(by_address, "symbols")  # type: ignore[call-overload]
