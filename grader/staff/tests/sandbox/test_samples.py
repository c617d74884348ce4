"""Where a call was that never ended: the frames of a time-out."""

import pytest

from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox
from grader.sandbox.frames import Workers
from grader.sandbox.raised import Frame
from grader.sandbox.samples import END, MAX_BYTES, lasting
from grader.staff.tests.conftest import BOTH_WORKERS, needs_fork
from grader.staff.tests.submissions import toy
from grader.staff.tests.toy_probes import answer


@pytest.fixture(scope="module", params=BOTH_WORKERS)
def stopped_in(request, tmp_path_factory):
    """The line and function of each frame of a toy.py that reaches its time limit."""
    sandbox = Sandbox(request.param)

    def stopped_in(text):
        outcome = sandbox.ask(toy(tmp_path_factory.mktemp("s"), text), Call(answer.name, cpu_s=1.0))
        assert (outcome.failure.kind, outcome.output) == ("timeout", "")
        assert {frame.file for frame in outcome.failure.frames} <= {"src/toy.py"}
        return [(frame.line, frame.function) for frame in outcome.failure.frames]

    yield stopped_in
    sandbox.close()


LOOP = "def answer():\n    step = 0\n    while True:\n        step = add(step)\n\ndef add(step):\n    return sum([step, 1])"


@pytest.mark.slow
def test_a_loop_is_found_and_not_the_calls_in_it(stopped_in):
    ((line, function),) = stopped_in(LOOP)
    assert (line in (3, 4), function) == (True, "answer")


@pytest.mark.slow
def test_a_loop_is_found_behind_the_calls_that_lead_to_it(stopped_in):
    outer, inner = stopped_in("def answer():\n    return wait()\n\ndef wait():\n    while True:\n        pass")
    assert outer == (2, "answer")
    assert (inner[0] in (5, 6), inner[1]) == (True, "wait")


@pytest.mark.slow
def test_a_line_that_waits_is_found_while_a_file_is_imported(stopped_in):
    assert stopped_in("import time\n\ntime.sleep(1000)") == [(3, "<module>")]


@pytest.mark.slow
@needs_fork
def test_a_submission_that_closes_the_file_has_no_frames_and_prints_nothing(tmp_path):
    outcome = ask(Workers.FORKED, tmp_path, "import os\ndef answer():\n    os.closerange(3, 30)\n    while True: pass")
    assert (outcome.failure.kind, outcome.failure.frames, outcome.output) == ("timeout", (), "")


def test_a_persistent_worker_that_closes_its_pipes_is_killed(tmp_path):
    outcome = ask(
        Workers.PERSISTENT, tmp_path, "import os\ndef answer():\n    os.closerange(3, 30)\n    while True: pass"
    )
    assert outcome.failure.kind == "crash"


def ask(workers, folder, text):
    sandbox = Sandbox(workers)
    outcome = sandbox.ask(toy(folder / "s", text), Call(answer.name, cpu_s=1.0))
    sandbox.close()
    return outcome


def sample(*lines):
    return "\n".join([*lines, END, ""])


def test_only_calls_that_stay_are_frames():
    young = sample("1 src/a.py:9 helper", "6 src/a.py:4 train", "7 src/a.py:2 <module>")
    assert lasting(sample("9 src/b.py:1 old") + young) == (
        Frame("src/a.py", 2, "<module>", ""),
        Frame("src/a.py", 4, "train", ""),
    )
    assert lasting(sample("1 src/a.py:9 f", "2 src/a.py:4 g")) == (Frame("src/a.py", 4, "g", ""),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9 src/a.py:1 f",  # the end of the sample is missing
        sample(),
        sample("9 src/a.py:1 \x1b[31mf"),
        sample("9 /etc/passwd:1 f"),
        sample("9 src/../../a.py:1 f"),
        sample("9 src/a.py:1 f and more words"),
        sample("9 src/a.py:1234567 f"),
        sample(f"9 src/a.py:1 {'f' * 100}"),
        sample("-9 src/a.py:1 f", "x src/a.py:1 f", "9 src/a.py:\u0661 f"),
        "\ufffd" * MAX_BYTES,
    ],
)
def test_what_does_not_look_like_a_sample_gives_no_frame(text):
    assert lasting(text) == ()


def test_there_is_a_most_of_frames():
    assert len(lasting(sample(*["9 src/a.py:1 f"] * 3000))) == 20
