"""`python -m src.experiments`: run an experiment, or list them all."""

import argparse
import difflib
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from grader.assignment import GraderError, read_assignment
from grader.report.document import parse
from grader.report.keys import keys_of
from grader.report.review import experiments_for
from grader.report.template import template_text
from src.experiments.catalogue import BUDGETS, EXPERIMENTS, NAMES, Budget, Experiment, find

if TYPE_CHECKING:
    import torch

DESCRIPTION = (
    "Runs an experiment with your own functions of src/, and writes its figures and numbers into the folder report/. "
    "A run that was stopped continues after its last finished part."
)
FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if options.list or not options.names:
        print_list(options.out)
        return 0
    try:
        return max(run_one(experiment, options) for experiment in chosen(options.names))
    except GraderError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nStopped. Finished parts are kept: the same command continues after them.", file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m src.experiments", description=DESCRIPTION)
    parser.add_argument("names", nargs="*", metavar="NAME", help="one or more experiments, or all; see --list")
    parser.add_argument("--list", action="store_true", help="list all experiments: needs, time, report questions")
    parser.add_argument(
        "--budget",
        choices=BUDGETS,
        default="evening",
        help="quick: seconds, and if there is no --data, on data that need no download; evening (default): about four minutes; "
        "documents: as long as the course documents' own runs",
    )
    about = "the folder with the data sets (default: DATA_DIR), or offline: data that need no network"
    parser.add_argument("--data", metavar="DIR", help=about)
    parser.add_argument("--device", default="cpu", help="cpu (default), cuda or another device of torch")
    parser.add_argument("--submission", type=Path, metavar="PATH", help="other files than this src/: a folder or a zip")
    parser.add_argument("--out", type=Path, default=Path("report"), metavar="DIR", help="default: report")
    parser.add_argument("--seed", type=int, default=0, help="decides everything that is random (default: 0)")
    parser.add_argument("--traceback", action="store_true", help="show every step of an error")
    return parser


def run_one(experiment: Experiment, options: argparse.Namespace) -> int:
    """Run one experiment. Returns the exit status."""
    # Waiting threads must not spin: on a busy machine that makes training twenty times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # here, so that --list and --help are quick

    from src.experiments.run import Run
    from src.experiments.speed import train
    from src.experiments.submission import Submission

    submission = Submission(options.submission)
    train(steps=1)  # torch loads much in its first step, which would count as training time
    torch.set_num_threads(experiment.threads or os.cpu_count() or 1)
    data_dir = options.data or ("offline" if options.budget == "quick" else None)
    device = usable_device(options.device)
    run = Run(experiment, submission, options.budget, data_dir, device, options.out, options.seed)
    try:
        getattr(importlib.import_module(f"src.experiments.{experiment.module}"), experiment.function)(run)
    except GraderError:
        raise
    except Exception as error:
        sentence = submission.explain(error)
        if options.traceback or sentence is None:
            raise
        print(f"{experiment.name}: {sentence}", file=sys.stderr)
        return FAILED
    for line in run.data:
        run.display.print(line)
    run.display.print(f"{run.write()}: the numbers of this run ({experiment.name}, {run.budget}, {run.seconds:.0f} s)")
    checks = " ".join(f"tests/test_{name}.py" for name in experiment.exercises)
    if checks:
        run.display.print(f"If a number surprises you, check first that your code is right: pytest {checks}")
    return 0


def chosen(names: Sequence[str]) -> list[Experiment]:
    """The experiments of these names, of which "all" stands for all that this assignment has."""
    unknown = [name for name in names if name not in (*NAMES, "all")]
    if unknown:
        near = difflib.get_close_matches(unknown[0], NAMES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise GraderError(f"There is no experiment {unknown[0]!r}.{hint} --list shows them all.")
    found = offered() if "all" in names else [find(name) for name in names]
    for experiment in found:
        if not Path(__file__).with_name(f"{experiment.module}.py").is_file():
            raise GraderError(f"{experiment.name} is not an experiment of this assignment. --list shows them all.")
    return found


def offered() -> list[Experiment]:
    """The experiments that run files of this assignment only."""
    handed_out = set(read_assignment().exercises)
    return [experiment for experiment in EXPERIMENTS if handed_out.issuperset(experiment.exercises)]


def usable_device(name: str) -> "torch.device":
    """torch's device of this name. Raises GraderError if this machine has no such device."""
    import torch

    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
        return device
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = str(error).strip().splitlines()[0]
        raise GraderError(f"--device {name} can't be used here ({reason}). Leave it out to use the CPU.") from error


def print_list(out: Path) -> None:
    """All experiments: needs, times on this machine, and the report questions that they answer."""
    from src.experiments.speed import MEASURED_SPEED, duration, speed

    slower = MEASURED_SPEED / speed(out / ".parts" / "speed.json")
    questions = questions_by_experiment()
    table = Table.grid("name", "description", padding=(0, 2))
    for experiment in offered():
        times = {budget: duration(experiment.seconds[budget] * slower) for budget in BUDGETS}
        times |= {budget: f"{duration(seconds)} (done)" for budget, seconds in seconds_taken(experiment, out).items()}
        facts = [
            f"runs {', '.join(f'{name}.py' for name in experiment.exercises) or 'none of your files'}",
            f"data: {', '.join(experiment.data)}",
            ", ".join(f"{budget} {time}" for budget, time in times.items()),
            f"report: {', '.join(questions[experiment.name])}",
        ]
        table.add_row(experiment.name, f"{experiment.shows}\n{'; '.join(facts)}\n")
    console = Console(highlight=False)
    console.print(table, markup=False)
    console.print("The times are estimates for this machine; (done) marks the time of a finished run.")


def seconds_taken(experiment: Experiment, out: Path) -> dict[Budget, float]:
    """The time that a finished run of the experiment took, by its budget."""
    try:
        content = json.loads((out / f"{experiment.name}.json").read_text(encoding="utf-8"))
        return {content["budget"]: float(content["seconds"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def questions_by_experiment() -> dict[str, list[str]]:
    """The numbers of the report questions that need an experiment, by its name."""
    template = parse(template_text())
    keys = keys_of(template.body)
    numbers: dict[str, list[str]] = {name: [] for name in NAMES}
    for number, question in template.questions.items():
        for name in experiments_for(question, keys):
            numbers.setdefault(name, []).append(number)
    return numbers


if __name__ == "__main__":
    sys.exit(main())
