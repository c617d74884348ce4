"""The notebook that nbgrader grades."""

from collections.abc import Sequence
from typing import Any

NOTEBOOK_NAME = "problem.ipynb"
SCORES = (
    "import json; from nbgrader.api import Gradebook\n"
    "with Gradebook('sqlite:///gradebook.db') as book:\n"
    "    found = book.find_submission('ps1', 'student')\n"
    "    json.dump({'score': found.score, 'most': found.max_score}, open('scores.json', 'w'))\n"
)


def notebook_of(solution: str, questions: Sequence[str]) -> dict[str, Any]:
    """A notebook with a cell for the solution, and a locked cell with one point for each check."""
    cells = [cell("solution", solution, solution=True, grade=False)]
    for name in questions:
        check = f"import questions\nquestions.check({name!r}, train_epoch, evaluate)"
        cells.append(cell(name, check, solution=False, grade=True))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def cell(name: str, source: str, solution: bool, grade: bool) -> dict[str, Any]:
    about = {
        "grade": grade,
        "grade_id": name,
        "locked": grade,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    about |= {"points": 1} if grade else {}
    return {
        "cell_type": "code",
        "id": name.replace("_", "-"),
        "execution_count": None,
        "metadata": {"nbgrader": about},
        "outputs": [],
        "source": source,
    }
