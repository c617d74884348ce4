"""`grader points`: every check with its points, as a table and as comma-separated values."""

import csv
import io

import pytest

from grader.cli import main
from grader.staff.tests.conftest import points_of

ASSIGNMENT = 'title = "Homework"\nexercises = ["models", "perceptrons"]\n[points]\n"4.5" = 7.5\n'


@pytest.fixture
def named(tmp_path, monkeypatch):
    """The option that names an assignment of two exercises."""
    monkeypatch.setenv("GRADER_ASSIGNMENT", "")  # the command sets it; this puts it back
    (tmp_path / "homework.toml").write_text(ASSIGNMENT, encoding="utf-8")
    return ["--assignment", str(tmp_path / "homework.toml")]


def test_the_csv_has_every_check_once_with_what_grading_gives_it(capsys, checks):
    assert main(["points", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {
        (row["number"], row["title"], float(row["points"]), row["exercise"], row["visibility"]) for row in rows
    } == {
        (check.number, check.title, check.max_points, check.exercise, "hidden" if check.hidden else "visible")
        for check in checks
    }
    assert len(rows) == len(checks)


def test_another_assignments_points_and_exercises_count(capsys, named):
    assert main(["points", "--csv", *named]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(dict.fromkeys(row["exercise"] for row in rows)) == ["models", "perceptrons"]
    assert [row["points"] for row in rows if row["number"] == "4.5"] == ["7.5"]


def test_the_table_has_the_numbers_in_order_and_ends_with_the_totals(capsys, checks, visible):
    assert main(["points"]) == 0
    table, totals = capsys.readouterr().out.split("\n\n")
    lines = table.splitlines()
    assert len(lines) == len(checks) + 1
    numbers = [line.split()[0] for line in lines[1:]]
    assert numbers.index("3.9") < numbers.index("3.10") < numbers.index("4.1")
    column = lines[0].index("title")
    assert sorted(line[column:] for line in lines[1:]) == sorted(check.title for check in checks)
    seen, every = points_of(visible), points_of(checks)
    assert totals.splitlines()[-1].split() == [
        "total",
        f"{len(checks)}",
        f"{seen:g}",
        f"{every - seen:g}",
        f"{every:g}",
    ]
