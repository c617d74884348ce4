"""`grader fuzz`: submissions broken at random, sources and zips, each of which must end in a valid results.json with the full maximum.

Every submission follows from its number alone: `grader fuzz --only 123` runs one again, and shows what pytest says.
"""

import argparse
import contextlib
import io
import json
import random
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from grader.assignment import CHECKS, KIT, STAFF, read_assignment
from grader.items import exercise_of, new_record
from grader.judging.reference import solution_file
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.sandbox import boundary
from grader.sandbox.client import Sandbox
from grader.staff.grading.trial import collect_checks
from grader.staff.release.rehearse import schema_problems

HELP = (
    "Breaks sources and zips at random and grades them: each must end in a valid results.json with the full maximum.  "
    "Exit status: 0 if all do, 1 if not."
)
EXAMPLE = "grader fuzz --only 123"
CHEAP, WHOLE = 1000, 40  # submissions that one check of the broken exercise is run on, and all checks
BASES = ("reference", KIT / "src", STAFF / "examples" / "first_try" / "src")
ODD = [
    "\0",
    "\t",
    "\r",
    "\ufeff",
    "é",
    "“",
    "\u202e",
    "\ud7ff",
    "𝕏",
    "(",
    "'''",
    "\\",
    "#",
    ":",
    "async ",
    "lambda ",
    "0x",
    "1_",
    "*" * 99,
]
NAMES = ["src/run_model.py", "run_model.py", "SRC/Run_Model.PY", "a/b/c/run_model.py", "../run_model.py", "/run_model.py", "src//run_model.py",
         "src\\run_model.py", "run_model (1).py", "src/run_model.py/", "src/.run_model.py", "con.py", "src/\u202erun_model.py", "x" * 300]  # fmt: skip


# Sources


def flip_bytes(rng: random.Random, text: bytes) -> bytes:
    broken = bytearray(text)
    for _ in range(rng.randint(1, 8)):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


def cut_off(rng: random.Random, text: bytes) -> bytes:
    return text[: rng.randrange(len(text))]


def shuffle_lines(rng: random.Random, text: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    for _ in range(rng.randint(1, 5)):
        a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[a] = rng.choice([b"", lines[b], lines[a] * 2, b"    " + lines[a], lines[a].lstrip()])
    return b"".join(lines)


def insert_oddities(rng: random.Random, text: bytes) -> bytes:
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text))
        text = text[:place] + rng.choice(ODD).encode() + text[place:]
    return text


def recode(rng: random.Random, text: bytes) -> bytes:
    return text.decode().encode(rng.choice(["utf-16", "utf-8-sig", "utf-7", "cp037", "latin-1"]), errors="replace")


def swap_words(rng: random.Random, text: bytes) -> bytes:
    words = [
        b"+",
        b"-",
        b"return",
        b"self",
        b"model",
        b"batch",
        b"1",
        b"0",
        b"True",
        b"None",
        b"torch",
        b"loss",
        b"def",
        b"==",
    ]
    for _ in range(rng.randint(1, 4)):
        text = text.replace(rng.choice(words), rng.choice(words), rng.randint(1, 3))
    return text


SOURCES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip_bytes, cut_off, shuffle_lines, insert_oddities, recode, swap_words,
)  # fmt: skip


# Zips


def nasty_zip(rng: random.Random, files: dict[str, bytes], path: Path) -> None:
    """A zip of the files in which some have odd names, are there twice, or are packed or marked in another way; then broken bytes."""
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w") as packed:
        for name, text in files.items():
            for _ in range(rng.choice([1, 1, 1, 2])):
                info = zipfile.ZipInfo(rng.choice([name, name, rng.choice(NAMES)]))
                info.external_attr = rng.choice([0o644, 0o100644, 0o120777, 0o040755, 0o060600]) << 16
                method = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
                packed.writestr(info, text, compress_type=method)
    if rng.random() < 0.7:
        path.write_bytes(rng.choice([flip_bytes, cut_off])(rng, path.read_bytes()))


def file_in(base: Path | str, exercise: str) -> Path:
    """An exercise's file in one of BASES."""
    return solution_file(exercise) if base == "reference" else Path(base) / f"{exercise}.py"


def make(number: int, folder: Path) -> tuple[str, str, Path]:
    """What was done to the submission of this number, to which exercise above all, and where it was made, in an empty folder."""
    rng = random.Random(number)
    base, how = rng.choice(BASES), rng.choice([*SOURCES, *SOURCES, None])
    texts = {exercise: file_in(base, exercise) for exercise in read_assignment().exercises}
    files = {f"src/{exercise}.py": file.read_bytes() for exercise, file in texts.items() if file.is_file()}
    broken = rng.choice(list(files))
    if how is not None:
        files[broken] = how(rng, files[broken])
    if how is None or rng.random() < 0.3:
        nasty_zip(rng, files, folder / "submission.zip")
        return f"{how.__name__ if how else 'sound source'} in a zip", Path(broken).stem, folder / "submission.zip"
    for name, text in files.items():
        (folder / "submission" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "submission" / name).write_bytes(text)
    assert how is not None
    return how.__name__, Path(broken).stem, folder / "submission"


# Judging


class Judge:
    """Runs checks on submissions, one after the other, through one pair of sandboxes."""

    def __init__(self) -> None:
        self.lease = boundary.lease_user() if boundary.can_harden() else None
        boundary.close([STAFF])
        self.sandboxes = Sandbox.pair(lease=self.lease)
        checks = collect_checks()
        self.first_check = {exercise_of(item): item for item in reversed(checks)}
        self.maximum = sum(map(max_points, checks))

    def problem(self, number: int, whole: bool, quiet: bool = True) -> tuple[str, str]:
        """What was done to the submission of this number, and a sentence where its results are not as they must be."""
        with tempfile.TemporaryDirectory(prefix="grader-fuzz-") as temporary, contextlib.ExitStack() as stack:
            how, exercise, submission = make(number, Path(temporary))
            first = self.first_check[exercise]
            checks = CHECKS if whole else [Path(f"{first.path}::{first.name}")]
            maximum = self.maximum if whole else max_points(first)
            results = Path(temporary) / "results.json"
            if quiet:
                stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            asks, staff_asks = self.sandboxes
            settings = Settings(submission, secret=b"fuzz", asks=asks, staff_asks=staff_asks)
            status = run_checks(settings, checks, "-q", "-p", "no:faulthandler", f"--results={results}")
            return how, problem_with(status, results, maximum)

    def close(self) -> None:
        for sandbox in self.sandboxes:
            sandbox.close()
        if self.lease:
            self.lease.end()


def max_points(item: pytest.Function) -> float:
    return new_record(item, read_assignment()).max_points


def problem_with(status: int, results: Path, maximum: float) -> str:
    if status not in (0, 1):
        return f"pytest ended with status {status}"
    found = json.loads(results.read_text(encoding="utf-8"))
    if problems := schema_problems(found):
        return problems[0]
    if sum(test["max_score"] for test in found["tests"]) != maximum:
        return f"its maximum is not {maximum:g}"
    counts = found["extra_data"]["checks"]
    if counts["error"] or counts["not run"]:
        return f"{counts['error']} checks could not be judged, {counts['not run']} were not run"
    return ""


def judge_share(numbers: list[int], whole: int) -> list[tuple[int, str, str]]:
    """Judge submissions by number; those below `whole` with all checks."""
    judge = Judge()
    try:
        return [(number, *judge.problem(number, number < whole)) for number in numbers]
    finally:
        judge.close()


def judge_all(cheap: int, whole: int, jobs: int = 2, share: int = 104) -> Iterator[tuple[int, str, str]]:
    """Number, what was done and problem of `whole` submissions with all checks and `cheap` others with one; `jobs` at a time."""
    numbers = list(range(cheap + whole))
    n_shares = -(-len(numbers) // share)
    shares = [numbers[i::n_shares] for i in range(n_shares)]
    with ProcessPoolExecutor(jobs) as pool:
        for found in pool.map(judge_share, shares, [whole] * len(shares)):
            yield from found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "grade only the submission with this number, with all checks, and show what pytest prints"
    parser.add_argument("--only", type=int, metavar="NUMBER", help=about)


def main(options: argparse.Namespace) -> int:
    only = options.only
    if only is not None:
        print(Judge().problem(only, whole=True, quiet=False))
        return 0
    started, kinds, problems = time.monotonic(), Counter[str](), 0
    for number, how, problem in judge_all(CHEAP, WHOLE):
        kinds[how] += 1
        if problem:
            problems += 1
            print(f"{number} ({how}): {problem}")
        if kinds.total() % 100 == 0:
            print(f"[{kinds.total()}/{CHEAP + WHOLE}] {time.monotonic() - started:.0f} s", flush=True)
    for how, count in sorted(kinds.items()):
        print(f"{count:>5}  {how}")
    valid = CHEAP + WHOLE - problems
    print(
        f"{valid} of {CHEAP + WHOLE} have a valid results.json with the full maximum ({WHOLE} of them after all checks)."
    )
    return 1 if problems else 0
