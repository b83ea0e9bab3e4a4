# SPDX-License-Identifier: MIT
"""docs/kernels.md: which feature was tested on which kernel, written by the runs.

Each run of the whole suite leaves its tally in build/vm; the page is made of those of all
kernels of the matrix, so that they need not run at once. Of one that never ran, or did
not run all, there are question marks.
"""

import json
import pathlib
from collections import Counter
from typing import Any, NamedTuple

import suite
from matrix import SERIES

from support import catalog
from support.plugins import tally

PAGE = suite.ROOT / "docs/kernels.md"
TALLIES = suite.ROOT / "build/vm"
TARGETS = [suite.Target(arch, name) for arch, names in SERIES.items() for name in names]
ARCHES = {"x86_64": "x86_64", "aarch64": "arm64"}  # as pages call them
NOT_RUN = "not run yet"
HOOK = "kind of hook"
BEGIN, END = "<!-- written by ./dev vm --table -->", "<!-- until here -->"


class Column(NamedTuple):
    """What is known of a kernel."""

    target: suite.Target
    kernel: str
    counts: tally.Counts

    @property
    def title(self) -> str:
        """What stands above the column."""
        return f"{self.target.series} {ARCHES[self.target.arch]}"

    def cell(self, label: str) -> str:
        """Return what is told of a feature, a kind of hook or a folder.

        Of features and folders the tests are known that did not run.
        """
        if self.kernel == NOT_RUN or (label not in self.counts and not label.startswith("^")):
            return "?"
        found = self.counts.get(label, Counter())
        words = [str(found["passed"])] if found["passed"] else []
        words += [f"{found[word]} {word}" for word in ("failed", "lacking") if found[word]]
        return ", ".join(words) or "-"


def hook_names() -> list[str]:
    """Return the kinds of hook, in their order in the catalog."""
    return [row.name for row in catalog.hooks(catalog.SOURCE.read_text())]


def place(target: suite.Target) -> pathlib.Path:
    """Return where the tally of a kernel is kept."""
    return TALLIES / f"{target}.json"


def keep(report: suite.Report) -> None:
    """Keep the tally of a whole suite, if there is one."""
    if report.tally:
        place(report.target).parent.mkdir(parents=True, exist_ok=True)
        found = {"kernel": report.kernel, "counts": report.tally}
        place(report.target).write_text(json.dumps(found))


def columns() -> list[Column]:
    """Return what is known of all kernels of the matrix."""
    found = []
    for target in TARGETS:
        told: dict[str, Any] = {"kernel": NOT_RUN, "counts": {}}
        if place(target).exists():
            told = json.loads(place(target).read_text())
        counts = {label: Counter(words) for label, words in told["counts"].items()}
        found.append(Column(target, told["kernel"], counts))
    return found


def rows(title: str, labels: "dict[str, str]", among: list[Column]) -> list[str]:
    """Return a table: labels are what is shown -> what is counted."""
    heads = [title, *(column.title for column in among)]
    lines = [" | ".join(heads), "|".join(["---"] * len(heads))]
    for shown, label in labels.items():
        lines.append(" | ".join([shown, *(column.cell(label) for column in among)]))
    return [f"| {line} |" for line in lines]


def text(among: list[Column]) -> str:
    """Return what stands in the page between its marks."""
    labels = sorted({label for column in among for label in column.counts}, key=str.lower)
    features = {label[1:]: label for label in labels if label.startswith("@")}
    start = "tests/kernel/"
    files = [label for label in labels if label.startswith(start)]
    hooks = {name: f"^{name}" for name in hook_names()}
    folders = sorted({label[len(start) :].partition("/")[0] for label in files})
    for column in among:
        for folder in folders:
            inside = [label for label in files if label.startswith(f"{start}{folder}/")]
            known = [column.counts[label] for label in inside if label in column.counts]
            if known:
                column.counts[f"/{folder}"] = sum(known, Counter())
    kernels = [f"- {column.title}: {column.kernel}" for column in among]
    return "\n".join(
        [
            *["", *kernels, ""],
            *[*rows("feature", features, among), ""],
            *[*rows(HOOK, hooks, among), ""],
            *[*rows("folder", {name: f"/{name}" for name in folders}, among), ""],
        ]
    )


def write(page: pathlib.Path = PAGE) -> None:
    """Write the tables into the page, between its marks."""
    old = page.read_text()
    head, _, rest = old.partition(BEGIN)
    page.write_text(f"{head}{BEGIN}\n{text(columns())}{END}{rest.partition(END)[2]}")
