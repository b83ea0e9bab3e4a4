# SPDX-License-Identifier: MIT
"""cmake/docs/fill.py: docstrings of stubs in C, where the lines stay what they are."""

import importlib.util
import pathlib
from types import ModuleType

import project
import pytest

SOURCE = """\
static PyMethodDef methods[] = {
    {"first", TB_METHOD(first), METH_O,
     "first($self, key, /)\\n--\\n\\n"
     "Say \\"one\\"."},
    {"other", other, METH_NOARGS,
     "other($self)\\n--\\n\\nStay as it is."},
    {NULL},
};
    .name = "tinybpf.Thing",
"""


@pytest.fixture(scope="module")
def fill() -> ModuleType:
    """Return the script as a module."""
    path = project.ROOT / "cmake" / "docs" / "fill.py"
    spec = importlib.util.spec_from_file_location("fill", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_row_gets_the_docstring_of_its_class(fill: ModuleType) -> None:
    """The method's, not that of a function of its name; others stay; lines do not move."""
    docs = {"first": "Not this.", "Thing.first": 'Say "one".\n\nArgs:\n    key: \\ too.'}
    text = fill.filled(SOURCE, docs)
    row = '"first($self, key, /)\\n--\\n\\nSay \\"one\\".\\n\\nArgs:\\n    key: \\\\ too."'
    assert text.splitlines()[2] == f"     {row}"
    assert '"other($self)\\n--\\n\\nStay as it is."},' in text
    assert text.count("\n") == SOURCE.count("\n")


def test_stubs_are_read(fill: ModuleType, tmp_path: pathlib.Path) -> None:
    """Functions and methods that have a docstring, by their names."""
    stub = tmp_path / "x.pyi"
    stub.write_text('class A:\n    def f(self): "F."\n    def g(self): ...\ndef h(): "H."\n')
    assert fill.documented([stub]) == {"A.f": "F.", "h": "H."}
