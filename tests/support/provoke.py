# SPDX-License-Identifier: MIT
"""Every way to go wrong, provoked: what the tests ask for, and what the docs show.

`cd tests; python -m support.provoke` prints the table in Markdown, each error with the
text that a user sees. It works in a folder of its own, in which the objects lie as
tool.bpf.o, so that no path of the machine shows.
"""

import contextlib
import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple

import tinybpf
from support import child, elf, host, pins, privilege
from support.objects import cgroup_root


class Provocation(NamedTuple):
    """Something that cannot be, and the class of its error."""

    what: str
    error: str
    call: Callable[[], object]


def put(data: bytes) -> str:
    """Write tool.bpf.o into the working directory."""
    pathlib.Path("tool.bpf.o").write_bytes(data)
    return "tool.bpf.o"


def compiled(name: str, section: str = "") -> str:
    """Put the compiled tests/bpf/<name> there, with the programs of a section on."""
    data = host.bpf_object(name).read_bytes()
    return put(elf.enable(data, section) if section else data)


def load(data: bytes) -> None:
    """Load what should not load."""
    tinybpf.load(put(data)).close()


def load_compiled(name: str, section: str = "") -> None:
    """Load an object of the tests that should not load."""
    tinybpf.load(compiled(name, section)).close()


def attach(section: str) -> None:
    """Load and attach a program of that section."""
    with tinybpf.load(put(elf.minimal(section=section))) as obj, obj.attach():
        pass


def by_hand(program: str, kind: str, *args: Any, **kwargs: Any) -> Callable[[], None]:
    """Return the attempt to attach a program of hooks.bpf.c."""

    def call() -> None:
        with tinybpf.load(compiled("hooks")) as obj:
            getattr(obj.program(program), "attach_" + kind)(*args, **kwargs).close()

    return call


def with_counts(use: Callable[[tinybpf.BpfObject], object]) -> Callable[[], None]:
    """Return the attempt to use counts.bpf.c in that way."""

    def call() -> None:
        with tinybpf.load(compiled("counts")) as obj:
            use(obj)

    return call


def closed() -> None:
    """Use a map of a closed object."""
    with tinybpf.load(compiled("counts")) as obj:
        counts = obj.maps["counts"]
    counts[1]


def overfill(obj: tinybpf.BpfObject) -> None:
    """Put five entries into a map of four."""
    for key in range(5):
        obj.maps["tiny"][key] = 0


def misname(obj: Any) -> object:
    """Ask for a map as an attribute, which it is not."""
    return obj.maps.cuonts


def directory() -> None:
    """Load a directory."""
    tinybpf.load(".")


def files() -> Iterator[Provocation]:
    """Yield what is wrong with files."""
    whole = host.bpf_object("counts").read_bytes()
    yield Provocation("bytes for a path", "TypeError", lambda: tinybpf.load(whole))
    yield Provocation("missing file", "FileNotFoundError", lambda: tinybpf.load("tol.bpf.o"))
    yield Provocation("directory", "IsADirectoryError", directory)
    yield Provocation("empty file", "BpfError", lambda: load(b""))
    yield Provocation("no ELF file", "BpfError", lambda: load(b"#!/bin/sh\n"))
    yield Provocation("truncated header", "BpfError", lambda: load(whole[:40]))
    yield Provocation("truncated download", "BpfError", lambda: load(whole[:-100]))
    yield Provocation("32-bit", "BpfError", lambda: load(elf.minimal(bits=32)))
    yield Provocation("big-endian", "BpfError", lambda: load(elf.minimal(order=">")))
    yield Provocation(
        "of another machine", "BpfError", lambda: load(elf.minimal(machine=elf.EM_X86_64))
    )
    yield Provocation(
        "legacy maps section", "BpfError", lambda: load(elf.minimal(extra="maps"))
    )
    yield Provocation("maps without BTF", "BpfError", lambda: load(elf.without_btf(whole)))
    yield Provocation(
        "unknown section", "BpfError", lambda: load(elf.minimal(section="no_such_kind/x"))
    )


def unknown_probe() -> None:
    """Attach to a USDT probe that a file does not have."""
    pathlib.Path("probes").write_bytes(elf.probed())
    data = host.bpf_object("usdt").read_bytes()
    wrong = data.replace(b"./probed:demo:request", b"./probes:demo:reqeust")
    with tinybpf.load(put(wrong), autoload=["on_request"]) as obj, obj.attach():
        pass


def names() -> Iterator[Provocation]:
    """Yield what is not there."""
    binary = host.directory_from("TINYBPF_BUILD") / "kernel_ids"
    here = pathlib.Path("probed")
    here.write_bytes(binary.read_bytes())
    group = str(cgroup_root() / "no_such_group")
    tracepoint = by_hand("on_tracepoint", "tracepoint", "sched", "sched_swich")
    raw = by_hand("on_raw_tracepoint", "raw_tracepoint", "sched_swich")
    symbol = by_hand("on_uprobe", "uprobe", "./probed", func_name="mian")
    file = by_hand("on_uprobe", "uprobe", "./prodeb", func_name="main")
    program = by_hand("on_uprobe", "uprobe", "no_such_program", func_name="main")
    pid = by_hand("on_uprobe", "uprobe", "./probed", 0x1000, 2**22 + 1)
    yield Provocation("unknown map", "KeyError", with_counts(lambda o: o.maps["count"]))
    yield Provocation(
        "unknown program", "KeyError", with_counts(lambda o: o.program("on_triger"))
    )
    yield Provocation("name for an item", "AttributeError", with_counts(misname))
    yield Provocation("unknown tracepoint", "BpfError", tracepoint)
    yield Provocation(
        "tracepoint without a category",
        "BpfError",
        lambda: attach("tracepoint/sched_switch"),
    )
    yield Provocation("unknown raw tracepoint", "BpfError", raw)
    yield Provocation("unknown function", "BpfError", lambda: attach("fentry/vfs_raed"))
    yield Provocation("unknown LSM hook", "BpfError", lambda: attach("lsm/file_opne"))
    yield Provocation("unknown iterator", "BpfError", lambda: attach("iter/tsak"))
    yield Provocation("unknown symbol", "BpfError", symbol)
    yield Provocation("unknown binary", "BpfError", file)
    yield Provocation("unknown USDT probe", "BpfError", unknown_probe)
    yield Provocation("program not in PATH", "BpfError", program)
    yield Provocation("unknown process", "BpfError", pid)
    yield Provocation("unknown interface", "BpfError", by_hand("on_xdp", "xdp", "lo0"))
    yield Provocation("unknown cgroup", "BpfError", by_hand("on_cgroup", "cgroup", group))
    yield Provocation("no cgroup", "BpfError", by_hand("on_cgroup", "cgroup", "/tmp"))
    yield Provocation(
        "hook of another type", "BpfError", by_hand("on_xdp", "cgroup", str(cgroup_root()))
    )
    yield Provocation("program without a hook", "BpfError", lambda: attach("socket"))


def set_constant(name: str) -> Callable[[], None]:
    """Return the attempt to set a variable of globals.bpf.c that is no constant."""
    return lambda: tinybpf.load(compiled("globals"), rodata={name: 1}).close()


def twins() -> tinybpf.Btf:
    """Return the types of an object that was linked of two files."""
    data = host.bpf_object("twins").read_bytes()
    return tinybpf.Btf.parse(elf.renamed(data, "event_2", "event_1"), name="tool")


def externs() -> Iterator[Provocation]:
    """Yield what an object asks of the kernel's configuration and symbols."""
    option = "CONFIG_NO_SUCH_NUMBER=lots"
    yield Provocation("option not set", "BpfError", lambda: load_compiled("no_option"))
    yield Provocation(
        "wrong kconfig=",
        "BpfError",
        lambda: tinybpf.load(compiled("no_option"), kconfig=option).close(),
    )
    yield Provocation("unknown kfunc", "BpfError", lambda: load_compiled("no_kfunc"))
    yield Provocation(
        "unknown symbol of the kernel", "BpfError", lambda: load_compiled("no_symbol")
    )


def values() -> Iterator[Provocation]:
    """Yield what does not fit into a map."""
    counts = with_counts
    yield Provocation(
        "key of a wrong size", "ValueError", counts(lambda o: o.maps["counts"][b"x"])
    )
    yield Provocation(
        "key of a wrong type", "TypeError", counts(lambda o: o.maps["counts"]["x"])
    )
    yield Provocation(
        "negative value", "ValueError", counts(lambda o: o.maps["counts"].update(1, -1))
    )
    yield Provocation("variable that is no constant", "KeyError", set_constant("seen"))
    yield Provocation("static variable", "KeyError", set_constant("hidden_count"))
    yield Provocation("name of two types", "KeyError", lambda: twins().classes["event_1"])
    yield Provocation("missing key", "KeyError", counts(lambda o: o.maps["counts"][1]))
    yield Provocation("full map", "BpfError", counts(overfill))
    yield Provocation("use after close", "BpfClosedError", closed)


def misfit() -> None:
    """Load an object whose pinned maps have other settings."""
    with pins.folder("tinybpf-tool") as root:
        with tinybpf.load(compiled("pinned"), pin_root=root):
            tinybpf.load("tool.bpf.o", pin_root=root, maps={"jobs": {"max_entries": 4}})


def refusals() -> Iterator[Provocation]:
    """Yield what the kernel refuses."""
    yield Provocation(
        "verifier", "BpfVerifierError", lambda: load_compiled("refusals", "raw_tp/1")
    )
    yield Provocation(
        "packet bounds", "BpfVerifierError", lambda: load_compiled("refusals", "xdp")
    )
    yield Provocation(
        "CO-RE field", "BpfRelocationError", lambda: load_compiled("misfits", "raw_tp/2")
    )
    yield Provocation(
        "CO-RE type", "BpfRelocationError", lambda: load_compiled("misfits", "raw_tp/3")
    )
    yield Provocation("map that cannot be", "BpfError", lambda: load_compiled("refused_map"))
    yield Provocation("pin that does not fit", "BpfError", misfit)
    yield Provocation(
        "pin_root that is no bpffs",
        "BpfError",
        lambda: tinybpf.load(compiled("pinned"), pin_root=".").close(),
    )
    if host.kernel_version() < (6, 19):
        yield Provocation(
            "kernel too old for a map", "BpfNotSupportedError", lambda: load_compiled("newest")
        )
    if host.kernel_version() < (7, 0):
        yield Provocation(
            "kernel too old for a hook",
            "BpfNotSupportedError",
            lambda: attach("fsession/vfs_read"),
        )


def everything() -> list[Provocation]:
    """Return all that goes wrong in any process on any kernel of the matrix."""
    return [*files(), *names(), *externs(), *values(), *refusals()]


@contextlib.contextmanager
def own_folder() -> Iterator[None]:
    """Work in a folder that nothing else is in."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="tinybpf-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def provoke(one: Provocation) -> BaseException:
    """Return the exception of one of them; it must raise."""
    try:
        one.call()
    except Exception as error:
        return error
    raise AssertionError(f"nothing is wrong with: {one.what}")


HEAD = """
import os, sys, tinybpf
from support import confine
{}
try:
    with tinybpf.load("tool.bpf.o") as obj, {}:
        pass
except tinybpf.BpfError as error:
    print(f"{{type(error).__name__}}: {{error}}")
"""


def lacking(capabilities: str, section: str, attach: str = "obj.attach()") -> str:
    """Return what a process is told that has just those capabilities."""
    path = compiled("privileges", section)
    os.chmod(path, 0o644)
    code = f"""
with attempt(lambda: tinybpf.load(os.environ["TOOL"])) as obj:
    attempt(lambda: {attach})
"""
    os.environ["TOOL"] = os.path.abspath(path)
    said = privilege.attempt(capabilities.split(), code, before="import os")
    return "BpfPermissionError: " + said.replace(os.environ["TOOL"], path)


def watching() -> str:
    """Return what a process without CAP_PERFMON is told of an XDP program."""
    path = os.path.abspath(compiled("perfmon"))
    os.chmod(path, 0o644)
    code = """
try:
    tinybpf.load(sys.argv[1], autoload=["subtracts"])
except tinybpf.BpfVerifierError as error:
    print("BpfVerifierError:", error)
    sys.exit()
"""
    said = privilege.attempt(("bpf", "net_admin"), code, path)
    return said.replace(path, "tool.bpf.o")


def confined(how: str, name: str = "counts") -> str:
    """Return what root is told that is confined so."""
    path = os.path.abspath(compiled(name))
    code = HEAD.format(how, "obj.attach()").replace("tool.bpf.o", path)
    return child.output(code).strip().replace(path, "tool.bpf.o")


def elsewhere() -> Iterator[tuple[str, str]]:
    """Yield what processes are told that lack something, and for what."""
    yield "no capability at all", lacking("", "xdp")
    yield "one capability too few", lacking("bpf", "xdp")
    yield "tracefs closed", lacking("bpf perfmon", "tracepoint/syscalls/sys_enter_getpgid")
    uprobe = "obj.program('is_uprobe').attach_uprobe('/usr/bin/setpriv', 0x4000)"
    yield "program that needs CAP_PERFMON", watching()
    yield "uprobe without CAP_SYS_ADMIN", lacking("bpf perfmon", "uprobe", uprobe)
    yield "seccomp filter", confined("confine.refuse('bpf')")
    yield "user namespace", confined("confine.enter_user_namespace()")
    hidden = "confine.hide('/sys/kernel/tracing', '/sys/kernel/debug')"
    yield "tracefs not mounted", confined(hidden)
    yield "kernel without BTF", confined("confine.hide('/sys/kernel/btf')", "core")


def main() -> None:
    """Print the table."""
    with own_folder():
        os.chmod(".", 0o755)
        told = [(one.what, provoke(one)) for one in everything()]
        texts = [(what, f"{type(error).__name__}: {error}") for what, error in told]
        for what, text in [*texts, *elsewhere()]:
            print(f"### {what}\n\n```\n{text}\n```\n")


if __name__ == "__main__":
    main()
