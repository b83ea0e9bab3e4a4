# SPDX-License-Identifier: MIT
"""The files of a bundle for importlib.resources and importlib.metadata."""

import io
from importlib import metadata
from importlib.resources.abc import Traversable, TraversableResources

import _tbpy_bundle
import _tbpy_files


class File(Traversable):
    """A file or folder of the bundle, by its name."""

    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return f"File({str(self)!r})"

    def __str__(self):
        return f"{_tbpy_bundle.ROOT}/{self._name}"

    def __eq__(self, other):
        return isinstance(other, File) and self._name == other._name

    def __hash__(self):
        return hash(self._name)

    @property
    def name(self):
        """The last part of its name."""
        return self._name.rpartition("/")[2]

    def is_dir(self):
        """Tell whether it is a folder."""
        return _tbpy_bundle.is_folder(self._name)

    def is_file(self):
        """Tell whether it is a file."""
        return _tbpy_bundle.is_file(self._name)

    def iterdir(self):
        """Yield what is in a folder."""
        if not self.is_dir():
            raise NotADirectoryError(20, "No folder in the bundle", str(self))
        tails = (name.partition("/")[0] for name in _tbpy_bundle.names(self._name + "/"))
        for tail in dict.fromkeys(tails):
            yield File(f"{self._name}/{tail}")

    def joinpath(self, *descendants):
        """Return what a path from here leads to; ".." goes back, as far as the root."""
        parts = self._name.split("/")
        for part in "/".join(map(str, descendants)).split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in ("", "."):
                parts.append(part)
        return File("/".join(parts))

    __truediv__ = joinpath

    def read_bytes(self):
        """Return a file's contents."""
        return _tbpy_files.get_data(str(self))

    def open(self, mode="r", *args, **kwargs):
        """Open a file for reading, as text unless the mode has a "b"."""
        if mode.strip("brt") or "r" not in mode:
            raise ValueError(f"a bundle can only be read: mode {mode!r}")
        stream = io.BytesIO(self.read_bytes())
        return stream if "b" in mode else io.TextIOWrapper(stream, *args, **kwargs)


class Reader(TraversableResources):
    """What a package's loader gives importlib.resources."""

    def __init__(self, folder):
        self._folder = folder

    def files(self):
        """Return the package's folder."""
        return File(self._folder)


class Distribution(metadata.Distribution):
    """What was installed into the bundle from a wheel."""

    def __init__(self, folder):
        self._folder = folder

    def read_text(self, filename):
        """Return a file of the folder that the wheel has for it."""
        data = _tbpy_bundle.data(f"{self._folder}/{filename}")
        return None if data is None else data.decode("utf-8", "replace")

    def locate_file(self, path):
        """Return where a file of the package is."""
        return File(str(path))


def _normalized(name):
    return metadata.Prepared.normalize(name)


def distributions(name):
    """Yield those of a name, all if it is None."""
    for file in _tbpy_bundle.names(""):
        folder, _, tail = file.partition("/")
        if tail == "METADATA" and folder.endswith(".dist-info"):
            found = folder.removesuffix(".dist-info").partition("-")[0]
            if name is None or _normalized(found) == _normalized(name):
                yield Distribution(folder)
