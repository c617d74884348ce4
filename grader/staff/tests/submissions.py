"""Submissions for tests: the reference with one thing changed."""

from pathlib import Path

from grader.assignment import read_assignment
from grader.intake.submission import make_folder
from grader.judging.reference import read_solution
from grader.sandbox.client import Sandbox

EXERCISES = read_assignment().exercises


def reference_text(exercise: str) -> str:
    return read_solution(exercise)


def make_submission(folder: Path, **files: str | None) -> Path:
    """Write the reference's files into folder/src/, except those in `files`.

    `files` gives another text for an exercise, or None for a missing file.
    """
    (folder / "src").mkdir(parents=True)
    for exercise in EXERCISES:
        text = files.get(exercise, reference_text(exercise))
        if text is not None:
            (folder / "src" / f"{exercise}.py").write_text(text, encoding="utf-8")
    return folder


def changed(exercise: str, old: str, new: str) -> str:
    """The reference's text with the first `old` replaced.

    Without `old` in the text it fails, so that no test goes out of date.
    """
    text = reference_text(exercise)
    assert old in text, f"{exercise}.py has no {old!r}"
    return text.replace(old, new, 1)


def shown_toy(sandbox: Sandbox, folder: Path, text: str) -> Path:
    """A toy submission where workers can read it: in the lease's folder, if there is a lease."""
    place = sandbox.lease.folder if sandbox.lease else folder
    staged = toy(place / f"submission{len(list(place.iterdir()))}", text)
    if sandbox.lease:
        sandbox.lease.show(staged)
    return staged


def toy(folder: Path, text: str) -> Path:
    """A staged submission of an exercise `toy`, for tests of the sandbox (see toy_probes.py)."""
    make_folder(folder)
    (folder / "src" / "toy.py").write_text(text, encoding="utf-8")
    return folder
