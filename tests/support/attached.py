# SPDX-License-Identifier: MIT
"""What tests attach, seen from outside: calls of the attach methods that returned.

The interpreter tells of calls (sys.monitoring, from Python 3.12 on); it is asked to be
silent about each place that calls something else, so that little time is lost.
"""

import sys
from typing import Any


def of_call(function: Any, first: Any) -> list[tuple[str, str]]:
    """Return method and section of each program that a call attached; [] of other calls.

    The function may be bound, or not: then the first argument is what it belongs to.
    """
    name = function.__name__
    owner = getattr(function, "__self__", first)
    kind = type(owner).__name__
    if kind == "BpfProgram":
        return [(name, owner.section)]
    if kind == "BpfMap":
        return [(name, "struct_ops")]
    if kind == "BpfObject":
        programs = owner.programs.values()
        return [(name, each.section) for each in programs if each.autoattach]
    return []


class Watch:
    """Collects in `found` what is attached, from the start on."""

    def __init__(self) -> None:
        self.found: set[tuple[str, str]] = set()
        self._silence: Any = None  # the answer that asks for it

    if sys.version_info >= (3, 12):

        def start(self) -> None:
            """Begin; nothing else may profile this interpreter then."""
            monitor, events = sys.monitoring, sys.monitoring.events
            self._silence = monitor.DISABLE
            monitor.use_tool_id(monitor.PROFILER_ID, "attached")
            monitor.register_callback(monitor.PROFILER_ID, events.CALL, self._called)
            monitor.register_callback(monitor.PROFILER_ID, events.C_RETURN, self._returned)
            monitor.set_events(monitor.PROFILER_ID, events.CALL)

    else:

        def start(self) -> None:
            """Nothing is told here."""

    def _called(self, _code: Any, _offset: int, function: Any, _first: Any) -> Any:
        return None if _attaches(function) else self._silence

    def _returned(self, _code: Any, _offset: int, function: Any, first: Any) -> None:
        if _attaches(function):
            self.found.update(of_call(function, first))


def _attaches(function: Any) -> bool:
    """Tell whether that may be an attach method, of whatever it is."""
    name = getattr(function, "__name__", None)
    return isinstance(name, str) and name.startswith("attach")
