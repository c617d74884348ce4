"""Submissions for tests: the reference with one thing changed."""

from pathlib import Path

from grader.assignment import read_assignment
from grader.intake.submission import make_folder
from grader.judging.reference import read_solution

EXERCISES = read_assignment().exercises


def reference_text(exercise: str) -> str:
    return read_solution(exercise)


def make_submission(folder: Path, **files: str | None) -> Path:
    """The reference's files in folder/src/, save those given: another text, or None for a file that is missing."""
    (folder / "src").mkdir(parents=True)
    for exercise in EXERCISES:
        text = files.get(exercise, reference_text(exercise))
        if text is not None:
            (folder / "src" / f"{exercise}.py").write_text(text, encoding="utf-8")
    return folder


def changed(exercise: str, old: str, new: str) -> str:
    """The reference's text with the first `old` replaced; an error where there is none, so that a test can't go stale."""
    text = reference_text(exercise)
    assert old in text, f"{exercise}.py has no {old!r}"
    return text.replace(old, new, 1)


def toy(folder: Path, text: str) -> Path:
    """A staged submission of an exercise `toy`, for tests of the sandbox (see toy_probes.py)."""
    make_folder(folder)
    (folder / "src" / "toy.py").write_text(text, encoding="utf-8")
    return folder
