# SPDX-License-Identifier: MIT
"""What this kernel lacks: the error says since when there is it, or that it was left out."""

import pathlib
import platform

import pytest

import tinybpf
from support import elf, host
from support.objects import Find

# Kinds of program and their first version, the newest ones that a minimal program loads as.
PROGRAMS = {"syscall": (5, 14), "sk_lookup": (5, 9), "netfilter": (6, 4), "xdp": (4, 8)}


def load_one(folder: pathlib.Path, section: str) -> tinybpf.BpfObject:
    """Load a program of that section that returns 0."""
    path = folder / "one.bpf.o"
    path.write_bytes(elf.minimal(section=section))
    return tinybpf.load(path)


def lacking(folder: pathlib.Path, section: str) -> str:
    """Return what the error says is missing to load and attach there; "" if nothing is."""
    try:
        with load_one(folder, section) as obj:
            if "/" in section:
                obj.attach().close()
    except tinybpf.BpfNotSupportedError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("section", PROGRAMS)
def test_program_type_needs_its_first_version(tmp_path: pathlib.Path, section: str) -> None:
    """From its first version on a type loads; before, the error names that version."""
    major, minor = PROGRAMS[section]
    said = lacking(tmp_path, section)
    if host.kernel_version() >= (major, minor):
        assert said == ""
    else:
        words = f"type {section} is in Linux since {major}.{minor}, and this is "
        assert words + platform.release() in said


def test_program_type_that_was_left_out_names_the_option(tmp_path: pathlib.Path) -> None:
    """A type that this kernel is new enough for: its configuration is named instead.

    Infrared receivers are rare on servers; a kernel that has them loads the program.
    """
    said = lacking(tmp_path, "lirc_mode2")
    if said:
        assert "program 'entry': type lirc_mode2 is in Linux since 4.18, but " in said
        assert f"this kernel ({platform.release()}) was built without it" in said
        assert "see CONFIG_BPF_LIRC_MODE2" in said


def test_map_type_needs_its_first_version(bpf: Find) -> None:
    """The same for maps: the error names the map, its type and the version."""
    if host.kernel_version() >= (6, 19):
        tinybpf.load(bpf("newest")).close()
        return
    with pytest.raises(tinybpf.BpfNotSupportedError) as caught:
        tinybpf.load(bpf("newest"))
    assert "map 'places': type insn_array is in Linux since 6.19, and this is " in str(
        caught.value
    )


def test_created_map_needs_its_first_version_too() -> None:
    """So do maps that no object has."""

    def create() -> None:
        kind = tinybpf.BpfMapType.INSN_ARRAY
        tinybpf.BpfMap.create(kind, key_size=4, value_size=16, max_entries=1).close()

    if host.kernel_version() >= (6, 19):
        create()
        return
    with pytest.raises(tinybpf.BpfNotSupportedError, match="insn_array is in Linux since"):
        create()


def test_flag_of_a_map_needs_its_first_version(bpf: Find) -> None:
    """What the kernel calls invalid is a flag that it does not know yet."""

    def load() -> None:
        tinybpf.load(bpf("direct_overwritten")).close()

    def create() -> None:
        flag = 1 << 19  # BPF_F_RB_OVERWRITE
        kind = tinybpf.BpfMapType.RINGBUF
        tinybpf.BpfMap.create(kind, max_entries=4096, flags=flag).close()

    for use, named in ((load, "map 'newest': "), (create, "")):
        if host.kernel_version() >= (6, 19):
            use()
            continue
        words = f"{named}BPF_F_RB_OVERWRITE is in Linux since 6.19, and this is "
        with pytest.raises(tinybpf.BpfNotSupportedError, match=words):
            use()


@pytest.mark.parametrize(
    ("kind", "since"), [("kprobe.multi", (5, 18)), ("kprobe.session", (6, 10))]
)
def test_hook_needs_its_first_version(
    tmp_path: pathlib.Path, kind: str, since: tuple[int, int]
) -> None:
    """Kinds of hook have versions and options too, which attaching finds out."""
    said = lacking(tmp_path, f"{kind}/do_sys_openat2")
    if host.kernel_version() < since:
        assert f"{kind} is in Linux since {since[0]}.{since[1]}, and this is " in said
    elif said:
        assert "but this kernel" in said
        assert "was built without it: see CONFIG_FPROBE" in said


def test_attach_type_needs_its_first_version(tmp_path: pathlib.Path) -> None:
    """What a new attach type makes of an old program type is told by its section."""
    if host.kernel_version() >= (7, 0):
        pytest.skip("every kind that a minimal program can be is there")
    with pytest.raises(tinybpf.BpfNotSupportedError, match=r"fsession is in Linux since 7\.0"):
        load_one(tmp_path, "fsession/vfs_read")


def test_error_of_a_known_type_does_not_blame_the_kernel(bpf: Find) -> None:
    """A map or program that is refused for itself is not said to be unknown."""
    for name in ("refused_map", "rejected"):
        with pytest.raises(tinybpf.BpfError) as caught:
            tinybpf.load(bpf(name))
        assert not isinstance(caught.value, tinybpf.BpfNotSupportedError)
        assert "in Linux since" not in str(caught.value)
