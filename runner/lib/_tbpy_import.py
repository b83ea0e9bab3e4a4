# SPDX-License-Identifier: MIT
"""Import from the library inside the executable: one entry of sys.path.

`_tbpy` (library.c) holds the table of modules, their code and their sources; this
is the importlib side of it. It is loaded when sys.path is first searched.
"""

import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _bootstrap_external
import sys

import _tbpy


class LibraryLoader(_bootstrap_external._LoaderBasics):
    """Load one module of the library.

    It goes by the name that the module has there: a finder of a package's directory
    may be asked for "dom" and mean "xml.dom".
    """

    def __init__(self, name, is_package):
        self.name = name
        self._is_package = is_package

    def __repr__(self):
        return f"LibraryLoader({self.name!r})"

    def __eq__(self, other):
        return isinstance(other, LibraryLoader) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def get_filename(self, fullname=None):
        """Return the name that tracebacks show; no such file exists."""
        tail = "/__init__.py" if self._is_package else ".py"
        return f"{_tbpy.ROOT}/{self.name.replace('.', '/')}{tail}"

    def is_package(self, fullname=None):
        """Tell whether the module is a package."""
        return self._is_package

    def get_code(self, fullname=None):
        """Return the module's code object."""
        return _tbpy.code(self.name)

    def get_source(self, fullname=None):
        """Return the module's source, for tracebacks and inspect."""
        return _tbpy.source(self.name)


class LibraryFinder:
    """Find the modules of one directory of the library."""

    def __init__(self, path):
        self.path = path
        # "/tbpy/lib/python3.14/xml/dom" -> "xml.dom."
        below = path[len(_tbpy.ROOT) + 1 :]
        self._prefix = below.replace("/", ".") + "." if below else ""

    def __repr__(self):
        return f"LibraryFinder({self.path!r})"

    def find_spec(self, fullname, target=None):
        """Return the spec of a module in this directory, or None."""
        name = self._prefix + fullname.rpartition(".")[2]
        is_package = _tbpy.find(name)
        if is_package is None:
            return None
        loader = LibraryLoader(name, is_package)
        spec = _bootstrap.ModuleSpec(fullname, loader, is_package=is_package)
        spec.origin = loader.get_filename()
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations.append(spec.origin.rpartition("/")[0])
        return spec

    def invalidate_caches(self):
        """Do nothing: the library never changes."""

    def iter_modules(self, prefix=""):
        """Yield (name, is_package) of this directory's modules, for pkgutil."""
        for name in _tbpy.names():
            tail = name[len(self._prefix) :]
            if name.startswith(self._prefix) and tail and "." not in tail:
                yield prefix + tail, _tbpy.find(name)


def zip_finder(path):
    """Return zipimport's finder for a path that looks like a zip.

    An import statement would search sys.path, and so this zip, for zipimport.
    """
    module = sys.modules.get("zipimport")
    if module is None:
        module = _bootstrap._load(LibraryFinder(_tbpy.ROOT).find_spec("zipimport"))
    return module.zipimporter(path)
