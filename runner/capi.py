# SPDX-License-Identifier: MIT
# mypy: disable-error-code="import-not-found"
"""List the C API that ctypes.pythonapi finds: CPython's stable ABI.

    python capi.py stable_abi.toml OUTPUT

Writes one SYMBOL() line per function and variable, for dlsym.c. What CPython has only
on some platforms is left out.
"""

import sys
import tomllib
from pathlib import Path


def symbols(text: str) -> list[str]:
    """Return the names of the stable ABI's functions and variables."""
    table = tomllib.loads(text)
    entries = {**table["function"], **table["data"]}
    return sorted(name for name, entry in entries.items() if "ifdef" not in entry)


def main() -> int:
    """Parse the command line."""
    source, output = map(Path, sys.argv[1:])
    lines = "".join(f"SYMBOL({name})\n" for name in symbols(source.read_text()))
    output.write_text("// Written by capi.py.\n" + lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
