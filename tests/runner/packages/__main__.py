# SPDX-License-Identifier: MIT
# mypy: disable-error-code="import-not-found"
"""Popular packages in tinybpf-run: `python tests/runner/packages [NAMES]`.

Installs each package of packages.toml, with what it depends on, into a folder of its own
by the pip that runs this, for the Python inside; then does its line of work in
tinybpf-run (TINYBPF_RUN) with that folder on PYTHONPATH. Prints what does not say "ok",
with the last line of the reason. ALLOWED of them may be lost.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tomllib

RUN = os.environ["TINYBPF_RUN"]
# So many of a hundred may fail: a package's newest version may want what we lack.
ALLOWED = 3 / 100


def last_line(text: str) -> str:
    """Return the last line that is not empty."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def installed(name: str, folder: str, version: str) -> str:
    """Install a package for the Python inside; return why that failed, if it did."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", folder]
    command += ["--python-version", version, "--only-binary=:all:", "--no-compile", name]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else "pip: " + last_line(done.stderr)


def tried(name: str, work: str, version: str) -> str:
    """Install a package and do its work; return what is wrong, nothing if all is well."""
    with tempfile.TemporaryDirectory() as folder:
        reason = installed(name, folder, version)
        if reason:
            return reason
        env = {"PATH": os.environ["PATH"], "HOME": folder, "PYTHONPATH": folder}
        try:
            done = subprocess.run(
                [RUN, "-c", work],
                check=False,
                env=env,
                capture_output=True,
                text=True,
                timeout=120,
            )
        except subprocess.TimeoutExpired:
            return "still runs after 120 s"
    if last_line(done.stdout) == "ok" and done.returncode == 0:
        return ""
    return last_line(done.stderr) or f"printed {done.stdout!r}, status {done.returncode}"


def main() -> int:
    """Try what the command line names, or everything."""
    with Path(__file__).with_name("packages.toml").open("rb") as file:
        work = tomllib.load(file)["work"]
    names = sys.argv[1:] or list(work)
    code = "import sys; print('.'.join(map(str, sys.version_info[:2])))"
    version = subprocess.check_output([RUN, "-c", code], text=True).strip()
    with ThreadPoolExecutor(4) as pool:
        reasons = list(pool.map(lambda name: tried(name, work[name], version), names))
    lost = [(name, reason) for name, reason in zip(names, reasons, strict=True) if reason]
    for name, reason in lost:
        print(f"{name}: {reason}")
    print(f"{len(names) - len(lost)} of {len(names)} packages work in tinybpf-run")
    return len(lost) > ALLOWED * len(names)


if __name__ == "__main__":
    sys.exit(main())
