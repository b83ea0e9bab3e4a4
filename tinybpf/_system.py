# SPDX-License-Identifier: MIT
"""What is loaded, who holds it, and what was not seen of it: listings and accounts.

Imported when the first one is asked for: importing dataclasses takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tinybpf import BpfError, BpfMapType, Btf, RingStats, _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeVar

    from tinybpf import BpfLink, BpfMap, BpfObject, BpfProgram

    _T = TypeVar("_T")
else:
    _T = object  # typing takes its time


class Seen(tuple[_T, ...]):
    """What was found, and what could not be looked at: `holders()`, `pins()`.

    A tuple whose truth is that of "somebody holds it": an empty one that could not look
    everywhere has none, and raises ValueError where it is asked for it.

    Attributes:
        unseen: what could not be looked at, such as 'processes outside of this PID
            namespace'; "" if all was.
    """

    unseen: str

    def __new__(cls, items: Iterable[_T] = (), unseen: str = "") -> Seen[_T]:
        self = super().__new__(cls, items)
        self.unseen = unseen
        return self

    def __bool__(self) -> bool:
        if not len(self) and self.unseen:
            raise ValueError(f"nothing was found, but not all was seen: {self.unseen}")
        return len(self) > 0

    def __repr__(self) -> str:
        return f"Seen({list(self)!r}, unseen={self.unseen!r})"

    def __str__(self) -> str:
        found = ", ".join(map(str, self)) or "nothing"
        return f"{found} (not seen: {self.unseen})" if self.unseen else found

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (tuple(self), self.unseen))


@dataclass(frozen=True)
class Holder:
    """A process that has a descriptor of a program, map, link or BTF: `holders()`.

    Attributes:
        pid: its number, in the PID namespace of /proc.
        name: its name, as ps shows it; the process may give itself any.
    """

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name}({self.pid})"


@dataclass(frozen=True)
class LoadedBtf:
    """BTF that the kernel has: iter_btfs().

    Attributes:
        id: number that the kernel knows it by.
        name: 'vmlinux', or a module's; "" of what was loaded with programs and maps.
        size: bytes of it.
        is_kernel: whether it is the kernel's own, or a module's.
    """

    id: int
    name: str
    size: int
    is_kernel: bool
    _scan: object = field(repr=False, compare=False)

    def load(self) -> Btf:
        """Read the types.

        Returns:
            The Btf, which outlives what the kernel has.

        Raises:
            BpfError: it is gone, or what has its number now is another.

        Kernel: CAP_SYS_ADMIN.
        Source: btf__load_from_kernel_by_id_split.
        """
        btf = Btf.from_id(self.id)
        if len(bytes(btf)) != self.size:
            import errno

            what = f"reading of the BTF of id {self.id} failed"
            raise _core.BpfError(f"{what}: it is gone since it was listed", errno.ENOENT)
        return btf

    def holders(self) -> Seen[Holder]:
        """Tell which processes have descriptors of it.

        Returns:
            As BpfMap.holders(): a Seen of Holders.
        """
        return _core._btf_holders(self._scan, self.id)


@dataclass(frozen=True)
class ProgramStats:
    """How often a program ran, and did not: ObjectStats.programs.

    Attributes:
        name: of the program.
        run_cnt: how often it ran while enable_stats() counted; None: nothing was counted.
        run_time_ns: nanoseconds that it ran meanwhile; None likewise.
        recursion_misses: how often it did not run, because it was running already, or
            another was where one must not run in another; None before Linux 5.12.
    """

    name: str
    run_cnt: int | None
    run_time_ns: int | None
    recursion_misses: int | None


@dataclass(frozen=True)
class LinkStats:
    """How often a link's hook did not call its program: ObjectStats.links.

    Attributes:
        program: name of its program.
        target: what it is attached to.
        missed: hits of its probe without a run of the program; None: of kinds of links of
            which the kernel does not tell it, which it does of kprobes since 6.7.
    """

    program: str
    target: str
    missed: int | None


@dataclass(frozen=True)
class ObjectStats:
    """What was counted of an object, and what was not seen: `BpfObject.stats()`.

    Attributes:
        programs: of each program that is loaded.
        rings: of each ring and perf buffer by the name of its map: what its reader in this
            process counted (one that reads several maps: of all of them); of one that
            nobody reads here zeros, and what its program says that it dropped.
        links: of each link of the object that is attached.
    """

    programs: tuple[ProgramStats, ...]
    rings: dict[str, RingStats]
    links: tuple[LinkStats, ...]

    @classmethod
    def _of(
        cls,
        obj: BpfObject,
        rings: list[tuple[str, RingStats]],
        links: list[tuple[str, str, BpfLink]],
    ) -> ObjectStats:
        """Return the accounts of an object: its readers and links are known."""
        counted = dict(rings)
        for name, one in obj.maps.items():
            if name not in counted and one.type in _RINGS and one.info.id is not None:
                counted[name] = RingStats(0, 0, 0.0, 0.0, 0, 0, _dropped(one))
        programs = (_of_program(p) for p in obj.programs.values())
        return cls(
            tuple(p for p in programs if p is not None),
            counted,
            tuple(LinkStats(p, target, _missed(link)) for p, target, link in links),
        )

    def __str__(self) -> str:
        lines = [
            f"program {p.name}: runs={_shown(p.run_cnt)} time_ns={_shown(p.run_time_ns)} "
            f"recursion_misses={_shown(p.recursion_misses)}"
            for p in self.programs
        ]
        lines += [f"ring {name}: {_lost_shown(ring)}" for name, ring in self.rings.items()]
        lines += [
            f"link {link.program} {link.target}: missed={_shown(link.missed)}"
            for link in self.links
        ]
        return "\n".join(lines)


_RINGS = (BpfMapType.RINGBUF, BpfMapType.PERF_EVENT_ARRAY)


def _shown(number: int | None) -> str:
    return "unknown" if number is None else str(number)


def _lost_shown(ring: RingStats) -> str:
    return str(ring).replace("lost=None", "lost=unknown")


def _since(number: int, major: int, minor: int) -> int | None:
    """Return a count that kernels tell since a version; older ones tell 0 of all."""
    import os
    import re

    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    is_told = release is None or (int(release[1]), int(release[2])) >= (major, minor)
    return number if number or is_told else None


def _of_program(program: BpfProgram) -> ProgramStats | None:
    info = program.info
    if info.id is None:
        return None  # it is not loaded
    missed = _since(info.recursion_misses or 0, 5, 12)
    return ProgramStats(info.name, info.run_cnt or None, info.run_time_ns or None, missed)


def _dropped(ring: BpfMap) -> int | None:
    try:
        return _core._dropped(ring)
    except BpfError:  # what is tagged is no counter: making a reader says so
        return None


def _missed(link: BpfLink) -> int | None:
    try:
        missed = getattr(link.info, "missed", None)
    except BpfError:  # of what the kernel has no link for, or what it ended
        return None
    return None if missed is None else _since(missed, 6, 7)


CLASSES = (Seen, Holder, LoadedBtf, ProgramStats, LinkStats, ObjectStats)
for _class in CLASSES:
    _class.__module__ = "tinybpf"
