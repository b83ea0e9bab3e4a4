# SPDX-License-Identifier: MIT
"""Arguments that nobody should give, for every public callable; run by a child.

A value is asked for something (an index, a path, a truth, a length, to be compared or
hashed) and meanwhile closes what it was given to, raises, collects garbage, or calls the
same again.
"""

import contextlib
import functools
import gc
import inspect
import signal
import sys
import warnings
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple, Optional

import tinybpf
from support import leaks

Value = Callable[[], Any]

TIMEOUT_S = 0.2  # what waits is ended by a signal whose handler raises
ASKED = (
    *("__index__", "__int__", "__float__", "__bool__", "__len__", "__fspath__", "__hash__"),
    *("__eq__", "__iter__", "__next__", "__getitem__", "__contains__", "__call__", "keys"),
    *("items", "fileno", "__str__", "__repr__", "__bytes__", "read_bytes", "__del__"),
)


class Late(Exception):
    """A call waited until the signal came."""


class Refused(Exception):
    """What a hostile value raises."""


def _late(number: int, frame: Any) -> None:
    raise Late


# What a value answers to each question, where it answers at all.
_ANSWERS: dict[str, Any] = {
    **dict.fromkeys(ASKED),
    "__index__": 1,
    "__int__": 1,
    "__float__": 1.0,
    "__bool__": True,
    "__len__": 1,
    "__fspath__": "/none",
    "__hash__": 1,
    "__eq__": True,
    "fileno": 0,
    "keys": ("x",),
    "__str__": "x",
    "__repr__": "x",
    "__bytes__": b"x",
    "read_bytes": b"x",
    "items": (),
    "__contains__": True,
}


def _make_class(name: str, act: Callable[[], None]) -> type:
    """Return a class whose instances act whenever they are asked for something."""

    def asked(question: str) -> Callable[..., Any]:
        def answer(self: Any, *args: Any) -> Any:
            act()
            if question == "__iter__":
                return iter(((1, 2), "x"))
            if question == "__next__":
                raise StopIteration
            return _ANSWERS[question]

        return answer

    return type(name, (), {question: asked(question) for question in ASKED})


def _constant(value: Any) -> Value:
    """Return what gives the same each time."""
    return lambda: value


def _filled(name: str, item: Value) -> dict[str, Value]:
    """Return containers of such values."""
    return {
        f"list of {name}": lambda: [item(), item()],
        f"tuple of {name}": lambda: (item(), item()),
        f"dict of {name}": lambda: {1: item(), "x": item()},
    }


class World:
    """All kinds of handles, made again once something has closed them."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.depth = 0
        self.again: Optional[Callable[[], Any]] = None
        self.things: dict[str, Any] = {}
        self.values = self._values()

    def build(self) -> None:
        """Make whatever is not open."""
        obj = self.things.get("object")
        if obj is None or obj.state != "loaded":
            self.close()
            self._build_object()
        if self.things["opened"].state != "opened":
            self.things["opened"] = tinybpf.open(self.directory + "/settings.bpf.o")
        self._build_rest()

    def _build_object(self) -> None:
        obj = tinybpf.load(self.directory + "/typed.bpf.o")
        btf = obj.btf
        assert btf is not None
        flows = obj.maps["flows"]
        flows[(1, 2)] = (3, 4)
        self.things.update(
            object=obj,
            map=flows,
            percpu=obj.maps["per_cpu"],
            program=obj.program("produce"),
            maps=obj.maps,
            programs=obj.programs,
            types=obj.types,
            record=obj.types.flow(saddr=1),
            btf=btf,
            **{"class": obj.types.flow, "type": btf["flow"], "view": obj.data.event},
            symbols=tinybpf.Symbols(),
            symbol=tinybpf.Symbol("x"),
            features=tinybpf.Features(),
            feature=tinybpf.features.map_types["HASH"],
            features_by_name=tinybpf.features.map_types,
            opened=tinybpf.open(self.directory + "/settings.bpf.o"),
        )

    def _build_rest(self) -> None:
        things = self.things
        obj, flows, opened = things["object"], things["map"], things["opened"]
        things.update(setting=opened.maps["small"], unloaded=opened.program("count"))
        link = things.get("link")
        if link is None or "destroyed" in repr(link) or "closed" in repr(link):
            things["link"] = obj.program("produce").attach()
        for name in ("alone", "ring", "perf", "callback"):
            if name not in things or "closed" in repr(things[name]):
                things[name] = self._make(name)
        things.update(keys=flows.keys(), iterator=iter(flows))

    def _make(self, name: str) -> Any:
        obj = self.things["object"]
        if name == "alone":
            return tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 4, 8, 4)
        if name == "perf":
            return tinybpf.BpfPerfBuffer(obj.maps["perf"], lambda cpu, data: None)
        if name == "callback":
            return tinybpf.BpfRingBuffer(obj.maps["events"], lambda data: None)
        return tinybpf.BpfRingBuffer(obj.maps["events"])

    def find(self, name: str, attribute: str) -> Any:
        """Return an attribute of what is called so now."""
        return getattr(self.things[name], attribute)

    def close(self) -> None:
        """Close all."""
        for name in ("link", "ring", "callback", "perf", "alone", "opened", "object"):
            thing = self.things.get(name)
            if thing is not None:
                (thing.destroy if name == "link" else thing.close)()
        self.things.clear()

    def _close_some(self) -> None:
        for name in ("ring", "callback", "perf", "alone", "opened", "object"):
            if name in self.things:
                self.things[name].close()

    def _repeat(self) -> None:
        if self.again is not None and self.depth < 3:
            self.depth += 1
            try:
                self.again()
            finally:
                self.depth -= 1

    def _values(self) -> dict[str, Value]:
        def raises() -> None:
            raise Refused

        def collects() -> None:
            gc.collect()

        actors = {
            "closer": _make_class("Closer", self._close_some),
            "raiser": _make_class("Raiser", raises),
            "collector": _make_class("Collector", collects),
            "repeater": _make_class("Repeater", self._repeat),
        }
        plain: dict[str, Any] = {
            "none": None,
            "huge": 2**64,
            "negative": -1,
            "least": -(2**63),
            "one": 1,
            "nan": float("nan"),
            "empty": "",
            "nul": "a\0b",
            "surrogate": "\udc80",
            "text": "x",
            "long": "x" * 70000,
            "bytes": b"12345678",
            "object": object(),
            "type": int,
            "tuple": (1, 2),
            "dict": {"x": 1},
            "list": [[]],
            "dots": ...,
            "function": print,
        }
        made: dict[str, Value] = {name: _constant(value) for name, value in plain.items()}
        made.update(actors)
        for name in ("closer", "repeater"):
            made.update(_filled(name, actors[name]))
        made["itself"] = lambda: self.things["map"]
        return made


def attributes(thing: Any) -> Iterator[str]:
    """Yield the names of what a class has: methods, properties, what operators call."""
    skipped = {"__class__", "__getattribute__", "__new__", "__init__", "__init_subclass__"}
    skipped |= {"__subclasshook__", "__doc__", "__dict__", "__weakref__", "__del__"}
    for name in dir(type(thing)):
        if name not in skipped:
            yield name


class Way(NamedTuple):
    """A way to give a value to a function: so many times, or as that parameter."""

    times: int = 0
    name: str = ""
    is_second: bool = False  # bytes come before it

    def arguments(self, value: Value) -> tuple[list[Any], dict[str, Any]]:
        """Return what the function is called with."""
        args = [b"12345678"] if self.is_second else [value() for _ in range(self.times)]
        return args, {self.name: value()} if self.name else {}


@functools.cache
def ways(function: Any) -> tuple[Way, ...]:
    """Return the ways to give a value to a function: as each of its parameters, and as all."""
    found = [Way(times) for times in range(1, 4)]
    with contextlib.suppress(ValueError, TypeError):
        for name, parameter in inspect.signature(function).parameters.items():
            is_named = parameter.kind in (
                parameter.POSITIONAL_OR_KEYWORD,
                parameter.KEYWORD_ONLY,
            )
            if is_named and name not in ("self", "cls"):
                found += [Way(name=name), Way(name=name, is_second=True)]
    return tuple(found)


class Attempts:
    """Calls, of which every so many one is made; whatever they raise but SystemError is right.

    Which ones differs with the version of Python: together they make more of them.

    What waits, and what makes endless work, is ended by a signal.
    """

    def __init__(self, world: World, stride: int) -> None:
        self.world, self.stride = world, stride
        self.first = 1 + sys.version_info.minor * 211  # prime
        self.tried = 0
        self.n = 0

    def is_next(self) -> bool:
        """Count a call; tell whether it is to be made."""
        self.n += 1
        return self.n % self.stride == self.first % self.stride

    def make(self, what: str, call: Callable[[], Any]) -> None:
        """Make one; its name is on stderr if it is the last."""
        self.tried += 1
        self.world.again = call
        print(what, file=sys.stderr, flush=True)
        with contextlib.suppress(Late):
            signal.setitimer(signal.ITIMER_REAL, TIMEOUT_S, TIMEOUT_S)
            try:
                _use(call())
            except SystemError:
                raise
            except BaseException:  # all others are right
                pass
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        self.world.again = None

    def call(self, what: str, function: Any, find: Callable[[], Any], value: Value) -> None:
        """Call what is found once all is open, with a value in each place of the function."""
        for way in ways(function):
            if self.is_next():
                args, kwargs = way.arguments(value)
                self.world.build()
                self.make(what, functools.partial(find(), *args, **kwargs))

    def set(self, what: str, name: str, attribute: str, value: Value) -> None:
        """Set an attribute."""
        if self.is_next():
            self.world.build()
            thing = self.world.things[name]
            self.make(what, functools.partial(setattr, thing, attribute, value()))


def _use(result: Any) -> None:
    """Begin to use what a call gave."""
    repr(result)
    if hasattr(result, "__next__"):
        next(result, None)
    if inspect.iscoroutine(result):
        result.close()


def of_thing(attempts: Attempts, name: str) -> None:
    """Call everything of one thing with every value."""
    world = attempts.world
    world.build()
    kind = type(world.things[name])
    for attribute in attributes(world.things[name]):
        function = getattr(kind, attribute, None)
        find = functools.partial(world.find, name, attribute)
        for said, value in world.values.items():
            what = f"{name}.{attribute}({said})"
            if callable(function):
                attempts.call(what, function, find, value)
            else:
                attempts.set(what, name, attribute, value)


def of_package(attempts: Attempts) -> None:
    """Call the functions and classes of the package in the same way."""
    attempts.world.build()
    for name in tinybpf.__all__:
        function = getattr(tinybpf, name)
        is_enum = isinstance(function, type) and issubclass(function, int)
        if callable(function) and not is_enum:
            for said, value in attempts.world.values.items():
                find = functools.partial(getattr, tinybpf, name)
                attempts.call(f"{name}({said})", function, find, value)


def main() -> None:
    """Make one of STRIDE calls of a thing, or of "functions"; print what is left open."""
    directory, name, stride = sys.argv[1:]
    signal.signal(signal.SIGALRM, _late)
    warnings.simplefilter("ignore")
    before = leaks.descriptors()
    attempts = Attempts(World(directory), int(stride))
    if name == "functions":
        of_package(attempts)
    else:
        of_thing(attempts, name)
    attempts.world.close()
    attempts.world.values.clear()
    left = leaks.descriptors_beyond(before)
    print(attempts.tried > 0, sorted(left.values()))
    print(f"{attempts.tried} calls", file=sys.stderr)
