"""Inside a worker: run one call beside a submission's code, and answer in plain data.

A student's code runs in the same process, so the trusted side takes nothing in an answer as more
than data.
"""

import difflib
import importlib
import random
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox import wire
from grader.sandbox.probe import PROBES, Submission, Unusable
from grader.sandbox.raised import describe

TOP_LEVEL = ("src", "data")  # the packages of a staged folder
COMPILING = "torch.compile takes longer than a check may, so the grader leaves it out. Remove it: it changes no result."


class MissingName(Exception):
    """A file can be imported but does not define a function or class that the exercise asks for."""


class StagedSubmission(Submission):
    """A staged folder's ``src`` package, imported file by file as probes ask for it.

    `targets` are the functions and classes that each exercise asks for.
    """

    def __init__(self, folder: str, targets: dict[str, list[str]]) -> None:
        self.folder, self.targets = Path(folder), targets
        self.importing = ""
        self.notes: list[str] = []
        if not sys.modules.keys().isdisjoint(TOP_LEVEL):
            forget(sys.modules)
        self.n_known = len(sys.modules)
        sys.path.insert(0, folder)

    def load(self, exercise: str) -> ModuleType:
        self.importing = exercise
        module = importlib.import_module(f"src.{exercise}")
        self.importing = ""
        return module

    def get(self, exercise: str, name: str) -> Any:
        module = self.load(exercise)
        if hasattr(module, name):
            return getattr(module, name)
        others = vars(module).keys() - self.targets.get(exercise, [])  # not another one that is asked for
        close = difflib.get_close_matches(name, sorted(others), n=1)
        hint = f" Did you mean `{close[0]}`? Then rename it to `{name}`." if close else ""
        raise MissingName(f"src/{exercise}.py does not define `{name}`.{hint}")

    def leave(self) -> None:
        """Restore sys.path and sys.modules, for workers that answer further calls."""
        sys.path[:] = [entry for entry in sys.path if entry != str(self.folder)]
        n_new = len(sys.modules) - self.n_known
        forget(list(islice(reversed(sys.modules), max(n_new, 0))))  # to look at all would copy their pages


def forget(modules: Iterable[str]) -> None:
    """Drop a staged folder's modules, so that the next import reads the next submission's files."""
    for name in [name for name in modules if name.partition(".")[0] in TOP_LEVEL]:
        del sys.modules[name]


def set_seeds(seed: int, threads: int) -> None:
    """Seed all generators that a submission may draw from, and undo what an earlier call set."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch = sys.modules.get("torch")
    if torch is None:
        return  # this worker may use NumPy alone
    torch.default_generator.manual_seed(seed)
    if torch.accelerator.is_available():  # without one, torch.manual_seed only takes time
        torch.manual_seed(seed)
    torch.set_num_threads(threads)  # training repeats bit for bit only at a fixed number
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)


def leave_out_compiling(submission: Submission) -> None:
    """Let torch.compile return what it is given, and note that for the student."""

    def compile_nothing(model: Any = None, **options: Any) -> Any:
        if COMPILING not in submission.notes:
            submission.notes.append(COMPILING)
        return (lambda function: function) if model is None else model

    if "torch" in sys.modules:
        sys.modules["torch"].__dict__["compile"] = compile_nothing


def answer(payload: bytes) -> tuple[bytes, BaseException | None]:
    """Run an encoded request's probe on each of its folders.

    Returns the joined answers, and the last exception that one of them reports, if any.
    Call.request makes the request.  An answer is ``{"observation": ..., "notes": [...]}`` or
    ``{"error": {...}, "notes": [...]}``.
    """
    first = wire.decode(payload)
    make_known(first["probe"], first["module"], first["source"])
    # decoded again for each folder: a submission may write into its arguments
    answers = [answer_for(folder, wire.decode(payload)) for folder in first["folders"]]
    errors = [error for _, error in answers if error is not None]
    return wire.join([message for message, _ in answers]), errors[-1] if errors else None


def make_known(probe: str, module: str, source: str) -> None:
    """Register a probe: run the text of its file, if that was sent, else import its module."""
    if probe in PROBES:
        return
    if source:
        exec(compile(source, "<probes>", "exec"), {"__name__": "grader.further_probes"})
    else:
        importlib.import_module(module)


def answer_for(folder: str, request: dict[str, Any]) -> tuple[bytes, BaseException | None]:
    set_seeds(request["seed"], request["threads"])
    submission = StagedSubmission(folder, request["targets"])
    leave_out_compiling(submission)
    try:
        observation = PROBES[request["probe"]].observe(submission, request["arguments"])
        return wire.encode({"observation": observation, "notes": submission.notes}), None
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: a submission may raise anything
        is_ours = isinstance(error, (Unusable, MissingName))
        raised = describe(error, submission.folder, submission.importing, is_ours)
        return wire.encode({"error": raised.as_data(), "notes": submission.notes}), error
    finally:
        submission.leave()
