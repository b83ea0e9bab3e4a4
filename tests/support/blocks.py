# SPDX-License-Identifier: MIT
"""Whether what is done many times leaves memory behind.

The interpreter counts its allocated blocks; an operation that forgets one reference
shows as one block more for each time.
"""

import gc
import sys
from typing import Callable, Union

from support import scale

ROUNDS = 300
ATTEMPTS = 20  # the interpreter's own caches grow too, but come to an end
Operation = Callable[[], object]
Errors = Union[type[BaseException], tuple[type[BaseException], ...]]


def leaks(operation: Operation, error: Errors = (), rounds: int = ROUNDS) -> bool:
    """Tell whether an operation, which raises `error`, leaves blocks behind each time."""

    def repeat(times: int) -> None:
        for _ in range(times):
            try:
                operation()
            except error:
                pass
            else:
                assert not error, "the operation should have been refused"

    rounds = scale.times(rounds, least=30)
    repeat(10)
    for _ in range(ATTEMPTS):
        gc.collect()
        before = sys.getallocatedblocks()
        repeat(rounds)
        gc.collect()
        if sys.getallocatedblocks() - before < rounds / 2:
            return False
    return True
