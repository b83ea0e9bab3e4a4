# SPDX-License-Identifier: MIT
"""asyncio.tools without what it is for: looking into another process's tasks.

`python -m asyncio` imports it for two of its commands. CPython's own module wants
_remote_debugging, which is left out, and without it there would be no asyncio prompt.
"""

import sys


def _refuse(pid):
    """End the command as it ends when it may not look into the process."""
    sys.exit(f"cannot look into process {pid}: _remote_debugging is not inside tinybpf-run")


display_awaited_by_tasks_table = display_awaited_by_tasks_tree = _refuse
