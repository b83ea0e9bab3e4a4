# SPDX-License-Identifier: MIT
"""Names and properties of characters: tables that are made when one is asked for first."""

import hashlib
import subprocess
import sys
import unicodedata

from launch import Evaluate

# Unicode never changes a name; which ones there are depends on its version.
DIGEST = """
import hashlib, sys, unicodedata
digest = hashlib.sha256()
for name in sys.stdin.read().splitlines():
    digest.update(f"{name} {ord(unicodedata.lookup(name))}".encode())
    assert unicodedata.name(unicodedata.lookup(name)) == name
print(digest.hexdigest())
"""


def test_names_are_those_of_other_pythons(evaluate: Evaluate) -> None:
    """Each name that the Python of the tests has is found, and found for its character."""
    digest = hashlib.sha256()
    names = []
    for number in range(0x110000):
        name = unicodedata.name(chr(number), "")
        if name:
            names.append(name)
            digest.update(f"{name} {number}".encode())
    assert len(names) > 100_000
    assert evaluate(DIGEST, input="\n".join(names)) == digest.hexdigest()


# Unicode changes no normal form of a character that is there, either; 3.2 is RFC 3454's.
FORMS = """
import hashlib, sys, unicodedata
digest = hashlib.sha256()
old = unicodedata.ucd_3_2_0
for number in map(int, sys.stdin.read().split()):
    character = chr(number)
    forms = [unicodedata.normalize(f, character) for f in ("NFC", "NFD", "NFKC", "NFKD")]
    told = (number, *forms, old.category(character), old.bidirectional(character))
    digest.update(ascii(told).encode())
print(digest.hexdigest())
"""


def test_forms_are_those_of_other_pythons(evaluate: Evaluate) -> None:
    """Each character that the Python of the tests has has the same normal forms."""
    there = [
        n for n in range(0x110000) if unicodedata.category(chr(n)) not in ("Cn", "Cs", "Co")
    ]
    numbers = " ".join(map(str, there))
    done = subprocess.run(
        [sys.executable, "-c", FORMS], input=numbers, capture_output=True, text=True, check=True
    )
    assert evaluate(FORMS, input=numbers) == done.stdout.strip()


def test_aliases_and_sequences_have_names(evaluate: Evaluate) -> None:
    """lookup() knows names of sequences, and \\N{} other names of a character."""
    code = (
        "import unicodedata\n"
        "print(ascii(unicodedata.lookup('LATIN SMALL LETTER A WITH MACRON AND GRAVE')),"
        r" ascii('\N{LINE FEED}'), ascii('\N{bullet}'), unicodedata.name('\n', None))"
    )
    assert evaluate(code) == r"'\u0101\u0300' '\n' '\u2022' None"


def test_name_that_is_none_is_refused(evaluate: Evaluate) -> None:
    """Unknown, empty and overlong names are a KeyError, also when they are asked first."""
    code = (
        "import unicodedata\n"
        "for name in ('BULLETS', '', 'B' * 300, 'HANGUL SYLLABLE ', 'bulle\\xdf'):\n"
        "    try: print(unicodedata.lookup(name))\n"
        "    except KeyError: print('KeyError', end=' ')"
    )
    assert evaluate(code) == " ".join(["KeyError"] * 5)


def test_who_asks_first_at_the_same_time_gets_the_same(evaluate: Evaluate) -> None:
    """Interpreters that run side by side, and children of fork(), all have the names."""
    code = (
        "import os, threading\n"
        "from concurrent import interpreters\n"
        "ask = 'import unicodedata; assert unicodedata.lookup(\"BULLET\") == chr(0x2022); '"
        " 'assert unicodedata.name(chr(0x2022)) == \"BULLET\"'\n"
        "failed = []\n"
        "def work():\n"
        "    try: interpreters.create().exec(ask)\n"
        "    except interpreters.ExecutionFailed as error: failed.append(error)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    exec(ask)\n"
        "    os._exit(0)\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]\n"
        "print(os.waitpid(child, 0)[1], failed)"
    )
    assert evaluate(code) == "0 []"
