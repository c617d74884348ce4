"""Inside a worker: one probe call beside a submission's code, answered in plain data.

Everything here runs in the same process as a student's code, so nothing that it says is believed to be more than data.
"""

import builtins
import difflib
import importlib
import os
import random
import re
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox import wire
from grader.sandbox.probe import PROBES, Submission, Unusable

TOP_LEVEL = ("src", "data")  # the packages of a staged folder
MAX_MESSAGE = 2000  # characters of an exception's text
MAX_FRAMES = 20
WHERE_FOUND = re.compile(r" \((?:/|[A-Z]:\\)[^()]*\)$")  # the path that Python adds to "cannot import name"


class MissingName(Exception):
    """A file imports but does not define what the exercise asks for."""


class StagedSubmission(Submission):
    """A staged folder's ``src`` package, imported file by file as probes ask for it."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.importing = ""
        self.notes: list[str] = []
        if not sys.modules.keys().isdisjoint(TOP_LEVEL):
            forget(sys.modules)
        self.known = len(sys.modules)
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
        close = difflib.get_close_matches(name, vars(module), n=1)
        hint = f"; did you mean to call `{close[0]}` that?" if close else ""
        raise MissingName(f"src/{exercise}.py defines no `{name}`{hint}")

    def leave(self) -> None:
        """Put sys.path and sys.modules back, for the workers that live on."""
        sys.path[:] = [entry for entry in sys.path if entry != str(self.folder)]
        forget([*sys.modules][self.known :])  # what was imported since


def forget(modules: Iterable[str]) -> None:
    """Of these modules drop every one of a staged folder, so that the next import reads the next submission's files."""
    for name in [name for name in modules if name.partition(".")[0] in TOP_LEVEL]:
        del sys.modules[name]


def set_seeds(seed: int, threads: int) -> None:
    """Seed every generator that a submission may draw from, and undo what an earlier call may have set."""
    import torch

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed)
    if torch.accelerator.is_available():  # without one, torch.manual_seed only takes time
        torch.manual_seed(seed)
    torch.set_num_threads(threads)  # training repeats bit for bit only at a fixed number
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)


def answer(payload: bytes) -> tuple[bytes, BaseException | None]:
    """Run an encoded request's probe on each of its folders; return the joined answers and the last exception that they report, if any.

    The request has `folders` (staged submissions), `probe` (its name), the `module` that defines it or the `source` (text) of that module, `arguments`, `seed` and `threads`.  An answer is ``{"observation": ..., "notes": [...]}`` or ``{"error": {...}, "notes": [...]}``.
    """
    first = wire.decode(payload)
    folders = first["folders"]
    register(first["probe"], first["module"], first["source"])
    # decoded anew for each folder: a submission may write into its arguments
    answers = [answer_for(folder, wire.decode(payload)) for folder in folders]
    errors = [error for _, error in answers if error is not None]
    return wire.join([message for message, _ in answers]), errors[-1] if errors else None


def register(probe: str, module: str, source: str) -> None:
    """Make a probe known, if it is not: from the text of its file, if that was sent, else by importing the module that defines it."""
    if probe in PROBES:
        return
    if source:
        exec(compile(source, "<probes>", "exec"), {"__name__": "grader.further_probes"})
    else:
        importlib.import_module(module)


def answer_for(folder: str, request: dict[str, Any]) -> tuple[bytes, BaseException | None]:
    set_seeds(request["seed"], request["threads"])
    submission = StagedSubmission(folder)
    try:
        observation = PROBES[request["probe"]].run(submission, **request["arguments"])
        return wire.encode({"observation": observation, "notes": submission.notes}), None
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: a submission may raise anything
        return wire.encode({"error": describe(error, submission), "notes": submission.notes}), error
    finally:
        submission.leave()


def describe(error: BaseException, submission: StagedSubmission) -> dict[str, Any]:
    """An exception as data: its type and text, the submission's own frames, and the file that was being imported."""
    return {
        "type": type(error).__name__,
        "message": WHERE_FOUND.sub("", safe_text(error)[:MAX_MESSAGE]) + suggestion(error),
        "importing": submission.importing,
        "frames": own_frames(error, submission.folder),
        "syntax": syntax_position(error, submission.folder),
        "ours": isinstance(error, (Unusable, MissingName)),
    }


def safe_text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its text can't be shown)"


def suggestion(error: BaseException) -> str:
    """Of a NameError a similar name that its line could use, in Python's words, which str() leaves out."""
    if type(error) is not NameError or type(error.name) is not str or error.__traceback__ is None:
        return ""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    names = [name for name in {**frame.f_globals, **frame.f_locals} if isinstance(name, str)]
    close = difflib.get_close_matches(error.name, [*names, *dir(builtins)], n=1, cutoff=0.7)
    return f". Did you mean: '{close[0]}'?" if close else ""


def own_frames(error: BaseException, folder: Path) -> list[list[Any]]:
    """The frames in the submission's own files, outermost first: file, line number, function, line."""
    frames = traceback.extract_tb(error.__traceback__, limit=200)
    own = [frame for frame in frames if inside(frame.filename, folder)]
    return [[relative(f.filename, folder), f.lineno or 0, f.name, f.line or ""] for f in own[-MAX_FRAMES:]]


def syntax_position(error: BaseException, folder: Path) -> list[Any] | None:
    if not isinstance(error, SyntaxError) or not error.filename or not inside(error.filename, folder):
        return None
    return [relative(error.filename, folder), error.lineno or 0, (error.text or "").strip()[:200]]


def inside(filename: str, folder: Path) -> bool:
    return os.path.realpath(filename).startswith(os.path.realpath(folder) + os.sep)


def relative(filename: str, folder: Path) -> str:
    return Path(os.path.relpath(os.path.realpath(filename), os.path.realpath(folder))).as_posix()
