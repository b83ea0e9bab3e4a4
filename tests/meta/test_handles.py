# SPDX-License-Identifier: MIT
"""What a function has asked for an open handle is not used behind a call of Python.

Python code may close the object, that of an `__index__` as well as that of a finaliser,
which any allocation may run: convert first and ask behind it, or acquire the object.
"""

import re
from collections.abc import Iterator

import csource
import project

# Who gives a handle, a descriptor or a place that lasts as long as the object is open.
TAKERS = (
    *("tb_map_fd", "tb_object_handle", "tb_object_reached", "tb_program_handle"),
    *("tb_program_loaded", "tb_view_memory", "changeable", "handle_of"),
    *("bpf_object__btf", "section_name"),
)

# What runs Python code, or allocates what the collector tracks. What raises is not here:
# a function that has raised uses nothing any more.
RUNNERS = (
    r"PyNumber_\w+|PyObject_(?:Call|Is|Get|Set|Has|Del|Repr|Str|Rich|Hash|Size|Dir)\w*",
    r"PySequence_\w+|PyIter_Next|PyDict_\w+|PyList_(?:New|Append|AsTuple)|PyTuple_(?:New|Pack)",
    r"PyUnicode_FS\w+|PyArg_Parse\w*|Py_BuildValue|PyErr_CheckSignals|PyImport_\w+",
    r"PyType_GenericAlloc|PyMemoryView_\w+|PyStructSequence_New",
    r"tb_args_(?:number|attr|find|has|call|items|append_steal)|tb_argument_\w+",
    r"tb_(?:codec|value|event|record|ctype|enums|collection|log|pin_file|interface)_\w+",
    r"tb_state_(?:new|python_class|make_type|finalize)",
    r"tb_btf_(?:type_new|new_\w+|layout|spell\w*)|tb_(?:object_btf|program_get|map_get)",
    r"tb_map_(?:encode|decode|btf|make|new|info|refresh|use_classes|setting|inner)\w*",
    r"Py_END_ALLOW_THREADS",
)

# Functions whose callers have acquired the object.
HELD = {"class_of"}

_TAKE = re.compile(r"\b(\w+)\s*=\s*(?:\([^()]*\)\s*)?(" + "|".join(TAKERS) + r")\s*\(")
_RUN = re.compile(r"\b(" + "|".join(RUNNERS) + r")\b")
_HELD = re.compile(r"\b(?:tb_\w+_)?acquire\w*\s*\(")


def _uses(body: str, name: str, start: int) -> Iterator[int]:
    """Yield where a name is used behind a place, up to where it gets another value."""
    for found in re.finditer(rf"\b{name}\b(\s*=(?!=))?", body[start:]):
        if found.group(1):
            return
        yield start + found.start()


def complaints(name: str, text: str) -> list[str]:
    """Return the uses of what was asked for behind a call that may have closed it."""
    wrong = []
    for function, body in csource.bodies(text):
        if function.name in HELD or _HELD.search(body):
            continue
        for take in _TAKE.finditer(body):
            start = csource.closing(body, take.end() - 1)
            if body[start + 1 :].lstrip()[:1] not in (";", ","):
                continue  # it was looked at, not kept
            uses = list(_uses(body, take.group(1), start))
            run = _RUN.search(body, start, max(uses, default=start))
            if run and any(use > _end(body, run) for use in uses):
                wrong.append(
                    f"{name}: {function.name}() uses {take.group(1)} of {take.group(2)}() "
                    f"behind {run.group(1)}()"
                )
    return wrong


def _end(body: str, run: "re.Match[str]") -> int:
    """Return the end of a call: its own arguments are used before it runs."""
    opening = body.find("(", run.end())
    return (
        csource.closing(body, opening) if body[run.end() : opening].strip() == "" else run.end()
    )


CLOSED_BETWEEN = """
static int
set(Map *self, PyObject *value)
{
    struct bpf_map *handle = changeable(self, "flags");
    uint64_t number;

    if (handle == NULL || tb_args_number(value, "flags", 1, &number) < 0) {
        return -1;
    }
    return bpf_map__set_map_flags(handle, number);
}
"""
ASKED_BEHIND = CLOSED_BETWEEN.replace(
    "    return bpf", '    handle = changeable(self, "");\n    return bpf'
)
ACQUIRED = CLOSED_BETWEEN.replace("uint64_t number;", "void *object = tb_object_acquire(self);")


def test_use_behind_a_conversion_is_found() -> None:
    """The check finds the mistake, and neither of the two ways to do without it."""
    assert complaints("map.c", CLOSED_BETWEEN) == [
        "map.c: set() uses handle of changeable() behind tb_args_number()"
    ]
    assert complaints("map.c", ASKED_BEHIND) == []
    assert complaints("map.c", ACQUIRED) == []


def test_held_functions_exist() -> None:
    """The functions that are said to work on an acquired object are there."""
    found = {
        function.name
        for path in project.matching("tinybpf/core/*/*.c")
        for function in csource.functions(path.read_text())
    }
    assert found >= HELD


def test_no_handle_is_used_behind_a_call_of_python() -> None:
    """Each function asks for its handle behind what may run Python code, or holds it."""
    paths = project.matching("tinybpf/core/*/*.c")
    assert len(paths) > 100
    project.none(c for p in paths for c in complaints(project.shown(p), p.read_text()))
