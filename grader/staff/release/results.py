"""`grader results`: what the experiments gave, next to what the course documents report.

The numbers of a run are kept in grader/staff/docs/results/EXPERIMENT.json, the documents' numbers
in documents.toml next to them. RESULTS.md is made of both.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import KIT, STAFF, GraderError
from grader.staff.release.solution import write_solution

HELP = (
    "Writes grader/staff/docs/RESULTS.md from the runs that are kept.  With NAMEs it first runs these experiments with the "
    "reference, and keeps their numbers.  Exit status: 0, 1 if an experiment failed, 2 if anything else is wrong."
)
EXAMPLE = "grader results fashion vgg --data DIR --budget documents"
DOCS = STAFF / "docs"
KEPT = DOCS / "results"
PAGE = DOCS / "RESULTS.md"
RUNS = KIT / "build" / "results"
FAILED = 1
LESS = "- Why worse: this budget trains on fewer examples, for fewer epochs, or both, than the documents did."
HEAD = """# What the experiments give, next to the course documents

`grader results` writes this page: don't edit it. The course documents are the five homework texts, with people's answers, from
which the exercises come. Each experiment ran with the reference and the data that its section names. "Compared" says whether our
number is at least as good. The budgets: `documents` is the documents' own number of epochs and examples, `evening` takes at most
about four minutes on two cores, so its numbers are lower than what a whole training gives. `--device cuda` was not tried.
"""
WRONG = """## Where the documents are wrong

| the documents say | right is | why |
|---|---|---|
| DogSet's fully connected network has 533,120 weights | 1,581,696 weights (and 202 biases) | an image has three channels: 64 x 64 x 3 x 128 + 128 x 64 + 64 x 10; the documents left out the factor 3 |
| the cats-and-dogs network has 4,729,506 parameters | 5,884,162 | layer by layer, with the biases; the first linear layer alone has 4 x 4 x 256 x 1024 + 1024 = 4,195,328 |
| the convolution of a 32x32 image with padding (4, 8), kernel (8, 4) and stride (2, 2) gives 3 x 17 x 23 | (16, K, 17, 23) | the number of output channels is the number of filters K, not that of the input's channels; the batch of 16 stays |
"""


@dataclass(frozen=True)
class Comparison:
    """One number of the documents, and the number of a run that answers it.

    Attributes:
        what: in words, with the unit.
        documents: the documents' number, or None.
        ours: the key of our number.
        lower: whether lower is better.
        about: whether the documents' number is only shown, and not compared.
        remark: a sentence, or nothing.
    """

    what: str
    ours: str
    documents: float | None = None
    lower: bool = False
    about: bool = False
    remark: str = ""

    def verdict(self, number: float | None) -> str:
        """Whether our number is at least as good as the documents'."""
        if self.documents is None or self.about:
            return ""
        if number is None:
            return "no number"
        gain = self.documents - number if self.lower else number - self.documents
        return "at least as good" if gain >= 0 else f"worse by {-gain:.4g}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments to run first")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder with the data sets (default: DATA_DIR)")
    parser.add_argument("--budget", default="evening", help="as for python -m src.experiments (default: evening)")


def main(options: argparse.Namespace) -> int:
    failed = [name for name in options.names if not run_experiment(name, options.budget, options.data)]
    PAGE.write_text(page(read_runs(), read_documents()), encoding="utf-8")
    print(f"Wrote {PAGE}.")
    return FAILED if failed else 0


def run_experiment(name: str, budget: str, data: Path | None) -> bool:
    """Run an experiment with the reference, and keep its numbers. Returns whether it succeeded.

    Figures stay in build/results/, and so do finished parts: a stopped run continues.
    """
    with tempfile.TemporaryDirectory(prefix="grader-results-") as folder:
        submission = write_solution(Path(folder))
        command = [sys.executable, "-m", "src.experiments", name, "--budget", budget, "--out", str(RUNS / budget)]
        command += ["--submission", str(submission), *(["--data", str(data)] if data else [])]
        if subprocess.run(command, cwd=KIT, check=False).returncode != 0:
            return False
    KEPT.mkdir(exist_ok=True)
    shutil.copy(RUNS / budget / f"{name}.json", KEPT)
    return True


def read_runs() -> dict[str, dict[str, Any]]:
    """The kept runs by the experiment's name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(KEPT.glob("*.json"))}


def read_documents() -> dict[str, list[Comparison]]:
    """The documents' numbers by experiment, in the order of the file.

    Raises GraderError if an entry has unknown or missing keys.
    """
    path = KEPT / "documents.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return {name: [Comparison(**entry) for entry in entries] for name, entries in content.items()}
    except TypeError as error:
        raise GraderError(f"{path}: {error}. The top of the file lists the keys.") from error


def page(runs: Mapping[str, Mapping[str, Any]], documents: Mapping[str, Sequence[Comparison]]) -> str:
    """The text of RESULTS.md."""
    sections = [section(name, runs.get(name), entries) for name, entries in documents.items()]
    return "\n".join([HEAD, *summary(runs, documents), "", WRONG, *sections]).rstrip("\n") + "\n"


def summary(runs: Mapping[str, Mapping[str, Any]], documents: Mapping[str, Sequence[Comparison]]) -> Iterator[str]:
    """A table of all numbers."""
    yield "## All numbers\n"
    yield table_head(["experiment", "what", "documents", "ours", "compared", "budget"])
    for name, entries in documents.items():
        run = runs.get(name)
        for entry in entries:
            number = run["numbers"].get(entry.ours) if run else None
            budget = run["budget"] if run else "not run yet"
            yield row([name, entry.what, shown(entry.documents), shown(number), entry.verdict(number), budget])


def section(name: str, run: Mapping[str, Any] | None, entries: Sequence[Comparison]) -> str:
    """One experiment: how it was run, remarks, and the tables that it printed."""
    if run is None:
        return f"## {name}\n\nNot run yet.\n"
    facts = [
        f"budget {run['budget']}",
        f"seed {run['seed']}",
        f"{run['device']}, {run['threads']} threads",
        f"{run['seconds']:.0f} s",
        f"torch {run['versions']['torch']}",
        f"finished {run['finished'][:10]}",
    ]
    remarks = [f"- {entry.what}: {entry.remark}" for entry in entries if entry.remark]
    if run["budget"] != "documents" and any(
        "worse" in entry.verdict(run["numbers"].get(entry.ours)) for entry in entries
    ):
        remarks.append(LESS)
    tables = [markdown_table(table) for table in run["tables"].values()]
    data = [f"- Data: {sentence}" for sentence in map(without_path, run["data"])]
    return "\n".join(
        [f"## {name}", "", f"{run['title'].capitalize()} ({'; '.join(facts)}).\n", *data, *remarks, "", *tables]
    )


def without_path(sentence: str) -> str:
    """What a loader said, without the folder on the machine that ran it."""
    words = ["DIR" if word.startswith(("/", "\\")) else word for word in sentence.split(" ")]
    return " ".join(words)


def markdown_table(table: Mapping[str, Any]) -> str:
    rows = "\n".join(row(map(shown, cells)) for cells in table["rows"])
    return f"{table['title']}:\n\n{table_head(table['columns'])}\n{rows}\n"


def table_head(columns: Sequence[str]) -> str:
    return f"{row(columns)}\n|{'---|' * len(columns)}"


def row(cells: Any) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def shown(cell: Any) -> str:
    """A number or a text as people read it; nothing for None."""
    if cell is None:
        return ""
    return f"{cell:g}" if isinstance(cell, float) and abs(cell) < 1e6 else str(cell)
