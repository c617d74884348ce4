"""results.json fits Gradescope's schema.

It has every check's full maximum, and is never half written.
"""

import json
import math
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.feedback.header import Header, what_to_fix
from grader.feedback.results import gradescope_results, write_results
from grader.judging.record import Feedback, Origin, Record, Status

NUMBER, TEXT = (int, float), (str,)
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
RUN_FIELDS = {
    "score": NUMBER,
    "execution_time": NUMBER,
    "output": TEXT,
    "output_format": FORMATS,
    "test_output_format": FORMATS,
    "test_name_format": FORMATS,
    "visibility": VISIBILITIES,
    "stdout_visibility": VISIBILITIES,
    "extra_data": (dict,),
    "tests": (list,),
    "leaderboard": (list,),
}
TEST_FIELDS = {
    "score": NUMBER,
    "max_score": NUMBER,
    "status": {"passed", "failed"},
    "name": TEXT,
    "name_format": FORMATS,
    "number": TEXT,
    "output": TEXT,
    "output_format": FORMATS,
    "tags": (list,),
    "visibility": VISIBILITIES,
    "extra_data": (dict,),
}
NASTY = "\x00\x1b[31mred\x1b[0m\x07\r\n\ud800\udfff\ufffe\x85\u2028 <b>&amp;</b> \\u0000 é 💡"

quick = settings(deadline=None, max_examples=60, database=None)


def require_schema(data: dict[str, Any]) -> None:
    """Raise unless this fits the schema of results.json in Gradescope's documentation.

    https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format
    """
    require_fields(data, RUN_FIELDS)
    assert "score" in data or "tests" in data
    for test in data["tests"]:
        require_fields(test, TEST_FIELDS)
        assert all(isinstance(tag, str) for tag in test.get("tags", []))
        assert 0 <= test["score"] <= test["max_score"]
    for entry in data.get("leaderboard", []):
        assert entry.keys() <= {"name", "value", "order"}


def require_fields(entry: dict[str, Any], fields: dict[str, Any]) -> None:
    assert entry.keys() <= fields.keys()
    for name, value in entry.items():
        allowed = fields[name]
        if isinstance(allowed, set):
            assert value in allowed, (name, value)
        else:
            assert isinstance(value, allowed) and not isinstance(value, bool), (name, value)
        if isinstance(value, float):
            assert math.isfinite(value), (name, value)


def record(says: str | None = None, **fields: Any) -> Record:
    """A record of a check. A record with a message has failed, unless another status is given."""
    usual = {"title": "evaluate averages", "exercise": "run_model", "max_points": 2.0}
    failure = {} if says is None else {"status": Status.FAILED, "feedback": Feedback(says, public=says)}
    return Record(**usual | failure | fields)


def written(tmp_path: Path, records: list[Record], header: Header | None = None) -> dict[str, Any]:
    """The results as a reader of the file sees them, held against the schema."""
    path = tmp_path / "results.json"
    write_results(path, records, header or Header())
    data = json.loads(path.read_bytes().decode("utf-8"), parse_constant=refuse_constant)
    require_schema(data)
    return dict(data)


def refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


# Contents


def test_every_field_of_a_check_arrives(tmp_path):
    given = record(
        number="2.1",
        tags=("loss", "mode"),
        visibility="after_published",
        points=2.0,
        status=Status.PASSED,
        notes=["a list was taken as an array"],
    )
    (test,) = written(tmp_path, [given])["tests"]
    assert test.pop("extra_data") == {"seconds": 0.0, "exercise": "run_model", "status": "passed"}
    assert test == {
        "name": "evaluate averages",
        "number": "2.1",
        "tags": ["loss", "mode"],
        "visibility": "after_published",
        "score": 2.0,
        "max_score": 2.0,
        "status": "passed",
        "output": "Note: a list was taken as an array",
    }


def test_what_is_not_set_is_left_to_gradescope(tmp_path):
    (test,) = written(tmp_path, [record(status=Status.PASSED)])["tests"]
    assert not {"number", "tags", "visibility", "output"} & test.keys()


def test_the_header_arrives(tmp_path):
    header = Header("src/models.py was not handed in.", {"kit": "1.0", "checks": {"passed": 3}}, 12.3456)
    data = written(tmp_path, [record()], header)
    assert data["output"] == "src/models.py was not handed in."
    assert data["extra_data"] == {"kit": "1.0", "checks": {"passed": 3}}
    assert data["execution_time"] == 12.35


def test_times_are_numbers(tmp_path):
    data = written(tmp_path, [record(seconds=1.23456)], Header(seconds=2))
    assert data["tests"][0]["extra_data"]["seconds"] == 1.235
    assert isinstance(data["execution_time"], (int, float))


@pytest.mark.parametrize("status", Status)
def test_every_check_is_there_with_its_maximum_whatever_became_of_it(tmp_path, status):
    (test,) = written(tmp_path, [record(status=status, points=2.0 if status == "passed" else 0.0, max_points=2.0)])[
        "tests"
    ]
    assert test["max_score"] == 2.0
    assert test["score"] == (2.0 if status == "passed" else 0.0)
    assert test["status"] == ("passed" if status == "passed" else "failed")


def test_records_of_the_same_title_stay_apart_and_in_order(tmp_path):
    records = [record(points=points, status=Status.PASSED) for points in (2.0, 0.5, 1.0)]
    assert [test["score"] for test in written(tmp_path, records)["tests"]] == [2.0, 0.5, 1.0]


def test_partial_credit_is_kept_and_is_not_a_pass(tmp_path):
    data = written(tmp_path, [record(status=Status.PASSED, points=0.5), record(status=Status.PASSED, points=2.0)])
    assert [(test["score"], test["status"]) for test in data["tests"]] == [(0.5, "failed"), (2.0, "passed")]
    assert data["score"] == 2.5


def test_a_passed_check_may_earn_nothing(tmp_path):
    (test,) = written(tmp_path, [record(status=Status.PASSED, points=0.0)])["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (0.0, 2.0, "failed")


def test_the_total_is_the_sum_without_float_dust(tmp_path):
    assert (
        written(tmp_path, [record(status=Status.PASSED, points=0.1, max_points=0.1) for _ in range(3)])["score"] == 0.3
    )


def test_a_run_without_checks_is_a_score_of_zero(tmp_path):
    data = written(tmp_path, [])
    assert (data["score"], data["tests"]) == (0, [])


def test_a_check_without_points_can_pass(tmp_path):
    (test,) = written(tmp_path, [record(status=Status.PASSED, max_points=0.0)])["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (0.0, 0.0, "passed")


def test_records_can_be_a_generator(tmp_path):
    path = tmp_path / "results.json"
    write_results(path, (record() for _ in range(3)), Header())
    assert len(json.loads(path.read_text())["tests"]) == 3


@pytest.mark.parametrize("points", [math.nan, math.inf, -math.inf])
def test_points_that_are_no_number_count_as_none(tmp_path, points):
    data = written(tmp_path, [record(status=Status.PASSED, points=points), record(status=Status.PASSED, points=2.0)])
    assert [(test["score"], test["status"]) for test in data["tests"]] == [(0.0, "failed"), (2.0, "passed")]
    assert data["score"] == 2.0


def test_the_score_of_one_run_does_not_leak_into_the_next():
    first = gradescope_results([record(status=Status.PASSED, points=2.0)], Header())
    second = gradescope_results([record()], Header())
    assert (first["score"], second["score"]) == (2.0, 0.0)
    assert len(second["tests"]) == 1


def test_the_details_of_one_exception_are_told_once(tmp_path):
    def raised(number, **fields):
        feedback = Feedback("evaluate raised.", "line 7", "", "It raised.", Origin("line 7"))
        return record(number=number, status=Status.FAILED, feedback=feedback, **fields)

    records = [raised("2.1"), raised("2.2"), raised("2.3", visibility="after_due_date"), raised("2.5", hidden=True)]
    told = [test["output"] for test in written(tmp_path, records)["tests"]]
    assert told == [
        "evaluate raised.\nline 7",
        "evaluate raised.\nThe reason is the same as in 2.1, which tells more.",
        "evaluate raised.\nline 7",
        "It raised.",
    ]


def test_the_first_lines_tell_the_causes_that_every_student_may_see():
    mistakes = {"a": "evaluate adds up.", "b": "evaluate leaves the mode."}
    records = [
        record("It is wrong.", number="2.1", hints=(mistakes["a"],)),
        record("It is wrong.", number="2.5", hints=(mistakes["b"],), hidden=True, visibility="after_published"),
    ]
    assert what_to_fix(records) == ["What to fix:", "1. evaluate adds up.  Costs 2 points (2.1)."]
    assert what_to_fix(records[1:]) == []


# Text


def test_titles_and_output_in_any_language_arrive(tmp_path):
    text = "Zürich, 東京, العربية, 💡: ≤ ½"
    data = written(tmp_path, [record(title=text, says=text)], Header(text))
    assert data["tests"][0]["name"] == data["tests"][0]["output"] == data["output"] == text


def test_lines_and_tabs_of_output_are_kept(tmp_path):
    assert written(tmp_path, [record(says="a\n\tb\r\n")])["tests"][0]["output"] == "a\n\tb\n"


def test_what_no_reader_can_take_is_replaced(tmp_path):
    data = written(tmp_path, [record(title=NASTY, says=NASTY)], Header(NASTY))
    clean = "\ufffd\ufffd[31mred\ufffd[0m\ufffd\n\ufffd\ufffd\ufffd\ufffd\ufffd <b>&amp;</b> \\u0000 é 💡"
    assert data["tests"][0]["output"] == data["tests"][0]["name"] == data["output"] == clean


def test_output_of_nothing_but_unreadable_characters_is_still_output(tmp_path):
    assert written(tmp_path, [record(says="\x00")])["tests"][0]["output"] == "\ufffd"


def test_any_bytes_that_a_submission_printed_give_a_file_that_can_be_read(tmp_path):
    printed = bytes(range(256)) * 2 + os.urandom(1000)
    (test,) = written(tmp_path, [record(says=printed.decode(errors="replace"))])["tests"]
    test["output"].encode("utf-8")


texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
records_of_any_kind = st.builds(
    Record,
    title=texts,
    exercise=texts,
    max_points=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    number=st.sampled_from(["", "1.1"]),
    visibility=st.sampled_from([None, *VISIBILITIES]),
    tags=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    status=st.sampled_from(Status),
    feedback=st.none() | st.builds(Feedback, sentence=texts, details=texts, printed=texts, public=texts),
    seconds=st.floats(0, 1e4),
)


@quick
@given(st.lists(records_of_any_kind, max_size=4), texts)
def test_any_records_make_complete_results(tmp_path_factory, records, text):
    for given_record in records:
        given_record.points = given_record.max_points / 2 if given_record.status == "passed" else 0.0
    path = tmp_path_factory.getbasetemp() / "any.json"
    write_results(path, records, Header(text))
    data = json.loads(path.read_bytes().decode("utf-8"), parse_constant=refuse_constant)
    require_schema(data)
    assert [test["max_score"] for test in data["tests"]] == [given_record.max_points for given_record in records]
    json.dumps(data, ensure_ascii=False).encode("utf-8")


# The file


def test_the_file_is_made_with_its_folder_and_can_be_read_by_all(tmp_path):
    path = tmp_path / "new" / "folder" / "results.json"
    write_results(path, [record()], Header())
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in path.parent.iterdir()] == ["results.json"]


def test_the_file_is_utf8_and_ends_with_a_line(tmp_path):
    path = tmp_path / "results.json"
    write_results(path, [record(title="é")], Header())
    assert path.read_bytes().endswith(b"}\n")
    assert json.loads(path.read_bytes())["tests"][0]["name"] == "é"


def test_details_that_are_no_json_leave_the_old_file(tmp_path):
    path = tmp_path / "results.json"
    write_results(path, [record()], Header("the old one"))
    for details in ({"a": math.nan}, {"a": object()}):
        with pytest.raises((ValueError, TypeError)):
            write_results(path, [record()], Header("the new one", details))
    assert json.loads(path.read_text())["output"] == "the old one"


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = tmp_path / "results.json"
    records = [record(says="x" * 2000) for _ in range(20)]
    write_results(path, records, Header())
    done = threading.Event()

    def write() -> None:
        for _ in range(15):
            write_results(path, records, Header())
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert len(json.loads(path.read_text())["tests"]) == 20
    writer.join()


def test_a_terminal_can_not_be_told_what_to_show(tmp_path):
    text = "\x1b[2J fails\r0 of 9\u202e passed"
    assert written(tmp_path, [record(says=text)])["tests"][0]["output"] == "\ufffd[2J fails\n0 of 9\ufffd passed"


def test_results_stay_short_whatever_checks_say(tmp_path):
    records = [record(title=f"check {i}", says="\u4e2d" * 10**6) for i in range(120)]
    path = tmp_path / "results.json"
    write_results(path, records, Header("\u4e2d" * 10**6))
    assert path.stat().st_size < 10**6
    assert len(json.loads(path.read_text(encoding="utf-8"))["tests"]) == 120
