# SPDX-License-Identifier: MIT
"""The guide and the README are true: their Python runs, top to bottom, as it stands.

A page is one program, made of its ``python`` blocks (those that are files of their own are
run by tests/wheel); ``pycon`` blocks are sessions whose
output is compared (``...`` stands for anything). Each page runs in a child of its own, in
a folder that holds the objects which the pages load.
"""

import os
import pathlib
import re
import subprocess
import sys

import pytest

from support import child, pages
from support.gating import kernel
from support.objects import Find

OBJECTS = ("guide", "filter", "iter", "iter_map", "profile")

pytestmark = kernel("5.8", "ring buffer", config="CONFIG_BPF_SYSCALL")

# What a page's program starts with: the session blocks run by doctest, in its names.
PRELUDE = """\
def _session(text, line):
    import doctest as _doctest  # which takes as long to import as most pages to run
    test = _doctest.DocTestParser().get_doctest(text, globals(), "session", PAGE, line)
    flags = _doctest.ELLIPSIS | _doctest.NORMALIZE_WHITESPACE
    runner = _doctest.DocTestRunner(optionflags=flags)
    runner.run(test, clear_globs=False)
    globals().update(test.globs)
    if runner.failures:
        raise SystemExit(1)

with open(PAGE, encoding="utf-8") as _page:
    _text = _page.read()
try:
    exec(compile(_text, PAGE, "exec"))
except Exception as _error:
    print("errno", getattr(_error, "errno", None))
    raise
"""


def program(page: pathlib.Path) -> str:
    """Return a page's program, its lines where they are in the page."""
    lines = [""] * page.read_text(encoding="utf-8").count("\n")
    for block in pages.blocks(page):
        text = block.text.rstrip("\n").split("\n")
        if block.language == "python" and not block.file:
            lines[block.line - 1 : block.line - 1 + len(text)] = text
        elif block.language == "pycon":
            lines[block.line - 1] = f"_session({block.text!r}, {block.line})"
    return "\n".join(lines)


@pytest.fixture
def folder(tmp_path: pathlib.Path, bpf: Find) -> pathlib.Path:
    """Return a folder with the objects of the pages, and nothing else."""
    for name in OBJECTS:
        (tmp_path / f"{name}.bpf.o").symlink_to(bpf(name))
    return tmp_path


MARKS = {
    "programs": kernel("5.15", "context of an XDP program in test_run()"),
    "privileges": kernel("5.19", "open maps without CAP_BPF"),
    "iterators": kernel("5.8", "iterator of a map's entries"),
}


class PageError(AssertionError):
    """A page failed; errno is that of the exception that nobody caught, or None."""

    def __init__(self, printed: str) -> None:
        super().__init__(printed[-4000:])
        said = re.search(r"^errno (\d+)$", printed, re.MULTILINE)
        self.errno = int(said[1]) if said else None


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=MARKS.get(page.stem, ()), id=page.stem) for page in pages.PAGES],
)
def test_page_runs(page: pathlib.Path, folder: pathlib.Path) -> None:
    """Every Python block of a page runs, and every session answers as it says."""
    script = folder / "page_.py"
    script.write_text(f"PAGE = {page.name!r}\n{PRELUDE}", encoding="utf-8")
    (folder / page.name).write_text(program(page), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env=child.environment(),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=child.TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise PageError(done.stdout)


def test_sessions_are_compared(folder: pathlib.Path) -> None:
    """A session whose output is another fails: the comparison can fail."""
    page = folder.parent / "wrong.md"
    page.write_text("```pycon\n>>> 1 + 1\n3\n```\n")
    with pytest.raises(AssertionError, match="Expected:"):
        test_page_runs(page, folder)


def test_pages_exist() -> None:
    """The guide is there, and so is code in it."""
    names = {page.stem for page in pages.PAGES}
    assert {"README", "index", "maps", "events", "contracts"} <= names
    assert sum(1 for page in pages.PAGES for _ in pages.blocks(page)) > 30
    assert os.access(pages.ROOT / "docs" / "index.md", os.R_OK)
