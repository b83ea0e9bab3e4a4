# SPDX-License-Identifier: MIT
"""The wheel of another architecture in a CPython of that architecture, emulated.

qemu-user knows no bpf(2) and answers as a kernel without it does: what needs no kernel
works, and the rest fails as it should. Real loads are those of tests/vm.
"""

import os
import pathlib

from conftest import Run


def test_python_is_of_the_architecture(run: Run, arch: str) -> None:
    """What runs below is not the Python of this machine."""
    assert run("import platform; print(platform.machine())") == arch


def test_wheel_imports(run: Run) -> None:
    """All that the package exports is there, from the wheel."""
    code = (
        "import tinybpf\n"
        "print(tinybpf.__file__, tinybpf.libbpf_version())\n"
        "for name in tinybpf.__all__: getattr(tinybpf, name)"
    )
    assert "installed" in run(code)


def test_object_is_refused_by_the_kernel_that_has_no_bpf(run: Run) -> None:
    """Libbpf parses the object and its BTF; the emulated system call fails, explained."""
    counts = pathlib.Path(os.environ["TINYBPF_BPF_DIR"], "counts.bpf.o")
    code = (
        "import tinybpf\n"
        "try: tinybpf.load(sys.argv[1])\n"
        "except tinybpf.BpfError as error: print(type(error).__name__, error)"
    )
    said = run(code, counts)
    assert said.startswith("BpfNotSupportedError load '")


def test_broken_object_is_refused(run: Run, tmp_path: pathlib.Path) -> None:
    """What is no object is told without asking a kernel."""
    broken = tmp_path / "broken.bpf.o"
    broken.write_bytes(b"\x7fELF" + bytes(60))
    code = (
        "import tinybpf\n"
        "try: tinybpf.load(sys.argv[1])\n"
        "except tinybpf.BpfError as error: print(error)"
    )
    assert "broken.bpf.o" in run(code, broken)
