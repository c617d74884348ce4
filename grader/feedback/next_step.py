"""What a student does next, and the command that shows whether it worked."""

from collections.abc import Sequence
from pathlib import Path

from grader.feedback.causes import Cause
from grader.judging.record import Record, Status
from grader.judging.settings import Settings

OPEN = (Status.FAILED, Status.TO_DO)


def next_step(records: Sequence[Record], causes: Sequence[Cause], submission: Path) -> str:
    """The first thing to fix or to write, in the order of the assignment; "" if there is none.

    A file that can't be imported comes before everything else.
    """
    file = next((cause.file for cause in causes if cause.file), "")
    name = next((record.function for record in records if record.status in OPEN), "")
    target, keyword = (file, Path(file).stem) if file else (name, name)
    if not target:
        return ""
    option = "" if submission.resolve() == Settings.submission.resolve() else f' --submission "{submission}"'
    return f"Next: {target}.  Run  pytest tests/{option} -k {keyword}"
