# SPDX-License-Identifier: MIT
"""Who holds what is loaded, and where it is pinned: holders(), pins()."""

import os
import pathlib
import pickle
import shutil
import sys
from collections.abc import Iterator

import pytest

import tinybpf
from support import child, pins
from support.gating import kernel
from support.objects import Find, Load

LOAD = """
import sys, time, tinybpf
with open("/proc/self/comm", "w") as file:
    file.write(sys.argv[2])
obj = tinybpf.load(sys.argv[1])
print("ready", flush=True)
time.sleep(60)
"""
ASK = """
import sys, tinybpf
for program in tinybpf.iter_programs():
    if program.id == int(sys.argv[1]):
        held = program.holders()
        print(len(held), held.unseen)
        try:
            print(bool(held))
        except ValueError as error:
            print("ValueError", error)
"""


@pytest.fixture
def folder() -> Iterator[pathlib.Path]:
    """Return a folder of the test's own on the bpffs."""
    with pins.folder() as path:
        yield path


def own() -> tinybpf.Holder:
    """Return this process as a holder."""
    return tinybpf.Holder(os.getpid(), pathlib.Path("/proc/self/comm").read_text().strip())


def asked_in(command: "list[str]", program: tinybpf.BpfProgram) -> str:
    """Return what a child that starts by a command sees of a program's holders."""
    done = child.finish([*command, *child.command(ASK, str(program.id))])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_own_process_holds_what_it_loaded(load: Load) -> None:
    """Programs, maps and BTF of an object, once each, however many descriptors."""
    obj = load("typed")
    with tinybpf.BpfMap.from_id(obj.maps["flows"].id):
        assert obj.maps["flows"].holders() == (own(),)
        assert obj.programs["produce"].holders() == (own(),)
    btf = next(b for b in tinybpf.iter_btfs() if b.id == obj.maps["flows"].info.btf_id)
    assert btf.holders() == (own(),)
    assert not obj.maps["flows"].pins()


@kernel("5.15", "link of a tracepoint")
def test_own_process_holds_its_link(load: Load) -> None:
    """As long as it is attached."""
    with load("typed").programs["produce"].attach() as link:
        assert link.holders() == (own(),)


def test_other_process_is_named_as_it_names_itself(bpf: Find) -> None:
    """Its name is shown with escapes, where it is no text."""
    with child.started(LOAD, bpf("run"), "a tool (x)") as process:
        held = [p.holders() for p in tinybpf.iter_programs() if p.name == "on_words"]
        assert tinybpf.Holder(process.pid, "a tool (x)") in [h for seen in held for h in seen]
        assert f"a tool (x)({process.pid})" in " ".join(map(str, held))


def test_listing_is_one_scan(load: Load, bpf: Find) -> None:
    """What one listing found shares what was seen when the first of it was asked."""
    obj = load("run")
    listed = {program.id: program for program in tinybpf.iter_programs()}
    first = listed[obj.programs["on_packet"].id]
    second = listed[obj.programs["on_words"].id]
    assert own() in first.holders()
    with tinybpf.BpfProgram.from_id(second.id) as again:
        obj.close()
        assert own() in second.holders()
        assert own() in again.holders()
    assert own() in second.holders()


def test_pins_of_all_kinds_are_found(load: Load, folder: pathlib.Path) -> None:
    """Wherever they lie, and twice if they are there twice; links of names are no pins."""
    obj = load("typed")
    flows, produce = obj.maps["flows"], obj.programs["produce"]
    flows.pin(folder / "flows")
    (folder / "deep").mkdir()
    flows.pin(folder / "deep" / "er" / "flows")
    produce.pin(folder / "produce")
    (folder / "alias").symlink_to(folder / "flows")
    assert sorted(flows.pins()) == [str(folder / "deep/er/flows"), str(folder / "flows")]
    assert produce.pins() == (str(folder / "produce"),)
    assert obj.maps["per_cpu"].pins() == ()
    with obj.programs["produce"].attach() as link:
        try:
            link.pin(folder / "link")
        except tinybpf.BpfNotSupportedError:
            return
        assert link.pins() == (str(folder / "link"),)
        assert next(x for x in tinybpf.iter_links() if x.id == link.id).pins() == link.pins()


def test_other_pid_namespace_is_no_empty_list(load: Load) -> None:
    """Who looks from inside of one is told that others may hold it."""
    said = asked_in(
        ["unshare", "--pid", "--fork", "--mount-proc"], load("run").programs["on_skb"]
    )
    assert said.splitlines()[0] == "0 processes outside of this PID namespace"
    assert said.splitlines()[1].startswith("ValueError nothing was found, but not all was seen")


def test_without_proc_nothing_is_known(load: Load) -> None:
    """An empty folder in place of /proc is not an empty list of holders."""
    script = 'mount -t tmpfs none /proc && exec "$@"'
    said = asked_in(
        ["unshare", "--mount", "sh", "-c", script, "sh"], load("run").programs["on_skb"]
    )
    assert said.splitlines()[0] == "0 all processes, for /proc is not mounted"


def test_hidden_processes_are_told(load: Load) -> None:
    """Where /proc hides those of others, and where it does not let look into them."""
    program = load("run").programs["on_skb"]
    script = 'mount -t proc -o hidepid=2 none /proc && exec "$@"'
    setpriv = shutil.which("setpriv") or "setpriv"  # a shell may have one of its own
    drop = [setpriv, "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
    said = asked_in(["unshare", "--mount", "sh", "-c", script, "sh", *drop], program)
    assert "processes of other users, which /proc hides (hidepid)" in said


def test_seen_is_a_tuple_that_knows_what_it_lacks() -> None:
    """It says so, is true if somebody is in it, and can be kept."""
    some = tinybpf.Seen([tinybpf.Holder(1, "init")], "half of it")
    assert some
    assert str(some) == "init(1) (not seen: half of it)"
    assert repr(some) == "Seen([Holder(pid=1, name='init')], unseen='half of it')"
    again = pickle.loads(pickle.dumps(some))
    assert (again, again.unseen) == (some, "half of it")
    assert not tinybpf.Seen()
    assert str(tinybpf.Seen()) == "nothing"
    with pytest.raises(ValueError, match="not all was seen: x"):
        bool(tinybpf.Seen((), "x"))


def test_unused_classes_are_not_imported() -> None:
    """Seen and what goes with it comes in when it is first asked for."""
    code = "import sys, tinybpf; print('tinybpf._system' in sys.modules)"
    assert child.output(code) == "False\n"
    assert sys.modules["tinybpf"].Seen.__module__ == "tinybpf"
