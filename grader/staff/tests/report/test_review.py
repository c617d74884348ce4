"""What a report has and lacks, compared with its template."""

import pytest

from grader.report.fill import filled, is_untouched
from grader.report.review import review
from grader.report.runs import read_runs
from grader.staff.tests.report.toy import FILES, TABLE, TEMPLATE, answered, png, run_json


def missing_in(text, files=FILES):
    return {state.number: state.missing for state in review(text, files, TEMPLATE).unanswered}


def test_a_whole_report_lacks_nothing():
    result = review(answered(), FILES, TEMPLATE)
    assert (result.unanswered, result.problems, result.doubts, result.commands) == ([], [], [], {})
    assert result.summary == "3 of 3 questions are done (4.5 of 4.5 points)"
    assert result.head.values["matrices"] == [[1, 0], [0.5, 1e-5]]


def test_the_untouched_template_lacks_everything_and_says_how_to_make_it():
    result = review(TEMPLATE, {}, TEMPLATE)
    assert [state.text for state in result.unanswered] == [
        "1.1 (2 points): no answer; empty: sizes, total",
        "1.2 (1.5 points): empty: dogs.epochs; report/dogs-loss.png is missing; the table dogs summary is empty",
        "1.3 (1 point): no answer; empty: matrices",
    ]
    assert result.summary == "0 of 3 questions are done (0 of 4.5 points)"
    assert result.commands == {"python -m src.experiments dogs": ["1.2"]}
    assert result.problems == []


def test_windows_line_ends_and_a_byte_order_mark_change_nothing():
    assert missing_in("\ufeff" + answered().replace("\n", "\r\n")) == {}


@pytest.mark.parametrize("written", ["Answer: yes", "Answer:\n\n    yes", "Answer:\n\n![a](report/dogs-loss.png)"])
def test_an_answer_may_begin_anywhere_behind_the_word(written):
    assert "1.3" not in missing_in(answered().replace("Answer:\n\nBecause I counted them.", written))


@pytest.mark.parametrize("written", ["Answer:", "Answer: <!-- later -->", "Answer:\n\n<!--\nlater\n-->"])
def test_comments_and_spaces_are_no_answer(written):
    assert missing_in(answered().replace("Answer:\n\nBecause I counted them.", written)) == {
        "1.1": ["no answer"],
        "1.3": ["no answer"],
    }


def test_the_next_sections_text_is_no_answer():
    template = TEMPLATE + "\n## 2. Cats\n\nThey purr.\n\n**2.1** (1 point) Why?\n\nAnswer:\n"
    states = review(template, {}, template).states
    assert [(state.number, state.missing[0]) for state in states][-2:] == [("1.3", "no answer"), ("2.1", "no answer")]


def test_a_question_that_was_deleted_doubled_or_invented_is_named():
    text = answered().replace("**1.1** (2 points)", "**1.3** (2 points)") + "\n**7.1** (9 points) Mine\n"
    result = review(text, FILES, TEMPLATE)
    assert result.states[0].missing == ["the question is no longer in the report"]
    assert [problem.partition(": ")[2] for problem in result.problems] == [
        "question 1.3 stands there twice. Keep one.",
        "the template has no question 7.1.",
    ]


def test_a_figure_that_was_deleted_is_not_packed_and_not_made_again():
    text = answered().replace("![The loss](report/dogs-loss.png)", "")
    result = review(text, {"report/dogs.json": FILES["report/dogs.json"]}, TEMPLATE)
    assert result.states[1].missing == ["the figure report/dogs-loss.png is no longer in the report"]
    assert result.commands == {}


def test_a_figure_and_a_table_that_were_deleted_are_missing():
    text = answered().replace("![The loss](report/dogs-loss.png)", "").replace("table: dogs summary", "table")
    assert missing_in(text) == {
        "1.2": [
            "the figure report/dogs-loss.png is no longer in the report",
            "the table dogs summary is no longer in the report",
        ]
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("12,288", "total has 12,288, which is not a plain number"),
        ("24.14 %", "total has 24.14 %, which is not a plain number"),
        (".nan", "total has .nan, which is not a plain number"),
        ("1e999", "total has 1e999, which is too large"),
        ("[3]", "total should be a number, without brackets"),
        ("ten", "total has ten, which is not a plain number"),
    ],
)
def test_a_number_in_another_form_is_named_with_its_line(line, problem):
    text = answered(total=f'"{line}"' if "," in line else line)
    result = review(text, FILES, TEMPLATE)
    assert result.problems[0].startswith(f"Line 5: {problem}")
    assert result.states[0].missing == ["not as asked: total"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("5", "sizes should be a list of 3 numbers, in brackets and with commas between."),
        ("[1, 2]", "sizes should be a list of 3 numbers, but has 2."),
        ("[1, 2, 3, 4]", "sizes should be a list of 3 numbers, but has 4."),
        ("[1, [2], 3]", "sizes should be a list of 3 numbers, without brackets around a single number."),
        ("{a: 1}", "sizes should be a list of 3 numbers, in brackets"),
    ],
)
def test_a_list_of_another_form_is_named(line, problem):
    assert missing_in(answered(sizes=line)) == {"1.1": ["not as asked: sizes"]}
    assert review(answered(sizes=line), FILES, TEMPLATE).problems[0].startswith(f"Line 4: {problem}")


def test_a_nested_list_of_another_form_is_named():
    (problem,) = review(answered(matrices="[[1, 2], [3]]"), FILES, TEMPLATE).problems
    assert problem == (
        "Line 6: matrices should be 2 x 2 numbers in nested lists, such as [[1, 2], ..., but a list in it has the length 1."
    )


def test_keys_that_nobody_asked_for_are_named():
    text = answered().replace("numbers:\n", "age: 7\nnumbers:\n  weight: 3\n")
    assert review(text, FILES, TEMPLATE).problems == [
        "Line 3: age is not a key of the head.",
        "Line 5: no question asks for numbers.weight.",
    ]


@pytest.mark.parametrize("claimed", ["81", "81.0", "81.04"])
def test_a_measured_number_may_be_rounded(claimed):
    files = FILES | {"report/dogs.json": run_json(numbers={"epochs": 81.04})}
    assert review(answered(**{"dogs.epochs": claimed}), files, TEMPLATE).doubts == []


@pytest.mark.parametrize("claimed", ["80", "81.1", "0.81e2", "81.041"])
def test_a_measured_number_that_differs_from_its_run_is_pointed_out(claimed):
    files = FILES | {"report/dogs.json": run_json(numbers={"epochs": 81.6})}
    result = review(answered(**{"dogs.epochs": claimed}), files, TEMPLATE)
    assert [state.text for state in result.unanswered] == ["1.2 (1.5 points): not as in the run: dogs.epochs"]
    (doubt,) = result.doubts
    assert doubt == f"dogs.epochs is {float(claimed):g} in the head, and 81.6 in report/dogs.json."


def test_numbers_and_tables_without_a_run_and_tables_that_were_edited_are_pointed_out():
    without = {name: content for name, content in FILES.items() if "json" not in name}
    assert review(answered(), without, TEMPLATE).doubts == [
        "dogs.epochs is 81, and no report/dogs.json shows where from.",
        "No report/dogs.json shows where the table dogs summary comes from.",
    ]
    edited = answered().replace("7665 |", "9999 |")
    assert review(edited, FILES, TEMPLATE).doubts == [
        "The table dogs summary differs from the one in report/dogs.json."
    ]


def test_what_comes_from_a_quick_run_is_not_done():
    quick = run_json(budget="quick")
    result = review(answered(), FILES | {"report/dogs.json": quick, "report/cats.json": quick}, TEMPLATE)
    assert [state.text for state in result.unanswered] == ["1.2 (1.5 points): from a quick run of dogs"]
    assert result.commands == {"python -m src.experiments dogs": ["1.2"]}
    assert result.doubts == ["These come from quick runs, which only show that your code works: dogs. Make them again."]


def test_quick_runs_stand_in_one_line_below_the_numbers_that_differ():
    template = TEMPLATE + (
        "\n**1.4** (1 point) Cats?\n\n![Cats](report/cats-loss.png)\n\n<!-- measured: cats.epochs -->\n"
    )
    text = answered().replace("dogs.epochs: 81", "dogs.epochs: 80") + template.removeprefix(TEMPLATE)
    files = FILES | {f"report/{name}.json": run_json(budget="quick") for name in ("cats", "dogs")}
    doubts = review(text, files | {"report/cats-loss.png": png()}, template).doubts
    assert doubts[0].startswith("dogs.epochs is 80 in the head")
    assert doubts[1:] == [
        "These come from quick runs, which only show that your code works: dogs, cats. Make them again."
    ]


def test_a_picture_of_ones_own_that_is_missing_or_damaged_leaves_its_question_open():
    text = answered().replace("Because I counted them.", "![Mine](report/mine.png)", 1)
    assert missing_in(text) == {"1.1": ["report/mine.png is missing"]}
    assert missing_in(text, FILES | {"report/mine.png": b"<svg/>"}) == {"1.1": ["report/mine.png can't be shown"]}
    assert missing_in(text, FILES | {"report/mine.png": png()}) == {}


def test_an_empty_name_is_pointed_out():
    text = answered().replace("name: Ann", "name:")
    (doubt,) = review(text, FILES, TEMPLATE).doubts
    assert doubt == "The name in the head is empty. Write your name behind  name:"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[7665, 2000, 555]", "[7665, 2000, 555", "Line 4: the list that begins here has no end."),
        ("\n---\n\n# Report", "\n\n# Report", "The head has no second line ---. Put one below its last line."),
        ("---\nname", "name", "The report does not begin with its head"),
    ],
)
def test_without_a_head_that_can_be_read_no_number_is_called_empty(old, new, problem):
    result = review(answered().replace(old, new), FILES, TEMPLATE)
    (said,) = result.problems
    assert said.startswith(problem)
    assert said.endswith(" Until then no number of the head can be read.")
    assert result.summary == "0 of 3 questions are done (0 of 4.5 points)"
    assert result.to_do == []
    assert result.doubts == []


def test_a_head_without_an_end_stops_before_a_later_line_of_dashes():
    text = answered().replace("\n---\n\n# Report", "\n\n# Report") + "\n---\n"
    assert review(text, FILES, TEMPLATE).problems[0].startswith("The head has no second line ---.")


def test_a_damaged_run_and_damaged_or_huge_pictures_are_named():
    damaged = (
        b"{",
        b"[]",
        b'{"numbers": 3}',
        b'{"numbers": {"epochs": 1' + b"0" * 400 + b"}}",
        b'{"tables": {"a": {"rows": []}}}',
        b'{"tables": {"a": {"columns": ["x"], "rows": [[1, 2]]}}}',
        b"[" * 100_000,
    )
    for content in damaged:
        problems = review(answered(), FILES | {"report/dogs.json": content}, TEMPLATE).problems
        assert problems == ["report/dogs.json is damaged. Make it again:  python -m src.experiments dogs"]
    huge = review(answered(), FILES | {"report/dogs-loss.png": png(30_000, 30_000)}, TEMPLATE).problems
    assert huge == ["report/dogs-loss.png has 30000 x 30000 pixels. Make it smaller."]
    text = review(answered(), FILES | {"report/dogs-loss.png": b"<svg/>"}, TEMPLATE).problems
    assert text == ["report/dogs-loss.png is not a PNG picture. Make it again."]


# Filling in


def runs():
    return read_runs(FILES)[0]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_tables_are_filled_in_and_every_other_byte_stays(ends):
    text = (TEMPLATE.replace("Why?", "Why?\x0b \u2028 é  ") + "no end of line").replace("\n", ends)
    done = filled(text, runs())
    table = ends.join(["", *TABLE, "", ""])
    assert done == text.replace(f"summary -->{ends}", f"summary -->{ends}{table}")
    assert filled(done, runs()) == done


def test_a_table_without_a_run_or_without_an_end_stays():
    assert filled(answered(), {}) == answered()
    broken = TEMPLATE.replace("<!-- end of table -->\n", "")
    assert filled(broken, runs()) == broken
    assert review(broken, FILES, TEMPLATE).problems == [
        "Question 1.2: the table dogs summary has no line <!-- end of table -->. Put one below it."
    ]


def test_what_a_run_wrote_cannot_leave_its_table():
    cell = "<!-- end of table -->\n\n**1.3** x | `y` ![z](w)"
    table = {"columns": ["a"], "rows": [[cell], [2.5]]}
    files = FILES | {"report/dogs.json": run_json(tables={"summary": table})}
    done = filled(TEMPLATE, read_runs(files)[0])
    assert done.count("\n") == TEMPLATE.count("\n") + 6
    assert review(done, files, TEMPLATE).problems == []
    assert list(review(done, files, TEMPLATE).document.questions) == ["1.1", "1.2", "1.3"]


def test_columns_of_numbers_are_aligned_on_the_right():
    rows = [
        ["a", "2.50", None, 1, "3 x 3", "1,000"],
        ["b", "not finite", 7, 2.5, "4", "12 %"],
        ["c", "1e-05", 3, 3, "", 4],
    ]
    table = {"columns": list("tuvwxy"), "rows": rows}
    run = read_runs({"report/dogs.json": run_json(tables={"summary": table})})[0]["dogs"]
    assert run.tables["summary"][1] == "| --- | ---: | ---: | ---: | --- | ---: |"
    assert "| a | 2.50 | - | 1 | 3 x 3 | 1,000 |" in run.tables["summary"]


def test_a_template_with_filled_tables_is_untouched_and_with_a_word_it_is_not():
    done = filled(TEMPLATE, runs())
    assert done != TEMPLATE
    assert is_untouched(done.replace("\n", "\r\n"), TEMPLATE)
    assert not is_untouched(done.replace("name:", "name: Ann"), TEMPLATE)
