"""What the audit tries: every mutant, pairs of them, and every style, staged as submissions."""

import compileall
import itertools
import os
import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader.assignment import STAFF_EXERCISES, read_assignment
from grader.intake.submission import stage_files
from grader.items import exercise_of, exercises_of
from grader.judging.mutants import Mutant, read_mutants
from grader.judging.reference import read_solution, reference_files
from grader.staff.grading.trial import Trial, number, trains

N_PAIRS = 30
FIVE_MISTAKES = (  # in five functions, each caught by exact checks
    "train_epoch.loss_averages_batches",
    "evaluate.left_in_evaluation_mode",
    "run_model.always_shuffles",
    "DogClassifierConv.viewed_not_permuted",
    "LeNet5.average_pooling",
)


@dataclass
class Case:
    """A submission to try: its staged folder, the mistakes in it (none in a style), and what became of it.

    `graded` is a run with all checks and live mutants; `laptop` one with the visible checks and what was recorded, for single mistakes.
    """

    name: str
    folder: Path
    mutants: tuple[Mutant, ...] = ()
    graded: Trial = field(default_factory=Trial)
    laptop: Trial = field(default_factory=Trial)

    @property
    def is_mutant(self) -> bool:
        return len(self.mutants) == 1 and not self.mutants[0].equivalent

    @property
    def is_correct(self) -> bool:
        return all(mutant.equivalent for mutant in self.mutants)

    def concerns(self, item: pytest.Function) -> bool:
        """Whether a check may show what is in it.

        Of the checks that train for long, mistakes are asked those that must catch them, and styles those of exercises that they have.
        """
        if not self.mutants:
            return not trains(item) or is_style_of(self.name, (exercise_of(item),))
        may_ask = not exercises_of(item).isdisjoint(mutant.exercise for mutant in self.mutants)
        return may_ask and (not trains(item) or number(item) in self.caught_by)

    @property
    def caught_by(self) -> set[str]:
        """The numbers of the checks with a threshold that must catch it."""
        return {claim.split(" ")[0] for mutant in self.mutants for claim in mutant.caught_by}

    def is_claimed_by(self, number: str, quantity: str) -> bool:
        """Whether this threshold of a check must catch it."""
        claims = {claim for mutant in self.mutants for claim in mutant.caught_by}
        return bool(claims & {number, f"{number} {quantity}"})


def make_cases(folder: Path, only: tuple[str, ...] = ()) -> list[Case]:
    """Every mutant, equivalent change, pair of mutants and style, staged; with `only`, those whose names begin with one of these."""
    exercises = read_assignment().exercises
    mutants = [mutant for mutant in read_mutants() if mutant.exercise in exercises]
    pairs = pairs_of([mutant for mutant in mutants if not mutant.equivalent])
    mistakes: list[tuple[Mutant, ...]] = [*((mutant,) for mutant in mutants), *pairs]
    named = {" + ".join(mutant.name for mutant in together): together for together in mistakes}
    named |= {style: () for style in style_names()}
    wanted = {name: together for name, together in named.items() if not only or name.startswith(only)}
    return [Case(name, place(folder, name, together), together) for name, together in wanted.items()]


def style_names() -> list[str]:
    """The correct styles of solution; a style may have files of several exercises."""
    return sorted({path.stem for path in STAFF_EXERCISES.glob("*/styles/*.py")})


def style_file(style: str, exercise: str) -> Path:
    """Where an exercise is written in this style, if it is."""
    return STAFF_EXERCISES / exercise / "styles" / f"{style}.py"


def is_style_of(style: str, exercises: Iterable[str]) -> bool:
    """Whether a style has a file of one of these exercises: of others it is the reference."""
    return any(style_file(style, exercise).is_file() for exercise in exercises)


def place(folder: Path, name: str, mutants: tuple[Mutant, ...]) -> Path:
    """The reference with these mistakes, or in the style of this name, staged.  Raises MutantError for a mistake that can't be made."""
    base, staged = folder / "staged once", folder / name.replace(" ", "")
    if not base.exists():
        stage_files(reference_files(read_assignment().exercises), base)
        compileall.compile_dir(base, quiet=2)  # it will be imported hundreds of times
    shutil.copytree(base, staged, copy_function=os.link)  # a tenth of the time of staging it again
    written = {exercise: style_file(name, exercise) for exercise in read_assignment().exercises}
    texts = {exercise: file.read_text(encoding="utf-8") for exercise, file in written.items() if file.is_file()}
    for mutant in mutants:
        texts[mutant.exercise] = mutant.apply(texts.get(mutant.exercise) or read_solution(mutant.exercise))
    for exercise, text in texts.items():
        file = staged / "src" / f"{exercise}.py"
        file.unlink()
        file.write_text(text, encoding="utf-8")
        for compiled in file.parent.glob(f"__pycache__/{exercise}.*"):
            compiled.unlink()  # the link: for a text of the same second and length it would pass as this one's
        compileall.compile_file(file, quiet=2)
    return staged


def pairs_of(mutants: list[Mutant]) -> list[tuple[Mutant, Mutant]]:
    """The same N_PAIRS pairs of mistakes in different functions every time, as many combinations of functions as there are."""
    rng = random.Random(1)
    of_function: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        of_function.setdefault(mutant.function, []).append(mutant)
    functions = list(itertools.combinations(of_function, 2))
    # run_model's three functions are built on one another: each of their pairs counts more than one of networks
    close = [pair for pair in functions if {of_function[name][0].exercise for name in pair} == {"run_model"}]
    chosen = (close * 4 + rng.sample(functions, len(functions)))[:N_PAIRS]
    return [(rng.choice(of_function[a]), rng.choice(of_function[b])) for a, b in chosen]
