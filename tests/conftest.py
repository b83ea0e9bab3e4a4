# SPDX-License-Identifier: MIT
"""Fixtures and rules of all tests; the kernel suite is tests/test_*.py.

The kernel suite runs alone on the machine, on a host that was checked, and each of
its tests must leave neither a descriptor nor a kernel object behind. Tests in the
folders below (meta, runner, wheel, bench) only share the fixtures.
"""

import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from support import gating, host, leaks, traffic

HERE = pathlib.Path(__file__).parent
PASSED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", 'kernel("5.8", "feature", config=...): works from that Linux on'
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == "test_lockdown.py")  # it cannot be undone


def pytest_runtest_setup(item: pytest.Item) -> None:
    gating.skip_if_older(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    outcome = yield
    if call.when == "call":
        report = outcome.get_result()  # type: ignore[attr-defined]
        gating.judge(item, call, report)
        item.stash[PASSED] = report.passed


@pytest.fixture(scope="session")
def kernel_host() -> Iterator[None]:
    """Hold the machine for this suite, and check that the suite can run on it."""
    lacking = host.missing()
    if lacking:
        raise host.HostError(lacking)
    with host.machine_lock():
        yield


@pytest.fixture(scope="session")
def kernel_watch(kernel_host: None) -> Iterator[leaks.Watch]:
    """Watch kernel objects over the whole suite; what never goes away is an error."""
    ids = leaks.KernelIds()
    watch = leaks.Watch(ids)
    yield watch
    late = watch.drain()
    ids.close()
    if late:
        pytest.fail("leaked kernel objects:\n  " + "\n  ".join(late), pytrace=False)


@pytest.fixture(autouse=True)
def no_leak(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a descriptor; watch the kernel objects that it leaves."""
    if request.node.path.parent != HERE:
        yield
        return
    watch: leaks.Watch = request.getfixturevalue("kernel_watch")
    objects_before = watch.ids.now()
    before = leaks.descriptors()
    yield
    if not request.node.stash.get(PASSED, False):
        return  # the traceback of a failed test keeps its objects alive
    beyond = leaks.descriptors_beyond(before)
    objects = watch.ids.now()
    watch.add(request.node.nodeid, objects - objects_before)
    late = watch.leaked(objects)
    if beyond:
        pytest.fail(f"leaked descriptors: {beyond!r}", pytrace=False)
    if late:
        pytest.fail("leaked kernel objects:\n  " + "\n  ".join(late), pytrace=False)


@pytest.fixture
def bpf() -> Callable[[str], pathlib.Path]:
    """Return the function that finds the compiled tests/bpf/<name>.bpf.c."""
    return host.bpf_object


@pytest.fixture
def load(bpf: Callable[[str], pathlib.Path]) -> Iterator[Callable[[str], Any]]:
    """Return a function that loads tests/bpf/<name>; the objects are closed afterwards."""
    import tinybpf

    loaded: list[Any] = []

    def load_named(name: str) -> Any:
        loaded.append(tinybpf.load(bpf(name)))
        return loaded[-1]

    yield load_named
    while loaded:
        loaded.pop().close()


@pytest.fixture
def trigger() -> traffic.Trigger:
    """Return a trigger that only this test's programs answer to."""
    return traffic.Trigger()


@pytest.fixture
def counts(load: Callable[[str], Any]) -> Any:
    """Return the loaded object of counts.bpf.c."""
    return load("counts")


@pytest.fixture
def public_dir() -> Iterator[pathlib.Path]:
    """Return a directory that other users can read too, unlike tmp_path."""
    with tempfile.TemporaryDirectory(prefix="tinybpf-") as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture
def cgroup() -> Iterator[pathlib.Path]:
    """Return an empty cgroup of version 2 of the test's own."""
    from support.objects import cgroup_root

    path = cgroup_root() / f"tinybpf-test-{os.getpid()}"
    path.mkdir()
    yield path
    path.rmdir()
