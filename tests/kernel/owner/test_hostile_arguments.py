# SPDX-License-Identifier: MIT
"""Whatever is given to whatever is public: an exception, and never a crash or a leak.

Values close, raise, collect garbage or call again while they are asked for something; a
signal ends what waits. The calls are found by looking, so new methods are among them.
"""

import os

import pytest

from support import child
from support.objects import Find

# One call of so many is made, others in each version of Python, more of them nightly; all,
# where the environment says 1.
STRIDE = int(os.environ.get("TINYBPF_HOSTILE_STRIDE", "401"))
THINGS = (
    *("object", "opened", "program", "unloaded", "programs", "map", "percpu", "setting"),
    *("alone", "maps", "keys", "iterator", "link", "ring", "callback", "perf", "btf"),
    *("type", "types", "class", "record", "view", "symbols", "symbol", "functions"),
    *("features", "feature", "features_by_name"),
)


@pytest.mark.parametrize("thing", THINGS)
def test_hostile_arguments_do_no_harm(bpf: Find, thing: str) -> None:
    """Each call ends, by a value or an exception that is no SystemError; all is closed."""
    code = "from support import hostile; hostile.main()"
    done = child.run(code, bpf("typed").parent, thing, STRIDE, timeout_s=3600)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == "True []\n", done.stdout
