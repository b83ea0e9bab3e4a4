# SPDX-License-Identifier: MIT
"""Take the large tables out of CPython's unicodedata.

    python unicode.py Modules DIR

Writes to DIR: unicodename_db.h and unicodedata_db.h, as CPython has them but for those
tables, for a copy of unicodedata.c beside them; names.bin and properties.bin, what
freeze.py squeezes of the tables; and unicode_tables.h, how they lie there. unicode.c makes
them whole again when one is asked for first.
"""

import re
import struct
import sys
from pathlib import Path

PAGE_BITS = 8  # of a character's number, INDEX1 having the rest
CODEPOINTS = "dawg_pos_to_codepoint"
INDEX1 = "dawg_codepoint_to_pos_index1"
INDEX2 = "dawg_codepoint_to_pos_index2"

# The tables of each header, in the order in which they need no gaps.
NAMES = {
    CODEPOINTS: "unsigned int",
    "packed_name_dawg": "unsigned char",
    INDEX1: "unsigned char",
    INDEX2: "unsigned short",
}
PROPERTIES = {
    "decomp_data": "unsigned int",
    "comp_data": "unsigned int",
    "index2": "unsigned short",
    "decomp_index2": "unsigned short",
    "comp_index": "unsigned short",
    "decomp_index1": "unsigned char",
    "changes_3_2_0_index": "unsigned char",
    "changes_3_2_0_data": "unsigned char",
}
FORMATS = {"unsigned int": "I", "unsigned short": "H", "unsigned char": "B"}

Tables = dict[str, list[int]]


class TableError(Exception):
    """CPython's tables are not what unicode.c makes them from."""


def take(text: str, kinds: dict[str, str]) -> tuple[str, Tables]:
    """Return the text of a header without some tables, and their numbers."""
    tables = {}
    for name, kind in kinds.items():
        whole = re.compile(rf"^static const {kind} {name}\[\] = {{([^}}]*)}};$", re.MULTILINE)
        found = whole.findall(text)
        if len(found) != 1:
            raise TableError(f"there is not one table {name} of {kind}")
        tables[name] = [int(number) for number in found[0].split(",") if number.strip()]
        text = whole.sub("", text)
    return text, tables


def check_index(text: str, tables: Tables) -> None:
    """Refuse an index of names that says other things than unicode.c will make of the rest."""
    codepoints, index1 = tables[CODEPOINTS], tables[INDEX1]
    made = [len(codepoints)] * len(tables[INDEX2])
    for position, codepoint in enumerate(codepoints):
        page = index1[codepoint >> PAGE_BITS] << PAGE_BITS
        made[page + (codepoint & ((1 << PAGE_BITS) - 1))] = position
    said = {"SHIFT": PAGE_BITS, "NOTFOUND": len(codepoints)}
    for name, value in said.items():
        if f"#define DAWG_CODEPOINT_TO_POS_{name} {value}\n" not in text:
            raise TableError(f"DAWG_CODEPOINT_TO_POS_{name} is not {value}")
    if made != tables[INDEX2]:
        raise TableError(f"{INDEX2} is not the inverse of {CODEPOINTS}")


def pack(tables: Tables, kinds: dict[str, str]) -> bytes:
    """Return the tables' numbers, one behind the other."""
    return b"".join(
        struct.pack(f"<{len(numbers)}{FORMATS[kinds[name]]}", *numbers)
        for name, numbers in tables.items()
    )


def header(title: str, tables: Tables, text: str) -> str:
    """Return CPython's header: unicodedata.c names tables, which makes them first."""
    uses = (f"#define {name} tbr_{title}_open()->{name}_\n" for name in tables)
    return f'/* Written by unicode.py. */\n#include "unicode.h"\n\n{"".join(uses)}\n{text}'


def declare(title: str, tables: Tables, kinds: dict[str, str]) -> str:
    """Return the struct of some tables."""
    fields = (f"    {kinds[name]} {name}_[{len(tables[name])}];\n" for name in tables)
    return f"struct tbr_{title} {{\n{''.join(fields)}    char slack[TBR_LZMA_SLACK];\n}};\n"


def write(modules: Path, output: Path) -> None:
    """Write the five files."""
    text, names = take((modules / "unicodename_db.h").read_text(), NAMES)
    check_index(text, names)
    (output / "unicodename_db.h").write_text(header("names", names, text))
    text, properties = take((modules / "unicodedata_db.h").read_text(), PROPERTIES)
    (output / "unicodedata_db.h").write_text(header("properties", properties, text))
    structs = declare("names", names, NAMES) + declare("properties", properties, PROPERTIES)
    structs = "/* Written by unicode.py. */\n" + structs
    (output / "unicode_tables.h").write_text(structs)
    (output / "properties.bin").write_bytes(pack(properties, PROPERTIES))
    # Differences: names that follow one another are often neighbours. INDEX2 follows.
    last = 0
    for at, codepoint in enumerate(names[CODEPOINTS]):
        names[CODEPOINTS][at] = (codepoint - last) % (1 << 32)
        last = codepoint
    del names[INDEX2]
    (output / "names.bin").write_bytes(pack(names, NAMES))


def main() -> int:
    """Parse the command line."""
    modules, output = map(Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    try:
        write(modules, output)
    except TableError as error:
        print(f"unicode.py: {modules}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
