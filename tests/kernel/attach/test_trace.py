# SPDX-License-Identifier: MIT
"""What is bound to a type when it is loaded: fentry, freplace, LSM; with their options."""

import os
import pathlib

import pytest

import tinybpf
from support import child, elf
from support.gating import kernel
from support.objects import Find

PACKET = bytes(64)


@kernel("5.19", "fentry", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_fentry_has_a_cookie(bpf: Find) -> None:
    """attach_trace() takes a cookie, and so does attach() for such a section."""
    with tinybpf.load(bpf("cookies"), autoload=["on_open"]) as obj:
        obj.maps["target"][0] = os.getpid()
        program = obj.program("on_open")
        with program.attach_trace(cookie=2**63 + 1) as link:
            assert "fentry:do_sys_openat2, fd=" in repr(link)
            pathlib.Path("/proc/self/stat").read_bytes()
        assert obj.maps["seen"][2] == 2**63 + 1
        with program.attach(cookie=3):
            pathlib.Path("/proc/self/stat").read_bytes()
        assert obj.maps["seen"][2] == 3


@kernel("5.19", "lsm", config="CONFIG_BPF_LSM and bpf among the LSMs")
def test_security_hook_has_a_cookie(bpf: Find) -> None:
    """attach_lsm() takes one, too."""
    with tinybpf.load(bpf("cookies"), autoload=["on_getpgid"]) as obj:
        obj.maps["target"][0] = us = os.getpid()
        with obj.program("on_getpgid").attach_lsm(cookie=12) as link:
            assert "lsm:task_getpgid, fd=" in repr(link)
            os.getpgid(us)
        assert obj.maps["seen"][3] == 12


# A list of security modules without bpf, as kernels have that are started with lsm=.
HIDE = """
echo lockdown,capability,yama > "$1/lsm"
mount --bind "$1/lsm" /sys/kernel/security/lsm
shift
exec "$@"
"""
REFUSED = """
import sys, tinybpf
with tinybpf.load(sys.argv[1]) as obj:
    for attach in (obj.program("on_getpgid").attach, obj.program("on_getpgid").attach_lsm):
        try:
            attach().destroy()
        except tinybpf.BpfNotSupportedError as error:
            print(error)
"""


@kernel("5.7", "loading for lsm", config="CONFIG_BPF_LSM")
def test_security_hook_that_never_runs_is_refused(bpf: Find, tmp_path: pathlib.Path) -> None:
    """Where bpf is not among the security modules, attaching says so, and what to do."""
    with tinybpf.load(bpf("lsm")):
        pass  # this kernel takes the program
    command = child.command(REFUSED, str(bpf("lsm")))
    done = child.finish(
        ["unshare", "--mount", "sh", "-ec", HIDE, "sh", str(tmp_path), *command]
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert said.count("programs on LSM hooks never run here: bpf is not among") == 2
    assert "\n  start it with lsm=lockdown,capability,yama,bpf" in said


@kernel("5.10", "freplace")
def test_freplace_goes_to_the_target_that_is_given(bpf: Find, tmp_path: pathlib.Path) -> None:
    """It replaces the function of any program of the same type, by its own link."""
    path = tmp_path / "other.bpf.o"
    path.write_bytes(elf.enable(bpf("replaced").read_bytes(), "freplace/verdict"))
    with tinybpf.load(bpf("replaced")) as first, tinybpf.load(bpf("replaced")) as second:
        with tinybpf.open(path) as obj:
            substitute = obj.program("substitute")
            substitute.set_attach_target("verdict", first.program("filter"))
            obj.load()
            filters = [o.program("filter") for o in (first, second)]
            with substitute.attach_freplace() as link:
                assert "freplace:verdict" in repr(link)
                assert [f.test_run(data=PACKET).retval for f in filters] == [2, 1]
            assert [f.test_run(data=PACKET).retval for f in filters] == [1, 1]
            with substitute.attach_freplace(filters[1], "verdict"):
                assert [f.test_run(data=PACKET).retval for f in filters] == [1, 2]
            with substitute.attach(target=filters[0].fd, func_name="verdict"):
                assert [f.test_run(data=PACKET).retval for f in filters] == [2, 1]
            assert [f.test_run(data=PACKET).retval for f in filters] == [1, 1]
            with pytest.raises(tinybpf.BpfError):
                substitute.attach_freplace(filters[1], "verdit")
