# SPDX-License-Identifier: MIT
"""One run of an object, from its load to the maps at the end.

Everything waits in one poll(): the rings, the trace pipe, signals (through a pipe that
Python writes to), and a reader of stdout that goes away.
"""

from __future__ import annotations

import os
import select
import time

from tinybpf import _core
from tinybpf._run import OK, UsageError, events, tell
from tinybpf._run.attach import Attachment, attach_all, iterators
from tinybpf._run.formats import Choice
from tinybpf._run.rows import quoted, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any

    from tinybpf import BpfLines, BpfObject
    from tinybpf._run.options import Options
    from tinybpf._run.tables import Table
else:  # without the enums of signal, which take as long as all else of a start
    import _signal as signal

LOOK_S = 0.2  # rings are looked at so often, also if their programs wake nobody
GONE = select.POLLERR | select.POLLHUP
PATIENCE_S = 2  # that COMMAND has to end when it is asked to


def run(obj: BpfObject, chosen: Options) -> int:
    """Load an object, show what it sends, and then its maps; the exit status."""
    session = Session(obj, chosen)
    try:
        session.start()
        if session.status != OK:  # COMMAND could not be started
            return session.status
        session.show()
        return session.end()
    finally:
        session.close()


class Output:
    """Where lines go: stdout, as it comes, with colours on a terminal only."""

    def __init__(self, is_json: bool | None) -> None:
        is_terminal = os.isatty(1)
        self.is_json = not is_terminal if is_json is None else is_json
        wants_none = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self.is_coloured = is_terminal and not wants_none

    def head(self, text: bytes) -> None:
        """Write the head of a table."""
        self.write(b"\x1b[1m%b\x1b[0m\n" % text if self.is_coloured else text + b"\n")

    def write(self, data: bytes) -> None:
        """Write all of it; BrokenPipeError if nobody reads it any more."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(1, rest) :]
            except BlockingIOError:
                poller = select.poll()
                poller.register(1, select.POLLOUT)
                poller.poll()


class Signals:
    """Ctrl-C and SIGTERM end the run in order, a second time at once; children wake it."""

    def __init__(self) -> None:
        self.is_asked = False
        self.pipe = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._before = {
            number: signal.signal(number, self._handle)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGCHLD
        }
        self._wakeup = signal.set_wakeup_fd(self.pipe[1], warn_on_full_buffer=False)

    def _handle(self, number: int, frame: object) -> None:
        if number != signal.SIGCHLD:
            self.is_asked = True
            signal.signal(number, signal.SIG_DFL)

    def clear(self) -> None:
        """Take out of the pipe what has woken a poll()."""
        try:
            while os.read(self.pipe[0], 512):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Give signals back."""
        signal.set_wakeup_fd(self._wakeup)
        for number, before in self._before.items():
            signal.signal(number, before)
        for fd in self.pipe:
            os.close(fd)


class Session:
    """What is open while an object runs."""

    def __init__(self, obj: BpfObject, chosen: Options) -> None:
        self.obj, self.chosen = obj, chosen
        self.output = Output(chosen.is_json)
        self.tags = [] if obj.btf is None else _core._tags(obj.btf)
        self.formats = Choice(chosen.formats, self.tags)
        self.attachments = [Attachment(obj, *each) for each in chosen.attach]
        self.iterators = iterators(obj)
        self.events = events.plan(obj, self.tags, chosen, self.formats, self.output.is_json)
        self.tables: list[Table] | None = [] if chosen.maps == [] else None
        if chosen.sort or chosen.formats or chosen.maps or chosen.interval or chosen.filters:
            self.tables = self._tables()
        self._check_filters()
        self.formats.check()
        self.links: list[Any] = []
        self.lines: BpfLines | None = None
        self.signals: Signals | None = None
        self.child: int | None = None
        self.status = OK
        self.last_head: events.Events | None = None
        self.is_over = False  # nothing will come
        self.n_batches = 0  # how often the maps were looked at

    def _check_filters(self) -> None:
        """Raise UsageError for a condition that is about nothing."""
        if not self.chosen.filters:
            return
        from tinybpf._run.options import nearest

        fields = [(e.name, path) for e in self.events for r in e.rows for path in r.paths]
        fields += [(table.name, p) for table in self.tables or () for p in table.fields]
        for owner, path, _, _ in self.chosen.filters:
            known = list(dict.fromkeys(p for name, p in fields if owner in ("", name)))
            if path not in known:
                of = f" of '{owner}'" if owner else " of events or maps"
                there = f" (there are {', '.join(known)})" if known else ""
                near = nearest(path, known, "")
                raise UsageError(f"--filter: there is no field '{path}'{of}{near}{there}")

    def _tables(self) -> list[Table]:
        from tinybpf._run import tables

        return tables.plan(self.obj, self.chosen, self.formats, self.tags)

    def start(self) -> None:
        """Load and attach, then start COMMAND."""
        self.obj.load()
        for one in self.events:
            one.open()
            events.tell_unknown(self.obj, self.tags, one)
        if self.chosen.trace:
            self.lines = _core.trace_pipe(0)
        self.signals = Signals()
        self.links = attach_all(self.obj, self.attachments, not self.iterators)
        self._show_iterators()
        if len(self.events) == 1 and not self.events[0].is_kept:
            self._show_head(self.events[0])
        if self.chosen.command:
            self._start_command()

    def _show_iterators(self) -> None:
        """Show what iterators write, once; where there is nothing else, it is all."""
        for name in self.iterators:
            with self.obj.programs[name].attach() as link:
                text = link.read().decode("utf-8", "backslashreplace")
            for line in text.splitlines():
                self._show_line("_line", line)
        self.is_over = bool(self.iterators) and not self.links and not self.chosen.command

    def _start_command(self) -> None:
        command = self.chosen.command
        ignored = [signal.SIGPIPE, signal.SIGXFSZ]  # as Python has them for itself
        try:
            self.child = os.posix_spawnp(command[0], command, os.environ, setsigdef=ignored)
        except OSError as error:
            tell(f"{command[0]}: {error.strerror}")
            self.status = 127 if isinstance(error, FileNotFoundError) else 126

    def show(self) -> None:
        """Show what comes until it is time to end."""
        assert self.signals is not None
        poller = self._poller()
        now = time.monotonic()
        late = now + self.chosen.duration if self.chosen.duration is not None else None
        pause = self.chosen.interval or 0
        due = now + pause if pause else None
        is_full = False
        while not self.signals.is_asked and not self.is_over:
            wait = min([LOOK_S, *(t - now for t in (late, due) if t is not None)])
            ready = poller.poll(0 if is_full else max(wait, 0) * 1000)
            if any(fd == 1 and what & GONE for fd, what in ready):
                raise BrokenPipeError
            self.signals.clear()
            if self._has_ended():
                break
            is_full = self._read()
            now = time.monotonic()
            if self._is_enough() or (late is not None and now >= late):
                break
            if due is not None and now >= due:
                due += pause * (1 + (now - due) // pause)
                self._show_batch(with_time=True)
                self._tell_counts()

    def _poller(self) -> select.poll:
        assert self.signals is not None
        poller = select.poll()
        poller.register(self.signals.pipe[0], select.POLLIN)
        for one in self.events:
            if not one.is_kept:
                poller.register(one.fileno(), select.POLLIN)
        if self.lines is not None:
            poller.register(self.lines.fileno(), select.POLLIN)
        poller.register(1, 0)  # POLLERR, when nobody reads it any more
        return poller

    def _has_ended(self) -> bool:
        """Tell whether COMMAND has ended; its status is then ours."""
        if self.child is None:
            return False
        pid, status = os.waitpid(self.child, os.WNOHANG)
        if pid == 0:
            return False
        self.child = None
        code = os.waitstatus_to_exitcode(status)
        self.status = code if code >= 0 else 128 - code
        return True

    def _is_enough(self) -> bool:
        return self.chosen.count is not None and self._n_left(self.chosen.count) <= 0

    def _n_left(self, most: int) -> int:
        """Return how many events are still to be shown, of so many."""
        return most - sum(one.n_shown for one in self.events if not one.is_kept)

    def _read(self) -> bool:
        """Show what is in the rings and the trace pipe; whether there is more."""
        is_full = False
        for one in self.events:
            left = -1
            if self.chosen.count is not None:
                left = self._n_left(self.chosen.count)
            lines, n = one.read(left)
            is_full |= n == events.CHUNK
            if lines:
                self._show_head(one)
                self.output.write(lines)
        if self.lines is not None:
            self._show_trace()
        return is_full

    def _show_head(self, one: events.Events) -> None:
        """Write the head of a ring's table, where that of another stands, or none."""
        if self.last_head is one or self.output.is_json:
            return
        self.last_head = one
        if len(self.events) > 1:
            self.output.head(shown(one.name).encode() + b":")
        if one.head:
            self.output.head(one.head)

    def _show_trace(self) -> None:
        assert self.lines is not None
        for line in self.lines:
            self._show_line("_trace", line)

    def _show_line(self, key: str, line: str) -> None:
        """Show a line that a program has written; JSON has it under a key."""
        text = f'{{"{key}":{quoted(line)}}}' if self.output.is_json else shown(line)
        self.output.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def _show_batch(self, with_time: bool = False) -> None:
        """Show what is looked at from time to time: the maps, and the newest events."""
        is_json = self.output.is_json
        if self.tables is None:
            self.tables = self._tables()
        lines = b"".join(one.snapshot(is_json) for one in self.events if one.is_kept)
        if self.tables:
            from tinybpf._run import tables

            lines += tables.show(self.tables, self.chosen, is_json).encode()
        self.n_batches += 1
        if lines:
            clock = time.strftime("\n%H:%M:%S\n") if with_time and not is_json else ""
            self.last_head = None
            self.output.write(clock.encode() + self._marked(lines))

    def _marked(self, lines: bytes) -> bytes:
        """Return the lines of a batch, with its number and time where JSON has several."""
        if not self.output.is_json or self.chosen.interval is None:
            return lines
        mark = b'{"_interval":%d,"_time":%.3f,' % (self.n_batches, time.time())
        return b"".join(mark + line[1:] for line in lines.splitlines(keepends=True))

    def end(self) -> int:
        """Detach, show what is left, the maps and what was lost; the exit status."""
        for link in self.links:
            link.close()
        while not self._is_enough() and self._read():
            pass
        self._show_batch()
        self._tell_counts()
        return self.status

    def _tell_counts(self) -> None:
        """Tell how many events there were up to now, and how many were lost."""
        for one in self.events:
            lost = one.lost()
            words = f"{one.n_read} events"
            if one.n_shown != one.n_read:
                words += f", {one.n_shown} shown"
            named = f"{one.name}: " if len(self.events) > 1 else ""
            end = f", lost: {'unknown' if lost is None else lost}"
            tell(f"{named}{words}{', the newest' if one.is_kept else end}")

    def close(self) -> None:
        """End COMMAND, and close everything."""
        for link in self.links:
            link.close()
        for one in self.events:
            one.close()
        if self.lines is not None:
            self.lines.close()
        if self.child is not None:
            self._end_command(self.child)
        if self.signals is not None:
            self.signals.close()

    def _end_command(self, child: int) -> None:
        """End COMMAND, which goes on: by SIGTERM, and by SIGKILL if that does not help."""
        late = time.monotonic() + PATIENCE_S
        os.kill(child, signal.SIGTERM)
        while not self._has_ended():
            assert self.signals is not None
            left = late - time.monotonic()
            if left <= 0:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return
            select.select([self.signals.pipe[0]], [], [], left)
            self.signals.clear()
