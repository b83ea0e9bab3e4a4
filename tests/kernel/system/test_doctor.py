# SPDX-License-Identifier: MIT
"""python -m tinybpf doctor: why an object does not run here, and nothing stays behind."""

import json
import os
import pathlib
import subprocess
from typing import Any

import pytest

import tinybpf
from support import child, command, elf, host
from support.gating import kernel
from support.objects import Find
from tinybpf._command import doctor, targets


def examined(path: pathlib.Path) -> dict[str, dict[str, Any]]:
    """Return the rows about an object by kind and name."""
    found = doctor.examine(str(path))
    assert doctor.layout(found)
    assert json.loads(json.dumps(found))["schema"] == 1
    return {f"{row['kind']} {row['name']}": row for row in found["rows"]}


def one(folder: pathlib.Path, section: str) -> pathlib.Path:
    """Return an object with a program of that section that returns 0."""
    path = folder / "one.bpf.o"
    path.write_bytes(elf.minimal(section=section).replace(b"MIT\0", b"GPL\0"))
    return path


def run(*args: object) -> "subprocess.CompletedProcess[str]":
    """Run the command in this form of tinybpf."""
    return command.run("doctor", *args)


def test_host_is_described() -> None:
    """Without an object it tells of the host alone, and exits 0 where BPF can be used."""
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"kernel {os.uname().release} ")
    assert "capabilities  all that BPF asks for" in lines
    assert "mounts        tracefs /sys/kernel/tracing" in lines
    assert lines[-1].startswith("host    bpf(2)  maps are made  OK")


def test_good_object_is_ok(bpf: Find) -> None:
    """Each map and program is OK, and the status is 0."""
    done = run(bpf("counts"), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["schema"], found["ok"]) == (1, True)
    told = {(row["kind"], row["name"]): row["status"] for row in found["rows"]}
    assert told["map", "counts"] == told["prog", "on_trigger"] == "ok"


def test_rings_are_measured_in_bytes(bpf: Find) -> None:
    """As written in the source, not as they are tried; other maps have entries."""
    assert examined(bpf("rings"))["map odd"]["what"] == "RINGBUF 8 KiB"
    assert examined(bpf("counts"))["map counts"]["what"] == "HASH 1024"


def test_what_to_do_is_said_once() -> None:
    """Rows that have the same advice have it at the first of them."""
    rows = [
        {"kind": "map", "name": name, "what": "HASH 1", "status": "no", "text": "no\n  do this"}
        for name in ("one", "two")
    ]
    found = doctor.examine(None)
    text = doctor.layout({**found, "rows": rows})
    assert text.count("NO: no\n") == 2
    assert text.count("do this") == 1


def test_nothing_is_attached_pinned_or_kept(bpf: Find) -> None:
    """A map that would be pinned is not; what was loaded is gone (the leak check looks)."""
    pins = set(pathlib.Path("/sys/fs/bpf").iterdir())
    rows = examined(bpf("pinned"))
    assert rows["map routes"]["status"] == rows["map jobs"]["status"] == "ok"
    assert set(pathlib.Path("/sys/fs/bpf").iterdir()) == pins


def test_pin_that_does_not_fit_is_told(bpf: Find) -> None:
    """A map that is pinned in its place and differs is named, with what differs."""
    path = pathlib.Path("/sys/fs/bpf/routes")
    with tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 4, 4, 1) as other:
        other.pin(path)
        try:
            told = examined(bpf("pinned"))["map routes"]
        finally:
            other.unpin(path)
    assert told["status"] == "no"
    assert told["text"].startswith(
        f"the map that is pinned at {path} has type HASH, and this one LPM_TRIE"
    )


def test_refused_program_is_told_alone(bpf: Find) -> None:
    """The verifier's cause stands at its program; the map and other programs are OK."""
    rows = examined(bpf("rejected"))
    assert rows["map numbers"]["status"] == "ok"
    told = rows["prog reads_null"]
    assert told["status"] == "no"
    assert "libbpf output" not in told["text"]
    assert "invalid mem access" in told["text"]


def test_refusals_do_not_hide_each_other(bpf: Find, tmp_path: pathlib.Path) -> None:
    """Of several programs that are refused each has its own cause."""
    data, path = bpf("refusals").read_bytes(), tmp_path / "refusals.bpf.o"
    for section in ("raw_tp/1", "raw_tp/2", "raw_tp/7"):
        data = elf.enable(data, section)
    path.write_bytes(data)
    rows = examined(path)
    refused = {r["name"]: r["text"] for r in rows.values() if r["status"] == "no"}
    assert set(refused) == {"a_null", "a_scalar", "a_loop"}
    assert len(set(refused.values())) == 3
    assert rows["map events"]["status"] == "ok"


def test_missing_field_is_told(bpf: Find) -> None:
    """A relocation that does not resolve is told, and the program that needs it."""
    rows = examined(bpf("relocation"))
    assert rows["prog reads_missing"]["status"] == "no"
    assert "no_such_field_anywhere" in rows["prog reads_missing"]["text"]
    absent = rows["core reads_missing"]
    assert absent["what"] == "struct task_struct.no_such_field_anywhere"
    assert absent["status"] == "no"


def test_missing_externs_are_told(bpf: Find) -> None:
    """An option, a kfunc and a symbol that this kernel lacks are named with advice."""
    option = examined(bpf("no_option"))["kconfig CONFIG_NO_SUCH_NUMBER"]
    assert option["status"] == "no"
    assert "give it by kconfig=" in option["text"]
    kfunc = examined(bpf("no_kfunc"))["kfunc bpf_mpa_put"]
    assert kfunc["status"] == "no"
    assert "nearest: 'bpf_map_put'" in kfunc["text"]
    assert any(r["status"] == "no" for r in examined(bpf("no_symbol")).values())


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("tracepoint/sched/sched_swich", "nearest: 'sched/sched_switch'"),
        ("raw_tp/sched_swich", "nearest: 'sched_switch'"),
        ("tp_btf/sched_swich", "nearest: 'sched_switch'"),
        ("uprobe//no/such/file:main", "there is no file '/no/such/file'"),
        ("uprobe/no_such_program:main", "there is no program 'no_such_program'"),
        ("nokind/x", "no kind of program has the section 'nokind/x'"),
    ],
)
def test_missing_target_is_told(tmp_path: pathlib.Path, section: str, words: str) -> None:
    """A target that is not there is looked up, not attached to: with the nearest name."""
    told = examined(one(tmp_path, section))["prog entry"]
    assert told["status"] == "no"
    assert words in told["text"]


@kernel("5.8", "kprobe", config="CONFIG_KPROBES")
def test_kernel_function_is_looked_up(tmp_path: pathlib.Path) -> None:
    """A function that is there is OK, one that is not has the nearest."""
    with tinybpf.load(one(tmp_path, "kprobe/vfs_read")) as obj, obj.attach():
        pass
    assert examined(one(tmp_path, "kprobe/vfs_read"))["prog entry"]["status"] == "ok"
    told = examined(one(tmp_path, "kprobe/vfs_raed"))["prog entry"]
    assert told["status"] == "no"
    assert "nearest: 'vfs_read'" in told["text"]


def test_kind_of_hook_that_this_kernel_lacks_is_told(tmp_path: pathlib.Path) -> None:
    """What features say of the hook stands at the program."""
    for section in ("kprobe.multi/vfs_read", "fentry/vfs_read", "netkit/primary"):
        found = tinybpf.Features().attach_kinds[section.partition("/")[0]]
        told = examined(one(tmp_path, section))["prog entry"]
        assert told["status"] == {True: "ok", False: "no", None: "unknown"}[found.supported]
        if section.startswith("kprobe.multi"):
            instead = "  without it: attach_kprobe() to one function after the other"
            assert (instead in told["text"]) is (found.supported is False)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("vfs_*", ""), ("vfs_rea?", ""), ("vfs_raed*", "no function that fits 'vfs_raed*'")],
)
def test_pattern_of_functions_is_looked_up(
    tmp_path: pathlib.Path, pattern: str, said: str
) -> None:
    """One that some function fits has no trouble, whether this kernel has such hooks or not."""
    told = examined(one(tmp_path, f"kprobe.multi/{pattern}"))["prog entry"]
    assert ("no function that fits" in told["text"]) is bool(said)
    assert said in told["text"]
    if tinybpf.Features().attach_kinds["kprobe.multi"]:
        assert told["status"] == ("no" if said else "ok")


def test_copies_of_a_function_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that compilers give to copies are found; a cold part is none."""
    symbols = (
        b"0000 t one.isra.0\n0000 t two\n0000 t two.constprop.0\n0000 t three\n"
        b"0000 t three.cold\n0000 t four\n0000 t four\t[module]\n"
    )
    monkeypatch.setattr(targets, "_symbols", lambda: symbols)
    assert targets._copies("one", True) == [
        ("no", "the compiler made of 'one': one.isra.0\n  attach there")
    ]
    assert targets._copies("two", False)[0][0] == "ok"
    assert "two.constprop.0" in targets._copies("two", False)[0][1]
    assert targets._copies("three", False) == []
    assert "2 functions have that name" in targets._copies("four", False)[0][1]


def test_tracepoint_of_another_layout_is_told(
    bpf: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A struct whose fields lie elsewhere than the format says is told, one that fits not."""
    with tinybpf.open(bpf("half")) as obj:
        program = next(iter(obj.programs.values()))
        struct = tinybpf.BtfType(
            "record",
            tinybpf.BtfKind.STRUCT,
            16,
            (tinybpf.BtfField("common_pid", 0, 4), tinybpf.BtfField("prev_pid", 24, 4)),
            c_name="struct record",
        )
        monkeypatch.setattr(targets, "_context", lambda obj, program: struct)
        told = targets._layout(obj, program, "sched/sched_switch")
        assert len(told) == 1
        assert told[0][0] == "no"
        assert "'common_pid' is at 4, and not at 0" in told[0][1]
        assert "prev_pid" not in told[0][1]
        assert targets._layout(obj, program, "sched/no_such") == []


@kernel("5.11", "BTF of modules", config="CONFIG_DEBUG_INFO_BTF_MODULES")
def test_types_of_modules_are_looked_for(bpf: Find) -> None:
    """What the kernel itself has not is resolved as libbpf does, and the module is named."""
    tinybpf.load(bpf("core_module")).close()
    told = examined(bpf("core_module"))["core on_trigger"]
    assert (told["what"], told["status"]) == ("1 resolved", "ok")
    is_own = tinybpf.Btf.kernel().find("veth_priv") is not None
    assert told["text"] == ("" if is_own else "with types of the module veth")


def test_file_in_other_mounts_is_told(tmp_path: pathlib.Path) -> None:
    """A process with mounts of its own and another file at the path is named."""
    path = tmp_path / "probed"
    path.write_bytes(b"here")
    code = (
        "import pathlib, sys\nfrom support import confine\n"
        "confine.hide(sys.argv[1])\npathlib.Path(sys.argv[2]).write_bytes(b'there')\n"
        "print('ready', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        child.command(code, str(tmp_path), str(path)),
        env=child.environment(),
        cwd=child.TESTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        told = targets._elsewhere(str(path))
        process.communicate()
    assert len(told) == 1
    assert f"attach to /proc/{process.pid}/root{path} as well" in told[0][1]
    assert targets._elsewhere(str(path)) == []


def test_without_privileges_nothing_is_denied(bpf: Find, public_dir: pathlib.Path) -> None:
    """A user cannot tell: neither OK nor NO of maps and programs, and the status is 1."""
    path = public_dir / "counts.bpf.o"
    path.write_bytes(bpf("counts").read_bytes())
    path.chmod(0o644)
    code = (
        "import sys\nfrom tinybpf import __main__\nfrom tinybpf._command import doctor\n"
        "from tinybpf._command import dry_run, targets\nimport json, dataclasses, glob\n"
        "__main__._parser().format_help()\n" + child.BECOME_NOBODY + "path = sys.argv[1]\n"
        "sys.argv[1:] = ['doctor', path]\nprint(__main__.main())\n"
    )
    said = child.output(code, path)
    assert said.endswith("\n1\n")
    assert "CANNOT TELL: this process lacks CAP_" in said
    assert "  NO" not in said
    lacking = next(line for line in said.splitlines() if line.startswith("capabilities"))
    assert lacking.endswith(
        "lacks CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN"
    )


@pytest.mark.parametrize(
    ("confinement", "words"),
    [
        ("confine.refuse('bpf')", "confined      a seccomp filter: it must allow bpf(2)"),
        ("confine.enter_user_namespace()", "confined      a user namespace: capabilities"),
        ("confine.hide('/sys')", "mounts        sysfs MISSING: mount -t sysfs sysfs /sys"),
        ("confine.hide('/sys/kernel/btf')", "confined      no /sys/kernel/btf/vmlinux"),
        (
            "confine.hide('/proc', '/sys')",
            "mounts        proc MISSING: mount -t proc proc /proc",
        ),
    ],
)
def test_confinement_is_told(bpf: Find, confinement: str, words: str) -> None:
    """Containers, and hosts with nothing mounted: what is missing, and what to do."""
    code = (
        "import sys\nfrom support import confine\nfrom tinybpf import __main__\n"
        "from tinybpf._command import doctor\n"
        f"{confinement}\nsys.argv[1:] = ['doctor', sys.argv[1]]\nprint(__main__.main())\n"
    )
    said = child.output(code, bpf("core"))
    assert words in said
    assert said.endswith("\n1\n")


def test_file_that_is_no_object_is_told(tmp_path: pathlib.Path) -> None:
    """What cannot be opened is a row, what cannot be read an error; both have status 1."""
    path = tmp_path / "x.bpf.o"
    path.write_bytes(b"nothing of the kind")
    done = run(path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "NO: it is not an ELF file" in done.stdout
    done = run(tmp_path / "missing.bpf.o")
    assert done.returncode == 1
    assert "No such file" in done.stderr


# Objects of each kind: those that load everywhere, nowhere, and on some kernels.
VARIED = (
    *("counts", "core", "records", "rings", "nested", "storages", "struct_ops", "half"),
    *("fentry", "lsm", "newest", "arena", "replaced", "rejected", "relocation", "refused_map"),
)


@pytest.mark.parametrize("name", VARIED)
def test_rows_agree_with_a_real_load(bpf: Find, name: str) -> None:
    """Whether an object loads here is what its rows say."""
    path = bpf(name)
    found = doctor.examine(str(path))
    assert doctor.layout(found)
    problem = None
    try:
        tinybpf.load(path).close()
    except tinybpf.BpfError as error:
        problem = error
    wrong = [row for row in found["rows"] if row["status"] != "ok"]
    if problem is not None:
        assert wrong
    assert problem is not None or not [r for r in wrong if r["kind"] in ("map", "core")]


def test_capabilities_of_the_host_are_named() -> None:
    """The row about bpf(2) is that of a real map, and a version is that of uname(2)."""
    found = doctor.examine(None)
    assert found["host"]["release"].startswith(f"{host.kernel_version()[0]}.")
    assert found["rows"] == [
        {"kind": "host", "name": "bpf(2)", "what": "maps are made", "status": "ok", "text": ""}
    ]
