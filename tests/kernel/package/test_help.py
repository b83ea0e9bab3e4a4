# SPDX-License-Identifier: MIT
"""help() in both forms: usage first, then each name with what the reference says of it."""

import inspect
import pydoc
import textwrap
from typing import Any

import pytest

import tinybpf

CLASSES = [
    tinybpf.BpfObject,
    tinybpf.BpfProgram,
    tinybpf.BpfMap,
    tinybpf.BpfRingBuffer,
    tinybpf.BpfPerfBuffer,
]


def shown(thing: Any) -> str:
    """Return what help() prints."""
    return pydoc.plain(pydoc.render_doc(thing))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_help_of_a_class_begins_with_its_use(kind: Any) -> None:
    """A sentence, an example that compiles, then methods, each with its sentence."""
    first, *more = (inspect.getdoc(kind) or "").split("\n\n")
    example = next(part for part in more if part.startswith("    "))
    compile(textwrap.dedent(example), "<example>", "exec")
    text = shown(kind)
    assert "class " + kind.__name__ in text.splitlines()[2]
    assert "Methods defined here" in text
    assert text.index(first.splitlines()[0]) < text.index("Methods defined here")
    for name, member in vars(kind).items():
        if callable(member) and not name.startswith("_"):
            assert f"{name}(" in text
            assert (inspect.getdoc(member) or "").split("\n")[0] in text, name


def test_help_of_the_package_says_where_to_begin() -> None:
    """An example, what people do and with what, where the reference is, and all the names."""
    text = shown(tinybpf)
    for line in (
        "load an object           load(path), open(path)",
        "receive events           BpfRingBuffer, BpfPerfBuffer",
    ):
        assert text.index("with tinybpf.load(") < text.index(line) < text.index("CLASSES")
    assert "with tinybpf.load(" in text
    assert "_core.pyi" in text
    for kind in CLASSES:
        assert kind.__name__ in text


def test_help_of_functions_has_signatures() -> None:
    """Parameters are shown with their defaults."""
    assert "open_pinned_map(path, key_type=None, value_type=None)" in shown(
        tinybpf.open_pinned_map
    )
    assert "typed(self, key=None, value=None, validate_field_names=True)" in shown(
        tinybpf.BpfMap
    ).replace("/, ", "")


FUNCTIONS = [
    tinybpf.load,
    tinybpf.open_pinned_map,
    tinybpf.BpfObject.section,
    tinybpf.BpfProgram.attach_uprobe,
    tinybpf.BpfMap.lookup,
    tinybpf.BpfMap.update,
    tinybpf.BpfPerfBuffer.poll,
    tinybpf.BpfRingBuffer.add,
    tinybpf.Btf.minimize,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__qualname__)
def test_help_of_a_function_is_whole(function: Any) -> None:
    """Arguments and errors are shown, not the first sentence alone."""
    text = shown(function)
    for part in ("Args:", "Raises:"):
        assert f"\n    {part}\n" in text


def test_help_tells_the_kernels_version() -> None:
    """Of what a kernel may lack: since when there is it, and what it asks for."""
    text = shown(tinybpf.BpfProgram.attach_uprobe)
    assert "Kernel: 4.17, CONFIG_UPROBES; CAP_PERFMON" in text
