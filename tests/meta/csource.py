# SPDX-License-Identifier: MIT
"""C as far as the checks need it: text without comments, and its functions.

It is no parser: it counts braces in text from which comments, strings and
preprocessor lines are blanked out, and takes a `{` behind a `)` at the top level for
the start of a function. clang-format keeps the code in a form where that holds.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
_NAME = re.compile(r"(\w+)\s*$")
_CONTROL = re.compile(r"\b(if|for|while|switch)\s*$")
_BARE_CONTROL = re.compile(r"\b(else|do)$")
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"][^>\"]+[>\"])", re.MULTILINE)


class Function(NamedTuple):
    """A function definition: where it starts, and what is counted of it."""

    name: str
    line: int
    lines: int
    parameters: int
    nesting: int


def _blank(found: "re.Match[str]") -> str:
    return re.sub(r"[^\n]", " ", found.group())


def without_comments(text: str) -> str:
    """Return the text with comments and literals blanked; lines stay where they are."""
    return _TOKEN.sub(_blank, text)


def code(text: str) -> str:
    """Return the text with preprocessor lines blanked too."""
    return _PREPROCESSOR.sub(_blank, without_comments(text))


def includes(text: str) -> list[str]:
    """Return what a file includes, with its brackets or quotes."""
    plain = re.sub(r"/\*.*?\*/|//[^\n]*", _blank, text, flags=re.DOTALL)
    return _INCLUDE.findall(plain)


def macros(text: str) -> list[str]:
    """Return the bodies of the function-like and object-like macros of a file."""
    plain = without_comments(text)
    return [m for m in _PREPROCESSOR.findall(plain) if re.match(r"[ \t]*#[ \t]*define\b", m)]


def heads(plain: str) -> list[str]:
    """Return what stands before each `{` at the top level, since the last `;` or `}`."""
    return [plain[start:opening].strip() for start, opening, _ in _blocks(plain)]


def name_of(head: str) -> str:
    """Return the name of the function whose definition begins with `head`."""
    name = _NAME.search(head[: -len(_last_group(head)) - 2])
    return name.group(1) if name else "?"


def functions(text: str) -> list[Function]:
    """Return the function definitions of a C file."""
    plain = code(text)
    found: list[Function] = []
    for start, opening, closing in _blocks(plain):
        head = plain[start:opening].rstrip()
        if head.endswith(")"):
            first = start + len(plain[start:opening]) - len(plain[start:opening].lstrip())
            found.append(_function(plain, head, first, opening, closing))
    return found


def bodies(text: str) -> Iterator[tuple[Function, str]]:
    """Yield the functions of a C file with what stands between their braces."""
    plain = code(text)
    lines = {function.line: function for function in functions(text)}
    for start, opening, closing in _blocks(plain):
        first = start + len(plain[start:opening]) - len(plain[start:opening].lstrip())
        function = lines.get(plain.count("\n", 0, first) + 1)
        if function is not None and plain[start:opening].rstrip().endswith(")"):
            yield function, plain[opening + 1 : closing]


def closing(text: str, opening: int) -> int:
    """Return where the parenthesis that opens at a place is closed."""
    return _closing(text, opening, "()")


def _blocks(plain: str) -> Iterator[tuple[int, int, int]]:
    """Yield, for each block at the top level, where its head and its braces stand."""
    at = 0
    while (opening := plain.find("{", at)) >= 0:
        closing = _closing(plain, opening, "{}")
        start = max(plain.rfind(";", 0, opening), plain.rfind("}", 0, opening)) + 1
        yield start, opening, closing
        at = closing + 1


def _function(plain: str, head: str, first: int, opening: int, closing: int) -> Function:
    inside = _last_group(head)
    line = plain.count("\n", 0, first) + 1
    return Function(
        name_of(head),
        line,
        plain.count("\n", first, closing) + 1,
        _count_parameters(inside),
        _nesting(plain[opening + 1 : closing]),
    )


def _last_group(head: str) -> str:
    """Return what stands between the last parentheses of a text that ends with `)`."""
    depth = 0
    for i in range(len(head) - 1, -1, -1):
        depth += (head[i] == ")") - (head[i] == "(")
        if depth == 0:
            return head[i + 1 : -1]
    return ""


def _closing(text: str, opening: int, pair: str) -> int:
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] == pair[0]) - (text[i] == pair[1])
        if depth == 0:
            return i
    return len(text) - 1


def _count_parameters(inside: str) -> int:
    if inside.strip() in ("", "void"):
        return 0
    depth = 0
    count = 1
    for char in inside:
        depth += (char in "([") - (char in ")]")
        count += char == "," and depth == 0
    return count


def _is_control(before: str) -> bool:
    """Tell whether the text in front of a brace is an if, else, for, while, do or switch."""
    if not before.endswith(")"):
        return _BARE_CONTROL.search(before) is not None
    return _CONTROL.search(before[: -len(_last_group(before)) - 2]) is not None


def _nesting(body: str) -> int:
    """Return the depth of the blocks of if, for, while, do and switch in one another."""
    kinds: list[bool] = []  # for each open brace: is it a block of control?
    deepest = 0
    for i, char in enumerate(body):
        if char == "{":
            kinds.append(_is_control(body[:i].rstrip()))
            deepest = max(deepest, sum(kinds))
        elif char == "}" and kinds:
            kinds.pop()
    return deepest
