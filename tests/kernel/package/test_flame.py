# SPDX-License-Identifier: MIT
"""folded() and flamegraph(): stacks that were counted, as text and as a picture."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tinybpf import Symbol, flamegraph, folded

SVG = "{http://www.w3.org/2000/svg}"


def boxes(picture: str) -> dict[str, tuple[float, float, float]]:
    """Return x, y and width of each box, by what pointing at it tells."""
    found = {}
    for group in ET.fromstring(picture.encode()).iter(SVG + "g"):
        title, rect = group.find(SVG + "title"), group.find(SVG + "rect")
        if title is not None and rect is not None:
            x, y, width = (float(rect.attrib[key]) for key in ("x", "y", "width"))
            found[title.text or ""] = (x, y, width)
    return found


def test_folded_lines_are_sorted_sums() -> None:
    """One line for each stack of names, with the sum of those that are called the same."""
    counts = {
        ("main", Symbol("read", 4, "libc.so")): 2,
        ("main", Symbol("read", 9, "libc.so")): 3,
        ("main",): 1.5,
        ("main", "never"): 0,
    }
    assert folded(counts) == "main 1.5\nmain;read 5\n"
    assert folded({}) == ""


def test_frames_without_a_name_are_called_by_their_file() -> None:
    """What is unknown is said to be, and where it lies if that is known."""
    stack = (Symbol(None, 16, "/usr/lib/libx.so.1"), Symbol(None, 1, "[jit]"), Symbol(None))
    assert folded({stack: 1, (): 2}) == "[libx.so.1];[jit];[unknown] 1\n[unknown] 2\n"


def test_what_nobody_knows_is_one_box_in_a_row() -> None:
    """A chain of unknown frames makes no tower; folded text has each of them."""
    nobody = Symbol(None, address=5)
    counts: dict[tuple[Any, ...], int] = {
        ("a", nobody, nobody, "b"): 1,
        ("a", nobody, "b", nobody): 2,
    }
    assert set(boxes(flamegraph(counts))) == {
        "all (3 samples, 100.00%)",
        "a (3 samples, 100.00%)",
        "[unknown] (3 samples, 100.00%)",
        "b (3 samples, 100.00%)",
        "[unknown] (2 samples, 66.67%)",
    }
    assert folded(counts) == "a;[unknown];[unknown];b 1\na;[unknown];b;[unknown] 2\n"


def test_names_keep_the_lines_whole() -> None:
    """A ';' or a line's end in a name makes no other frame and no other line."""
    assert folded({("a;b", "c\nd 7", "e f"): 1}) == "a:b;c\\nd 7;e f 1\n"


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        ({"main": 1}, TypeError),
        ({(5,): 1}, TypeError),
        ({("main",): "1"}, TypeError),
        ({("main",): -1}, ValueError),
        ({("main",): float("nan")}, ValueError),
        ({("main",): float("inf")}, ValueError),
    ],
)
def test_what_is_no_profile_is_refused(counts: Any, error: type[Exception]) -> None:
    """Stacks are tuples of frames, counts numbers that can be drawn."""
    for function in (folded, flamegraph):
        with pytest.raises(error):
            function(counts)


def test_width_is_the_share_and_height_the_depth() -> None:
    """Boxes lie on what called them, each as wide as its part of the counts."""
    found = boxes(flamegraph({("a", "b"): 1, ("a", "c"): 2, ("d",): 1}))
    everything, a, b, c, d = (
        found[f"{name} samples, {part}%)"]
        for name, part in (
            ("all (4", "100.00"),
            ("a (3", "75.00"),
            ("b (1", "25.00"),
            ("c (2", "50.00"),
            ("d (1", "25.00"),
        )
    )
    assert [w / everything[2] for _, _, w in (a, b, c, d)] == pytest.approx(
        [0.75, 0.25, 0.5, 0.25]
    )
    assert everything[1] > a[1] == d[1] > b[1] == c[1]
    assert (b[0], c[0], d[0]) == pytest.approx((a[0], b[0] + b[2], a[0] + a[2]))


def test_picture_needs_nothing_and_breaks_on_nothing() -> None:
    """Whatever stands in names and title, it is XML that refers to no other file."""
    names = ("<script>alert(1)</script>", "a&b\"c'", "\x00\x1b\ud800\uffff", "]]>", "ünï")
    picture = flamegraph({names: 3, (*names, "x" * 5000): 1}, title="</text><b> & \x07")
    picture.encode("utf-8")
    root = ET.fromstring(picture.encode())
    assert len(list(root.iter(SVG + "script"))) == 1
    assert root.find(SVG + "text").text == "</text><b> & \\x07"  # type: ignore[union-attr]
    assert any(title.startswith("<script>alert(1)") for title in boxes(picture))
    addresses = set(re.findall(r"\w+://[^\"]*", picture))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_picture_of_nothing_and_of_deep_stacks() -> None:
    """No counts give the lowest box alone; depth has no bound."""
    assert list(boxes(flamegraph({}))) == ["all (0 samples, 100.00%)"]
    deep = tuple(f"f{i}" for i in range(5000))
    assert len(boxes(flamegraph({deep: 1}))) == 5001


def test_what_cannot_be_seen_is_left_out() -> None:
    """Boxes narrower than a tenth of a pixel are not drawn."""
    counts: dict[tuple[Any, ...], int] = {(f"f{i}",): 1 for i in range(20000)}
    counts["wide",] = 10**6
    assert len(boxes(flamegraph(counts))) == 2
