"""What checks fail because of, each cause told once: a known mistake, an exception, a file.

A cause is one known mistake, or one exception at one line, or a file that can't be imported, or one
loop that never ends.  A failed check with none of these is a cause of its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.feedback.words import points_in_words
from grader.judging.record import Feedback, Record, Status


@dataclass(frozen=True)
class Cause:
    """What some checks fail because of.

    `sentence` says it, in full.  `checks` are those that fail because of it, in the order in which
    they ran, `example` is the one whose details say most about it, and `shared` are those that fail
    because of another cause too.  `file` is the file that can't be imported, as "src/NAME.py", if
    that is the cause.  `may_show_details` says whether the reader may see what the example's
    feedback says of its inputs.
    """

    sentence: str
    checks: tuple[Record, ...]
    example: Record
    shared: tuple[Record, ...] = ()
    file: str = ""
    is_known_mistake: bool = False
    may_show_details: bool = True

    @property
    def points(self) -> float:
        """The points of its checks."""
        return sum(check.lost for check in self.checks)


def causes_of(records: Iterable[Record], for_staff: bool = False) -> list[Cause]:
    """The causes of the failed checks, in the order in which the checks ran.

    Files that can't be imported come first.  Details of hidden checks are for the staff: for others
    their known mistakes count, and else each is a cause of its own.
    """
    groups = groups_of(list(records), for_staff)
    n_causes = Counter(id(check) for checks in groups.values() for check in checks)
    examples: set[int] = set()

    def says_least(check: Record) -> tuple[bool, bool, bool, int]:
        return check.status != Status.FAILED, check.hidden, id(check) in examples, n_causes[id(check)]

    causes = []
    for key, checks in groups.items():
        example = min(checks, key=says_least)
        examples.add(id(example))
        shared = tuple(check for check in checks if n_causes[id(check)] > 1)
        causes.append(cause_of(key, tuple(checks), example, shared, for_staff))
    return sorted(causes, key=lambda cause: not cause.file)


def groups_of(records: Sequence[Record], for_staff: bool) -> dict[str, list[Record]]:
    """The failed checks of each cause, and the blocked ones if one of these causes blocks them."""
    failing = {key for record in records if record.status == Status.FAILED for key in keys_of(record, for_staff)}
    groups: dict[str, list[Record]] = {}
    for record in records:
        if record.status in (Status.FAILED, Status.BLOCKED):
            for key in keys_of(record, for_staff):
                if key in failing:
                    groups.setdefault(key, []).append(record)
    return groups


def keys_of(record: Record, for_staff: bool) -> tuple[str, ...]:
    """What a failed check shares with the others of each of its causes."""
    if record.hints:
        return tuple(dict.fromkeys(record.hints))
    feedback = record.feedback
    if (
        feedback is not None
        and feedback.origin is not None
        and (for_staff or not record.hidden or feedback.origin.file)
    ):
        return (feedback.origin.key,)
    return (f"{record.exercise} {record.number} {record.name} {record.title}",)


def cause_of(
    key: str, checks: tuple[Record, ...], example: Record, shared: tuple[Record, ...], for_staff: bool
) -> Cause:
    may_show = for_staff or not example.hidden
    if example.hints:
        return Cause(key, checks, example, shared, is_known_mistake=True, may_show_details=may_show)
    feedback = example.feedback or Feedback(example.title, public=example.title)
    sentence = feedback.sentence if may_show else feedback.public
    file = feedback.origin.file if feedback.origin else ""
    return Cause(sentence, checks, example, shared, file, may_show_details=may_show)


def headline(cause: Cause) -> str:
    """A cause and what it costs, as in "evaluate adds up ...  Costs 3 points (2.1, 2.2)."."""
    return f"{told(cause)}  Costs {points_in_words(cause.points)} ({checks_in_words(cause)})."


def told(cause: Cause) -> str:
    """A cause's sentence, with the function that it is about."""
    function = cause.example.function
    subject = "" if cause.is_known_mistake or cause.file or function in cause.sentence else f"{function}: "
    return f"{subject}{cause.sentence}"


def checks_in_words(cause: Cause) -> str:
    """The numbers of its checks, as in "1.2, 1.3; and 2.2, which has another mistake too"."""
    alone = ", ".join(numbers_of(check for check in cause.checks if check not in cause.shared))
    if not cause.shared:
        return alone
    shared = f"{', '.join(numbers_of(cause.shared))}, {with_another(cause)}"
    return f"{alone}; and {shared}" if alone else shared


def with_another(cause: Cause) -> str:
    """What is said of the checks that fail because of another cause too."""
    return f"which {'has' if len(cause.shared) == 1 else 'have'} another mistake too"


def public_causes(records: Iterable[Record]) -> list[Cause]:
    """The causes of checks that students may see from the first moment on."""
    return causes_of(record for record in records if not record.hidden and record.visibility in (None, "visible"))


def numbers_of(checks: Iterable[Record]) -> list[str]:
    """The checks' numbers, as in "1.2" and, if several checks have one number, "4.1 (3 checks)".

    Three or more in a row are shown as "2.1 to 2.4".
    """
    counts = Counter(check.number or check.name for check in checks)
    told = []
    for row in rows_of(list(counts)):
        shown = [name if counts[name] == 1 else f"{name} ({counts[name]} checks)" for name in row]
        told += shown if len(row) < 3 else [f"{row[0]} to {row[-1]}"]
    return told


def rows_of(numbers: Iterable[str]) -> list[list[str]]:
    """Numbers in rows that count up by one, as 2.1, 2.2, 2.3 do."""
    rows: list[list[str]] = []
    for number in numbers:
        if rows and number == following(rows[-1][-1]):
            rows[-1].append(number)
        else:
            rows.append([number])
    return rows


def following(number: str) -> str:
    """The number after this one in its part, as 2.2 after 2.1; "" if it is no number."""
    part, _, place = number.rpartition(".")
    return f"{part}.{int(place) + 1}" if place.isdecimal() else ""
