"""An exception on its way out of a worker.

A worker describes it beside the submission's code; the trusted side reads the description.
"""

import builtins
import difflib
import os
import re
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from grader.texts import readable

MAX_MESSAGE = 2000  # characters of an exception's text
MAX_TEXT = 200  # characters of every other text
MAX_FRAMES = 20
PATH_IN_MESSAGE = re.compile(r" \((?:/|[A-Z]:\\)[^()]*\)$")  # Python adds it to "cannot import name"

NOT_THERE = re.compile(r"cannot import name '(\w+)' from '")


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
class RaisedError:
    """An exception as data.

    `frames` are those in the submission's own files, outermost first.  `importing` is the exercise
    whose file was being imported, "" if none was.  `ours` says that the grader's own code raised
    it, to refuse what the submission returned.
    """

    type: str
    message: str
    importing: str
    frames: tuple[Frame, ...]
    syntax: SyntaxPosition | None
    ours: bool

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, data: Any) -> Self:
        """The exception that a worker described.

        Nothing in `data` is trusted: texts are cut, and every field has its type.  Raises
        LookupError, TypeError or ValueError for anything that is not such a description.
        """
        return cls(
            short(data["type"]),
            short(data["message"], MAX_MESSAGE),
            short(data["importing"]),
            tuple(read_frame(frame) for frame in data["frames"][-MAX_FRAMES:]),
            read_syntax(data["syntax"]),
            data["ours"] is True,
        )


def short(value: Any, characters: int = MAX_TEXT) -> str:
    """The start of a text or number that a worker sent, else only its type.

    To write out everything that a worker may send could take long.
    """
    return readable(str(value)[:characters]) if isinstance(value, (str, int, float)) else type(value).__name__


def read_frame(data: Any) -> Frame:
    line = data["line"]
    if type(line) is not int:
        raise TypeError("a frame's line number is not an integer")
    return Frame(short(data["file"]), line, short(data["function"]), short(data["text"]))


def read_syntax(data: Any) -> SyntaxPosition | None:
    if data is None:
        return None
    return SyntaxPosition(short(data["file"]), short(data["line"]), short(data["text"]))


def describe(error: BaseException, folder: Path, importing: str, ours: bool) -> RaisedError:
    """An exception that a worker caught beside the submission staged in `folder`."""
    message = PATH_IN_MESSAGE.sub("", safe_text(error)[:MAX_MESSAGE]) + suggestion(error)
    syntax = syntax_position(error, folder)
    return RaisedError(type(error).__name__, message, importing, own_frames(error, folder), syntax, ours)


def safe_text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its text can't be shown)"


def suggestion(error: BaseException) -> str:
    """A similar name, in the words that Python prints but str() leaves out.

    Not every version of Python has suggestions for every kind of error.
    """
    try:
        wanted, names = missing_name(error)
        close = difflib.get_close_matches(wanted, [name for name in names if name != wanted], n=1, cutoff=0.7)
    except Exception:  # of a submission's own __dir__
        return ""
    return f". Did you mean: '{close[0]}'?" if close else ""


def missing_name(error: BaseException) -> tuple[str, list[str]]:
    """The name that an error is about, and the names that there are in its place."""
    if type(error) is NameError and type(error.name) is str and error.__traceback__ is not None:
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        return error.name, [*frame.f_globals, *frame.f_locals, *dir(builtins)]
    if type(error) is AttributeError and type(error.name) is str and error.obj is not None:
        return error.name, [name for name in dir(error.obj) if not name.startswith("_")]
    if type(error) is ImportError and (name := NOT_THERE.match(str(error))) and error.name in sys.modules:
        return name[1], dir(sys.modules[error.name])
    return "", []


def own_frames(error: BaseException, folder: Path) -> tuple[Frame, ...]:
    """The frames in the submission's own files, outermost first."""
    frames = traceback.extract_tb(error.__traceback__, limit=200)
    own = [frame for frame in frames if is_inside(frame.filename, folder)]
    return tuple(Frame(relative(f.filename, folder), f.lineno or 0, f.name, f.line or "") for f in own[-MAX_FRAMES:])


def syntax_position(error: BaseException, folder: Path) -> SyntaxPosition | None:
    if not isinstance(error, SyntaxError) or not error.filename or not is_inside(error.filename, folder):
        return None
    text = (error.text or "").strip()[:MAX_TEXT]
    return SyntaxPosition(relative(error.filename, folder), str(error.lineno or 0), text)


def is_inside(filename: str, folder: Path) -> bool:
    return os.path.realpath(filename).startswith(os.path.realpath(folder) + os.sep)


def relative(filename: str, folder: Path) -> str:
    return Path(os.path.relpath(os.path.realpath(filename), os.path.realpath(folder))).as_posix()
