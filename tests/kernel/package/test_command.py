# SPDX-License-Identifier: MIT
"""python -m tinybpf: what is in an object, typed modules, types as C; without root."""

import ast
import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import pytest

import tinybpf
from support import child, elf, host, scale
from support.command import output, run
from support.gating import kernel
from support.objects import Find
from support.patch import Patch


@pytest.fixture
def described(bpf: Find) -> Any:
    """Return what inspect --json says of btf_core."""
    return json.loads(output("inspect", "--json", bpf("btf_core")))


def test_inspect_tells_programs_and_maps(described: Any) -> None:
    """Programs have section, type and target; maps their types, sizes and limits."""
    assert described["license"] == "Dual MIT/GPL"
    assert described["programs"] == [
        {
            "name": "on_trigger",
            "section": "tracepoint/syscalls/sys_enter_getpgid",
            "type": "TRACEPOINT",
            "target": "syscalls/sys_enter_getpgid",
            "autoload": True,
        }
    ]
    config = described["maps"][0]
    assert (config["name"], config["type"], config["max_entries"]) == ("config", "ARRAY", 1)
    assert (config["key"], config["key_size"]) == ("__u32", 4)
    assert (config["value"], config["value_size"]) == ("struct cookie", 8)


def test_inspect_tells_types_and_globals(described: Any) -> None:
    """Global variables stand under their sections, types with their sizes."""
    assert described["globals"] == {
        ".bss": [{"name": "seen", "type": "__u64[8]", "offset": 0, "size": 64}]
    }
    assert described["types"] == [{"name": "struct cookie", "size": 8}]


def test_inspect_tells_events(bpf: Find) -> None:
    """A map whose source declares its records says which, in JSON and in the table."""
    maps = json.loads(output("inspect", "--json", bpf("events")))["maps"]
    declared = {m["name"]: m["event"] for m in maps}
    assert (declared["tagged"], declared["perf"]) == ("struct event", "struct event")
    assert declared["plain"] is declared["misnamed"] is None
    assert "  events: struct event\n" in output("inspect", bpf("events"))
    several = "events: struct exec_event, struct exit_event\n"
    assert several in output("inspect", bpf("direct_kinds"))
    union = '"mixed"], /) -> _EventMap[typing.Union[_exec_event, _exit_event]]: ...'
    assert union in output("stubs", bpf("direct_kinds"), "-o", "-").replace("'", '"')


def test_types_are_those_that_the_object_uses(bpf: Find) -> None:
    """Types of maps, events and variables are shown, those of members and pointers too."""
    shown = [t["name"] for t in json.loads(output("inspect", "--json", bpf("events")))["types"]]
    assert shown == ["struct cookie", "struct event", "struct line", "enum color"]
    module = output("stubs", bpf("btf_core"), "-o", "-")
    assert "class cookie(Record)" in module
    assert "task_struct" not in module
    assert "pid_type" not in module


def test_types_of_one_name_are_told_apart(bpf: Find, tmp_path: pathlib.Path) -> None:
    """Of two types of one name, as linked objects have, both are shown and typed."""
    twice = tmp_path / "twice.bpf.o"
    twice.write_bytes(elf.renamed(bpf("records").read_bytes(), "stats", "thing"))
    shown = [t["name"] for t in json.loads(output("inspect", "--json", twice))["types"]]
    assert shown.count("struct thing") == 2
    module = output("stubs", twice, "-o", "-")
    assert "class thing(Record)" in module
    assert "class thing_2(Record)" in module


def test_inspect_tells_what_is_asked_of_the_kernel(described: Any) -> None:
    """Each CO-RE relocation is named: what it asks, of which field, type or value."""
    asked = {(r["kind"], r["of"]) for r in described["relocations"]}
    assert {r["program"] for r in described["relocations"]} == {"on_trigger"}
    assert {
        ("offset", "struct pid.numbers[0].nr"),
        ("offset", "struct task_struct___mine.group_leader"),
        ("size", "struct pid"),
        ("kernel id", "struct pid"),
        ("value", "enum pid_type.PIDTYPE_SID"),
    } <= asked


def test_inspect_prints_tables(bpf: Find) -> None:
    """Without --json there is a table of each thing."""
    text = output("inspect", bpf("counts"))
    assert text.startswith(f"{bpf('counts')}: license Dual MIT/GPL\n\nprograms\n")
    assert "  counts  HASH   __u32 (4) -> __u64 (8)" in text
    assert "CO-RE" not in text


def test_every_object_is_described(bpf: Find) -> None:
    """Each whole test object, those that no kernel loads too, can be inspected and typed."""
    from tinybpf._command import inspect, stubs

    whole = set(bpf("counts").parent.glob("*.bpf.o")) - {bpf("linked")}
    for path in scale.part(sorted(whole), host.kernel_version()[1]):
        with tinybpf.open(path) as obj:
            assert inspect.layout(inspect.describe(obj, str(path)))
            module = stubs.write(obj, path.name)
        assert module == module.encode("ascii").decode()
        compile(module, str(path), "exec")


def test_nobody_needs_to_be_root(bpf: Find, public_dir: pathlib.Path) -> None:
    """inspect and stubs work for a user without any privilege."""
    shutil.copy(bpf("counts"), public_dir / "counts.bpf.o")
    code = (
        "import argparse, json, sys\n"
        "from tinybpf import __main__\n"
        "from tinybpf._command import inspect, stubs\n"
        "__main__._parser().format_help()\n" + child.BECOME_NOBODY + "path = sys.argv[1]\n"
        "for words in (['inspect', path], ['stubs', path, '-o', '-']):\n"
        "    sys.argv[1:] = words\n"
        "    assert __main__.main() == 0\n"
    )
    printed = child.output(code, public_dir / "counts.bpf.o")
    assert "BpfMap[builtins.int, builtins.int]" in printed


def test_stubs_write_a_module_that_loads(bpf: Find, tmp_path: pathlib.Path) -> None:
    """x_bpf.py beside x.bpf.o loads it by itself, and says the same each time."""
    shutil.copy(bpf("records"), tmp_path / "records.bpf.o")
    assert output("stubs", tmp_path / "records.bpf.o") == ""
    text = (tmp_path / "records_bpf.py").read_text()
    assert output("stubs", tmp_path / "records.bpf.o", "-o", "-") == text
    code = """
    import sys
    sys.path.insert(0, sys.argv[1])
    import records_bpf
    with records_bpf.load() as obj:
        obj.maps["flows"][obj.types.flow(saddr=1, sport=80)] = {"bytes": 7}
        print(obj.name, [stats.bytes for stats in obj.maps["flows"].values()])
    with records_bpf.open() as obj:
        print(obj.state)
    """
    assert child.output(code, tmp_path) == "records [7]\nopened\n"


def test_names_of_a_module_exist_at_run_time(bpf: Find, tmp_path: pathlib.Path) -> None:
    """Annotations may be evaluated; enums have their members, the rest says where to look."""
    for name in ("events", "globals"):
        shutil.copy(bpf(name), tmp_path / f"{name}.bpf.o")
        output("stubs", tmp_path / f"{name}.bpf.o")
    code = """
    import sys, typing
    sys.path.insert(0, sys.argv[1])
    import events_bpf, globals_bpf, tinybpf
    def show(e: events_bpf.event, o: events_bpf.Object, m: globals_bpf.Maps) -> globals_bpf.Bss:
        pass
    hints = typing.get_type_hints(show)
    with events_bpf.open() as obj, globals_bpf.open(rodata={"target_pid": 7}) as other:
        print(isinstance(obj.types.event(pid=1), hints["e"]), isinstance(obj, hints["o"]))
        print(isinstance(other.maps, hints["m"]), isinstance(other.bss, hints["return"]))
        print(other.rodata.target_pid, events_bpf.color.RED == 0)
    try:
        events_bpf.event(pid=1)
    except TypeError as error:
        print(error)
    """
    lines = child.output(code, tmp_path).splitlines()
    assert lines[:3] == ["True True", "True True", "7 True"]
    assert "their classes are in the types of an object, such as obj.types.event" in lines[3]


def test_names_that_are_no_names_are_left_out(bpf: Find) -> None:
    """A field named as a keyword is in the module as a comment."""
    text = output("stubs", bpf("records"), "-o", "-")
    assert "# record['class']: builtins.int" in text
    assert "count: builtins.int  # type: ignore[assignment]" in text


@kernel("5.4", "kernel BTF", config="CONFIG_DEBUG_INFO_BTF")
def test_btf_prints_types_and_keeps_what_is_needed(bpf: Find, tmp_path: pathlib.Path) -> None:
    """One type of the kernel as C, all types of a file, minimised types as bytes."""
    assert output("btf", "list_head").startswith(
        "struct list_head {\n\tstruct list_head *next;"
    )
    assert "struct shape {" in output("btf", "-f", bpf("btf_shapes"))
    small = tmp_path / "small.btf"
    with small.open("wb") as file:
        subprocess.run(
            [sys.executable, "-m", "tinybpf", "btf", "--minimize", str(bpf("core"))],
            env=child.environment(),
            cwd=child.TESTS,
            stdout=file,
            check=True,
        )
    assert "task_struct" in tinybpf.Btf.file(small)


def test_mistakes_are_one_line(bpf: Find, tmp_path: pathlib.Path) -> None:
    """What is wrong with a file or a name is said in a line, with status 1."""
    (tmp_path / "text.bpf.o").write_text("hello")
    for args, words in (
        (("inspect", tmp_path / "none.bpf.o"), "No such file"),
        (("inspect", tmp_path / "text.bpf.o"), "not an ELF file"),
        (("btf", "-f", bpf("btf_shapes"), "shap"), "did you mean 'shape'"),
    ):
        done = run(*args)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("tinybpf: ")
        assert words in done.stderr
    assert run().returncode == 2


@pytest.fixture
def odd(bpf: Find, tmp_path: pathlib.Path) -> pathlib.Path:
    """Return records.bpf.c with names that a terminal, Python or UTF-8 would stumble on."""
    changed = Patch(bpf("records"))
    changed.rename(b"flows", b"\x1b[31m")
    changed.rename(b"things", b"t\xffings")
    changed.rename(b"stats", b'"""\n1')
    changed.rename(b"Dual MIT/GPL", b"GPL\x07\xe2\x80\xaeLPG \x9b")
    path = tmp_path / "odd.bpf.o"
    path.write_bytes(changed.data)
    return path


def test_names_cannot_steer_the_terminal(odd: pathlib.Path) -> None:
    """Control characters and what turns text around are shown as escapes by all commands."""
    for command in (("inspect",), ("stubs", "-o", "-"), ("btf", "--file")):
        text = output(*command, odd)
        assert [c for c in text if not c.isprintable() and c not in "\n\t"] == [], command
    text = output("inspect", odd)
    assert "\\x1b[31m " in text
    assert "t\\xffings " in text
    assert 'struct """\\n1' in text
    assert json.loads(output("inspect", "--json", odd))["maps"][0]["name"] == "\x1b[31m"
    done = run("btf", "--file", odd, "\x1b[0m")
    assert (done.returncode, done.stdout) == (1, "")
    assert "\x1b" not in done.stderr


def test_typed_module_is_no_code_of_the_files(odd: pathlib.Path) -> None:
    """A name with quotes and lines stays within the docstring of its class."""
    tree = ast.parse(output("stubs", "-o", "-", odd))
    kinds = {type(node) for node in tree.body}
    known = {ast.Expr, ast.ImportFrom, ast.Import, ast.Assign, ast.If, ast.FunctionDef}
    assert kinds <= {*known, ast.ClassDef}
    enums = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    within = {type(node) for an_enum in enums for node in an_enum.body}
    assert within == {ast.Expr, ast.Assign}  # a docstring, and members
    documented = [ast.get_docstring(n) for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    assert 'struct """\\n1, 16 bytes.' in [text for text in documented if text]


def test_relocation_that_leads_nowhere_is_shown(bpf: Find, tmp_path: pathlib.Path) -> None:
    """The way of a relocation to a member that is not there ends with its number."""
    changed = Patch(bpf("core"))
    ext = changed.sections[".BTF.ext"].at
    record = ext + changed.get(ext + 4) + changed.get(ext + 24) + 12
    at = changed.strings + changed.get(record + 8)
    changed.data[at + 2 : at + 3] = b"9"
    path = tmp_path / "nowhere.bpf.o"
    path.write_bytes(changed.data)
    assert "struct task_struct.9" in output("inspect", path)
