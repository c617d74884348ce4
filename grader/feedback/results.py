"""Writes results.json in Gradescope's schema.

The file is complete from the first moment. After every check a new one replaces it in one step.
gradescope-utils' JSONTestRunner builds it from the recorded outcomes. The schema:

https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format
"""

import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

from grader.feedback.header import Header
from grader.feedback.words import text_of
from grader.intake.files import replace_file
from grader.judging.record import Apart, Record, Status
from grader.texts import LONGEST, readable, safe

if TYPE_CHECKING:
    from grader.feedback.pictures.draw import Drawn

Drawings = Mapping[int, Sequence["Drawn"]]
NONE_DRAWN: Drawings = {}
MOST_BYTES = 900_000  # of results.json
NOT_CHECKED = "Not run: grading ended before this was checked."
NUMBER_APART = "report"  # in place of a check's number


class _Replayed:
    """A recorded check in the shape that JSONTestResult reads a unittest case in."""

    failureException = AssertionError
    _testMethodName = "attributes"

    def __init__(self, record: Record) -> None:
        self.record = record

        def attributes() -> None: ...

        for name in ("number", "visibility", "tags"):
            setattr(attributes, f"__{name}__", getattr(record, name) or None)
        attributes.__weight__ = record.max_points  # type: ignore[attr-defined]
        attributes.__score__ = record.earned  # type: ignore[attr-defined]
        self.attributes = attributes

    def shortDescription(self) -> str:
        return self.record.title


def gradescope_results(
    records: Iterable[Record], header: Header, longest: int = LONGEST, drawn: Drawings = NONE_DRAWN
) -> dict[str, Any]:
    """The records as Gradescope's results: every check with its maximum, whatever became of it.

    Every text has at most `longest` characters.  `drawn` are pictures of checks, by the id of their
    record: the outputs of these are HTML.
    """
    records = list(records)
    texts = texts_of(records)

    def replay(result: Any) -> None:
        for record in records:
            error = None if record.status == Status.PASSED else (AssertionError, AssertionError(record.status), None)
            result.processResult(_Replayed(record), error)

    def complete(data: dict[str, Any]) -> None:
        for test, record, text in zip(data["tests"], records, texts, strict=True):
            test["status"] = "passed" if record.earned_all else "failed"
            test["name"] = readable(record.title)
            test.pop("output", None)  # an empty line where there is none
            if text:
                test["output"] = safe(text, longest)
            if not record.hidden and (images := images_of(drawn.get(id(record), ()))):
                test["output"] = f"<pre>{escape(test.get('output', ''))}</pre>\n{images}"
                test["output_format"] = "html"
            test["extra_data"] = details_of(record)
        if header.apart is not None:
            data["tests"].append(entry_apart(header.apart, header.hidden))
        data["execution_time"] = round(header.seconds, 2)  # the runner writes it as text
        data["score"] = round(data["score"], 6)
        data["output"], data["extra_data"] = safe(header.text, longest), header.details
        ranked = [figure for figure in header.figures if figure.order and math.isfinite(figure.value)]
        data["leaderboard"] = [{"name": f.name, "value": round(f.value, 4), "order": f.order} for f in ranked]

    stream = io.StringIO()
    JSONTestRunner(stream=stream, buffer=False, failure_prefix="", post_processor=complete).run(replay)
    return dict(json.loads(stream.getvalue()))


def images_of(drawn: Iterable["Drawn"]) -> str:
    """Pictures as HTML that needs no other file."""
    return "\n".join(
        f'<p>{escape(one.title)}</p>\n<p><img src="{escape(one.address)}" alt="{escape(one.alt)}"></p>'
        for one in drawn
        if one.address
    )


def texts_of(records: Iterable[Record]) -> list[str]:
    """What each check says.

    If several checks that are not hidden fail for one reason, such as an exception at one line, the
    first tells its details, and the others name that check.
    """
    first: dict[tuple[str, str | None], Record] = {}
    return [text_after(first, record) for record in records]


def text_after(first: dict[tuple[str, str | None], Record], record: Record) -> str:
    """What a check says after those that were the first to fail for their reasons."""
    if record.status == Status.NOT_RUN:
        return NOT_CHECKED
    origin = record.feedback.origin if record.feedback else None
    if origin is None or record.hidden:
        return text_of(record)
    told = first.setdefault((origin.key, record.visibility), record)
    return text_of(record, told_in="" if told is record else told.number or told.title)


def details_of(record: Record) -> dict[str, Any]:
    """What programs read of a check, such as those that count the mistakes of a class."""
    details: dict[str, Any] = {
        "seconds": round(record.seconds, 3),
        "exercise": readable(record.exercise),
        "status": str(record.status),
    }
    if record.hints:
        details["mistakes"] = [readable(hint) for hint in record.hints]
    if record.feedback is not None and record.feedback.origin is not None:
        details["raised"] = True  # an exception says what is wrong
    return details


def entry_apart(apart: Apart, visibility: str) -> dict[str, Any]:
    """What was graded apart from the checks, among them but without points."""
    return {
        "name": readable(apart.title),
        "number": NUMBER_APART,
        "score": 0.0,
        "max_score": 0.0,
        "status": "passed",
        "visibility": visibility,
        "output": readable(apart.feedback or apart.text),
    }


def results_text(records: Iterable[Record], header: Header, drawn: Drawings = NONE_DRAWN) -> str:
    """The text of results.json, short enough for any reader; pictures make room for texts."""
    records = list(records)
    for longest, shown in ((LONGEST, drawn), *((LONGEST // part, NONE_DRAWN) for part in (1, 4, 20, 100))):
        text = json.dumps(gradescope_results(records, header, longest, shown), indent=1, allow_nan=False) + "\n"
        if len(text) <= MOST_BYTES:  # it is ASCII
            break
    return text


def write_results(path: Path, records: Iterable[Record], header: Header, drawn: Drawings = NONE_DRAWN) -> None:
    """Replace the results file in one step: readers see the old or the new one, not half of one."""
    text = results_text(records, header, drawn)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text.encode())
