# SPDX-License-Identifier: MIT
"""Import from the files of a bundle: an entry of sys.path, where no file of a host is.

`_tbpy_bundle` (bundle_module.c) has the files; this is the importlib side of it. It is
loaded when sys.path is first searched.
"""

import _frozen_importlib as _bootstrap
import _frozen_importlib_external as _bootstrap_external

import _tbpy_bundle

ROOT = _tbpy_bundle.ROOT


def name_of(path):
    """Return the name of the bundle's file that a path seems to be, None if it is none."""
    if not isinstance(path, str) or not path.startswith(ROOT + "/"):
        return None
    name = path[len(ROOT) + 1 :]
    return name if _tbpy_bundle.is_file(name) else None


def code_of(path):
    """Return the code object of the bundle's file that a path seems to be, or None."""
    name = name_of(path)
    return None if name is None else BundleLoader(None, name).get_code()


def source_of(name):
    """Return a file's text, by the encoding that it names."""
    return _bootstrap_external.decode_source(_tbpy_bundle.data(name))


class BundleLoader(_bootstrap_external._LoaderBasics):
    """Load one module of a bundle: the file of this name."""

    def __init__(self, fullname, file):
        self.name = fullname
        self.path = f"{ROOT}/{file}"
        self._file = file

    def __repr__(self):
        return f"BundleLoader({self.name!r}, {self.path!r})"

    def __eq__(self, other):
        return isinstance(other, BundleLoader) and self.path == other.path

    def __hash__(self):
        return hash(self.path)

    def get_filename(self, fullname=None):
        """Return the name that tracebacks show; no such file exists."""
        return self.path

    def is_package(self, fullname=None):
        """Tell whether the module is a package."""
        return self._file.endswith("/__init__.py")

    def get_code(self, fullname=None):
        """Return the module's code object."""
        code = _tbpy_bundle.code(self._file)
        if code is None:  # nothing that compiles: here it says why
            code = compile(self.get_data(self.path), self.path, "exec", dont_inherit=True)
        return code

    def get_source(self, fullname=None):
        """Return the module's source, for tracebacks and inspect."""
        return source_of(self._file)

    def get_data(self, path):
        """Return the contents of a file, given its path."""
        return get_data(path)

    def get_resource_reader(self, fullname):
        """Return what importlib.resources reads a package's files by."""
        if not self.is_package():
            return None
        from _tbpy_resources import Reader

        return Reader(self._file.rpartition("/")[0])


def get_data(path):
    """Return the contents of a bundle's file, given its path."""
    name = name_of(path)
    if name is None:
        raise FileNotFoundError(2, "No such file in the bundle", path)
    return _tbpy_bundle.data(name)


class BundleFinder:
    """Find the modules of one folder of the bundle."""

    def __init__(self, path):
        self.path = path
        below = path[len(ROOT) + 1 :]
        if below and not _tbpy_bundle.is_folder(below):
            raise ImportError("no folder of the bundle", path=path)
        self._prefix = below + "/" if below else ""

    def __repr__(self):
        return f"BundleFinder({self.path!r})"

    def find_spec(self, fullname, target=None):
        """Return the spec of a module in this folder, or None."""
        base = self._prefix + fullname.rpartition(".")[2]
        for file in (base + "/__init__.py", base + ".py"):
            if _tbpy_bundle.is_file(file):
                loader = BundleLoader(fullname, file)
                is_package = loader.is_package()
                spec = _bootstrap.ModuleSpec(
                    fullname, loader, origin=loader.path, is_package=is_package
                )
                spec.has_location = True
                break
        else:
            if not _tbpy_bundle.is_folder(base):
                return None
            # A part of a package that has no __init__.py, as folders of a host may be.
            is_package = True
            spec = _bootstrap.ModuleSpec(fullname, None, is_package=True)
        if is_package:
            spec.submodule_search_locations.append(f"{ROOT}/{base}")
        return spec

    def invalidate_caches(self):
        """Do nothing: a bundle never changes."""

    def get_data(self, path):
        """Return the contents of a file, given its path: tinybpf.load() asks for it."""
        return get_data(path)

    def iter_modules(self, prefix=""):
        """Yield (name, is_package) of this folder's modules, for pkgutil."""
        for name in _tbpy_bundle.names(self._prefix):
            head, _, tail = name.partition("/")
            if tail == "__init__.py":
                yield prefix + head, True
            elif not tail and head.endswith(".py") and head != "__init__.py":
                yield prefix + head.removesuffix(".py"), False


def find_distributions(context):
    """Yield what importlib.metadata wants to know of the packages in the bundle."""
    if ROOT in context.path:
        from _tbpy_resources import distributions

        yield from distributions(context.name)
