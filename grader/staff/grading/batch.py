"""Grade many submissions side by side, each result written as soon as it is ready."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import assignment_file
from grader.intake.class_downloads.upload import Upload
from grader.intake.sources import SubmissionError
from grader.staff.grading.fingerprint import fingerprint
from grader.staff.grading.job import Job, Result
from grader.staff.grading.pools import Pool, what_happened
from grader.staff.grading.store import Grade, keep, read_finished, read_grade

Show = Callable[[Grade, bool], None]  # takes a grade, and whether it was known before
WAITING = 2  # jobs for each process that are read into memory before it is free


@dataclass(frozen=True)
class Task:
    """One submission, and the folder for its results."""

    name: str
    upload: Upload
    folder: Path


Running = dict[Future[Result], tuple[Task, str]]  # with the fingerprint of each


@dataclass
class Batch:
    """Grades submissions side by side.

    Attributes:
        pool: where they are graded.
        full: whether to train with the whole budget, on all of MNIST.
        environment: what each grading process sees, beside the machine's own.
        again: the names of submissions to grade even if nothing changed; None stands for all.
        grades: the grades so far, by name.
    """

    pool: Pool
    full: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    again: frozenset[str] | None = frozenset()
    grades: dict[str, Grade] = field(default_factory=dict)

    def grade_all(self, tasks: Sequence[Task], show: Show) -> None:
        """Grade the tasks that are not finished and unchanged, and show each grade.

        After an interrupt, those that are finished are in `grades`.
        """
        running: Running = {}
        try:
            self.run(self.left_to_do(tasks, show), running, show)
        except BaseException:
            for future in [future for future in running if future.done() and future.exception() is None]:
                self.finish_one(future, running, show)
            raise

    def run(self, left: Iterator[tuple[Task, Job, str]], running: Running, show: Show) -> None:
        """Grade what is left; `running` holds what is not finished."""
        while True:
            while len(running) < WAITING * self.pool.size and (next_one := next(left, None)) is not None:
                task, job, mark = next_one
                running[self.pool.executor.submit(self.pool.grade, job)] = task, mark
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                self.finish_one(future, running, show)

    def finish_one(self, future: Future[Result], running: Running, show: Show) -> None:
        task, mark = running.pop(future)
        self.finish(task, grade_of(task, future, mark), show, known=False)

    def left_to_do(self, tasks: Iterable[Task], show: Show) -> Iterator[tuple[Task, Job, str]]:
        """The jobs to run, with their fingerprints; what is finished is shown on the way."""
        assignment = assignment_file().read_bytes()
        for task in tasks:
            try:
                packed = task.upload.pack()
            except SubmissionError as error:
                self.finish(task, Grade(task.name, task.folder, problem=str(error)), show, known=False)
                continue
            job = Job(task.name, packed, assignment, self.full, self.environment)
            mark = fingerprint(job)
            wanted = self.again is None or task.name in self.again
            if not wanted and read_finished(task.folder).get("fingerprint") == mark:
                self.finish(task, read_grade(task.folder), show, known=True)
            else:
                yield task, job, mark

    def finish(self, task: Task, grade: Grade, show: Show, known: bool) -> None:
        self.grades[task.name] = grade
        show(grade, known)


def grade_of(task: Task, future: Future[Result], mark: str) -> Grade:
    """The grade, once it is written.  An earlier grade stays if there is no result."""
    try:
        return keep(task.folder, future.result(), mark)
    except OSError as error:
        return Grade(task.name, task.folder, problem=f"{task.folder} can't be written: {error.strerror or error}")
    except Exception as error:  # whatever a pool raises, the other submissions are graded
        grade = read_grade(task.folder)
        grade.problem = what_happened(error)
        return grade
