"""What is tried: every mutant, several of them at once, and every style, staged as submissions."""

import compileall
import itertools
import os
import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import pytest

from grader.assignment import STAFF_EXERCISES, read_assignment
from grader.intake.submission import stage_files
from grader.items import exercise_of, exercises_of
from grader.judging.mutants import Mutant, read_mutants, texts_with
from grader.judging.reference import read_solution, reference_files
from grader.staff.grading.trial import number, trains

N_PAIRS = 30


class CaseKind(StrEnum):
    """What a case is made of, and so what must become of it."""

    MUTANT = "mutant"  # one mistake: it must lose points and be named
    PAIR = "pair"  # two mistakes: no third one may be named
    SEVERAL = "several"  # mistakes in one function: those that show must be named, and no other
    EQUIVALENT = "equivalent"  # a change that nobody can observe: it must keep all points
    STYLE = "style"  # a correct solution in another style: it must keep all points
    SUBMISSION = "submission"  # any other


@dataclass(frozen=True)
class Case:
    """A submission to try, the mistakes in it, and the folder where it is staged.

    With `exercises`, only checks that ask one of these exercises are run on it.
    """

    name: str
    kind: CaseKind
    mutants: tuple[Mutant, ...] = ()
    exercises: frozenset[str] = frozenset()
    folder: Path = Path()

    def staged_in(self, folder: Path) -> "Case":
        """The same case, staged in a folder of its own below `folder`."""
        return replace(self, folder=place(folder, self.name, self.mutants))

    def concerns(self, item: pytest.Function) -> bool:
        """Whether a check is run on it: only checks that can show what is in it.

        Of the checks that train for long, mutants get those that must catch them, and styles those
        of the exercises that they have a file of.
        """
        asked = exercises_of(item)
        if self.exercises and asked.isdisjoint(self.exercises):
            return False
        if self.mutants:
            may_show = not asked.isdisjoint(mutant.exercise for mutant in self.mutants)
            return may_show and (not trains(item) or number(item) in self.caught_by)
        return not trains(item) or is_style_of(self.name, (exercise_of(item),))

    def belongs_to(self, exercises: Iterable[str]) -> bool:
        """Whether one of these exercises has a mutant of it, or a file of the style."""
        if self.mutants:
            return not {mutant.exercise for mutant in self.mutants}.isdisjoint(exercises)
        return is_style_of(self.name, exercises)

    @property
    def caught_by(self) -> set[str]:
        """The numbers of the checks with a threshold that must catch it."""
        return {number for mutant in self.mutants for number in mutant.failing_checks}

    def is_claimed_by(self, number: str, quantity: str) -> bool:
        """Whether this threshold of a check must catch it."""
        claims = {claim for mutant in self.mutants for claim in mutant.caught_by}
        return bool(claims & {number, f"{number} {quantity}"})


def all_cases() -> list[Case]:
    """Every mutant, equivalent change, pair of mutants and style of the assignment, unstaged."""
    exercises = read_assignment().exercises
    mutants = [mutant for mutant in read_mutants() if mutant.exercise in exercises]
    pairs = pairs_of([mutant for mutant in mutants if not mutant.equivalent])
    return [
        *(Case(mutant.name, kind_of(mutant), (mutant,)) for mutant in mutants),
        *(Case(f"{one.name} + {two.name}", CaseKind.PAIR, (one, two)) for one, two in pairs),
        *(Case(style, CaseKind.STYLE) for style in style_names()),
    ]


def kind_of(mutant: Mutant) -> CaseKind:
    return CaseKind.EQUIVALENT if mutant.equivalent else CaseKind.MUTANT


def style_names() -> list[str]:
    """The correct styles of solution; a style may have files of several exercises."""
    return sorted({path.stem for path in STAFF_EXERCISES.glob("*/styles/*.py")})


def style_file(style: str, exercise: str) -> Path:
    """Where an exercise is written in this style, if it is."""
    return STAFF_EXERCISES / exercise / "styles" / f"{style}.py"


def is_style_of(style: str, exercises: Iterable[str]) -> bool:
    """Whether a style has a file of one of these exercises.

    For any other exercise it has the reference's file.
    """
    return any(style_file(style, exercise).is_file() for exercise in exercises)


def place(folder: Path, name: str, mutants: tuple[Mutant, ...]) -> Path:
    """Stage the reference with these mistakes, or in the style of this name.

    Returns the staged folder. Raises MutantError if a mutant's text is not in the reference.
    """
    base, staged = folder / "staged once", folder / name.replace(" ", "")
    if not base.exists():
        stage_files(reference_files(read_assignment().exercises), base)
        compileall.compile_dir(base, quiet=2)  # it will be imported hundreds of times
    shutil.copytree(base, staged, copy_function=os.link)  # a tenth of the time of staging it again
    for exercise, text in changed_texts(name, mutants).items():
        replace_file(staged / "src" / f"{exercise}.py", text)
    return staged


def changed_texts(name: str, mutants: tuple[Mutant, ...]) -> dict[str, str]:
    """The files, by exercise, in which a style or these mistakes differ from the reference."""
    written = {exercise: style_file(name, exercise) for exercise in read_assignment().exercises}
    texts = {exercise: file.read_text(encoding="utf-8") for exercise, file in written.items() if file.is_file()}
    return texts | texts_with(mutants, read_solution)


def replace_file(file: Path, text: str) -> None:
    """Write and compile a file that is a link to another submission's."""
    file.unlink()
    file.write_text(text, encoding="utf-8")
    for compiled in file.parent.glob(f"__pycache__/{file.stem}.*"):
        compiled.unlink()  # for a text of the same second and length it would pass as this one's
    compileall.compile_file(file, quiet=2)


def pairs_of(mutants: list[Mutant]) -> list[tuple[Mutant, Mutant]]:
    """N_PAIRS pairs of mistakes in different functions, the same pairs in every run.

    They come from as many combinations of functions as there are.
    """
    rng = random.Random(1)
    of_function: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        of_function.setdefault(mutant.function, []).append(mutant)
    functions = list(itertools.combinations(of_function, 2))
    # run_model's three functions call each other: their pairs count more than pairs of networks
    close = [pair for pair in functions if {of_function[name][0].exercise for name in pair} == {"run_model"}]
    chosen = (close * 4 + rng.sample(functions, len(functions)))[:N_PAIRS]
    return [(rng.choice(of_function[a]), rng.choice(of_function[b])) for a, b in chosen]
