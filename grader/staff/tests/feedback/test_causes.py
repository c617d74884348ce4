"""Checks that fail because of one thing are told together, and what that costs."""

from grader.feedback.causes import causes_of, headline, public_causes
from grader.judging.record import Feedback, Origin, Record, Status

ADDS, FORGETS = "evaluate adds up the batches' means.", "evaluate leaves the model in evaluation mode."
LINE = Origin("raised src/run_model.py:7 ValueError: # images")
FILE = Origin("syntax src/models.py", file="src/models.py")


def failed(number, says="The loss is wrong.", hints=(), origin=None, points=2.0, **fields):
    feedback = Feedback(says, details=f"details of {number}", public="It is wrong.", origin=origin)
    usual = {"title": f"Check {number}.", "exercise": "run_model", "function": "evaluate", "status": Status.FAILED}
    return Record(**usual | fields, number=number, max_points=points, hints=hints, feedback=feedback)


def numbers(causes):
    return [[check.number for check in cause.checks] for cause in causes]


def test_checks_with_the_same_mistake_are_one_cause():
    (cause,) = causes_of([failed("2.1", hints=(ADDS,)), failed("2.2", hints=(ADDS,), points=1.0)])
    assert headline(cause) == f"{ADDS}  Costs 3 points (2.1, 2.2)."


def test_a_check_with_two_mistakes_is_listed_under_both_and_is_the_example_of_one():
    both, one = failed("2.1", hints=(ADDS, FORGETS)), failed("2.2", hints=(FORGETS,), points=1.0)
    adds, forgets = causes_of([both, one])
    assert (adds.example, forgets.example) == (both, one)
    assert headline(adds) == f"{ADDS}  Costs 2 points (2.1, which has another mistake too)."
    assert headline(forgets) == f"{FORGETS}  Costs 3 points (2.2; and 2.1, which has another mistake too)."


def test_an_exception_at_one_line_is_one_cause_and_a_check_with_nothing_in_common_another():
    raised = [failed(number, "evaluate raised ValueError.", origin=LINE) for number in ("2.1", "2.3")]
    causes = causes_of([raised[0], failed("2.2"), raised[1]])
    assert numbers(causes) == [["2.1", "2.3"], ["2.2"]]
    assert headline(causes[1]) == "evaluate: The loss is wrong.  Costs 2 points (2.2)."


def test_a_file_that_can_not_be_imported_comes_first():
    causes = causes_of([failed("2.2"), *(failed("4.1", "It has a syntax error.", origin=FILE) for _ in range(3))])
    assert (causes[0].file, numbers(causes)) == ("src/models.py", [["4.1"] * 3, ["2.2"]])
    assert headline(causes[0]) == "It has a syntax error.  Costs 6 points (4.1 (3 checks))."


def test_many_numbers_in_a_row_are_told_by_the_first_and_the_last():
    numbers = ["1.1", "1.2", "2.9", "2.10", "2.11", "2.11", "3.1"]
    (cause,) = causes_of([failed(number, hints=(ADDS,)) for number in numbers])
    assert headline(cause).endswith("Costs 14 points (1.1, 1.2, 2.9 to 2.11, 3.1).")


def test_what_did_not_fail_has_no_cause():
    others = [failed("1.1", status=status) for status in Status if status != Status.FAILED]
    assert causes_of(others) == []


def test_what_waits_for_the_same_line_is_listed_with_it():
    waits = failed("2.1", status=Status.BLOCKED, origin=LINE)
    (cause,) = causes_of([waits, failed("2.2", origin=LINE), failed("2.3", status=Status.BLOCKED)])
    assert numbers([cause]) == [["2.1", "2.2"]]
    assert cause.example.number == "2.2"


def test_hidden_checks_show_only_what_is_public():
    hidden = [failed(number, "It raised for 7 images.", origin=LINE, hidden=True) for number in ("2.5", "2.6")]
    for cause in causes_of([failed("2.1", origin=LINE), *hidden])[1:]:
        assert (cause.sentence, cause.may_show_details) == ("It is wrong.", False)
    assert len(causes_of([failed("2.1", origin=LINE), *hidden], for_staff=True)) == 1
    visible_later = failed("2.2", visibility="after_due_date")
    assert numbers(public_causes([failed("2.1"), visible_later, *hidden])) == [["2.1"]]
