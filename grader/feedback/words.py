"""What a check says, in one text: made from its record when it is shown."""

import textwrap

from grader.judging.record import Record, Status

GRADER_ERROR = "The grader could not check this.  That is not your fault: show it to the course staff."
MAX_PRINTED = 4000  # characters


def text_of(record: Record, for_staff: bool = False) -> str:
    """The mistakes' names first, then what was wrong.

    A hidden check shows its public sentence only, except to the staff.
    """
    return "\n\n".join(filter(None, [*record.hints, without_hint(record, for_staff)]))


def without_hint(record: Record, for_staff: bool) -> str:
    shown = for_staff or not record.hidden
    feedback = record.feedback
    if feedback is not None:
        if not shown:
            return feedback.public
        return "\n".join(filter(None, [feedback.sentence, feedback.details, printed(feedback.printed)]))
    if record.status == Status.PASSED:
        return "\n".join(f"Note: {note}" for note in record.notes) if shown else ""
    return "" if record.status == Status.NOT_RUN else GRADER_ERROR


def printed(output: str) -> str:
    text = output.strip()
    if not text:
        return ""
    text = text if len(text) <= MAX_PRINTED else f"{text[:MAX_PRINTED]}\n..."
    return "What your code printed:\n" + textwrap.indent(text, "  ")


def points_text(points: float, maximum: float) -> str:
    return f"{points:g}/{maximum:g}"
