# SPDX-License-Identifier: MIT
"""What programs of the network return: enums, and their members as names of the module."""

import enum

import pytest

import tinybpf
from support import child
from support.gating import kernel

# The enum, how the kernel calls it, what its members begin with there.
ENUMS = {
    "XdpAction": ("xdp_action", "XDP_"),
    "TcxAction": ("tcx_action_base", "TCX_"),
    "NetkitAction": ("netkit_action", "NETKIT_"),
    "SkAction": ("sk_action", "SK_"),
    "BpfRetCode": ("bpf_ret_code", "BPF_"),
}
PREFIXES = {**{name: row[1] for name, row in ENUMS.items()}, "TcAction": "TC_ACT_"}
PREFIXES["NfVerdict"] = "NF_"


@pytest.mark.parametrize("name", sorted(ENUMS))
@kernel("5.4", "kernel BTF", config="CONFIG_DEBUG_INFO_BTF")
def test_members_are_those_of_the_running_kernel(name: str) -> None:
    """What both the kernel and the enum name has one value, and nothing is left out."""
    in_kernel, prefix = ENUMS[name]
    vmlinux = tinybpf.Btf.kernel()
    ours = {prefix + str(m.name): m.value for m in getattr(tinybpf, name)}
    if f"enum {in_kernel}" not in vmlinux:
        pytest.skip(f"this kernel has no enum {in_kernel}")
    theirs = {n: v for n, v in vmlinux[f"enum {in_kernel}"].values if not n.startswith("__")}
    both = ours.keys() & theirs.keys()
    assert {n: ours[n] for n in both} == {n: theirs[n] for n in both}
    assert "BPF_OK" in both or theirs.keys() <= ours.keys()


@pytest.mark.parametrize("name", sorted(PREFIXES))
def test_each_member_is_a_name_of_the_package(name: str) -> None:
    """tinybpf.XDP_DROP is XdpAction.DROP, and a number."""
    kind = getattr(tinybpf, name)
    assert issubclass(kind, enum.IntEnum)
    for member in kind:
        assert getattr(tinybpf, PREFIXES[name] + member.name) is member
        assert PREFIXES[name] + member.name in tinybpf.__all__


def test_values_that_people_know() -> None:
    """The names mean what manuals say."""
    assert (tinybpf.XDP_DROP, tinybpf.XDP_PASS) == (1, 2)
    assert (tinybpf.TC_ACT_UNSPEC, tinybpf.TC_ACT_OK, tinybpf.TC_ACT_SHOT) == (-1, 0, 2)
    assert (tinybpf.TCX_NEXT, tinybpf.TCX_DROP) == (-1, 2)
    assert (tinybpf.SK_DROP, tinybpf.SK_PASS) == (0, 1)
    assert (tinybpf.NF_DROP, tinybpf.NF_ACCEPT) == (0, 1)


@pytest.mark.parametrize("name", ["XDP_", "XDP_NOTHING", "TC_ACT", "SK_drop", "BPF_NOTHING"])
def test_what_is_no_member_is_no_name(name: str) -> None:
    """Names that only begin like a member are an AttributeError."""
    with pytest.raises(AttributeError, match=name):
        getattr(tinybpf, name)
    with pytest.raises(ImportError):
        exec(f"from tinybpf import {name}", {})


def test_import_does_not_wait_for_them() -> None:
    """The enums are made when the first member is asked for."""
    lines = child.output(
        """
        import sys
        had = set(sys.modules)
        import tinybpf
        print("enum" in set(sys.modules) - had, tinybpf.XDP_TX.value, repr(tinybpf.XDP_TX))
        """
    )
    assert lines == "False 3 <XdpAction.TX: 3>\n"
