"""The words for a failure: what a student reads about a call that gave no observation."""

import re
import signal
from dataclasses import dataclass

from grader.judging.advice import advice_on
from grader.sandbox.outcome import Failure, Kind
from grader.sandbox.raised import Frame

SOMETHING = "the code"  # the subject of a sentence about a call whose function is not known
# What a hidden check says instead of a sentence that may hold the worker's words.
PUBLIC = {
    Kind.MISSING_FILE: "The file of {subject} was not handed in.",
    Kind.MISSING_NAME: "{subject} is not defined, or has no forward method.",
    Kind.SYNTAX: "The file of {subject} has a syntax error.",
    Kind.IMPORT: "The file of {subject} can't be imported.",
    Kind.UNUSABLE: "The result of {subject} has the wrong form.",
    Kind.RAISED: "{subject} raised an exception.",
    Kind.CRASH: "Python ended before {subject} had finished.",
}
NOT_DEFINED = re.compile(r"name '(\w+)' is not defined(?:\. Did you mean: '(\w+)'\?)?")


@dataclass(frozen=True)
class Problem:
    """Why there is no observation, in words.

    `sentence` and `details` may hold words of the submission's own, and with them inputs: only
    visible checks show them.  `advice`, what the problem probably means, holds only the kit's
    words.  `subject` is the function or class that was called.  `where` says where a call was that
    never ended: it may depend on inputs too.
    """

    kind: Kind
    sentence: str
    details: str = ""
    frames: tuple[Frame, ...] = ()
    exception: str = ""
    advice: str = ""
    subject: str = SOMETHING
    where: str = ""

    @property
    def told(self) -> str:
        """What a visible check says."""
        return "  ".join(filter(None, [self.sentence, self.where, self.advice]))

    @property
    def public(self) -> str:
        """What a hidden check says: nothing that the submission could choose by its inputs.

        Advice may quote what an exception says, even while a file is imported.
        """
        return capital(PUBLIC[self.kind].format(subject=self.subject)) if self.kind in PUBLIC else self.sentence


def problem_of(failure: Failure, subject: str = SOMETHING, file: str = "") -> Problem:
    """The failure in words.

    `subject` is the function or class that was called, and `file` its file, as "src/NAME.py".
    """
    match failure.kind:
        case Kind.MISSING_FILE:
            return Problem(failure.kind, f"{failure.importing} was not handed in.", subject=subject)
        case Kind.SYNTAX:
            return syntax_problem(failure, subject)
        case Kind.MISSING_NAME | Kind.UNUSABLE | Kind.MEMORY | Kind.IMPORT | Kind.RAISED:
            return exception_problem(failure, subject, file)
        case Kind.TIMEOUT | Kind.DISK | Kind.CRASH:
            sentence, where = capital(ending(failure, subject)), last_place(failure, subject)
            return Problem(failure.kind, sentence, frames=failure.frames, subject=subject, where=where)
        case Kind.GARBLED:
            reason = "it is too long" if failure.is_too_long else failure.message
            return Problem(failure.kind, f"The grader could not read the result of {subject}.", reason, subject=subject)


def syntax_problem(failure: Failure, subject: str) -> Problem:
    assert failure.syntax is not None
    file, number, text = failure.syntax.file, failure.syntax.line, failure.syntax.text
    reason = ended(failure.message.split(" (")[0])
    sentence = f"{file} has a syntax error in line {number}: {reason}  Python can't run the file until you fix it."
    advice = advice_on(failure.exception, f"{failure.message}\n{text}")
    return Problem(failure.kind, sentence, f"line {number}: {text}", (), failure.exception, advice, subject)


def exception_problem(failure: Failure, subject: str, file: str) -> Problem:
    """The problem of a worker that described an exception."""
    exception, message, frames = failure.exception, failure.message, failure.frames
    details, advice = f"{exception}: {message}", advice_on(exception, message, frames[-1].text if frames else "")
    undefined = not_defined(failure)
    match failure.kind:
        case Kind.MEMORY:
            sentence, advice = f"{subject} asked for more memory than the 4 GB allowed.", advice_on("MemoryError", "")
        case Kind.MISSING_NAME if exception == "NotImplementedError":
            sentence, details, advice = f"{subject} has no forward method: look for a misspelt name.", "", ""
        case Kind.MISSING_NAME | Kind.UNUSABLE:
            sentence, details = message if is_about(subject, message) else f"{subject}: {message}", ""
        case Kind.IMPORT:
            sentence = f"{failure.importing} can't be imported: {undefined or f'{exception}{place(failure)}.'}"
        case _:
            sentence = undefined or raised(failure, subject, file)
            advice = "" if sentence.endswith("?") else advice
    return Problem(failure.kind, capital(sentence), details, frames, exception, advice, subject)


def is_about(subject: str, message: str) -> bool:
    """Whether a sentence need not be told whom it is about."""
    return subject == SOMETHING or subject in message


def raised(failure: Failure, subject: str, file: str) -> str:
    """What raised the exception: the subject, or the file of its last line if that is another."""
    last = failure.frames[-1] if failure.frames else None
    if file and last is not None and last.file != file:
        return f"{last.file} raised {failure.exception} in line {last.line} while the grader checked {subject}."
    return f"{subject} raised {failure.exception}{place(failure)}."


def place(failure: Failure) -> str:
    """The line of the submission that raised, in brackets."""
    return f" ({line(failure)})" if failure.frames else ""


def line(failure: Failure) -> str:
    """The line of the submission that raised, with its file unless that file is being imported."""
    last = failure.frames[-1]
    return f"line {last.line}" if last.file == failure.importing else f"line {last.line} of {last.file}"


def not_defined(failure: Failure) -> str:
    """Which line uses an undefined name, and which name may be meant; "" for other exceptions."""
    name = NOT_DEFINED.fullmatch(failure.message) if failure.exception == "NameError" else None
    if name is None or not failure.frames:
        return ""
    is_own_class = "super(" in failure.frames[-1].text  # Python suggests another class of the file
    suggestion = f" Did you mean `{name[2]}`?" if name[2] and not is_own_class else ""
    return f"{line(failure)} uses `{name[1]}`, which is not defined.{suggestion}"


def ending(failure: Failure, subject: str) -> str:
    """How a worker ended that gave no answer."""
    if failure.kind == Kind.DISK:
        return f"{subject} wrote more to disk than is allowed (512 MB, 20,000 files): look for a loop that writes."
    if failure.is_over:
        return (
            f"{subject} was not asked: the other checks took all {failure.seconds:g} s that a submission has.  "
            "Look for code that waits, or for loops that never end."
        )
    if failure.kind == Kind.TIMEOUT and failure.is_cpu_time:
        return f"{subject} had not finished after {failure.seconds:g} s of CPU time: look for a loop that never ends."
    if failure.kind == Kind.TIMEOUT:
        return (
            f"{subject} had not finished after {failure.seconds:g} s: "
            "look for a loop that never ends, or for code that waits."
        )
    if failure.exit == -9:  # SIGKILL, a name that Windows lacks
        return f"Python was killed while it ran {subject}, probably because it asked for too much memory."
    if failure.exit is not None and failure.exit < 0:
        return f"Python was killed by {signal_name(-failure.exit)} while it ran {subject}."
    return (
        f"Python ended (exit status {failure.exit}) before {subject} had finished: look for os._exit, exit() or quit()."
    )


def last_place(failure: Failure, subject: str) -> str:
    """The line that a call was in when it was stopped, as a sentence, if samples show it."""
    if not failure.frames:
        return ""
    function = failure.frames[-1].function
    of_another = "" if function in (subject, "<module>", "<lambda>") else f", in {function}"
    return f"When it was stopped, it was in {line(failure)}{of_another}."


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def ended(sentence: str) -> str:
    """The sentence with a full stop, unless it has a mark at its end."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def capital(sentence: str) -> str:
    """The sentence with a capital letter, unless it begins with a file or a submission's name."""
    return sentence[0].upper() + sentence[1:] if sentence.startswith((SOMETHING, "line ")) else sentence
