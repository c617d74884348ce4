"""A probe for tests of the sandbox: whatever a submission's toy.py answers."""

from typing import Any

from grader.sandbox.probe import Submission, probe


@probe("toy", "answer")
def answer(submission: Submission, **arguments: Any) -> Any:
    return submission.get("toy", "answer")(**arguments)
