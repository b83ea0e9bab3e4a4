# SPDX-License-Identifier: MIT
"""The package itself: versions, names, what importing it costs and leaves alone."""

import collections.abc
import enum
import importlib
import re
import sys
from typing import Any

import pytest

import tinybpf
from support import child
from support.objects import Find

HANDLES = [
    tinybpf.BpfObject,
    tinybpf.BpfProgram,
    tinybpf.BpfLink,
    tinybpf.BpfLinks,
    tinybpf.BpfMap,
    tinybpf.BpfMapView,
    tinybpf.ProgramCollection,
    tinybpf.MapCollection,
]

# Reads records in a subinterpreter, and beside it: by the module of that name, if any.
SUBINTERPRETER = """
import importlib, sys
code = "import sys; sys.path[:] = %r; path = %r" % (sys.path, sys.argv[1]) + '''
import tinybpf
from support import traffic
with tinybpf.load(path) as obj, obj.attach():
    producer = traffic.Producer(obj).setup(count=3)
    with tinybpf.BpfRingBuffer(obj.maps["events"]) as ring:
        producer.fire()
        print(ring.read() == [producer.record(seq) for seq in range(3)], flush=True)
'''
exec(code)
for name in ("_interpreters", "_xxsubinterpreters"):
    try:
        interpreters = importlib.import_module(name)
    except ImportError:
        continue
    subs = [interpreters.create() for _ in range(2)]
    for sub in subs * 2:
        failed = interpreters.run_string(sub, code)
        assert failed is None, failed
    for sub in subs:
        interpreters.destroy(sub)
    break
exec(code)
"""


def test_version_is_the_package_version() -> None:
    """version() and __version__ are the same text."""
    assert tinybpf.version() == tinybpf.__version__
    assert re.match(r"\d+\.\d+\.\d+", tinybpf.version())


def test_libbpf_version_is_of_a_supported_line() -> None:
    """libbpf_version() says major.minor.patch, at least 1.7."""
    numbers = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", tinybpf.libbpf_version())
    assert numbers is not None
    assert (int(numbers[1]), int(numbers[2])) >= (1, 7)


def test_init_does_nothing() -> None:
    """Programs for 0.3 call it, with or without the path of a libbpf; ours is used."""
    before = tinybpf.libbpf_version()
    for args in ((), (None,), ("/nowhere/libbpf.so.1",)):
        assert tinybpf.init(*args) is None  # type: ignore[func-returns-value]
    tinybpf.init(libbpf_path="libbpf.so.1")
    assert tinybpf.libbpf_version() == before


def test_all_lists_names_that_exist() -> None:
    """Every name of __all__ is there, and all classes are listed."""
    for name in tinybpf.__all__:
        assert hasattr(tinybpf, name), name
    assert {kind.__name__ for kind in HANDLES} <= set(tinybpf.__all__)


def test_classes_say_that_they_are_of_the_package() -> None:
    """Users see tinybpf.BpfMap, not the module that implements it."""
    for kind in [*HANDLES, tinybpf.BpfRingBuffer, tinybpf.BpfError]:
        assert kind.__module__ == "tinybpf"


@pytest.mark.parametrize("kind", HANDLES, ids=lambda kind: kind.__name__)
def test_handle_cannot_be_made_by_its_class(kind: Any) -> None:
    """Handles come from load() and attach() only; no call makes an empty one."""
    with pytest.raises(TypeError):
        kind()
    with pytest.raises(TypeError):
        object.__new__(kind)


@pytest.mark.parametrize("kind", HANDLES, ids=lambda kind: kind.__name__)
def test_handle_class_cannot_be_subclassed(kind: Any) -> None:
    """The handle classes are final, as the stub says."""
    with pytest.raises(TypeError):
        type("Mine", (kind,), {})


def test_flags_are_the_kernels() -> None:
    """The update flags have the numbers of the UAPI."""
    assert (tinybpf.BPF_ANY, tinybpf.BPF_NOEXIST, tinybpf.BPF_EXIST) == (0, 1, 2)


def test_enums_have_the_kernels_names_and_numbers() -> None:
    """The members of the enums are those of the UAPI, as IntEnum."""
    assert issubclass(tinybpf.BpfMapType, enum.IntEnum)
    assert issubclass(tinybpf.BpfProgType, enum.IntEnum)
    assert int(tinybpf.BpfMapType.HASH) == 1
    assert int(tinybpf.BpfMapType.RINGBUF) == 27
    assert int(tinybpf.BpfMapType.ARENA) == 33
    assert int(tinybpf.BpfProgType.KPROBE) == 2
    assert int(tinybpf.BpfProgType.TRACEPOINT) == 5
    assert int(tinybpf.BpfProgType.SYSCALL) == 31


def test_classes_are_registered_as_what_they_are() -> None:
    """Collections are mappings, groups of links sequences, for isinstance() too."""
    assert issubclass(tinybpf.MapCollection, collections.abc.Mapping)
    assert issubclass(tinybpf.ProgramCollection, collections.abc.Mapping)
    assert issubclass(tinybpf.BpfMap, collections.abc.MutableMapping)
    assert issubclass(tinybpf.BpfLinks, collections.abc.Sequence)
    assert issubclass(tinybpf.BpfMapView, collections.abc.Iterable)


def test_importing_again_gives_the_same_module() -> None:
    """A second import is the first module."""
    assert importlib.import_module("tinybpf") is tinybpf
    assert sys.modules["tinybpf"] is tinybpf


def test_fresh_import_after_forgetting_the_first_works() -> None:
    """Two copies of the module live side by side, each with classes of its own."""
    printed = child.output("""
        import sys
        import tinybpf as first
        for name in [n for n in sys.modules if n.partition(".")[0] == "tinybpf"]:
            del sys.modules[name]
        import tinybpf as second
        print(first is second, first.version() == second.version())
        for module in first, second:
            try:
                module.load("no_such.bpf.o")
            except FileNotFoundError:
                print("refused")
    """)
    assert printed == "False True\nrefused\nrefused\n"


def test_subinterpreters_do_as_the_first(bpf: Find) -> None:
    """Each imports the module for itself, loads, and reads its own records."""
    assert child.output(SUBINTERPRETER, bpf("ring")) == "True\n" * 6


def test_import_is_silent_under_strict_warnings() -> None:
    """Importing warns of nothing and prints nothing."""
    assert child.output("import tinybpf", flags=("-W", "error")) == ""


def test_import_is_light() -> None:
    """Importing brings none of the heavy modules in."""
    heavy = "asyncio ctypes dataclasses inspect logging typing subprocess socket"
    printed = child.output(
        """
        import sys
        before = set(sys.modules)
        import tinybpf
        print(*sorted(set(sys.argv[1].split()) & (set(sys.modules) - before)))
        """,
        heavy,
    )
    assert printed == "\n"


@pytest.mark.parametrize("name", [True, None, 3.5, b"BpfMapType"])
def test_attribute_that_is_no_str_is_a_type_error(name: Any) -> None:
    """The module's own __getattr__, called by hand, looks at what it is given."""
    core = importlib.import_module("tinybpf._core")
    with pytest.raises(TypeError, match="must be string"):
        core.__getattr__(name)
