"""The folder of results of each submission.  A finished grade is replaced only by a finished one.

OUT/NAME/ holds what grading wrote, and finished.json, which is written last: without it, or with
another fingerprint, the submission is graded again. What an attempt that failed wrote is in
OUT/NAME/failed/.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.feedback.words import points_text
from grader.intake.files import replace_file, write_files
from grader.staff.grading.job import LOG, RESULTS, Result

FINISHED, FAILED = "finished.json", "failed"


@dataclass
class Grade:
    """The grade of one submission; `problem` is a sentence if something is wrong with it.

    `results` is empty if it was never graded. `cost` holds seconds, cpu_s and memory.
    """

    name: str
    folder: Path
    problem: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    cost: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_graded(self) -> bool:
        return bool(self.results)

    @property
    def score(self) -> float:
        return float(self.results["score"])

    @property
    def max_score(self) -> float:
        return float(sum(test["max_score"] for test in self.results["tests"]))

    @property
    def points(self) -> str:
        return points_text(self.score, self.max_score)

    @property
    def report(self) -> str:
        """The points of the report's numbers, or "" if there is no report."""
        details = self.results.get("extra_data", {}).get("report")
        if details is None:
            return ""
        return "see log" if "problem" in details else f"{details['points']:g}/{details['max_points']:g}"


def read_finished(folder: Path) -> dict[str, Any]:
    """What is known of the finished grade in a folder; nothing if there is none."""
    try:
        found = json.loads((folder / FINISHED).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def read_grade(folder: Path) -> Grade:
    """The finished grade in a folder."""
    grade, cost = Grade(folder.name, folder), read_finished(folder)
    if cost:
        grade.results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        for test in grade.results["tests"]:
            test.pop("output", None)  # most of the text; the file has it
        grade.cost = cost
        not_gradable = grade.results["extra_data"].get("not gradable", "")
        grade.problem = f"nothing could be graded; the student reads: {not_gradable}" if not_gradable else ""
    return grade


def keep(folder: Path, result: Result, fingerprint: str) -> Grade:
    """Write a result into the folder, and return the grade.

    If grading failed, an earlier grade stays, and the result goes into the folder `failed` beside
    it. Raises OSError if the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    problem = problem_of(result)
    shutil.rmtree(folder / FAILED, ignore_errors=True)
    if problem:
        write_files(result.files, folder / FAILED)
        grade = read_grade(folder)
        grade.problem = f"{problem}: see {folder / FAILED / LOG}"
        return grade
    for name in sorted(result.files, key=lambda name: name == RESULTS):  # results.json after the others
        replace_file(folder / name, result.files[name])
    cost = {"seconds": round(result.seconds, 1), "cpu_s": result.cpu_s, "memory": result.memory}
    replace_file(folder / FINISHED, json.dumps(cost | {"fingerprint": fingerprint}).encode())
    for old in folder.glob("*"):
        if old.is_file() and old.name not in (*result.files, FINISHED):
            old.unlink()  # such as the page of a report that is no longer handed in
    return read_grade(folder)


def problem_of(result: Result) -> str:
    """A sentence if grading failed, or ""."""
    try:
        results = json.loads(result.files[RESULTS])
    except (KeyError, ValueError):
        return f"the grader ended with status {result.status} and wrote no results"
    if result.status not in (0, 1):
        return f"the grader stopped with status {result.status}"
    counts = results["extra_data"]["checks"]
    not_judged = counts["error"] + counts["not run"]
    return f"{not_judged} checks could not be judged" if not_judged else ""
