# SPDX-License-Identifier: MIT
"""The catalog is whole: each kind that libbpf and the kernel's headers know has its row."""

import pathlib
import re
from collections.abc import Iterable

import project

from support.catalog import COMMENT, METHODS, Hook, hooks, kind

CATALOG = project.ROOT / "tinybpf/core/catalog"
STUB = "tinybpf/_reference/hook.pyi"
_SECTION = re.compile(r'SEC_DEF\("([^"]+)",\s*(\w+),\s*(\w+)')


def libbpf() -> pathlib.Path:
    """Return the folder of the sources of libbpf that the build compiles."""
    build = project.built("TINYBPF_BUILD")
    found = re.search(r"-I(\S+)/include/uapi\b", (build / "build.ninja").read_text())
    assert found, f"{build} compiles no libbpf"
    return build / found.group(1)


def members(header: str, enum: str) -> dict[str, int]:
    """Return the members of an enum of linux/bpf.h, aliases too, less unspec and the count."""
    body = re.search(rf"enum {enum} \{{(.*?)\}};", COMMENT.sub("", header), re.DOTALL)
    assert body, enum
    found: dict[str, int] = {}
    for item in filter(None, map(str.strip, body.group(1).split(","))):
        name, _, alias = map(str.strip, item.partition("="))
        found[name] = found[alias] if alias else len(set(found.values()))
    return {name: v for name, v in found.items() if not re.search("_UNSPEC$|^__MAX", name)}


def missing(names: Iterable[str], values: dict[str, int]) -> list[str]:
    """Return what of an enum has no row, or two, under any of its names."""
    rows = [values[name] for name in names]
    named = {value: name for name, value in values.items()}
    return [f"{named[v]} has {rows.count(v)} rows" for v in named if rows.count(v) != 1]


def section_complaints(source: str, rows: list[Hook]) -> list[str]:
    """Return the sections of libbpf.c whose row is missing or says something else."""
    found = []
    for section, type_name, attach in _SECTION.findall(source):
        having = [row for row in rows if section in row.sections]
        if len(having) != 1:
            found.append(f'SEC("{section}") has {len(having)} rows')
        elif "BPF_PROG_TYPE_" + type_name not in having[0].types:
            found.append(f'{having[0].name} does not take {type_name} of SEC("{section}")')
        elif attach != "0" and attach not in having[0].attach_types:
            found.append(f'{having[0].name} has no {attach} of SEC("{section}")')
    defined = {section for section, _, _ in _SECTION.findall(source)}
    unknown = [s for row in rows for s in row.sections if s not in defined]
    return [*found, *(f'libbpf has no SEC("{section}")' for section in unknown)]


def _types(file: str) -> list[str]:
    text = COMMENT.sub("", (CATALOG / file).read_text())
    found = re.findall(r"\.type = (BPF_\w+)", text)
    return [name for name in found if not name.endswith("_UNSPEC")]


def test_every_kind_of_map_and_program_has_a_row() -> None:
    """Each member of enum bpf_map_type and enum bpf_prog_type has one row."""
    header = (libbpf() / "include/uapi/linux/bpf.h").read_text()
    for file, enum in (("map.c", "bpf_map_type"), ("program.c", "bpf_prog_type")):
        values = members(header, enum)
        assert len(values) > 30
        project.none(missing(_types(file), values))


def test_every_way_to_attach_has_a_hook() -> None:
    """Each member of enum bpf_attach_type belongs to one kind of hook; each type to some."""
    header = (libbpf() / "include/uapi/linux/bpf.h").read_text()
    rows = hooks((CATALOG / "hook.c").read_text())
    attach = [name for row in rows for name in row.attach_types]
    project.none(missing(attach, members(header, "bpf_attach_type")))
    taken = {name for row in rows for name in row.types}
    assert taken == set(members(header, "bpf_prog_type"))


def test_every_section_of_libbpf_has_a_hook() -> None:
    """Each of libbpf's section_defs belongs to one kind, which takes what it makes."""
    source = (libbpf() / "src/libbpf.c").read_text()
    assert len(_SECTION.findall(source)) > 100
    project.none(section_complaints(source, hooks((CATALOG / "hook.c").read_text())))


def test_methods_name_kinds_that_exist() -> None:
    """What attach/ looks up in the catalog by name is there."""
    names = {row.name for row in hooks((CATALOG / "hook.c").read_text())}
    files = project.matching("tinybpf/core/attach/*.c")
    rows = [r for path in files for r in re.findall(r"\.hooks = \{(.*?)\}", path.read_text())]
    asked = [name for row in rows for name in re.findall(r'"([^"]+)"', row)]
    assert len(asked) >= 8
    assert set(asked) <= names


def test_page_of_kernels_has_every_kind() -> None:
    """The table that ./dev vm --table wrote tells of each kind, in the catalog's order."""
    page = (project.ROOT / "docs/kernels.md").read_text()
    table = page.partition("| kind of hook |")[2].partition("\n\n")[0]
    told = re.findall(r"^\| ([\w./]+) \|", table, re.MULTILINE)
    assert told == [row.name for row in hooks((CATALOG / "hook.c").read_text())]


def test_programs_are_counted_by_their_kind() -> None:
    """The method says it, or the section, as far as either does."""
    rows = hooks((CATALOG / "hook.c").read_text())
    for method, section, wanted in (
        ("attach_kretprobe", "kretprobe/x", "kprobe"),
        ("attach_kprobe", "kprobe", "kprobe"),
        ("attach_tcx", "tc", "tcx"),
        ("attach", "tc", "tc"),
        ("attach", "tc/ingress", "tcx"),
        ("attach_trace", "fentry.s/vfs_read", "fentry"),
        ("attach_cgroup", "lsm_cgroup/file_open", "lsm_cgroup"),
        ("attach_cgroup", "sockops", "cgroup"),
        ("", "xdp/devmap", "xdp/devmap"),
        ("attach", "xdpx", None),
    ):
        assert kind(method, section, rows) == wanted
    assert set(METHODS.values()) <= {row.name for row in rows}
    methods = re.findall(r"def (attach_\w+)", (project.ROOT / STUB).read_text())
    assert set(METHODS) <= set(methods)


def test_the_checks_find_what_is_wrong() -> None:
    """A member without a row, and a section that a row has wrong, are found."""
    header = "enum e {\n A_UNSPEC, /* x, */\n A_ONE,\n A_TWO,\n A_ALIAS = A_ONE,\n __MAX_A\n};"
    values = members(header + "\nenum f { A_THREE };", "e")
    assert values == {"A_ONE": 1, "A_TWO": 2, "A_ALIAS": 1}
    assert missing(["A_ALIAS", "A_TWO"], values) == []
    assert missing(["A_ONE", "A_ALIAS"], values) == ["A_ALIAS has 2 rows", "A_TWO has 0 rows"]
    row = (
        '{.name = "k",\n .sections = SECTIONS("k+", "k.s+"),\n .types = TYPES(BPF_PROG_TYPE_K)}'
    )
    right = hooks(row)
    source = 'SEC_DEF("k+",\tK, 0, SEC_NONE),\nSEC_DEF("k.s+", K, 0, SEC_NONE),'
    assert section_complaints(source, right) == []
    assert len(section_complaints(source, hooks(row.replace("TYPE_K", "TYPE_L")))) == 2
    assert len(section_complaints(source.replace("k.s+", "k.t+"), right)) == 2
    assert len(section_complaints(source.replace("K, 0", "K, BPF_A"), right)) == 2
