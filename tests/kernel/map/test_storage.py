# SPDX-License-Identifier: MIT
"""Storages: values that belong to a socket, a file, a process, a cgroup."""

import os
import pathlib
import socket
import subprocess
import sys
from typing import Any

import pytest

import tinybpf
from support.gating import kernel
from support.objects import Load
from tinybpf import BpfMap, BpfMapType

STORAGES = ["SK_STORAGE", "INODE_STORAGE", "TASK_STORAGE"]


def use(storage: tinybpf.BpfMap, key: Any) -> None:
    """Set, read and delete the value of a key."""
    assert storage.lookup(key) is None
    storage[key] = 7
    assert storage[key] == 7
    assert key in storage
    storage.update({key: 8})
    assert storage.get(key) == 8
    assert storage.pop(key) == 8
    with pytest.raises(KeyError):
        del storage[key]


@kernel("5.11", "values of storages")
def test_socket_is_a_key(load: Load) -> None:
    """A socket, or its descriptor, is the key."""
    storage = load("storages").maps["of_socket"]
    with socket.socket() as one, socket.socket() as other:
        use(storage, one)
        use(storage, other.fileno())
        storage[one] = 1
        assert other not in storage


@kernel("5.11", "values of storages", config="CONFIG_BPF_LSM")
def test_file_is_a_key(load: Load, tmp_path: pathlib.Path) -> None:
    """An open file, a path or a descriptor is the key; all mean the same file."""
    storage = load("storages").maps["of_inode"]
    path = tmp_path / "file"
    with path.open("w") as file:
        for key in (file, path, str(path), file.fileno()):
            use(storage, key)
        storage[file] = 5
        assert storage[path] == 5
    with pytest.raises(FileNotFoundError, match="nosuchfile"):
        storage[tmp_path / "nosuchfile"]


@kernel("5.11", "values of storages")
def test_process_is_a_key(load: Load) -> None:
    """A pidfd, or an object with a pid, is the key."""
    storage = load("storages").maps["of_task"]
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child:
        use(storage, child)
        storage[child] = 3
        own = os.pidfd_open(os.getpid())
        use(storage, own)
        os.close(own)
        assert storage[child] == 3
        child.communicate(b"\n")
    with pytest.raises(ProcessLookupError):
        storage[child]


@kernel("6.2", "values of storages")
def test_cgroup_is_a_key(cgroup: pathlib.Path) -> None:
    """The folder of a cgroup is the key."""
    with BpfMap.create(BpfMapType.CGRP_STORAGE, value_size=4) as storage:
        storage[cgroup] = b"1234"
        assert storage[str(cgroup)] == b"1234"
        with cgroup_fd(cgroup) as fd:
            assert storage[fd] == b"1234"
        del storage[cgroup]


class cgroup_fd:
    """A descriptor of a folder."""

    def __init__(self, path: pathlib.Path) -> None:
        """Open it."""
        self.fd = os.open(path, os.O_RDONLY)

    def __enter__(self) -> int:
        """Return the descriptor."""
        return self.fd

    def __exit__(self, *exc: object) -> None:
        """Close it."""
        os.close(self.fd)


@pytest.mark.parametrize("kind", STORAGES)
@kernel("5.11", "values of storages")
def test_storage_is_created_by_size(kind: str, tmp_path: pathlib.Path) -> None:
    """create() gives the kernel the types that it wants for a storage."""
    with BpfMap.create(BpfMapType[kind], value_size=12, name="mine") as storage:
        assert (storage.key_size, storage.value_size) == (4, 12)
        with socket.socket() as sock, open(tmp_path / "file", "w") as file:
            own = os.pidfd_open(os.getpid())
            key = {"SK": sock.fileno(), "IN": file.fileno()}.get(kind[:2], own)
            storage[key] = b"twelve bytes"
            assert storage[key] == b"twelve bytes"
            os.close(own)


@pytest.mark.parametrize("name", ["of_socket", "of_inode", "of_task"])
@kernel("5.11", "storages")
def test_storage_cannot_be_listed(load: Load, name: str) -> None:
    """The kernel has no list of who has a value; the error says so."""
    storage = load("storages").maps[name]
    for walk in (list, len, dict, lambda m: m.items(), lambda m: m.clear()):
        with pytest.raises(tinybpf.BpfNotSupportedError, match="does not list the keys"):
            walk(storage)


@kernel("5.11", "storages")
def test_other_keys_are_refused(load: Load) -> None:
    """What has no descriptor is a TypeError; a wrong descriptor the kernel's error."""
    maps = load("storages").maps
    for name in ("of_socket", "of_task"):
        with pytest.raises(TypeError, match="Cannot convert"):
            maps[name][1.5]
        with pytest.raises(ValueError, match="not a descriptor"):
            maps[name][-1]
    with open("/dev/null") as file, pytest.raises(tinybpf.BpfError, match="of_socket"):
        maps["of_socket"][file]
