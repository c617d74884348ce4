"""`grader rehearse`: try the zip for Gradescope without Gradescope.

The quick form lays the zip out as a container does, and runs its run_autograder with this
interpreter.

The full form (Linux, as root, with debootstrap) does it in a fresh Debian. setup.sh runs without
limits, because Gradescope's documentation names none for building an image. Then run_autograder
runs in layers over the result, under the limits of Gradescope's default container.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from grader.assignment import KIT, STAFF, VARIABLE, GraderError
from grader.feedback.results import NUMBER_APART
from grader.feedback.words import points_text
from grader.staff.release import chroot
from grader.staff.release.autograder import make_autograder
from grader.staff.release.chroot import Container, Measured
from grader.staff.release.solution import write_solution

HELP = (
    "Makes the zip for Gradescope, lays it out as a container does, and grades the example with it.  With --full it does "
    "so in a fresh Debian under the limits of Gradescope's default container, compares with grading here, and kills a "
    "run halfway (Linux, as root, with debootstrap).  Exit status: 0, 1 if something is wrong, 2 if --full can't run here."
)
EXAMPLE = "grader rehearse --full"
SCHEMA = STAFF / "release" / "container" / "results.schema.json"
FOLDER = KIT / "build" / "rehearsal"
SUBMISSIONS = ("reference", "first_try")
RUN = "/autograder/run_autograder"
Results = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--full", action="store_true", help="in a fresh Debian, under Gradescope's limits (minutes)")


def main(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C, so that everything is removed
    try:
        full() if options.full else quick()
    except (RehearsalError, chroot.ContainerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


class RehearsalError(GraderError):
    """Something is wrong; the text says what."""


def schema_problems(results: object) -> list[str]:
    """A sentence for each place that breaks Gradescope's schema."""
    errors = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(results)
    return [f"results.json{error.json_path.removeprefix('$')}: {error.message}" for error in errors]


def read_valid(path: Path) -> Results:
    """Read a results.json.

    Raises RehearsalError if it is missing, is not JSON, breaks the schema, or lacks a check's
    maximum.
    """
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RehearsalError(f"{path} can't be read: {error}") from None
    zeros = json.loads((path.parent.parent / "source" / "zeros.json").read_text(encoding="utf-8"))
    problems = schema_problems(results)
    of_checks = [test for test in results["tests"] if test.get("number") != NUMBER_APART]
    if [(t["name"], t["max_score"]) for t in of_checks] != [(t["name"], t["max_score"]) for t in zeros["tests"]]:
        problems.append("the checks and their maxima are not those of zeros.json")
    if problems:
        raise RehearsalError(f"{path} is not valid: {'; '.join(problems[:5])}")
    return dict(results)


def lay_out(bundle: Path, root: Path) -> None:
    """Unpack the zip as Gradescope does, and add what Gradescope has beside it.

    That is an empty folder for the submission, one for results, and the metadata.
    """
    for name in ("submission", "results"):
        (root / name).mkdir(parents=True)
    shutil.unpack_archive(bundle, root / "source")
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    (root / "run_autograder").chmod(0o755)
    (root / "submission_metadata.json").write_text("{}", encoding="utf-8")


def put_submission(name: str, folder: Path) -> Path:
    """Write one of SUBMISSIONS into a folder, in place of its content; returns the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    if name == "reference":
        return write_solution(folder)
    shutil.copytree(STAFF / "examples" / name, folder)
    return folder


def environment_in(kit: Path) -> dict[str, str]:
    """This process's environment without DATA_DIR.

    For another kit than this one, the variable that names the assignment is left out too.
    """
    left_out = {"DATA_DIR"} if kit == KIT else {"DATA_DIR", VARIABLE}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def start_here(root: Path) -> subprocess.Popen[bytes]:
    """Start an unpacked run_autograder with this interpreter, not with the one from setup.sh."""
    environment = {"AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable}
    with (root / "log.txt").open("wb") as log:
        command = [str(root / "run_autograder")]
        return subprocess.Popen(
            command,
            env=environment_in(root) | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def quick() -> None:
    """Grade the example here, and check results.json against the schema."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # workers, as other users than root, must reach the kit in it
        root = Path(folder, "autograder")
        make_autograder(Path(folder, "autograder.zip"))
        lay_out(Path(folder, "autograder.zip"), root)
        put_submission("first_try", root / "submission")
        start_here(root).wait()
        print(row("first_try", read_valid(root / "results" / "results.json")))


def full() -> None:
    """Grade in a fresh Debian under Gradescope's limits, compare with here, kill a run halfway."""
    require_root_and_tools()
    (FOLDER / "here").mkdir(parents=True, exist_ok=True)
    make_autograder(FOLDER / "autograder.zip")
    chroot.make_base(FOLDER / "base.tar")
    image = FOLDER / "image"
    try:
        set_up(image)
        print(HEADINGS)
        for name in SUBMISSIONS:
            compare_with_here(name, image)
        kill_halfway(image)
    finally:
        chroot.remove(image)


def require_root_and_tools() -> None:
    missing = [tool for tool in ("debootstrap", "unshare", "chroot", "mount") if shutil.which(tool) is None]
    if missing or not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise GraderError(
            f"The full rehearsal needs Linux, root{' and ' + ', '.join(missing) if missing else ''}: install what is "
            "missing and run it as root, or leave --full out."
        )


def set_up(image: Path) -> None:
    """Make the image: a small Debian, with the zip, after setup.sh."""
    chroot.unpack_base(FOLDER / "base.tar", image)
    lay_out(FOLDER / "autograder.zip", image / "autograder")
    variables, binds = chroot.network_settings()
    # this machine may have torch's CPU builds in its own registry and no way to PyTorch's
    torch_index = [f"TORCH_INDEX_URL={os.environ['TORCH_INDEX_URL']}"] if "TORCH_INDEX_URL" in os.environ else []
    command = ["env", *variables, *torch_index, "bash", "/autograder/source/setup.sh"]
    log = FOLDER / "setup.log"
    seconds = chroot.run(Container(image, binds=binds), *command, log=log)
    size = sum(path.lstat().st_size for path in image.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"setup.sh: {seconds:.0f} s, image of {size / 1e9:.1f} GB (log: {log})", flush=True)


def compare_with_here(name: str, image: Path) -> None:
    """Grade a submission in a container and here, with the same secret.

    Raises RehearsalError if a check's points or status differ.
    """
    there, cost = grade_there(name, image)
    print(row(f"{name}, container", there, cost), flush=True)
    here = grade_here(put_submission(name, FOLDER / "here" / "submission"), image / "autograder" / "source" / "mnist")
    print(row(f"{name}, here", here), flush=True)
    different = [a["name"] for a, b in zip(standing(there), standing(here), strict=True) if a != b]
    if different:
        raise RehearsalError(f"{name} has other results here than in the container in: {'; '.join(different)}")
    print(f"  the same points, statuses and visibility in all {len(there['tests'])} checks", flush=True)


def grade_there(name: str, image: Path, until: float = 1.0) -> tuple[Results, Measured]:
    """Grade a submission in its own container.

    With `until`, kill -9 everything once that share of the checks has run.
    """
    container = Container(FOLDER / "container", image)
    put_submission(name, container.path("/autograder/submission"))
    chroot.forget_files(image)
    results = container.path("/autograder/results/results.json")
    log = FOLDER / f"{name}{'' if until == 1 else '-killed'}.log"
    try:
        cost = chroot.run_limited(container, RUN, log=log, stop=lambda: until < 1 and share_done(results) >= until)
        return read_valid_in(container, image), cost
    finally:
        container.remove()


def read_valid_in(container: Container, image: Path) -> Results:
    """The container's results.json, beside the image's zeros.json."""
    layer = container.path("/autograder")
    (layer / "source").mkdir(exist_ok=True)
    shutil.copy(image / "autograder" / "source" / "zeros.json", layer / "source")
    return read_valid(layer / "results" / "results.json")


def share_done(path: Path) -> float:
    """The share of the checks that have run, by a results.json that is being written."""
    with suppress(FileNotFoundError):
        results = json.loads(path.read_text(encoding="utf-8"))
        return 1 - float(results["extra_data"]["checks"]["not run"]) / len(results["tests"])
    return 0.0


def grade_here(submission: Path, mnist: Path) -> Results:
    """The results of `grade_one` on this machine, with the container's data."""
    results = FOLDER / "here" / "results.json"
    results.unlink(missing_ok=True)
    data = {"DATA_DIR": str(mnist) if mnist.is_dir() else ""}
    command = [sys.executable, "-m", "grader.staff.grading.grade_one", str(submission), str(results)]
    subprocess.run(command, cwd=KIT, env=os.environ | data, stdout=subprocess.DEVNULL, check=False)
    return dict(json.loads(results.read_text(encoding="utf-8")))


def standing(results: Results) -> Iterable[Results]:
    fields = ("number", "name", "score", "max_score", "status", "visibility")
    return [{name: test.get(name) for name in fields} for test in results["tests"]]


def kill_halfway(image: Path) -> None:
    """kill -9 a run when half of the checks are done: every finished check must keep its points."""
    killed, cost = grade_there("reference", image, until=0.5)
    print(row("reference, killed", killed, cost), flush=True)
    problem = problem_of_killed(killed)
    if problem:
        raise RehearsalError(problem)
    counts = killed["extra_data"]["checks"]
    print(f"  kill -9 after {counts['passed']} checks: valid, their {killed['score']:g} points kept, the others at 0")


def problem_of_killed(results: Results) -> str:
    """What is wrong with the results of a killed run over the reference, in a sentence, or ""."""
    counts = results["extra_data"]["checks"]
    full_marks = [test for test in results["tests"] if test["score"] == test["max_score"]]
    if not (counts["passed"] and counts["not run"]):
        return f"The run was not killed halfway: {counts}"
    if len(full_marks) != counts["passed"] or results["score"] != sum(test["score"] for test in full_marks):
        return f"{counts['passed']} checks had passed, but {len(full_marks)} kept their points."
    return ""


HEADINGS = f"{'':<24}{'points':>9}{'wall':>8}{'processes':>12}{'with files':>12}{'killed':>8}"


def row(name: str, results: Results, cost: Measured | None = None) -> str:
    """A line of the table.

    It has the points, the seconds, the most memory that processes held, the same with files kept in
    memory, and the number of processes killed because memory ran out.
    """
    points = points_text(results["score"], sum(test["max_score"] for test in results["tests"]))
    if cost is None:
        return f"{name:<24}{points:>9}{results['execution_time']:>6.0f} s"
    memory = f"{cost.processes / 2**20:>9.0f} MB{cost.peak / 2**20:>9.0f} MB{cost.killed_for_memory:>8}"
    return f"{name:<24}{points:>9}{cost.seconds:>6.0f} s{memory}"
