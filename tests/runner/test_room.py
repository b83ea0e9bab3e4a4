# SPDX-License-Identifier: MIT
"""The executable's room, part by part: what grows is seen here, and said why."""

import pathlib

from launch import Evaluate

KB = 1000

# What each part of the library may take (freeze.py counts it), a little above what it
# does. Whoever needs more raises the number, and says in the commit what it buys. The
# whole has 14 MB; of what is left, the Interpreter may take 0.3, Streams 0.2, Hooks 0.3,
# System 0.4 and the Runner 0.3 MB.
LEDGER = {
    "start": 312 * KB,  # code that any start runs, as it is; 6 import from bundles
    "quick": 525 * KB,  # code that most scripts import, squeezed to be read fast
    "library": 2475 * KB,  # all other code, deflated or in blocks; 45 are the time zones
    "sources": 1405 * KB,  # in blocks
    "tinybpf": 206 * KB,  # the package; headers of libbpf are 50, commands 55, direct runs 43
    "names": 155 * KB,  # of characters; 440 in CPython
    "properties": 30 * KB,  # of characters, as unicodedata has them; 235 in CPython
    "other": 195 * KB,  # importlib's halves, common words, licences
}
WHOLE = 14_000 * KB
# CPython, tinybpf's core and the libraries, as a developer's build has them and as they
# are shipped: the larger of both.
COMPILED = 7_800 * KB


def test_each_part_stays_in_its_room(evaluate: Evaluate, runner: pathlib.Path) -> None:
    """No part of the library, and not the rest of the file, outgrows what it has."""
    sizes = dict(
        part.split("=") for part in evaluate("import _tbpy; print(_tbpy.SIZES)").split()
    )
    assert set(sizes) == set(LEDGER)
    over = {part: sizes[part] for part in LEDGER if int(sizes[part]) > LEDGER[part]}
    assert over == {}
    whole = runner.stat().st_size
    assert whole <= WHOLE
    assert whole - sum(map(int, sizes.values())) <= COMPILED


def test_the_ledger_is_not_generous(evaluate: Evaluate) -> None:
    """What a part has won back it does not keep: the number follows."""
    sizes = dict(
        part.split("=") for part in evaluate("import _tbpy; print(_tbpy.SIZES)").split()
    )
    free = {part: LEDGER[part] - int(sizes[part]) for part in LEDGER}
    assert {part: n for part, n in free.items() if n > 60 * KB} == {}
