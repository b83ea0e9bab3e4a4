# SPDX-License-Identifier: MIT
"""The machine: held by one suite at a time, checked once, and watched for what is left."""

from collections.abc import Iterator

import pytest

from support import gating, host, leaks


@pytest.fixture(scope="session")
def kernel_host() -> Iterator[None]:
    """Hold the machine for this suite, and check that the suite can run on it."""
    lacking = host.missing()
    if lacking:
        raise host.HostError(lacking)
    with host.machine_lock(), host.quick_grace_periods():
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


@pytest.fixture
def no_leak(request: pytest.FixtureRequest, kernel_watch: leaks.Watch) -> Iterator[None]:
    """Fail a test that leaves a descriptor; watch the kernel objects that it leaves."""
    objects_before = kernel_watch.ids.now()
    before = leaks.descriptors()
    yield
    if not request.node.stash.get(gating.PASSED, False):
        return  # the traceback of a failed test keeps its objects alive
    beyond = leaks.descriptors_beyond(before)
    objects = kernel_watch.ids.now()
    kernel_watch.add(request.node.nodeid, objects - objects_before)
    late = kernel_watch.leaked(objects)
    if beyond:
        pytest.fail(f"leaked descriptors: {beyond!r}", pytrace=False)
    if late:
        pytest.fail("leaked kernel objects:\n  " + "\n  ".join(late), pytrace=False)
