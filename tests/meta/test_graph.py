# SPDX-License-Identifier: MIT
"""No file of tinybpf/core knows, through whatever table, what knows it; names tell files."""

import pathlib

import graph
import project
import test_layers

CORE = project.ROOT / "tinybpf/core"
# Names that somebody else chose: Python's, and the linker's for --wrap.
FOREIGN = {"PyInit__core", "__wrap_btf__load_vmlinux_btf", "__wrap_btf__free"}


def circle_complaints(arrows: graph.Arrows) -> list[str]:
    """Return the circles of a graph."""
    return [f"these know each other: {' '.join(c)}" for c in graph.circles(arrows)]


def name_complaints(names: list[graph.Global]) -> list[str]:
    """Return the global names that tell neither their file nor its folder."""
    return [
        f"{entry.file}.c: {entry.name} begins with neither its folder nor its file"
        for entry in names
        if not graph.tells(entry) and entry.name not in FOREIGN
    ]


def test_files_form_no_circle() -> None:
    """Arrows between files, those through tables included, close no circle."""
    arrows = graph.arrows(graph.read(CORE), graph.definitions(CORE))
    assert sum(map(len, arrows.values())) > 300
    project.none(circle_complaints(arrows))


def test_files_name_nothing_above_them() -> None:
    """What a file names lies in its folder or in one below, also where no include tells."""
    arrows = graph.arrows(graph.read(CORE), graph.definitions(CORE))
    project.none(graph.upward(arrows, test_layers.FOLDERS))


def test_global_names_tell_their_file() -> None:
    """A function or table that others can name begins with tb_<folder>_ or tb_<file>_."""
    names = graph.definitions(CORE)
    assert len(names) > 300
    project.none(name_complaints(names))


def test_the_checks_find_what_is_wrong(tmp_path: pathlib.Path) -> None:
    """A circle through tables, an arrow up and a name from elsewhere are found."""
    files = {
        "base/a.c": "int tb_a_get(void)\n{\n    return 1;\n}\n"
        "static const struct row {\n    int (*f)(void);\n} rows[] = {{tb_b_get}};\n",
        "map/b.c": "const int tb_b_rows[] = {1};\n"
        "int\ntb_b_get(void)\n{\n    return tb_a_get();\n}\n",
        "map/c.c": "static int hidden(void)\n{\n    return tb_b_rows[0];\n}\n"
        "void other(void)\n{\n    /* tb_a_get() */\n}\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    names = graph.definitions(tmp_path)
    assert {entry.name for entry in names} == {"tb_a_get", "tb_b_rows", "tb_b_get", "other"}
    arrows = graph.arrows(graph.read(tmp_path), names)
    assert arrows == {"base/a": {"map/b"}, "map/b": {"base/a"}, "map/c": {"map/b"}}
    assert circle_complaints(arrows) == ["these know each other: base/a map/b"]
    assert graph.upward(arrows, ("base", "map")) == ["base/a names what map/b defines"]
    assert graph.floors(arrows) == 2
    assert name_complaints(names) == [
        "map/c.c: other begins with neither its folder nor its file"
    ]
