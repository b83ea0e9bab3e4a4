# SPDX-License-Identifier: MIT
"""Names for addresses of the kernel."""

import copy
import pathlib
import pickle
import threading
from typing import Any

import pytest

import tinybpf
from support import child, elf, host, privilege
from support.gating import kernel
from support.objects import Load
from tinybpf import Symbol

KERNEL = 1 << 63
MODULES = pathlib.Path("/proc/modules")


def kallsyms() -> dict[int, set[tuple[str, str]]]:
    """Return names and modules of what lies at each address of the kernel."""
    found: dict[int, set[tuple[str, str]]] = {}
    for line in pathlib.Path("/proc/kallsyms").read_text().splitlines():
        address, _, name, *module = line.split()
        at = int(address, 16)
        if at & KERNEL:
            found.setdefault(at, set()).add((name, module[0][1:-1] if module else "kernel"))
    return found


def test_every_function_is_found_where_it_begins() -> None:
    """Each address of kallsyms has one of the names that stand there, and offset 0.

    Programs aside, which come and go meanwhile.
    """
    known = {at: names for at, names in kallsyms().items() if "bpf" not in dict(names).values()}
    symbols = tinybpf.Symbols().kernel(known)
    assert len(symbols) == len(known)
    for address, symbol in zip(known, symbols):
        assert (symbol.address, symbol.offset) == (address, 0)
        assert (symbol.name, symbol.module) in known[address]


def test_inside_of_a_function_is_the_function() -> None:
    """Each byte up to the next symbol is of the function before it, with its offset."""
    starts = sorted(kallsyms())
    begin, after = next((a, b) for a, b in zip(starts, starts[1:]) if 64 <= b - a < 4096)
    (first, *inner, behind) = tinybpf.Symbols().kernel(range(begin, after + 1))
    assert [s.name for s in inner] == [first.name] * len(inner)
    assert [s.offset for s in inner] == list(range(1, after - begin))
    assert (behind.address, behind.offset) == (after, 0)
    assert str(inner[0]) == f"{first.name}+0x1"


@pytest.mark.parametrize("address", [0, 1, 0x7FFF_FFFF_FFFF, 2**64 - 1])
def test_other_addresses_have_no_name(address: int) -> None:
    """What is no address of the kernel is a Symbol that knows nothing but the address."""
    assert tinybpf.Symbols().kernel([address]) == [Symbol(None, address=address)]


def test_program_that_is_loaded_later_is_found(load: Load) -> None:
    """Symbols that were read before a program came are read again for it."""
    symbols = tinybpf.Symbols()
    symbols.kernel([KERNEL])
    before = kallsyms()
    tags = {f"bpf_prog_{p.info.tag}_" for p in load("counts").programs.values()}
    found = {
        (name, at)
        for at, names in kallsyms().items()
        for name, module in names - before.get(at, set())
        if module == "bpf" and name.startswith(tuple(tags))  # others load theirs, too
    }
    assert found, "no program in kallsyms: is the JIT off?"
    for name, at in found:
        (symbol,) = symbols.kernel([at + 1])
        assert (symbol.name, symbol.offset, symbol.module) == (name, 1, "bpf")


def test_program_ends_where_its_code_ends(load: Load) -> None:
    """Behind its last byte is not the program, however far the next one is."""
    obj = load("counts")
    symbols = tinybpf.Symbols()
    lengths = {p.info.tag: p.info.jited_size or 0 for p in obj.programs.values()}
    seen = 0
    for at, names in kallsyms().items():
        tag = next((n.split("_")[2] for n, m in names if n.startswith("bpf_prog_")), "")
        if lengths.get(tag):
            last, behind = symbols.kernel([at + lengths[tag] - 1, at + lengths[tag]])
            if at not in kallsyms():
                continue  # it was another process's, and has ended
            assert (last.module, last.offset) == ("bpf", lengths[tag] - 1)
            assert behind.name is None or behind.offset < lengths[tag]
            seen += 1
    assert seen, "no program in kallsyms: is the JIT off?"


LATER = """
import pathlib
def programs():
    lines = map(str.split, pathlib.Path("/proc/kallsyms").read_text().splitlines())
    return {int(x[0], 16): x[2] for x in lines if x[-1] == "[bpf]" and "prog_" in x[2]}
held = [tinybpf.load(sys.argv[1]) for _ in range(3)]
symbols, before = tinybpf.Symbols(), programs()
before.update((s.address, s.name) for s in symbols.kernel(before))
for _ in range(3):
    held.append(tinybpf.load(sys.argv[1]))
    found = programs()
    named = symbols.kernel([address + 1 for address in found])
    still = programs()  # those of others come and go
    for symbol, (address, name) in zip(named, found.items()):
        if still.get(address) == name and (symbol.name, symbol.offset) != (name, 1):
            print("wrong", symbol, name)
print(len(found.keys() - before.keys()))
"""


@kernel("5.8", "CAP_BPF and CAP_PERFMON")
def test_program_that_came_later_is_found_without_its_size(public_dir: pathlib.Path) -> None:
    """Who cannot list programs, and so not know where they end, gets no wrong name."""
    path = public_dir / "one.bpf.o"
    path.write_bytes(elf.minimal())  # without maps: locked memory is little before 5.11
    path.chmod(0o644)
    said = privilege.attempt(["bpf", "perfmon", "syslog"], LATER, path)
    *wrong, last, allowed = said.splitlines()
    assert (wrong, allowed) == ([], "allowed")
    assert int(last) >= 1, "no program in kallsyms: is the JIT off?"


@kernel("5.8", "fentry", config="CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")
def test_trampoline_that_comes_later_is_found(load: Load) -> None:
    """Attaching makes code without a number of its own, also where a hole was."""
    symbols, obj = tinybpf.Symbols(), load("fentry")
    symbols.kernel([KERNEL])
    before = kallsyms()
    with obj.attach():
        found = {at: names for at, names in kallsyms().items() if at not in before}
        made = [at for at, names in found.items() if "bpf_trampoline" in str(names)]
        named = symbols.kernel([at + 1 for at in made])
        left = kallsyms()  # one is replaced by the next that is attached, and freed late
        for at, symbol in zip(made, named):
            if at in left:
                assert (symbol.offset, symbol.module) == (1, "bpf")
                assert (symbol.name, "bpf") in found[at]
            else:
                assert symbol.module in (None, "bpf")
        assert set(made) & set(left)


@pytest.mark.skipif(not MODULES.exists(), reason="this kernel has no modules")
def test_module_names_nothing_behind_its_end() -> None:
    """kallsyms tells no sizes: the last function of a module ends with the module.

    Since Linux 6.4 the parts of most modules lie apart, and it is not told where they end.
    """
    lines = [line.split() for line in MODULES.read_text().splitlines()]
    places = {
        line[0]: range(int(line[5], 16), int(line[5], 16) + int(line[1])) for line in lines
    }
    apart = {
        module
        for at, names in kallsyms().items()
        for _, module in names
        if module in places and at not in places[module]
    }
    ends = {name: place.stop for name, place in places.items() if name not in apart}
    assert ends or host.kernel_version() >= (6, 4)
    named = tinybpf.Symbols().kernel(list(ends.values()))
    assert [symbol for name, symbol in zip(ends, named) if symbol.module == name] == []


def test_hidden_addresses_are_an_error_that_says_what_to_do() -> None:
    """Where kallsyms has only zeros, names would be made up: it is refused, with advice."""
    said = child.output(
        child.BECOME_NOBODY
        + """
import tinybpf
text = open("/proc/kallsyms").read(4096)
is_hidden = not int(text.split()[0], 16) and not int(text.split("\\n")[-2].split()[0], 16)
try:
    print(is_hidden, "names", tinybpf.Symbols().kernel([1 << 63])[0].name)
except tinybpf.BpfPermissionError as error:
    print(is_hidden, error.errno, error)
"""
    )
    if said.startswith("False"):  # who may profile sees them: kernel.perf_event_paranoid
        assert " names " in said
        return
    assert said.startswith("True 1 symbols of the kernel: "), said
    assert "/proc/kallsyms has only zeros" in said
    assert "CAP_SYSLOG" in said
    assert "kptr_restrict is" in said


def test_batches_may_be_empty_or_any_iterable() -> None:
    """Lists, tuples, sets, generators; nothing gives nothing."""
    symbols = tinybpf.Symbols()
    assert symbols.kernel([]) == []
    assert [s.address for s in symbols.kernel(a for a in (3, 1, 2))] == [3, 1, 2]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(5, TypeError), (["x"], TypeError), ([-1], ValueError), ([2**64], ValueError)],
)
def test_what_is_no_address_is_refused(wrong: Any, error: type[Exception]) -> None:
    """No number, or one that is none of 64 bits."""
    with pytest.raises(error):
        tinybpf.Symbols().kernel(wrong)


def test_threads_share_it() -> None:
    """Threads that ask at once get the same answers."""
    symbols, known = tinybpf.Symbols(), sorted(kallsyms())[:5000]
    answers: list[list[Symbol]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(symbols.kernel(known))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)


def test_symbol_is_a_value() -> None:
    """It compares, hashes, copies, pickles, and cannot be changed."""
    symbol = Symbol("main", 4, "/bin/x", 0x1004)
    assert symbol == Symbol("main", offset=4, module="/bin/x", address=0x1004)
    assert len({symbol, Symbol("main", 4, "/bin/x", 0x1004)}) == 1
    for other in (
        Symbol("nain", 4, "/bin/x", 0x1004),
        Symbol("main", 5, "/bin/x", 0x1004),
        Symbol("main", 4, None, 0x1004),
        Symbol("main", 4, "/bin/x", 0x1005),
        "main",
    ):
        assert symbol != other
    assert pickle.loads(pickle.dumps(symbol)) == copy.copy(symbol) == symbol
    assert repr(symbol) == "Symbol(name='main', offset=4, module='/bin/x', address=0x1004)"
    assert str(symbol) == "main+0x4"
    assert str(Symbol(None, 4, "/bin/x", 0x1004)) == "/bin/x+0x4"
    assert str(Symbol(None, address=0x1004)) == "0x1004"
    with pytest.raises(AttributeError):
        symbol.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Symbol(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="offset is out of range"):
        Symbol("main", -1)
