# SPDX-License-Identifier: MIT
"""Find what goes into a bundle: files, folders, wheels and zips, by the names they have."""

import ast
import os
import stat
import sys
import zipfile

from _tbpy_bundling import LARGEST, NO_PYTHON, BundleError

# What installers leave beside a package about the machine that they ran on.
_OF_INSTALLERS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


def _is_wanted(name):
    """Is a file of a folder or zip one that the program can want?"""
    *folders, last = name.split("/")
    if any(part == "__pycache__" or part.startswith(".") for part in (*folders, last)):
        return False
    if folders and folders[-1].endswith(".dist-info") and last in _OF_INSTALLERS:
        return False
    return not last.endswith((".pyc", ".pyo"))


def _is_extension(name):
    return name.endswith(".so") or ".so." in name.rpartition("/")[2]


class Collection:
    """The files of a bundle: their contents by name, and where each came from."""

    def __init__(self):
        self.files = {}
        self.given = []  # names of the .py files that were named themselves
        self.objects = []  # those of the objects
        self.mains = []  # of folders and zips: what runs them
        self._origin = {}
        self._size = 0

    def _add(self, name, data, origin):
        """Take a file; one of the same name must be the same."""
        if _is_extension(name):
            print(
                f"tinybpf-run: {origin} is left out: a static executable loads no extension"
                " modules",
                file=sys.stderr,
            )
            return
        try:
            name.encode()
        except UnicodeEncodeError:
            raise BundleError(f"{origin!a}: its name is not UTF-8: rename it") from None
        if self.files.get(name, data) != data:
            raise BundleError(
                f"{self._origin[name]} and {origin} would both be {name}: rename one, or put"
                " them into packages"
            )
        self._size += len(data)
        if self._size > LARGEST:
            raise BundleError(f"the files are too large: {LARGEST >> 20} MB are allowed")
        self.files[name] = data
        self._origin[name] = origin

    def add(self, path):
        """Take what a word of the command line names."""
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            self._add_folder(path)
        elif not stat.S_ISREG(kind):
            raise BundleError(f"{path} is neither a file nor a folder")
        elif path.endswith((".whl", ".zip", ".pyz")):
            self._add_zip(path)
        else:
            self._add_file(path)

    def _add_file(self, path):
        name = os.path.basename(path)
        self._add(name, _read(path), path)
        if name.endswith(".py"):
            self.given.append(name)
        elif name.endswith(".bpf.o"):
            self.objects.append(name)

    def _add_folder(self, path):
        """Take a folder: a package or data under its name, the others' contents.

        Those are what `pip install --target` fills, and what Python runs as a program: a
        folder with a __main__.py that is no package.
        """
        inside = {name: file for name, file in _walk(path) if _is_wanted(name)}
        if not inside:
            raise BundleError(f"{path} has no files for a bundle")
        is_package = "__init__.py" in inside
        is_target = any(name.partition("/")[0].endswith(".dist-info") for name in inside)
        prefix = ""
        if is_package or not (is_target or "__main__.py" in inside):
            prefix = os.path.basename(os.path.abspath(path)) + "/"
        for name, file in inside.items():
            self._add(prefix + name, _read(file), file)
        if "__main__.py" in inside:
            self.mains.append(prefix + "__main__.py")

    def _add_zip(self, path):
        """Take what is in a zip."""
        try:
            with zipfile.ZipFile(path) as archive:
                self._add_members(path, archive)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise BundleError(f"{path} is no zip that can be read: {error}") from None

    def _add_members(self, path, archive):
        """Take a zip's files; a wheel has folders for what an installer would move."""
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if sum(info.file_size for info in infos) > LARGEST:
            raise BundleError(f"{path} is too large: {LARGEST >> 20} MB are allowed")
        for info in infos:
            name = _name_in_wheel(info.filename)
            if name is None or not _is_wanted(name):
                continue
            self._add(name, archive.read(info), f"{path}/{info.filename}")
            if name == "__main__.py":
                self.mains.append(name)

    def modules_wanted(self):
        """Return the names of modules that the given .py files import."""
        wanted = set()
        for name in self.given:
            try:
                tree = ast.parse(self.files[name])
            except NO_PYTHON:
                continue  # said when it is compiled
            own = name.removesuffix(".py")
            wanted |= {each for each in _imported(tree) if each != own}
        return wanted

    def programs(self):
        """Return the programs: the file of each by its name.

        Scripts are the .py files that were given and that no other of them imports. Without
        any, what runs the folders and zips; without that, objects.
        """
        wanted = self.modules_wanted()
        scripts = [name for name in self.given if name.removesuffix(".py") not in wanted]
        if scripts:
            return {name.removesuffix(".py"): name for name in scripts}
        if self.given:
            listed = ", ".join(sorted(self.given))
            raise BundleError(f"no script: {listed} import each other, which one is run?")
        if self.mains:
            return {name.rpartition("/")[0] or "__main__": name for name in self.mains}
        if self.objects:
            return {name.removesuffix(".bpf.o"): name for name in self.objects}
        raise BundleError("nothing to run: give a script (FILE.py) or an object (FILE.bpf.o)")

    def version_of(self, package):
        """Return the version of a package, "" if it is there and has none, or None."""
        from email.parser import Parser
        from importlib.metadata import Prepared

        wanted = Prepared.normalize(package)
        for name, data in self.files.items():
            folder, _, last = name.rpartition("/")
            if last == "METADATA" and folder.endswith(".dist-info"):
                found = Parser().parsestr(data.decode("utf-8", "replace"), headersonly=True)
                if Prepared.normalize(found["Name"] or "") == wanted:
                    return found["Version"] or ""
        heads = {name.partition("/")[0].removesuffix(".py").lower() for name in self.files}
        return "" if package.replace("-", "_").lower() in heads else None


def _imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def _name_in_wheel(name):
    """Return where a file of a wheel is installed; None: not where imports look."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ".." in parts:
        raise BundleError(f"{name!r}: no name that a file of a zip may have")
    first, *rest = parts
    if first.endswith(".data") and len(rest) > 1:
        return "/".join(rest[1:]) if rest[0] in ("purelib", "platlib") else None
    return name


def _read(path):
    """Return a file's contents; it must be a regular one, as a pipe might never end."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise BundleError(f"{path} is no regular file")
    with open(path, "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BundleError(f"{path} is too large: {LARGEST >> 20} MB are allowed")
    return data


def _walk(root):
    """Yield (name, path) of a folder's files, links followed."""
    seen = set()
    for folder, folders, files in os.walk(root, followlinks=True, onerror=_fail):
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in seen:
            raise BundleError(f"{folder} is a link to a folder that it is in, or there twice")
        seen.add((status.st_dev, status.st_ino))
        folders[:] = [name for name in folders if _is_wanted(name)]
        below = os.path.relpath(folder, root)
        for name in files:
            inside = name if below == "." else f"{below}/{name}"
            yield inside, os.path.join(folder, name)


def _fail(error):
    raise error
