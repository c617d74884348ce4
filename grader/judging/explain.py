"""Why a submission gave no observation, as a failed check."""

import re

from grader.intake.submission import Staged
from grader.judging.failures import Blocked, CheckFailed, Failed, Raised, ToDo
from grader.judging.problems import Problem, problem_of
from grader.judging.record import Origin
from grader.judging.reference import solution_file
from grader.judging.signature import advice_on_call
from grader.sandbox.outcome import Failure, Kind

NUMBER = re.compile(r"\d+(\.\d+)?")
STUB_LINE = re.compile(r'raise NotImplementedError\("to do: ([\w.]+)"\)')


def failure_without_observation(
    failure: Failure, exercise: str, function: str, submission: Staged, printed: str
) -> CheckFailed:
    """The check's failure after a call of the exercise's function that gave no observation."""
    todo = function_to_do(failure, submission)
    if todo == function:
        return ToDo(f"{function} is still to do.", subject=function)
    if todo:
        return Blocked(f"{todo} is still to do: {function} needs it.", subject=todo)
    problem = problem_of(failure, function, f"src/{exercise}.py")
    call = "" if problem.frames else advice_on_call(problem.details, function, solution_file(exercise))
    sentence, public = ("  ".join(filter(None, [text, call])) for text in (problem.told, problem.public))
    kind = Raised if problem.kind in (Kind.RAISED, Kind.UNUSABLE) else Failed
    return kind(sentence, details_of(problem), printed, public, origin=origin_of(problem))


def function_to_do(failure: Failure, submission: Staged) -> str:
    """The function whose untouched stub raised, "" if something else did."""
    if failure.exception != "NotImplementedError" or not failure.frames:
        return ""
    last = failure.frames[-1]
    return function_of_stub(submission.line(last.file, last.line))


def is_to_do(function: str, exercise: str, submission: Staged) -> bool:
    """Whether the exercise's file still holds the function's untouched stub."""
    return any(function_of_stub(line) == function for line in submission.text(exercise).splitlines())


def function_of_stub(line: str) -> str:
    """The function or class whose untouched stub has this line, "" if it is no stub's."""
    stub = STUB_LINE.fullmatch(line.strip())
    return stub[1].split(".")[0] if stub else ""


def origin_of(problem: Problem, file: str = "") -> Origin:
    """Where a problem comes from: its kind, its line, and the exception's text.

    Numbers in the text may differ, as each check has inputs of other sizes.  If no line is known,
    the function and the whole sentence count.  `file` is the file that can't be imported, if that
    is the problem.
    """
    place = f"{problem.frames[-1].file}:{problem.frames[-1].line}" if problem.frames else problem.subject
    text = problem.details if problem.frames else problem.details or problem.sentence
    return Origin(f"{problem.kind} {place} {NUMBER.sub('#', text)}", file)


def details_of(problem: Problem) -> str:
    """A problem's details, with the lines of the submission that it passed through."""
    frames = [f"{frame.file}:{frame.line}: in {frame.function}\n    {frame.text}" for frame in problem.frames]
    return "\n".join(filter(None, [*frames, problem.details]))
