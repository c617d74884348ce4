"""Describes the audit's findings: a summary for the terminal, and grader/staff/docs/AUDIT.md."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from grader.assignment import KIT, STAFF_EXERCISES
from grader.items import title_of
from grader.judging.thresholds import Thresholds
from grader.staff.grading.trial import Trial, number
from grader.staff.proving import generic_report
from grader.staff.proving.audit_findings import CaseVerdict, Findings
from grader.staff.proving.threads import MARGIN

HEAD = """# What the checks catch, and how sure they are

`grader audit` writes this page: don't edit it. The audit runs all checks on every known mistake (a *mutant*: the reference with one
thing wrong) and on every correct *style* (a solution written in another way). It does so twice: as a graded submission with all
checks, and with the visible checks alone, as on a student's machine. Checks that train for a long time run only on the mistakes
that they must catch, and on the styles that contain their exercise.
"""


def summary(findings: Findings) -> str:
    """A line for each total, then a line for each problem with the names that it concerns."""
    f = findings
    lines = [
        f"{len(f.mutants)} mutants: {len(f.survivors)} keep all their points, {len(f.misplaced)} fail a check of another function, "
        f"{len(f.wrong_hints)} are given a wrong hint ({len(f.pairs)} pairs included); {share(f.named, f.mutants)} are named.",
        f"{len(f.visible)} of them fail a visible check: {share(f.named_on_laptop, f.visible)} are named on a student's machine.",
        f"{len(f.styles)} styles and {len(f.equivalents)} equivalent changes: {len(f.short)} lose points.",
    ]
    return "\n".join([*lines, *(f"  {problem}" for problem in problems(f)), *(f"  {note}" for note in notes(f))])


def share(part: Collection[object], whole: Collection[object]) -> str:
    return f"{len(part)} ({100 * len(part) / len(whole):.0f} %)" if whole else "0"


def problems(f: Findings) -> Iterable[str]:
    """A sentence for each problem.  One is enough for the audit to fail."""
    for verdict in f.survivors:
        yield f"survives: {verdict.name}"
    for verdict in f.misplaced:
        yield f"misplaced: {verdict.name} fails {', '.join(sorted(verdict.misplaced))}"
    for verdict in f.not_caught:
        yield f"not caught by the check that it names: {verdict.name} passes {', '.join(sorted(verdict.missing_claims))}"
    for verdict in f.wrong_hints:
        yield f"wrong hint: {verdict.name} is taken for {', '.join(sorted(f.wrongly_named(verdict)))}"
    if f.tolerance_used * MARGIN > 1:
        yield f"a second thread uses {f.tolerance_used:.2f} of an exact check's tolerance; at most {1 / MARGIN:g} may be used"
    for verdict in f.short:
        lost = ", ".join(
            f"{record.number} ({record.feedback.sentence if record.feedback else record.status})"
            for record in verdict.graded.failing.values()
        )
        yield f"correct, but loses {verdict.graded.lost:g} points: {verdict.name} in {lost}"


def notes(f: Findings) -> Iterable[str]:
    """Facts that are worth knowing, but that do not make the audit fail."""
    unnamed = [verdict.name for verdict in f.mutants if not verdict.graded.named]
    if unnamed:
        yield f"not named: {', '.join(unnamed)}"
    unnamed = [verdict.name for verdict in f.visible if not verdict.laptop.named and verdict.graded.named]
    if unnamed:
        yield f"named only when graded: {', '.join(unnamed)}"
    if f.idle and f.is_whole:
        yield f"checks that catch nothing: {', '.join(f'{number(item)} ({item.name})' for item in f.idle)}"


def markdown(f: Findings) -> str:
    """The text of AUDIT.md: the totals first, every single mistake last."""
    wrong = [f"- {problem}" for problem in problems(f)] or ["- Nothing is wrong."]
    parts = [
        HEAD,
        "## In short\n",
        *in_short(f),
        "\n## What is wrong\n",
        *wrong,
        "\n## Mistakes that nobody chose\n",
        "`grader audit --generic` makes mutants with the standard operators of mutation testing. Each must lose points, unless nobody can "
        "observe it or the contract allows it. The score is the share that loses points, of those that are not excused.\n",
        *generic_report.markdown(),
        "\n## By function\n",
        *by_function(f),
        "\n## Thresholds\n",
        "Each accuracy and statistic has a threshold between correct and broken runs (`grader calibrate`). A correct solution fails only if "
        "two independent runs both miss the threshold. The last column is an upper bound on the probability of this (the square of the "
        "95 % Clopper-Pearson bound for one run).\n",
        *threshold_rows(),
        "\n## By check\n",
        "How many mistakes each check catches, and the mistakes that only this check catches.\n",
        *by_check(f),
        "\n## Every mistake\n",
        "For each mistake: the points that it loses; the checks that fail (in brackets: the checks that are blocked until another function is "
        "right); and whether its hint is shown in a graded run and on a student's machine.\n",
        *every_mistake(f),
        "\n## Mistakes that share a hint\n",
        "No check can tell the first mistake from the second, so its feedback is the hint of the second.\n",
        *shared_hints(f),
        "\n## Changes that make no difference\n",
        *(f"- `{verdict.name}`: {verdict.case.mutants[0].equivalent}" for verdict in f.equivalents),
        "\n## Styles\n",
        *(f"- `{verdict.name}`: {verdict.graded.earned:g} of {verdict.graded.most:g} points" for verdict in f.styles),
        "",
    ]
    return "\n".join(parts)


def shared_hints(f: Findings) -> list[str]:
    mutants = [mutant for verdict in f.mutants for mutant in verdict.case.mutants]
    return [f"- `{mutant.name}`: `{mutant.same_as}`" for mutant in mutants if mutant.same_as]


def in_short(f: Findings) -> list[str]:
    alone = [item for item in f.checks if f.only_caught_by(item.name)]
    return [
        f"- {len(f.mutants)} known mistakes. {len(f.mutants) - len(f.survivors)} of them lose points, and only in checks that depend on the "
        f"function with the mistake ({len(f.misplaced)} exceptions).",
        f"- In a graded run, {share(f.named, f.mutants)} are named by their own hint, and {len(f.wrong_hints)} by a wrong one. This includes "
        f"{len(f.pairs)} pairs of mistakes in different functions.",
        f"- {len(f.visible)} fail a visible check. {share(f.named_on_laptop, f.visible)} of these are named on the student's own machine.",
        f"- {len(f.styles)} correct solutions in other styles, and {len(f.equivalents)} changes that make no difference: "
        f"{len(f.short)} of them lose points.",
        f"- Two threads instead of one change an answer by at most {f.tolerance_used:.3f} of the tolerance of exact checks.",
        f"- {len(f.checks)} checks. {len(alone)} catch a mistake that no other check catches; {len(f.idle)} catch none of these mistakes.",
    ]


def table(columns: list[str], rows: Iterable[Iterable[object]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *([str(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]


def by_function(f: Findings) -> list[str]:
    rows = []
    for function in dict.fromkeys(verdict.case.mutants[0].function for verdict in f.mutants):
        own = [verdict for verdict in f.mutants if verdict.case.mutants[0].function == function]
        lost = [verdict.graded.lost for verdict in own]
        visible = [verdict for verdict in own if verdict in f.visible]
        rows.append(
            [
                f"`{function}`",
                len(own),
                sum(points > 0 for points in lost),
                f"{min(lost):g} to {max(lost):g}",
                sum(verdict in f.named for verdict in own),
                f"{sum(verdict in f.named_on_laptop for verdict in own)} of {len(visible)}",
            ]
        )
    columns = [
        "function",
        "mistakes",
        "caught",
        "points lost",
        "named when graded",
        "named on a laptop, of those that fail a visible check",
    ]
    return table(columns, rows)


def threshold_files() -> list[Path]:
    """The files with the measured thresholds of visible and hidden checks."""
    return [KIT / "tests" / "thresholds.json", *sorted(STAFF_EXERCISES.glob("*/thresholds.json"))]


def threshold_rows() -> list[str]:
    rows = []
    for file in threshold_files():
        for name, kinds in Thresholds(file).entries.items():
            for data, entry in kinds.items():
                figures = [entry.get(key, "") for key in ("mean", "deviation", "worst", "threshold", "best broken")]
                rows.append([name, data, entry.get("runs", ""), *figures, entry.get("chance", "")])
    columns = [
        "quantity",
        "data",
        "correct runs",
        "mean",
        "deviation",
        "worst",
        "threshold",
        "best broken",
        "chance at most",
    ]
    return table(columns, rows)


def by_check(f: Findings) -> list[str]:
    rows = []
    for item in f.checks:
        alone = ", ".join(f"`{name}`" for name in f.only_caught_by(item.name))
        rows.append([number(item), title_of(item), len(f.caught_by(item.name)), alone])
    return table(["check", "title", "catches", "only this one catches"], rows)


def every_mistake(f: Findings) -> list[str]:
    rows = []
    for verdict in f.mutants:
        named = f"{told(verdict, verdict.graded)} / {told(verdict, verdict.laptop) if verdict in f.visible else '-'}"
        rows.append(
            [
                f"`{verdict.name}`",
                verdict.case.mutants[0].hint,
                f"{verdict.graded.lost:g}",
                failing(verdict.graded),
                named,
            ]
        )
    return table(["mistake", "hint", "points lost", "checks that fail", "named: graded / laptop"], rows)


def told(verdict: CaseVerdict, trial: Trial) -> str:
    """Whether the mistake's own hint was shown ("yes"), none ("no"), or which others."""
    names = trial.names
    if not names:
        return "no"
    return "yes" if names == {verdict.name} else ", ".join(f"as `{name}`" for name in sorted(names))


def failing(trial: Trial) -> str:
    def numbers(keep: Callable[[str], bool]) -> str:
        return ", ".join(dict.fromkeys(record.number for record in trial.failing.values() if keep(record.status)))

    failed, blocked = numbers(lambda status: status != "blocked"), numbers(lambda status: status == "blocked")
    return f"{failed} ({blocked})" if blocked else failed
