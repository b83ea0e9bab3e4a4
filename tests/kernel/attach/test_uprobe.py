# SPDX-License-Identifier: MIT
"""Uprobes: every option of libbpf's, and binaries by their names."""

import ctypes
import mmap
import os
import pathlib
import re
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support import child, elf, host, pins, probed
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.15", "uprobe", config="CONFIG_UPROBES")

SEEN = 0  # the key of on_uprobe in probes.bpf.c


@pytest.fixture
def obj(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return an object with a program that keeps its cookie."""
    with tinybpf.load(bpf("probes"), autoload=["on_uprobe"]) as loaded:
        yield loaded


def counted(obj: tinybpf.BpfObject) -> tuple[int, int]:
    """Return how often the program ran, and its last cookie."""
    seen = obj.maps["seen"][SEEN]
    return seen.count, seen.cookie


@pytest.mark.parametrize("mode", ["default", "link"])
def test_program_gets_its_cookie(obj: tinybpf.BpfObject, mode: Any) -> None:
    """cookie= reaches the program, all 64 bits, until the link is destroyed."""
    cookie = 2**64 - 7
    attach = obj.program("on_uprobe").attach_uprobe
    with attach(probed.path(), func_name="work_one", cookie=cookie, attach_mode=mode) as link:
        assert link.fd >= 0
        assert probed.run("aab") == [11, 11, 22]
    assert counted(obj) == (2, cookie)
    probed.run("a")
    assert counted(obj) == (2, cookie)


@pytest.mark.parametrize("mode", ["legacy", "perf"])
@pytest.mark.parametrize("retprobe", [False, True])
def test_modes_without_a_link_run_the_program(
    obj: tinybpf.BpfObject, mode: Any, retprobe: bool
) -> None:
    """attach_mode= chooses how, also what old kernels have; nothing is left in tracefs."""
    events = next(
        path
        for name in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
        if (path := pathlib.Path(name, "uprobe_events")).exists()
    )
    before = events.read_text()
    with obj.program("on_uprobe").attach_uprobe(
        probed.path(), func_name="work_two", retprobe=retprobe, attach_mode=mode
    ):
        assert (events.read_text() != before) == (mode == "legacy")
        probed.run("abb")
    assert counted(obj) == (2, 0)
    assert events.read_text() == before


@pytest.mark.parametrize("mode", ["legacy", "perf"])
def test_probe_without_a_link_is_not_pinned(obj: tinybpf.BpfObject, mode: Any) -> None:
    """pin() of one that attach_mode= made without a link says how to have one."""
    attach = obj.program("on_uprobe").attach_uprobe
    with pins.folder() as folder:
        with attach(probed.path(), func_name="work_one", attach_mode=mode) as link:
            with pytest.raises(tinybpf.BpfError, match="attach it with attach_mode='link'"):
                link.pin(folder / "link")
        with attach(probed.path(), func_name="work_one", attach_mode="link") as link:
            link.pin(folder / "link")
            link.unpin()


def test_cookie_needs_a_link(obj: tinybpf.BpfObject) -> None:
    """The modes without one refuse a cookie, and attach nothing."""
    with pytest.raises(tinybpf.BpfError):
        obj.program("on_uprobe").attach_uprobe(
            probed.path(), func_name="work_one", cookie=1, attach_mode="legacy"
        )
    probed.run("a")
    assert counted(obj) == (0, 0)


def test_uretprobe_takes_the_same_options(obj: tinybpf.BpfObject) -> None:
    """attach_uretprobe() has a cookie and a pid, too."""
    with probed.Running() as one, probed.Running() as other:
        with obj.program("on_uprobe").attach_uretprobe(
            probed.path(), pid=one.pid, func_name="work_three", cookie=9
        ) as link:
            assert "uretprobe:" in repr(link)
            assert one.ask("c") == other.ask("c") == 33
    assert counted(obj) == (1, 9)


def semaphore_offset(content: bytes) -> int:
    """Return where in the file of tests/probed its counter is: the section .probes."""
    table, count, names_at = (
        struct.unpack_from("<Q", content, 40)[0],
        *struct.unpack_from("<HH", content, 60),
    )
    sections = [struct.unpack_from("<IIQQQQ", content, table + 64 * i) for i in range(count)]
    names = content[sections[names_at][4] :]
    return next(int(s[4]) for s in sections if names[s[0] :].startswith(b".probes\0"))


def test_counter_is_raised_while_the_probe_is_there(obj: tinybpf.BpfObject) -> None:
    """ref_ctr_offset= is where the kernel counts who listens, for each mapping."""
    offset = semaphore_offset(probed.path().read_bytes())
    attach = obj.program("on_uprobe").attach_uprobe
    with probed.Running() as running:
        with attach(probed.path(), func_name="work_one", ref_ctr_offset=offset):
            assert running.ask("t") > 0
        assert running.ask("t") == 0


def test_library_is_found_by_its_name(
    obj: tinybpf.BpfObject, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is a library with or without lib, .so and version; a text is none."""
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/nowhere:{tmp_path}")
    library = tmp_path / "libprobed9.so.4.2"
    library.write_bytes(elf.probed())
    (tmp_path / "libprobed9.so.4").symlink_to(library)
    (tmp_path / "libprobed9.so").write_text("INPUT(libprobed9.so.4)")
    attach = obj.program("on_uprobe").attach_uprobe
    for name in ("probed9", "libprobed9", "libprobed9.so.4", b"libprobed9.so.4.2"):
        with attach(name, func_name="work_one") as link:
            assert re.search(rf"uprobe:{tmp_path}/libprobed9.so.4(\.2)?:work_one", repr(link))


def test_name_of_several_libraries_is_refused(
    obj: tinybpf.BpfObject, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that different files may mean lists them, and attaches to none."""
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    paths = [tmp_path / f"libprobed9.so.{version}" for version in (1, 2)]
    for path in paths:
        path.write_bytes(elf.probed())
    with pytest.raises(ValueError, match="may be several files") as caught:
        obj.program("on_uprobe").attach_uprobe("probed9", func_name="work_one")
    assert all(f"'{path}'" in str(caught.value) for path in paths)


def test_program_is_found_in_path(
    obj: tinybpf.BpfObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program in PATH goes before a library."""
    monkeypatch.setenv("PATH", str(probed.path().parent))
    with obj.program("on_uprobe").attach_uprobe("probed", func_name="work_one") as link:
        assert f"uprobe:{probed.path()}:work_one" in repr(link)
        probed.run("a")
    assert counted(obj) == (1, 0)


def test_name_is_what_the_process_has_mapped(
    obj: tinybpf.BpfObject, tmp_path: pathlib.Path
) -> None:
    """With a pid a name is the process's own file, by its root; also one that is gone."""
    copy = tmp_path / "probed-copy"
    copy.write_bytes(probed.path().read_bytes())
    copy.chmod(0o755)
    attach = obj.program("on_uprobe").attach_uprobe
    with probed.Running(copy) as running:
        with attach("probed-copy", pid=running.pid, func_name="work_one") as link:
            assert f"uprobe:/proc/{running.pid}/root{copy}:work_one" in repr(link)
            running.ask("a")
        assert counted(obj) == (1, 0)
        copy.unlink()
        with attach("probed-copy", pid=running.pid, func_name="work_one") as link:
            assert f"uprobe:/proc/{running.pid}/map_files/" in repr(link)
            running.ask("a")
        assert counted(obj) == (2, 0)
        with pytest.raises(tinybpf.BpfError, match="has mapped no 'nothing'") as caught:
            attach("nothing", pid=running.pid, func_name="work_one")
        assert isinstance(caught.value, FileNotFoundError)


def test_own_mapping_goes_before_the_system(
    obj: tinybpf.BpfObject, tmp_path: pathlib.Path
) -> None:
    """pid=0 is this process, with the libraries that it has mapped."""
    path = tmp_path / "libprobed9.so.1"
    path.write_bytes(elf.probed())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ):
        attach = obj.program("on_uprobe").attach_uprobe
        with attach("probed9", pid=0, func_name="work_one") as link:
            assert f"/proc/{os.getpid()}/root{path}:work_one" in repr(link)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("libprobed9-2.31.so", "probed9"),
        ("ld-musl-x86_64.so.1", "libc"),
        ("probed9", "probed9"),
    ],
)
def test_files_of_old_and_other_c_libraries_are_known(
    obj: tinybpf.BpfObject, tmp_path: pathlib.Path, file: str, name: str
) -> None:
    """A version may stand before .so, and musl's C library is its loader."""
    copy = tmp_path / file
    copy.write_bytes(probed.path().read_bytes())
    copy.chmod(0o755)
    with probed.Running(copy) as running:
        attach = obj.program("on_uprobe").attach_uprobe
        with attach(name, pid=running.pid, func_name="work_one") as link:
            assert f"/proc/{running.pid}/root{copy}:work_one" in repr(link)
            running.ask("a")
    assert counted(obj) == (1, 0)


def test_section_may_name_a_library(
    bpf: Find, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attach() finds by the section's name what attach_uprobe() finds."""
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    (tmp_path / "libprobed9.so.3").write_bytes(elf.probed())
    path = tmp_path / "one.bpf.o"
    path.write_bytes(elf.minimal(section="uretprobe/probed9:work_one"))
    with tinybpf.load(path) as one, one.attach() as links:
        assert f"uretprobe:{tmp_path}/libprobed9.so.3:work_one" in repr(links[0])


# An /etc of its own, with a cache as glibc's ldconfig writes it.
CACHED = """
mount -t tmpfs none /etc
cp "$1" /etc/ld.so.cache
shift
exec "$@"
"""
ATTACH = """
import sys, tinybpf
with tinybpf.load(sys.argv[1]) as obj:
    for name in sys.argv[2:]:
        try:
            with obj.program("on_uprobe").attach_uprobe(name, func_name="work_one") as link:
                print(link)
        except tinybpf.BpfError as error:
            print(str(error).splitlines()[0])
"""


def cache(libraries: dict[str, pathlib.Path], before: bytes = b"") -> bytes:
    """Return the loader's cache of some libraries, behind one of an older form."""
    texts, rows, at = b"", b"", 48 + 24 * len(libraries)
    for name, path in libraries.items():
        rows += struct.pack(
            "=iIIIQ", 0x303, at + len(texts), at + len(texts) + len(name) + 1, 0, 0
        )
        texts += name.encode() + b"\0" + str(path).encode() + b"\0"
    head = struct.pack("=20sII20x", b"glibc-ld.so.cache1.1", len(libraries), len(texts))
    return before + head + rows + texts


def test_library_is_found_in_the_cache_of_the_loader(bpf: Find, tmp_path: pathlib.Path) -> None:
    """A library of another folder; a cache that is cut, or lies, is as far as it goes."""
    library = tmp_path / "libelsewhere9.so.2.1"
    library.write_bytes(elf.probed())
    whole = cache({"libelsewhere9.so.2": library})
    lying = whole.replace(struct.pack("=I", 1), struct.pack("=I", 2**31), 1)
    found = f"uprobe:{library}:work_one"
    for content, is_found in (
        (whole, True),
        (cache({"libelsewhere9.so.2": library}, b"ld.so-1.7.0\0" + bytes(4)), True),
        (whole[:-1], False),
        (whole[:60], False),
        (lying, False),
        (b"", False),
    ):
        path = tmp_path / "cache"
        path.write_bytes(content)
        names = ("elsewhere9", "libelsewhere9", "libelsewhere9.so.2")
        command = child.command(ATTACH, str(bpf("hooks")), *names)
        said = subprocess.run(
            ["unshare", "--mount", "sh", "-ec", CACHED, "sh", str(path), *command],
            env=child.environment(),
            cwd=child.TESTS,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert (said.count(found), said.count("there is no")) == (
            (3, 0) if is_found else (0, 3)
        )


# A process whose /tmp is its own, with a program in it.
ELSEWHERE = """
mount -t tmpfs none "$1"
cp "$2" "$1/probed"
exec "$1/probed"
"""


def test_path_of_another_mount_namespace_is_told(
    obj: tinybpf.BpfObject, tmp_path: pathlib.Path
) -> None:
    """A path that only the process has: by which way it is reached, which works."""
    command = ["unshare", "--mount", "sh", "-ec", ELSEWHERE, "sh", tmp_path, probed.path()]
    with probed.Running(command=command) as running:
        path = tmp_path / "probed"
        attach = obj.program("on_uprobe").attach_uprobe
        with pytest.raises(tinybpf.BpfError, match="in a mount namespace of its own") as caught:
            attach(path, pid=running.pid, func_name="work_one")
        way = f"/proc/{running.pid}/root{path}"
        assert f"\n  give '{way}'" in str(caught.value)
        for name in (way, "probed"):
            with attach(name, pid=running.pid, func_name="work_one") as link:
                assert f"uprobe:{way}:work_one" in repr(link)
                running.ask("a")
    assert counted(obj) == (2, 0)


@pytest.mark.parametrize(
    ("name", "calls"), [("work@V_1", 1), ("work@V_2", 2), ("work@@V_2", 2)]
)
def test_version_of_a_symbol_is_chosen(obj: tinybpf.BpfObject, name: str, calls: int) -> None:
    """symbol@version is that function of several of one name, and no other."""
    binary = host.directory_from("TINYBPF_BUILD") / "versioned"
    with obj.program("on_uprobe").attach_uprobe(binary, func_name=name) as link:
        assert f"versioned:{name}" in repr(link)
        subprocess.run([binary], check=True)
    subprocess.run([binary], check=True)
    assert counted(obj)[0] == calls


def test_missing_version_is_told(obj: tinybpf.BpfObject) -> None:
    """symbol@version is looked up; a function without that version is not called unknown."""
    with pytest.raises(tinybpf.BpfError, match="but none of version 'V_9'"):
        obj.program("on_uprobe").attach_uprobe(probed.path(), func_name="work_one@V_9")


def test_unknown_name_says_where_it_was_looked_for(obj: tinybpf.BpfObject) -> None:
    """A name that nothing has: the places, and what to do."""
    with pytest.raises(tinybpf.BpfError) as caught:
        obj.program("on_uprobe").attach_uprobe("nonesuch", func_name="x")
    said = str(caught.value)
    assert "no program 'nonesuch' in PATH" in said
    assert "no library 'libnonesuch.so'\n  give its path" in said


def test_library_in_a_zip(obj: tinybpf.BpfObject, tmp_path: pathlib.Path) -> None:
    """ARCHIVE!/NAME is a file that is stored, not compressed, in a zip."""
    archive, library = tmp_path / "app.zip", elf.probed()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("lib/first.txt", "before it.")  # so that its code is aligned
        made.writestr("lib/probed.so", library)
        made.writestr("lib/small.so", library, zipfile.ZIP_DEFLATED)
    attach = obj.program("on_uprobe").attach_uprobe
    with archive.open("rb") as file:
        pages = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    with pages:
        start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
        # Pages that can be written have no probes.
        readable = mmap.PROT_READ | mmap.PROT_EXEC
        assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(start), len(pages), readable) == 0
        at = pages.find(library) + elf.PROBED_AT
        assert at % 4 == 0, "arm64 runs no other code"
        work_one = ctypes.CFUNCTYPE(None)(start + at)
        work_one()
        with attach(f"{archive}!/lib/probed.so", func_name="work_one"):
            work_one()
            assert counted(obj) == (1, 0)
        work_one()
        assert counted(obj) == (1, 0)
    refusals = {
        f"{archive}!/lib/small.so": "is compressed",
        f"{archive}!/lib/none.so": "could not find archive member",
        f"{tmp_path}/none.zip!/lib/none.so": f"there is no file '{tmp_path}/none.zip'",
    }
    for place, reason in refusals.items():
        with pytest.raises(tinybpf.BpfError, match=re.escape(reason)):
            attach(place, func_name="work_one")
