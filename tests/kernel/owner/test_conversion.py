# SPDX-License-Identifier: MIT
"""Values whose conversion closes what they are given to: the call says that it is closed.

Each child would use freed memory, or a descriptor that is another file's by then.
"""

from support import child
from support.objects import Find

PRELUDE = """
import ctypes, sys
import tinybpf

class Closer:
    # Closes while it is converted, whatever it is converted to.
    def __init__(self, *handles):
        self.handles = handles

    def close(self):
        for handle in self.handles:
            handle.close()

    def __index__(self):
        self.close()
        return 8

    def __fspath__(self):
        self.close()
        return "/sys/fs/bpf/x"

    def __bool__(self):
        self.close()
        return True

    def fileno(self):
        self.close()
        return 0

class Keys(Closer):
    def keys(self):
        self.close()
        return ["one"]

    def __getitem__(self, name):
        return Closer()

    def __iter__(self):
        self.close()
        return iter(["on_trigger"])

class Meta(type(ctypes.Structure)):
    # A class of ctypes that closes while its fields are looked at.
    def __getattribute__(cls, name):
        if name in ("__mro__", "_fields_", "__dict__", "__name__"):
            for handle in cls.handles:
                handle.close()
        return super().__getattribute__(name)

def closing_class(*handles):
    numbers = [(name, ctypes.c_uint32) for name in ("count", "min_size", "step", "span")]
    return Meta("Config", (ctypes.Structure,), {
        "_fields_": [("cookie", ctypes.c_uint64), *numbers, ("flags", ctypes.c_uint64)],
        "handles": handles})

def refused(call):
    try:
        call()
    except tinybpf.BpfClosedError as error:
        assert "closed" in str(error)
    else:
        raise AssertionError("it was not refused")
"""

SETTINGS = ("max_entries", "key_size", "value_size", "flags", "numa_node", "map_extra")
OPENED = {
    **{name: f"setattr(m, {name!r}, Closer(obj))" for name in SETTINGS},
    "type": "setattr(m, 'type', Closer(obj))",
    "ifindex": "setattr(m, 'ifindex', Closer(obj))",
    "pin_path": "setattr(m, 'pin_path', Closer(obj))",
    "of a program": "setattr(p, 'flags', Closer(obj))",
    "log_level": "setattr(p, 'log_level', Closer(obj))",
    "program's type": "setattr(p, 'type', Closer(obj))",
    "program's ifindex": "p.set_ifindex(Closer(obj))",
    "register_type": "obj.register_type('config', closing_class(obj))",
    "prepare": "(setattr(m, 'map_extra', Closer(obj)), obj.prepare())",
}
LOADED = {
    "kprobe": "p.attach_kprobe('do_exit', offset=Closer(obj))",
    "uprobe": "p.attach_uprobe(Closer(obj), 1)",
    "uprobe's offset": "p.attach_uprobe('/bin/sh', Closer(obj))",
    "xdp": "p.attach_cgroup(Closer(obj))",
    "update": "m.update({0: Closer(obj)})",
    "value": "m.__setitem__(0, Closer(obj))",
    "key": "m[Closer(obj)]",
    "pop": "m.lookup(Closer(obj))",
    "delete": "m.delete(Closer(obj))",
    "setdefault": "m.setdefault(Closer(obj), 0)",
    "keys": "m.delete_many([Closer(obj)])",
    "pin": "m.pin(Closer(obj))",
    "unpin": "m.unpin(Closer(obj))",
    "event type": "tinybpf.BpfRingBuffer(obj.maps['events'], event_type=closing_class(obj), "
    "validate_btf_struct='config')",
    "ring that is closed": "(ring := tinybpf.BpfRingBuffer()).add(obj.maps['events'], "
    "event_type=closing_class(ring), validate_btf_struct='config')",
    "stand-alone": "alone[Closer(alone)]",
    "stand-alone's pin": "alone.pin(Closer(alone))",
}


# Each call with an object of its own; a child that crashes has told which one it was.
EACH = """
for name, call in CALLS.items():
    print(name, end=": ", flush=True)
    obj = getattr(tinybpf, sys.argv[2])(sys.argv[1])
    m, p = obj.maps["stats"], next(iter(obj.programs.values()))
    alone = tinybpf.BpfMap.create(tinybpf.BpfMapType.ARRAY, 4, 8, 2)
    refused(lambda: eval(call))
    alone.close()
    obj.close()
    print("refused")
"""


def refused(find: Find, how: str, calls: dict[str, str], name: str = "ring") -> None:
    """Run a child that opens or loads an object for each of the calls, which must fail."""
    code = f"{PRELUDE}\nCALLS = {calls!r}\n{EACH}"
    done = child.output(code, find(name), how)
    assert done == "".join(f"{call}: refused\n" for call in calls)


def test_setting_that_closes_is_refused(bpf: Find) -> None:
    """A setting is converted before libbpf's handle is asked for."""
    refused(bpf, "open", OPENED)


def test_argument_that_closes_is_refused(bpf: Find) -> None:
    """A key, a path, a class is converted before the descriptor is used."""
    refused(bpf, "load", LOADED)


def test_perf_buffer_asks_for_its_map_behind_the_class(bpf: Find) -> None:
    """An event_type that closes the object is looked at before the descriptor is taken."""
    call = (
        "tinybpf.BpfPerfBuffer(obj.maps['events'], print, event_type=closing_class(obj), "
        "validate_btf_struct='config')"
    )
    refused(bpf, "load", {"class": call}, "perf")


def test_choice_of_programs_that_closes_is_refused(bpf: Find) -> None:
    """load(autoload=...) walks what it was given before it touches a program."""
    code = """
made = []
def closing():
    import gc
    for it in gc.get_objects():
        if type(it) is tinybpf.BpfObject:
            it.close()
    yield "produce"
refused(lambda: tinybpf.load(sys.argv[1], autoload=closing()))
print("refused")
"""
    assert child.output(PRELUDE + code, bpf("ring")) == "refused\n"


def test_items_that_are_no_pairs_are_a_type_error(bpf: Find) -> None:
    """A mapping whose items() gives lists is refused as what it is, no SystemError."""
    code = """
class Odd:
    def items(self):
        return [["cookie", 1]]
for name in ("rodata", "maps"):
    try:
        tinybpf.load(sys.argv[1], **{name: Odd()})
    except TypeError as error:
        print(error)
"""
    assert child.output(PRELUDE + code, bpf("ring")) == (
        "the items of rodata are (name, value) tuples\n"
        "the items of maps are (name, value) tuples\n"
    )
