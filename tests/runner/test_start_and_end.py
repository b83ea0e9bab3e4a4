# SPDX-License-Identifier: MIT
"""What a start takes from the kernel at once, and what its end leaves to the kernel."""

import ctypes
import pathlib
import resource

from launch import EMULATOR, Evaluate, Run, limit_to

SETTING = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
# How much of the first objects' mapping is huge pages, in KB, and in how many arenas of
# it there are objects.
HUGE = """\
objects = [0.5 * n for n in range(30_000)]
start = end = 0
for line in open("/proc/self/smaps"):
    word, _, rest = line.partition(" ")
    if "-" in word:
        start, end = (int(n, 16) for n in word.split("-"))
    if start <= id(objects[0]) < end and word == "AnonHugePages:":
        inside = {id(each) >> 20 for each in objects if start <= id(each) < end}
        print(rest.split()[0], len(inside))
"""


def huge_pages_are_given() -> bool:
    """Does the kernel give huge pages to who asks?"""
    return not EMULATOR and SETTING.exists() and "[never]" not in SETTING.read_text()


def test_first_arenas_are_halves_of_a_huge_page(evaluate: Evaluate) -> None:
    """One of ten starts at least gets a huge page, of which there may be none left."""
    found = {evaluate(HUGE) for _ in range(10)}
    assert ("2048 2" in found) == huge_pages_are_given(), found


def test_start_where_the_kernel_gives_no_huge_page(evaluate: Evaluate) -> None:
    """A process that may have none starts as well, and has none."""
    library, no_huge_pages = ctypes.CDLL(None), 41  # PR_SET_THP_DISABLE
    code = f"print(sum(range(100_000)))\n{HUGE}"
    said = evaluate(code, preexec_fn=lambda: library.prctl(no_huge_pages, 1, 0, 0, 0))
    assert said.split()[:2] == ["4999950000", "0"]


def test_start_with_little_memory(run: Run) -> None:
    """From where it starts at all, it does with each MB more.

    With some of them there is room for an arena, but none for a huge page at its place.
    """
    code, works = "print(len([str(n) for n in range(1000)]))", 0
    for limit_mb in range(8, 200):
        limit = limit_to(resource.RLIMIT_AS, limit_mb << 20)
        done = run("-c", code, preexec_fn=limit)
        if done.returncode == 0 or works > 0:
            assert (done.returncode, done.stdout) == (0, "1000\n"), (limit_mb, done)
            works += 1
        if works == 8:
            return
    raise AssertionError("200 MB do not suffice")


def test_other_interpreters_are_freed(evaluate: Evaluate) -> None:
    """What the main interpreter leaves behind at its end, others give back."""
    code = """\
from concurrent import interpreters
def resident_kb():
    return int(open("/proc/self/statm").read().split()[1]) * 4
def come_and_go():
    one = interpreters.create()
    one.exec("import json; words = [str(n) * 3 for n in range(2000)]")
    one.close()
for _ in range(10): come_and_go()
before = resident_kb()
for _ in range(40): come_and_go()
print(resident_kb() - before)
"""
    assert int(evaluate(code)) < 2000
