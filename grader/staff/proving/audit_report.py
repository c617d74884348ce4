"""The audit's findings in words: a summary for the terminal, and grader/staff/docs/AUDIT.md."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from grader.assignment import KIT, STAFF_EXERCISES
from grader.items import title_of
from grader.judging.thresholds import Thresholds
from grader.staff.grading.trial import Trial, number
from grader.staff.proving.audit_findings import Findings, misplaced
from grader.staff.proving.cases import Case
from grader.staff.proving.threads import MARGIN

HEAD = """# What the checks catch, and how sure they are

Written by `grader audit`: don't edit it. The audit runs every known mistake (a *mutant*: the reference with one thing wrong) and every
correct *style* through all checks, as a graded submission and, with the visible checks alone, as on a student's machine.
Checks that train for long run on the mistakes that they must catch, and on the styles that have their exercise's file.
"""


def summary(findings: Findings) -> str:
    """A line for each total, and the names behind whatever is wrong."""
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
    """What makes the audit fail, a sentence each."""
    for case in f.survivors:
        yield f"survives: {case.name}"
    for case in f.misplaced:
        yield f"misplaced: {case.name} fails {', '.join(sorted(misplaced(case)))}"
    for case in f.not_caught:
        yield f"not caught by the check that it names: {case.name} passes {', '.join(sorted(f.missing_claims(case)))}"
    for case in f.wrong_hints:
        yield f"wrong hint: {case.name} is taken for {', '.join(sorted(f.wrongly_named(case)))}"
    if f.tolerance_used * MARGIN > 1:
        yield f"a second thread uses {f.tolerance_used:.2f} of an exact check's tolerance; at most {1 / MARGIN:g} may be used"
    for case in f.short:
        lost = ", ".join(f"{record.number} ({record.output})" for record in case.graded.failing.values())
        yield f"correct, but loses {case.graded.lost:g} points: {case.name} in {lost}"


def notes(f: Findings) -> Iterable[str]:
    """What is worth knowing and fails nothing."""
    unnamed = [case.name for case in f.mutants if not case.graded.named]
    if unnamed:
        yield f"not named: {', '.join(unnamed)}"
    unnamed = [case.name for case in f.visible if not case.laptop.named and case.graded.named]
    if unnamed:
        yield f"named only when graded: {', '.join(unnamed)}"
    if f.idle and f.whole:
        yield f"checks that catch nothing: {', '.join(f'{number(item)} ({item.name})' for item in f.idle)}"


def markdown(f: Findings) -> str:
    """The whole of AUDIT.md: what a teacher wants to know first, every single mistake last."""
    found = [f"- {problem}" for problem in problems(f)] or ["- Nothing is wrong."]
    parts = [
        HEAD,
        "## In short\n",
        *in_short(f),
        "\n## What is wrong\n",
        *found,
        "\n## By function\n",
        *by_function(f),
        "\n## Thresholds\n",
        "Accuracies and statistics have a threshold between correct and broken runs (`grader calibrate`). The last column bounds the chance "
        "that a correct solution fails: both of two independent runs beyond the threshold (the square of the 95 % Clopper-Pearson bound).\n",
        *threshold_rows(),
        "\n## By check\n",
        "How many mistakes each check catches, and those that no other check catches.\n",
        *by_check(f),
        "\n## Every mistake\n",
        "Points lost; the checks that failed, and in brackets those that wait for another function to be right; whether the hint was told in a "
        "graded run and on a student's machine.\n",
        *every_mistake(f),
        "\n## The same mistake in other words\n",
        "A mistake that no check can tell from another is given the other's hint.\n",
        *(f"- `{mutant.name}`: `{mutant.same_as}`" for case in f.mutants for mutant in case.mutants if mutant.same_as),
        "\n## Changes that nobody can observe\n",
        *(f"- `{case.name}`: {case.mutants[0].equivalent}" for case in f.equivalents),
        "\n## Styles\n",
        *(f"- `{case.name}`: {case.graded.earned:g} of {case.graded.most:g} points" for case in f.styles),
        "",
    ]
    return "\n".join(parts)


def in_short(f: Findings) -> list[str]:
    alone = [item for item in f.checks if f.only_caught_by(item.name)]
    return [
        f"- {len(f.mutants)} known mistakes; {len(f.mutants) - len(f.survivors)} lose points, each only in checks that depend on its function "
        f"({len(f.misplaced)} exceptions).",
        f"- {share(f.named, f.mutants)} are named by their own hint in a graded run. {len(f.wrong_hints)} are given a wrong hint, "
        f"{len(f.pairs)} pairs of two mistakes in different functions included.",
        f"- {len(f.visible)} fail a visible check; of those, {share(f.named_on_laptop, f.visible)} are named on the student's own machine.",
        f"- {len(f.styles)} correct solutions in other styles and {len(f.equivalents)} changes that nobody can observe: "
        f"{len(f.short)} lose points.",
        f"- Answers on one and on two threads differ by at most {f.tolerance_used:.3f} of the tolerance of exact checks.",
        f"- {len(f.checks)} checks; {len(alone)} catch something that no other check catches; {len(f.idle)} catch none of these mistakes.",
    ]


def table(columns: list[str], rows: Iterable[Iterable[object]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *([str(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]


def by_function(f: Findings) -> list[str]:
    rows = []
    for function in dict.fromkeys(case.mutants[0].function for case in f.mutants):
        own = [case for case in f.mutants if case.mutants[0].function == function]
        lost = [case.graded.lost for case in own]
        visible = [case for case in own if case in f.visible]
        rows.append(
            [
                f"`{function}`",
                len(own),
                sum(points > 0 for points in lost),
                f"{min(lost):g} to {max(lost):g}",
                sum(case in f.named for case in own),
                f"{sum(case in f.named_on_laptop for case in own)} of {len(visible)}",
            ]
        )
    columns = [
        "function",
        "mistakes",
        "caught",
        "points lost",
        "named when graded",
        "named on a laptop, of those that a visible check catches",
    ]
    return table(columns, rows)


def threshold_files() -> list[Path]:
    """The files of measured thresholds, of visible and of hidden checks."""
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
    return table(["check", "title", "catches", "alone"], rows)


def every_mistake(f: Findings) -> list[str]:
    rows = []
    for case in f.mutants:
        named = f"{told(case, case.graded)} / {told(case, case.laptop) if case in f.visible else '-'}"
        rows.append([f"`{case.name}`", case.mutants[0].hint, f"{case.graded.lost:g}", failing(case.graded), named])
    return table(["mistake", "hint", "lost", "fails", "named: graded / laptop"], rows)


def told(case: Case, trial: Trial) -> str:
    """Whether the hint was told, or which other."""
    names = {mutant.name for mutant in trial.named.values()}
    if not names:
        return "no"
    return "yes" if names == {case.name} else ", ".join(f"as `{name}`" for name in sorted(names))


def failing(trial: Trial) -> str:
    def numbers(keep: Callable[[str], bool]) -> str:
        return ", ".join(dict.fromkeys(record.number for record in trial.failing.values() if keep(record.status)))

    failed, blocked = numbers(lambda status: status != "blocked"), numbers(lambda status: status == "blocked")
    return f"{failed} ({blocked})" if blocked else failed
