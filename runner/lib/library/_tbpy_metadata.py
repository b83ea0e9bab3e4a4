# SPDX-License-Identifier: MIT
"""What importlib.metadata tells of the tinybpf that is inside."""

import pathlib
from importlib import metadata

import _tbpy

_TEXTS = {
    "METADATA": (
        "Metadata-Version: 2.4\n"
        "Name: tinybpf\n"
        f"Version: {_tbpy.VERSION}\n"
        "License-Expression: MIT\n"
        "\n"
    ),
    "INSTALLER": "tinybpf-run\n",
}


class Inside(metadata.Distribution):
    """tinybpf, which no wheel has installed."""

    def read_text(self, filename):
        """Return a file of the directory that a wheel would have."""
        return _TEXTS.get(filename)

    def locate_file(self, path):
        """Return where a file would lie; none is there."""
        return pathlib.Path(_tbpy.ROOT) / path
