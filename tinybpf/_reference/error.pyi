# SPDX-License-Identifier: MIT
"""What is raised."""

from collections.abc import Iterable

class BpfError(Exception):
    """An operation on a BPF object failed."""

    errno: int
    libbpf_log: str
    def __init__(self, message: str = ..., errno: int = 0, libbpf_log: str = "") -> None: ...

class BpfVerifierError(BpfError):
    """The kernel's verifier rejected a program."""

class BpfRelocationError(BpfError):
    """A CO-RE relocation found no match in this kernel's types."""

class BpfNotSupportedError(BpfError):
    """This kernel, or its configuration, lacks what was asked for."""

class BpfPermissionError(BpfError, PermissionError):  # type: ignore[misc]
    """The process lacks a privilege that the kernel asks for."""

class BpfClosedError(BpfError):
    """The handle, or the object that it belongs to, was closed."""

class BtfValidationError(BpfError, ValueError):
    """A Python class does not fit the type of C that BTF tells.

    What would fit stands in `.suggestions`: names that come near one that was not
    found, or what to change in the class and at the end the declaration that fits.
    """

    suggestions: list[str]
    def __init__(
        self,
        message: str = ...,
        suggestions: Iterable[str] | None = None,
        errno: int = 0,
        libbpf_log: str = "",
    ) -> None: ...
