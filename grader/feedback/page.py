"""feedback.html: a run's feedback as one page that needs no other file and loads nothing.

It shows what results.json shows, and pictures of what visible checks saw.  Nothing of a submission
reaches it as HTML: every text is escaped, pictures are data that the page's security policy shows
as images only, and the policy refuses scripts and everything remote.
"""

import base64
import hashlib
import html
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader import __version__
from grader.feedback.causes import Cause, public_causes, told
from grader.feedback.markup import advised, code
from grader.feedback.next_step import next_step
from grader.feedback.words import counts_of, left_out, points_in_words, points_text, printed, score_of, without_hints
from grader.intake.files import replace_file
from grader.judging.data import data_in_words
from grader.judging.record import Apart, Figure, Record, Status
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.judging.values import Value
from grader.texts import cut, readable

if TYPE_CHECKING:
    from grader.feedback.pictures.draw import Drawn

HERE = Path(__file__).parent
PAGE, STYLE, FILE = "page.html.jinja", "page.css", "feedback.html"
MOST_TEXT = 300_000  # bytes of what all checks tell
MOST_OF_SENTENCE = 500  # characters, in the list of reasons, and where there is no room for more
NO_ROOM = "There is no room for more. Fix what is shown first."
NEVER_SHOWN = "hidden"  # Gradescope's word
OPEN = (Status.FAILED, Status.TO_DO, Status.BLOCKED, Status.ERROR, Status.NOT_RUN)
FIXED = "fixed: every run draws the same inputs"
OF_STAFF = "drawn from the staff's secret and these files: the same files get the same inputs again"
DONE = "Every point is earned. There is nothing to fix."
ASK = "Read the checks above. If nothing there helps, ask the course staff."


@dataclass(frozen=True)
class Link:
    """The number of a check, as a link to it on the page."""

    text: str
    target: str


@dataclass(frozen=True)
class ShownCause:
    """What checks fail because of, what it costs, and links to them."""

    sentence: str
    is_known_mistake: bool
    cost: str
    alone: Sequence[Link]
    shared: Sequence[Link]


@dataclass(frozen=True)
class ShownCheck:
    """What the page says of one check."""

    target: str
    number: str
    title: str
    status: str
    points: str
    hidden: bool
    is_open: bool
    hints: Sequence[str] = ()
    sentence: str = ""
    details: str = ""
    printed: str = ""
    values: Sequence[Value] = ()
    told_in: Link | None = None
    pictures: Sequence["Drawn"] = ()


@dataclass(frozen=True)
class Section:
    """An exercise: its points and its checks."""

    name: str
    points: str
    share: float
    counts: str
    checks: Sequence[ShownCheck]


@dataclass(frozen=True)
class Facts:
    """What the page says of a run as a whole."""

    title: str
    rows: Sequence[tuple[str, str]]
    notes: Sequence[str]
    figures: Sequence[Figure]
    apart: Apart | None
    shows_apart: bool
    next: str
    rest: str = ""


@dataclass
class Places:
    """Where each check stands on the page, and which one tells the details of each reason first."""

    targets: dict[int, str] = field(default_factory=dict)
    first: dict[str, Record] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Places":
        return cls({id(record): f"check-{place}" for place, record in enumerate(records, 1)})

    def link(self, record: Record) -> Link:
        return Link(record.number or record.title, f"#{self.targets[id(record)]}")

    def links(self, records: Iterable[Record]) -> list[Link]:
        """A link for each number: several checks may have one number."""
        records = list(records)
        counts = Counter(record.number or record.title for record in records)
        first = {record.number or record.title: record for record in reversed(records)}
        found = [self.link(first[name]) for name in counts]
        return [
            replace(link, text=f"{link.text} ({n} checks)") if (n := counts[link.text]) > 1 else link for link in found
        ]


def write_page(path: Path, records: Sequence[Record], run: Run, is_part: bool) -> None:
    """Draw the page of a run that has ended, and replace the file in one step."""
    shown = [record for record in records if record.visibility != NEVER_SHOWN]
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, page_of(shown, facts_of(shown, run, is_part)).encode(errors="replace"))


def page_of(records: Sequence[Record], facts: Facts) -> str:
    """The page that shows these records."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # here: other runs must start fast

    from grader.feedback.pictures.draw import draw_all

    style = (HERE / STYLE).read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"code": code, "advised": advised}
    drawn = draw_all(records)
    places = Places.of(records)
    return environment.get_template(PAGE).render(
        facts=facts,
        score=score_of(records),
        counts=counts_of(records),
        sections=list(with_room(sections_of(records, places, drawn))),
        causes=[shown_cause(cause, places) for cause in public_causes(records)],
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def facts_of(records: Sequence[Record], run: Run, is_part: bool) -> Facts:
    settings, apart = run.settings, run.settings.apart
    rows = [
        ("submission", run.digest),
        ("kit", __version__),
        ("data", data_in_words(settings.full)),
        ("seed", FIXED if settings.secret is None and settings.seed is None else OF_STAFF),
    ]
    return Facts(
        run.assignment.title,
        rows,
        run.submission.told(),
        list(run.figures.values()),
        apart,
        run.assignment.hidden != NEVER_SHOWN,
        what_next(records, settings, is_part),
        left_out(records, is_part),
    )


def what_next(records: Sequence[Record], settings: Settings, is_part: bool) -> str:
    """The sentence that ends the page: what a student does next, in the student's own folder."""
    if settings.secret is not None and all(record.earned_all for record in records):
        return DONE  # it is handed in
    there = replace(settings, submission=Settings.submission) if settings.live else settings
    step = next_step(records, public_causes(records), there, is_part)
    return step or ASK


def shown_cause(cause: Cause, places: Places) -> ShownCause:
    alone = places.links(check for check in cause.checks if check not in cause.shared)
    sentence, cost = cut(told(cause), MOST_OF_SENTENCE), points_in_words(cause.points)
    return ShownCause(sentence, cause.is_known_mistake, cost, alone, places.links(cause.shared))


def sections_of(records: Sequence[Record], places: Places, drawn: Mapping[int, Sequence["Drawn"]]) -> list[Section]:
    """The exercises in their order, each with its checks."""
    by_exercise: dict[str, list[Record]] = {}
    for record in records:
        by_exercise.setdefault(record.exercise, []).append(record)
    return [section_of(name, checks, places, drawn) for name, checks in by_exercise.items()]


def section_of(name: str, records: Sequence[Record], places: Places, drawn: Mapping[int, Sequence["Drawn"]]) -> Section:
    most = sum(record.max_points for record in records)
    share = 100 * sum(record.earned for record in records) / most if most else 100.0
    checks = [shown_check(record, places, drawn.get(id(record), ())) for record in records]
    return Section(readable(name), score_of(records), share, counts_of(records), checks)


def shown_check(record: Record, places: Places, pictures: Sequence["Drawn"]) -> ShownCheck:
    """What the page says of a check.  Of a hidden one: its title, hints and public sentence."""
    shown = ShownCheck(
        places.targets[id(record)],
        readable(record.number),
        readable(record.title),
        str(record.status),
        points_text(record.earned, record.max_points),
        record.hidden,
        record.status in OPEN,
        pictures=pictures,
    )
    feedback = record.feedback
    if record.hidden or feedback is None:
        return replace(shown, hints=record.hints, sentence=without_hints(record))
    origin = feedback.origin
    first = places.first.setdefault(origin.key, record) if origin is not None else record
    shown = replace(shown, hints=record.hints, sentence=feedback.sentence)
    if first is not record:
        return replace(shown, told_in=places.link(first))
    notes = [f"Note: {note}" for note in record.notes]
    details = "\n".join(filter(None, [without([*feedback.values, *pictures], feedback.details), *notes]))
    return replace(shown, values=feedback.values, details=details, printed=printed(feedback.printed))


def with_room(sections: Iterable[Section]) -> Iterator[Section]:
    """The sections; checks tell less after their sentences once the page gets too long."""
    room = MOST_TEXT
    for section in sections:
        checks = []
        for check in section.checks:
            room -= size_of(check)
            checks.append(check if room >= 0 else shortened(check))
        yield replace(section, checks=checks)


def size_of(check: ShownCheck) -> int:
    """How many bytes a check's own texts take on the page."""
    texts = [*check.hints, check.sentence, check.details, check.printed]
    texts += [text for value in check.values for text in (value.what, value.expected, value.found)]
    return sum(len(html.escape(text).encode(errors="replace")) for text in texts)


def shortened(check: ShownCheck) -> ShownCheck:
    sentence = cut(check.sentence, MOST_OF_SENTENCE)
    return replace(check, sentence=sentence, values=(), details=NO_ROOM if check.is_open else "", printed="")


def without(better: Sequence["Value | Drawn"], text: str) -> str:
    """A text without what the page shows better, in tables and pictures."""
    for one in better:
        text = text.replace(one.told, "") if one.told else text
    return "\n".join(filter(None, text.splitlines()))
