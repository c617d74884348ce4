"""Makes report_template.md from its header and each exercise's grader/exercises/NAME/report.md.

`grader.report.template` says what stands in these files. The number in a section's heading says
where it stands. Questions have the points that assignment.toml gives them.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from grader.assignment import read_assignment
from grader.report.keys import NUMBERS, keys_of
from grader.report.template import ReportError, with_head, with_points

TEMPLATE = "report_template.md"
HEADER = "report_header.md"
SECTION = re.compile(r"^(?=<!-- exercise: .+ -->\n## \d+\. )", re.MULTILINE)
NUMBER = re.compile(r"^## (\d+)\. ", re.MULTILINE)


def report_template(repo_root: Path) -> str:
    """The text of report_template.md.

    Raises ReportError if a file begins with anything but a section, or if the sections' numbers are
    not 1, 2, 3 and so on.
    """
    exercises = repo_root / "grader" / "exercises"
    sections: dict[int, str] = {}
    for path in sorted(exercises.glob("*/report.md")):
        for number, text in sections_of(path):
            if number in sections:
                raise ReportError(f"{path}: another exercise has a section {number} too. Give one another number.")
            sections[number] = text
    if sorted(sections) != list(range(1, len(sections) + 1)):
        raise ReportError(f"The report's sections are numbered {sorted(sections)}. Number them from 1 without gaps.")
    header = (exercises / HEADER).read_text(encoding="utf-8")
    text = "\n".join([header.rstrip() + "\n", *(sections[number] for number in sorted(sections))])
    refuse_same_keys(text)
    return with_head(with_points(text, points_in(repo_root / "assignment.toml")))


def points_in(assignment: Path) -> Mapping[str, float]:
    return read_assignment(assignment).report_points if assignment.is_file() else {}


def refuse_same_keys(text: str) -> None:
    """Raise ReportError if two questions ask for a number under one key."""
    names = [key.name for key in keys_of(text) if key.kind == NUMBERS]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReportError(f"Two questions ask for {', '.join(twice)}. Give each number a name of its own.")


def sections_of(path: Path) -> list[tuple[int, str]]:
    """The number and the text of each section in a file."""
    before, *texts = SECTION.split(path.read_text(encoding="utf-8"))
    if before.strip() or not texts:
        raise ReportError(f"{path} should begin with a line <!-- exercise: NAME --> and a heading like ## 3. Title.")
    return [(int(NUMBER.findall(text)[0]), text.rstrip() + "\n") for text in texts]
