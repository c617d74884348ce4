"""What a check says, in one text: made from its record when it is shown."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from grader.judging.record import Record, Status
from grader.texts import cut

GRADER_ERROR = "The grader could not check this.  That is not your fault: show it to the course staff."
MAX_PRINTED = 4000  # characters


def text_of(record: Record, for_staff: bool = False, told_in: str = "") -> str:
    """The names of the mistakes first, then what was wrong.

    A hidden check shows its public sentence only, except to the staff.  `told_in` is the number of
    a check that failed for the same reason and tells the details.
    """
    return "\n\n".join(filter(None, [*record.hints, without_hints(record, for_staff, told_in)]))


def without_hints(record: Record, for_staff: bool = False, told_in: str = "") -> str:
    """What was wrong, in the words of `text_of`."""
    shown = for_staff or not record.hidden
    feedback = record.feedback
    if feedback is not None:
        details = f"The reason is the same as in {told_in}, which tells more." if told_in else details_of(record)
        return "\n".join(filter(None, [feedback.sentence, details])) if shown else feedback.public
    if record.status == Status.PASSED:
        return "\n".join(notes_of(record)) if shown else ""
    return "" if record.status == Status.NOT_RUN else GRADER_ERROR


def details_of(record: Record) -> str:
    """What a failed check says after its sentence: only for those who may see its inputs."""
    feedback = record.feedback
    return "\n".join(filter(None, [feedback.details, *notes_of(record), printed(feedback.printed)])) if feedback else ""


def notes_of(record: Record) -> list[str]:
    """Remarks on what passed all the same."""
    return [f"Note: {note}" for note in record.notes]


def printed(output: str) -> str:
    text = output.strip()
    if not text:
        return ""
    text = cut(text, MAX_PRINTED)
    return "What your code printed:\n" + textwrap.indent(text, "  ")


def points_text(points: float, maximum: float) -> str:
    return f"{points:g}/{maximum:g}"


def score_of(records: Iterable[Record]) -> str:
    """What these checks earned, of what they can earn."""
    records = list(records)
    return points_text(sum(record.earned for record in records), sum(record.max_points for record in records))


def points_in_words(points: float) -> str:
    return f"{points:g} point{'' if points == 1 else 's'}"


def left_out(records: Sequence[Record], is_part: bool) -> str:
    """A sentence on the checks that are not among these, "" if there are none."""
    has_hidden = any(record.hidden for record in records)
    if is_part:
        return f"Other checks were not selected{'' if has_hidden else ', and hidden checks count as well'}."
    return "" if has_hidden else "Hidden checks count as well."


def counts_of(records: Iterable[Record]) -> str:
    """How many checks ended in each way, as in "3 passed, 1 failed"."""
    counts = Counter(record.status for record in records)
    return ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
