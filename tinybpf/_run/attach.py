# SPDX-License-Identifier: MIT
"""--attach PROG=KIND:TARGET: one table of the kinds of hooks, and how a target is written."""

from __future__ import annotations

import errno

from tinybpf import BpfError
from tinybpf._run import UsageError, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from tinybpf import BpfLink, BpfObject, BpfProgram

    # A program, the parts of a target, the object: attaches, and returns the link.
    Way = Callable[[BpfProgram, list[str], BpfObject], BpfLink]


def _number(text: str) -> int:
    return int(text, 16 if text.lower().startswith("0x") else 10)


def _function(text: str) -> tuple[str, int]:
    """Return the two sides of FUNCTION+OFFSET."""
    name, plus, offset = text.partition("+")
    return name, _number(offset) if plus else 0


def _kprobe(is_return: bool) -> Way:
    def way(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
        name, offset = _function(parts[0])
        return program.attach_kprobe(name, is_return, offset=offset)

    return way


def _kprobe_multi(is_return: bool) -> Way:
    return lambda program, parts, _: program.attach_kprobe_multi(parts[0], retprobe=is_return)


def _ksyscall(is_return: bool) -> Way:
    return lambda program, parts, _: program.attach_ksyscall(parts[0], is_return)


def _uprobe(is_return: bool) -> Way:
    def way(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
        if parts[1][:1].isdigit():
            return program.attach_uprobe(parts[0], _number(parts[1]), retprobe=is_return)
        name, offset = _function(parts[1])
        return program.attach_uprobe(parts[0], offset, retprobe=is_return, func_name=name)

    return way


def _uprobe_multi(is_return: bool) -> Way:
    def way(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
        return program.attach_uprobe_multi(parts[0], parts[1], retprobe=is_return)

    return way


def _usdt(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    return program.attach_usdt(parts[0], parts[1], parts[2])


def _tracepoint(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    return program.attach_tracepoint(parts[0], parts[1])


def _raw_tracepoint(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    return program.attach_raw_tracepoint(parts[0])


def _own(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    return program.attach_lsm() if program.section.startswith("lsm") else program.attach_trace()


def _perf_event(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    *event, often = parts
    if often.startswith("every="):
        return program.attach_perf_event(":".join(event), period=_number(often[6:]))
    return program.attach_perf_event(":".join(event), freq=_number(often))


def _xdp(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    mode: Any = parts[1] if len(parts) > 1 else None
    return program.attach_xdp(parts[0], mode=mode)


def _tc(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    direction: Any = parts[1]
    return program.attach_tc(parts[0], direction)


def _tcx(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    direction: Any = parts[1] if len(parts) > 1 else None
    return program.attach_tcx(parts[0], direction)


def _netkit(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    direction: Any = parts[1] if len(parts) > 1 else None
    return program.attach_netkit(parts[0], direction)


def _netfilter(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    family: Any = parts[0]
    hook: Any = parts[1]
    priority = int(parts[2]) if len(parts) > 2 else 0  # noqa: PLR2004
    return program.attach_netfilter(family, hook, priority=priority)


def _cgroup(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    return program.attach_cgroup(parts[0])


def _netns(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    return program.attach_netns(parts[0])


def _sockmap(program: BpfProgram, parts: list[str], obj: BpfObject) -> BpfLink:
    return program.attach_sockmap(obj.maps[parts[0]])


def _lirc(program: BpfProgram, parts: list[str], _: BpfObject) -> BpfLink:
    return program.attach_lirc(parts[0])


# Kind: (how, its target as --help shows it, how many parts a target has at least, at most).
# Those before the last of several parts may hold colons themselves.
KINDS: dict[str, tuple[Way, str, int, int]] = {
    "kprobe": (_kprobe(False), "FUNCTION[+OFFSET]", 1, 1),
    "kretprobe": (_kprobe(True), "FUNCTION", 1, 1),
    "kprobe.multi": (_kprobe_multi(False), "PATTERN", 1, 1),
    "kretprobe.multi": (_kprobe_multi(True), "PATTERN", 1, 1),
    "ksyscall": (_ksyscall(False), "NAME", 1, 1),
    "kretsyscall": (_ksyscall(True), "NAME", 1, 1),
    "fentry": (_own, "FUNCTION", 1, 1),
    "fexit": (_own, "FUNCTION", 1, 1),
    "fmod_ret": (_own, "FUNCTION", 1, 1),
    "tp_btf": (_own, "NAME", 1, 1),
    "lsm": (_own, "HOOK", 1, 1),
    "tracepoint": (_tracepoint, "CATEGORY:NAME", 2, 2),
    "raw_tracepoint": (_raw_tracepoint, "NAME", 1, 1),
    "uprobe": (_uprobe(False), "BINARY:FUNCTION[+OFFSET] or BINARY:OFFSET", 2, 2),
    "uretprobe": (_uprobe(True), "BINARY:FUNCTION", 2, 2),
    "uprobe.multi": (_uprobe_multi(False), "BINARY:PATTERN", 2, 2),
    "uretprobe.multi": (_uprobe_multi(True), "BINARY:PATTERN", 2, 2),
    "usdt": (_usdt, "BINARY:PROVIDER:NAME", 3, 3),
    "perf_event": (_perf_event, "EVENT:HERTZ or EVENT:every=N", 2, 8),
    "xdp": (_xdp, "INTERFACE[:skb|driver|hw]", 1, 2),
    "tc": (_tc, "INTERFACE:ingress|egress", 2, 2),
    "tcx": (_tcx, "INTERFACE[:ingress|egress]", 1, 2),
    "netkit": (_netkit, "INTERFACE[:primary|peer]", 1, 2),
    "netfilter": (_netfilter, "ipv4|ipv6:HOOK[:PRIORITY]", 2, 3),
    "cgroup": (_cgroup, "PATH", 1, 1),
    "netns": (_netns, "PATH", 1, 1),
    "sockmap": (_sockmap, "MAP", 1, 1),
    "lirc": (_lirc, "PATH", 1, 1),
}
# Kinds whose target must be known before the program is loaded.
BEFORE_LOAD = ("fentry", "fexit", "fmod_ret", "tp_btf", "lsm")
ITERATORS = ("iter", "iter.s")


class Attachment:
    """One --attach: the program, the kind and the target."""

    def __init__(self, obj: BpfObject, name: str, text: str) -> None:
        from tinybpf._run.options import nearest

        kind, _, target = text.partition(":")
        self.option = f"--attach {name}={text}"
        if name not in obj.programs:
            near = nearest(name, list(obj.programs), "")
            there = ", ".join(obj.programs)
            raise UsageError(
                f"{self.option}: there is no program '{name}'{near} (there are {there})"
            )
        if kind not in KINDS:
            near = nearest(kind, list(KINDS), "")
            raise UsageError(
                f"{self.option}: there is no kind '{kind}'{near} (there are {', '.join(KINDS)})"
            )
        self.way, shown, least, most = KINDS[kind]
        self.parts = _parts(target, most)
        if len(self.parts) < least or not all(self.parts):
            raise UsageError(f"{self.option}: the target of {kind} is {shown}")
        self.name = name
        program = obj.programs[name]
        program.autoload, program.autoattach = True, False
        if kind in BEFORE_LOAD:
            made_for = program.section.partition("/")[0].partition(".")[0]
            if made_for.lstrip("?") != kind:
                raise UsageError(
                    f"{self.option}: program '{name}' is made for {program.section}"
                )
            program.set_attach_target(self.parts[0])

    def attach(self, obj: BpfObject) -> BpfLink:
        """Attach the program of the loaded object."""
        try:
            return self.way(obj.programs[self.name], self.parts, obj)
        except (KeyError, TypeError, ValueError) as error:
            message = error.args[0] if error.args else error
            raise UsageError(f"{self.option}: {message}") from None


def _parts(target: str, most: int) -> list[str]:
    """Return the parts of a target; a tracepoint's may be divided by a slash."""
    return target.rsplit(":", most - 1) if target else []


def iterators(obj: BpfObject) -> list[str]:
    """Return the names of the programs that are asked once, as they are attached.

    The object is not loaded yet: its own attach() leaves them out.
    """
    found = [
        p
        for p in obj.programs.values()
        if p.autoload and p.autoattach and p.section.partition("/")[0] in ITERATORS
    ]
    for program in found:
        program.autoattach = False
    return [program.name for program in found]


def attach_all(obj: BpfObject, attachments: list[Attachment], is_all: bool) -> list[BpfLink]:
    """Attach what the command line says, and all else that attaches itself.

    Args:
        obj: the loaded object.
        attachments: of the command line.
        is_all: whether something must be attached here, for nothing else is.
    """
    links: list[BpfLink] = []
    rest = [p for p in obj.programs.values() if p.autoload and p.autoattach]
    try:
        for one in attachments:
            links.append(one.attach(obj))
        idle = _attach_rest(obj, rest, links)
    except BaseException:
        for link in reversed(links):
            link.close()
        raise
    if is_all and not links:
        raise BpfError(
            f"nothing of {obj.path} is attached: no section says where. Say it by "
            f"--attach PROG=KIND:TARGET (programs: {_named(obj.programs.values()) or 'none'})"
        )
    if idle:
        tell(f"not attached, for their sections do not say where: {_named(idle)}; see --attach")
    return links


def _named(programs: Iterable[BpfProgram]) -> str:
    return ", ".join(f"{p.name} ({p.section})" for p in programs)


def _attach_rest(
    obj: BpfObject, rest: list[BpfProgram], links: list[BpfLink]
) -> list[BpfProgram]:
    """Attach what attaches itself, into links; return the programs that do not."""
    idle = []
    for program in rest:
        if _is_of_struct_ops(program):
            continue
        try:
            links.append(program.attach())
        except BpfError as error:
            if type(error) is not BpfError or error.errno != errno.EOPNOTSUPP:
                raise
            idle.append(program)
    if any(map(_is_of_struct_ops, rest)):
        for each in _struct_ops(obj):
            links.append(each.attach_struct_ops())
    return idle


def _is_of_struct_ops(program: BpfProgram) -> bool:
    """Tell whether a program is attached with the map that it stands in."""
    return program.section.partition("/")[0].partition(".")[0] == "struct_ops"


def _struct_ops(obj: BpfObject) -> list[Any]:
    """Return the struct_ops that attach themselves."""
    from tinybpf import BpfMapType

    wanted = (m for m in obj.maps.values() if m.type == BpfMapType.STRUCT_OPS)
    return [m for m in wanted if m.autocreate and m.autoattach]
