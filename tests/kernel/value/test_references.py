# SPDX-License-Identifier: MIT
"""References of records, their classes and their fields: nothing stays behind."""

import pickle
from typing import Any

import tinybpf
from support.objects import Load
from support.references import Table, Use, each


def use_and_forget(path: Any) -> None:
    """Use the types of an object, and let it go whole, in spite of the circles in it."""
    with tinybpf.load(path) as obj:
        thing = obj.types.thing(name="bash", state=7, points=((1, 2), (3, 4)))
        obj.maps["things"][0] = thing
        assert obj.maps["things"][0].points[1].y == 4


TABLE: Table = {
    "class": Use(lambda o: (o.types.flow, o.types["struct flow"], "flow" in o.types)),
    "names": Use(lambda o: (list(o.types), len(o.types), dir(o.types), repr(o.types))),
    "items": Use(lambda o: (o.types.items(), o.types.get("x"), o.types.get("flow"))),
    "keywords": Use(lambda o: o.types.flow(saddr=2**31, sport=80)),
    "tuple": Use(lambda o: o.types.flow((2**31, 80))),
    "bytes": Use(lambda o: o.types.flow(bytes(8))),
    "dict": Use(lambda o: o.types.thing({"name": "x" * 8, "points": ({"x": 1}, (1, 2))})),
    "fields": Use(lambda o: [o.types.thing()[name] for name in o.types.thing._fields]),
    "bits": Use(lambda o: (o.types.thing(low=7).low, o.types.thing(huge=-(2**99)).huge)),
    "enums": Use(lambda o: (o.types.thing(state=7).state, o.types.thing(state=999).state)),
    "nested": Use(lambda o: o.types.thing(points=((1, 2), (3, 4))).points[1].y),
    "text": Use(lambda o: repr(o.types.thing())),
    "dicts": Use(lambda o: o.types.thing()._asdict()),
    "JSON": Use(lambda o: o.types.thing(ratio=0.5, state=7)._json()),
    "replace": Use(lambda o: o.types.thing()._replace(name="x", pair=(1, 2))),
    "raw": Use(lambda o: (o.types.thing()._raw("name"), o.types.thing()[3:9])),
    "flexible": Use(lambda o: o.types.line(n=1, text="x" * 100)._replace(text="y").text),
    "array": Use(lambda o: o.types.quad([1, 2, 3, 2**31]).value),
    "pickle": Use(lambda o: pickle.loads(pickle.dumps(o.types.thing()))),
    "map": Use(
        lambda o: (
            o.maps["flows"].update({(1, 2): {"bytes": 2**63}}),
            list(o.maps["flows"].items()),
        )
    ),
    "map of arrays": Use(
        lambda o: (
            o.maps["names"].update({"bash": (1, 2, 3, 4)}),
            o.maps["names"].popitem(),
        )
    ),
    "object": Use(lambda o: use_and_forget(o.path), rounds=30),
    "no such type": Use(lambda o: o.types.nothing, AttributeError),
    "no such item": Use(lambda o: o.types["nothing"], KeyError),
    "no such field": Use(lambda o: o.types.flow(nothing=1), TypeError),
    "no such field to read": Use(lambda o: o.types.flow()["nothing"], KeyError),
    "range": Use(lambda o: o.types.flow(saddr=2**32), ValueError),
    "range inside": Use(lambda o: o.types.thing(points=((1, 2), (1, 2**15))), ValueError),
    "range of bits": Use(lambda o: o.types.thing(low=8), ValueError),
    "range of 128 bits": Use(lambda o: o.types.thing(huge=2**127), ValueError),
    "wrong type": Use(lambda o: o.types.thing(points=[None, None]), TypeError),
    "count": Use(lambda o: o.types.flow((1, 2, 3)), ValueError),
    "size": Use(lambda o: o.types.flow(b"abc"), ValueError),
    "setting": Use(lambda o: setattr(o.types.flow(), "saddr", 1), AttributeError),
    "key": Use(lambda o: o.maps["flows"][{"saddr": -1}], ValueError),
    "flexible of a wrong type": Use(lambda o: o.types.line(text=5), TypeError),
}


@each(TABLE)
def test_use_of_records_keeps_no_object(load: Load, use: Use) -> None:
    """Records that are made, read or refused, in every way, leave nothing behind."""
    use.check(load("records"))
