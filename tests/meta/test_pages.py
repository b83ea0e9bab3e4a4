# SPDX-License-Identifier: MIT
"""What the pages say beside their Python, which tests/kernel/package/test_docs.py runs."""

import pathlib
import re

import project

from support import pages

# Of blocks: python, pycon, console are run; c is of a source; the others are for people.
LANGUAGES = {"python", "pycon", "console", "c", "sh", "text", "ini", "dockerfile", "toml", ""}
PROGRAMS = ("guide", "filter", "iter", "iter_map", "profile", "usdt", "direct")
NAMES = ("guide.h", "direct.h", *(f"{name}.bpf.c" for name in PROGRAMS))
SOURCES = tuple(f"tests/bpf/{name}" for name in NAMES)
LINK = re.compile(r"\]\(([^)#\s]+)")
ALL = [*pages.PAGES, *project.matching("*.md", ".github/*.md")]


def strays(page: pathlib.Path, sources: str) -> list[str]:
    """Return the blocks of C that no source has, and those of unknown languages."""
    found = []
    for block in pages.blocks(page):
        where = f"{page.name}:{block.line}"
        if block.language not in LANGUAGES:
            found.append(f"{where}: nothing checks a block of {block.language!r}")
        if block.language == "c" and not block.file and block.text not in sources:
            found.append(f"{where}: this C stands in none of {', '.join(SOURCES)}")
    return found


def dead_links(page: pathlib.Path) -> list[str]:
    """Return the links of a page to files that are not there."""
    links = LINK.findall(page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    return [f"{page.name}: {x}" for x in local if not (page.parent / x).exists()]


def test_blocks_are_checked_by_something() -> None:
    """The C of the pages is that of the objects which they load."""
    sources = "".join((project.ROOT / name).read_text() for name in SOURCES)
    project.none([stray for page in pages.PAGES for stray in strays(page, sources)])


def test_links_lead_somewhere() -> None:
    """Every link from a page to a file of the project finds it."""
    assert len(ALL) > 10
    project.none([link for page in ALL for link in dead_links(page)])


def test_the_index_has_every_page() -> None:
    """docs/index.md leads to each page."""
    index = (project.ROOT / "docs/index.md").read_text()
    names = {path.name for path in project.matching("docs/*.md")} - {"index.md"}
    assert {name for name in names if f"]({name})" not in index} == set()


def test_the_checks_find_what_is_wrong(tmp_path: pathlib.Path) -> None:
    """An invented struct, an unknown language and a dead link are found."""
    page = tmp_path / "page.md"
    page.write_text("```c\nstruct no_such;\n```\n```perl\n1;\n```\n[x](no_such.md)\n")
    assert len(strays(page, "struct other;\n")) == 2
    assert dead_links(page) == ["page.md: no_such.md"]


def test_no_script_asks_for_the_name_alone() -> None:
    """On PyPI the name is a stranger's: headers give addresses, which a release fills in."""
    scripts = [*pages.PAGES, *project.matching("examples/*/*.py")]
    headers = [path for path in scripts if "# dependencies = [" in path.read_text()]
    assert len(headers) > 3
    for path in headers:
        text = path.read_text()
        assert '\n# dependencies = ["tinybpf"' not in text, path
        for machine in ("x86_64", "aarch64"):
            address = f'"tinybpf @ https://tinybpf.invalid/{machine}.whl ; platform_machine'
            assert f"#   {address} == '{machine}'\"," in text, path
