# SPDX-License-Identifier: MIT
"""TINYBPF_SHARE=2/3 runs every third test from the second one on.

That many machines run a suite in a fraction of its time (./dev vm). What is shared out
are single tests in their order, so that neighbours, which take about the same time, go to
different machines. Modules whose tests use one set-up go to one, which makes it.
"""

import os

import pytest

VARIABLE = "TINYBPF_SHARE"


def of(text: str) -> slice:
    """Return which of all tests a share is; raises UsageError if there is no such."""
    number, _, count = text.partition("/")
    if not (number + count).isdecimal() or not 1 <= int(number) <= int(count or 0):
        raise pytest.UsageError(f"{VARIABLE}={text}: write 1/2 or 2/2")
    return slice(int(number) - 1, None, int(count))


WANTED = pytest.StashKey[slice]()


def pytest_configure(config: pytest.Config) -> None:
    # The suites that tests run are theirs.
    config.stash[WANTED] = of(os.environ.pop(VARIABLE, "1/1"))


def unit(item: pytest.Item) -> str:
    """Return the same for tests that are to be on one machine."""
    is_shared = isinstance(item, pytest.Function) and any(
        found[-1].scope == "module" for found in item._fixtureinfo.name2fixturedefs.values()
    )
    return str(item.path) if is_shared else item.nodeid


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(unit(item), []).append(item)
    mine = [item for one in list(units.values())[config.stash[WANTED]] for item in one]
    if len(mine) < len(items):
        kept = set(mine)
        others = [item for item in items if item not in kept]
        config.hook.pytest_deselected(items=others)
        items[:] = mine
