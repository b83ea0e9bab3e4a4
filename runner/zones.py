# SPDX-License-Identifier: MIT
"""Compile the time zone database into a module, for hosts that have none.

    python zones.py SOURCE OUTPUT

SOURCE is IANA's tzdata, unpacked; zic, which every glibc brings, compiles it. Many names
are one zone: each is kept once. The same inputs give the same bytes.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# tzdata's own list of its data (PRIMARY_YDATA, FACTORY and BACKWARD in its Makefile).
FILES = [
    *("africa", "antarctica", "asia", "australasia", "europe", "northamerica"),
    *("southamerica", "etcetera", "factory", "backward"),
]

MODULE = '''\
"""IANA's time zones, version {version}; written by zones.py."""

VERSION = {version!r}
# Where the file of each name begins and ends.
PLACES = {places!r}
FILES = {files!r}
'''


def find_zic() -> str:
    """Return the zone compiler; a user's PATH may lack the folder that it is in."""
    zic = shutil.which("zic") or shutil.which("zic", path="/usr/sbin:/sbin")
    if zic is None:
        sys.exit("zones.py: no zic: it comes with glibc (Debian: libc-bin)")
    return zic


def compiled(source: Path) -> dict[str, bytes]:
    """Return the file of each zone by its name, as short as may be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [find_zic(), "-b", "slim", "-d", str(folder), *FILES]
        subprocess.run(command, cwd=source, check=True)
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def module(version: str, zones: dict[str, bytes]) -> str:
    """Return the text of the module."""
    files, at = b"", {}
    for data in sorted(set(zones.values())):
        at[data] = (len(files), len(files) + len(data))
        files += data
    places = {name: at[data] for name, data in zones.items()}
    return MODULE.format(version=version, places=places, files=files)


def main() -> None:
    """Write the module."""
    source, output = map(Path, sys.argv[1:])
    version = (source / "version").read_text().strip()
    text = module(version, compiled(source))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text)


if __name__ == "__main__":
    main()
