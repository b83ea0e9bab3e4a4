# SPDX-License-Identifier: MIT
"""A kernel that is locked down: what it refuses to root, and that errors say so.

Lockdown cannot be taken back before the machine starts anew. These tests run last, and
only where the machine is thrown away: in ./dev vm.
"""

import os
import pathlib

import pytest

import tinybpf
from support.objects import Load

pytestmark = pytest.mark.last

LOCKDOWN = pathlib.Path("/sys/kernel/security/lockdown")


@pytest.fixture(autouse=True)
def confidentiality() -> None:
    """Lock the kernel down, for good."""
    if not os.environ.get("TINYBPF_DISPOSABLE"):
        pytest.skip("lockdown lasts until the next boot: ./dev vm runs this")
    if "[confidentiality]" not in LOCKDOWN.read_text():
        LOCKDOWN.write_text("confidentiality")


def test_program_that_reads_kernel_memory_names_lockdown(load: Load) -> None:
    """The verifier hides the helpers that read: that is no fault of the program."""
    with pytest.raises(tinybpf.BpfVerifierError) as caught:
        load("core")
    said = str(caught.value).partition("\nlibbpf output:\n")[0]
    assert "bpf_probe_read" in said.splitlines()[0]
    assert "the kernel is locked down (confidentiality)" in said


def test_kprobe_names_lockdown(load: Load) -> None:
    """Kprobes are refused to root, who has all capabilities."""
    with pytest.raises(tinybpf.BpfPermissionError) as caught:
        load("hooks").program("on_kprobe").attach_kprobe("do_sys_openat2")
    assert ", which this process has\n" in str(caught.value)
    assert "the kernel is locked down (confidentiality)" in str(caught.value)


def test_what_reads_no_kernel_memory_is_not_affected(load: Load) -> None:
    """Programs of the network and plain tracepoints load and attach as ever."""
    with load("hooks").program("on_xdp").attach_xdp("lo"), load("counts").attach():
        pass
