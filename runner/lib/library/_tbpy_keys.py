# SPDX-License-Identifier: MIT
"""Completion of keys at the prompt: obj.maps["<Tab>."""

import builtins
import re

# The end of a line whose last bracket holds the beginning of a str.
_OPEN = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*)\[([\"'])([^\"'\\]*)\Z")


def _value(path, namespace):
    """Return what dotted names lead to."""
    first, *rest = path.split(".")
    value = namespace[first] if first in namespace else getattr(builtins, first)
    for name in rest:
        value = getattr(value, name)
    return value


def _keys(value):
    """Return the keys that may be listed: those of a dict, or what IPython asks for."""
    offer = getattr(type(value), "_ipython_key_completions_", None)
    if offer is not None:
        return offer(value)
    return value.keys() if isinstance(value, dict) else ()


def complete(line, stem, completer):
    """Return what may stand in place of the stem, the line's last word.

    None if the line does not end in a key. `completer` is rlcompleter's, which knows
    where names are looked up.
    """
    match = _OPEN.search(line)
    namespace = getattr(getattr(completer, "__self__", None), "namespace", None)
    if match is None or namespace is None:
        return None
    path, quote, begun = match.groups()
    try:
        keys = [key for key in _keys(_value(path, namespace)) if isinstance(key, str)]
    except Exception:  # of whatever the names lead to: then there is nothing to offer
        return []
    found = sorted(key for key in keys if key.startswith(begun))
    end = f"{quote}]" if len(found) == 1 else ""
    return [key[len(begun) - len(stem) :] + end for key in found]
