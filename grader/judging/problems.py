"""The words for a failure: what a student reads about a call that gave no observation."""

import signal
from dataclasses import dataclass

from grader.judging.advice import advice_on
from grader.sandbox.outcome import Failure, Frame, Kind

# What a hidden check says, for the kinds whose sentence holds words of the worker's.
PUBLIC = {
    Kind.MISSING_FILE: "Its file was not handed in.",
    Kind.MISSING_NAME: "It is not defined, or has no forward method.",
    Kind.SYNTAX: "Its file has a syntax error.",
    Kind.IMPORT: "Its file can't be imported.",
    Kind.UNUSABLE: "What it returned can't be used.",
    Kind.RAISED: "It raised an exception.",
    Kind.CRASH: "Python ended before it could answer.",
}
NO_MEMORY = "It asked for more memory than the 4 GB allowed."
TOO_MUCH_ON_DISK = "It wrote more to disk than is allowed (512 MB, 20,000 files): look for a loop that writes."
KILLED = "Python was killed while it ran: most likely it asked for more memory than there is."


@dataclass(frozen=True)
class Problem:
    """Why there is no observation, in words.

    `sentence` and `details` may hold words of the submission's own, and with them inputs: only visible checks show them.
    `advice`, what the problem probably means, holds only the kit's words.
    """

    kind: Kind
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
        """What a hidden check says.  It tells nothing of the inputs: a file's import and syntax do not depend on them."""
        advice = self.advice if self.kind in (Kind.SYNTAX, Kind.IMPORT) else ""
        return "  ".join(filter(None, [PUBLIC.get(self.kind, self.sentence), advice]))


def problem_of(failure: Failure) -> Problem:
    """The failure in words."""
    match failure.kind:
        case Kind.MISSING_FILE:
            return Problem(failure.kind, f"{failure.importing} was not handed in.")
        case Kind.SYNTAX:
            return syntax_problem(failure)
        case Kind.MISSING_NAME | Kind.UNUSABLE | Kind.MEMORY | Kind.IMPORT | Kind.RAISED:
            return exception_problem(failure)
        case Kind.TIMEOUT | Kind.DISK | Kind.CRASH:
            return Problem(failure.kind, ending(failure))
        case Kind.GARBLED if failure.is_too_long:
            return Problem(failure.kind, "What came back is too long to be an answer of the kit's.")
        case Kind.GARBLED:
            return Problem(failure.kind, "What came back is not an answer of the kit's.", failure.message)


def syntax_problem(failure: Failure) -> Problem:
    assert failure.syntax is not None
    file, line, text = failure.syntax.file, failure.syntax.line, failure.syntax.text
    reason = failure.message.split(" (")[0]
    sentence = f"{file} has a syntax error in line {line}: {reason}.  Nothing in the file can run until it is mended."
    advice = advice_on(failure.exception, f"{failure.message}\n{text}")
    return Problem(failure.kind, sentence, f"line {line}: {text}", (), failure.exception, advice)


def exception_problem(failure: Failure) -> Problem:
    """The problem of a worker that described an exception."""
    exception, message, frames = failure.exception, failure.message, failure.frames
    details, advice = f"{exception}: {message}", advice_on(exception, message)
    place = f" (line {frames[-1].line} of {frames[-1].file})" if frames else ""
    match failure.kind:
        case Kind.MEMORY:
            sentence, advice = NO_MEMORY, advice_on("MemoryError", "")
        case Kind.MISSING_NAME if exception == "NotImplementedError":
            sentence, details, advice = "It has no forward method: look for a misspelt name.", "", ""
        case Kind.MISSING_NAME | Kind.UNUSABLE:
            sentence, details = message, ""
        case Kind.IMPORT:
            sentence = f"{failure.importing} can't be imported: {exception}{place}."
        case _:
            sentence = f"It raised {exception}{place}."
    return Problem(failure.kind, sentence, details, frames, exception, advice)


def ending(failure: Failure) -> str:
    """How a worker ended that gave no answer."""
    if failure.kind == Kind.DISK:
        return TOO_MUCH_ON_DISK
    if failure.kind == Kind.TIMEOUT and failure.is_cpu_time:
        return f"It had not finished after {failure.seconds:g} s of computing: look for a loop that never ends."
    if failure.kind == Kind.TIMEOUT:
        return f"It had not finished after {failure.seconds:g} s: look for a loop that never ends, or for waiting."
    if failure.exit == -9:  # SIGKILL, a name that Windows lacks
        return KILLED
    if failure.exit is not None and failure.exit < 0:
        return f"Python was killed by {signal_name(-failure.exit)} while it ran."
    return f"Python ended (exit status {failure.exit}) before it could answer: look for os._exit, exit() or quit()."


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
