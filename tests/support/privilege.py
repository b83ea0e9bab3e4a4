# SPDX-License-Identifier: MIT
"""Children that are nobody and have just the capabilities that a test gives them.

A child starts as root, so that it can read Python and the package wherever they are,
imports tinybpf, and then becomes nobody: no_setuid_fixup lets it keep what its bounding
set has. CAP_SETUID and CAP_SETGID stay for that step; no BPF call asks for them.
"""

from collections.abc import Iterable
from typing import Any

from support import child

ALL = ("bpf", "perfmon", "net_admin", "dac_read_search", "sys_admin")
REPORT = """
import sys, tinybpf
{before}
{nobody}
def attempt(call):
    try:
        return call()
    except tinybpf.BpfPermissionError as error:
        print(error)
        raise SystemExit(0)
{code}
print("allowed")
"""


def attempt(capabilities: Iterable[str], code: str, *args: Any, before: str = "") -> str:
    """Run code that may use attempt(callable); return "allowed" or the error's text.

    What stands in `before` is run while the child is root still.
    """
    command = ["setpriv", "--securebits=+no_setuid_fixup", "--bounding-set"]
    command.append(",".join(["-all", "+setuid", "+setgid", *(f"+{c}" for c in capabilities)]))
    done = child.finish(
        command
        + child.command(
            REPORT.format(before=before, nobody=child.BECOME_NOBODY, code=code),
            *(str(arg) for arg in args),
        )
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr
    return done.stdout.strip()
