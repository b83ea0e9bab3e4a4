# SPDX-License-Identifier: MIT
"""Tries of prefixes: networks as keys, in all the forms that Python has for them."""

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

import tinybpf
from support.objects import Load
from tinybpf import BpfMap, BpfMapType

NET = b"\x08\0\0\0\x0a\0\0\0"  # 10.0.0.0/8
HOST = b"\x20\0\0\0\x0a\x01\x02\x03"  # 10.1.2.3/32


@pytest.fixture
def trie(load: Load) -> tinybpf.BpfMap:
    """Return an empty trie of IPv4 prefixes -> u64."""
    return load("kinds").maps["lpm"]


@pytest.fixture
def trie6() -> Iterator[BpfMap]:
    """Return an empty trie of IPv6 prefixes -> 4 bytes."""
    with BpfMap.create(
        BpfMapType.LPM_TRIE, key_size=20, value_size=4, max_entries=8
    ) as created:
        yield created


FORMS = {
    "text": ("10.0.0.0/8", NET),
    "host text": ("10.1.2.3", HOST),
    "everything": ("0.0.0.0/0", bytes(8)),
    "network": (ipaddress.ip_network("10.0.0.0/8"), NET),
    "address": (ipaddress.ip_address("10.1.2.3"), HOST),
    "interface": (ipaddress.ip_interface("10.1.2.3/8"), NET),
    "pair": ((8, b"\x0a\0\0\0"), NET),
    "short pair": ((8, b"\x0a"), NET),
    "bytes": (NET, NET),
    "bytearray": (bytearray(NET), NET),
}


@pytest.mark.parametrize(("key", "raw"), FORMS.values(), ids=FORMS.keys())
def test_every_form_of_a_key_means_the_same(trie: BpfMap, key: Any, raw: bytes) -> None:
    """The key in the kernel is the length and the bytes in network order."""
    trie[key] = 5
    assert list(trie) == [raw]
    assert trie[raw] == trie[key] == trie.lookup(key) == 5
    assert key in trie
    assert trie.pop(key) == 5
    trie.update({key: 6} if not isinstance(key, bytearray) else [(key, 6)])
    assert trie.delete_many([key]) == 1
    assert len(trie) == 0


def test_lookup_finds_the_longest_prefix(trie: BpfMap) -> None:
    """Addresses as text, and networks, are matched by the kernel."""
    trie.update({"10.0.0.0/8": 8, "10.1.0.0/16": 16, "0.0.0.0/0": 0})
    assert [trie[a] for a in ("10.2.3.4", "10.1.3.4", "11.0.0.1")] == [8, 16, 0]
    assert trie[ipaddress.ip_network("10.1.2.0/24")] == 16
    del trie["0.0.0.0/0"]
    assert trie.get("11.0.0.1") is None


def test_network_is_the_way_back(trie: BpfMap) -> None:
    """Keys are bytes, as of other maps; network() makes networks of them."""
    networks = {ipaddress.ip_network(n): i for i, n in enumerate(["10.0.0.0/8", "10.1.2.3"])}
    trie.update(networks)
    assert {trie.network(key): value for key, value in trie.items()} == networks
    assert trie.network("10.0.0.0/8") == ipaddress.ip_network("10.0.0.0/8")
    trie[b"\x08\0\0\0\x0a\x01\x02\x03"] = 1  # host bits that the kernel keeps
    assert {str(trie.network(key)) for key in trie} == {"10.0.0.0/8", "10.1.2.3/32"}


def test_trie_of_ipv6(trie6: BpfMap) -> None:
    """IPv6 networks fit into keys of 20 bytes."""
    for key in ("2001:db8::/32", ipaddress.ip_network("2001:db8:1::/48"), "::/0"):
        trie6[key] = str(key)[:4].encode().ljust(4)
    assert trie6["2001:db8:2::1"] == b"2001"
    assert trie6["::1"] == b"::/0"
    networks = {str(trie6.network(key)) for key in trie6}
    assert networks == {"2001:db8::/32", "2001:db8:1::/48", "::/0"}


WRONG = [
    ("10.0.0.1/8", ValueError, "host bits"),
    ("10.0.0.0/33", ValueError, "length"),
    ("10.0.0.0/", ValueError, "length"),
    ("10.0.0.0/8x", ValueError, "length"),
    ("10.0.0/8", ValueError, "should look like"),
    ("example.org", ValueError, "should look like"),
    ("1" * 100, ValueError, "too long"),
    ("2001:db8::/32", ValueError, "IPv6 network has 16 bytes.*'lpm' 4"),
    (ipaddress.ip_network("::/0"), ValueError, "IPv6 network"),
    ((33, b"\x0a\0\0\0"), ValueError, "up to 32 bits"),
    ((-1, b"\x0a\0\0\0"), ValueError, "up to 32 bits"),
    ((2**70, b"\x0a\0\0\0"), ValueError, "up to 32 bits"),
    ((8, bytes(5)), ValueError, "up to 32 bits"),
    (NET[:7], ValueError, "Key size mismatch"),
    (5, TypeError, "Cannot convert"),
    (None, TypeError, "Cannot convert"),
]


@pytest.mark.parametrize(("key", "error", "match"), WRONG)
def test_what_is_no_network_is_refused(
    trie: BpfMap, key: Any, error: type[Exception], match: str
) -> None:
    """Each mistake has its own words, and nothing is set."""
    with pytest.raises(error, match=match):
        trie[key] = 1
    assert len(trie) == 0


def test_trie_of_other_sizes() -> None:
    """Prefixes of any length are pairs or bytes; they are no networks."""
    with BpfMap.create(
        BpfMapType.LPM_TRIE, key_size=4 + 6, value_size=1, max_entries=4
    ) as trie:
        trie[24, b"\x00\x16\x3e"] = b"x"  # the vendor of a MAC address
        assert trie[48, b"\x00\x16\x3e\x01\x02\x03"] == b"x"
        assert list(trie) == [b"\x18\0\0\0\x00\x16\x3e\0\0\0"]
        with pytest.raises(tinybpf.BpfError, match="network"):
            trie.network(next(iter(trie)))


def test_network_is_for_tries(load: Load) -> None:
    """Other maps have no networks."""
    with pytest.raises(tinybpf.BpfError, match=r"network.*LPM tries"):
        load("kinds").maps["hash"].network(1)
