"""The outcome of a call: an observation or a failure, from a report and an untrusted answer."""

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.sandbox import wire
from grader.sandbox.frames import Limits, ServerReport, Stop
from grader.sandbox.outcome import Failure, Kind, Outcome, interpret_each
from grader.sandbox.raised import Frame, SyntaxPosition

pytestmark = pytest.mark.filterwarnings("error")
thorough = settings(deadline=None, max_examples=150, database=None)

LIMITS = Limits(cpu_s=10, wall_s=40, memory_bytes=2**32)
OUTER = Frame("src/run_model.py", 3, "run_model", "train_epoch()")
FRAME = Frame("src/run_model.py", 7, "train_epoch", "return 1 / 0")
ERROR: dict[str, Any] = {
    "type": "ZeroDivisionError",
    "message": "division by zero",
    "importing": "",
    "frames": [asdict(FRAME)],
    "syntax": None,
    "ours": False,
}
SYNTAX = {"file": "src/models.py", "line": "3", "text": "def f(:"}

shapes = npst.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4)
arrays = st.sampled_from(sorted(wire.DTYPES)).flatmap(lambda dtype: npst.arrays(dtype, shapes))
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars | arrays,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def outcome_of(answer: Any, **report: Any) -> Outcome:
    return read(wire.join([wire.encode(answer)]), **report)


def read(payload: bytes, **report: Any) -> Outcome:
    return interpret_each(ServerReport(**{"cpu_s": 0.5, "output": "epoch 1\n"} | report), payload, 1, LIMITS)[0]


def failure_of(**fields: Any) -> Failure:
    failure = outcome_of({"error": ERROR | fields, "notes": []}).failure
    assert failure is not None
    return failure


def ending(**report: Any) -> Failure:
    """The failure of a worker that gave no answer."""
    outcome = read(b"", **report)
    assert outcome.failure is not None and outcome.observation is None
    return outcome.failure


# Observations


def test_an_observation_comes_with_what_was_printed_and_what_it_cost():
    outcome = outcome_of({"observation": {"loss": [0.5]}, "notes": ["The loss is a Tensor; it was taken as a number."]})
    assert outcome == Outcome(
        observation={"loss": [0.5]},
        output="epoch 1\n",
        cpu_s=0.5,
        notes=["The loss is a Tensor; it was taken as a number."],
    )


@given(anything)
@thorough
def test_any_observation_is_handed_on(observation):
    outcome = outcome_of({"observation": observation, "notes": []})
    assert outcome.failure is None
    assert type(outcome.observation) is type(observation)


def test_nothing_may_be_observed():
    assert outcome_of({"observation": None, "notes": []}) == Outcome(output="epoch 1\n", cpu_s=0.5)


def test_an_answer_that_took_longer_than_allowed_but_arrived_counts():
    assert outcome_of({"observation": 1, "notes": []}, cpu_s=11.0).failure is None


def test_notes_are_few_and_short():
    notes = outcome_of({"observation": 1, "notes": ["x" * 1000] * 1000}).notes
    assert len(notes) == 10 and max(map(len, notes)) == 500


# Workers that ended without an answer


@pytest.mark.parametrize("exit_status", [0, -9, -24, 1])
def test_a_worker_out_of_cpu_time_is_a_timeout(exit_status):
    assert ending(exit=exit_status, cpu_s=10.0) == Failure(Kind.TIMEOUT, seconds=10, is_cpu_time=True)


def test_a_worker_whose_processes_are_together_out_of_cpu_time_is_told_so():
    assert ending(exit=-9, cpu_s=4.0, stopped_for=Stop.CPU_TIME) == Failure(Kind.TIMEOUT, seconds=10, is_cpu_time=True)


def test_a_worker_out_of_time_by_the_clock_is_a_timeout():
    assert ending(exit=-9, stopped_for=Stop.TIME) == Failure(Kind.TIMEOUT, seconds=40)


def test_a_worker_that_wrote_or_answered_too_much_is_told_apart():
    assert ending(exit=-9, stopped_for=Stop.DISK) == Failure(Kind.DISK)
    assert ending(exit=-9, stopped_for=Stop.ANSWER) == Failure(Kind.GARBLED, is_too_long=True)


@pytest.mark.parametrize("exit_status", [0, 1, 7, -9, -11])
def test_a_worker_that_ended_otherwise_is_a_crash_with_its_status(exit_status):
    assert ending(exit=exit_status) == Failure(Kind.CRASH, exit=exit_status)


@pytest.mark.parametrize(
    "report, kind",
    [({"exit": 3}, "crash"), ({"exit": -9}, "crash"), ({"exit": -9, "stopped_for": Stop.TIME}, "timeout")],
)
def test_an_answer_does_not_count_when_its_worker_ended_badly(report, kind):
    outcome = outcome_of({"observation": 1, "notes": []}, **report)
    assert outcome.observation is None
    assert outcome.failure is not None and outcome.failure.kind == kind
    assert outcome.output == "epoch 1\n"


# What a worker says it raised


def test_an_exception_comes_with_its_type_its_text_and_its_lines():
    failure = failure_of(frames=[asdict(OUTER), asdict(FRAME)])
    frames = (OUTER, FRAME)
    assert failure == Failure(Kind.RAISED, "ZeroDivisionError", "division by zero", frames)
    assert str(failure) == "raised: ZeroDivisionError: division by zero"


def test_an_exception_while_a_file_is_imported_names_the_file():
    failure = failure_of(importing="models")
    assert failure == Failure(Kind.IMPORT, "ZeroDivisionError", "division by zero", (FRAME,), "src/models.py")


def test_a_file_that_is_not_there_was_not_handed_in():
    missing = dict(type="ModuleNotFoundError", importing="models", frames=[])
    failure = failure_of(message="No module named 'src.models'", **missing)
    assert (failure.kind, failure.importing) == ("missing_file", "src/models.py")
    assert failure_of(message="No module named 'sklearn'", **missing).kind == "import"


def test_a_syntax_error_has_a_position():
    failure = failure_of(type="SyntaxError", message="invalid syntax", importing="models", syntax=SYNTAX, frames=[])
    assert (failure.kind, failure.syntax) == ("syntax", SyntaxPosition("src/models.py", "3", "def f(:"))


def test_a_syntax_error_that_a_call_raises_is_an_exception_like_others():
    assert failure_of(type="SyntaxError", syntax=SYNTAX).kind == "raised"


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
def test_every_way_to_run_out_of_memory_is_recognised(fields):
    assert failure_of(**fields).kind == "memory"


def test_an_exception_of_the_kits_own_is_told_apart_only_by_a_true():
    assert failure_of(type="MissingName", ours=True).kind == "missing_name"
    assert failure_of(type="Unusable", ours=True).kind == "unusable"
    assert failure_of(type="MissingName", ours=1).kind == "raised"


def test_a_network_without_a_forward_lacks_a_name():
    message = 'Module [LeNet5] is missing the required "forward" function'
    assert failure_of(type="NotImplementedError", message=message).kind == "missing_name"


def test_a_flood_of_words_is_cut():
    flood = "x" * 10_000
    failure = failure_of(
        type=flood, message=flood, importing=flood, frames=[asdict(Frame(flood, 1, flood, flood))] * 100
    )
    assert len(failure.frames) == 20
    assert len(failure.importing) < 250
    assert len(repr(failure)) < 20_000
    syntax = failure_of(type="SyntaxError", message=flood, importing="models", syntax=dict.fromkeys(SYNTAX, flood))
    assert len(repr(syntax)) < 5000


@pytest.mark.parametrize("line", [2**63, -1])
def test_a_line_number_can_be_anything_but_stays_a_number(line):
    assert failure_of(frames=[asdict(FRAME) | {"line": line}]).frames[0].line == line


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
    assert outcome.failure is not None and outcome.failure.kind == "garbled"
    assert outcome.output == "epoch 1\n"


@pytest.mark.parametrize(
    "fields",
    [
        {"frames": None},
        {"frames": 3},
        {"frames": "text"},
        {"frames": [None]},
        {"frames": [{}]},
        {"frames": [["src/models.py", 1, "f", ""]]},
        *({"frames": [asdict(FRAME) | {"line": line}]} for line in (None, "one", math.nan, np.ones(2), np.ones(1))),
        {"frames": np.array(1.0)},
        {"frames": np.ones((2, 3))},
        *({"syntax": syntax} for syntax in (3, ["src/models.py"], {"file": "src/models.py"}, np.ones(4), np.ones(0))),
    ],
    ids=repr,
)
def test_an_error_of_another_form_is_garbled(fields):
    assert failure_of(**fields).kind == "garbled"


@pytest.mark.parametrize("field", ERROR)
def test_an_error_without_one_of_its_fields_is_garbled(field):
    error = {name: value for name, value in ERROR.items() if name != field}
    failure = outcome_of({"error": error, "notes": []}).failure
    assert failure is not None and failure.kind == "garbled"


def test_an_answer_with_an_error_brings_no_observation():
    outcome = outcome_of({"error": ERROR, "observation": 1, "notes": []})
    assert outcome.observation is None and outcome.failure is not None


@pytest.mark.parametrize("payload", [b"\0", b"\x80\x04]\x94.", b"PK\3\4", bytes(100), b"\0\0\0\2{}more", b"\xff" * 50])
def test_bytes_that_are_no_message_are_garbled(payload):
    outcome = read(payload)
    assert outcome.observation is None
    assert outcome.failure is not None and outcome.failure.kind == "garbled"


def require_sense(outcome: Outcome) -> None:
    """Raise unless there is an observation, or a failure whose fields have their types."""
    if outcome.failure is None:
        return
    assert outcome.observation is None
    assert isinstance(outcome.failure.kind, Kind)
    assert isinstance(outcome.failure.exception + outcome.failure.message + outcome.failure.importing, str)
    assert all(isinstance(note, str) for note in outcome.notes)
    assert all(isinstance(frame.line, int) and isinstance(frame.file, str) for frame in outcome.failure.frames)


@thorough
@given(st.binary(max_size=100), st.sampled_from([0, 1, -9]))
def test_any_bytes_make_sense(payload, status):
    require_sense(read(payload, exit=status))
    require_sense(read(wire.join([payload]), exit=status))


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


def some_of(fields: dict[str, Any]) -> st.SearchStrategy[Any]:
    """These fields, each perhaps with another value, or none of them."""
    return st.fixed_dictionaries({name: st.just(value) | anything for name, value in fields.items()}) | anything


@thorough
@given(st.lists(some_of(asdict(FRAME)), max_size=3), some_of(SYNTAX))
def test_any_frames_and_syntax_positions_make_sense(frames, syntax):
    require_sense(
        outcome_of({"error": ERROR | {"frames": frames, "importing": "models", "syntax": syntax}, "notes": []})
    )
