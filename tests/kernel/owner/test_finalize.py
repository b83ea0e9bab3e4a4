# SPDX-License-Identifier: MIT
"""Finalisers: of what is used by a __del__ in the same cycle, of what is called by hand.

Each child would crash where a finaliser takes away what methods read.
"""

import textwrap

from support import child
from support.objects import Find

# One of each class, with what keeps it alive. The names are those of the tests below.
MAKE = """
import gc, sys, warnings
import tinybpf

warnings.simplefilter("ignore")

def make(name, path):
    obj = tinybpf.load(path)
    events = obj.maps.get("events")
    flags = tinybpf.BPF_F_MMAPABLE
    table = tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 8, 2, flags=flags)
    links = obj.attach() if "link" in name else None
    return {
        "object": lambda: obj,
        "maps": lambda: obj.maps,
        "programs": lambda: obj.programs,
        "types": lambda: obj.types,
        "btf": lambda: obj.btf,
        "btf types": lambda: obj.btf.types(),
        "map": lambda: events,
        "program": lambda: next(iter(obj.programs.values())),
        "section": lambda: obj.bss,
        "link": lambda: links[0],
        "links": lambda: links,
        "stand-alone map": lambda: table,
        "view of a map": lambda: table.items(),
        "walk of a map": lambda: iter(table.items()),
        "typed map": lambda: table.typed(value=bytes),
        "memory": lambda: table.mmap().obj,
        "ring buffer": lambda: tinybpf.BpfRingBuffer(events),
        "wait": lambda: tinybpf.BpfRingBuffer(events)._wait(),
    }[name]()

def use(it):
    # Use what a class has: an error is fine, the end of the process is not.
    for name in dir(type(it)):
        if name in ("__del__", "__class__", "load", "prepare", "poll", "__init_subclass__"):
            continue
        try:
            value = getattr(it, name)
            if callable(value):
                value()
        except Exception:
            pass
    for function in (repr, len, list, bytes, lambda it: it["events"], lambda it: it[0]):
        try:
            function(it)
        except Exception:
            pass
"""

NAMES = (
    *("object", "maps", "programs", "types", "btf", "btf types", "map", "program"),
    *("section", "link", "links", "stand-alone map", "view of a map", "walk of a map"),
    *("typed map", "memory", "ring buffer", "wait"),
)


def run(find: Find, code: str, names: tuple[str, ...] = NAMES) -> None:
    """Run a child that makes one of each name, which calls end(maker, name) then."""
    lines = [MAKE, textwrap.dedent(code)]
    for name in names:
        path = find("globals" if name == "section" else "ring")
        lines.append(f"print({name!r}, flush=True)")
        lines.append(f"end(lambda: make({name!r}, {str(path)!r}), {name!r})")
    assert child.output("\n".join(lines)).splitlines() == list(names)


def test_del_in_the_same_cycle_can_use_it(bpf: Find) -> None:
    """A __del__ that the collector calls behind our finaliser finds all that was there."""
    code = """
    used = []

    class Tool:
        def __init__(self, it):
            self.it, self.me = it, self

        def __del__(self):
            use(self.it)
            used.append(repr(self.it))

    def end(maker, name):
        gc.collect()
        Tool(maker())
        gc.collect()
        assert used.pop()

    gc.disable()
    """
    run(bpf, code)


def test_finaliser_called_by_hand_leaves_it_usable(bpf: Find) -> None:
    """x.__del__() closes, as close() does, and may come twice; a view of memory stays."""
    code = """
    def end(maker, name):
        it = maker()
        view = memoryview(it) if name == "memory" else bytes(8)
        for _ in range(2):
            getattr(it, "__del__", lambda: None)()
            use(it)
        assert bytes(view[:8]) == bytes(8)
        del it
        gc.collect()
        assert bytes(view[:8]) == bytes(8)
    """
    run(bpf, code)


def test_what_the_unraisable_hook_keeps_lives_on(bpf: Find) -> None:
    """A warning that is an error hands the handle to the hook, which may keep it."""
    code = """
    kept = []
    sys.unraisablehook = lambda unraisable: kept.append(unraisable.object)

    def end(maker, name):
        warnings.simplefilter("error", ResourceWarning)
        maker()
        gc.collect()
        warnings.simplefilter("ignore")
        assert any("closed" in repr(it) for it in kept), kept
        for it in kept:
            use(it)
        del it
        gc.collect()
        kept.clear()
        gc.collect()
    """
    run(bpf, code, ("object", "stand-alone map", "ring buffer"))


# What is done with the objects of two programs.
OPERATIONS = {
    "ring": (
        "list(obj.maps.values())",
        "list(obj.programs.values())",
        "obj.maps['events'], next(iter(obj.programs.items()))",
        "repr(obj.maps), list(obj.programs), obj.sections",
        "obj.maps['nothing']",
        "obj.types.items()",
        "obj.register_type('config', Config, validate_field_names=False)",
        "[m.inner_map for m in obj.maps.values()]",
        "[setattr(m, 'map_extra', 0) for m in obj.maps.values()]",
        "[(repr(p), p.info) for p in obj.programs.values()]",
        "obj.load()",
    ),
    "globals": (
        "obj.section('.data').cfg.limit",
        "dir(obj.rodata), repr(obj.bss)",
        "obj.section('nothing')",
    ),
}


def test_collector_that_closes_in_the_middle_is_survived(bpf: Find) -> None:
    """Before 3.12 any allocation may run the finaliser that closes the object."""
    code = """
    import ctypes, gc, sys, warnings
    import tinybpf

    warnings.simplefilter("ignore")

    class Config(ctypes.Structure):
        _fields_ = [("bytes", ctypes.c_uint8 * 32)]

    class Closer:
        def __init__(self, obj):
            self.obj, self.me = obj, self

        def __del__(self):
            self.obj.close()

    def survive(operation, threshold):
        obj = tinybpf.open(sys.argv[1])
        gc.collect()
        gc.disable()
        Closer(obj)
        gc.set_threshold(gc.get_count()[0] + threshold)
        gc.enable()
        try:
            eval(operation)
        except (tinybpf.BpfError, KeyError, AttributeError):
            pass
        gc.set_threshold(700)
        obj.close()

    for operation in sys.argv[2:]:
        print(operation, flush=True)
        for threshold in range(1, 25):
            survive(operation, threshold)
    """
    for name, operations in OPERATIONS.items():
        done = child.output(code, bpf(name), *operations)
        assert done.splitlines() == list(operations)
