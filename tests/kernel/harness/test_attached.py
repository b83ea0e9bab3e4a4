# SPDX-License-Identifier: MIT
"""What the tally of ./dev vm counts by: attach methods that returned, and their programs."""

import sys

import pytest

import tinybpf
from support import attached, child
from support.objects import Find, Load


def test_call_tells_method_and_section(load: Load) -> None:
    """Bound or not, of a program, a map or an object."""
    obj = load("hooks")
    program, expected = obj.programs["on_xdp"], [("attach_xdp", "xdp")]
    assert attached.of_call(program.attach_xdp, "lo") == expected
    assert attached.of_call(tinybpf.BpfProgram.attach_xdp, program) == expected
    hits = obj.maps["hits"]
    assert attached.of_call(hits.attach_struct_ops, None) == [
        ("attach_struct_ops", "struct_ops")
    ]
    assert attached.of_call(child.output, None) == []


def test_call_of_an_object_is_for_what_it_includes(bpf: Find) -> None:
    """A program whose autoattach is off is not attached by the object's attach()."""
    with tinybpf.open(bpf("hooks")) as obj:
        assert ("attach", "xdp") in attached.of_call(obj.attach, None)
        obj.programs["on_xdp"].autoattach = False
        assert ("attach", "xdp") not in attached.of_call(obj.attach, None)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is in Python 3.12")
def test_watch_finds_calls_that_return(bpf: Find) -> None:
    """Not those that raise, nor what else is called at the same place."""
    said = child.output(
        """
        import sys, tinybpf
        from support import attached
        obj = tinybpf.load(sys.argv[1])
        program = obj.programs["on_raw_tracepoint"]
        watch = attached.Watch()
        watch.start()
        for method in ("attach_xdp", "attach_raw_tracepoint"):
            try:
                getattr(program, method)("sys_enter").close()
            except tinybpf.BpfError:
                assert not watch.found
        print(watch.found)
        """,
        bpf("hooks"),
    )
    assert said.strip() == "{('attach_raw_tracepoint', 'raw_tp')}"
