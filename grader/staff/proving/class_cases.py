"""A class for trying `grader grade`: references, styles, mistakes, accidents and attacks, mixed."""

import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from grader.assignment import read_assignment
from grader.intake.files import exercise_file, write_files
from grader.judging.reference import reference_files
from grader.staff.proving.accident import read_accidents
from grader.staff.proving.attack_cases import read_attacks
from grader.staff.proving.cases import Case, CaseKind, all_cases, changed_texts

SIZE = 40
NUMBERS = {CaseKind.STYLE: 8, CaseKind.MUTANT: 12, CaseKind.PAIR: 6}
N_ACCIDENTS, N_ATTACKS = 7, 5
Maker = Callable[[Path], Path]  # writes a submission into an empty folder, and returns its place


def make_class(folder: Path, size: int = SIZE) -> None:
    """Write `size` of the SIZE submissions, the same in every run, each with its name."""
    every = list(members())
    chosen = [every[number * len(every) // size] for number in range(size)]
    for name, make in chosen:
        made = make(folder / "making")
        made.rename(folder / f"{name}{made.suffix if made.is_file() else ''}")
        shutil.rmtree(folder / "making", ignore_errors=True)


def members() -> Iterator[tuple[str, Maker]]:
    """The name of each submission, and how it is made."""
    rng, exercises, cases = random.Random(18), read_assignment().exercises, all_cases()
    yield "reference", partial(write_case, Case("reference", CaseKind.SUBMISSION))
    yield "reference again", partial(write_case, Case("reference", CaseKind.SUBMISSION))
    for kind, number in NUMBERS.items():
        for case in rng.sample([case for case in cases if case.kind is kind and case.belongs_to(exercises)], number):
            yield f"{kind} {case.name}", partial(write_case, case)
    for accident in rng.sample([one for one in read_accidents() if one.file in ("", *exercises)], N_ACCIDENTS):
        yield f"accident {accident.name}", accident.make
    for attack in rng.sample([one for one in read_attacks() if one.on in exercises], N_ATTACKS):
        yield f"attack {attack.name}", attack.make


def write_case(case: Case, folder: Path) -> Path:
    texts = changed_texts(case.name, case.mutants)
    files = {exercise_file(exercise): text.encode() for exercise, text in texts.items()}
    return write_files(reference_files(read_assignment().exercises) | files, folder / "submission")
