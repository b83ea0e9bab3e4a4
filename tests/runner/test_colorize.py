# SPDX-License-Identifier: MIT
"""_colorize does what CPython's own does, at a fraction of the time to import it."""

import pytest
from launch import Evaluate

# Both in one process: ours, and the same text over CPython's dataclasses.
BOTH = """\
import copy, dataclasses, types, _colorize as ours, _tbpy
text = _tbpy.source("_colorize")
text = text.replace("from _tbpy_dataclass import", "from dataclasses import Field,")
assert "_tbpy" not in text
theirs = types.ModuleType("theirs")
import sys; sys.modules["theirs"] = theirs
exec(compile(text, "theirs", "exec"), vars(theirs))
def told(action, module):
    try:
        return repr(action(module)).replace("theirs.", "_colorize.")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
for line in ACTIONS.splitlines():
    action = eval(f"lambda c: ({line})")
    same = told(action, ours) == told(action, theirs)
    print("same" if same else (line, told(action, ours), told(action, theirs)))
"""

ACTIONS = """\
(c.Theme(), c.default_theme.no_colors(), c.get_theme(force_color=True))
[dict(getattr(c.default_theme, name)) for name in ("argparse", "syntax", "unittest")]
c.Syntax("a", "b", op="c")
c.Syntax("a").copy_with(prompt="b", number="1")
c.Argparse(usage="u")
c.Argparse("u")
c.Argparse("u", "v")
c.Syntax(*"abcdefghijkl")
c.Syntax("a", prompt="b")
c.Syntax(nothing="a")
c.Theme(nothing="a")
c.Theme(c.Argparse(), syntax=c.Syntax(op="x")).copy_with(unittest=c.Unittest(fail="f"))
(c.Theme() == c.Theme(), c.Syntax() == c.Syntax("x"), c.Syntax() == 1, c.Theme() != c.Theme())
(hash(c.Syntax()) == hash(c.Syntax()), len({c.Syntax(), c.Syntax(), c.Syntax("a")}))
c.Theme().__hash__()  == c.Theme().__hash__()
setattr(c.Syntax(), "op", "x")
setattr(c.Theme(), "syntax", "x")
delattr(c.Syntax(), "op")
c.Syntax()["op"], c.Syntax()["string"], len(c.Syntax()), list(c.Unittest())
c.Syntax()["nothing"]
[(f.name, f.type is str, f.init, f.kw_only) for f in dataclasses.fields(c.Argparse)]
dataclasses.is_dataclass(c.Theme), dataclasses.asdict(c.Theme())
dataclasses.astuple(c.Syntax()), copy.copy(c.Syntax())
dataclasses.replace(c.Syntax(), op="x"), copy.replace(c.Unittest(), warn="w")
c.Syntax.__match_args__, c.Argparse.__match_args__, c.Theme.__match_args__
hasattr(c.Theme, "syntax"), c.Syntax.op
c.set_theme(c.Theme(syntax=c.Syntax(op="#"))), c.get_theme(force_color=True).syntax.op
c.set_theme(c.Syntax())
c.decolor("\\x1b[1;31mred\\x1b[0m"), c.get_colors(colorize=True).RED, c.get_colors().RED
"""


def test_themes_behave_as_those_of_cpython(evaluate: Evaluate) -> None:
    """Values, errors, comparisons, and what dataclasses does with them."""
    lines = evaluate(f"ACTIONS = {ACTIONS!r}\n" + BOTH).splitlines()
    assert lines == ["same"] * len(ACTIONS.splitlines())


@pytest.mark.parametrize("name", ["argparse", "logging", "traceback", "_colorize"])
def test_what_colours_does_not_import_dataclasses(evaluate: Evaluate, name: str) -> None:
    """Nor what comes with it: half of the time that `import logging` took."""
    code = f"import {name}, sys; print({{'dataclasses', 'inspect', 'ast'}} & set(sys.modules))"
    assert evaluate(code) == "set()"
