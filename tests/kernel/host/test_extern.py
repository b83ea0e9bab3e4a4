# SPDX-License-Identifier: MIT
"""Externs that this kernel does not have: their names, the nearest, and what to do."""

import pathlib
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.14", "syscall")


def refusal(path: pathlib.Path, **kwargs: Any) -> str:
    """Return what the error of a load says, less libbpf's own lines."""
    with pytest.raises(tinybpf.BpfError) as caught:
        tinybpf.load(path, **kwargs).close()
    said, _, log = str(caught.value).partition("\nlibbpf output:\n")
    assert log
    assert "No such process" not in said
    assert "Invalid argument" not in said
    return said


def test_option_that_is_not_set_says_how_to_give_it(bpf: Find) -> None:
    """The kernel's configuration lacks it, or is not shown: kconfig= or __weak."""
    said = refusal(bpf("no_option"))
    assert "failed: CONFIG_NO_SUCH_NUMBER is not set in this kernel's configuration" in said
    assert "\n  give it by kconfig='CONFIG_NO_SUCH_NUMBER=...', or declare it" in said
    assert "__weak" in said


def test_option_that_is_given_is_enough(bpf: Find) -> None:
    """With kconfig= the object loads, and the program has the number."""
    with tinybpf.load(bpf("no_option"), kconfig="CONFIG_NO_SUCH_NUMBER=12\n") as obj:
        assert obj.programs["look"].test_run().retval == 12


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("CONFIG_NO_SUCH_NUMBER=lots", "value 'lots' isn't a valid integer"),
        ("CONFIG_NO_SUCH_NUMBER=99999999999", "doesn't fit in 4 bytes"),
        ("CONFIG_NO_SUCH_NUMBER", "no separator"),
    ],
)
def test_wrong_line_of_kconfig_is_told(bpf: Find, line: str, why: str) -> None:
    """What is wrong with kconfig= stands in the first line."""
    first, what_to_do = refusal(bpf("no_option"), kconfig=line).split("\n")
    assert "failed: kconfig= cannot be used: " in first
    assert why in first
    assert "NAME=VALUE" in what_to_do


@pytest.mark.parametrize(
    ("name", "noun", "wrong", "nearest"),
    [
        ("no_symbol", "symbol", "bpf_prgo_put", "bpf_prog_put"),
        ("no_kfunc", "kfunc", "bpf_mpa_put", "bpf_map_put"),
    ],
)
def test_misspelt_symbol_names_the_nearest(
    bpf: Find, name: str, noun: str, wrong: str, nearest: str
) -> None:
    """A symbol or kfunc that this kernel lacks: the nearest, and how to do without."""
    first, near, what_to_do = refusal(bpf(name)).split("\n")
    assert first.endswith(f"failed: this kernel has no {noun} '{wrong}'")
    assert near == f"  nearest: '{nearest}'"
    assert "__ksym __weak" in what_to_do
    assert "bpf_ksym_exists()" in what_to_do
