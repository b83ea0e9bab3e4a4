# SPDX-License-Identifier: MIT
"""References of records, their classes and their fields: nothing stays behind."""

import pickle
from typing import Any, Callable

import pytest

import tinybpf
from support.blocks import leaks
from support.objects import Find, Load

Use = Callable[[Any], object]

USES: dict[str, Use] = {
    "class": lambda obj: (obj.types.flow, obj.types["struct flow"], "flow" in obj.types),
    "names": lambda obj: (list(obj.types), len(obj.types), dir(obj.types), repr(obj.types)),
    "items": lambda obj: (obj.types.items(), obj.types.get("x"), obj.types.get("flow")),
    "keywords": lambda obj: obj.types.flow(saddr=2**31, sport=80),
    "tuple": lambda obj: obj.types.flow((2**31, 80)),
    "bytes": lambda obj: obj.types.flow(bytes(8)),
    "dict": lambda obj: obj.types.thing({"name": "x" * 8, "points": ({"x": 1}, (1, 2))}),
    "fields": lambda obj: [obj.types.thing()[name] for name in obj.types.thing._fields],
    "bits": lambda obj: (obj.types.thing(low=7).low, obj.types.thing(huge=-(2**99)).huge),
    "enums": lambda obj: (obj.types.thing(state=7).state, obj.types.thing(state=999).state),
    "nested": lambda obj: obj.types.thing(points=((1, 2), (3, 4))).points[1].y,
    "text": lambda obj: repr(obj.types.thing()),
    "dicts": lambda obj: obj.types.thing()._asdict(),
    "replace": lambda obj: obj.types.thing()._replace(name="x", pair=(1, 2)),
    "raw": lambda obj: (obj.types.thing()._raw("name"), obj.types.thing()[3:9]),
    "flexible": lambda obj: obj.types.line(n=1, text="x" * 100)._replace(text="y").text,
    "array": lambda obj: obj.types.quad([1, 2, 3, 2**31]).value,
    "pickle": lambda obj: pickle.loads(pickle.dumps(obj.types.thing())),
    "map": lambda obj: (
        obj.maps["flows"].update({(1, 2): {"bytes": 2**63}}),
        list(obj.maps["flows"].items()),
    ),
    "map of arrays": lambda obj: (
        obj.maps["names"].update({"bash": (1, 2, 3, 4)}),
        obj.maps["names"].popitem(),
    ),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_use_of_records_keeps_no_object(load: Load, use: Use) -> None:
    """Making and reading records in every way leaves nothing behind."""
    obj = load("records")
    assert not leaks(lambda: use(obj))


REFUSED: dict[str, tuple[Use, type[Exception]]] = {
    "no such type": (lambda obj: obj.types.nothing, AttributeError),
    "no such item": (lambda obj: obj.types["nothing"], KeyError),
    "no such field": (lambda obj: obj.types.flow(nothing=1), TypeError),
    "no such field to read": (lambda obj: obj.types.flow()["nothing"], KeyError),
    "range": (lambda obj: obj.types.flow(saddr=2**32), ValueError),
    "range inside": (lambda obj: obj.types.thing(points=((1, 2), (1, 2**15))), ValueError),
    "bits": (lambda obj: obj.types.thing(low=8), ValueError),
    "wide": (lambda obj: obj.types.thing(huge=2**127), ValueError),
    "type": (lambda obj: obj.types.thing(points=[None, None]), TypeError),
    "count": (lambda obj: obj.types.flow((1, 2, 3)), ValueError),
    "size": (lambda obj: obj.types.flow(b"abc"), ValueError),
    "setting": (lambda obj: setattr(obj.types.flow(), "saddr", 1), AttributeError),
    "key": (lambda obj: obj.maps["flows"][{"saddr": -1}], ValueError),
    "flexible": (lambda obj: obj.types.line(text=5), TypeError),
}


@pytest.mark.parametrize(("use", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_records_keep_no_object(load: Load, use: Use, error: type[Exception]) -> None:
    """A record that is refused leaves as little behind as one that is made."""
    obj = load("records")
    assert not leaks(lambda: use(obj), error)


def test_classes_come_and_go_with_their_object(bpf: Find) -> None:
    """An object whose types were used goes whole, in spite of the circles in it."""
    path = bpf("records")

    def cycle() -> None:
        with tinybpf.load(path) as obj:
            thing = obj.types.thing(name="bash", state=7, points=((1, 2), (3, 4)))
            obj.maps["things"][0] = thing
            assert obj.maps["things"][0].points[1].y == 4

    assert not leaks(cycle, rounds=30)
