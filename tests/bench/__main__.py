# SPDX-License-Identifier: MIT
"""Print the table of figures: `python tests/bench [NAMES] [--rounds N]`.

`./dev bench` builds what is needed and sets the variables that are read here:
TINYBPF_RUN, TINYBPF_WHEEL, TINYBPF_BUILD.
"""

import argparse
import contextlib
import os
import platform
import subprocess
import tempfile
import zipfile
from pathlib import Path

import direct
import figures
import pressure
from figures import Form, Row, Tools
from measure import stay_on_one_cpu

FIGURES = {**figures.FIGURES, **pressure.FIGURES, **direct.FIGURES}

PYTHON = "/usr/bin/python3"


def unpacked_wheel(folder: str) -> Form:
    """Unpack the wheel into a folder, compiled as pip does it; return the form."""
    with zipfile.ZipFile(os.environ["TINYBPF_WHEEL"]) as wheel:
        wheel.extractall(folder)
    subprocess.run([PYTHON, "-m", "compileall", "-q", folder], check=True)
    return Form("wheel", [PYTHON], {"PYTHONPATH": folder})


def print_table(rows: list[Row]) -> None:
    """Print rows in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row.what.ljust(widths[0])]
        cells += [c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip())


def main() -> None:
    """Measure what the command line names, or everything."""
    parser = argparse.ArgumentParser(prog="tests/bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="of " + ", ".join(FIGURES))
    parser.add_argument("-r", "--rounds", type=int, default=25, help="(default 25)")
    parser.add_argument(
        "--seconds", type=float, default=5, help="that rings are read at full speed (default 5)"
    )
    parser.add_argument(
        "--records", type=int, default=10**7, help="over which memory is watched (default 10^7)"
    )
    args = parser.parse_args()
    unknown = set(args.names) - set(FIGURES)
    if unknown:
        parser.error(f"no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}")

    stay_on_one_cpu()
    compiled = Path(os.environ["TINYBPF_BUILD"]) / "bench"
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        wheel = unpacked_wheel(folder)
        runner = Form("tinybpf-run", [os.environ["TINYBPF_RUN"]], {})
        tools = Tools(compiled, wheel, runner, args.seconds, args.records)
        rows = [Row("figure", "median", "ratio", "aim")]
        for name in args.names or FIGURES:
            rows += FIGURES[name](tools, args.rounds)
    print(f"Linux {platform.release()} {platform.machine()}, medians of {args.rounds}")
    print_table(rows)


if __name__ == "__main__":
    main()
