"""What came of a call, in data and in words: an observation, or a problem with the sentence that explains it."""

import signal
from dataclasses import dataclass, field
from typing import Any

from grader.judging.advice import advice_on
from grader.sandbox import wire

MAX_FRAMES = 20
PUBLIC = {  # a problem in the kit's own words, for kinds whose sentence holds words of the worker's
    "missing_file": "Its file was not handed in.",
    "missing_name": "It is not defined, or has no forward method.",
    "syntax": "Its file has a syntax error.",
    "import": "Its file can't be imported.",
    "unusable": "What it returned can't be used.",
    "raised": "It raised an exception.",
    "crash": "Python ended before it could answer.",
}
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "Cannot allocate memory", "std::bad_alloc")


@dataclass(frozen=True)
class Frame:
    """A line of the submission that an exception passed through."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True)
class Problem:
    """Why there is no observation.

    `kind` is one of missing_file, missing_name, syntax, import, unusable, raised, memory, disk, timeout, crash and garbled.  `sentence` and
    `details` may hold words of the submission's own, and with them inputs: they are for visible checks.  `advice`, what it probably
    means, holds the kit's words only.
    """

    kind: str
    sentence: str
    details: str = ""
    frames: tuple[Frame, ...] = ()
    exception: str = ""
    advice: str = ""

    @property
    def told(self) -> str:
        """What a visible check says."""
        return "  ".join(filter(None, [self.sentence, self.advice]))

    @property
    def public(self) -> str:
        """What a hidden check says: it can tell nothing of the inputs, on which a file's import and syntax do not depend."""
        advice = self.advice if self.kind in ("syntax", "import") else ""
        return "  ".join(filter(None, [PUBLIC.get(self.kind, self.sentence), advice]))


@dataclass
class Outcome:
    """A call's observation or problem, what the submission printed, and notes on it."""

    observation: Any = None
    problem: Problem | None = None
    output: str = ""
    notes: list[str] = field(default_factory=list)
    exception: BaseException | None = None  # in-process only, for debuggers


def interpret(report: dict[str, Any], payload: bytes, cpu_s: float, wall_s: float) -> Outcome:
    """The outcome in a server's report and a worker's answer; the answer is not trusted to be well formed."""
    outcome = Outcome(output=report.get("output", ""))
    problem = ended_badly(report, cpu_s, wall_s) if not payload or report.get("exit") else None
    if problem is not None:
        outcome.problem = problem
        return outcome
    try:
        fill(outcome, wire.decode(payload))
    except (wire.WireError, LookupError, TypeError, ValueError) as error:
        outcome.problem = garbled(error)
    return outcome


def garbled(error: Exception) -> Problem:
    return Problem("garbled", "What came back is not an answer of the kit's.", details=str(error))


def interpret_each(report: dict[str, Any], payload: bytes, count: int, cpu_s: float, wall_s: float) -> list[Outcome]:
    """The outcomes in a server's report and a worker's `count` answers; where the worker has failed, the same for all."""
    try:
        messages = wire.split(payload, count) if payload and not report.get("exit") else [b""] * count
    except wire.WireError as error:
        return [Outcome(problem=garbled(error), output=report.get("output", ""))] * count
    return [interpret(report, message, cpu_s, wall_s) for message in messages]


def fill(outcome: Outcome, answer: Any) -> None:
    outcome.notes = [short(note, 500) for note in answer["notes"][:10]]
    if "error" in answer:
        outcome.problem = read_error(answer["error"])
    else:
        outcome.observation = answer["observation"]


def ended_badly(report: dict[str, Any], cpu_s: float, wall_s: float) -> Problem:
    """The problem of a worker that went without an answer."""
    status = report.get("exit")
    if report.get("cpu_s", 0.0) >= cpu_s:
        return Problem(
            "timeout", f"It had not finished after {cpu_s:g} s of computing: look for a loop that never ends."
        )
    if report.get("stopped_for") == "disk":
        return Problem(
            "disk", "It wrote more to disk than is allowed (512 MB, 20,000 files): look for a loop that writes."
        )
    if report.get("stopped_for") == "answer":
        return Problem("garbled", "What came back is too long to be an answer of the kit's.")
    if report.get("stopped_for") == "time":
        return Problem(
            "timeout", f"It had not finished after {wall_s:g} s: look for a loop that never ends, or for waiting."
        )
    if status == -9:  # SIGKILL, a name that Windows lacks
        return Problem("crash", "Python was killed while it ran: most likely it asked for more memory than there is.")
    if status is not None and status < 0:
        return Problem("crash", f"Python was killed by {signal_name(-status)} while it ran.")
    return Problem(
        "crash", f"Python ended (exit status {status}) before it could answer: look for os._exit, exit() or quit()."
    )


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def read_error(error: dict[str, Any]) -> Problem:
    """The problem in an exception that a worker described."""
    kind, message, importing = short(error["type"]), short(error["message"], 2000), short(error["importing"])
    frames = tuple(read_frame(*frame) for frame in error["frames"][-MAX_FRAMES:])
    file = f"src/{importing}.py" if importing else ""
    details, advice = f"{kind}: {message}", advice_on(kind, message)
    if isinstance(error["syntax"], list) and file:
        return syntax_problem(error["syntax"], kind, message)
    if kind == "ModuleNotFoundError" and file and message == f"No module named 'src.{importing}'":
        return Problem("missing_file", f"{file} was not handed in.")
    if kind == "MemoryError" or any(text in message for text in OUT_OF_MEMORY):
        advice = advice_on("MemoryError", "")
        return Problem("memory", "It asked for more memory than the 4 GB allowed.", details, frames, kind, advice)
    if error["ours"] is True:
        return Problem("missing_name" if kind == "MissingName" else "unusable", message, "", frames, kind, advice)
    if kind == "NotImplementedError" and 'is missing the required "forward" function' in message:
        return Problem("missing_name", "It has no forward method: look for a misspelt name.", "", frames, kind)
    place = f" (line {frames[-1].line} of {frames[-1].file})" if frames else ""
    if file:
        sentence = f"{file} can't be imported: {kind}{place}."
        return Problem("import", sentence, details, frames, kind, advice)
    return Problem("raised", f"It raised {kind}{place}.", details, frames, kind, advice)


def short(value: Any, characters: int = 200) -> str:
    """The start of a text or number that a worker sent, else only what it is: what is long to write out is not written out."""
    return str(value)[:characters] if isinstance(value, (str, int, float)) else type(value).__name__


def read_frame(file: Any, line: Any, function: Any, text: Any) -> Frame:
    if type(line) is not int:
        raise TypeError("a frame's line number is not an integer")
    return Frame(short(file), line, short(function), short(text))


def syntax_problem(position: list[Any], kind: str, message: str) -> Problem:
    file, line, text = map(short, position)
    reason = message.split(" (")[0]
    sentence = f"{file} has a syntax error in line {line}: {reason}.  Nothing in the file can run until it is mended."
    advice = advice_on(kind, f"{message}\n{text}")
    return Problem("syntax", sentence, f"line {line}: {text}", (), kind, advice)
