# SPDX-License-Identifier: MIT
"""Frozen dataclasses without the module dataclasses, for _colorize alone.

traceback, logging and argparse import _colorize for five of them; dataclasses brings
inspect, ast and dis with it and compiles each class's methods from text. Here they are
closures. What dataclasses itself would do with the classes (fields, replace, asdict),
it can still do.
"""


class _Field:
    """One field, as dataclasses.fields() shows it."""

    init = repr = compare = True
    hash = doc = None
    metadata = {}  # noqa: RUF012 - nobody writes to it

    def __init__(self, factory):
        self.default_factory = factory

    @property
    def _field_type(self):
        import dataclasses

        return dataclasses._FIELD


def field(*, default_factory):
    """Return what stands in a class for a field whose default is made anew."""
    return _Field(default_factory)


def _make_field(cls, name, kw_only):
    found = cls.__dict__[name]
    if not isinstance(found, _Field):
        value, found = found, _Field(None)
        found.default = value
    found.name, found.type, found.kw_only = name, cls.__annotations__[name], kw_only
    return found


def _bind(cls, args, kwargs):
    """Return the values of the fields, by name, from a call's arguments."""
    fields = cls.__dataclass_fields__
    call = f"{cls.__name__}.__init__()"
    places = [] if next(iter(fields.values())).kw_only else list(fields)
    if len(args) > len(places):
        raise TypeError(
            f"{call} takes from 1 to {len(places) + 1} positional arguments but"
            f" {len(args) + 1} were given"
            if places
            else f"{call} takes 1 positional argument but {len(args) + 1} were given"
        )
    values = dict(zip(places, args, strict=False))
    for name, value in kwargs.items():
        if name in values:
            raise TypeError(f"{call} got multiple values for argument {name!r}")
        if name not in fields:
            raise TypeError(f"{call} got an unexpected keyword argument {name!r}")
        values[name] = value
    for name, each in fields.items():
        if name not in values:
            factory = each.default_factory
            values[name] = each.default if factory is None else factory()
    return {name: values[name] for name in fields}


def _values(self):
    return tuple(getattr(self, name) for name in self.__dataclass_fields__)


def _init(self, *args, **kwargs):
    for name, value in _bind(type(self), args, kwargs).items():
        object.__setattr__(self, name, value)
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _repr(self):
    names = self.__dataclass_fields__
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
    return f"{type(self).__qualname__}({shown})"


def _eq(self, other):
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self):
    return hash(_values(self))


def _refuse(verb):
    def method(self, name, *_value):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot {verb} field {name!r}")

    return method


def _replace(self, /, **changes):
    import dataclasses

    return dataclasses.replace(self, **changes)


_METHODS = {
    "__init__": _init, "__repr__": _repr, "__eq__": _eq, "__hash__": _hash,
    "__replace__": _replace, "__setattr__": _refuse("assign to"),
    "__delattr__": _refuse("delete"),
}  # fmt: skip


def dataclass(*, frozen, kw_only=False):
    """Return the decorator that makes a class of annotated names a dataclass."""

    def decorate(cls):
        fields = {name: _make_field(cls, name, kw_only) for name in cls.__annotations__}
        cls.__dataclass_fields__ = fields
        cls.__match_args__ = () if kw_only else tuple(fields)
        for name, each in fields.items():
            if each.default_factory is not None:
                delattr(cls, name)
        for name, method in _METHODS.items():
            setattr(cls, name, method)
        return cls

    return decorate
