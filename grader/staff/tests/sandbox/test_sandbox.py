"""The sandbox, with forked workers and with the persistent child of systems without fork."""

import contextlib
import gc
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.judging.problems import problem_of
from grader.sandbox.boundary import can_harden
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox, SandboxError
from grader.sandbox.frames import USUAL_WORKERS, Workers
from grader.sandbox.lease import lease_user
from grader.staff.tests.conftest import BOTH_WORKERS, needs_fork
from grader.staff.tests.submissions import shown_toy, toy
from grader.staff.tests.toy_probes import answer, secret_number


@pytest.fixture(scope="module", params=BOTH_WORKERS)
def sandbox(request):
    """With forked workers, sandboxed if that is possible, and with the persistent child."""
    lease = lease_user() if request.param is Workers.FORKED and can_harden() else None
    sandbox = Sandbox(request.param, lease)
    yield sandbox
    sandbox.close()
    if lease:
        lease.end()


@pytest.fixture
def asks(sandbox, open_folder):
    """Ask a submission whose toy.py has the given text."""

    def ask(text, cpu_s=5.0, seed=0, **arguments):
        return sandbox.ask(shown_toy(sandbox, open_folder, text), Call(answer.name, arguments, seed, cpu_s))

    return ask


def test_arguments_arrive_and_the_observation_comes_back(asks):
    outcome = asks("def answer(a, b):\n    return {'sum': a + b, 'list': [1, None, 'x']}", a=2, b=0.5)
    assert outcome.observation == {"sum": 2.5, "list": [1, None, "x"]}
    assert outcome.failure is None


def test_the_next_call_sees_nothing_of_the_last(asks):
    asks("import sys, builtins\nbuiltins.left = sys.left = 1\nSTATE = 1\ndef answer(): return 1")
    outcome = asks("import sys\ndef answer():\n    return ['src.toy' in sys.modules, 'STATE' in globals()]")
    assert outcome.observation == [True, False]


def test_random_numbers_follow_from_the_seed(asks):
    text = (
        "import random, numpy, torch\n"
        "def answer(): return [random.random(), numpy.random.rand(), torch.rand(()).item()]"
    )
    first, again, other = (asks(text, seed=seed).observation for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_the_order_of_a_set_is_the_same_in_every_run(asks):
    text = "import sys\ndef answer(): return [sys.flags.hash_randomization, sys.dont_write_bytecode]"
    assert asks(text).observation == [0, True]


def test_printing_is_captured_and_capped(asks):
    outcome = asks("def answer():\n    print('hello')\n    for _ in range(100_000): print('x' * 99)\n    return 1")
    assert outcome.observation == 1
    assert outcome.output.startswith("hello\n")
    assert len(outcome.output) <= 64 * 1024


def test_an_exception_is_reported_with_the_submissions_own_lines(asks):
    failure = asks("def answer():\n    helper()\n\ndef helper():\n    raise KeyError('k')").failure
    assert failure.kind == "raised"
    assert [(frame.file, frame.line, frame.function) for frame in failure.frames] == [
        ("src/toy.py", 2, "answer"),
        ("src/toy.py", 5, "helper"),
    ]
    assert problem_of(failure).sentence == "The code raised KeyError (line 5 of src/toy.py)."


@pytest.mark.parametrize("package", ["hypothesis", "psutil", "mypy", "pip"])
def test_a_package_that_only_the_staff_has_is_missing(asks, package):
    failure = asks(f"import {package}\ndef answer(): return 1").failure
    assert (failure.kind, failure.message) == ("import", f"No module named '{package}'")
    looks = f"import importlib.util\ndef answer(): return importlib.util.find_spec('{package}') is None"
    assert asks(looks).observation is True


def test_the_packages_of_requirements_txt_are_there(asks):
    text = "import matplotlib.pyplot, rich, scipy, sklearn, yaml\nimport PIL.Image\ndef answer(): return 1"
    assert asks(text).observation == 1


def test_an_own_file_may_have_the_name_of_a_package_that_is_hidden(asks):
    text = (
        "import os, sys\nsys.path.append('.')\nopen('psutil.py', 'w').write('OWN = True')\n"
        "import psutil\ndef answer(): return psutil.OWN"
    )
    assert asks(text).observation is True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("def answer(:", "syntax", "line 1"),
        (
            "import no_such_package\ndef answer(): return 1",
            "import",
            "can't be imported: ModuleNotFoundError (line 1).",
        ),
        ("def answers(): return 1", "missing_name", "Did you mean `answers`? Then rename it to `answer`."),
        ("import sys\ndef answer(): sys.exit(0)", "raised", "SystemExit"),
        ("import os\ndef answer(): os._exit(0)", "crash", "exit status 0"),
        ("import os\nos._exit(7)", "crash", "exit status 7"),
        ("import os\ndef answer(): os.kill(os.getpid(), 11)", "crash", "SIGSEGV"),
        ("def answer(): return object()", "raised", "WireError"),
        ("def answer():\n    x = [0]\n    while True: x += x", "memory", "4 GB"),
        ("def answer():\n    while True: pass", "timeout", "1 s of CPU time"),
        ("import time\ndef answer(): time.sleep(100)", "timeout", "4 s"),
    ],
    ids=[
        "syntax",
        "import",
        "name",
        "sys.exit",
        "os._exit",
        "exit at import",
        "segfault",
        "object",
        "memory",
        "loop",
        "sleep",
    ],
)
def test_each_problem_has_its_sentence(asks, sandbox, monkeypatch, text, kind, words):
    if sandbox.workers is Workers.PERSISTENT:
        words = {"1 s of CPU time": "4 s"}.get(words, words)  # the persistent child knows only the clock
    if "CPU time" in words:
        monkeypatch.setattr(
            "grader.sandbox.call.WALL_FACTOR", 300
        )  # on a busy machine the clock must not stop it first
    problem = problem_of(asks(text, cpu_s=1.0 if kind == "timeout" else 20.0).failure)
    assert (problem.kind, words in problem.sentence) == (kind, True), problem
    assert asks("def answer(): return 1").observation == 1


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("return logit", ". Did you mean: 'logits'?"),
        ("return lenght(logits)", ""),
        ("return pirnt(logits)", ". Did you mean: 'print'?"),
        ("raise NameError('of my own')", ""),
        ("return logits.reel", ". Did you mean: 'real'?"),
        ("return logits.weights", ""),
        ("from math import sqrtt", ". Did you mean: 'sqrt'?"),
        ("from math import lenght", ""),
        ("raise AttributeError('of my own')", ""),
        ("return Odd().logits", ""),
    ],
)
def test_a_name_that_is_not_there_is_reported_with_a_similar_one(asks, line, suggestion):
    odd = "class Odd:\n    def __dir__(self): raise ValueError\n"
    failure = asks(f"{odd}def answer():\n    logits = 1\n    {line}").failure
    assert failure.exception in ("NameError", "AttributeError", "ImportError")
    assert failure.message[-40:].partition(". Did")[1:] == (suggestion[:5], suggestion[5:])


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("from torchvision import datasets, transforms as t\ndef answer(): return t.Resize(3).size", 3, ""),
        ("import torch\nf = torch.jit.script(torch.nn.ReLU())\ndef answer(): return type(f).__name__", "ReLU", ""),
        ("import torch\n@torch.compile\ndef answer(): return 1", 1, "torch.compile takes longer than a check may"),
        ("import torch\nanswer = torch.compile(dynamic=True)(lambda: 1)", 1, "torch.compile takes longer"),
    ],
    ids=["torchvision", "script", "compile", "compile with options"],
)
def test_what_can_not_work_beside_a_check_is_replaced(asks, text, value, note):
    outcome = asks(text)
    assert (outcome.observation, outcome.failure) == (value, None)
    assert [note in left for left in outcome.notes] == [True] * bool(note)


def test_a_file_that_is_missing_is_said_to_be(sandbox, open_folder):
    folder = shown_toy(sandbox, open_folder, "")
    (folder / "src" / "toy.py").unlink()
    problem = problem_of(sandbox.ask(folder, Call("answer")).failure)
    assert (problem.kind, problem.sentence) == ("missing_file", "src/toy.py was not handed in.")


def test_a_hint_names_no_function_that_the_exercise_also_asks_for(asks):
    failure = asks("def answered(): return 1\ndef ansver(): return 1").failure
    assert failure.message == "src/toy.py does not define `answer`. Did you mean `ansver`? Then rename it to `answer`."
    assert asks("def answered(): return 1").failure.message == "src/toy.py does not define `answer`."


def test_a_staff_function_is_asked_in_the_staffs_sandbox_only(tmp_path):
    folder = toy(tmp_path / "s", "")
    with contextlib.closing(Sandbox()) as sandbox:
        assert sandbox.ask(folder, Call(secret_number.name)).observation == 7
    submissions = Sandbox(runs_submissions=True)
    with pytest.raises(ValueError, match="secret_number is a staff function"):
        submissions.ask(folder, Call(secret_number.name))
    assert submissions.server is None  # nothing was started for it


def test_only_the_kits_data_and_the_submission_can_be_imported(asks):
    outcome = asks(
        "import importlib.util, sys\n"
        "import data.my_dataset\n"
        "def answer(): return [data.my_dataset.__file__.startswith(sys.path[0]), importlib.util.find_spec('tests') is None]"
    )
    assert outcome.observation == [True, True]


def test_the_environment_is_scrubbed(asks):
    outcome = asks("import os\ndef answer(): return sorted(k for k in os.environ if 'SECRET' in k or k == 'DATA_DIR')")
    assert outcome.observation == []


@needs_fork
def test_a_worker_leaves_no_process_and_no_file_behind(tmp_path):
    folder = toy(
        tmp_path / "s",
        "import os, tempfile, time\n"
        "def answer():\n"
        "    child = os.fork()\n"
        "    if child == 0: time.sleep(1000)\n"
        "    open('left', 'w').close(); name = tempfile.mkstemp()[1]\n"
        "    return [child, os.getcwd(), name]",
    )
    sandbox = Sandbox(Workers.FORKED)
    child, scratch, file = sandbox.ask(folder, Call("answer")).observation
    sandbox.close()
    assert not Path(scratch).exists()
    assert not Path(file).exists()
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie that nobody reaps does not)."""
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@needs_fork
def test_a_worker_is_a_fresh_process_with_limits(tmp_path):
    folder = toy(
        tmp_path / "s",
        "import os, resource\n"
        "def answer(): return [os.getpid(), os.getsid(0), *resource.getrlimit(resource.RLIMIT_AS), len(os.listdir('/proc/self/fd'))]",
    )
    sandbox = Sandbox(Workers.FORKED)
    first, second = (sandbox.ask(folder, Call("answer")).observation for _ in range(2))
    sandbox.close()
    assert first[0] != second[0]
    assert first[0] == first[1]
    assert first[2:4] == [4 * 2**30] * 2
    assert first[4] <= 6  # input, output, errors, the answer, samples, and the listing itself


def test_a_server_that_can_not_start_is_the_graders_error(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.sandbox.launch.BOOTSTRAP", "import no_such_module")
    folder = toy(tmp_path / "s", "def answer(): return 1")
    with pytest.raises(SandboxError, match=r"did not start.*(?s:.)*no_such_module"):
        Sandbox().ask(folder, Call("answer"))
    for sandbox in Sandbox.pair():
        with pytest.raises(SandboxError, match="did not start"):
            sandbox.ask(folder, Call("answer"))


@needs_fork
def test_a_server_that_was_killed_is_the_graders_error_once(tmp_path):
    first, second = Sandbox.pair()
    folder = toy(tmp_path / "s", "def answer(): return 1")
    server = first.started()
    server.let_go()  # its guard kills it
    with pytest.raises(SandboxError):
        for _ in range(100):  # until it has died
            first.ask(folder, Call("answer"))
    assert first.ask(folder, Call("answer")).observation == 1
    assert second.ask(folder, Call("answer")).observation == 1
    first.close()
    second.close()


@pytest.mark.filterwarnings("error")
def test_nothing_is_left_in_the_temporary_folder_nor_open(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    folder = toy(tmp_path / "s", "import os\ndef answer(): os._exit(1)")
    for workers in {Workers.PERSISTENT, USUAL_WORKERS}:
        sandbox = Sandbox(workers)
        sandbox.ask(folder, Call("answer"))
        sandbox.close()
    del sandbox
    gc.collect()  # what is still open is warned of
    assert list(temporary.iterdir()) == []


@needs_fork
def test_killing_the_trusted_side_ends_server_and_worker(tmp_path):
    pid = tmp_path / "pid"
    text = f"import os, time\ndef answer():\n    open({str(pid)!r}, 'w').write(str(os.getpid()))\n    time.sleep(1000)"
    folder = toy(tmp_path / "s", text)
    program = (
        "import sys; from pathlib import Path; from grader.sandbox.client import *; import grader.staff.tests.toy_probes\n"
        "Sandbox().ask(Path(sys.argv[1]), Call('answer', cpu_s=100))"
    )
    trusted = subprocess.Popen([sys.executable, "-c", program, str(folder)])
    until = time.monotonic() + 300
    while not pid.exists() or not pid.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    trusted.send_signal(signal.SIGKILL)
    trusted.wait()
    worker, until = int(pid.read_text()), time.monotonic() + 60
    while is_alive(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(worker)


def test_in_process_gives_the_same_answers_and_the_exception(tmp_path):
    program = (
        "import sys; from pathlib import Path; from grader.sandbox.client import *; import grader.staff.tests.toy_probes\n"
        "asker, folder = InProcess(), Path(sys.argv[1])\n"
        "print(asker.ask(folder, Call('answer', {'x': 2})).observation)\n"
        "print(repr(asker.ask(folder, Call('answer', {'x': 0})).exception))\n"
        "print([name for name in sys.modules if name.startswith('src')])"
    )
    folder = toy(tmp_path / "s", "def answer(x): return 1 / x")
    command = [sys.executable, "-c", program, str(folder)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["0.5", "ZeroDivisionError('division by zero')", "[]"]


def test_the_trusted_side_never_imports_torch():
    program = "import sys, grader.plugin, grader.cli, grader.exercises.inputs, grader.exercises.run_model.questions, grader.exercises.models.questions\nprint('torch' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "False"
