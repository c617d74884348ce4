"""The outcome of a call: an observation, or a failure as data.  The words for a failure are the judge's (judging/problems.py)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader.sandbox import wire

MAX_FRAMES = 20
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
class Frame:
    """A line of the submission that an exception passed through."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True)
class SyntaxPosition:
    """Where a file has a syntax error.  All three are the worker's texts, the line number too."""

    file: str
    line: str
    text: str


@dataclass(frozen=True)
class Failure:
    """Why there is no observation.

    The worker may have written every text in it, so the texts may hold inputs of the check.  They are cut to a bounded length.
    """

    kind: Kind
    exception: str = ""  # the exception's type
    message: str = ""  # the exception's text; of a garbled answer why it can't be read
    frames: tuple[Frame, ...] = ()  # the submission's own, outermost first
    importing: str = ""  # the file that was being imported, as "src/NAME.py"
    syntax: SyntaxPosition | None = None
    exit: int | None = None  # the worker's exit status, -N after signal N
    seconds: float = 0.0  # the time limit that it reached
    is_cpu_time: bool = False  # the limit is on CPU time, not on time by the clock
    is_too_long: bool = False  # the answer has more bytes than an answer may have

    def __str__(self) -> str:
        """The failure on one line, for the staff."""
        parts = [self.kind, self.exception, self.message, f"exit status {self.exit}" if self.exit is not None else ""]
        return ": ".join(filter(None, parts))


@dataclass
class Outcome:
    """A call's observation or failure, what the submission printed, and notes on it."""

    observation: Any = None
    failure: Failure | None = None
    output: str = ""
    notes: list[str] = field(default_factory=list)
    exception: BaseException | None = None  # in-process only, for debuggers


def interpret(report: dict[str, Any], payload: bytes, cpu_s: float, wall_s: float) -> Outcome:
    """The outcome in a server's report and a worker's answer; the answer is not trusted to be well formed."""
    outcome = Outcome(output=report.get("output", ""))
    failure = ended_badly(report, cpu_s, wall_s) if not payload or report.get("exit") else None
    if failure is not None:
        outcome.failure = failure
        return outcome
    try:
        fill(outcome, wire.decode(payload))
    except (wire.WireError, LookupError, TypeError, ValueError) as error:
        outcome.failure = Failure(Kind.GARBLED, message=str(error))
    return outcome


def interpret_each(report: dict[str, Any], payload: bytes, count: int, cpu_s: float, wall_s: float) -> list[Outcome]:
    """The outcomes in a server's report and a worker's `count` answers; where the worker has failed, the same for all."""
    try:
        messages = wire.split(payload, count) if payload and not report.get("exit") else [b""] * count
    except wire.WireError as error:
        return [Outcome(failure=Failure(Kind.GARBLED, message=str(error)), output=report.get("output", ""))] * count
    return [interpret(report, message, cpu_s, wall_s) for message in messages]


def fill(outcome: Outcome, answer: Any) -> None:
    outcome.notes = [short(note, 500) for note in answer["notes"][:10]]
    if "error" in answer:
        outcome.failure = read_error(answer["error"])
    else:
        outcome.observation = answer["observation"]


def ended_badly(report: dict[str, Any], cpu_s: float, wall_s: float) -> Failure:
    """The failure of a worker that ended without an answer."""
    stopped_for = report.get("stopped_for")
    if report.get("cpu_s", 0.0) >= cpu_s:
        return Failure(Kind.TIMEOUT, seconds=cpu_s, is_cpu_time=True)
    if stopped_for == "disk":
        return Failure(Kind.DISK)
    if stopped_for == "answer":
        return Failure(Kind.GARBLED, is_too_long=True)
    if stopped_for == "time":
        return Failure(Kind.TIMEOUT, seconds=wall_s)
    return Failure(Kind.CRASH, exit=report.get("exit"))


def read_error(error: dict[str, Any]) -> Failure:
    """The failure in an exception that a worker described."""
    exception, message, importing = short(error["type"]), short(error["message"], 2000), short(error["importing"])
    frames = tuple(read_frame(*frame) for frame in error["frames"][-MAX_FRAMES:])
    file = f"src/{importing}.py" if importing else ""
    if isinstance(error["syntax"], list) and file:
        syntax = SyntaxPosition(*map(short, error["syntax"]))
        return Failure(Kind.SYNTAX, exception, message, importing=file, syntax=syntax)
    return Failure(kind_of(exception, message, importing, error["ours"] is True), exception, message, frames, file)


def kind_of(exception: str, message: str, importing: str, ours: bool) -> Kind:
    """The kind of an exception that is no syntax error; `ours` if the grader's own code raised it."""
    if exception == "ModuleNotFoundError" and importing and message == f"No module named 'src.{importing}'":
        return Kind.MISSING_FILE
    if exception == "MemoryError" or any(text in message for text in OUT_OF_MEMORY):
        return Kind.MEMORY
    if ours:
        return Kind.MISSING_NAME if exception == "MissingName" else Kind.UNUSABLE
    if exception == "NotImplementedError" and 'is missing the required "forward" function' in message:
        return Kind.MISSING_NAME
    return Kind.IMPORT if importing else Kind.RAISED


def short(value: Any, characters: int = 200) -> str:
    """The start of a text or number that a worker sent, else only its type, since writing it out may take long."""
    return str(value)[:characters] if isinstance(value, (str, int, float)) else type(value).__name__


def read_frame(file: Any, line: Any, function: Any, text: Any) -> Frame:
    if type(line) is not int:
        raise TypeError("a frame's line number is not an integer")
    return Frame(short(file), line, short(function), short(text))
