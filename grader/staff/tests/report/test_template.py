"""The template that students get: numbered from 1, with the course's points, and its own head."""

import re

import pytest

from grader.assignment import KIT, checked_exercises, read_assignment
from grader.report.document import parse
from grader.report.keys import keys_of
from grader.report.review import review
from grader.report.template import ReportError, handed_out, with_head, with_points
from grader.staff.grading.answers import answer_texts, key_lines
from grader.staff.grading.numbers import has_shape, read_answers, score_of
from grader.staff.release.report import report_template

QUESTIONS = """\
# Report

<!-- exercise: run_model -->
## 1. Loops

**1.1** (2 points) At a learning rate of 0.1, and of 1.5?

<!-- numbers: one three[3] -->

<!-- exercise: design -->
## 2. Budgets

**2.1** (1 point) How wide?

<!-- numbers: wide[] -->

<!-- exercise: run_model models -->
## 3. Networks

**3.1** (1 point) As in section 1: how long?

<!-- measured: dogs-fc.epochs dogs-fc.dead (units of 16, mean) -->

**3.2** (0.5 points) Explain 3.1, and 1.1.

<!-- numbers: deep[4][2][2] -->
"""
ASKED = """\
---
name:  # your name, or your names
worked_with:  # people you worked with
sources:  # people, pages, code, language models that you used, and for what
numbers:  # answers that are numbers
  one:  # 1.1: a number
  three:  # 1.1: a list of 3 numbers
  deep:  # 2.2: 4 x 2 x 2 numbers in nested lists, such as [[[1, 2], ...
measured:  # numbers from your runs
  dogs-fc.epochs:  # 2.1: a number
  dogs-fc.dead:  # 2.1: units of 16, mean
---

# Report

## 1. Loops

**1.1** (2 points) At a learning rate of 0.1, and of 1.5?

<!-- numbers: one three[3] -->

## 2. Networks

**2.1** (1 point) As in section 1: how long?

<!-- measured: dogs-fc.epochs dogs-fc.dead (units of 16, mean) -->

**2.2** (0.5 points) Explain 2.1, and 1.1.

<!-- numbers: deep[4][2][2] -->
"""


def test_the_report_asks_about_what_is_handed_out_and_numbers_it_anew():
    assert handed_out(with_head(QUESTIONS), ("run_model", "models")) == ASKED
    assert "**1.1** (1 point) How wide?" in handed_out(QUESTIONS, ("design",))
    assert "  wide:  # 1.1: a list of numbers, such as [1, 2]\n" in handed_out(QUESTIONS, ("design",))
    assert handed_out(QUESTIONS, ("models",)).endswith("---\n\n# Report\n")


def test_what_was_handed_out_stays_as_it_is():
    assert handed_out(ASKED, ("run_model",)) == ASKED


def test_a_question_that_speaks_of_one_that_is_left_out_is_refused():
    with pytest.raises(ReportError, match=r"speaks of 2.1, which is in a section that is not handed out"):
        handed_out(QUESTIONS.replace("and 1.1", "and 2.1"), ("run_model", "models"))


def test_the_course_changes_points_by_the_numbers_of_the_whole_template():
    changed = with_points(QUESTIONS, {"1.1": 1, "3.2": 2.5})
    assert re.findall(r"\*\*(.*?)\*\* \((.*?)\)", changed) == [
        ("1.1", "1 point"),
        ("2.1", "1 point"),
        ("3.1", "1 point"),
        ("3.2", "2.5 points"),
    ]
    assert with_points(changed, {"1.1": 2, "3.2": 0.5}) == QUESTIONS


def test_a_measured_number_that_two_questions_need_stands_in_the_head_once():
    text = QUESTIONS.replace("numbers: deep[4][2][2]", "measured: dogs-fc.epochs")
    assert "measured:  # numbers from your runs\n  dogs-fc.epochs:  # 3.1, 3.2: a number\n  dogs-fc.dead:" in with_head(
        text
    )


def test_a_key_that_two_questions_use_is_refused(tmp_path):
    folder = tmp_path / "grader" / "exercises" / "models"
    folder.mkdir(parents=True)
    (folder.parent / "report_header.md").write_text("# Report\n", encoding="utf-8")
    text = (
        "<!-- exercise: models -->\n## 1. A\n\n**1.1** (1 point) B\n\n<!-- numbers: x -->\n\n<!-- numbers: x[2] -->\n"
    )
    (folder / "report.md").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=r"Two questions ask for x\. Give each number a name of its own\."):
        report_template(tmp_path)


# The kit's own questions


def own():
    return (KIT / "report_template.md").read_text(encoding="utf-8")


def test_every_question_has_points_something_to_do_and_an_address_for_each_figure():
    for block in parse(own()).questions.values():
        assert re.match(r"\*\*\S+\*\* \([\d.]+ points?\) ", block.text), block.number
        keys = keys_of(block.text)
        assert block.asks_for_text or block.pictures or block.tables or keys, block.number
        commands = set(re.findall(r"^Made by `python -m src\.experiments (\S+)`\.$", block.text, re.MULTILINE))
        made = {picture.split("/")[1].rpartition("-")[0] for picture in block.pictures}
        assert commands == made | {table.run for table in block.tables}, block.number
        assert "![](" not in block.text


def test_every_question_and_every_number_has_an_answer_of_the_form_that_is_asked():
    template = own()
    assert set(answer_texts()) == set(parse(template).questions)
    keys = {key.name: key for key in keys_of(template) if key.kind == "numbers"}
    answers = read_answers()
    assert set(answers) == set(keys)
    for name, answer in answers.items():
        assert all(has_shape(value, keys[name].shape) for value in answer.values), name


def test_the_staffs_own_answers_earn_every_point():
    template, answers = own(), read_answers()
    text = re.sub(
        r"^  (\w+):(?=  # )", lambda found: f"  {found[1]}: {answers[found[1]].values[0]}", template, flags=re.M
    )
    result = review(text, {}, template)
    score = score_of(result.head, result.keys, answers)
    assert set(score.words.values()) == {"right"}
    assert score.points == score.max_points == sum(answer.points for answer in answers.values())
    assert not [problem for problem in result.problems if "Line" in problem]


@pytest.mark.parametrize("exercises", [checked_exercises(), ["design", "numpy_mlp"]], ids=["all", "two"])
def test_the_key_has_every_question_that_is_handed_out(tmp_path, exercises):
    file = tmp_path / "assignment.toml"
    file.write_text(f"title = 'One'\nexercises = {exercises}\n", encoding="utf-8")
    text = "\n".join(key_lines(read_assignment(file)))
    asked = parse(handed_out(own(), exercises)).questions
    assert re.findall(r"^\*\*(\d+\.\d+)\*\* \(", text, re.MULTILINE) == list(asked)
    assert ("in report_template.md" in text) == (len(exercises) == 2)
