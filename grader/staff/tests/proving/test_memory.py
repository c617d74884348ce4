"""The memory of answers: it asks what changed, only what changed, and changes no verdict."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.assignment import KIT
from grader.judging.opening import probe_modules
from grader.judging.settings import Settings
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox
from grader.sandbox.outcome import Kind
from grader.staff.grading.trial import collect_checks, hold_trial
from grader.staff.proving import called_code
from grader.staff.proving.cache import AnswerCache
from grader.staff.proving.called_code import imported_from, kit_modules, probe_code, reachable
from grader.staff.proving.cases import CaseKind, all_cases
from grader.staff.proving.memory import Remembering
from grader.staff.tests import toy_probes


def test_code_that_a_function_can_not_reach_does_not_count():
    text = "A = 1\ndef f():\n    return g()\ndef g():\n    return A\ndef h():\n    return 2\n"
    assert reachable(text, "f") == reachable(text.replace("return 2", "return 3"), "f")
    assert reachable(text, "f") != reachable(text.replace("return A", "return -A"), "f")
    assert reachable(text, "f") != reachable(text.replace("A = 1", "A = 2"), "f")
    for looking_up in ("globals()['h']()", "eval('h')()", "builtins.eval('h')()"):
        looks_up = text.replace("return g()", f"return {looking_up}")
        assert reachable(looks_up, "f") == looks_up
    switches = text.replace("return A", "return A.eval()")
    assert reachable(switches, "f") == reachable(switches.replace("return 2", "return 3"), "f")


class CountingSandbox(Sandbox):
    """A sandbox that counts the folders that it asks."""

    asked = 0

    def exchange(self, folders, call):
        self.asked += len(folders)
        return super().exchange(folders, call)


@pytest.fixture(scope="module")
def sandbox():
    sandbox = CountingSandbox(preload=["grader.staff.tests.toy_probes"])
    yield sandbox
    sandbox.close()


@pytest.fixture
def asked(sandbox, tmp_path):
    """Ask a toy as a new process would, with nothing but the cache.

    Returns the outcome, and whether a worker was asked.
    """

    def ask(text="def answer(x=0):\n    return [x, 1.5]\n", folder="toy", **call):
        file = tmp_path / folder / "src" / "toy.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        cache, before = AnswerCache(tmp_path / "answers.sqlite"), sandbox.asked
        outcome = Remembering(sandbox, cache=cache).ask(tmp_path / folder, Call("answer", **call))
        cache.close()
        return outcome, sandbox.asked > before

    return ask


def test_the_same_question_to_the_same_code_is_asked_once(asked):
    assert asked(arguments={"x": 2})[1]
    outcome, was_asked = asked(arguments={"x": 2}, folder="a copy")
    assert outcome.observation == [2, 1.5] and not was_asked


def test_an_answer_that_is_timed_is_asked_every_time(sandbox, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "toy.py").write_text("def answer(x=0):\n    return x\n")
    remembering, before = Remembering(sandbox, crowd=[tmp_path]), sandbox.asked
    assert [remembering.ask(tmp_path, Call("timed_answer")).observation for _ in range(3)] == [0, 0, 0]
    assert sandbox.asked == before + 3


@pytest.mark.parametrize(
    "change",
    [{"arguments": {"x": 3}}, {"seed": 1}, {"threads": 2}, {"text": "def answer(x=0):\n    return [x, 2.5]\n"}],
    ids=["arguments", "seed", "threads", "file"],
)
def test_another_question_or_another_file_is_asked(asked, change):
    asked(arguments={"x": 2})
    assert asked(**{"arguments": {"x": 2}, **change})[1]


@pytest.mark.parametrize("changed", ["toy_probes.py", "grader/sandbox/worker.py", "data/my_dataset.py"])
def test_after_a_change_of_the_probe_or_of_what_runs_beside_it_is_asked_again(asked, monkeypatch, changed):
    asked()
    read = called_code.read_text
    monkeypatch.setattr(called_code, "read_text", lambda file: read(file) + "#" * file.as_posix().endswith(changed))
    probe_code.cache_clear()
    try:
        assert asked()[1]
    finally:
        monkeypatch.undo()
        probe_code.cache_clear()
    assert not asked()[1]


def test_a_module_of_the_kit_is_found_however_it_is_imported():
    for text in (
        "import grader.exercises.returned",
        "from grader.exercises import returned as r",
        "def f():\n    from grader.exercises.returned import number",
        "returned = import_module('grader.exercises.returned')",
    ):
        assert "returned.py" in [file.name for file in kit_modules(text)]
    names = {file.name for file in imported_from(Path(toy_probes.__file__))}
    assert names == {"toy_probes.py", "probe.py"}


def test_an_exception_is_kept_with_its_line_and_what_was_printed(asked):
    text = "def answer():\n    print('so far')\n    raise KeyError('no')\n"
    first, _ = asked(text)
    second, was_asked = asked(text)
    assert not was_asked
    assert (second.failure, second.output) == (first.failure, first.output)
    assert second.failure.frames[-1].line == 3 and second.output == "so far\n"


def test_what_ended_without_an_answer_is_asked_again(asked):
    text = "import os\ndef answer():\n    os._exit(3)\n"
    assert asked(text)[0].failure.kind == Kind.CRASH
    assert asked(text)[1]


def test_what_depends_on_a_teachers_data_is_asked_again(asked):
    text = "def answer(data_dir):\n    return data_dir\n"
    asked(text, arguments={"data_dir": "/somewhere"})
    assert asked(text, arguments={"data_dir": "/somewhere"})[1]


def test_the_cache_keeps_what_was_used_last_and_is_private(tmp_path):
    file = tmp_path / "deeper" / "answers.sqlite"
    first, second = AnswerCache(file), AnswerCache(file)  # as two lanes do
    first.keep({"a": bytes(100), "b": bytes(100)})
    second.keep({"c": bytes(100)})
    first.shrink(250)
    assert list(second.get("abc")) == ["b", "c"] or list(second.get("abc")) == ["a", "c"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_killed_process_leaves_the_cache_readable(tmp_path):
    program = (
        "import sys; from pathlib import Path; from grader.staff.proving.cache import AnswerCache\n"
        "cache, i = AnswerCache(Path(sys.argv[1])), 0\n"
        "while True: cache.keep({str(i): str(i).encode() * 1000}); i += 1; print(i, flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "answers.sqlite")]
    with subprocess.Popen(command, cwd=KIT, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(50):
            process.stdout.readline()
        process.kill()
    kept = AnswerCache(tmp_path / "answers.sqlite").get(map(str, range(50)))
    assert kept == {str(i): str(i).encode() * 1000 for i in range(50)}


def test_a_damaged_cache_is_begun_again(tmp_path):
    file = tmp_path / "answers.sqlite"
    file.write_bytes(b"not a database, whatever its name is " * 100)
    cache = AnswerCache(file)
    cache.keep({"a": b"1"})
    assert cache.get(["a"]) == {"a": b"1"}


@pytest.mark.slow
def test_verdicts_are_the_same_without_the_memory(tmp_path):
    """Judge thirty mutants of three networks without a memory, with an empty and a filled one."""
    networks = ("DigitClassifier", "DogClassifierFC", "SynthClassifier")
    mutants = [case for case in all_cases() if case.kind is CaseKind.MUTANT and case.mutants[0].function in networks]
    cases = [case.staged_in(tmp_path) for case in mutants[:30]]
    visible = [item for item in collect_checks() if item.path.name == "test_models.py" and hasattr(item, "callspec")]
    checks = [item for item in visible if item.callspec.params["name"] in networks]
    sandbox = Sandbox(preload=probe_modules(["models"]))

    def verdicts(asker):
        trials = [hold_trial(Settings(case.folder, asks=asker, live=False), checks) for case in cases]
        assert any(trial.named for trial in trials) and any(trial.failing for trial in trials)
        return [(trial.records, trial.named) for trial in trials]

    try:
        expected = verdicts(sandbox)
        folders = [case.folder for case in cases]
        for _ in range(2):
            assert verdicts(Remembering(sandbox, folders, AnswerCache(tmp_path / "answers.sqlite"))) == expected
    finally:
        sandbox.close()
