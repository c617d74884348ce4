"""class.html: a class at a glance, as one page that needs no other file and loads nothing."""

import base64
import hashlib
import hmac
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.staff.grading.grade_one import read_secret
from grader.staff.grading.gradesheet import Row, number
from grader.staff.grading.similarity import Pair

HERE = Path(__file__).parent
FILE, PAGE, STYLE = "class.html", "class.html.jinja", "class.css"
BINS = 10
MOST_MISTAKES = 20
MUCH = 0.1  # the share of all points that such a loss has at least
EXPLAINED = {"mistakes", "raised"}  # of a failed check
UNNAMED = 0.5  # the share of lost points without a named mistake from which a person should look


@dataclass(frozen=True)
class Bin:
    """How many submissions have so many percent of the points."""

    label: str
    count: int


@dataclass
class CheckRow:
    """What became of one check in all submissions."""

    number: str
    title: str
    exercise: str
    hidden: bool
    points: float
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def passed(self) -> float:
        """Percent of submissions."""
        return 100 * self.counts["passed"] / max(1, sum(self.counts.values()))


@dataclass(frozen=True)
class Mistake:
    """A known mistake, and how many submissions have it."""

    text: str
    exercise: str
    count: int


@dataclass(frozen=True)
class LookAt:
    """A submission that a person should look at, and why."""

    name: str
    reasons: Sequence[str]
    weight: float


def class_page(title: str, rows: Sequence[Row], pairs: Sequence[Pair], note: str = "", anonymous: bool = False) -> str:
    """The page.

    Args:
        title: the assignment's.
        rows: what each student gets.
        pairs: the most similar submissions.
        note: why there are no pairs, if they could not be compared.
        anonymous: whether to leave out names.
    """
    names = Names(rows, anonymous)
    graded = once_each(row for row in rows if row.is_graded)
    results = [row.grade.results for row in graded if row.grade is not None]
    percents = [100 * row.total / most for row in graded if (most := max_points(row))]
    style = (HERE / STYLE).read_text(encoding="utf-8")
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"number": number}
    return environment.get_template(PAGE).render(
        title=title,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        counts=counts_of(rows, graded),
        bins=bins_of(percents),
        median=statistics.median(percents) if percents else None,
        mean=statistics.fmean(percents) if percents else None,
        exercises=exercises_of(graded),
        checks=checks_of(results),
        mistakes=mistakes_of(results),
        n_graded=len(graded),
        costs=costs_of(graded, names),
        look_at=sorted(looked_at(rows, names), key=lambda one: -one.weight),
        pairs=[(names.called(pair.first), names.called(pair.second), pair) for pair in pairs],
        note=note,
    )


class Names:
    """What submissions are called on the page: their names, or numbers that tell nothing."""

    def __init__(self, rows: Sequence[Row], anonymous: bool) -> None:
        self.known: dict[str, str] = {}
        if anonymous:
            names = {row.entry.name for row in rows if row.entry is not None}
            secret = read_secret()
            in_order = sorted(names, key=lambda name: hmac.new(secret, name.encode(), "sha256").digest())
            self.known = {name: f"Submission {place}" for place, name in enumerate(in_order, 1)}
        self.anonymous = anonymous

    def called(self, name: str) -> str:
        return self.known.get(name, name)

    def of(self, row: Row) -> str:
        if row.entry is not None:
            return self.called(row.entry.name)
        return "A student" if self.anonymous else row.student.name or row.student.id or row.student.login


def once_each(rows: Iterable[Row]) -> list[Row]:
    """One row for each submission, though a group has several."""
    found = {row.entry.name if row.entry else id(row): row for row in rows}
    return list(found.values())


def max_points(row: Row) -> float:
    assert row.grade is not None
    return row.grade.max_score


def counts_of(rows: Sequence[Row], graded: Sequence[Row]) -> list[tuple[str, int]]:
    """What is counted at the top of the page."""
    counts = {
        "students": len(rows),
        "graded submissions": len(graded),
        "late": sum(row.entry is not None and row.entry.late.late for row in once_each(rows)),
        "not graded": sum(not row.is_graded and row.entry is not None for row in once_each(rows)),
        "handed in nothing": sum(row.entry is None for row in rows),
    }
    return [(word, count) for word, count in counts.items() if count or word == "students"]


def bins_of(percents: Sequence[float]) -> list[Bin]:
    width = 100 // BINS
    places = Counter(min(int(percent // width), BINS - 1) for percent in percents)
    return [Bin(f"{place * width}–{(place + 1) * width}", places[place]) for place in range(BINS)]


def exercises_of(graded: Sequence[Row]) -> list[tuple[str, float, float, float]]:
    """Each exercise with its points: the mean, the median, and the maximum."""
    maxima: Counter[str] = Counter()
    for test in graded[0].grade.results["tests"] if graded and graded[0].grade else ():
        maxima[test.get("extra_data", {}).get("exercise", "")] += test["max_score"]
    found = []
    for exercise, most in maxima.items():
        if exercise:
            points = [row.points_of(exercise) for row in graded]
            found.append((exercise, statistics.fmean(points), statistics.median(points), float(most)))
    return found


def checks_of(results: Iterable[Mapping[str, Any]]) -> list[CheckRow]:
    rows: dict[tuple[str, str], CheckRow] = {}
    for test in (test for result in results for test in result["tests"]):
        details = test.get("extra_data", {})
        if "status" not in details:
            continue  # an entry that is no check, such as the report's
        hidden = test.get("visibility", "visible") != "visible"
        key = (str(test.get("number", "")), test["name"])
        row = rows.setdefault(key, CheckRow(*key, details["exercise"], hidden, test["max_score"]))
        row.counts[details["status"]] += 1
    return list(rows.values())


def mistakes_of(results: Iterable[Mapping[str, Any]]) -> list[Mistake]:
    """The commonest mistakes, each counted once for a submission."""
    counts: Counter[tuple[str, str]] = Counter()
    for result in results:
        details = [test.get("extra_data", {}) for test in result["tests"]]
        counts.update({(text, entry["exercise"]) for entry in details for text in entry.get("mistakes", ())})
    return [Mistake(text, exercise, count) for (text, exercise), count in counts.most_common(MOST_MISTAKES)]


def costs_of(graded: Sequence[Row], names: Names) -> list[tuple[str, str]]:
    """Time and memory: of all, usual, and most."""
    costs = [(row, row.grade.cost) for row in graded if row.grade is not None and row.grade.cost]
    lines = []
    for key, words, unit in (("seconds", "clock time", 1.0), ("cpu_s", "CPU time", 1.0), ("memory", "memory", 2.0**20)):
        known = [(cost[key] / unit, row) for row, cost in costs if cost.get(key) is not None]
        if known:
            most, row = max(known, key=lambda pair: pair[0])
            of = "MB" if key == "memory" else "s"
            usual = f"{statistics.median(value for value, _ in known):.0f} {of}"
            whole = "" if key == "memory" else f", all together {sum(value for value, _ in known) / 60:.0f} min"
            lines.append((words, f"median {usual}, most {most:.0f} {of} ({names.of(row)}){whole}"))
    return lines


def looked_at(rows: Sequence[Row], names: Names) -> Iterable[LookAt]:
    """The submissions that a person should look at; those with problems weigh most."""
    for row in once_each(rows):
        if reasons := reasons_for(row, names.anonymous):
            lost = max_points(row) - row.grade.score if row.is_graded and row.grade is not None else 0.0
            yield LookAt(names.of(row), reasons, lost + (1e6 if row.problem and row.entry is not None else 0))


def reasons_for(row: Row, anonymous: bool) -> list[str]:
    """Why a person should look at a submission; none for most.

    Texts that may hold a name are left out of an anonymous page.
    """
    problem = "a problem that grades.csv tells" if anonymous and row.entry is not None else row.problem
    reasons = [problem] if row.problem else []
    if row.grade is None or not row.is_graded:
        return reasons
    details = row.grade.results["extra_data"]
    tests = [test for test in row.grade.results["tests"] if "status" in test.get("extra_data", {})]
    failed = [test for test in tests if test["extra_data"]["status"] == "failed"]
    lost = sum(test["max_score"] - test["score"] for test in failed)
    unnamed = sum(test["max_score"] - test["score"] for test in failed if not EXPLAINED & test["extra_data"].keys())
    if unnamed > UNNAMED * lost and unnamed >= MUCH * max_points(row) and not row.problem:
        reasons.append(f"{number(unnamed)} of {number(lost)} lost points have no named mistake")
    if row.entry is not None and row.entry.late.late:
        reasons.append(row.entry.late.in_words)
    if "problem" in (details.get("report") or {}):
        reasons.append("the report could not be graded")
    return reasons + ["adjusted" if anonymous else f"adjusted: {one.text}" for one in row.adjustments]
