"""The numbers of a report are checked against the staff's answers, for points of their own."""

import json
import shutil
import time
import zipfile

import pytest

from grader.assignment import KIT
from grader.feedback.header import Header
from grader.feedback.results import gradescope_results
from grader.report.head import read_head
from grader.report.keys import Key
from grader.staff.grading import report
from grader.staff.grading.numbers import Answer, AnswersError, read_answers, score_of
from grader.staff.tests.conftest import run
from grader.staff.tests.report.toy import FILES, TEMPLATE, answered, png

ANSWERS = {
    "sizes": Answer(([7665.0, 2000.0, 555.0], [3.0, 2.0, 1.0]), points=2),
    "total": Answer((10220.0,), points=0.5),
    "matrices": Answer(([[1.0, 0.0], [0.5, 0.0]],), tolerance=0.001),
}


# Right and wrong


@pytest.mark.parametrize(
    ("answer", "text", "right"),
    [
        (Answer((0.3,)), "0.3", True),
        (Answer((0.1 + 0.2,)), "0.3", True),
        (Answer((81.0,)), "81.0001", False),
        (Answer((98.1,), tolerance=0.5), "98.6", True),
        (Answer((98.1,), tolerance=0.5), "98.7", False),
        (Answer((7.0, 9.0)), "9", True),
        (Answer(([1.0, 2.0],)), "[1, 2]", True),
        (Answer(([1.0, 2.0],)), "[2, 1]", False),
        (Answer(([1.0, 2.0],)), "[1, 2, 3]", False),
        (Answer(([[1.0], [2.0]],)), "[[1], [2]]", True),
    ],
)
def test_a_number_is_right_if_it_is_close_enough(answer, text, right):
    shape = () if "[" not in text else (-1, -1) if "[[" in text else (-1,)
    key = Key("x", "1.1", shape)
    score = score_of(read_head(f"numbers:\n  x: {text}\n", [key]), [key], {"x": answer})
    assert score.words == {"x": "right" if right else "not right"}
    assert score.points == (1 if right else 0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[x]\nvalue = 'a'", "could not convert"),
        ("[x]\nwhy = 'a'", "[x] should have a value"),
        ("[x]\nvalue = 1\nvalues = 2", "[x] should have a value, and perhaps also, tolerance, points, why"),
        ("x = ", "Invalid value"),
    ],
)
def test_a_wrong_file_of_answers_is_named(tmp_path, text, sentence):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "answers.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AnswersError) as caught:
        read_answers(tmp_path)
    assert sentence in str(caught.value)
    assert "answers.toml: " in str(caught.value)


# One report


@pytest.fixture
def grade(tmp_path, monkeypatch):
    """Grade the report in a folder of these files; what report.json holds."""
    monkeypatch.setattr(report, "template_text", lambda: TEMPLATE)
    monkeypatch.setattr(report, "read_answers", lambda: ANSWERS)

    def grade_files(text, files=FILES):
        folder, out = tmp_path / "submission", tmp_path / "out"
        for name, content in (files | {"report.md": text.encode()}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        out.mkdir()
        assert report.main([str(folder), str(out)]) == 0
        assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
        return json.loads((out / "report.json").read_text(encoding="utf-8"))

    return grade_files


def test_each_number_earns_its_points_and_the_students_see_no_value(grade):
    results = grade(answered(total="7"))
    assert results["numbers"] == {
        "points": 3,
        "max_points": 3.5,
        "keys": {
            "sizes": {"question": "1.1", "word": "right"},
            "total": {"question": "1.1", "word": "not right"},
            "matrices": {"question": "1.3", "word": "right"},
        },
    }
    told = report.told(results)
    assert told.text == "Report: 3 of 3 questions are done (4.5 of 4.5 points)."
    assert told.feedback.splitlines() == [
        "3 of 3.5 points",
        "1.1 sizes: right",
        "1.1 total: not right",
        "1.3 matrices: right",
    ]
    assert "10220" not in json.dumps(results)


def test_a_head_that_cannot_be_read_costs_the_numbers_and_says_where(grade):
    results = grade(answered(total="*x"))
    assert (results["numbers"]["points"], results["numbers"]["max_points"]) == (0, 3.5)
    assert results["problems"][0].startswith("Line 5: write the value itself in place of *")
    assert "Line 5: " in report.told(results).text


def test_a_report_that_is_not_text_earns_nothing_and_says_why(tmp_path, grade):
    (tmp_path / "out").mkdir()
    (tmp_path / "report.md").write_bytes(b"\xff")
    report.main([str(tmp_path), str(tmp_path / "out")])
    results = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert results["problems"] == ["report.md, line 1, is not UTF-8. Save the file with the encoding UTF-8."]
    assert results["numbers"]["points"] == 0


def test_a_report_that_takes_too_long_does_not_stop_the_grading(tmp_path, monkeypatch):
    (tmp_path / "report.md").write_text("# Report\n", encoding="utf-8")
    monkeypatch.setattr(report, "LIMIT_S", 0.001)
    apart = report.grade_report(tmp_path, tmp_path)
    assert "could not be graded" in apart.text


LONG_TITLE = '**1.1** q\n\n[a]: https://x.org "' + "&" * 20_000 + '"\n\n' + "[a] " * 2000
LARGE_TABLE = "|a" * 256 + "\n" + "|-" * 256 + "\n" + "|\n" * 255 + "\n"


@pytest.mark.parametrize("text", [LONG_TITLE, LARGE_TABLE, LARGE_TABLE * 300], ids=["title", "table", "tables"])
def test_a_report_that_would_fill_the_memory_costs_only_its_own_points(tmp_path, capfd, text):
    (tmp_path / "report.md").write_text("# Report\n\n" + text, encoding="utf-8")
    started = time.monotonic()
    apart = report.grade_report(tmp_path, tmp_path)
    assert "could not be graded" in apart.text
    assert "too large" in capfd.readouterr().err
    assert time.monotonic() - started < 20
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


@pytest.mark.parametrize("greedy", ["bytearray(2**31)", "open('file', 'wb').write(bytes(2**27))"])
def test_the_process_that_reads_reports_has_limits(tmp_path, greedy):
    limits = f"from grader.sandbox import hardening; hardening.limit_own_process({report.MAX_MEMORY})"
    done = run("-c", f"import os; {limits}; os.chdir({str(tmp_path)!r}); print(1); {greedy}")
    assert (done.stdout, done.returncode) == ("1\n", 1)
    assert "MemoryError" in done.stderr or "File too large" in done.stderr


def test_the_entry_for_gradescope_has_no_points_and_is_shown_with_hidden_checks(checks):
    apart = report.told(
        {"summary": "all", "problems": [], "doubts": [], "questions": []}
        | {"numbers": {"points": 1, "max_points": 2, "keys": {}}}
    )
    without = gradescope_results(checks, Header())
    results = gradescope_results(checks, Header(apart=apart, hidden="after_due_date"))
    *tests, entry = results["tests"]
    assert tests == without["tests"]
    assert results["score"] == without["score"]
    assert (entry["score"], entry["max_score"], entry["visibility"]) == (0, 0, "after_due_date")
    assert entry["output"] == "1 of 2 points"


# The whole way, with the real commands


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A student with half of the work done: folder, and what `grader report` and `check` said."""
    folder = tmp_path_factory.mktemp("student")
    kit = folder / "one.toml"
    kit.write_text('title = "One"\nexercises = ["perceptrons"]\n', encoding="utf-8")
    (folder / "work" / "src").mkdir(parents=True)
    shutil.copy(KIT / "src" / "perceptrons.py", folder / "work" / "src")

    def command(*arguments):
        return run("-m", "grader.cli", *arguments, GRADER_ASSIGNMENT=str(kit))

    said = [command("report", folder / "work")]
    text = (folder / "work" / "report.md").read_text(encoding="utf-8")
    text = (
        text.replace("name:", "name: Ann", 1)
        .replace("  row_units:", "  row_units: [1, 2]")
        .replace("Answer:\n", "Answer: so it is.\n", 3)
    )
    text = text.replace("so it is.", "![mine](report/sketch.png)", 1)
    (folder / "work" / "report.md").write_text(text, encoding="utf-8")
    (folder / "work" / "report").mkdir()
    for name in ("pentagons-lines.png", "sketch.png", "unused.png"):
        (folder / "work" / "report" / name).write_bytes(png())
    said += [command("report", folder / "work"), command("check", folder / "work")]
    packed = zipfile.ZipFile(folder / "work" / "submission.zip").namelist()
    said.append(command("grade", folder / "work" / "submission.zip", "--out", folder / "grades"))
    return folder, said, packed, command


def test_the_first_call_makes_the_report_and_lists_what_is_to_do(handed_in):
    _, (made, *_), _, _ = handed_in
    assert made.returncode == 1
    assert made.stdout.startswith("Made report.md from the template. Write your answers into it.\nreport.md: 0 of 12 ")
    assert "  1.2 (2 points): no answer; empty: threshold_range\n" in made.stdout
    assert "  python -m src.experiments pentagons    (1.1)\n" in made.stdout


def test_the_report_is_packed_with_the_figures_that_it_links_to(handed_in):
    _, (_, _, checked, _), packed, _ = handed_in
    assert packed == ["src/perceptrons.py", "report.md", "report/pentagons-lines.png", "report/sketch.png"]
    assert "  2 of 12 questions are done" in checked.stdout
    assert "  1.4 (2 points): no answer\n" in checked.stdout
    summary = "Report: 2 of 12 questions are done (5 of 25 points).\n\n"
    assert checked.stdout.index(summary) < checked.stdout.index("is ready to hand in")
    assert "Ignored" not in checked.stdout


def test_unzipped_elsewhere_it_renders_with_every_picture(handed_in, tmp_path):
    folder, _, _, command = handed_in
    zipfile.ZipFile(folder / "work" / "submission.zip").extractall(tmp_path)
    assert "Wrote report.html" in command("report", tmp_path).stdout
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/png;base64,') == 2
    assert "No picture" not in page
    assert page == (folder / "work" / "report.html").read_text(encoding="utf-8")


def test_grading_shows_the_reports_points_in_a_column_of_their_own(handed_in):
    folder, (*_, graded), _, _ = handed_in
    header, row = (line.split() for line in graded.stdout.split("\n\n")[1].splitlines()[:2])
    assert (header[-1], row[1]) == ("report", "0/17")
    results = json.loads((folder / "grades/submission/results.json").read_text(encoding="utf-8"))
    report_json = json.loads((folder / "grades/submission/report.json").read_text(encoding="utf-8"))
    numbers = report_json["numbers"]
    assert row[-1] == f"{numbers['points']:g}/{numbers['max_points']:g}"
    assert results["output"] == "Report: 2 of 12 questions are done (5 of 25 points)."
    assert sum(test["max_score"] for test in results["tests"]) == 17
    assert (folder / "grades/submission/report.html").is_file()
