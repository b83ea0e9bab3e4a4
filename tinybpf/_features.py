# SPDX-License-Identifier: MIT
"""What the running kernel has and how this host is set up: `tinybpf.features`.

Imported when it is asked for: importing dataclasses takes its time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tinybpf import BpfAttachType, BpfError, BpfMapType, BpfProgType, _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    _Names = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Feature:
    """Whether this kernel has something that BPF objects use.

    Its truth is `supported`; where that is None, bool() raises BpfError: a program that
    goes on without knowing says so, by `feature.supported is not False`.

    Attributes:
        name: as it is called, such as 'RINGBUF'.
        supported: None if the kernel does not say, to this process.
        reason: why not, or why nobody can tell; '' if it is plain.
        since: the first Linux that has it, such as '5.8'; None if that is not known.
    """

    name: str
    supported: bool | None
    reason: str
    since: str | None

    def __bool__(self) -> bool:
        """Tell whether it is supported; BpfError if nobody can tell."""
        if self.supported is None:
            raise BpfError(f"cannot tell whether this kernel has {self.name}: {self.reason}")
        return self.supported


@dataclass(frozen=True)
class KernelFacts:
    """How this host is set up, as far as BPF is concerned: `features.kernel`.

    None stands for what cannot be read here, as where /proc or /sys is not mounted.

    Attributes:
        release: of the kernel, such as '6.1.0-32-amd64'.
        machine: such as 'x86_64'.
        btf: whether the kernel's types are at /sys/kernel/btf/vmlinux.
        jit: whether programs are compiled.
        unprivileged_bpf_disabled: the sysctl: 0 lets everybody load some programs.
        perf_event_paranoid: the sysctl.
        lockdown: 'none', 'integrity' or 'confidentiality'.
        lsm: security modules in their order; 'bpf' is there if LSM programs run.
        memcg_accounting: whether maps count as memory of the cgroup (5.11), and not
            against RLIMIT_MEMLOCK.
        token: whether there are BPF tokens (6.9).
        lacking: capabilities that BPF may ask for and this process has not.
        user_namespace: whether this process is in one of its own.
        seccomp: whether a filter is on its system calls.
        mounts: by file system (bpffs, tracefs, cgroup2, securityfs, sysfs, proc) the
            path of its mount, or None.
        read_only: those mounts that cannot be written.
    """

    release: str
    machine: str
    btf: bool
    jit: bool | None
    unprivileged_bpf_disabled: int | None
    perf_event_paranoid: int | None
    lockdown: str | None
    lsm: tuple[str, ...] | None
    memcg_accounting: bool | None
    token: bool | None
    lacking: tuple[str, ...]
    user_namespace: bool | None
    seccomp: bool | None
    mounts: Mapping[str, str | None]
    read_only: tuple[str, ...]


class FeatureTable(Mapping[str, Feature]):
    """Features of one kind by their names; asked for when they are looked up, and kept."""

    def __init__(self, kind: str, noun: str, names: _Names, prefixes: tuple[str, ...]) -> None:
        self._kind, self._noun = kind, noun
        self._names, self._prefixes = names, prefixes
        self._known: dict[str, Feature] = {}

    def __getitem__(self, name: str | int) -> Feature:
        """Return the feature of a name, in its short or full form, or of an enum's member."""
        key = self._find(name)
        if key not in self._known:
            feature = Feature(key, *_core._feature(self._kind, *self._names[key]))
            if feature.supported is None:
                return feature  # another time the process may have more privileges
            self._known[key] = feature
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<{len(self)} {self._noun}s>"

    def _find(self, name: str | int) -> str:
        """Return the name in the table; KeyError with the nearest one."""
        if isinstance(name, int):
            numbers = {args[0]: key for key, args in self._names.items()}
            if name in numbers:
                return numbers[name]
            raise KeyError(f"no {self._noun} has the number {int(name)}")
        wanted = str(name)
        for prefix in ("", *self._prefixes):
            short = wanted[len(prefix) :] if wanted.startswith(prefix) else ""
            for key in (short, short.upper(), short.lower()):
                if key in self._names:
                    return key
        from difflib import get_close_matches

        spelt = wanted if wanted in self._names else wanted.rpartition("TYPE_")[2]
        near = get_close_matches(spelt.upper(), [key.upper() for key in self._names], 1)
        found = [key for key in self._names if key.upper() in near]
        hint = f"; did you mean {found[0]!r}?" if found else ""
        raise KeyError(f"{self._noun} {wanted!r} is unknown{hint}")


class _HookTable(FeatureTable):
    """Kinds of hook; an enum's member of its attach types stands for a hook as well."""

    def _find(self, name: str | int) -> str:
        types = _core._feature_names()[1]
        if not isinstance(name, int):
            bare = name[4:] if name.startswith("BPF_") else name
            member = BpfAttachType.__members__.get(bare)
            if member is None or name in types:
                return super()._find(name)
            name = member
        for hook, numbers in types.items():
            if int(name) in numbers:
                return hook
        raise KeyError(f"no hook has the attach type {name!r}")


class _KfuncTable:
    """Functions of the kernel that programs may call, by name."""

    def __init__(self) -> None:
        self._known: dict[str, Feature] = {}

    def __getitem__(self, name: str) -> Feature:
        """Return whether this kernel, or a module that is loaded, has a kfunc of that name."""
        if name not in self._known:
            feature = Feature(name, *_core._feature("kfunc", 0, 0, name))
            if feature.supported is not True:
                return feature  # a module may come
            self._known[name] = feature
        return self._known[name]

    def __repr__(self) -> str:
        return "<kfuncs>"


class _HelperTables(Mapping[str, FeatureTable]):
    """The helpers that programs may call, by the type of program."""

    def __init__(self, program_types: FeatureTable) -> None:
        self._types = program_types
        self._tables: dict[str, FeatureTable] = {}

    def __getitem__(self, name: str | int) -> FeatureTable:
        """Return the helpers of a type of program."""
        key = self._types._find(name)
        if key not in self._tables:
            number = self._types._names[key][0]
            numbers = _core._feature_names()[0].items()
            names: _Names = {helper: (number, id) for helper, id in numbers}
            table = FeatureTable("helper", "helper", names, ("bpf_", "BPF_FUNC_"))
            self._tables[key] = table
        return self._tables[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


def _types(enum: Any) -> _Names:
    """Return the members of an enum of types by name, less the one that stands for none."""
    return {m.name: (int(m),) for m in enum if int(m) != 0}


def _number(path: str) -> int | None:
    """Return the number in a file of the kernel's; None if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


class Features:
    """What the running kernel has, asked for when it is looked up: `tinybpf.features`.

        if tinybpf.features.map_types["RINGBUF"]:
            ...
        tinybpf.features.attach_kinds["kprobe.multi"].reason

    A "no" is said only where the kernel could have said "yes": without privileges, or
    behind a seccomp filter, `supported` is None. Answers are kept until `forget()`.

    Attributes:
        map_types: by the names of BpfMapType.
        program_types: by the names of BpfProgType.
        helpers: by type of program: `helpers["XDP"]["bpf_redirect"]`.
        attach_kinds: kinds of hook, as sections begin: 'kprobe.multi', 'tcx'; a
            BpfAttachType stands for its kind.
        kfuncs: any name.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Ask anew from now on, as after a module was loaded."""
        hooks: _Names = {name: (0, 0, name) for name in _core._feature_names()[1]}
        self.map_types = FeatureTable("map", "map type", _types(BpfMapType), ("BPF_MAP_TYPE_",))
        self.program_types = FeatureTable(
            "program", "program type", _types(BpfProgType), ("BPF_PROG_TYPE_",)
        )
        self.helpers = _HelperTables(self.program_types)
        self.attach_kinds = _HookTable("hook", "attach kind", hooks, ())
        self.kfuncs = _KfuncTable()

    @property
    def token(self) -> Feature:
        """Whether the kernel has BPF tokens, which delegate rights to user namespaces."""
        return Feature("BPF token", *_core._feature("token"))

    @property
    def kernel(self) -> KernelFacts:
        """How this host is set up, read anew each time."""
        said, system = _core._facts(), os.uname()
        mounts = said["mounts"]
        jit = _number("/proc/sys/net/core/bpf_jit_enable")
        modules = said["lsm"].split(",") if said["lsm"] else None
        unlocked = None if mounts["securityfs"] is None else "none"
        helpers = self.helpers["SOCKET_FILTER"]
        return KernelFacts(
            release=system.release,
            machine=system.machine,
            btf=said["btf"],
            jit=None if jit is None else jit > 0,
            unprivileged_bpf_disabled=_number("/proc/sys/kernel/unprivileged_bpf_disabled"),
            perf_event_paranoid=said["perf_event_paranoid"],
            lockdown=said["lockdown"] or unlocked,
            lsm=None if modules is None else tuple(modules),
            # the helper and the accounting came with the same version, and are carried
            # back together (probe_memcg_account, libbpf)
            memcg_accounting=helpers["ktime_get_coarse_ns"].supported,
            token=self.token.supported,
            lacking=tuple(said["lacking"].replace(" and ", ", ").split(", "))
            if said["lacking"]
            else (),
            user_namespace=said["user_namespace"],
            seccomp=said["seccomp"],
            mounts={name: place and place[0] for name, place in mounts.items()},
            read_only=tuple(n for n, place in mounts.items() if place and not place[1]),
        )


features = Features()
