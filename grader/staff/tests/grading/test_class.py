"""A class, graded through `grader grade`: what runs, what is kept, and what is written.

Most tests grade with a stand-in that is as fast as they need; the last ones grade for real.
"""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader import cli
from grader.assignment import KIT, VARIABLE
from grader.staff.grading import outputs, pools
from grader.staff.grading.job import Result
from grader.staff.grading.processes import remove_leftovers
from grader.staff.grading.similarity import Pair
from grader.staff.tests.conftest import run
from grader.staff.tests.grading.downloads import FORMATS, make_download, write, zipped
from grader.staff.tests.submissions import reference_text

ASSIGNMENT = """title = "Homework 1"
exercises = ["perceptrons"]
[late]
deadline = 2026-11-02T00:00:00Z
percent_per_day = 10
most_percent = 15
"""
STUDENTS = {
    "Jane Doe": {"src/perceptrons.py": b"5"},
    "Max Muster": {"src/perceptrons.py": b"3"},
    "Ann Lee": {"src/Perceptrons.py": b"10"},
    "Bo Li": {"perceptrons.py": b"0"},
}
MISTAKE = "max_pool moves its window by 1; it should move it by <stride>."


def results_of(points: float) -> dict:
    """Results in which a number of points decides what passed."""
    tests = [
        {
            "name": f"check <{number}>",
            "number": f"6.{number + 1}",
            "score": min(5.0, max(0.0, points - 5 * number)),
            "max_score": 5.0,
            "visibility": "after_published" if number else "visible",
            "extra_data": {"seconds": 1.0, "exercise": "perceptrons", "status": "passed"},
        }
        for number in (0, 1)
    ]
    for test in tests:
        if test["score"] < 5:
            test["extra_data"] |= {"status": "failed"} | ({"mistakes": [MISTAKE]} if points == 3 else {})
    counts = {"passed": 0, "failed": 0, "to do": 0, "blocked": 0, "error": 0, "not run": 0}
    details = {"kit": "1", "checks": counts, "not gradable": ""}
    return {"score": points, "tests": tests, "extra_data": details, "execution_time": 1.0}


class StandIn:
    """Grades in no time: the points are what the student's file says."""

    def __init__(self):
        self.graded, self.fails, self.stops_after = [], {}, None

    def __call__(self, job):
        if self.stops_after is not None and len(self.graded) >= self.stops_after:
            raise KeyboardInterrupt
        self.graded.append(job.name)
        points = float(re.search(rb"\d+", read_code(job.packed))[0])
        files = {"log.txt": b"log", "results.json": json.dumps(results_of(points)).encode()}
        return self.fails.get(job.name) or Result(files, 1, 2.0, 1.5, 300 * 2**20)


def read_code(packed):
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(packed.content)) as package:
        return next((package.read(name) for name in package.namelist() if name.endswith(".py")), b"0")


@pytest.fixture
def stand_in(monkeypatch):
    made = StandIn()
    monkeypatch.setattr(pools, "grade_job", made)
    monkeypatch.setattr(outputs, "similar_pairs", lambda texts: [])
    return made


@pytest.fixture
def grade(tmp_path, monkeypatch, capsys):
    """Run `grader grade` here with these arguments; its status, and what it said."""
    (tmp_path / "a.toml").write_text(ASSIGNMENT, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "a.toml"))

    def grade_here(path, *arguments):
        options = ["--out", str(tmp_path / "out"), "--jobs", "1", *map(str, arguments)]
        paths = path if isinstance(path, list) else [path]
        status = cli.main(["grade", *map(str, paths), *options])
        said = capsys.readouterr()
        return status, said.out + said.err

    return grade_here


@pytest.fixture
def download(tmp_path):
    return make_download("canvas", tmp_path, STUDENTS, late=("Ann Lee",))


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Who is graded


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_described_and_every_student_graded(tmp_path, stand_in, grade, kind, as_zip):
    folder = make_download(kind, tmp_path, STUDENTS, late=("Ann Lee",))
    status, said = grade(zipped(folder) if as_zip else folder)
    assert status == 0, said
    assert ": 4 students" in said
    rows = table(tmp_path / "out" / "grades.csv")
    assert sorted(float(row["perceptrons"]) for row in rows) == [0, 3, 5, 10]
    assert all(letter in "".join(row["student"] for row in rows).lower() for letter in ("jane", "max", "ann", "bo"))


def test_the_plan_shows_who_would_be_graded_with_which_files_and_grades_nothing(tmp_path, stand_in, grade, download):
    write(download / "ngcy_1009_5009_readme.txt", b"")
    status, said = grade(download, "--dry-run")
    assert status == 2
    assert "Canvas download: 5 students, 1 late, 1 without a Python file" in said
    assert "annlee_1002: annlee (1002), late\n  src/perceptrons.py: Perceptrons.py\n" in said
    assert "ngcy_1009: ngcy (1009)\n  nothing can be graded: " in said
    assert (stand_in.graded, (tmp_path / "out").exists()) == ([], False)


def test_what_is_not_clear_is_refused_before_anything_is_graded(tmp_path, stand_in, grade):
    for name in "ab":
        write(tmp_path / "two" / name / "perceptrons.py", b"1")
    status, said = grade(tmp_path / "two")
    assert (status, stand_in.graded) == (2, [])
    assert "may be one student's submission or a class: it holds a and b" in said
    assert grade(tmp_path / "two", "--format", "folders")[0] == 0
    assert stand_in.graded == ["a", "b"]


def test_of_several_paths_one_that_looks_like_a_class_is_left_and_the_others_are_graded(tmp_path, stand_in, grade):
    forged = zipped(make_download("gradescope", tmp_path, STUDENTS))
    write(tmp_path / "jane" / "perceptrons.py", b"5")
    status, said = grade([tmp_path / "jane", forged])
    assert (status, stand_in.graded) == (2, ["jane"])
    assert "gradescope download: not graded: gradescope download.zip looks like a class (Gradescope export)." in said
    assert [row["student"] for row in table(tmp_path / "out" / "grades.csv")] == ["jane", "gradescope download"]


def test_names_can_not_control_the_terminal(tmp_path, stand_in, grade):
    write(tmp_path / "export" / "submission_metadata.yml", b'submission_1: {":submitters": [{":name": "A\\e[2J"}]}\n')
    write(tmp_path / "export" / "submission_1" / "perceptrons.py", b"1")
    for arguments in (["--dry-run"], []):
        status, said = grade(tmp_path / "export", *arguments)
        assert status == 0 and "\x1b" not in said
    assert "\x1b" not in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8")


def test_folders_of_results_have_safe_names_that_are_all_different(tmp_path, stand_in, grade):
    names = ["../../climbs", "CON", "grades.csv", "Ann", "ann", ".hidden", "a/b:c*?", "Zoë 💡", "x" * 300]
    metadata = "".join(
        f"submission_{number}:\n  :submitters:\n  - :name: {json.dumps(name, ensure_ascii=False)}\n"
        for number, name in enumerate(names)
    )
    write(tmp_path / "export" / "submission_metadata.yml", metadata.encode())
    for number in range(len(names)):
        write(tmp_path / "export" / f"submission_{number}" / "perceptrons.py", b"1")
    status, said = grade(tmp_path / "export")
    assert status == 0, said
    made = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert len({name.lower() for name in made}) == len(names)
    assert all(re.fullmatch(r"[\w .()@+-]{1,64}", name) and not name.startswith(".") for name in made)
    assert {path.name for path in tmp_path.iterdir()} == {"a.toml", "export", "out"}


# What runs, and what stays


def test_what_is_finished_and_unchanged_is_not_graded_again(tmp_path, stand_in, grade, download):
    first = grade(download)[1]
    stand_in.graded.clear()
    second = grade(download)[1]
    assert stand_in.graded == []
    assert second[second.index("submission  ") :] == first[first.index("submission  ") :]
    write(download / "janedoe_1000_5000_perceptrons.py", b"4")
    grade(download)
    assert stand_in.graded == ["janedoe_1000"]
    grade(download, "--regrade", "boli_1003")
    assert stand_in.graded[1:] == ["boli_1003"]
    grade(download, "--regrade")
    assert len(stand_in.graded) == 6


@pytest.mark.parametrize("what", ["assignment", "secret", "data", "kit"])
def test_another_assignment_secret_data_or_kit_is_a_reason_to_grade_again(
    tmp_path, stand_in, grade, download, monkeypatch, what
):
    from grader.staff.grading import fingerprint

    grade(download)
    fingerprint.surroundings.cache_clear()
    if what == "assignment":
        (tmp_path / "a.toml").write_text(f"{ASSIGNMENT}\n", encoding="utf-8")
    elif what == "secret":
        monkeypatch.setattr(fingerprint, "read_secret", lambda: bytes(32))
    elif what == "data":
        monkeypatch.setattr(fingerprint, "data_parts", lambda: iter([b"x"]))
    else:
        write(tmp_path / "kit" / "grader" / "plugin.py", b"x")
        files = [*fingerprint.kit_files()]
        monkeypatch.setattr(fingerprint, "kit_files", lambda: iter(files[1:]))
    grade(download)
    fingerprint.surroundings.cache_clear()
    assert len(stand_in.graded) == 8


def test_a_name_that_is_not_there_is_refused(stand_in, grade, download):
    status, said = grade(download, "--regrade", "nobody")
    assert (status, stand_in.graded) == (2, [])
    assert "--regrade nobody: there is no such submission; there are annlee_1002, boli_1003" in said


def test_an_old_grade_stays_until_a_new_one_is_finished(tmp_path, stand_in, grade, download):
    grade(download)
    before = (tmp_path / "out" / "janedoe_1000" / "results.json").read_bytes()
    half = json.dumps(results_of(1) | {"extra_data": {"checks": {"error": 0, "not run": 3}}}).encode()
    for result in (Result({"log.txt": b"why"}, -9, 1.0), Result({"results.json": half}, 1, 1.0)):
        stand_in.fails = {"janedoe_1000": result}
        status, said = grade(download, "--regrade", "janedoe_1000")
        assert status == 2
        assert (tmp_path / "out" / "janedoe_1000" / "results.json").read_bytes() == before
        assert "failed/log.txt" in said.replace(os.sep, "/")
    row = next(row for row in table(tmp_path / "out" / "grades.csv") if row["student"] == "janedoe")
    assert (row["total"], "could not be judged" in row["problem"]) == ("5", True)
    stand_in.fails = {}
    assert grade(download, "--regrade", "janedoe_1000")[0] == 0
    assert not (tmp_path / "out" / "janedoe_1000" / "failed").exists()


def test_an_interrupted_attempt_is_no_grade_and_is_done_again(tmp_path, stand_in, grade, download):
    stand_in.fails = {"janedoe_1000": Result({"log.txt": b"", "results.json": b"{"}, -2, 1.0)}
    assert "not graded: the grader ended with status -2" in grade(download)[1]
    assert table(tmp_path / "out" / "grades.csv")[0]["total"] in ("", "10")
    stand_in.fails = {}
    stand_in.graded.clear()
    assert grade(download)[0] == 0
    assert stand_in.graded == ["janedoe_1000"]


def test_after_an_interrupt_the_table_so_far_is_shown_and_the_rest_is_done_next_time(
    tmp_path, stand_in, grade, download
):
    stand_in.stops_after = 2
    status, said = grade(download)
    assert status == 130
    assert "Stopped: 2 of 4 are graded.  Run the same command again to continue." in said
    assert len(table(tmp_path / "out" / "grades.csv")) == 4
    stand_in.stops_after = None
    assert grade(download)[0] == 0
    assert sorted(stand_in.graded) == ["annlee_1002", "boli_1003", "janedoe_1000", "maxmuster_1001"]


def test_a_files_of_an_earlier_grade_that_is_no_longer_written_goes(tmp_path, stand_in, grade, download):
    grade(download)
    (tmp_path / "out" / "janedoe_1000" / "report.html").write_text("old")
    grade(download, "--regrade", "janedoe_1000")
    assert not (tmp_path / "out" / "janedoe_1000" / "report.html").exists()


# Tables


def test_points_lateness_and_penalty_stand_next_to_each_other(tmp_path, stand_in, grade):
    folder = make_download("gradescope", tmp_path, STUDENTS, late=("Ann Lee", "Bo Li"))
    roster = "Student;Email;ID;Deadline;Extension\nLi, Bo;boli@example.edu;77;;1,5\nNo One;no@x;78;;\n"
    write(tmp_path / "roster.csv", roster.encode("cp1252"))
    grade(folder, "--roster", tmp_path / "roster.csv")
    rows = {row["student"]: row for row in table(tmp_path / "out" / "grades.csv")}
    ann, bo = rows["Ann Lee"], rows["Li, Bo"]
    assert (ann["id"], ann["total"], ann["late"], ann["penalty"], ann["after penalty"]) == (
        "7002",
        "10",
        "2 days",
        "1.5",
        "8.5",
    )
    assert (bo["id"], bo["late"], bo["penalty"]) == ("77", "", "0")
    assert rows["No One"]["problem"] == "handed in nothing"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "has none of the columns name, id, login; it has a, b"),
        ("name,deadline\nAnn,soon\n", "line 2: write times as 2026-11-30 23:59"),
        ("name,extension\nAnn,two\n", "and an extension as a number of days"),
        ("", "has no rows"),
    ],
)
def test_a_wrong_roster_is_explained(tmp_path, stand_in, grade, download, text, words):
    write(tmp_path / "roster.csv", text.encode())
    status, said = grade(download, "--roster", tmp_path / "roster.csv")
    assert (status, stand_in.graded) == (2, [])
    assert words in said


def test_adjustments_are_the_teachers_and_survive_grading_again(tmp_path, stand_in, grade, download):
    grade(download)
    path = tmp_path / "out" / "adjustments.csv"
    assert path.read_text() == "student,check,points,reason\n"
    text = path.read_text() + "janedoe,6.2,4,=1+1\n1001,total,-2,\nboli_1003,report 2.1,1.5,good answer\n"
    path.write_text(text)
    grade(download, "--regrade")
    rows = {row["student"]: row for row in table(tmp_path / "out" / "grades.csv")}
    assert {name: row["total"] for name, row in rows.items()} == {
        "janedoe": "9",
        "maxmuster": "1",
        "annlee": "10",
        "boli": "1.5",
    }
    assert rows["janedoe"]["adjustment"] == "6.2 gets 4 points: =1+1"
    assert rows["maxmuster"]["adjustment"] == "total 2 points less"
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nobody,total,1,", "line 2: there is no submission of 'nobody'"),
        ("janedoe,9.9,1,", "line 2: '9.9' is no check"),
        ("janedoe,total,many,", "line 2: 'many' is not a number of points"),
    ],
)
def test_a_wrong_adjustment_is_refused_before_anything_is_graded(tmp_path, stand_in, grade, download, row, words):
    write(tmp_path / "out" / "adjustments.csv", f"student,check,points,reason\n{row}\n".encode())
    status, said = grade(download)
    assert (status, stand_in.graded) == (2, [])
    assert words in said


def test_no_cell_of_a_table_is_a_formula(tmp_path, stand_in, grade):
    students = {name: STUDENTS["Jane Doe"] for name in ("=cmd()", "+1", "-1", "@x")}
    grade(make_download("gradescope", tmp_path, students))
    cells = [cell for row in table(tmp_path / "out" / "grades.csv") for cell in row.values()]
    assert "'=cmd()" in cells and not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)


CANVAS_BOOK = """Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (881),Homework 2 (882),Current Score
    Points Possible,,,,,10,10,(read only)
"Doe, Jane",1000,s1,jdoe,"Lab, A",,7,50
"Muster, Max",1001,s2,mmus,A,1,,50
"Lee, Ann",1002,s3,alee,A,,,50
"None, No",1050,s4,none,A,2,,50
"Student, Test",999,,x,A,,,
"""


def test_a_canvas_gradebook_is_filled_and_read_back(tmp_path, stand_in, grade, download):
    for end, mark in (("\n", ""), ("\r\n", "\ufeff")):
        content = (mark + CANVAS_BOOK.replace("\n", end)).encode()
        write(tmp_path / "book.csv", content)
        said = grade(download, "--gradebook", tmp_path / "book.csv")[1]
        filled = (tmp_path / "out" / "gradebook.csv").read_bytes()
        assert (filled.count(b"\r\n") > 0, filled.startswith(b"\xef\xbb\xbf")) == (end == "\r\n", bool(mark))
        before, after = (list(csv.reader(text.decode("utf-8-sig").splitlines())) for text in (content, filled))
        assert [row[5] for row in after] == ["Homework 1 (881)", "10", "5", "3", "10", "2", ""]
        assert [row[:5] + row[6:] for row in after] == [row[:5] + row[6:] for row in before]
        assert "3 students filled in under Homework 1 (881)" in said
        assert "without a graded submission: None, No" in said
        assert "graded, but not in the gradebook: boli_1003" in said
        assert (tmp_path / "book.csv").read_bytes() == content


@pytest.mark.parametrize(
    "book",
    [
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
        "Participant 1000,Jane Doe,j@x,,,10\nParticipant 1001,Max Muster,m@x,,,10\n",
        "First name,Surname,ID number,Email address,Assignment: Homework 1 (Real),Course total (Real)\n"
        "Jane,Doe,,j@x,-,-\nMax,Muster,,m@x,-,-\n",
    ],
)
def test_moodles_tables_are_filled(tmp_path, stand_in, grade, book):
    write(tmp_path / "book.csv", book.encode())
    grade(make_download("moodle", tmp_path, STUDENTS), "--gradebook", tmp_path / "book.csv")
    rows = table(tmp_path / "out" / "gradebook.csv")
    assert [row.get("Grade") or row["Assignment: Homework 1 (Real)"] for row in rows] == ["5", "3"]
    assert "Course total (Real)" not in rows[0] or rows[0]["Course total (Real)"] == "-"


def test_a_column_that_is_not_clear_is_asked_for_before_anything_is_graded(tmp_path, stand_in, grade, download):
    write(tmp_path / "book.csv", CANVAS_BOOK.replace("Homework 1", "Task A").encode())
    status, said = grade(download, "--gradebook", tmp_path / "book.csv")
    assert (status, stand_in.graded) == (2, [])
    assert "Pass --column with one of: Task A, Homework 2." in said
    assert grade(download, "--gradebook", tmp_path / "book.csv", "--column", "Task A")[0] == 0


# The page of the class


def page(tmp_path):
    return (tmp_path / "out" / "class.html").read_text(encoding="utf-8")


def test_the_class_page_shows_the_class_and_loads_nothing(tmp_path, stand_in, grade, monkeypatch):
    pair = Pair("perceptrons", "Ann Lee 1002", "Bo Li 1003", 0.93, 0.5)
    monkeypatch.setattr(outputs, "similar_pairs", lambda texts: [pair])
    students = STUDENTS | {"<b>Eve</b>": STUDENTS["Max Muster"]}
    grade(make_download("gradescope", tmp_path, students, late=("Ann Lee",)))
    text = page(tmp_path)
    assert "<b>2 of 5</b>" in text and "max_pool moves its window by 1; it should move it by &lt;stride&gt;." in text
    assert "check &lt;0&gt;" in text and "&lt;b&gt;Eve" not in text.replace("_b_Eve_", "")
    assert "late: 2 days" in text and "93 %" in text and "Ann Lee 1002" in text
    assert "median 2 s" in text and "300 MB" in text
    assert not re.search(r"<script|https?://|url\(|src=|@import", text)


def test_the_class_page_can_leave_out_names(tmp_path, stand_in, grade, monkeypatch):
    monkeypatch.setattr(
        outputs, "similar_pairs", lambda texts: [Pair("perceptrons", "Ann Lee 1002", "Bo Li 1003", 1, 1)]
    )
    write(tmp_path / "roster.csv", b"name\nNo One\n")
    folder = make_download("gradescope", tmp_path, STUDENTS, late=("Ann Lee",))
    write(tmp_path / "out" / "adjustments.csv", b"student,check,points,reason\nMax Muster,total,1,as Jane says\n")
    stand_in.fails = {"Jane Doe 1000": Result({"log.txt": b""}, -9, 1.0)}
    grade(folder, "--anonymous", "--roster", tmp_path / "roster.csv")
    assert not re.search("Ann|Jane|Max|Bo Li|No One|100[0-9]", page(tmp_path))
    assert "Submission 1" in page(tmp_path)


def test_similar_submissions_are_found_and_what_was_handed_out_does_not_count(tmp_path, monkeypatch, grade):
    monkeypatch.setattr(pools, "grade_job", StandIn())
    stub = (KIT / "src" / "perceptrons.py").read_text(encoding="utf-8")
    reference = reference_text("perceptrons")
    other = "\n".join(f"def f{n}(x):\n    return [x * {n} for x in range({n})] + [{n}]" for n in range(30))
    texts = {
        "Ann": f"# 1\n{reference}",
        "Bo": reference.replace("side", "edge"),
        "Cy": f"# 1\n{stub}",
        "Di": f"# 1\n{other}",
    }
    texts["Ed"] = stub
    for name, text in texts.items():
        write(tmp_path / "class" / name / "perceptrons.py", text.encode())
    status, said = grade(tmp_path / "class")
    assert status == 0, said
    similar = page(tmp_path).partition("Most similar pairs")[2].partition("<h2>")[0]
    assert re.findall(r'<td class="who">(\w+)</td>', similar) == ["Ann", "Bo"]


# For real


@pytest.fixture(scope="module")
def small_class(tmp_path_factory):
    """A class of six, in a Moodle download, one of whom is late."""
    place = tmp_path_factory.mktemp("class")
    (place / "a.toml").write_text(ASSIGNMENT, encoding="utf-8")
    reference = reference_text("perceptrons").encode()
    students = {
        "Jane Doe": {"src/perceptrons.py": reference},
        "Max Muster": {"src/perceptrons.py": (KIT / "src" / "perceptrons.py").read_bytes()},
        "Cy Ng": {"readme.txt": b""},
    }
    folder = make_download("moodle", place, students)
    arguments = ["grade", folder, "--assignment", place / "a.toml", "--out", place / "out", "--jobs", 2]
    return place, arguments, run("-m", "grader.cli", *arguments)


def test_a_small_class_is_graded_for_real(small_class):
    place, arguments, process = small_class
    assert process.returncode == 2, process.stdout + process.stderr
    rows = {row["student"]: row for row in table(place / "out" / "grades.csv")}
    assert rows["Jane Doe"]["total"] == "17" and rows["Max Muster"]["total"] == "0"
    assert (
        "nothing could be graded; the student reads: submission" in rows["Cy Ng"]["problem"] or rows["Cy Ng"]["problem"]
    )
    finished = json.loads((place / "out" / "Jane Doe 1000" / "finished.json").read_text())
    assert finished["seconds"] > 0 and finished["cpu_s"] > 0 and finished["memory"] > 50 * 2**20
    again = run("-m", "grader.cli", *arguments)
    assert again.stdout[again.stdout.index("submission  ") :] == process.stdout[process.stdout.index("submission  ") :]
    assert " in " not in again.stdout.partition("\n\n")[0]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_if_the_batch_is_killed_the_grading_processes_end_too(small_class, tmp_path):
    _, arguments, _ = small_class
    arguments = [*arguments[:-3], tmp_path / "out", "--jobs", 1]
    batch_process = subprocess.Popen(
        [sys.executable, "-m", "grader.cli", *map(str, arguments)], cwd=KIT, stdout=subprocess.PIPE, text=True
    )
    for line in batch_process.stdout:
        if line.startswith("Grading"):
            break
    child = wait_for(lambda: children_of(batch_process.pid))
    batch_process.send_signal(signal.SIGKILL)
    batch_process.wait()
    batch_process.stdout.close()
    assert wait_for(lambda: not Path(f"/proc/{child[0]}").exists() or "zombie" in state_of(child[0]))
    assert not list((tmp_path / "out").glob("*/finished.json"))
    remove_leftovers()
    assert not list(Path(tempfile.gettempdir()).glob(f"grader-job-{batch_process.pid}-*"))


def children_of(pid: int) -> list[int]:
    import psutil

    return [
        child.pid for child in psutil.Process(pid).children(recursive=True) if "grade_one" in " ".join(child.cmdline())
    ]


def state_of(pid: int) -> str:
    import psutil

    try:
        return psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return "zombie"


def wait_for(condition):
    """What the condition gives, as soon as it is true."""
    while not (found := condition()):
        time.sleep(0.05)
    return found
