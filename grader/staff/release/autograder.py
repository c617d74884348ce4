"""What a teacher uploads to Gradescope: one zip of what grading needs, its two scripts, and nothing else."""

import argparse
import itertools
import zipfile
from pathlib import Path

from grader import __version__
from grader.assignment import KIT, STAFF, GraderError, assignment_file, read_assignment
from grader.feedback.header import Header, count_statuses
from grader.feedback.results import results_text
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
EXAMPLE = "grader autograder build/autograder.zip"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"  # torch without CUDA
GRADING_NEEDS = (
    *("requirements.txt", "pyproject.toml", "conftest.py"),
    *("grader/*.py", "grader/[!s]*/**/*.py", "grader/sandbox/*.py"),
    *("data/*.py", "tests/*.py", "tests/*.json", "tests/golden/*.bin"),
    *("grader/staff/__init__.py", "grader/staff/secret.key"),
    *("grader/staff/grading/__init__.py", "grader/staff/grading/grade_one.py"),
    *("grader/staff/exercises/*.py", "grader/staff/exercises/*/*.py"),
    *("grader/staff/exercises/*/thresholds.json", "grader/staff/exercises/*/mutants.toml"),
)
NOT_FOR_GRADING = ("grader/cli.py", "grader/commands/*.py")
SCRIPTS = ("setup.sh", "run_autograder")
BINARY = (".bin", ".key")
NOT_STARTED = (
    "Grading did not start.  Course staff: the autograder's output says why; mend that and grade again.  "
    "Students: nothing is wrong with what you handed in, as far as is known."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT.zip", help="the zip to write")
    about = 'where setup.sh looks for torch, besides PyPI; "" for PyPI alone (default: PyTorch\'s builds without CUDA)'
    parser.add_argument("--torch-index", default=TORCH_INDEX, metavar="URL", help=about)
    add_assignment(parser)


def main(options: argparse.Namespace) -> int:
    return make_autograder(options.out, options.torch_index)


def make_bundle(out: Path, torch_index: str = TORCH_INDEX) -> list[Record]:
    """Write the zip, for its owner's eyes only; the records of the checks in it.  The same kit gives the same bytes."""
    read_secret()  # draws it where there is none
    records = [new_record(item, read_assignment()) for item in collect_checks()]
    files = {path.relative_to(KIT).as_posix(): path.read_bytes() for path in files_for_grading()}
    files |= {name: (STAFF / "release" / "container" / name).read_bytes() for name in SCRIPTS}
    files |= {
        "assignment.toml": assignment_file().read_bytes(),
        "zeros.json": zeros(records).encode(),
        "torch_index.txt": f"{torch_index}\n".encode(),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    out.touch(mode=0o600)
    write_zip(out, files)
    return records


def files_for_grading() -> list[Path]:
    """The kit's files that grading needs."""
    paths = itertools.chain.from_iterable(KIT.glob(pattern) for pattern in GRADING_NEEDS)
    return [path for path in paths if not any(path.relative_to(KIT).match(pattern) for pattern in NOT_FOR_GRADING)]


def zeros(records: list[Record]) -> str:
    """A results.json without a point: what stands there until the grader writes its own."""
    details = {"kit": __version__, "checks": count_statuses(records)}
    return results_text(records, Header(NOT_STARTED, details))


def write_zip(out: Path, files: dict[str, bytes]) -> None:
    """Names in order, one fixed time, Unix's line ends: the bytes follow from the files alone."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3  # Unix, whose modes these are
            entry.external_attr = (0o100755 if name in SCRIPTS else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content if name.endswith(BINARY) else content.replace(b"\r\n", b"\n"))


def make_autograder(out: Path, torch_index: str) -> int:
    """Make the zip and say what is in it and what to do with it."""
    drawn = not SECRET.is_file()
    try:
        records = make_bundle(out, torch_index)
    except OSError as error:
        raise GraderError(f"{out} can't be written: {error.strerror or error}.") from None
    hidden = [record for record in records if record.hidden]
    total = sum(record.max_points for record in records)
    print(f"""{out} ({out.stat().st_size / 1e6:.1f} MB): {len(records)} checks for {total:g} points, {len(hidden)} of them hidden.
Keep it private: it holds the hidden checks, the reference and the secret that every seed is drawn from
({SECRET.relative_to(KIT)}{", drawn just now" if drawn else ""}; keep that file too, and a zip made later grades the same way again).

On Gradescope: Configure Autograder, upload the zip, Ubuntu 22.04.  The default container (0.5 CPU, 768 MB) is enough: in `make rehearse`, the like of
it, grading takes one to two minutes.  Where nothing that was handed in ever ends it can take ten: set the time limit to 20 minutes, and
such submissions too are judged to the end.
Hidden checks are shown once grades are published; until then Gradescope shows students no total either.""")
    return 0
