# SPDX-License-Identifier: MIT
"""Programs in pure Python that no training of a profile has seen (runner/train.py).

It reads the names of programs from standard input, one a line, and answers each with
the nanoseconds that it took. It runs in any Python from 3.9 on. Each program takes some
50 ms and returns a number that is checked, so that all interpreters do the same work.
"""

import sys
from collections.abc import Callable, Iterator
from time import perf_counter_ns


def bodies() -> int:
    """Move five bodies that attract each other: floats in lists, nested loops."""
    system: list[tuple[list[float], list[float], float]] = [
        ([float(i), i * 0.5, -i * 0.25], [0.0, i * 0.01, 0.02 * i], 1.0 / (i + 1))
        for i in range(5)
    ]
    pairs = [(system[i], system[j]) for i in range(5) for j in range(i)]
    for _ in range(1_500):
        for (a, va, ma), (b, vb, mb) in pairs:
            dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
            force = 0.001 / (dx * dx + dy * dy + dz * dz + 0.1) ** 1.5
            for axis, d in enumerate((dx, dy, dz)):
                va[axis] -= d * mb * force
                vb[axis] += d * ma * force
        for place, speed, _ in system:
            for axis in range(3):
                place[axis] += 0.001 * speed[axis]
    return round(sum(place[0] for place, _, _ in system) * 1000)


def queens() -> int:
    """Place seven queens by generators that call themselves."""

    def place(row: int, taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if row == 7:
            yield taken
            return
        for column in range(7):
            if all(
                column != other and abs(column - other) != row - above
                for above, other in enumerate(taken)
            ):
                yield from place(row + 1, (*taken, column))

    return sum(1 for _ in place(0, ()))


def sieve() -> int:
    """Count primes: a bytearray, slices with steps, a comprehension."""
    total = 0
    for size in range(60_000, 68_000, 1_000):
        is_prime = bytearray([1]) * size
        is_prime[0:2] = b"\0\0"
        for n in range(2, int(size**0.5) + 1):
            if is_prime[n]:
                is_prime[n * n :: n] = bytes(len(range(n * n, size, n)))
        total += len([n for n in range(size) if is_prime[n]])
    return total


def digits() -> int:
    """Take digits of pi out of integers that grow."""
    q, r, t, k, n, left = 1, 0, 1, 1, 3, 3
    total = count = 0
    while count < 350:
        if 4 * q + r - t < n * t:
            total += n
            count += 1
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, n, left = (
                q * k,
                (2 * q + r) * left,
                t * left,
                k + 1,
                (q * (7 * k + 2) + r * left) // (t * left),
                left + 2,
            )
    return total


def words() -> int:
    """Split, strip, count and sort the words of a text, and write a table of them."""
    text = " ".join(f"Word{i * i % 997}, said the {'lazy fox.'[i % 5 :]}" for i in range(5_000))
    counts: dict[str, int] = {}
    for word in text.split():
        name = word.strip(".,").lower()
        counts[name] = counts.get(name, 0) + 1
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    table = "\n".join(
        f"{name:>10} {'*' * (n // 100)} {n / len(order):.2f}" for name, n in order
    )
    return len(table.replace("word", "w").splitlines()) + sum(map(len, counts))


class Cell:
    """A cell of a grid, with methods and a property."""

    def __init__(self, value: int) -> None:
        """Start with a value."""
        self.value = value
        self.neighbours: list[Cell] = []

    @property
    def is_odd(self) -> bool:
        """Tell whether the value is odd."""
        return self.value & 1 == 1

    def step(self) -> int:
        """Return the next value."""
        odd = 0
        for cell in self.neighbours:
            if cell.is_odd:
                odd += 1
        return self.value + 1 if odd in (1, 2) else self.value // 2


def cells() -> int:
    """Let objects in a grid look at their neighbours: attributes, methods, properties."""
    size = 24
    grid = [Cell(i * 7 % 11) for i in range(size * size)]
    for i, cell in enumerate(grid):
        for d in (-size, -1, 1, size):
            cell.neighbours.append(grid[(i + d) % len(grid)])
    for _ in range(40):
        for cell, value in zip(grid, [cell.step() for cell in grid]):
            cell.value = value
    return sum(cell.value for cell in grid)


class Parser:
    """Sums and products of numbers and brackets, by recursive descent."""

    def __init__(self, text: str) -> None:
        """Start at the first character."""
        self.text, self.at = text, 0

    def total(self) -> int:
        """Return the value of terms with + and - between them."""
        value = self.product()
        while self.at < len(self.text) and self.text[self.at] in "+-":
            sign = 1 if self.text[self.at] == "+" else -1
            self.at += 1
            value += sign * self.product()
        return value

    def product(self) -> int:
        """Return the value of factors with * between them."""
        value = self.factor()
        while self.at < len(self.text) and self.text[self.at] == "*":
            self.at += 1
            value = value * self.factor() % 1_000_003
        return value

    def factor(self) -> int:
        """Return the value of a number or of what is in brackets."""
        if self.text[self.at] == "(":
            self.at += 1
            value = self.total()
            self.at += 1
            return value
        start = self.at
        while self.at < len(self.text) and self.text[self.at].isdigit():
            self.at += 1
        return int(self.text[start : self.at])


def sums() -> int:
    """Parse and evaluate expressions character by character."""
    total = 0
    for i in range(200):
        text = "+".join(f"({n}*{i}-(2*{n % 9}+1))*3" for n in range(20))
        total += Parser(text).total()
    return total


# Each program and what it returns.
PROGRAMS: dict[str, tuple[Callable[[], int], int]] = {
    "bodies": (bodies, 8973),
    "queens": (queens, 40),
    "sieve": (sieve, 50926),
    "digits": (digits, 1554),
    "words": (words, 3959),
    "cells": (cells, 2347),
    "sums": (sums, 246244105),
}


def main() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        program, wanted = PROGRAMS[line.strip()]
        start = perf_counter_ns()
        got = program()
        ns = perf_counter_ns() - start
        if got != wanted:
            sys.exit(f"{line.strip()} is {got}, not {wanted}")
        print(ns, flush=True)


if __name__ == "__main__":
    main()
