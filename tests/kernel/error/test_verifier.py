# SPDX-License-Identifier: MIT
"""Programs that the verifier refuses: one line of cause, the source line, what to do."""

import pathlib

import pytest

import tinybpf
from support import child, elf
from support.gating import kernel
from support.objects import Find
from tinybpf._core import _explain

SOURCE = child.TESTS / "bpf" / "refusals.bpf.c"

# Section, program, words of the cause, words of the advice.
REFUSALS = [
    ("xdp", "a_packet", "invalid access to packet", "data_end"),
    ("raw_tp/1", "a_null", "'map_value_or_null'", "may be NULL"),
    ("raw_tp/2", "a_scalar", "R0 invalid mem access '", "BPF_CORE_READ()"),
    ("raw_tp/3", "a_reference", "Unreleased reference", "bpf_ringbuf_submit()"),
    ("raw_tp/4", "a_helper", "invalid func unknown#9999", "no such helper"),
    ("socket", "a_type", "bpf_xdp_adjust_head#44", "program of this type"),
    ("tc", "a_stack", "combined stack size of 2 calls", "per-CPU array"),
    ("raw_tp/6", "an_index", "var_off=", "no bound"),
    ("raw_tp/7", "a_loop", "infinite loop detected", "bpf_loop()"),
    ("raw_tp/8", "a_context", "off=400000", "the context"),
    ("raw_tp/9", "a_pointer", "R2 type=ctx expected=", "another kind of pointer"),
    ("perf_event", "a_license", "GPL", "LICENSE[]"),
]
each_refusal = pytest.mark.parametrize("row", REFUSALS, ids=[row[1] for row in REFUSALS])


def refusal(bpf: Find, folder: pathlib.Path, section: str) -> tinybpf.BpfVerifierError:
    """Return the error of loading the one program of a section of refusals.bpf.c."""
    data = elf.enable(bpf("refusals").read_bytes(), section)
    if section == "perf_event":
        data = data.replace(b"Dual MIT/GPL\0", b"Proprietary\0\0")
    path = folder / "tool.bpf.o"
    path.write_bytes(data)
    with pytest.raises(tinybpf.BpfVerifierError) as caught:
        tinybpf.load(path)
    return caught.value


@each_refusal
def test_refusal_begins_with_its_cause(
    bpf: Find, tmp_path: pathlib.Path, row: tuple[str, str, str, str]
) -> None:
    """The first line names the program and says why; the next ones what to do."""
    section, program, cause, advice = row
    error = refusal(bpf, tmp_path, section)
    said, _, tail = str(error).partition("\nlibbpf output:\n")
    first, *others = said.splitlines()
    assert first.startswith(f"program '{program}': ")
    assert cause in first
    assert advice in "\n".join(others)
    assert f"load '{tmp_path / 'tool.bpf.o'}' failed: " in others[-1]
    assert ".libbpf_log" in others[-1]
    assert tail
    assert error.libbpf_log.endswith(tail)
    assert "-- BEGIN PROG LOAD LOG --" in error.libbpf_log


@kernel("6.9", "file and line in the verifier's log")
@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("raw_tp/1", "return *(__u64 *)bpf_map_lookup_elem(&numbers, &key);"),
        ("raw_tp/6", "return text[bpf_get_prandom_u32() & 1023];"),
    ],
)
def test_refusal_shows_the_source_line(
    bpf: Find, tmp_path: pathlib.Path, section: str, code: str
) -> None:
    """The second line is the line of C, with its file and number as editors know them."""
    line = next(n for n, text in enumerate(SOURCE.read_text().splitlines(), 1) if code in text)
    second = str(refusal(bpf, tmp_path, section)).splitlines()[1]
    assert second.startswith(f"  at refusals.bpf.c:{line}  `{code}")


def log(*lines: str, program: str = "tick") -> str:
    """Return what libbpf says about a refused program, around the kernel's lines."""
    return "\n".join(
        [
            f"prog '{program}': BPF program load failed: -EACCES",
            f"prog '{program}': -- BEGIN PROG LOAD LOG --",
            *lines,
            "-- END PROG LOAD LOG --",
            f"prog '{program}': failed to load: -EACCES",
            "failed to load object 'tool'",
        ]
    )


def test_log_without_file_names_shows_the_code() -> None:
    """Before Linux 6.9 annotations have no file: the code alone is shown."""
    said = _explain(
        log("; return *value;", "7: (79) r0 = *(u64 *)(r0 +0)", "R0 !read_ok", "processed 8")
    )
    assert said.splitlines()[:2] == ["program 'tick': R0 !read_ok", "  at `return *value;`"]
    assert "initialise" in said


def test_log_without_annotations_has_the_cause_only() -> None:
    """An object without line information: no place is made up."""
    assert _explain(log("0: (95) exit", "something new", "processed 1 insns")) == (
        "program 'tick': something new"
    )


def test_cause_without_instructions_is_found() -> None:
    """What is refused before any instruction is looked at (here the control flow)."""
    said = _explain(log("func#0 @0", "back-edge from insn 3 to 1", "processed 0 insns"))
    assert said.startswith("program 'tick': back-edge from insn 3 to 1\n")
    assert "constant bound" in said


def test_states_and_statistics_are_no_cause() -> None:
    """Lines that accompany a verdict do not hide it."""
    said = _explain(
        log(
            "; for (;;) @ a b.c:7",
            "6: (56) if w1 != 0x0 goto pc-3",
            "infinite loop detected at insn 6",
            "cur state: R0=scalar()",
            "old state: R0=scalar()",
            "mark_precise: frame0: last_idx 6 first_idx 0",
            "verification time 88 usec",
            "stack depth 8",
            "processed 20 insns (limit 1000000)",
        )
    )
    assert said.splitlines()[:2] == [
        "program 'tick': infinite loop detected at insn 6",
        "  at a b.c:7  `for (;;)`",
    ]


def test_last_program_of_a_log_is_the_refused_one() -> None:
    """libbpf may log one program that loads, and then the one that fails."""
    both = log("0: (95) exit", "fine", program="first") + "\n" + log("1: (95) exit", "bad insn")
    assert _explain(both) == "program 'tick': bad insn"


# What Linux 7.3.4 says of a_null, a little shortened.
LOG_OF_7_3 = """\
0: R1=ctx() R10=fp0
; PROGRAM("raw_tp/1", a_null, __u32 key = 0; @ refusals.bpf.c:40
0: (b4) w1 = 0                        ; R1=0
; return *(__u64 *)bpf_map_lookup_elem(&numbers, &key);) @ refusals.bpf.c:41
6: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=numbers,ks=4,vs=8)
7: (79) r0 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'

Verification failed: Register Type Safety: Invalid dereference

Reason:
  R0 may be NULL here (a nullable map value pointer). The program could dereference NULL on this
  path, so the verifier cannot prove this access is safe.

At:
  a_null @ refusals.bpf.c:41:16
  Source context:
      40 | PROGRAM("raw_tp/1", a_null, __u32 key = 0;
  >>> 41 |         return *(__u64 *)bpf_map_lookup_elem(&numbers, &key);)
         |         ^-- error: invalid dereference of R0 (a nullable map value pointer)
      42 | ...
  Instruction context:
      6 | (85) call bpf_map_lookup_elem#1
  >>> 7 | (79) r0 = *(u64 *)(r0 +0)
      8 | (95) exit

Causal path:
  a_null @ refusals.bpf.c:41:26
  Source context:
  >>> 41 |         return *(__u64 *)bpf_map_lookup_elem(&numbers, &key);)
         |         ^-- update: R0 changed from uninitialized value to nullable map value from
         |             numbers at offset 0

Suggestion:
  Add a NULL check before the access and dereference the pointer only on the non-NULL path.

processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
"""
REASON_OF_7_3 = (
    "R0 may be NULL here (a nullable map value pointer). The program could dereference NULL on "
    "this path, so the verifier cannot prove this access is safe."
)


def test_reason_of_linux_7_3_is_told() -> None:
    """The cause, the place and our advice are as before; the reason stands between."""
    cause, place, reason, advice = _explain(log(LOG_OF_7_3)).splitlines()
    assert cause == "program 'tick': R0 invalid mem access 'map_value_or_null'"
    assert place.startswith("  at refusals.bpf.c:41  `return *(__u64 *)bpf_map_lookup_elem(")
    assert reason == "  " + REASON_OF_7_3
    assert "may be NULL" in advice


def test_suggestion_of_linux_7_3_is_told_where_we_have_none() -> None:
    """For a cause that our table does not have, the kernel's own advice is passed on."""
    said = _explain(log(LOG_OF_7_3.replace("map_value_or_null'", "something new'")))
    assert said.splitlines()[3] == (
        "  Add a NULL check before the access and dereference the pointer only on the non-NULL "
        "path."
    )


def test_headings_alone_make_an_explanation() -> None:
    """Without a line of the old kind the reason is the cause, and the function has a place."""
    said = _explain(log(LOG_OF_7_3.partition("\n\n")[2]))
    first, place, *_ = said.splitlines()
    assert first == f"program 'tick': {REASON_OF_7_3}"
    assert place == "  at refusals.bpf.c:41:16  `a_null`"


@pytest.mark.parametrize("body", [LOG_OF_7_3, "; a @ b.c:1\n0: (95) exit\n" + "x" * 5000])
def test_log_cut_anywhere_is_no_crash(body: str) -> None:
    """However much of a log arrives, there is a text or there is none."""
    whole = log(body)
    for end in range(len(whole)):
        assert isinstance(_explain(whole[:end]), str)


def test_log_without_a_refusal_explains_nothing() -> None:
    """Other lines of libbpf are no verifier's log."""
    for text in ("", "\n", "map 'm': failed to create", log(), log("processed 0 insns")):
        assert _explain(text) == ""


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (
            "math between pkt pointer and register with unbounded min value is not allowed",
            "make the offset unsigned, or mask it",
        ),
        ("only read is supported", "programs do not write to the kernel's own memory"),
        ("invalid bpf_context access off=0 size=8", "not by memcpy()"),
        (
            "ldimm64 failed to find the address for kernel symbol 'runqueues'.",
            "CONFIG_KALLSYMS_ALL",
        ),
        ("R1 32-bit pointer arithmetic prohibited", "at its whole width"),
        ("program of this type cannot use helper bpf_snprintf#165", "cap_perfmon"),
        ("unknown func bpf_trace_printk#6", "cap_perfmon"),
    ],
)
def test_cause_has_its_advice(cause: str, advice: str) -> None:
    """What the verifier says most often is told with what to do about it."""
    log = (
        f"prog 'p': -- BEGIN PROG LOAD LOG --\n0: (b7) r0 = 0\n{cause}\n-- END PROG LOAD LOG --"
    )
    first, *others = _explain(log).splitlines()
    assert first == f"program 'p': {cause}"
    assert advice in "\n".join(others)
