"""What a student does next, and the command that shows whether it worked."""

from collections.abc import Sequence
from pathlib import Path

from grader.feedback.causes import Cause
from grader.judging.record import Record, Status
from grader.judging.settings import Settings

OPEN = (Status.FAILED, Status.TO_DO)


def next_step(records: Sequence[Record], causes: Sequence[Cause], settings: Settings, is_part: bool) -> str:
    """The first thing to fix or to write, in the order of the assignment; "" if nobody can tell.

    A file that can't be imported comes before everything else.  If there is nothing to do in a part
    of the checks (`is_part`), all checks come next, and after these handing in.
    """
    is_here = settings.submission.resolve() == Settings.submission.resolve()
    command = "pytest tests/" if is_here else f'pytest tests/ --submission "{settings.submission}"'
    file = next((cause.file for cause in causes if cause.file), "")
    name = next((record.function for record in records if record.status in OPEN), "")
    target, keyword = (file, Path(file).stem) if file else (name, name)
    if target:
        return f"Next: {target}.  Run  {command} -k {keyword}"
    if is_part:
        return f"Next: all checks.  Run  {command}"
    is_done = all(record.earned_all for record in records) and not settings.is_packed
    return "Next: hand in.  Run  python -m grader.cli check" if is_done else ""
