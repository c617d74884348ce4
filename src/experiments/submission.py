"""The student's files: loads them, and says which function is still to do or fails."""

import hashlib
import importlib
import tempfile
import traceback
from pathlib import Path
from types import ModuleType

import src
from grader.assignment import KIT, GraderError, read_assignment
from grader.intake.submission import stage


class ExperimentError(GraderError):
    """The experiment can't go on; the text says why and what to do."""


class Submission:
    """The files of src/ that the experiments run.

    Args:
        path: a folder or zip with filled-in files; None means the files next to this package.

    Raises:
        SubmissionError: if there is nothing to run in it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.folder = KIT / "src"
        if path is not None:
            # it lives as long as the program does: modules may be imported late
            self._temporary = tempfile.TemporaryDirectory(prefix="experiments-")
            staged = stage(path, Path(self._temporary.name) / "submission", read_assignment().exercises)
            self.folder = staged.folder / "src"
            src.__path__.insert(0, str(self.folder))

    def module(self, exercise: str) -> ModuleType:
        """Import src/EXERCISE.py.

        Raises:
            ExperimentError: if there is no such file.
        """
        if not (self.folder / f"{exercise}.py").is_file():
            raise ExperimentError(f"This experiment runs src/{exercise}.py, and there is no such file.")
        return importlib.import_module(f"src.{exercise}")

    def digest(self, exercises: tuple[str, ...]) -> str:
        """A hash of the files of these exercises; 16 hexadecimal digits."""
        contents = [(name, self._content(name)) for name in sorted(exercises)]
        return hashlib.sha256(repr(contents).encode()).hexdigest()[:16]

    def explain(self, error: Exception) -> str | None:
        """A sentence on an error that comes from the student's code; None for any other error."""
        if isinstance(error, SyntaxError) and error.filename and Path(error.filename).parent == self.folder:
            file = Path(error.filename).name
            return f"src/{file} has a syntax error in line {error.lineno}: {error.msg}. Correct it, then start again."
        frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
        own = [(code, line) for code, line in frames if Path(code.co_filename).parent == self.folder]
        if not own:
            return None
        code, line = own[-1]
        file = f"src/{Path(code.co_filename).name}"
        name = code.co_qualname.removesuffix(".__init__")
        place = file if name == "<module>" else f"{name} in {file}"
        if isinstance(error, NotImplementedError):
            return (
                f"{place} is still to do. Write it, run its checks (pytest tests/), then start this experiment again."
            )
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return (
            f"{place} fails in line {line}: {reason}. Run its checks (pytest tests/), then start this experiment again; "
            "finished parts are kept. --traceback shows every step of the error."
        )

    def _content(self, exercise: str) -> bytes:
        path = self.folder / f"{exercise}.py"
        return path.read_bytes() if path.is_file() else b""
