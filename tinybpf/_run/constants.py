# SPDX-License-Identifier: MIT
"""The constants of an object (`const volatile` variables), which are options of its tool."""

from __future__ import annotations

from tinybpf import BtfKind, _core
from tinybpf._run import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tinybpf import BpfObject, Btf, BtfType

THROUGH = (BtfKind.TYPEDEF, BtfKind.CONST, BtfKind.VOLATILE, BtfKind.TYPE_TAG, BtfKind.VAR)
ENUMS = (BtfKind.ENUM, BtfKind.ENUM64)
YES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
SIZES = (1, 2, 4, 8)  # bytes of numbers


class Constant:
    """One constant: what it is, and how it is set from a text."""

    def __init__(self, obj: BpfObject, section: str, name: str, found: BtfType) -> None:
        self.name = name
        self.type = found  # looked through: INT, FLOAT, ENUM or an ARRAY of char
        self.is_bool = found.encoding == "bool"
        self.is_text = found.kind == BtfKind.ARRAY
        self.help = ""
        self._view: Any = obj.section(section)
        value = self._view[name]
        self.default = getattr(value, "name", value)  # as the C source has it

    @property
    def range(self) -> str:
        """What it can be, in words for people."""
        if self.is_bool:
            return "true or false"
        if self.is_text:
            return f"text of at most {self.type.nelems - 1} bytes"
        if self.type.kind in ENUMS:
            return ", ".join(name for name, _ in self.type.values)
        if self.type.kind == BtfKind.FLOAT:
            return "a number"
        least, most = self._limits()
        return f"{least} to {most}"

    def _limits(self) -> tuple[int, int]:
        bits = self.type.size * 8
        if self.type.encoding == "signed":
            return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        return 0, (1 << bits) - 1

    def set(self, value: Any) -> None:
        """Give it a value."""
        self._view[self.name] = value

    def set_text(self, option: str, text: str) -> None:
        """Give it the value that a text says; UsageError names the option."""
        try:
            self.set(self._value(text))
        except (KeyError, ValueError):
            raise UsageError(f"{option} {text}: '{self.name}' is {self.range}") from None

    def _value(self, text: str) -> Any:
        """Return what a text says; ValueError or KeyError if it says nothing for it."""
        if self.is_bool:
            return YES[text.lower()]
        if self.is_text:
            if len(text.encode("utf-8", "surrogateescape")) >= self.type.nelems:
                raise ValueError
            return text.encode("utf-8", "surrogateescape").ljust(self.type.nelems, b"\0")
        if self.type.kind == BtfKind.FLOAT:
            return float(text)
        if self.type.kind in ENUMS and text in dict(self.type.values):
            return dict(self.type.values)[text]
        number = int(text, 16 if text.lower().startswith(("0x", "-0x")) else 10)
        least, most = self._limits()
        if not least <= number <= most:
            raise ValueError
        return number


def find(obj: BpfObject) -> dict[str, Constant]:
    """Return the constants that can be options, by their names."""
    btf = obj.btf
    found: dict[str, Constant] = {}
    if btf is None:
        return found
    for section in btf.types(BtfKind.DATASEC):
        if not section.name.startswith(".rodata") or section.name not in obj.sections:
            continue
        for field in section.fields:
            behind = _behind(btf, btf[field.type_id])
            if behind is not None:
                found[field.name] = Constant(obj, section.name, field.name, behind)
    for _, name, member, text in _core._tags(btf):
        if text.startswith("help=") and not member and name in found:
            found[name].help = text[5:]
    return found


def _behind(btf: Btf, found: BtfType) -> BtfType | None:
    """Return the type of a `const volatile` variable; None if it is no option."""
    seen = set()
    array = None
    while found.kind in THROUGH or (found.kind == BtfKind.ARRAY and array is None):
        seen.add(found.kind)
        array = found if found.kind == BtfKind.ARRAY else array
        found = btf[found.type_id]
    if not {BtfKind.CONST, BtfKind.VOLATILE} <= seen:
        return None
    if array is not None:
        return array if found.name == "char" and found.size == 1 and array.nelems else None
    is_number = found.kind in (BtfKind.INT, BtfKind.FLOAT, *ENUMS) and found.size in SIZES
    return found if is_number else None
