# SPDX-License-Identifier: MIT
"""One boot of qemu: the console is passed on, and its verdict is the exit status.

The verdict is one line with a word that only this boot knows. qemu itself ends with 0
when the kernel panics, so its own status says nothing; without the line nobody knows
how the tests went, and that is NO_VERDICT.
"""

import os
import pathlib
import re
import secrets
import subprocess
import threading
from collections.abc import Callable
from typing import NamedTuple

from kernels import Kernel

NO_VERDICT = 125
KVM = "/dev/kvm"
# Two CPUs, so that per-CPU code is tested; emulated, they share one thread of qemu, and
# the kernel's patching of its own code meets no other.
COMMON = ["-smp", "2", "-m", "768", "-nodefaults", "-no-user-config", "-no-reboot"]
COMMON += ["-display", "none"]
KVM_CPU = ["-accel", "kvm", "-cpu", "host"]
KERNEL = "quiet panic=-1 oops=panic mitigations=off no_timer_check lsm=lockdown,yama,bpf"
NO_ROOT = b"Unable to mount root fs"  # how a kernel ends that is given none
PROBE_TIMEOUT_S = 15


class Arch(NamedTuple):
    """How an architecture is emulated, and what Debian and its console are called."""

    debian: str
    emulator: str
    machine: str
    emulated_cpu: str
    console: str


ARCHES = {
    # Without cx16: qemu 7.2 loses flags around CMPXCHG16B, and kernels crash at random.
    "x86_64": Arch("amd64", "qemu-system-x86_64", "q35", "max,-cx16", "ttyS0"),
    # The real cipher of pointer authentication would take most of the time.
    "aarch64": Arch("arm64", "qemu-system-aarch64", "virt", "max,pauth-impdef=on", "ttyAMA0"),
}


def emulated_cpu(name: str, kernel: Kernel) -> str:
    """Return the CPU to emulate for a kernel.

    From 7.0 on x86_64 kernels give BPF's local storages memory by kmalloc_nolock(), which
    always fails without CMPXCHG16B; of those none was seen to crash with it.
    """
    usual = ARCHES[name].emulated_cpu
    return usual.replace(",-cx16", "") if re.search(r" [7-9]\.", kernel.origin) else usual


def can_use_kvm(name: str, kernel: Kernel) -> bool:
    """Tell whether this machine can run the guest's instructions itself, and quickly.

    A device that can be opened is not enough, nor a CPU that can be made: where KVM is
    nested or half there, kernels crawl, or stop at an instruction that it lacks. So this
    one is booted without a root, which it must have found missing in good time.
    """
    if os.uname().machine != name or not os.access(KVM, os.R_OK | os.W_OK):
        return False
    arch = ARCHES[name]
    words = [arch.emulator, "-M", arch.machine, *KVM_CPU, *COMMON, "-serial", "stdio"]
    words += ["-kernel", str(kernel.image), "-append", f"console={arch.console} {KERNEL}"]
    try:
        ended = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_TIMEOUT_S,
            check=True,
        )
    except subprocess.SubprocessError:
        return False
    return NO_ROOT in ended.stdout


class Boot:
    """A kernel with its initramfs, to be booted as often as need be."""

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        initramfs: pathlib.Path,
        show: Callable[[str], None],
        kvm: bool,
    ) -> None:
        self._arch = ARCHES[name]
        self._cpu = emulated_cpu(name, kernel)
        self._files = ["-kernel", str(kernel.image), "-initrd", str(initramfs)]
        self._show = show
        self._kvm = kvm
        self.accelerator = "KVM" if kvm else "emulated"

    def run(self, timeout_s: float) -> int:
        """Boot; return the status that the guest's init printed, or NO_VERDICT."""
        nonce = secrets.token_hex(8)
        with subprocess.Popen(
            self._command(nonce),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as qemu:
            late = threading.Timer(timeout_s, qemu.kill)
            late.start()
            try:
                return self._read(qemu, nonce)
            finally:
                late.cancel()
                qemu.kill()

    def _command(self, nonce: str) -> list[str]:
        arch = self._arch
        emulated = ["-accel", "tcg,thread=single", "-cpu", self._cpu]
        return [
            *[arch.emulator, "-M", arch.machine, *(KVM_CPU if self._kvm else emulated)],
            *[*COMMON, "-serial", "stdio", *self._files],
            *["-append", f"console={arch.console} VM_NONCE={nonce} {KERNEL}"],
        ]

    def _read(self, qemu: "subprocess.Popen[bytes]", nonce: str) -> int:
        """Pass the console on until qemu ends; return the verdict in it."""
        status = NO_VERDICT
        assert qemu.stdout is not None
        for raw in qemu.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            line = line.rpartition("\r")[2]  # what a terminal shows in the end
            verdict = re.search(rf"VM-RC-{nonce}=(\d+)", line)
            if verdict:
                status = int(verdict[1])
            else:
                self._show(line)
        return status
