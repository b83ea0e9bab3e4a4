# SPDX-License-Identifier: MIT
"""What functions take that no class says; for type checkers only."""

from typing import Protocol

class Readable(Protocol):
    """As zipfile.Path, and what importlib.resources gives."""

    def read_bytes(self) -> bytes: ...

class Writable(Protocol):
    """Whatever has write(bytes)."""

    def write(self, data: bytes, /) -> object: ...
