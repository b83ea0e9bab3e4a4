# SPDX-License-Identifier: MIT
"""Special methods of new classes, which take from their base what they have not themselves.

python-class-slots.patch looks only for the names in the class's own dict where there is
one base; with an empty class for a second one, CPython looks for all of them.
"""

import pytest
from launch import Evaluate

BOTH = """\
import collections, itertools, operator
class Empty: __slots__ = ()
class Other: __slots__ = ()
def told(action, thing):
    try: return repr(action(thing)).replace("Two", "One").split(" at 0x")[0]
    except Exception as error: return f"{type(error).__name__}: {error}".replace("Two", "One")
def method(name):
    def special(self, *args):
        if name == "__getitem__" and args[0] == 2: raise IndexError
        return RESULTS.get(name, lambda: (name, len(args)))()
    return special
RESULTS = {
    "__len__": lambda: 3, "__bool__": lambda: False, "__hash__": lambda: 7,
    "__repr__": lambda: "r", "__str__": lambda: "s", "__int__": lambda: 4,
    "__index__": lambda: 5, "__float__": lambda: 1.5, "__complex__": lambda: 1j,
    "__contains__": lambda: True, "__iter__": lambda: iter("ab"),
    "__buffer__": lambda: memoryview(b"xy"), "__init__": lambda: None,
}
ACTIONS = {
    "__len__": len, "__bool__": bool, "__hash__": hash, "__repr__": repr, "__str__": str,
    "__int__": int, "__index__": operator.index, "__float__": float, "__complex__": complex,
    "__call__": lambda o: o(), "__contains__": lambda o: 1 in o, "__getitem__": lambda o: o[0],
    "__setitem__": lambda o: operator.setitem(o, 0, 1), "__next__": next,
    "__delitem__": lambda o: operator.delitem(o, 0),
    "__iter__": lambda o: [*itertools.islice(o, 3)],
    "__add__": lambda o: o + 1, "__radd__": lambda o: 1 + o,
    "__iadd__": lambda o: operator.iadd(o, 1),
    "__mul__": lambda o: o * 2, "__rmul__": lambda o: 2 * o, "__pow__": lambda o: o ** 2,
    "__neg__": lambda o: -o, "__matmul__": lambda o: o @ o, "__or__": lambda o: o | o,
    "__eq__": lambda o: o == 1, "__ne__": lambda o: o != 1, "__lt__": lambda o: o < 1,
    "__getattr__": lambda o: o.zz, "__getattribute__": lambda o: o.real_one,
    "__setattr__": lambda o: setattr(o, "x", 1), "__delattr__": lambda o: delattr(o, "x"),
    "__buffer__": lambda o: bytes(memoryview(o)),
    "__await__": lambda o: o.__await__(),
    "__get__": lambda o: type("Owner", (), {"field": o})().field,
    "__set__": lambda o: setattr(type("Owner", (), {"field": o})(), "field", 1),
    "sequence": lambda o: operator.concat(o, o), "hint": lambda o: operator.length_hint(o, 9),
}
NAMES = [name for name in ACTIONS if name.startswith("__")]
class Plain: pass
class All: locals().update({name: method(name) for name in NAMES if name != "__getattribute__"})
class List(list): pass
class Dict(dict): pass
class Error(Exception): pass
class Number(int): __slots__ = ()
class Later: pass
Point = collections.namedtuple("Point", "x y", defaults=(1, 2))
def differences(base, own):
    one = type("One", (base,), dict(own))
    bases = (Other, Empty) if base is object else (base, Empty)
    two = type("Two", bases, dict(own))
    if base is Later:  # slots that change behind the class
        Later.__len__ = method("__len__"); del Later.__len__; Later.__add__ = method("__add__")
    for name, action in ACTIONS.items():
        a, b = told(lambda c: action(c()), one), told(lambda c: action(c()), two)
        if a != b: yield base.__name__, sorted(own), name, a, b
    if (one.__hash__ is None) != (two.__hash__ is None): yield base.__name__, own
"""


@pytest.mark.parametrize(
    "base", ["object", "Plain", "All", "List", "Dict", "Error", "Number", "Later", "Point"]
)
def test_one_base_is_as_good_as_two(evaluate: Evaluate, base: str) -> None:
    """Each special method alone, none, and all of them, over bases of all kinds."""
    code = (
        f"found = list(differences({base}, {{}}))\n"
        f"for name in NAMES: found += differences({base}, {{name: method(name)}})\n"
        f"found += differences({base}, {{'__hash__': None, '__eq__': method('__eq__')}})\n"
        f"found += differences({base}, {{'__iter__': None, '__len__': None}})\n"
        "print(found[:3], len(NAMES) > 30)"
    )
    assert evaluate(BOTH + code) == "[] True"
