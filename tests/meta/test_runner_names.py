# SPDX-License-Identifier: MIT
"""Global names of runner/ begin with tbr_: the core, in the same executable, has tb_."""

import pathlib

import elfread
import project

PREFIX = "tbr_"

# What the runner defines in place of musl or CPython, or for them to call.
FOR_OTHERS = {
    "main.c": {"main"},
    "library.c": {"PyInit__tbpy"},
    "bundle_module.c": {"PyInit__tbpy_bundle"},
    "frozen.c": {
        *("_PyImport_FrozenBootstrap", "_PyImport_FrozenStdlib", "_PyImport_FrozenTest"),
        *("_PyImport_FrozenAliases", "PyImport_FrozenModules"),
    },
    "pathconfig.c": {"_PyConfig_InitPathConfig"},
    "config.c": {"__wrap_Py_GetCompiler"},
    "localhost.c": {"__wrap_getaddrinfo"},
    "collector.c": {"__wrap__PyGC_ClearAllFreeLists"},
    "ending.c": {
        "__wrap_" + name
        for name in (
            *("_PyExc_Fini", "_PySys_FiniTypes", "_PyTypes_Fini", "_PyTypes_FiniExtTypes"),
            *("_PyTypes_FiniTypes", "_PyUnicode_ClearInterned"),
        )
    },
    "inet.c": {"inet_ntop"},
    "importers.c": {"__wrap__PyImport_InitExternal"},
    "sha.c": {
        "__wrap__Py_LibHacl_Hacl_Hash_" + name
        for name in (
            *("SHA1_update", "SHA1_update_multi"),
            *("SHA2_update_256", "SHA2_sha256_update_nblocks"),
            *("SHA2_sha256_update_last", "SHA2_digest_256"),
        )
    },
    "stack.c": {"__wrap_pthread_attr_setstacksize"},
    "dlsym.c": {"dlopen", "dlclose", "dlsym", "dlerror"},
    "memory.c": {
        *("malloc", "calloc", "realloc", "free", "malloc_usable_size"),
        *("aligned_alloc", "memalign", "posix_memalign"),
    },
    "copy.c": {"memcpy", "memmove"},
    "fill.c": {"memset"},
    "compare.c": {"memcmp", "bcmp"},
    "find.c": {"memchr", "memrchr", "wmemchr", "strlen"},
}

GENERATED = {"table.c", "blob.S"}


def complaints(source: str, names: set[str]) -> list[str]:
    """Return the global names of an object that are neither ours nor on the list."""
    wrong = {n for n in names - FOR_OTHERS.get(source, set()) if not n.startswith(PREFIX)}
    return [f"{source} defines {name}: not {PREFIX}..., not listed" for name in sorted(wrong)]


def _objects() -> dict[str, pathlib.Path]:
    """Return the objects by source; those of sources that are gone may lie there still."""
    folder = project.built("TINYBPF_BUILD")
    sources = {p.name for p in project.matching("runner/*.c", "runner/*/*.c")}
    found = {
        p.name.removesuffix(".o"): p for p in folder.glob("**/tinybpf-run-full.dir/**/*.o")
    }
    return {name: path for name, path in found.items() if name in sources | GENERATED}


def test_global_names_of_the_runner_bear_its_prefix() -> None:
    """Each object, generated ones included, defines tbr_ names and what is listed."""
    objects = _objects()
    sources = {p.name for p in project.matching("runner/*.c", "runner/*/*.c")} | GENERATED
    assert not sources - set(objects), f"no objects of {sorted(sources - set(objects))}"
    defined = {source: elfread.Elf(path).defined() for source, path in objects.items()}
    project.none(
        c for source, names in sorted(defined.items()) for c in complaints(source, names)
    )
    for source, names in FOR_OTHERS.items():
        assert names <= defined[source], f"{source} does not define {names - defined[source]}"


def test_the_check_finds_what_is_wrong() -> None:
    """A name of the core's, or one that belongs to another file's list, is a complaint."""
    assert complaints("main.c", {"main", "tbr_main_x"}) == []
    assert len(complaints("main.c", {"tb_main_x"})) == 1
    assert len(complaints("packed.c", {"memcpy"})) == 1
