"""Probes for tests of the sandbox: they return what a submission's toy.py returns."""

from typing import Any

from grader.sandbox.probe import Submission, probe, staff_function


@probe("toy", "answer")
def answer(submission: Submission, **arguments: Any) -> Any:
    return submission.get("toy", "answer")(**arguments)


@probe("toy", "{name}", names=("answered", "other"))
def named_answer(submission: Submission, name: str) -> Any:
    return submission.get("toy", name)()


@staff_function
def secret_number() -> int:
    return 7


@probe("toy", "answer", timed=True)
def timed_answer(submission: Submission, **arguments: Any) -> Any:
    return submission.get("toy", "answer")(**arguments)
