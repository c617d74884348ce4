"""Counts and describes how well several mistakes at once are named."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from grader.judging.mutants import read_mutants
from grader.judging.record import Status
from grader.staff.grading.trial import Trial
from grader.staff.proving.audit_findings import CaseVerdict, Kin

LEAST_RIGHT, MOST_WRONG = 90.0, 1.0  # percent of the failed checks

HEAD = """# Several mistakes at once

`grader naming` writes this page: don't edit it. It draws pairs and triples of known mistakes in the same function, runs all checks
on each, as in a graded run and with the visible checks as on a student's machine, and looks at every check that fails: does it name
a mistake that is there, none, or another one?
"""


@dataclass(frozen=True, eq=False)
class NamingVerdict(CaseVerdict):
    """What the judge said of a case.

    `alike`: the checks, as ("graded" or "laptop", name), that say exactly the same of the mistakes
    that were named instead of the real ones: nothing tells these apart.
    """

    alike: frozenset[tuple[str, str]] = frozenset()


class Named(StrEnum):
    """What a failed check named."""

    RIGHT = "right"  # only mistakes that are there
    NONE = "none"
    ALIKE = "alike"  # others, that give exactly the same answers
    WRONG = "wrong"  # at least one that is not there


@dataclass(frozen=True)
class Failure:
    """One failed check of one case, in a graded run or on a student's machine."""

    case: str
    exercise: str
    place: str  # "graded" or "laptop"
    check: str
    names: tuple[str, ...]
    named: Named


class Naming:
    """The failed checks of all cases."""

    def __init__(self, verdicts: list[NamingVerdict]) -> None:
        self.kin = Kin(read_mutants())
        self.verdicts = sorted(verdicts, key=lambda verdict: verdict.name)
        self.failures = [failure for verdict in self.verdicts for failure in self.failures_of(verdict)]

    def failures_of(self, verdict: NamingVerdict) -> Iterator[Failure]:
        exercise = verdict.case.mutants[0].exercise
        own = {self.kin.of(mutant.name) for mutant in verdict.case.mutants}
        for place, trial in (("graded", verdict.graded), ("laptop", verdict.laptop)):
            for check in failed_checks(trial):
                names = tuple(mutant.name for mutant in trial.named.get(check, ()))
                is_right = {self.kin.of(name) for name in names} <= own
                otherwise = Named.ALIKE if (place, check) in verdict.alike else Named.WRONG
                named = Named.NONE if not names else Named.RIGHT if is_right else otherwise
                yield Failure(verdict.name, exercise, place, check, names, named)

    def share(self, named: Named, exercise: str = "", place: str = "") -> float:
        """The percentage of the failed checks that named so."""
        chosen = [one for one in self.failures if one.exercise.startswith(exercise) and one.place.startswith(place)]
        return 100 * sum(one.named is named for one in chosen) / len(chosen) if chosen else 100.0

    @property
    def disagreements(self) -> list[tuple[Failure, Failure]]:
        """Failed checks, of both runs, that name other mistakes on a student's machine."""
        laptop = {(one.case, one.check): one for one in self.failures if one.place == "laptop"}
        both = [(one, laptop[one.case, one.check]) for one in self.failures if (one.case, one.check) in laptop]
        return [(a, b) for a, b in both if a.place == "graded" and self.kinds(a) != self.kinds(b)]

    def kinds(self, failure: Failure) -> set[str]:
        return {self.kin.of(name) for name in failure.names}

    @property
    def wrong(self) -> list[Failure]:
        return [one for one in self.failures if one.named is Named.WRONG]

    @property
    def is_good(self) -> bool:
        named = self.share(Named.RIGHT) + self.share(Named.ALIKE)
        return named >= LEAST_RIGHT and self.share(Named.WRONG) <= MOST_WRONG

    @property
    def exercises(self) -> list[str]:
        return sorted({one.exercise for one in self.failures})

    def as_json(self) -> dict[str, Any]:
        return {
            "cases": len(self.verdicts),
            "failures": [vars(one) for one in self.failures],
            "disagreements": [[vars(a), vars(b)] for a, b in self.disagreements],
        }


def failed_checks(trial: Trial) -> list[str]:
    return [name for name, record in trial.records.items() if record.status == Status.FAILED]


def summary(naming: Naming) -> str:
    """The table, then the wrong names and the checks that most often name nothing."""
    none = Counter(one.check for one in naming.failures if one.named is Named.NONE)
    lines = [
        *table(naming),
        "",
        *(f"wrong, {one.place}: {one.case}: {one.check} names {' + '.join(one.names)}" for one in naming.wrong),
        *(f"names nothing {count} times: {check}" for check, count in none.most_common(10)),
    ]
    return "\n".join(lines)


def table(naming: Naming) -> list[str]:
    rows = [
        f"{'exercise':<12} {'cases':>6} {'failed':>7}  right, none, alike, wrong: graded           on a laptop             disagree"
    ]
    for exercise in [*naming.exercises, ""]:
        cases = {one.case for one in naming.failures if one.exercise.startswith(exercise)}
        failures = sum(one.exercise.startswith(exercise) for one in naming.failures)
        shares = [
            "  ".join(f"{naming.share(named, exercise, place):5.1f}" for named in Named)
            for place in ("graded", "laptop")
        ]
        differ = sum(a.exercise.startswith(exercise) for a, _ in naming.disagreements)
        rows.append(
            f"{exercise or 'all':<12} {len(cases):>6} {failures:>7}  {shares[0]:>43}  {shares[1]:>26} {differ:>9}"
        )
    return rows


def markdown(naming: Naming) -> str:
    """The text of NAMING.md."""
    wrong = [f"- {one.place}, `{one.case}`: `{one.check}` names `{' + '.join(one.names)}`" for one in naming.wrong] or [
        "- None."
    ]
    differ = [
        f"- `{a.case}`: `{a.check}` names `{' + '.join(a.names) or 'nothing'}` when graded, "
        f"`{' + '.join(b.names) or 'nothing'}` on a student's machine"
        for a, b in naming.disagreements
    ] or ["- None."]
    return "\n".join(
        [
            HEAD,
            "```",
            *table(naming),
            "```",
            "\n## Names of mistakes that are not there\n",
            *wrong,
            "\n## Other names when graded than on a student's machine\n",
            *differ,
            "",
        ]
    )
