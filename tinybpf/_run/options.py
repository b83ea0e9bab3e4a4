# SPDX-License-Identifier: MIT
"""The command line of an object: our own options, one table, and the object's constants."""

from __future__ import annotations

from tinybpf._run import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tinybpf import BpfObject
    from tinybpf._run.constants import Constant

    # Name of a ring or map ("": of any), field, relation, what it is compared with.
    Condition = tuple[str, str, str, str]

# Name, argument ("": none), help. Those with "..." can be given several times.
OPTIONS = (
    ("attach", "PROG=KIND:TARGET...", "attach a program to what its section does not name"),
    ("event", "MAP=TYPE[:A==N]...", "the struct of a ring's records (of those whose A is N)"),
    ("fields", "A,B.C", "show these fields of events, in this order"),
    ("filter", "[MAP:]A==X,B>N...", "show what all hold for: == != < <= > >= ~ (pattern)"),
    ("format", "[MAP:]FIELD=FORMAT...", "show a field as one of the formats below"),
    ("count", "N", "end after N events"),
    ("duration", "S", "end after S seconds"),
    ("interval", "S", "every S seconds show the maps, too, and what was lost"),
    ("maps", "A,B", "show these maps at the end; '' for none"),
    ("sort", "[-]FIELD", "order rows of maps by a column; with -, the largest first"),
    ("max-rows", "N", "show N rows of a map at most; 0: all (default: 20 in tables)"),
    ("json", "", "one JSON object a line, also on a terminal"),
    ("table", "", "a table, also in a pipe"),
    ("trace", "", "show what programs write by bpf_printk(), all of this machine's"),
    ("set", "NAME=VALUE...", "set a constant, also one that is named as an option"),
    ("help", "", "this text"),
)
ARGUMENTS = {name: argument for name, argument, _ in OPTIONS}


class Options:
    """What a command line asks for."""

    def __init__(self) -> None:
        self.help = self.trace = False
        self.is_json: bool | None = None  # None: as fits what stdout is
        self.attach: list[tuple[str, str]] = []
        self.events: dict[str, list[str]] = {}
        self.formats: dict[str, str] = {}
        self.fields: list[str] = []
        self.filters: list[Condition] = []
        self.count: int | None = None
        self.duration: float | None = None
        self.interval: float | None = None
        self.maps: list[str] | None = None
        self.sort = ""
        self.max_rows: int | None = None
        self.command: list[str] = []
        self.constants: dict[str, Constant] = {}  # as they were found; {}: not yet


def split(args: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the path of the object, None if there is none, and what stands behind it."""
    if args and not args[0].startswith("-"):
        return args[0], list(args[1:])
    return None, list(args)


def parse(obj: BpfObject, args: Sequence[str]) -> Options:
    """Read a command line; what it says of constants is set in the object."""
    chosen = Options()
    waiting = list(args)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            chosen.command, waiting = waiting, []
            if not chosen.command:
                raise UsageError("no command stands behind --")
        elif word == "-h":
            chosen.help = True
        elif word.startswith("--"):
            _take(obj, chosen, word, waiting)
        else:
            raise UsageError(f"what is '{word}'? A command to run stands behind --")
    return chosen


def _take(obj: BpfObject, chosen: Options, word: str, waiting: list[str]) -> None:
    """Take one option, with its argument out of those that wait."""
    name, equals, value = word[2:].partition("=")
    given = value if equals else None
    own = name.replace("_", "-")
    if own in ARGUMENTS:
        if not ARGUMENTS[own]:
            _refuse_value(word, given)
            _FLAGS[own](chosen)
            return
        text = _argument(word, given, waiting)
        if own == "set":
            _set(obj, chosen, text)
        else:
            _TAKERS[own](chosen, text)
        return
    _take_constant(obj, chosen, word, given, waiting)


def _take_constant(
    obj: BpfObject, chosen: Options, word: str, given: str | None, waiting: list[str]
) -> None:
    """Take an option that is a constant of the object."""
    from tinybpf._run import constants

    name = word[2:].partition("=")[0].replace("-", "_")
    found = chosen.constants = chosen.constants or constants.find(obj)
    if name in found and found[name].is_bool:
        _refuse_value(word, given)
        found[name].set(True)
    elif name in found:
        found[name].set_text(word.partition("=")[0], _argument(word, given, waiting))
    elif name.startswith("no_") and name[3:] in found and found[name[3:]].is_bool:
        _refuse_value(word, given)
        found[name[3:]].set(False)
    else:
        known = [*ARGUMENTS, *(each.replace("_", "-") for each in found)]
        raise UsageError(
            f"there is no option {word.partition('=')[0]}"
            + nearest(name.replace("_", "-"), known, "--")
        )


def _set(obj: BpfObject, chosen: Options, text: str) -> None:
    """Set a constant as NAME=VALUE says."""
    from tinybpf._run import constants

    name, value = pair("set", text)
    found = chosen.constants = chosen.constants or constants.find(obj)
    key = name.replace("-", "_")
    if key not in found:
        raise UsageError(f"there is no constant '{name}'" + nearest(key, list(found), ""))
    found[key].set_text(f"--set {name}", value)


def nearest(name: str, known: Sequence[str], before: str) -> str:
    """Return words about what comes near to a name: "" if nothing does."""
    import difflib

    found = difflib.get_close_matches(name, known, 1, 0.6)
    return f"; did you mean {before}{found[0]}?" if found else ""


def _argument(word: str, given: str | None, waiting: list[str]) -> str:
    if given is not None:
        return given
    if not waiting:
        raise UsageError(f"{word} needs a value")
    return waiting.pop(0)


def _refuse_value(word: str, given: str | None) -> None:
    if given is not None:
        raise UsageError(f"{word.partition('=')[0]} takes no value")


def pair(option: str, text: str) -> tuple[str, str]:
    """Return the two sides of NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--{option} {text}: it is {ARGUMENTS[option].rstrip('.')}")
    return name, value


def _number(option: str, text: str, kind: Callable[[str], Any], least: float) -> Any:
    """Return a number that is at least so much."""
    try:
        number = kind(text)
    except ValueError:
        number = -1
    if not least <= number < float("inf"):
        what = "a whole number" if kind is int else "a number of seconds"
        raise UsageError(f"--{option} {text}: it needs {what}, from {least:g} on")
    return number


def _add_filters(chosen: Options, text: str) -> None:
    """Take conditions, divided by commas."""
    for condition in text.split(","):
        at = min((i for i, c in enumerate(condition) if c in "=!<>~"), default=0)
        relation = condition[at : at + 2]
        relation = relation if relation in ("==", "!=", "<=", ">=") else relation[:1]
        if not at or relation in ("=", "!"):
            raise UsageError(
                f"--filter {text}: '{condition}' is no condition, as comm==bash or pid>100"
            )
        owner, _, field = condition[:at].strip().rpartition(":")
        value = condition[at + len(relation) :].strip()
        chosen.filters.append((owner, field, relation, value))


def _choose_json(chosen: Options) -> None:
    chosen.is_json = True


def _choose_table(chosen: Options) -> None:
    chosen.is_json = False


def _choose_trace(chosen: Options) -> None:
    chosen.trace = True


def _choose_help(chosen: Options) -> None:
    chosen.help = True


def _choose_attach(chosen: Options, text: str) -> None:
    chosen.attach.append(pair("attach", text))


def _choose_event(chosen: Options, text: str) -> None:
    name, type = pair("event", text)
    chosen.events.setdefault(name, []).append(type)


def _choose_format(chosen: Options, text: str) -> None:
    from tinybpf._run import formats

    field, name = pair("format", text)
    if name not in formats.FORMATS:
        raise UsageError(
            f"--format {text}: there is no format '{name}'; there are "
            f"{', '.join(formats.FORMATS)}"
        )
    chosen.formats[field] = name


def _choose_fields(chosen: Options, text: str) -> None:
    chosen.fields = [field for field in text.split(",") if field]


def _choose_maps(chosen: Options, text: str) -> None:
    chosen.maps = [name for name in text.split(",") if name]


def _choose_sort(chosen: Options, text: str) -> None:
    chosen.sort = text


def _choose_count(chosen: Options, text: str) -> None:
    chosen.count = _number("count", text, int, 1)


def _choose_max_rows(chosen: Options, text: str) -> None:
    chosen.max_rows = _number("max-rows", text, int, 0)


def _choose_duration(chosen: Options, text: str) -> None:
    chosen.duration = _number("duration", text, float, 0)


def _choose_interval(chosen: Options, text: str) -> None:
    chosen.interval = _number("interval", text, float, 0.01)


_FLAGS: dict[str, Callable[[Options], None]] = {
    "json": _choose_json,
    "table": _choose_table,
    "trace": _choose_trace,
    "help": _choose_help,
}
_TAKERS: dict[str, Callable[[Options, str], None]] = {
    "attach": _choose_attach,
    "event": _choose_event,
    "fields": _choose_fields,
    "filter": _add_filters,
    "format": _choose_format,
    "count": _choose_count,
    "duration": _choose_duration,
    "interval": _choose_interval,
    "maps": _choose_maps,
    "sort": _choose_sort,
    "max-rows": _choose_max_rows,
}
