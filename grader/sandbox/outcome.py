"""The outcome of a call: an observation, or a failure as data.

judging/problems.py has the words for a failure.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from grader.sandbox import wire
from grader.sandbox.frames import Limits, ServerReport, Stop
from grader.sandbox.raised import Frame, RaisedError, SyntaxPosition, short
from grader.sandbox.samples import lasting
from grader.texts import safe

MAX_NOTES, MAX_NOTE = 10, 500  # how many notes, and characters of each
NO_FILE = "No module named 'src.{}'"  # Python's words
NO_FORWARD = 'is missing the required "forward" function'  # torch's words
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "Cannot allocate memory", "std::bad_alloc")


class Kind(StrEnum):
    """Why a call has no observation."""

    MISSING_FILE = "missing_file"  # the exercise's file was not handed in
    MISSING_NAME = "missing_name"  # the file does not define the function or class, or a network has no forward
    SYNTAX = "syntax"
    IMPORT = "import"  # the file raises an exception while it is imported
    UNUSABLE = "unusable"  # the probe can't use what the submission returned
    RAISED = "raised"
    MEMORY = "memory"
    DISK = "disk"
    TIMEOUT = "timeout"
    CRASH = "crash"  # Python ended without an answer
    GARBLED = "garbled"  # the answer can't be read


@dataclass(frozen=True)
class Failure:
    """Why there is no observation.

    The worker may have written every text in it, so the texts may hold inputs of the check.  They
    are cut to a bounded length.
    """

    kind: Kind
    exception: str = ""  # the exception's type
    message: str = ""  # the exception's text; of a garbled answer why it can't be read
    frames: tuple[Frame, ...] = ()  # the submission's own, outermost first; after a time-out from samples
    importing: str = ""  # the file that was being imported, as "src/NAME.py"
    syntax: SyntaxPosition | None = None
    exit: int | None = None  # the worker's exit status, -N after signal N
    seconds: float = 0.0  # the time limit that the worker reached
    is_cpu_time: bool = False  # that limit is on CPU time, not on time by the clock
    is_too_long: bool = False  # the answer has more bytes than an answer may have
    is_over: bool = False  # nothing was asked: the submission's time by the clock was used up

    def __str__(self) -> str:
        """The failure on one line, for the staff."""
        parts = [self.kind, self.exception, self.message, f"exit status {self.exit}" if self.exit is not None else ""]
        return ": ".join(filter(None, parts))


@dataclass
class Outcome:
    """A call's observation or failure, what the submission printed, and notes on it.

    `cpu_s` is the worker's CPU time, which the server measures: 0 if it can't.
    """

    observation: Any = None
    failure: Failure | None = None
    output: str = ""
    notes: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    exception: BaseException | None = None  # in-process only, for debuggers


def interpret_each(report: ServerReport, payload: bytes, count: int, limits: Limits) -> list[Outcome]:
    """The outcomes in a worker's `count` answers.  If the worker failed, it is the same for all.

    The answers are not trusted to be well formed.
    """
    report = replace(report, output=safe(report.output))
    if report.exit or not payload:
        return [Outcome(failure=ended_badly(report, limits), output=report.output) for _ in range(count)]
    try:
        messages = wire.split(payload, count)
    except wire.WireError as error:
        return [Outcome(failure=garbled(error), output=report.output) for _ in range(count)]
    outcomes = [interpret(message, report.output, limits.text_bytes) for message in messages]
    return [replace(outcome, cpu_s=report.cpu_s) for outcome in outcomes]


def interpret(message: bytes, output: str = "", most_text: int = wire.MAX_TEXT) -> Outcome:
    """The outcome in one answer of a worker that printed `output`."""
    try:
        answer = wire.decode(message, most_text)
        notes = [short(note, MAX_NOTE) for note in answer["notes"][:MAX_NOTES]]
        if "error" in answer:
            return Outcome(failure=failure_of(RaisedError.read(answer["error"])), output=output, notes=notes)
        return Outcome(answer["observation"], output=output, notes=notes)
    except (wire.WireError, LookupError, TypeError, ValueError) as error:
        return Outcome(failure=garbled(error), output=output)


def garbled(error: Exception) -> Failure:
    return Failure(Kind.GARBLED, message=str(error))


def ended_badly(report: ServerReport, limits: Limits) -> Failure:
    """The failure of a worker that ended without an answer."""
    if report.cpu_s >= limits.cpu_s or report.stopped_for is Stop.CPU_TIME:
        return Failure(Kind.TIMEOUT, frames=lasting(report.samples), seconds=limits.cpu_s, is_cpu_time=True)
    match report.stopped_for:
        case Stop.TIME:
            return Failure(Kind.TIMEOUT, frames=lasting(report.samples), seconds=limits.wall_s)
        case Stop.DISK:
            return Failure(Kind.DISK)
        case Stop.ANSWER:
            return Failure(Kind.GARBLED, is_too_long=True)
    return Failure(Kind.CRASH, exit=report.exit)


def failure_of(error: RaisedError) -> Failure:
    """The failure in an exception that a worker described."""
    file = f"src/{error.importing}.py" if error.importing else ""
    return Failure(kind_of(error), error.type, error.message, error.frames, file, error.syntax)


def kind_of(error: RaisedError) -> Kind:
    if error.syntax is not None and error.importing:
        return Kind.SYNTAX
    if error.type == "ModuleNotFoundError" and error.importing and error.message == NO_FILE.format(error.importing):
        return Kind.MISSING_FILE
    if error.type == "MemoryError" or any(text in error.message for text in OUT_OF_MEMORY):
        return Kind.MEMORY
    if error.ours:
        return Kind.MISSING_NAME if error.type == "MissingName" else Kind.UNUSABLE
    if error.type == "NotImplementedError" and NO_FORWARD in error.message:
        return Kind.MISSING_NAME
    return Kind.IMPORT if error.importing else Kind.RAISED
