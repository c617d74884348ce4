"""`grader answers`: the teachers' key to the report.

For each question that is handed out, with the number that students see: its text, the answer and
the rubric in grader/staff/exercises/NAME/answers.md, and its numbers in answers.toml.
"""

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.assignment import KIT, STAFF_EXERCISES, Assignment, read_assignment
from grader.report.document import ANSWER, Block, Document, parse, without_comments
from grader.report.keys import NUMBERS, Key, keys_of
from grader.report.page import number_text
from grader.report.template import TEMPLATE, handed_out, in_words, kept_sections, with_points
from grader.staff.grading.numbers import Answer, AnswersError, read_answers
from grader.staff.options import add_assignment

HELP = (
    "Prints, as Markdown, every question of the report that the assignment hands out, with its points, the answer, the "
    "rubric, and the numbers that count as right.  Keep it private.  Exit status: 0, or 2 if an answer is missing."
)
EXAMPLE = "grader answers > key.md"
ENTRY = re.compile(r"^\*\*(\d+\.\d+)\*\*", re.MULTILINE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_assignment(parser)


def main(options: argparse.Namespace) -> int:
    print("\n".join(key_lines(read_assignment())))
    return 0


def key_lines(assignment: Assignment) -> Iterator[str]:
    """The lines of the key.  Raises AnswersError if a question or a number has no answer."""
    template = with_points((KIT / TEMPLATE).read_text(encoding="utf-8"), assignment.report_points)
    before = parse("".join(kept_sections(template, assignment.exercises)))
    asked = parse(handed_out(template, assignment.exercises))
    texts, numbers = answer_texts(), read_answers()
    answers = [(key, entry_of(numbers, key.name)) for key in keys_of(asked.body) if key.kind == NUMBERS]
    own_numbers = dict(zip(asked.questions, before.questions, strict=True))
    yield f"# Answers: {assignment.title}\n"
    yield f"{points_of(asked, [answer for _, answer in answers])}"
    for block in asked.blocks[1:]:
        if block.number:
            own = own_numbers[block.number]
            of_question = [(key, answer) for key, answer in answers if key.question == block.number]
            yield from question_lines(block, own, entry_of(texts, own), of_question)
        else:
            yield f"\n{block.text.partition(chr(10))[0]}"


def points_of(asked: Document, answers: list[Answer]) -> str:
    of_questions = in_words(sum(block.points for block in asked.questions.values()))
    return (
        f"{of_questions} for the questions, and {in_words(sum(answer.points for answer in answers))} for their numbers."
    )


def question_lines(block: Block, own: str, text: str, numbers: list[tuple[Key, Answer]]) -> Iterator[str]:
    """A question and its answer.  `own` is its number in report_template.md, as in the answer."""
    yield f"\n{question_text(block)}" + (f" *({own} in {TEMPLATE})*" if own != block.number else "")
    if numbers:
        yield ""
    for key, answer in numbers:
        right = " or ".join(map(number_text, answer.values))
        within = f", give or take {answer.tolerance:g}" if answer.tolerance else ""
        why = f" ({answer.why})" if answer.why else ""
        yield f"- `{key.name}`: {right}{within}{why}, {in_words(answer.points)}"
    yield f"\n{text}"


def question_text(block: Block) -> str:
    """The question without figures, tables and comments."""
    lines = without_comments(ANSWER.split(block.text)[0]).splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.startswith(("![", "Made by ", "|")))


def answer_texts(folder: Path = STAFF_EXERCISES) -> dict[str, str]:
    """The entries of every answers.md by the question's number in report_template.md."""
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("*/answers.md")):
        _, *parts = ENTRY.split(path.read_text(encoding="utf-8"))
        texts |= {number: text.strip() for number, text in zip(parts[::2], parts[1::2], strict=True)}
    return texts


def entry_of(entries: Mapping[str, Any], name: str) -> Any:
    if name not in entries:
        raise AnswersError(f"{name} has no answer. Put it into grader/staff/exercises/NAME/answers.md or answers.toml.")
    return entries[name]
