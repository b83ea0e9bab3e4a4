# SPDX-License-Identifier: MIT
"""Static tracepoints of programs (USDT), by hand."""

import pathlib
import threading
from collections.abc import Iterator

import pytest

import tinybpf
from support import elf, host, probed, scale
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.8", "uprobe", config="CONFIG_UPROBES")


@pytest.fixture
def obj(bpf: Find) -> Iterator[tinybpf.BpfObject]:
    """Return an object whose program adds up the arguments of a probe."""
    with tinybpf.load(bpf("usdt"), autoload=["on_tick"]) as loaded:
        yield loaded


def ticks(obj: tinybpf.BpfObject) -> list[int]:
    """Return the sum of arguments, the cookie, and how often the program ran."""
    return list(obj.maps["ticks"].values())


def test_program_gets_arguments_and_cookie(obj: tinybpf.BpfObject) -> None:
    """The probe's argument and cookie= arrive; the process knows that somebody listens."""
    with probed.Running() as running:
        with obj.program("on_tick").attach_usdt(
            probed.path(), "demo", "tick", cookie=2**40
        ) as link:
            assert f"usdt:{probed.path()}:demo:tick, attached>" in repr(link)
            assert link.fd == -1
            assert running.ask("t") > 0
            assert running.ask("t") > 0
        assert ticks(obj) == [3, 2**40, 2]
        assert running.ask("t") == 0
    assert ticks(obj) == [3, 2**40, 2]


def test_pid_narrows_it(obj: tinybpf.BpfObject) -> None:
    """The probe of one process, which names the binary, too."""
    with probed.Running() as one, probed.Running() as other:
        with obj.program("on_tick").attach_usdt("probed", "demo", "tick", pid=one.pid):
            assert one.ask("t") > 0
            assert other.ask("t") == 0
    assert ticks(obj)[2] == 1


def test_attach_takes_what_the_section_leaves_out(obj: tinybpf.BpfObject) -> None:
    """attach(**options) of SEC("usdt") needs all of it."""
    program = obj.program("on_tick")
    with program.attach(binary_path=probed.path(), provider="demo", name="tick"):
        probed.run("t")
    assert ticks(obj)[2] == 1
    with pytest.raises(TypeError, match="lacks the argument 'provider'"):
        program.attach(binary_path=probed.path(), name="tick")


def test_second_program_at_a_probe(obj: tinybpf.BpfObject) -> None:
    """An object has several at one probe where the kernel has cookies, else it is told."""
    attach = obj.program("on_tick").attach_usdt
    with attach(probed.path(), "demo", "tick"):
        if host.kernel_version() >= (5, 15):
            attach(probed.path(), "demo", "tick").close()
        else:
            with pytest.raises(tinybpf.BpfError, match=r"before Linux 5\.15"):
                attach(probed.path(), "demo", "tick")
    assert ticks(obj) == [0, 0, 0]


@kernel("5.15", "uprobe")  # and its cookies
def test_threads_attach_to_probes_of_one_object(obj: tinybpf.BpfObject) -> None:
    """What libbpf shares among the probes of an object stays whole."""
    program, errors = obj.program("on_tick"), []

    def come_and_go() -> None:
        try:
            for _ in range(scale.times(20, least=5)):
                program.attach_usdt(probed.path(), "demo", "tick").destroy()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with program.attach_usdt(probed.path(), "demo", "tick"):
        probed.run("tt")
    assert ticks(obj)[2] == 2


def test_unknown_probe_names_the_nearest(
    obj: tinybpf.BpfObject, tmp_path: pathlib.Path
) -> None:
    """By hand as by a section."""
    path = tmp_path / "probed"
    path.write_bytes(elf.probed())
    with pytest.raises(tinybpf.BpfError, match="no probe 'demo:reqest'\n  nearest: 'demo:req"):
        obj.program("on_tick").attach_usdt(path, "demo", "reqest")
