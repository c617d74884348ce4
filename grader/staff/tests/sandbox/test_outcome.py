"""What came of a call: an observation or a problem, from a server's report and an answer that is not to be trusted."""

import math
import signal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.sandbox import wire
from grader.sandbox.outcome import Frame, Outcome, Problem, interpret

pytestmark = pytest.mark.filterwarnings("error")
thorough = settings(deadline=None, max_examples=150, database=None)

REPORT: dict[str, Any] = {"exit": 0, "stopped_for": "", "cpu_s": 0.5, "output": "epoch 1\n"}
ERROR: dict[str, Any] = {
    "type": "ZeroDivisionError",
    "message": "division by zero",
    "importing": "",
    "frames": [["src/run_model.py", 7, "train_epoch", "return 1 / 0"]],
    "syntax": None,
    "ours": False,
}
FRAME = Frame("src/run_model.py", 7, "train_epoch", "return 1 / 0")
KINDS = {
    "missing_file",
    "missing_name",
    "syntax",
    "import",
    "unusable",
    "raised",
    "memory",
    "disk",
    "timeout",
    "crash",
    "garbled",
}

shapes = npst.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4)
arrays = st.sampled_from(sorted(wire.DTYPES)).flatmap(lambda dtype: npst.arrays(dtype, shapes))
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars | arrays,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def outcome_of(answer: Any, **report: Any) -> Outcome:
    return interpret(REPORT | report, wire.encode(answer), cpu_s=10, wall_s=40)


def problem_of(**fields: Any) -> Problem:
    problem = outcome_of({"error": ERROR | fields, "notes": []}).problem
    assert problem is not None
    return problem


def ending(**report: Any) -> Problem:
    """The problem of a worker that brought no answer."""
    outcome = interpret(REPORT | report, b"", cpu_s=10, wall_s=40)
    assert outcome.problem is not None and outcome.observation is None
    return outcome.problem


# Observations


def test_an_observation_comes_with_what_was_printed_and_what_it_cost():
    outcome = outcome_of({"observation": {"loss": [0.5]}, "notes": ["The loss is a Tensor; it was taken as a number."]})
    assert outcome == Outcome(
        observation={"loss": [0.5]},
        output="epoch 1\n",
        notes=["The loss is a Tensor; it was taken as a number."],
    )


@given(anything)
@thorough
def test_any_observation_is_handed_on(observation):
    outcome = outcome_of({"observation": observation, "notes": []})
    assert outcome.problem is None
    assert type(outcome.observation) is type(observation)


def test_nothing_may_be_observed():
    assert outcome_of({"observation": None, "notes": []}) == Outcome(output="epoch 1\n")


def test_a_report_of_seconds_alone_is_enough():
    outcome = interpret({"cpu_s": 1.0}, wire.encode({"observation": 1, "notes": []}), cpu_s=10, wall_s=40)
    assert outcome == Outcome(observation=1)


def test_an_answer_that_took_longer_than_allowed_but_arrived_counts():
    assert outcome_of({"observation": 1, "notes": []}, cpu_s=11.0).problem is None


def test_notes_are_few_and_short():
    notes = outcome_of({"observation": 1, "notes": ["x" * 1000] * 1000}).notes
    assert len(notes) == 10 and max(map(len, notes)) == 500


# Workers that ended without an answer


@pytest.mark.parametrize("exit_status", [0, -9, -24, 1])
def test_a_worker_out_of_cpu_time_is_a_timeout(exit_status):
    problem = ending(exit=exit_status, cpu_s=10.0)
    assert problem.kind == "timeout"
    assert problem.sentence == "It had not finished after 10 s of computing: look for a loop that never ends."


def test_a_worker_out_of_time_by_the_clock_is_a_timeout():
    problem = ending(exit=-9, stopped_for="time")
    assert problem.kind == "timeout"
    assert problem.sentence.startswith("It had not finished after 40 s: ")


def test_a_worker_that_filled_the_disk_is_told_so():
    problem = ending(exit=-9, stopped_for="disk")
    assert (problem.kind, "more to disk than is allowed" in problem.sentence) == ("disk", True)


def test_a_worker_killed_by_a_signal_is_a_crash_with_the_signals_name():
    assert ending(exit=-11).sentence == "Python was killed by SIGSEGV while it ran."
    assert ending(exit=-int(signal.SIGKILL)).kind == "crash"
    assert ending(exit=-250).sentence == "Python was killed by signal 250 while it ran."


@pytest.mark.parametrize("exit_status", [0, 1, 7])
def test_a_worker_that_left_is_a_crash_with_its_status(exit_status):
    problem = ending(exit=exit_status)
    assert problem.kind == "crash"
    assert f"(exit status {exit_status})" in problem.sentence


@pytest.mark.parametrize(
    "report, kind", [({"exit": 3}, "crash"), ({"exit": -9}, "crash"), ({"exit": -9, "stopped_for": "time"}, "timeout")]
)
def test_an_answer_does_not_count_when_its_worker_ended_badly(report, kind):
    outcome = outcome_of({"observation": 1, "notes": []}, **report)
    assert outcome.observation is None
    assert outcome.problem is not None and outcome.problem.kind == kind
    assert outcome.output == "epoch 1\n"


# What a worker says it raised


def test_an_exception_is_told_with_its_last_line():
    problem = problem_of(frames=[["src/run_model.py", 3, "run_model", "train_epoch()"], ERROR["frames"][0]])
    assert problem == Problem(
        "raised",
        "It raised ZeroDivisionError (line 7 of src/run_model.py).",
        "ZeroDivisionError: division by zero",
        (Frame("src/run_model.py", 3, "run_model", "train_epoch()"), FRAME),
        "ZeroDivisionError",
    )


def test_an_exception_outside_the_submissions_files_has_no_place():
    assert problem_of(frames=[]).sentence == "It raised ZeroDivisionError."


def test_an_exception_while_a_file_is_imported_names_the_file():
    problem = problem_of(importing="models")
    assert problem.kind == "import"
    assert problem.sentence == "src/models.py can't be imported: ZeroDivisionError (line 7 of src/run_model.py)."
    assert problem.frames == (FRAME,)


def test_a_file_that_is_not_there_was_not_handed_in():
    missing = dict(type="ModuleNotFoundError", importing="models", frames=[])
    problem = problem_of(message="No module named 'src.models'", **missing)
    assert problem == Problem("missing_file", "src/models.py was not handed in.")
    assert problem_of(message="No module named 'sklearn'", **missing).kind == "import"


def test_a_syntax_error_names_its_line_and_reason():
    problem = problem_of(
        type="SyntaxError",
        message="invalid syntax (models.py, line 3)",
        importing="models",
        syntax=["src/models.py", 3, "def f(:"],
        frames=[],
    )
    assert problem.kind == "syntax"
    assert problem.sentence.startswith("src/models.py has a syntax error in line 3: invalid syntax.")
    assert problem.details == "line 3: def f(:"


def test_a_syntax_error_that_a_call_raises_is_an_exception_like_others():
    assert problem_of(type="SyntaxError", syntax=["src/models.py", 3, "def f(:"]).kind == "raised"


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "MemoryError", "message": ""},
        {
            "type": "RuntimeError",
            "message": "[enforce fail at alloc_cpu.cpp:75] DefaultCPUAllocator: can't allocate memory",
        },
        {"type": "RuntimeError", "message": "std::bad_alloc"},
        {"type": "OSError", "message": "[Errno 12] Cannot allocate memory", "importing": "models"},
    ],
)
def test_want_of_memory_is_told_as_that(fields):
    assert problem_of(**fields).kind == "memory"


def test_what_the_kit_says_itself_is_told_in_its_own_words():
    sentence = "src/models.py defines no `LeNet5`; did you mean to call `LeNet` that?"
    problem = problem_of(type="MissingName", message=sentence, ours=True)
    assert (problem.kind, problem.sentence, problem.details) == ("missing_name", sentence, "")
    problem = problem_of(
        type="Unusable", message="evaluate should return (loss, accuracy); it returned None.", ours=True
    )
    assert problem.kind == "unusable"
    assert problem_of(type="MissingName", ours=1).kind == "raised"


def test_a_flood_of_words_is_cut():
    flood = "x" * 10_000
    problem = problem_of(type=flood, message=flood, frames=[[flood, 1, flood, flood]] * 100)
    assert len(problem.frames) == 20
    assert len(repr(problem)) < 20_000
    assert len(problem.sentence) < 1000
    assert len(problem_of(importing=flood).sentence) < 1000
    syntax = problem_of(type="SyntaxError", message=flood, importing="models", syntax=[flood, flood, flood])
    assert len(syntax.sentence + syntax.details) < 5000


def test_a_line_number_can_be_anything_but_stays_a_number():
    assert problem_of(frames=[["src/models.py", 2**63, "f", ""]]).frames[0].line == 2**63
    assert problem_of(frames=[["src/models.py", -1, "f", ""]]).frames[0].line == -1


# Answers that are none


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        0,
        math.nan,
        "observation",
        [],
        ["notes", "observation"],
        {},
        {"notes": []},
        {"observation": 1},
        {"observation": 1, "notes": None},
        {"observation": 1, "notes": 3},
        {"observation": 1, "notes": np.array(1)},
        {"error": None, "notes": []},
        {"error": [], "notes": []},
        {"error": {}, "notes": []},
        {"error": "error", "notes": [], "observation": 1},
        {"error": np.zeros(3), "notes": [], "observation": 1},
        np.array(1),
        np.zeros(3),
        np.zeros((0, 2)),
    ],
    ids=repr,
)
def test_an_answer_of_another_form_is_garbled(answer):
    outcome = outcome_of(answer)
    assert outcome.observation is None
    assert outcome.problem is not None and outcome.problem.kind == "garbled"
    assert outcome.output == "epoch 1\n"


@pytest.mark.parametrize(
    "fields",
    [
        {"frames": None},
        {"frames": 3},
        {"frames": "text"},
        {"frames": [["src/models.py", 1, "f"]]},
        {"frames": [["src/models.py", 1, "f", "", ""]]},
        {"frames": [None]},
        {"frames": [["src/models.py", None, "f", ""]]},
        {"frames": [["src/models.py", "one", "f", ""]]},
        {"frames": [["src/models.py", math.nan, "f", ""]]},
        {"frames": [["src/models.py", math.inf, "f", ""]]},
        {"frames": [["src/models.py", np.ones(2), "f", ""]]},
        {"frames": [["src/models.py", np.ones(1), "f", ""]]},
        {"frames": np.array(1.0)},
        {"frames": np.ones((2, 3))},
        {"importing": "models", "syntax": 3},
        {"importing": "models", "syntax": ["src/models.py"]},
        {"importing": "models", "syntax": np.ones(4)},
        {"importing": "models", "syntax": np.ones(0)},
    ],
    ids=repr,
)
def test_an_error_of_another_form_is_garbled_or_told_without_it(fields):
    assert problem_of(**fields).kind in {"garbled", "import"}


@pytest.mark.parametrize("field", ERROR)
def test_an_error_without_one_of_its_fields_is_garbled(field):
    error = {name: value for name, value in ERROR.items() if name != field}
    problem = outcome_of({"error": error, "notes": []}).problem
    assert problem is not None and problem.kind == "garbled"


def test_an_answer_with_an_error_brings_no_observation():
    outcome = outcome_of({"error": ERROR, "observation": 1, "notes": []})
    assert outcome.observation is None and outcome.problem is not None


@pytest.mark.parametrize("payload", [b"\0", b"\x80\x04]\x94.", b"PK\3\4", bytes(100), b"\0\0\0\2{}more", b"\xff" * 50])
def test_bytes_that_are_no_message_are_garbled(payload):
    outcome = interpret(REPORT, payload, cpu_s=10, wall_s=40)
    assert outcome.observation is None
    assert outcome.problem is not None and outcome.problem.kind == "garbled"


def require_sense(outcome: Outcome) -> None:
    """Raise unless there is an observation or a problem, in texts of bounded length."""
    if outcome.problem is None:
        return
    assert outcome.observation is None
    assert outcome.problem.kind in KINDS and outcome.problem.sentence
    assert all(isinstance(note, str) for note in outcome.notes)
    assert all(isinstance(frame.line, int) and isinstance(frame.file, str) for frame in outcome.problem.frames)


@thorough
@given(st.binary(max_size=100), st.sampled_from([0, None, 1, -9]))
def test_any_bytes_make_sense(payload, status):
    require_sense(interpret(REPORT | {"exit": status}, payload, cpu_s=10, wall_s=40))


@thorough
@given(anything)
def test_any_answer_makes_sense(answer):
    require_sense(outcome_of(answer))


@thorough
@given(st.fixed_dictionaries({}, optional={"observation": anything, "error": anything, "notes": anything}))
def test_any_answer_with_the_right_keys_makes_sense(answer):
    require_sense(outcome_of(answer))


@thorough
@given(st.fixed_dictionaries({}, optional={name: st.just(value) | anything for name, value in ERROR.items()}))
def test_any_error_makes_sense(error):
    require_sense(outcome_of({"error": error, "notes": []}))


@thorough
@given(st.lists(st.tuples(anything, anything, anything, anything), max_size=3), anything, st.booleans())
def test_any_frames_and_syntax_positions_make_sense(frames, position, syntax):
    error = ERROR | {"frames": frames, "importing": "models", "syntax": position if syntax else None}
    require_sense(outcome_of({"error": error, "notes": []}))
