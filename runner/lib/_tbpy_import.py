# SPDX-License-Identifier: MIT
"""Import from the library inside the executable: one entry of sys.path.

`_tbpy` (library.c) holds the table of modules, their code and their sources; this
is the importlib side of it. It is loaded when sys.path is first searched.
"""

import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _bootstrap_external
import sys

import _tbpy


def module_of(path):
    """Return the name of the library's module that a path seems to be the file of."""
    name, dot, kind = path.removeprefix(_tbpy.ROOT + "/").rpartition(".")
    if not path.startswith(_tbpy.ROOT) or dot + kind != ".py":
        return None
    is_package = name.endswith("/__init__")
    name = name.removesuffix("/__init__").replace("/", ".")
    return name if _tbpy.find(name) is is_package else None


def source_getter(path):
    """Return what gives the source of a file that only seems to be there, or None."""
    name = module_of(path)
    if name is not None:
        return lambda: _tbpy.source(name)
    if _tbpy.IS_BUNDLE:
        import _tbpy_files

        name = _tbpy_files.name_of(path)
        if name is not None:
            return lambda: _tbpy_files.source_of(name)
    return None


def code_of(path):
    """Return the code object of the bundle's file that a path seems to be, or None."""
    if not _tbpy.IS_BUNDLE:
        return None
    import _tbpy_files

    return _tbpy_files.code_of(path)


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

    def get_data(self, path):
        """Return the source of the module that a path names: there are no other data."""
        name = module_of(path)
        source = None if name is None else _tbpy.source(name)
        if source is None:
            raise FileNotFoundError(2, "No such file in the library", path)
        return source.encode()


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


def find_distributions(context):
    """Yield what importlib.metadata wants to know of packages inside: one, and a bundle's.

    It asks every entry of sys.meta_path; this is the answer of _tbpy, which is one.
    """
    name = context.name
    is_wanted = name is None or name.lower() == "tinybpf"
    if is_wanted and _tbpy.ROOT in context.path:
        from _tbpy_metadata import Inside

        yield Inside()
    if _tbpy.IS_BUNDLE:
        import _tbpy_files

        yield from _tbpy_files.find_distributions(context)


_tbpy.find_distributions = find_distributions
