"""`grader autograder`: the zip that a teacher uploads to Gradescope.

It has everything that grading needs, and nothing else.
"""

import argparse
import itertools
from collections import Counter
from pathlib import Path

from grader import __version__
from grader.assignment import KIT, STAFF, GraderError, assignment_file, read_assignment
from grader.feedback.header import Header, count_statuses
from grader.feedback.results import results_text
from grader.intake.files import zipped
from grader.items import new_record
from grader.judging.record import Record
from grader.staff.grading.grade_one import SECRET, read_secret
from grader.staff.grading.trial import collect_checks
from grader.staff.options import add_assignment

HELP = (
    "Packs the checks, the reference, the pinned requirements and the scripts setup.sh and run_autograder, and nothing "
    "else.  The zip holds the staff's secret, so that grading again repeats exactly: keep it private.  "
    "Exit status: 0, or 2 if it can't be made."
)
EXAMPLE = "grader autograder autograder.zip"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"  # torch without CUDA
GRADING_NEEDS = (
    *("requirements.txt", "pyproject.toml", "conftest.py", "report_template.md"),
    *("grader/*.py", "grader/[!s]*/**/*.py", "grader/sandbox/*.py"),
    *("grader/report/page.*", "grader/exercises/*/report.md"),
    *("data/*.py", "tests/*.py", "tests/*.json", "tests/golden/*.bin"),
    *("grader/staff/__init__.py", "grader/staff/secret.key"),
    *(f"grader/staff/grading/{name}.py" for name in ("__init__", "grade_one", "report", "numbers")),
    *("grader/staff/exercises/*.py", "grader/staff/exercises/*/*.py"),
    *("grader/staff/exercises/*/thresholds.json", "grader/staff/exercises/*/mutants.toml"),
    "grader/staff/exercises/*/answers.toml",
)
NOT_FOR_GRADING = (
    "grader/cli.py",
    "grader/commands/*.py",
    "grader/intake/class_downloads/*.py",
    "grader/reproduce/*.py",
    "grader/watch/*.py",
)
CONTAINER = STAFF / "release" / "container"
SCRIPTS = ("setup.sh", "run_autograder")
WHEN_SHOWN = {  # in Gradescope's words
    "visible": "are shown at once, as all others",
    "after_due_date": "are shown after the due date",
    "after_published": "are shown once grades are published",
    "hidden": "are never shown",
}
NO_TOTAL = {
    "hidden": "Gradescope never shows students their total either.",
    "after_published": "Until then Gradescope shows students no total either.",
    "after_due_date": "Until then Gradescope shows students no total either.",
}
BINARY = (".bin", ".key")
NOT_STARTED = (
    "Grading did not start.  Course staff: the autograder's output says why; fix it and grade again.  "
    "Students: this is not a problem with your submission, as far as we know."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT.zip", help="the zip to write")
    about = 'where setup.sh looks for torch, besides PyPI; "" for PyPI alone (default: PyTorch\'s builds without CUDA)'
    parser.add_argument("--torch-index", default=TORCH_INDEX, metavar="URL", help=about)
    add_assignment(parser)


def main(options: argparse.Namespace) -> int:
    assignment = read_assignment()  # what is wrong with it is said before anything is written
    if not options.out.resolve().parent.is_dir():
        raise GraderError(f"{options.out.resolve().parent} is not a folder: make it first, or name another place.")
    drawn = not SECRET.is_file()
    try:
        records = make_autograder(options.out, options.torch_index)
    except OSError as error:
        raise GraderError(f"{options.out} can't be written: {error.strerror or error}.") from None
    print(summary(options.out, records, drawn, assignment.hidden))
    return 0


def make_autograder(out: Path, torch_index: str = TORCH_INDEX) -> list[Record]:
    """Write the zip, which only its owner may read.  Returns the records of the checks in it.

    The same kit always gives the same bytes.
    """
    read_secret()  # draws it if there is none
    records = [new_record(item, read_assignment()) for item in collect_checks()]
    files = {path.relative_to(KIT).as_posix(): path.read_bytes() for path in files_for_grading()}
    files |= {name: (CONTAINER / name).read_bytes() for name in SCRIPTS}
    files |= {
        "assignment.toml": assignment_file().read_bytes(),
        "zeros.json": zeros(records).encode(),
        "torch_index.txt": f"{torch_index}\n".encode(),
    }
    files = {name: files[name] if name.endswith(BINARY) else unix_lines(files[name]) for name in sorted(files)}
    out.unlink(missing_ok=True)
    out.touch(mode=0o600)
    out.write_bytes(zipped(files, executable=SCRIPTS))
    return records


def unix_lines(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def files_for_grading() -> list[Path]:
    """The kit's files that grading needs."""
    paths = itertools.chain.from_iterable(KIT.glob(pattern) for pattern in GRADING_NEEDS)
    return [path for path in paths if not any(path.relative_to(KIT).match(pattern) for pattern in NOT_FOR_GRADING)]


def zeros(records: list[Record]) -> str:
    """A results.json without a point, for the time until the grader writes its own."""
    details = {"kit": __version__, "checks": count_statuses(records)}
    return results_text(records, Header(NOT_STARTED, details))


def summary(out: Path, records: list[Record], drawn: bool, hidden: str) -> str:
    """What is in the zip, and what to do with it."""
    n_hidden = sum(record.hidden for record in records)
    total = sum(record.max_points for record in records)
    size = f"{out.stat().st_size / 1e6:.1f} MB"
    return f"""{out} ({size}): {len(records)} checks for {total:g} points, {n_hidden} of them hidden.
Keep it private: it holds the hidden checks, the reference, and the secret from which every seed is drawn.
Keep {SECRET.relative_to(KIT)} too{" (drawn just now)" if drawn else ""}: with it, a zip that you make later grades the same way.

On Gradescope: Configure Autograder, upload the zip, choose Ubuntu 22.04.
The default container (0.5 CPU, 768 MB) is enough: in a container like it (`make rehearse`) grading takes one to two
minutes, and up to ten if every function loops forever.  Set the time limit to 20 minutes.
{when_shown(records, hidden)}"""


def when_shown(records: list[Record], usual: str) -> str:
    """When students see the hidden checks, as assignment.toml or their own code says."""
    own = Counter(record.visibility or usual for record in records if record.hidden)
    if not own:
        return "No check is hidden: students see everything at once."
    counts = own.most_common()
    lines = [
        f"{'Hidden checks' if len(counts) == 1 else f'{n} hidden checks'} {WHEN_SHOWN[word]}." for word, n in counts
    ]
    total = {word: text for word, text in NO_TOTAL.items() if word in own}
    return "  ".join([*lines, *list(total.values())[:1]])
