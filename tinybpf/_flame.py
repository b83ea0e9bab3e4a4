# SPDX-License-Identifier: MIT
"""Profiles as text and as a picture: stacks that were counted, folded and drawn.

Imported when the first one is asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Union

    from tinybpf._core import Symbol

    Frame = Union[str, Symbol]
    Number = Union[int, float]
    Counts = Mapping[tuple[Frame, ...], Number]
    Stacks = dict[tuple[str, ...], Number]
    Box = tuple[int, str, Number, Number]  # row, name, counts before it, its own

WIDTH, ROW, MARGIN, TOP = 1200, 17, 10, 58  # pixels
LETTER = 7.0  # pixels, about, of a letter
INSIDE = WIDTH - 2 * MARGIN
LEAST = 0.1  # pixels: what is narrower is left out
LEAST_ROOM = 3  # letters: where less fit there is no text
UNKNOWN = "[unknown]"  # a frame without a name that is in no file

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 \
{width} {height}" font-family="Verdana, DejaVu Sans, sans-serif" font-size="12">
<style>g:hover rect {{ stroke: #000 }} .off {{ opacity: 0.25 }} .hit rect {{ fill: #e600e6 }} \
#frames text {{ pointer-events: none }} .button {{ cursor: pointer }}</style>
<rect width="100%" height="100%" fill="#f8f8f8"/>
<text x="{middle}" y="24" text-anchor="middle" font-size="17">{title}</text>
<text id="search" class="button" x="{right}" y="44" text-anchor="end"> </text>
<text id="reset" class="button" x="{margin}" y="44"> </text>
<g id="frames">
"""

# Zoom by a click, search by a regular expression; without it the picture is whole.
SCRIPT = """\
</g>
<script><![CDATA[
"use strict";
const frames = Array.from(document.querySelectorAll("#frames g"), g => {
    const rect = g.querySelector("rect"), text = g.querySelector("text");
    const title = g.querySelector("title").textContent;
    return { g, rect, text, x: +rect.getAttribute("x"), w: +rect.getAttribute("width"),
             y: +rect.getAttribute("y"), name: title.slice(0, title.lastIndexOf(" (")) };
});
const search = document.getElementById("search"), reset = document.getElementById("reset");
const left = MARGIN, full = WIDTH - 2 * MARGIN;
function draw(to) {
    for (const f of frames) {
        const above = f.y <= to.y && f.x >= to.x - 0.01 && f.x + f.w <= to.x + to.w + 0.01;
        const below = f.y > to.y && f.x <= to.x + 0.01 && f.x + f.w >= to.x + to.w - 0.01;
        f.g.style.display = above || below ? "" : "none";
        const w = below ? full : f.w / to.w * full;
        const x = below ? left : left + (f.x - to.x) / to.w * full;
        f.rect.setAttribute("x", x);
        f.rect.setAttribute("width", w);
        const room = Math.floor((w - 6) / LETTER);
        if (f.text) f.text.remove();
        f.text = null;
        if (room < 3) continue;
        f.text = document.createElementNS("http://www.w3.org/2000/svg", "text");
        f.text.setAttribute("x", x + 3);
        f.text.setAttribute("y", f.y + 12);
        f.text.textContent = f.name.length > room ? f.name.slice(0, room - 2) + ".." : f.name;
        f.g.append(f.text);
    }
    reset.textContent = to.w < full - 0.01 ? "Reset zoom" : " ";
}
const all = { x: left, w: full, y: Infinity };
for (const f of frames) {
    f.g.classList.add("button");
    f.g.addEventListener("click", () => draw(f));
}
reset.addEventListener("click", () => draw(all));
search.textContent = "Search";
search.addEventListener("click", () => {
    const wanted = prompt("Regular expression to search for:", "");
    let pattern = null;
    try { pattern = wanted ? new RegExp(wanted) : null; } catch (error) { alert(error); }
    for (const f of frames) f.g.classList.toggle("hit", !!pattern && pattern.test(f.name));
    search.textContent = pattern ? "Search: " + wanted : "Search";
});
]]></script>
</svg>
"""


def folded(counts: Counts) -> str:
    """Write stacks that were counted as text, one line each: "main;read;vfs_read 42".

    Flame graph tools read that (flamegraph.pl, speedscope, inferno). Stacks of the same names
    are one line; the lines are sorted.

    Args:
        counts: numbers by stacks: a tuple of frames each, the outermost first, which are a
            str or a Symbol. Of a Symbol without a name the file is written: "[libc.so.6]".

    Returns:
        The lines. A ';' in a name is written ':', what does not print as "\\\\x0a".

    Raises:
        TypeError: a stack is no tuple of such frames, or its count no number.
        ValueError: a count is negative, or no number.
    """
    lines = (f"{';'.join(stack)} {n}\n" for stack, n in sorted(_named(counts).items()))
    return "".join(lines)


def flamegraph(counts: Counts, title: str = "Flame graph") -> str:
    """Draw stacks that were counted as a flame graph: an SVG that needs nothing else.

    Browsers show it, with a zoom by click and a search; it is a whole picture without its
    script, too. The wider a frame, the more of the counts have it at that place; pointing
    at it tells how many. Frames in a row of which nothing is known, as code without frame
    pointers leaves them, are one box.

    Args:
        counts: as for folded().
        title: what stands above.

    Returns:
        The text of the picture, to be written as UTF-8.

    Raises:
        TypeError, ValueError: as for folded().
    """
    stacks = _merged(_named(counts))
    total = sum(stacks.values())
    boxes = list(_boxes(stacks, total))
    bottom = TOP + ROW * (1 + max(row for row, *_ in boxes))
    head = HEAD.format(
        width=WIDTH,
        height=bottom + MARGIN,
        middle=WIDTH // 2,
        right=WIDTH - MARGIN,
        margin=MARGIN,
        title=_escaped(_printable(title)),
    )
    script = SCRIPT.replace("MARGIN", str(MARGIN)).replace("WIDTH", str(WIDTH))
    drawn = (_drawn(box, total, bottom) for box in boxes)
    return head + "".join(drawn) + script.replace("LETTER", str(LETTER))


def _named(counts: Counts) -> Stacks:
    """Return the counts by the names of the frames, those of the same names together."""
    found: Stacks = {}
    known: dict[object, str] = {}
    for stack, n in counts.items():
        if not isinstance(stack, tuple):
            raise TypeError(f"a stack is a tuple of frames, not {stack!r}")
        if not isinstance(n, (int, float)):
            raise TypeError(f"a count is a number, not {n!r}")
        if not 0 <= n < float("inf"):
            raise ValueError(f"a count is 0 or more, not {n!r}")
        if n:
            names = tuple([known.get(f) or known.setdefault(f, _name(f)) for f in stack])
            names = names or (UNKNOWN,)
            found[names] = found.get(names, 0) + n
    return found


def _merged(stacks: Stacks) -> Stacks:
    """Return stacks in which nobody is called by nobody: once of [unknown] in a row."""
    found: Stacks = {}
    for stack, n in stacks.items():
        seen = tuple(
            name
            for before, name in zip(("", *stack), stack)
            if name != UNKNOWN or before != UNKNOWN
        )
        found[seen] = found.get(seen, 0) + n
    return found


def _name(frame: Frame) -> str:
    """Return what a frame is called."""
    if not isinstance(frame, str):
        try:
            name, module = frame.name, frame.module
        except AttributeError:
            raise TypeError(f"a frame is a str or a Symbol, not {frame!r}") from None
        frame = name or f"[{(module or 'unknown').rpartition('/')[2].strip('[]')}]"
    return _printable(frame).replace(";", ":") or UNKNOWN


def _printable(text: str) -> str:
    """Return a text with escapes for what has no place in a line or in XML."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def _escaped(text: str) -> str:
    """Return a text as XML has it."""
    for letter, code in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        text = text.replace(letter, f"&{code};")
    return text


def _boxes(stacks: Stacks, total: Number) -> Iterator[Box]:
    """Yield the boxes that are wide enough to be seen, from the row of all on upwards."""
    yield 0, "all", 0, total
    begun: list[tuple[str, Number]] = []  # what is open: its name, and the counts before it
    before: Number = 0
    for stack, n in [*sorted(stacks.items()), ((), 0)]:
        common = 0
        while common < min(len(begun), len(stack)) and begun[common][0] == stack[common]:
            common += 1
        while len(begun) > common:
            name, start = begun.pop()
            if (before - start) * INSIDE >= LEAST * total:
                yield len(begun) + 1, name, start, before - start
        begun += [(name, before) for name in stack[common:]]
        before += n


def _drawn(box: Box, total: Number, bottom: int) -> str:
    """Return a box: in a warm colour, the same for the same name."""
    row, name, before, count = box
    part = count / total if total else 1
    x, y = MARGIN + (before / total if total else 0) * INSIDE, bottom - (row + 1) * ROW
    mixed = sum(ord(letter) * (i + 7) for i, letter in enumerate(name))
    colour = f"rgb({205 + mixed % 50},{80 + mixed * 7 % 150},{mixed * 3 % 55})"
    room = int((part * INSIDE - 6) / LETTER)
    shown = name if len(name) <= room else name[: room - 2] + ".."
    text = f'<text x="{x + 3:.1f}" y="{y + 12}">{_escaped(shown)}</text>'
    return (
        f"<g><title>{_escaped(name)} ({count:,} samples, {part:.2%})</title>"
        f'<rect x="{x:.2f}" y="{y}" width="{part * INSIDE:.2f}" height="{ROW - 1}" '
        f'fill="{colour}" rx="1"/>{text if room >= LEAST_ROOM else ""}</g>\n'
    )
