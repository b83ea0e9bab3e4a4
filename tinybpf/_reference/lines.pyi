# SPDX-License-Identifier: MIT
"""What programs print."""

from typing_extensions import Self, final

@final
class BpfLines:
    """Lines that programs print, as an iterator of str.

    Without the ends of the lines; bytes that are not UTF-8 are told as backslash escapes.
    """

    def fileno(self) -> int:
        """Return the descriptor of the trace pipe.

        Returns:
            A descriptor that is readable when there are lines, owned by the iterator.

        Raises:
            BpfClosedError: closed, or these are the lines of a program.
        """
    def close(self) -> None:
        """End the lines; may be called again, and while another thread waits for some."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> str: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

def trace_pipe(timeout: float | None = None) -> BpfLines:
    """Open the kernel's trace pipe, where bpf_printk() writes, as an iterator of lines.

        with tinybpf.trace_pipe() as lines:
            for line in lines:
                print(line)

    What one reader has read, others do not get.

    Args:
        timeout: seconds without any line after which a loop ends; 0: it gives what is
            there. None: it waits for more, until Ctrl-C, or close() by another thread.

    Returns:
        A BpfLines, to be closed.

    Raises:
        BpfError: there is no trace pipe (errno ENOENT): tracefs is not mounted; or it may
            not be read.

    Kernel: 4.1; CAP_DAC_OVERRIDE, or to be root.
    """
