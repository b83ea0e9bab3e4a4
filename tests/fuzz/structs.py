# SPDX-License-Identifier: MIT
"""Random structs of C: their definitions, and a program that tells what is in them.

The program fills each struct with noise, prints its bytes and the value of every
field, and then the bytes of a second one, zero but for the same values.
"""

import random
import re
from dataclasses import dataclass, field

UNSIGNED = ["unsigned char", "unsigned short", "unsigned int", "unsigned long"]
SIGNED = ["signed char", "short", "int", "long", "long long"]
WIDE = ["__int128", "unsigned __int128"]
ENUMS = ["enum plain", "enum negative", "enum large"]
BITS = {"unsigned char": 8, "short": 16, "int": 32, "unsigned int": 32, "long": 64}
BITS.update({"unsigned long": 64, "enum plain": 32, "_Bool": 1})

PRELUDE = """
enum plain { ZERO, ONE, SEVEN = 7 };
enum negative { MINUS = -5, PLUS = 5 };
enum large { HUGE = 0x123456789abcULL, TINY = 1 };
typedef unsigned int u32;
typedef u32 word;
typedef volatile word vword;
typedef char letter;
"""

HELPERS = """
#include <stdio.h>
#include <stdint.h>
#include <string.h>
static uint64_t state = %d;
static unsigned char noise(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}
static void fill(volatile void *data, size_t n)
{
    for (size_t i = 0; i < n; i++) ((volatile unsigned char *)data)[i] = noise();
}
static void put(const char *path, __int128 v)
{
    printf("I %%s %%016llx%%016llx\\n", path, (unsigned long long)(v >> 64),
           (unsigned long long)v);
}
static void put_real(const char *path, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, 8);
    printf("F %%s %%016llx\\n", path, (unsigned long long)bits);
}
static void clean(volatile char *text, size_t n)
{
    for (size_t i = 0, ended = 0; i < n; i++) {
        ended |= text[i] == 0;
        if (ended) text[i] = 0;
    }
}
static void put_raw(const char *what, const volatile void *data, size_t n)
{
    printf("%%s ", what);
    for (size_t i = 0; i < n; i++) printf("%%02x", ((const volatile unsigned char *)data)[i]);
    printf("\\n");
}
"""


@dataclass
class Struct:
    """A definition, and statements about each scalar in it."""

    name: str
    kind: str = "struct"
    lines: list[str] = field(default_factory=list)
    tail: str = ""
    # (path, kind of value): i(nteger), b(ool), p(ointer), f(loat), r(aw: text)
    leaves: list[tuple[str, str]] = field(default_factory=list)

    def overlaps(self, others: "dict[str, Struct]") -> bool:
        """Tell whether it is or contains a union, in which values share bytes."""
        text = self.text()
        inner = [others[name] for name in re.findall(r"(?:struct|union) (s\d+)", text)]
        return "union" in text or any(
            other.overlaps(others) for other in inner if other is not self
        )

    def text(self) -> str:
        """Return the definition."""
        return f"{self.kind} {self.name} {{\n" + "\n".join(self.lines) + f"\n}}{self.tail};\n"


class Maker:
    """Makes structs that may contain those made before."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.made: list[Struct] = []
        self.n_names = 0

    def name(self) -> str:
        """Return a name that no other field has."""
        self.n_names += 1
        return f"f{self.n_names}"

    def scalar(self) -> tuple[str, str]:
        """Return a type and the kind of its values."""
        kinds = [(t, "i") for t in [*UNSIGNED, *SIGNED, *ENUMS, "char", "word", "vword"]]
        kinds += [(t, "i") for t in WIDE] + [("_Bool", "b"), ("float", "f"), ("double", "f")]
        return self.random.choice(kinds)

    def add_bitfield(self, lines: list[str], leaves: list[tuple[str, str]]) -> None:
        """Add a bitfield, sometimes with padding before it."""
        kind = self.random.choice(sorted(BITS))
        if self.random.random() < 0.2:
            lines.append(f"{kind} : {self.random.choice([0, 1])};")
        name = self.name()
        lines.append(f"{kind} {name} : {self.random.randint(1, BITS[kind])};")
        leaves.append((name, "i"))

    def add_array(self, lines: list[str], leaves: list[tuple[str, str]]) -> None:
        """Add an array of scalars, of text or of structs."""
        ranks = [self.random.randint(1, 3) for _ in range(self.random.randint(1, 3))]
        suffix = "".join(f"[{n}]" for n in ranks)
        indices = [""]
        for n in ranks:
            indices = [f"{i}[{k}]" for i in indices for k in range(n)]
        name = self.name()
        if self.random.random() < 0.3:
            size = self.random.randint(1, 20)
            lines.append(f"{self.random.choice(['char', 'letter'])} {name}{suffix}[{size}];")
            leaves += [(name + i, "r") for i in indices]
        elif self.made and self.random.random() < 0.3:
            inner = self.random.choice(self.made)
            lines.append(f"{inner.kind} {inner.name} {name}{suffix};")
            leaves += [(f"{name}{i}.{p}", k) for i in indices for p, k in inner.leaves]
        else:
            kind, of = self.scalar()
            kind = "int" if kind == "char" else kind
            lines.append(f"{kind} {name}{suffix};")
            leaves += [(name + i, of) for i in indices]

    def add_nested(self, lines: list[str], leaves: list[tuple[str, str]]) -> None:
        """Add a struct or union: one made before, or one in place, named or not."""
        if self.made and self.random.random() < 0.4:
            inner, name = self.random.choice(self.made), self.name()
            lines.append(f"{inner.kind} {inner.name} {name};")
            leaves += [(f"{name}.{path}", kind) for path, kind in inner.leaves]
            return
        ours: list[tuple[str, str]] = []
        lines.append(self.random.choice(["struct", "union"]) + " {")
        for _ in range(self.random.randint(1, 3)):
            self.add_member(lines, ours, nested=False)
        name = self.random.choice(["", self.name()])
        lines.append(f"}} {name};")
        leaves += [(f"{name}.{path}" if name else path, kind) for path, kind in ours]

    def add_member(
        self, lines: list[str], leaves: list[tuple[str, str]], nested: bool = True
    ) -> None:
        """Add one member of any kind."""
        chance = self.random.random()
        if chance < 0.3:
            self.add_bitfield(lines, leaves)
        elif chance < 0.45:
            self.add_array(lines, leaves)
        elif chance < 0.6 and nested:
            self.add_nested(lines, leaves)
        elif chance < 0.65:
            name = self.name()
            lines.append(f"void *{name};")
            leaves.append((name, "p"))
        else:
            kind, of = self.scalar()
            name = self.name()
            aligned = self.random.choice(["", "", "", " __attribute__((aligned(16)))"])
            lines.append(f"{kind} {name}{aligned};")
            leaves.append((name, of))

    def struct(self) -> Struct:
        """Make the next struct."""
        made = Struct(f"s{len(self.made)}", self.random.choice(["struct"] * 4 + ["union"]))
        for _ in range(self.random.randint(1, 7)):
            self.add_member(made.lines, made.leaves)
        made.tail = self.random.choice(["", "", " __attribute__((packed))"])
        self.made.append(made)
        return made


def definitions(structs: list[Struct]) -> str:
    """Return the source that is compiled for BPF: all types, kept by pointers to them."""
    uses = "".join(f"{s.kind} {s.name} *use_{s.name};\n" for s in structs)
    return PRELUDE + "".join(s.text() for s in structs) + uses


# What makes noise a value of its kind; text ends with its first NUL.
SETTLE = {
    "f": "v.{0} = noise() / 8.0;",
    "b": "*(volatile unsigned char *)&v.{0} &= 1;",
    "r": "clean(v.{0}, sizeof v.{0});",
}
PUT = {
    "i": 'put("{0}", v.{0}); z.{0} = v.{0};',
    "b": 'put("{0}", v.{0}); z.{0} = v.{0};',
    "p": 'put("{0}", (uintptr_t)v.{0}); z.{0} = v.{0};',
    "f": 'put_real("{0}", v.{0}); z.{0} = v.{0};',
    "r": 'put_raw("R {0}", &v.{0}, sizeof v.{0}); '
    "memcpy((void *)&z.{0}, (void *)&v.{0}, sizeof z.{0});",
}


def _statements(struct: Struct) -> list[str]:
    lines = [f"{struct.kind} {struct.name} v, z;", "fill(&v, sizeof v);"]
    for wanted, settle in SETTLE.items():
        lines += [settle.format(path) for path, kind in struct.leaves if kind == wanted]
    lines.append(f'printf("S {struct.name} %zu\\n", sizeof v);')
    lines += ['put_raw("V", &v, sizeof v);', "memset((void *)&z, 0, sizeof z);"]
    lines += [PUT[kind].format(path) for path, kind in struct.leaves]
    return [*lines, 'put_raw("Z", &z, sizeof z);']


def program(structs: list[Struct], seed: int) -> str:
    """Return the source of the program, which is compiled for this machine."""
    body = "".join(
        f"static void do_{s.name}(void)\n{{\n" + "\n".join(_statements(s)) + "\n}\n"
        for s in structs
    )
    calls = "".join(f"do_{s.name}();" for s in structs)
    types = PRELUDE + "".join(s.text() for s in structs)
    return HELPERS % (seed + 1) + types + body + f"int main(void) {{ {calls} return 0; }}\n"
