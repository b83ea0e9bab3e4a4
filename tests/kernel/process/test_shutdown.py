# SPDX-License-Identifier: MIT
"""The end of the interpreter, with everything open: no crash, nothing left behind."""

import pytest

from support import child, scale
from support.objects import Find

OPEN_ALL = """
import sys
import tinybpf
from support import traffic
obj = tinybpf.load(sys.argv[1])
producer = traffic.Producer(obj).setup(count=3)
links = obj.attach()
ring = tinybpf.BpfRingBuffer(obj.maps["events"], lambda data: None)
view = iter(obj.maps["stats"].items())
next(view)
producer.fire()
ring.poll(1000)
"""


@pytest.mark.parametrize(
    "end",
    [
        "",
        "sys.exit(0)",
        "import atexit; atexit.register(lambda: ring.consume())",
        "class C: pass\nc = C(); c.me = c; c.all = obj, links, ring",
        "sys.modules['__main__'].__dict__.pop('tinybpf')",
        "import gc; gc.disable(); c = [obj, ring]; c.append(c); del obj, ring",
        "import builtins; builtins.kept = obj, links, ring, view",
    ],
    ids=["fall-off", "exit", "atexit", "cycle", "no-module", "no-gc", "builtins"],
)
def test_interpreter_ends_with_everything_open(bpf: Find, end: str) -> None:
    """The interpreter ends with status 0 and in silence whatever is still open."""
    child.output(OPEN_ALL + end, bpf("ring"))


# Each is forgotten where the interpreter's end is what finds it.
FORGOTTEN = {
    "map": "tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 4, 4, 2)",
    "map of a number's type": "tinybpf.BpfMap.create(1, 4, 4, 2)",
    "map of another": "(obj := tinybpf.load(sys.argv[1])).maps['stats'].typed(value=bytes)",
    "object": "tinybpf.load(sys.argv[1])",
    "opened": "tinybpf.open(sys.argv[1])",
    "link": "(obj := tinybpf.load(sys.argv[1])).program('produce').attach()",
    "links": "(obj := tinybpf.load(sys.argv[1])).attach()",
    "ring": "tinybpf.BpfRingBuffer((obj := tinybpf.load(sys.argv[1])).maps['events'], print)",
    "drain": "(m := tinybpf.BpfMap.create(1, 4, 4, 2)).drain()",
    "memory": "(m := tinybpf.BpfMap.create(2, 4, 8, 2, flags=tinybpf.BPF_F_MMAPABLE)).mmap()",
    "kernel's BTF": "tinybpf.Btf.kernel()",
}
WHERE = {
    "global": "kept = {}",
    "cycle": "kept = [{}]; kept.append(kept)",
    "module": "import builtins; builtins.kept = {}",
    "class": "kept = type('C', (), {{'of': {}}})",
    "thread": "import threading; (t := threading.local()).kept = {}",
}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("flags", [(), ("-X", "dev")], ids=["silent", "dev"])
def test_what_is_forgotten_at_the_end_is_at_most_warned_of(
    bpf: Find, where: str, flags: tuple[str, ...]
) -> None:
    """The finaliser of nothing fails because the interpreter ends: it warns, or is silent."""
    turn = list(WHERE).index(where) + len(flags)
    for name in scale.part(list(FORGOTTEN), turn):
        code = "import sys, tinybpf\n" + WHERE[where].format(FORGOTTEN[name])
        done = child.run(code, bpf("ring"), flags=flags)
        assert done.returncode == 0, (name, done.stderr)
        assert "Error" not in done.stderr, (name, done.stderr)
        assert "ignored" not in done.stderr, (name, done.stderr)
        assert flags or done.stderr == "", (name, done.stderr)


def test_interpreter_ends_by_an_exception_with_everything_open(bpf: Find) -> None:
    """An uncaught exception shows its traceback and status 1, no more."""
    done = child.run(OPEN_ALL + "1 / 0", bpf("ring"))
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_interpreter_ends_while_a_daemon_thread_waits(bpf: Find) -> None:
    """A daemon thread in poll() does not keep the interpreter from ending."""
    done = child.run(
        OPEN_ALL
        + """
import threading
from support import child
thread = threading.Thread(target=lambda: ring.poll(-1), daemon=True)
thread.start()
child.wait_until_waiting(thread.native_id)
""",
        bpf("ring"),
    )
    assert done.returncode == 0, done.stderr
    assert "Fatal" not in done.stderr


def test_open_object_warns_at_the_end_where_warnings_are_shown(bpf: Find) -> None:
    """With -X dev the forgotten object is named on stderr."""
    done = child.run(
        "import sys, tinybpf\nobj = tinybpf.load(sys.argv[1])\ndel obj\n",
        bpf("counts"),
        flags=("-X", "dev"),
    )
    assert done.returncode == 0
    assert "ResourceWarning" in done.stderr
    assert "counts" in done.stderr


def test_closed_everything_ends_in_silence(bpf: Find) -> None:
    """A program that closes what it opened prints nothing, even with -X dev."""
    child.output(
        """
        import sys
        import tinybpf
        with tinybpf.load(sys.argv[1]) as obj, obj.attach():
            with tinybpf.BpfRingBuffer(obj.maps["events"], print) as ring:
                ring.poll(0)
        """,
        bpf("ring"),
        flags=("-X", "dev", "-W", "error"),
    )
