"""The report's template: its sections, the points of its questions, and the head with its keys.

A section begins with a line ``<!-- exercise: NAME ... -->`` that names all exercises it needs, and
a heading ``## 3. Title``. A question begins ``**3.1** (2 points) `` and goes on to the next
question or section. In it stand

- its text;
- figures, ``![What it shows](report/NAME-FIGURE.png)``, and measured tables, the lines
  ``<!-- table: NAME KEY -->`` and ``<!-- end of table -->``, each with the line
  ``Made by `python -m src.experiments NAME`.`` below;
- ``<!-- numbers: one_number three_numbers[3] matrices[4][2][2] any_length[] -->``: keys of the head
  for answers that are numbers, and the form of each;
- ``<!-- measured: NAME.KEY (units of 16) -->``: keys of the head for numbers that come from a run
  of the experiment NAME. The words in brackets tell which number, and in which unit;
- ``Answer:``, if there is something to write.

The head, between two lines ``---``, is YAML. It is made from these lines.
"""

import re
from collections.abc import Collection, Mapping

from grader.assignment import KIT, GraderError, read_assignment
from grader.report.keys import head_lines

TEMPLATE = "report_template.md"
QUESTION = re.compile(r"^\*\*(\d+\.\d+)\*\* (?:\((\d+(?:\.\d+)?) points?\) )?", re.MULTILINE)
EXERCISES = re.compile(r"^<!-- exercise: (.+) -->\n", re.MULTILINE)
HEAD = re.compile(r"\A---\n.*?^---\n\n?", re.MULTILINE | re.DOTALL)


class ReportError(GraderError):
    """The report can't be put together or read; the text says why and what to do."""


def template_text() -> str:
    """The template as it was handed out, with the points that the course gives."""
    assignment = read_assignment()
    path = KIT / TEMPLATE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ReportError(f"{path} can't be read. Download the assignment again, or ask the course staff.") from None
    return handed_out(with_points(text, assignment.report_points), assignment.exercises)


def with_points(template: str, points: Mapping[str, float]) -> str:
    """The template with these points, by question; a question that is not named keeps its own."""

    def changed(found: re.Match[str]) -> str:
        number, own = found.groups()
        return f"**{number}** ({in_words(points.get(number, float(own or 1)))}) "

    return QUESTION.sub(changed, template)


def in_words(points: float) -> str:
    """As in "1 point" and "2.5 points"."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def with_head(template: str) -> str:
    """The template with a head for the keys that its questions name."""
    text = HEAD.sub("", template)
    return "\n".join(["---", *head_lines(text), "---", "", text])


def handed_out(template: str, exercises: Collection[str]) -> str:
    """The questions on the exercises that are handed out, numbered from 1 again.

    The lines that name exercises are left out. References in the text, such as "section 2" and
    "2.1", get the new numbers too. Raises ReportError if one of them refers to a section that is
    not handed out.
    """
    start, *parts = EXERCISES.split(template)
    kept = kept_sections(template, exercises)
    places = {text.removeprefix("## ").partition(".")[0]: str(place) for place, text in enumerate(kept, 1)}
    sections = [renumbered(text, places, QUESTION.findall(template)) for text in kept]
    return with_head("".join([start, *sections]).rstrip("\n") + "\n") if parts else template


def kept_sections(template: str, exercises: Collection[str]) -> list[str]:
    """The texts of the sections that need no other exercises than these."""
    _, *parts = EXERCISES.split(template)
    return [text for names, text in zip(parts[::2], parts[1::2], strict=True) if set(names.split()) <= set(exercises)]


def renumbered(text: str, places: Mapping[str, str], questions: Collection[tuple[str, str]]) -> str:
    """The text of a section with new numbers for sections, and so for questions."""
    names = "|".join(re.escape(number) for number, _ in questions)

    def new(found: re.Match[str]) -> str:
        number = found[0].partition(".")[0]
        if number not in places:
            raise ReportError(f"The report speaks of {found[0]}, which is in a section that is not handed out.")
        return places[number] + found[0].removeprefix(number)

    numbers = rf"(?<=^## )\d+|(?<=\bsection )\d+|(?<![\d.])(?:{names})(?!\d)"
    return re.sub(numbers, new, text, flags=re.MULTILINE)
