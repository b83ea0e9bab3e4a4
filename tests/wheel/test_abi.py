# SPDX-License-Identifier: MIT
"""The wheel's tag is true, and it holds what it must and nothing else."""

import json
import re
import subprocess
from pathlib import Path

from places import BIN, ROOT

GLIBC = (2, 28)
LIBC = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1"}
LOADERS = {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}  # of the same libc


def output(*command: str | Path, ok: tuple[int, ...] = (0,)) -> str:
    """Return what a command prints; it must end with a status that is ok."""
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode in ok, ended.stderr
    return ended.stdout


def abi3_table() -> dict[str, str]:
    """Return abi3.h's table: symbol -> Python that made it official."""
    header = (ROOT / "tinybpf" / "core" / "base" / "abi3.h").read_text()
    return dict(re.findall(r"^ \* +(_?Py\w+) +(3\.\d+)$", header, re.MULTILINE))


def test_wheel_name_says_what_it_runs_on(wheel: Path) -> None:
    """One wheel for every Python from 3.9 on, by glibc 2.28."""
    pattern = r"tinybpf-[^-]+-cp39-abi3-manylinux_2_28_(x86_64|aarch64)\.whl"
    assert re.fullmatch(pattern, wheel.name)


def test_auditwheel_confirms_the_tag(wheel: Path) -> None:
    """Auditwheel finds nothing that glibc 2.28 lacks, and no library to bundle."""
    found = json.loads(output(BIN / "auditwheel", "show", "--json", wheel))
    manylinux = re.match(r"manylinux_(\d+)_(\d+)_", found["overall_tag"])
    assert manylinux, found
    assert (int(manylinux[1]), int(manylinux[2])) <= GLIBC
    assert found["external_libs"] == {}


def test_extension_needs_libc_only(extension: Path) -> None:
    """No libbpf, libelf, zlib or libpython is looked for on the host."""
    dynamic = output("readelf", "-W", "-d", extension)
    assert set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)) <= LIBC | LOADERS
    assert not re.search(r"RPATH|RUNPATH", dynamic)


def test_extension_symbols_are_of_glibc_2_28(extension: Path) -> None:
    """No symbol is bound to a version that came after glibc 2.28."""
    needs = output("readelf", "-W", "-V", extension)
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", needs)
    assert versions
    assert max((int(major), int(minor)) for major, minor in versions) <= GLIBC


def test_extension_exports_its_init_function_only(extension: Path) -> None:
    """Libbpf's names stay inside, or a host's libbpf could take their place."""
    symbols = output("readelf", "-W", "--dyn-syms", extension)
    defined = re.findall(r"^ *\d+: .* DEFAULT +\d+ (\S+)$", symbols, re.MULTILINE)
    assert defined == ["PyInit__core"]


def test_extension_is_stripped(extension: Path) -> None:
    """What only a debugger reads is left out."""
    sections = output("readelf", "-W", "-S", extension)
    assert not re.search(r"\.debug_|\.symtab", sections)


def test_abi3audit_finds_our_table_only(wheel: Path) -> None:
    """Symbols that became official after 3.9 are those that abi3.h lists, no other."""
    report = output(BIN / "abi3audit", "--strict", "--report", wheel, ok=(0, 1))
    ((found,),) = (spec["wheel"] for spec in json.loads(report)["specs"].values())
    result = found["result"]
    assert result["baseline"] == "3.9"
    assert result["non_abi3_symbols"] == []
    assert result["future_abi3_objects"] == abi3_table()


def test_wheel_holds_the_package_and_no_more(unpacked: Path) -> None:
    """The package's Python, its types, the one extension and the metadata."""
    package, info = sorted(unpacked.iterdir())
    assert package.name == "tinybpf"
    assert re.fullmatch(r"tinybpf-.*\.dist-info", info.name)
    names = {str(p.relative_to(package)) for p in package.rglob("*") if p.is_file()}
    source = ROOT / "tinybpf"
    sources = [*source.rglob("*.py"), *source.rglob("*.pyi")]
    assert names == {str(p.relative_to(source)) for p in sources} | {
        "py.typed",
        "_core.abi3.so",
        "_headers.py",  # written by the build: libbpf's
    }


def test_wheel_carries_the_licences(unpacked: Path) -> None:
    """The licences of all that is inside travel with it, and how to relink."""
    (folder,) = unpacked.glob("*.dist-info/licenses")
    text = "\n".join(p.read_text() for p in folder.rglob("*") if p.is_file())
    for words in (
        "MIT License",
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "elfutils",
        "libbpf",
        "Jean-loup Gailly",
    ):
        assert words.lower() in text.lower(), f"no {words!r} in dist-info/licenses"
    assert re.search(r"relink", text, re.IGNORECASE)
