# SPDX-License-Identifier: MIT
"""The harness of the virtual machines, with a script in the place of qemu."""

import gzip
import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import time
from typing import Any

import initramfs
import kernels
import machine
import programs
import pytest
import suite

from support import apt

HERE = pathlib.Path(__file__).parent

# What our qemu does: it counts its boots, and finds the nonce as the guest's init does.
PRELUDE = """#!/bin/sh
echo boot >>"$0.boots"
for word in $*; do case $word in VM_NONCE=*) nonce=${word#*=} ;; esac; done
"""


class Fake:
    """An emulator that runs a few lines of shell."""

    def __init__(self, folder: pathlib.Path, patch: pytest.MonkeyPatch, script: str) -> None:
        program = folder / "emulator"
        program.write_text(PRELUDE + script + "\n")
        program.chmod(0o755)
        arch = machine.ARCHES["x86_64"]._replace(emulator=str(program))
        patch.setitem(machine.ARCHES, "x86_64", arch)
        patch.setattr(machine, "KVM", str(folder / "no-kvm"))
        self._boots = folder / "emulator.boots"
        self._folder = folder
        self.lines: list[str] = []

    def verdict(self, timeout_s: float = 30) -> int:
        """Return the status of a suite on it."""
        output = suite.Output(self._folder / "log")
        try:
            nothing = pathlib.Path("/dev/null")
            kernel = kernels.Kernel(nothing, "none")
            boot = machine.Boot("x86_64", kernel, nothing, self.lines.append, False)
            return suite.verdict(boot, output, timeout_s)
        finally:
            output.close()

    @property
    def boots(self) -> int:
        """How often it was started."""
        return len(self._boots.read_text().splitlines())


@pytest.mark.parametrize("status", [0, 1, 7])
def test_verdict_is_the_status(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """The line with the nonce decides; what else is printed is passed on; no retry."""
    said = f"printf '[ 1.0] x VM-RC-%s={status}\\r\\n' $nonce"
    script = f"printf '1 of 2\\rtests\\r\\n'; {said}; echo end"
    fake = Fake(tmp_path, monkeypatch, script)
    assert (fake.verdict(), fake.boots) == (status, 1)
    assert fake.lines == ["tests", "end"]


@pytest.mark.parametrize("script", ["exit 0", "echo VM-RC-0123456789abcdef=0", "exit 1"])
def test_no_verdict_is_125_after_one_more_boot(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """Without the line, or with another's, qemu's own status counts for nothing."""
    fake = Fake(tmp_path, monkeypatch, script)
    assert (fake.verdict(), fake.boots) == (machine.NO_VERDICT, 2)


def test_second_boot_may_save_the_first(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that died by chance is booted again, and that verdict counts."""
    script = '[ "$(wc -l <"$0.boots")" = 1 ] || echo VM-RC-$nonce=5'
    fake = Fake(tmp_path, monkeypatch, script)
    assert (fake.verdict(), fake.boots) == (5, 2)


def test_machine_that_hangs_is_ended(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the timeout the emulator is killed, and there is no verdict."""
    start = time.monotonic()
    fake = Fake(tmp_path, monkeypatch, "exec sleep 60")
    assert fake.verdict(timeout_s=0.2) == machine.NO_VERDICT
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("script", "is_used"),
    [
        ("echo 'VFS: Unable to mount root fs on unknown-block(0,0)'", True),
        ("exit 1", False),
        ("echo 'KVM internal error. Suberror: 1'; exec sleep 60", False),
        ("exit 0", False),
    ],
    ids=["boots", "makes no CPU", "stops", "says nothing"],
)
def test_kvm_is_used_where_a_kernel_boots_on_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, script: str, is_used: bool
) -> None:
    """A device that can be opened does not suffice, nor a CPU that can be made."""
    Fake(tmp_path, monkeypatch, script)
    device = tmp_path / "kvm"
    device.touch()
    monkeypatch.setattr(machine, "KVM", str(device))
    monkeypatch.setattr(machine, "PROBE_TIMEOUT_S", 2)
    kernel = kernels.Kernel(pathlib.Path("/dev/null"), "none")
    assert machine.can_use_kvm("x86_64", kernel) == is_used


X86 = suite.Target("x86_64", "6.1")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("==== 3 passed, 1 skipped in 2.00s ====", "3 passed, 1 skipped (12 s, status 0)"),
        ("== 1 failed, 2 passed in 128.30s (0:02:08) ==", "1 failed, 2 passed (12 s"),
        ("3 passed, 9 deselected in 2.00s", "3 passed, 9 deselected (12 s"),
        ("no tests ran in 0.01s", "pytest printed no results"),
        ("====== slowest 3 durations ======", "pytest printed no results"),
    ],
)
def test_results_of_pytest_are_kept(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], line: str, kept: str
) -> None:
    """The last line of results is what the summary tells of a kernel."""
    output = suite.Output(tmp_path / "log", "6.1| ")
    output.line(line)
    output.line("reboot: Power down")
    output.close()
    shown = "".join(f"6.1| {line}\n" for line in (tmp_path / "log").read_text().splitlines())
    assert capsys.readouterr().out == shown
    report = suite.Report(X86, "linux-image-x 6.1.1-1", 0, 12.3, output.outcomes, {})
    assert f"linux-image-x 6.1.1-1 (x86_64): {kept}" in str(report)
    assert "no verdict" in str(report._replace(status=machine.NO_VERDICT))


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ("6.1", "linux-image-6.1.0-56-cloud-amd64"),
        ("6.12", "linux-image-6.12.117+deb12-cloud-amd64"),
        ("7", "linux-binary-7.3.4+deb13-cloud-amd64"),
        ("7.3", "linux-binary-7.3.4+deb13-cloud-amd64"),
    ],
)
def test_series_matches_its_packages(series: str, name: str) -> None:
    """A series is found under both kinds of names, and not with a suffix or elsewhere."""
    pattern = kernels.name_pattern(series, "amd64")
    assert pattern.fullmatch(name)
    assert not pattern.fullmatch(name + "-dbg")
    assert not pattern.fullmatch(name.replace("amd64", "arm64"))
    assert not pattern.fullmatch(name.replace("cloud-", ""))
    assert not pattern.fullmatch(f"linux-image-{series}-cloud-amd64")


def test_new_kernels_keep_an_instruction_that_they_need() -> None:
    """CMPXCHG16B is taken from those alone that crash by qemu's way with it."""
    image = pathlib.Path("vmlinuz")
    for version, has_it in (("6.1.192-2", False), ("6.12.7-1", False), ("7.3.4-1", True)):
        cpu = machine.emulated_cpu("x86_64", kernels.Kernel(image, f"linux-x {version}"))
        assert ("-cx16" not in cpu) == has_it


def test_what_was_found_today_is_taken_again(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """apt is asked once a day, and when the kernel is not in the cache."""
    package = apt.Package("linux-image-6.1.0-56-cloud-amd64", "6.1.192-2")
    asked = []

    def look_up(series: str, deb_arch: str, cache: pathlib.Path) -> apt.Package:
        asked.append(series)
        (kernels.folder_of(package, cache) / "modules").mkdir(parents=True, exist_ok=True)
        return package

    monkeypatch.setattr(kernels, "_look_up", look_up)
    found = [kernels.find("6.1", "amd64", tmp_path) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0].origin == "linux-image-6.1.0-56-cloud-amd64 6.1.192-2"
    assert asked == ["6.1"]
    os.utime(tmp_path / "kernels/newest-6.1-amd64", (0, 0))
    assert kernels.find("6.1", "amd64", tmp_path) == found[0]
    shutil.rmtree(found[0].image.parent)
    kernels.find("6.1", "amd64", tmp_path)
    assert asked == ["6.1"] * 3


def test_series_is_not_the_start_of_another() -> None:
    """6.1 is neither 6.19 nor 6.12, and 7 is not 70."""
    assert not kernels.name_pattern("6.1", "amd64").fullmatch("linux-image-6.19.2-cloud-amd64")
    assert not kernels.name_pattern("6.1", "amd64").fullmatch("linux-image-6.12.2-cloud-amd64")
    assert not kernels.name_pattern("7", "amd64").fullmatch("linux-binary-70.1-cloud-amd64")
    assert not kernels.name_pattern("6.1", "amd64").fullmatch("linux-image-6x1.0-cloud-amd64")


def test_newest_package_is_the_last() -> None:
    """Versions are compared as numbers; a package that holds the kernel beats an image."""
    old = apt.Package("linux-image-6.1.0-9-cloud-amd64", "6.1.99-1")
    new = apt.Package("linux-image-6.1.0-56-cloud-amd64", "6.1.192-2")
    binary = apt.Package("linux-binary-6.1.1-cloud-amd64", "6.1.1-1")
    assert sorted([binary, new, old], key=kernels.order) == [old, new, binary]


def test_modules_come_in_their_order(tmp_path: pathlib.Path) -> None:
    """Those that tests need are unpacked, however a kernel packs them; others are not."""
    folder = tmp_path / "root/usr/lib/modules/6.1-x/kernel/net"
    folder.mkdir(parents=True)
    for name, data in {
        "veth.ko.xz": lzma.compress(b"veth"),
        "sch_ingress.ko": b"ingress",
        "cls_bpf.ko.gz": gzip.compress(b"bpf"),
        "cls_u32.ko": b"u32",
    }.items():
        (folder / name).write_bytes(data)
    kernels.keep_modules(tmp_path / "root", tmp_path / "modules")
    found = kernels.Kernel(tmp_path / "vmlinuz", "none").modules()
    contents = [found[name].read_bytes() for name in sorted(found)]
    assert contents == [b"veth", b"ingress", b"bpf"]


def entries(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Return name -> (mode, contents) of a cpio archive."""
    found, at = {}, 0
    while at < len(archive):
        head = archive[at : at + 110]
        assert head[:6] == b"070701"
        fields = [int(head[i : i + 8], 16) for i in range(6, 110, 8)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = archive[at + 110 : at + 110 + name_size - 1].decode()
        at += 110 + name_size + -(110 + name_size) % 4
        found[name] = mode, archive[at : at + size]
        at += size + -size % 4
    return found


@pytest.fixture
def built(tmp_path: pathlib.Path) -> initramfs.Built:
    """Return a small project that is built."""
    root, tree = tmp_path / "project", tmp_path / "project/build/dev-aarch64"
    files = {root / "build/pytest.zip": "pytest", tree / "tinybpf-run": "runner"}
    for folder, names in ((root, initramfs.TREES), (tree, initramfs.BUILT)):
        files |= {folder / name.replace("*", "x"): name for name in names}
    files[root / initramfs.EXAMPLES.replace("*", "x")] = "beside"
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tree / "tinybpf-run").chmod(0o755)
    return initramfs.Built(root, tree, tree / "tinybpf-run")


def test_archive_holds_the_project(tmp_path: pathlib.Path, built: initramfs.Built) -> None:
    """What is written is a cpio archive: folders before files, modes, quoted arguments."""
    place = tmp_path / "initramfs"
    programs = {"bin/busybox": pathlib.Path("/bin/sh")}
    guest = initramfs.Guest(built, programs, {"tinybpf/tests/x.py": pathlib.Path("/dev/null")})
    initramfs.write(place, guest.files(), ["-k", "a or b"], {"ONE": "a b"})
    found = entries(place.read_bytes())
    names = list(found)
    assert names[-1] == "TRAILER!!!"
    assert found["init"] == (0o100755, (HERE / "init.sh").read_bytes())
    assert found["bin/busybox"][0] == 0o100755
    assert found["tinybpf/build/dev/tinybpf-run"] == (0o100755, b"runner")
    assert found["tinybpf/build/dev/bpf/x.bpf.o"][1] == b"bpf/*.bpf.o"
    assert found["tinybpf/examples/x/x.bpf.o"][1] == b"beside"
    assert found["tinybpf/tests/kernel/x.py"] == (0o100644, b"tests/kernel/*.py")
    assert found["tinybpf/tests/x.py"] == (0o100644, b""), "made of a file: it wins"
    assert found["tinybpf/tests"][0] == 0o40755
    assert names.index("tinybpf/tests") < names.index("tinybpf/tests/x.py")
    assert b"-m pytest --color=no -p no:cacheprovider -k 'a or b'\n" in found["suite"][1]
    assert b"export ONE='a b'\n" in found["suite"][1]


def test_examples_of_the_architecture_win(built: initramfs.Built) -> None:
    """Objects in the build tree are the guest's; those beside sources are this machine's."""
    path = built.tree / "examples/x/x.bpf.o"
    path.parent.mkdir(parents=True)
    path.write_text("the guest's")
    assert dict(built.files())["examples/x/x.bpf.o"] == path


def test_archive_without_a_part_is_an_error(built: initramfs.Built) -> None:
    """A kind of files that is not there stops the run: it would test nothing."""
    (built.tree / "bpf/x.bpf.o").unlink()
    with pytest.raises(FileNotFoundError, match=r"bpf/\*\.bpf\.o"):
        initramfs.Guest(built, {}, {}).files()


def command(*arguments: str) -> "subprocess.CompletedProcess[Any]":
    """Run the command itself."""
    words = [sys.executable, str(HERE), *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def test_unknown_arch_is_refused() -> None:
    """An architecture that nothing is built for is told, with those that are known."""
    done = command("6.1", "--arch", "riscv64")
    assert done.returncode == 2
    assert "'riscv64' is none of: x86_64 aarch64" in done.stderr


def test_programs_of_a_root_bring_their_libraries(tmp_path: pathlib.Path) -> None:
    """What setpriv is linked with is found below the root, the loader included."""
    mine = programs.of_machine()
    for name in ("usr/bin/setpriv", "bin/busybox"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(mine[name], tmp_path / name)
    (tmp_path / "lib").mkdir()
    libraries = {name: path for name, path in mine.items() if ".so" in name}
    for path in libraries.values():
        shutil.copy(path, tmp_path / "lib" / path.name)
    found = programs.of_root(tmp_path)
    wanted = {f"lib/{path.name}" for path in libraries.values()}
    assert found.keys() == {"bin/busybox", "usr/bin/setpriv"} | wanted


def test_unknown_series_is_refused() -> None:
    """What is neither a series nor a file is told before apt is asked for it."""
    with pytest.raises(apt.LookupFailed, match="neither a series like"):
        suite.find_kernel(suite.Target("x86_64", "six"))
