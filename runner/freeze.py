# SPDX-License-Identifier: MIT
# mypy: disable-error-code="import-not-found"
"""Compile the library into tables that the executable carries.

Run by the Python that CMake has just built, so that code objects and the list of
built-in modules are that Python's:

    python freeze.py --list stdlib.toml --edits edits.toml --library Lib
        --own runner/lib --package tinybpf --headers _headers.py
        --zones _tbpy_zones.py --patterns _tbpy_patterns.py
        --tables names.bin properties.bin --licenses DIR
        --platform x86_64-linux-musl --output DIR

Writes to DIR: blob.bin (code, sources, tables, licences), blob.S (that, for the linker)
and table.c (see table.h, frozen.h and licenses.h). The same inputs give the same bytes.
"""

import argparse
import marshal
import sys
import tokenize
import tomllib
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import quick
import solid
import squeeze

# stdlib.toml, read, and one of edits.toml.
Lists = dict[str, Any]
Edit = dict[str, Any]

ROOT = f"/tbpy/lib/python{sys.version_info[0]}.{sys.version_info[1]}"

# CPython calls the two halves of importlib by these names until importlib is imported.
BOOTSTRAP = {
    "_frozen_importlib": "importlib._bootstrap",
    "_frozen_importlib_external": "importlib._bootstrap_external",
}

BLOB_S = """\
/* Written by freeze.py. */
    .section .rodata.tbr_blob, "a"
    .globl tbr_blob
    .balign 64
tbr_blob:
    .incbin "{path}"
    .section .note.GNU-stack, "", %progbits
"""

TABLE_C = """\
/* Written by freeze.py. */
#include "frozen.h"
#include "licenses.h"
#include "table.h"

const struct tbr_module tbr_modules[] = {{
{modules}
}};
const size_t tbr_modules_count = sizeof(tbr_modules) / sizeof(tbr_modules[0]);

const struct tbr_left_out tbr_left_out[] = {{
{left_out}
}};
const size_t tbr_left_out_count = sizeof(tbr_left_out) / sizeof(tbr_left_out[0]);

const struct _frozen tbr_frozen_bootstrap[] = {{
{bootstrap}
    {{0}},
}};

const struct _frozen tbr_frozen_start[] = {{
{start}
    {{0}},
}};

const char tbr_sizes[] = "{sizes}";

const struct tbr_packed tbr_licenses = {licenses};
const struct tbr_packed tbr_code_words = {code_words};

const struct tbr_block tbr_blocks[] = {{
{blocks}
}};
const uint32_t tbr_first_source_block = {first[sources]};
const uint32_t tbr_names_block = {first[names]};
const uint32_t tbr_properties_block = {first[properties]};
"""


class ListError(Exception):
    """The list of modules does not describe this Python."""


class Source:
    """One module's source file, and the changes that are made to it."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.is_package = path.name == "__init__.py"
        self.edits: list[Edit] = []

    def text(self) -> str:
        """Return the source as Python reads it, changed."""
        with tokenize.open(self.path) as file:
            text = file.read()
        for edit in self.edits:
            if (times := text.count(edit["old"])) != edit.get("times", 1):
                raise ListError(
                    f"{self.path} has {times} times what is to change: {edit['why']}"
                )
            text = text.replace(edit["old"], edit["new"])
        return text

    def filename(self) -> str:
        """Return the name that tracebacks show."""
        tail = "/__init__.py" if self.is_package else ".py"
        return f"{ROOT}/{self.name.replace('.', '/')}{tail}"


class Module:
    """What is carried of a module: its code, and its source as the code's copies."""

    def __init__(self, source: Source, lists: Lists, *, is_frozen: bool) -> None:
        self.name = name = source.name
        self.is_package = source.is_package
        self.is_frozen = is_frozen
        self.is_quick = name in lists["quick"]["modules"]
        self.is_solid = is_listed(name, lists["solid"]["modules"]) and not is_frozen
        text = source.text()
        self.code = marshal.dumps(compile(text, source.filename(), "exec", dont_inherit=True))
        has_source = text and not is_listed(name, lists["no_source"]["modules"])
        self.told = squeeze.fold(text.encode(), self.code) if has_source else b""

    def part(self) -> str:
        """Return the part of the ledger that its code belongs to."""
        if self.is_frozen:
            return "start"
        if self.name.startswith("tinybpf."):
            return "tinybpf"
        return "quick" if self.is_quick else "library"


def is_listed(name: str, patterns: list[str]) -> bool:
    """Does a pattern of a list name the module?"""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


class Blob:
    """Bytes that grow, and the tables that point into them."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.modules: dict[str, str] = {}
        self.frozen: dict[str, str] = {}
        self.blocks: list[str] = []
        self.first: dict[str, int] = {}
        self.placed: dict[str, dict[str, str]] = {}
        self.code_words = b""
        self.sizes: Counter[str] = Counter()

    def add(self, data: bytes) -> int:
        """Append bytes; return their offset."""
        offset = len(self.data)
        self.data += data
        return offset

    def keep(self, data: bytes) -> str:
        """Append bytes as they are; return their struct tbr_packed."""
        return self.entry(data, len(data), "TBR_PLAIN")

    def entry(self, packed: bytes, full_size: int, packing: str) -> str:
        """Append packed bytes; return their struct tbr_packed."""
        return f"{{{self.add(packed)}, {len(packed)}, {full_size}, {packing}}}"

    def code(self, module: Module) -> str:
        """Append a module's code; return its struct tbr_packed."""
        if module.is_frozen:
            return self.keep(module.code)
        if module.is_quick:
            packed = quick.squeeze(module.code, self.code_words)
            return self.entry(packed, len(module.code), "TBR_QUICK")
        if module.is_solid:
            return self.placed[module.part()][module.name]
        packed = squeeze.deflate(module.code, self.code_words)
        if len(packed) >= len(module.code):
            return self.keep(module.code)
        return self.entry(packed, len(module.code), "TBR_DEFLATED")

    def learn(self, modules: list[Module]) -> str:
        """Append what code has in common; return where it is.

        A third of the modules tells as much as all of them.
        """
        own = [each.code for each in modules if not (each.is_frozen or each.is_solid)]
        self.code_words = squeeze.common_words(own[::3])
        return self.keep(self.code_words)

    def add_blocks(self, parts: dict[str, dict[str, bytes]], kept: Path) -> None:
        """Append the pieces of each part in blocks.

        `placed` has their struct tbr_packed, `first` each part's first block. `kept`: the
        folder of solid.squeeze_all().
        """
        blocks = [(part, block) for part in parts for block in solid.blocks(parts[part])]
        texts = [b"".join(block.values()) for _, block in blocks]
        squeezed = solid.squeeze_all(texts, kept)
        for number, ((part, block), text) in enumerate(zip(blocks, texts, strict=True)):
            self.blocks.append(f"    {{{self.add(squeezed[number])}, {len(text)}}},")
            self.first.setdefault(part, number)
            self.sizes[part] += len(squeezed[number])
            at = 0
            for name, piece in block.items():
                entry = f"{{{at}, {number}, {len(piece)}, TBR_SOLID}}"
                self.placed.setdefault(part, {})[name] = entry
                at += len(piece)

    def add_module(self, module: Module) -> None:
        """Append a module's code and source, and its entries in both tables.

        The code of a module that CPython itself finds in its table stays as it is.
        """
        name, package = module.name, int(module.is_package)
        if module.is_frozen:
            at = len(self.data)
            row = f'    {{"{name}", tbr_blob + {at}, {len(module.code)}, {package}}},'
            self.frozen[name] = row
        before = len(self.data)
        code = self.code(module)
        self.sizes[module.part()] += len(self.data) - before
        told = self.placed["sources"].get(name, "{0}")
        self.modules[name] = f'    {{"{name}", {code}, {told}, {package}}},'

    def bootstrap(self, library: Path) -> str:
        """Append the halves of importlib; return their table."""
        rows = []
        for name, origin in BOOTSTRAP.items():
            path = library / (origin.replace(".", "/") + ".py")
            # The traceback machinery knows importlib's own frames by this name.
            code = marshal.dumps(
                compile(path.read_text(), f"<frozen {origin}>", "exec", dont_inherit=True)
            )
            at = self.add(code)
            rows.append(f'    {{"{name}", tbr_blob + {at}, {len(code)}, 0}},')
        return "\n".join(rows)


def find_source(root: Path, name: str) -> Source | None:
    """Return the source of a module below a directory."""
    base = root / name.replace(".", "/")
    for path in (base / "__init__.py", base.with_name(base.name + ".py")):
        if path.is_file():
            return Source(name, path)
    return None


def submodules(source: Source) -> list[Source]:
    """Return the modules below a package, at every depth, itself excluded."""
    if not source.is_package:
        return []
    found = []
    for path in sorted(source.path.parent.rglob("*.py")):
        below = path.relative_to(source.path.parent)
        parts = (
            below.parent.parts if path.name == "__init__.py" else below.with_suffix("").parts
        )
        if parts:
            found.append(Source(".".join((source.name, *parts)), path))
    return found


def is_skipped(name: str, skipped: set[str]) -> bool:
    """Is the module, or a package that it is in, on a list?"""
    parts = name.split(".")
    return any(".".join(parts[: n + 1]) in skipped for n in range(len(parts)))


def collect_library(lists: Lists, library: Path) -> dict[str, Source]:
    """Return the sources of all that [library] names."""
    skipped = set(lists["skip"]["modules"]) | set(lists["left_out"])
    found: dict[str, Source] = {}
    for name in [name for names in lists["library"].values() for name in names]:
        source = find_source(library, name)
        if source is None:
            if name not in sys.builtin_module_names:
                raise ListError(f"[library] names {name}, which {library} does not have")
            continue
        for each in [source, *submodules(source)]:
            if not is_skipped(each.name, skipped):
                found[each.name] = each
    return found


def collect_start(lists: Lists, library: Path, own: Path, package: Path) -> dict[str, Source]:
    """Return the sources of all that is frozen in CPython's sense."""
    found = {}
    for name in lists["start"]["modules"]:
        source = find_source(library, name)
        if source is None:
            raise ListError(f"[start] names {name}, which {library} does not have")
        found[name] = source
    for path in sorted(own.glob("*.py")):
        found[path.stem] = Source(path.stem, path)
    found[package.name] = find_package(package)
    return found


def find_package(package: Path) -> Source:
    """Return the source of the tinybpf package."""
    source = find_source(package.parent, package.name)
    if source is None or not source.is_package:
        raise ListError(f"{package} is not a package")
    return source


def add_own(library: dict[str, Source], own: Path, platform: str) -> None:
    """Put the modules below a directory into the library, in place of CPython's."""
    for source in submodules(Source("", own / "__init__.py")):
        name = source.name.removeprefix(".")
        if name == "_sysconfigdata":
            name += f"__linux_{platform}"
        library[name] = Source(name, source.path)


def add_edits(modules: dict[str, Source], edits: list[Edit]) -> None:
    """Note at each module what is changed in it."""
    for edit in edits:
        if edit["module"] not in modules:
            raise ListError(f"{edit['module']}, which is to change, is not inside")
        modules[edit["module"]].edits.append(edit)


def check_complete(lists: Lists, inside: set[str]) -> None:
    """Refuse a list that does not account for every module of the standard library."""
    known = inside | set(sys.builtin_module_names) | set(lists["left_out"])
    known |= set(lists["absent"]["modules"]) | set(BOOTSTRAP)
    missing = sorted(set(sys.stdlib_module_names) - known)
    if missing:
        raise ListError(f"no table of the list has: {', '.join(missing)}")
    unknown = sorted(set(lists["quick"]["modules"]) - inside)
    if unknown:
        raise ListError(f"[quick] has modules that are not inside: {', '.join(unknown)}")
    for pattern in lists["solid"]["modules"]:
        if not any(fnmatchcase(name, pattern) for name in inside):
            raise ListError(f"[solid] has {pattern}, which no module inside is")
    twice = sorted(set(lists["left_out"]) & (inside | set(sys.builtin_module_names)))
    if twice:
        raise ListError(f"[left_out] has modules that are inside: {', '.join(twice)}")


def left_out_table(advice: dict[str, str]) -> str:
    """Return the rows of tbr_left_out."""
    rows = []
    for name in sorted(advice):
        sentence = advice[name]
        if sentence.startswith("="):
            sentence = advice[sentence[1:]]
        rows.append(f'    {{"{name}", "{sentence}"}},')
    return "\n".join(rows)


def read_licenses(directory: Path) -> str:
    """Return the texts of a directory tree, one after another under their names.

    The files at the top come first: they say what the others are.
    """
    files = [path for path in directory.rglob("*") if path.is_file()]
    if not files:
        raise ListError(f"{directory} has no licence texts")
    texts = []
    for path in sorted(files, key=lambda path: (len(path.parts), path.parts)):
        title = path.relative_to(directory)
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        texts.append(f"==== {title} ====\n\n{text}\n")
    return "\n\n".join(texts)


def solid_parts(
    modules: list[Module], licences: str, tables: list[Path]
) -> dict[str, dict[str, bytes]]:
    """Return what is squeezed in blocks, by part of the ledger and name; sources last."""
    parts: dict[str, dict[str, bytes]] = {"library": {}, "tinybpf": {}}
    for module in modules:
        if module.is_solid:
            parts[module.part()][module.name] = module.code
    parts["other"] = {"licences": licences.encode()}
    for path in tables:
        parts[path.stem] = {path.stem: path.read_bytes()}
    told = {each.name: each.told for each in modules if each.told}
    parts["sources"] = {name: told[name] for name in sorted(told)}
    return parts


def freeze(options: argparse.Namespace) -> None:
    """Write the three files."""
    lists = tomllib.loads(options.list.read_text())
    library = collect_library(lists, options.library)
    add_own(library, options.own / "library", options.platform)
    library |= {each.name: each for each in submodules(find_package(options.package))}
    headers = f"{options.package.name}.{options.headers.stem}"
    library[headers] = Source(headers, options.headers)
    for written in (options.zones, options.patterns):
        library[written.stem] = Source(written.stem, written)
    start = collect_start(lists, options.library, options.own, options.package)
    everything = {**library, **start}
    check_complete(lists, set(everything))
    add_edits(everything, tomllib.loads(options.edits.read_text())["edit"])

    names = [*start, *sorted(set(library) - set(start))]
    modules = [Module(everything[name], lists, is_frozen=name in start) for name in names]
    blob = Blob()
    bootstrap = blob.bootstrap(options.library)
    code_words = blob.learn(modules)
    licences = read_licenses(options.licenses)
    parts = solid_parts(modules, licences, options.tables)
    blob.add_blocks(parts, options.output / "blocks")
    for module in modules:
        blob.add_module(module)
    blob.sizes["other"] += len(blob.data) - blob.sizes.total()

    output = options.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "blob.bin").write_bytes(blob.data)
    (output / "blob.S").write_text(BLOB_S.format(path="blob.bin"))
    table = TABLE_C.format(
        modules="\n".join(blob.modules[name] for name in sorted(blob.modules)),
        left_out=left_out_table(lists["left_out"]),
        bootstrap=bootstrap,
        start="\n".join(blob.frozen[name] for name in start),
        licenses=blob.placed["other"]["licences"],
        code_words=code_words,
        blocks="\n".join(blob.blocks),
        first=blob.first,
        sizes=" ".join(f"{part}={size}" for part, size in sorted(blob.sizes.items())),
    )
    (output / "table.c").write_text(table)
    print(f"{len(blob.modules)} modules, {len(blob.data)} bytes")


def main() -> int:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = "list edits library own package headers zones patterns licenses output"
    for name in names.split():
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs=2, required=True)
    parser.add_argument("--platform", required=True)
    try:
        freeze(parser.parse_args())
    except ListError as error:
        print(f"freeze.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
