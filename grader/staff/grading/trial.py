"""Run every check on many submissions of the staff's own in one process: what the audit and the calibration are made of."""

import ast
import contextlib
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.assignment import CHECKS, GraderError
from grader.items import CPU_S, new_record, run_check
from grader.judging.diagnosis import Mistakes, diagnose
from grader.judging.mutants import Mutant
from grader.judging.record import Record, Status
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.judging.thresholds import Measured
from grader.plugin import run_checks
from grader.sandbox import wire
from grader.sandbox.client import Asker, Call
from grader.sandbox.outcome import Outcome
from grader.sandbox.probe import PROBES

LOOKS_UP = frozenset(["globals", "getattr", "eval", "exec", "__import__", "builtins"])
OUTSIDE = ""  # no function has this name


class Catcher:
    """Takes the collected items out of a pytest run."""

    def __init__(self) -> None:
        self.items: list[pytest.Function] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = [item for item in session.items if isinstance(item, pytest.Function)]


def collect_checks() -> list[pytest.Function]:
    """Every check, visible and hidden, in the order in which they run."""
    catcher, said = Catcher(), io.StringIO()
    with contextlib.redirect_stdout(said):
        status = run_checks(Settings(), CHECKS, "--collect-only", "-q", plugins=[catcher])
    if status != pytest.ExitCode.OK:
        raise GraderError(f"The checks can't be collected:\n{said.getvalue()}")
    return catcher.items


class Remembering(Asker):
    """Asks through a sandbox, and asks the same code the same thing only once.

    A short question to one of the `crowd` (staged folders) is asked of all of them in one worker, since all will be asked it in turn.
    """

    def __init__(self, sandbox: Asker, crowd: Iterable[Path] = ()) -> None:
        self.sandbox, self.crowd = sandbox, list(crowd)
        self.memory: dict[str, Outcome] = {}
        self.codes: dict[tuple[Path, str, tuple[str, ...]], str] = {}

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        question = hashlib.sha256(wire.encode([call.probe, call.arguments, call.seed, call.threads])).hexdigest()
        keys = [question + code_asked(folder, call) for folder in folders]
        missing = {key: folder for key, folder in zip(keys, folders, strict=True) if key not in self.memory}
        if missing and call.cpu_s <= max(CPU_S, Settings.import_s):
            others = {question + self.code_in_crowd(folder, call): folder for folder in self.crowd}
            if missing.keys() & others.keys():
                missing |= {key: folder for key, folder in others.items() if key not in self.memory}
        outcomes = self.sandbox.ask_each(list(missing.values()), call) if missing else []
        self.memory.update(zip(missing, outcomes, strict=True))
        return [self.memory[key] for key in keys]

    def code_in_crowd(self, folder: Path, call: Call) -> str:
        """As `code_asked`, worked out once: the crowd's files stay as they are."""
        probe = PROBES[call.probe]
        part = (folder, probe.target(call.arguments), tuple(probe.files(call.arguments)))
        if part not in self.codes:
            self.codes[part] = code_asked(folder, call)
        return self.codes[part]

    def close(self) -> None:
        self.sandbox.close()


def read_text(file: Path) -> str:
    """The text, byte for byte: of an accident's files not all are UTF-8."""
    return file.read_bytes().decode("utf-8", "backslashreplace") if file.is_file() else ""


def code_asked(folder: Path, call: Call) -> str:
    """A hash of the code that a call runs: of the file that it asks what the function can reach, of other files that it uses all."""
    probe = PROBES[call.probe]
    first, *others = [read_text(folder / "src" / f"{exercise}.py") for exercise in probe.files(call.arguments)]
    return hashlib.sha256("".join([reachable(first, probe.target(call.arguments)), *others]).encode()).hexdigest()


@cache
def reachable(text: str, function: str) -> str:
    """The part of a file that a function's answers can depend on, by the names in it: what stands outside functions and classes always does.

    All of it where a name may be looked up in another way, or where the file has no such function or is no Python.
    """
    parts = outline(text)
    if function not in parts:
        return text
    waiting, reached = [parts[OUTSIDE], parts[function]], {OUTSIDE, function}
    while waiting:
        names = waiting.pop().names & parts.keys() - reached
        waiting += [parts[name] for name in names]
        reached |= names
    lines = text.splitlines(keepends=True)
    for name in parts.keys() - reached:
        for i in parts[name].lines:
            lines[i] = ""
    return "".join(lines)


class Part(NamedTuple):
    """A function or class: its lines, and the names that stand in it."""

    lines: range
    names: set[str]


@cache
def outline(text: str) -> dict[str, Part]:
    """The functions and classes of a file by name, and what stands outside them as OUTSIDE; empty where names may not tell, or it is no Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    if any(node.attr == "__subclasses__" for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
        return {}
    parts = {OUTSIDE: Part(range(0), set())}
    for node in tree.body:
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        if names & LOOKS_UP:
            return {}
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            parts[node.name] = Part(range(node.lineno - 1, node.end_lineno or 0), names)
        else:
            parts[OUTSIDE].names.update(names)
    return parts


@dataclass
class Trial:
    """What became of one submission: a record of each check, the functions that it depends on, and the mistake that was named."""

    records: dict[str, Record] = field(default_factory=dict)
    depends_on: dict[str, set[str]] = field(default_factory=dict)
    named: dict[str, Mutant] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)

    def showing(self, mutant: Mutant) -> set[str]:
        """The checks that depend on the function whose mistake the mutant has."""
        return {name for name, places in self.depends_on.items() if not places.isdisjoint(mutant.places)}

    @property
    def most(self) -> float:
        return sum(record.max_points for record in self.records.values())

    @property
    def earned(self) -> float:
        return sum(record.points for record in self.records.values())

    @property
    def lost(self) -> float:
        return self.most - self.earned

    @property
    def failing(self) -> dict[str, Record]:
        return {name: record for name, record in self.records.items() if record.status != Status.PASSED}


def hold_trial(settings: Settings, checks: Iterable[pytest.Function], mistakes: Mistakes | None = None) -> Trial:
    """Run these checks on a submission, as the plugin does; name its mistakes with the given ones, or the run's own."""
    trial, run = Trial(), Run(settings)
    try:
        for item in checks:
            record = trial.records[item.name] = new_record(item, run.assignment)
            run_check(item, run, record)
        statuses = {name: record.status for name, record in trial.records.items()}
        trial.measured = run.measured
        for exchange in run.exchanges:
            trial.depends_on.setdefault(exchange.check, set()).update(exchange.depends_on)
        if Status.FAILED in statuses.values():
            trial.named = diagnose(run.exchanges, statuses, mistakes or run.mistakes())
    finally:
        run.close()
    return trial


def trains(item: pytest.Function) -> bool:
    return item.get_closest_marker("trains") is not None


def number(item: pytest.Function) -> str:
    return str(getattr(item.obj, "__number__", ""))
