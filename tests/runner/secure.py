# SPDX-License-Identifier: MIT
"""A bundle with file capabilities that tells what it sees, and a caller without any."""

import json
import os
import pathlib
import subprocess
from typing import Any

from launch import Run

NOBODY = 65534
BPF, PERFMON = 1 << 39, 1 << 38

TOOL = """\
import importlib.util, json, os, resource, signal, sys, tempfile, time

rows = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
traps = ("helper", "sitecustomize", "usercustomize", "site_trap", "tool_trap")
ends = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ}
others = sorted(signal.valid_signals() - ends)
limits = [resource.getrlimit(getattr(resource, name)) for name in dir(resource)
          if name[:7] == "RLIMIT_" and name[7:] in ("AS", "CPU", "DATA", "FSIZE", "NOFILE")]
seen = {
    "environment": dict(os.environ),
    "path": sys.path,
    "argv": sys.argv[1:],
    "flags": str(sys.flags),
    "options": [sys.warnoptions, sys._xoptions],
    "modules": [json.__file__, [n for n in traps if importlib.util.find_spec(n)]],
    "temporary": tempfile.gettempdir(),
    "home": os.path.expanduser("~"),
    "zone": [time.tzname, time.timezone],
    "encodings": [sys.stdout.encoding, sys.stderr.errors, sys.getfilesystemencoding()],
    "signals": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "ignored": [s for s in others if signal.getsignal(s) == signal.SIG_IGN],
    "timer": signal.getitimer(signal.ITIMER_REAL),
    "umask": os.umask(0),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "limits": [soft == hard for soft, hard in limits],
    "descriptors": sorted(int(n) for n in os.listdir("/proc/self/fd"))[:3],
    "others": [n for n in os.listdir("/proc/self/fd") if int(n) > 3],
    "capabilities": [int(rows["Cap" + name], 16) for name in ("Prm", "Eff", "Amb")],
    "ids": rows["Uid"].split(),
    "executable": sys.executable,
}
if os.environ.get("TRAP"):
    print("GOT IN")
out = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
os.write(out, json.dumps(seen).encode())
"""
TRAP = "import os, sys\nos.write(1, b'GOT IN')\nos.write(2, b'GOT IN')\n"


def capabilities(revision: int, effective: bool = True) -> bytes:
    """Return security.capability with CAP_BPF and CAP_PERFMON: struct vfs_cap_data."""
    words = [revision << 24 | effective, 0, 0, (BPF | PERFMON) >> 32, 0]
    words += [0] * (revision == 3)  # the user of root in the file's namespace
    return b"".join(word.to_bytes(4, "little") for word in words)


class Tool:
    """A tool with file capabilities, and a caller without any, in a folder of his own."""

    def __init__(self, run: Run, path: pathlib.Path, folder: pathlib.Path) -> None:
        self.run, self.path, self.folder = run, path, folder
        self.report = folder / "report"
        self.report.touch()
        os.chown(folder, NOBODY, NOBODY)
        os.chown(self.report, NOBODY, NOBODY)

    def start(self, *args: object, **options: Any) -> "subprocess.CompletedProcess[str]":
        """Start it as nobody, in his folder; arguments come behind the report's name."""
        self.report.write_text("")
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        options = {"executable": self.path, "cwd": self.folder, **who, **options}
        return self.run(self.report, *args, **options)

    def seen(self, *args: object, **options: Any) -> "dict[str, Any]":
        """Return what it saw; it must end well, and say nothing."""
        done = self.start(*args, **options)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        report: dict[str, Any] = json.loads(self.report.read_text())
        assert report.pop("argv") == [str(self.report), *map(str, args)]
        return report
