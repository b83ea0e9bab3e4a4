# SPDX-License-Identifier: MIT
"""Loading what is bad: each gives its own clear error, and leaves nothing behind."""

import errno
import os
import pathlib
import pickle
import subprocess
from typing import Any, Optional

import pytest

import tinybpf
from support import child, elf
from support.gating import kernel
from support.objects import Find
from support.paths import MISSING, SETPRIV


def test_missing_file_is_file_not_found() -> None:
    """A file that is not there raises what open() raises, file name included."""
    with pytest.raises(FileNotFoundError, match=MISSING) as caught:
        tinybpf.load(MISSING)
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == MISSING


def test_directory_is_is_a_directory(tmp_path: pathlib.Path) -> None:
    """A directory raises what open() raises."""
    with pytest.raises(IsADirectoryError) as caught:
        tinybpf.load(tmp_path)
    assert caught.value.errno == errno.EISDIR


def test_file_as_a_directory_is_not_a_directory(bpf: Find) -> None:
    """A path through a file raises what open() raises."""
    with pytest.raises(NotADirectoryError):
        tinybpf.load(bpf("counts") / "x")


def test_unreadable_file_is_a_permission_error(public_dir: pathlib.Path) -> None:
    """A file that may not be read is PermissionError, and not a BpfError."""
    path = public_dir / "secret.bpf.o"
    path.write_bytes(b"")
    path.chmod(0o600)
    printed = child.output(
        "import sys, tinybpf\n" + child.BECOME_NOBODY + "try:\n    tinybpf.load(sys.argv[1])\n"
        "except PermissionError as e:\n"
        "    print(isinstance(e, tinybpf.BpfError), e.filename)\n",
        path,
    )
    assert printed == f"False {path}\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7f",
        b"\x7fELF",
        b"#!/bin/sh\necho no object\n",
        bytes(4096),
        b"\xff" * 4096,
        elf.minimal(bits=32),
        elf.minimal(order=">"),
        elf.minimal(bits=32, order=">"),
        elf.minimal(machine=elf.EM_X86_64),
    ],
    ids=[
        "empty",
        "one-byte",
        "magic",
        "script",
        "zeros",
        "ones",
        "32bit",
        "big-endian",
        "both",
        "x86",
    ],
)
def test_file_that_is_no_object_for_this_machine_is_refused(
    tmp_path: pathlib.Path, content: bytes
) -> None:
    """What is no 64-bit little-endian BPF object is a BpfError that names the file."""
    path = tmp_path / "odd.bpf.o"
    path.write_bytes(content)
    with pytest.raises(tinybpf.BpfError, match="odd") as caught:
        tinybpf.load(path)
    assert caught.value.errno > 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"no object", "ELF"),
        (elf.minimal(bits=32), "64-bit|32-bit"),
        (elf.minimal(order=">"), "endian"),
        (elf.minimal(extra="maps"), r"the old form.*\n.*SEC\(.\.maps.\)"),
    ],
    ids=["empty", "text", "32bit", "big-endian", "legacy-maps"],
)
def test_refusal_of_a_file_says_what_is_wrong_with_it(
    tmp_path: pathlib.Path, content: bytes, words: str
) -> None:
    """The message tells why the file cannot be loaded, not just a number."""
    path = tmp_path / "odd.bpf.o"
    path.write_bytes(content)
    with pytest.raises(tinybpf.BpfError, match=words):
        tinybpf.load(path)


def test_maps_without_btf_say_how_to_compile(bpf: Find, tmp_path: pathlib.Path) -> None:
    """An object whose maps nothing describes: the compiler's option is named."""
    path = tmp_path / "odd.bpf.o"
    path.write_bytes(elf.without_btf(bpf("counts").read_bytes()))
    with pytest.raises(tinybpf.BpfError, match=r"no BTF that describes them\n.*clang -g"):
        tinybpf.load(path)


def test_truncated_object_is_refused_wherever_it_ends(
    bpf: Find, tmp_path: pathlib.Path
) -> None:
    """An object cut at any of many places is a BpfError and never a crash."""
    whole = bpf("ring").read_bytes()
    path = tmp_path / "cut.bpf.o"
    ends = {*range(80), *range(80, len(whole), 53), len(whole) - 1}
    for end in sorted(ends):
        path.write_bytes(whole[:end])
        with pytest.raises(tinybpf.BpfError, match="cut"):
            tinybpf.load(path)


def test_truncated_minimal_object_is_refused_at_every_byte(tmp_path: pathlib.Path) -> None:
    """The smallest object is refused whichever of its bytes is its last."""
    whole = elf.minimal()
    path = tmp_path / "cut.bpf.o"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(tinybpf.BpfError):
            tinybpf.load(path)


def test_unknown_section_is_refused_by_name(tmp_path: pathlib.Path) -> None:
    """A program in a section that libbpf does not know is refused, section and all."""
    path = tmp_path / "odd.bpf.o"
    path.write_bytes(elf.minimal(section="no_such_kind/x"))
    with pytest.raises(tinybpf.BpfError, match="no kind of program has") as caught:
        tinybpf.load(path)
    assert "no_such_kind/x" in str(caught.value)
    path.write_bytes(elf.minimal(section="tracepiont/sched/sched_switch"))
    with pytest.raises(tinybpf.BpfError, match="nearest: 'tracepoint'"):
        tinybpf.load(path)
    path.write_bytes(elf.minimal(section="lirc_mod2"))
    with pytest.raises(tinybpf.BpfError, match="nearest: 'lirc_mode2'"):
        tinybpf.load(path)


def test_map_that_the_kernel_refuses_is_named(bpf: Find) -> None:
    """A map that cannot be created is named, and those before it are given back."""
    with pytest.raises(tinybpf.BpfError, match="refused_map") as caught:
        tinybpf.load(bpf("refused_map"))
    assert "the kernel makes no map 'bad' of type hash with key_size=4" in str(caught.value)
    assert "it is too large" in str(caught.value)
    assert caught.value.errno > 0
    assert not isinstance(caught.value, tinybpf.BpfVerifierError)


def test_map_of_an_impossible_size_says_why(bpf: Find) -> None:
    """What a map's kind asks of its sizes is told as it is for maps that no object has."""
    with tinybpf.open(bpf("counts")) as obj:
        obj.maps["counts"].max_entries = 0
        with pytest.raises(
            tinybpf.BpfError, match="Invalid argument\n  max_entries must"
        ) as got:
            obj.load()
    assert got.value.errno == errno.EINVAL


def test_verifier_rejection_carries_the_log(bpf: Find) -> None:
    """A rejected program is named, with the end of the log in the text and all in the log."""
    with pytest.raises(tinybpf.BpfVerifierError, match="rejected") as caught:
        tinybpf.load(bpf("rejected"))
    error = caught.value
    assert "reads_null" in str(error)
    assert "libbpf output:" in str(error)
    assert "map_value_or_null" in error.libbpf_log
    assert len(error.libbpf_log) > len(str(error).partition("libbpf output:")[2])
    assert error.errno == errno.EACCES


def test_verifier_rejection_is_no_permission_error(bpf: Find) -> None:
    """The verifier's EACCES does not look like a lack of privilege."""
    with pytest.raises(tinybpf.BpfVerifierError) as caught:
        tinybpf.load(bpf("rejected"))
    assert not isinstance(caught.value, PermissionError)


def test_unresolved_relocation_is_a_relocation_error(bpf: Find) -> None:
    """A field that the kernel lacks gives BpfRelocationError and names the program."""
    with pytest.raises(tinybpf.BpfRelocationError, match="relocation") as caught:
        tinybpf.load(bpf("relocation"))
    assert "reads_missing" in str(caught.value)
    assert "CO-RE" in caught.value.libbpf_log
    assert "no_such_field_anywhere" in caught.value.libbpf_log


def test_error_of_a_real_load_survives_pickling(bpf: Find) -> None:
    """An error with a real log goes to another process and back unchanged."""
    with pytest.raises(tinybpf.BpfVerifierError) as caught:
        tinybpf.load(bpf("rejected"))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is tinybpf.BpfVerifierError
    assert str(copy) == str(caught.value)
    assert (copy.errno, copy.libbpf_log) == (caught.value.errno, caught.value.libbpf_log)


@pytest.mark.parametrize("name", ["counts", "big", "nowhere"])
def test_load_without_privilege_is_a_permission_error(
    bpf: Find, public_dir: pathlib.Path, name: str
) -> None:
    """A process without capabilities gets BpfPermissionError, a PermissionError too."""
    path = public_dir / "tool.bpf.o"
    path.write_bytes(bpf(name).read_bytes())
    path.chmod(0o644)
    printed = child.output(
        "import sys, tinybpf\n" + child.BECOME_NOBODY + "try:\n    tinybpf.load(sys.argv[1])\n"
        "except PermissionError as e:\n"
        "    print(type(e).__name__, isinstance(e, tinybpf.BpfError), e.errno)\n"
        "    print('tool.bpf.o' in str(e), 'cap_bpf' in str(e).lower())\n",
        path,
    )
    assert printed == f"BpfPermissionError True {errno.EPERM:d}\nTrue True\n"


def _open_count() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("name", ["rejected", "relocation"])
def test_refused_load_keeps_nothing_while_its_error_lives(bpf: Find, name: str) -> None:
    """A refused load has released everything by the time its error is seen."""
    before = _open_count()
    kept: list[Any] = []
    try:
        tinybpf.load(bpf(name))
    except tinybpf.BpfError as error:
        kept.append(error)
    assert kept
    assert _open_count() == before


@pytest.mark.parametrize("call", [tinybpf.load, tinybpf.open])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_for_a_path_say_what_takes_them(bpf: Find, call: Any, kind: Any) -> None:
    """load() and open() take paths: an object in memory is for open_bytes()."""
    data = bpf("counts").read_bytes()
    with pytest.raises(TypeError, match=r"path of a file: .* tinybpf.open_bytes\(data\)"):
        call(kind(data))


def test_path_may_be_bytes(bpf: Find) -> None:
    """Bytes that are no object are a path, as for the built-in open()."""
    tinybpf.load(os.fsencode(bpf("counts"))).close()
    with pytest.raises(FileNotFoundError):
        tinybpf.load(b"no_such_file")


def test_perf_event_array_without_sizes_says_which(bpf: Find) -> None:
    """The kernel's EINVAL becomes the two lines that are missing in the source."""
    settings = {"key_size": 0, "value_size": 0}
    with pytest.raises(tinybpf.BpfError, match="key_size and value_size must be 4: __uint"):
        tinybpf.load(bpf("perf"), maps={"events": settings})


def outcome(path: pathlib.Path) -> Optional[tinybpf.BpfError]:
    """Return the error of a load, or None."""
    try:
        tinybpf.load(path).close()
    except tinybpf.BpfError as error:
        return error
    return None


@kernel("5.5", "load of a program by its BTF")
def test_trampoline_that_is_refused_is_said(tmp_path: pathlib.Path) -> None:
    """Where no program runs by one, it is not blamed on capabilities that are there."""
    path = tmp_path / "one.bpf.o"
    path.write_bytes(elf.minimal(section="fentry/vfs_read").replace(b"MIT\0", b"GPL\0"))
    error = outcome(path)
    if error is not None:
        assert type(error) is tinybpf.BpfNotSupportedError
        assert "this kernel refuses the trampoline that fentry programs run by" in str(error)
        assert "CAP_" not in str(error)


@kernel("5.8", "CAP_BPF and CAP_PERFMON")
def test_guess_of_libbpf_is_left_out(tmp_path: pathlib.Path) -> None:
    """What was found out is told; a line that says otherwise is in the log alone."""
    path = tmp_path / "one.bpf.o"
    path.write_bytes(elf.minimal(section="raw_tp/sys_enter"))
    code = """
        import resource, sys, tinybpf
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 23, 1 << 23))
        try:
            tinybpf.load(sys.argv[1])
        except tinybpf.BpfPermissionError as error:
            print("CAP_PERFMON" in str(error), "ulimit" in str(error))
            print("try raising 'ulimit -l'" in error.libbpf_log)
    """
    said = subprocess.run(
        [SETPRIV, "--bounding-set", "-all,+bpf", *child.command(code, str(path))],
        env=child.environment(),
        cwd=child.TESTS,
        stdout=subprocess.PIPE,
        text=True,
        timeout=child.TIMEOUT_S,
        check=True,
    ).stdout
    assert said.split() == ["True", "False", "True"]
