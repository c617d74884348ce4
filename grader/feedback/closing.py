"""What a run prints in the terminal at its end: figures, what to fix, and the points."""

import itertools
from collections.abc import Sequence

from grader.feedback.causes import Cause, headline
from grader.feedback.console import Console
from grader.feedback.words import counts_of, details_of, left_out, score_of
from grader.judging.record import Figure, Record

# Without -v:
MAX_LINES = 59  # of a run, with those that pytest prints: what would make it longer is left out
OTHER_LINES = 8  # that pytest prints, and that come after the causes
MIN_DETAILS = 14  # lines of the first cause, whatever there is room for
MIN_CAUSES = 5  # that are told, whatever there is room for
INDENT = "    "


def show_figures(console: Console, figures: Sequence[Figure]) -> None:
    """The measured figures, next to those in the homework texts that the exercises come from."""
    console.section("figures")
    width = max(len(figure.name) for figure in figures)
    console.line(f"{'figure':<{width}} {'here':>12} {'documents':>12}", bold=True)
    for figure in figures:
        documents = "" if figure.documents is None else f"{figure.documents:,.10g}"
        console.line(f"{figure.name:<{width}} {round(figure.value, 2):>12,.10g} {documents:>12}")


def show_causes(console: Console, causes: Sequence[Cause], everything: bool, with_details: bool) -> None:
    """What to fix: each cause once, what it costs, and the details of one of its checks.

    Without `everything`, the first cause has details, and the others as far as there is room.
    """
    console.section("what to fix")
    heads = [console.wrapped(headline(cause), INDENT, f"{i:>2}. ") for i, cause in enumerate(causes, 1)]
    details = [details_in_lines(console, cause, causes[:i]) if with_details else [] for i, cause in enumerate(causes)]
    room = MAX_LINES - OTHER_LINES - console.n_lines
    if not everything:
        details[0] = shortened(console, details[0], max(MIN_DETAILS, room - sum(map(len, heads))))
    room -= console.height(details[0])
    n_shown = len(causes) if everything else n_that_fit(heads, room)
    room -= sum(map(len, heads[:n_shown]))
    left_out = n_shown < len(causes)
    for i in range(n_shown):
        for line in heads[i]:
            console.line(line, red=True)
        height = 0 if i == 0 or everything else console.height(details[i])
        if height > room:
            left_out = True
            continue
        room -= height
        for line in details[i]:
            console.line(line)
    if left_out:
        more = f"{len(causes) - n_shown} more:  " if n_shown < len(causes) else ""
        console.paragraph(f"{more}-v shows all, with all details.")


def n_that_fit(texts: Sequence[Sequence[str]], room: int) -> int:
    """How many of these texts, from the first on, have lines for so much room."""
    totals = itertools.accumulate(map(len, texts))
    return max(sum(total <= room for total in totals), min(MIN_CAUSES, len(texts)))


def details_in_lines(console: Console, cause: Cause, before: Sequence[Cause]) -> list[str]:
    """The check that shows most about a cause, with its details, if none before shows them."""
    check = cause.example
    if any(other.example is check for other in before):
        return console.wrapped(f"For its details see {check.number or check.name} above.", INDENT)
    lines = console.wrapped(f"{check.number} {check.title}", INDENT)
    if not cause.may_show_details:
        return lines
    if cause.is_known_mistake and check.feedback:
        lines += console.wrapped(check.feedback.sentence, INDENT)
    return [*lines, *(f"{INDENT}{line}" for line in details_of(check).splitlines())]


def shortened(console: Console, lines: list[str], room: int) -> list[str]:
    """The first of these lines, as far as there is room for them."""
    heights = itertools.accumulate(console.height([line]) for line in lines)
    n_fit = sum(total <= room for total in heights)
    return lines if n_fit == len(lines) else [*lines[: max(n_fit - 1, 1)], f"{INDENT}...  (-v shows all)"]


def show_total(console: Console, records: Sequence[Record], is_part: bool) -> None:
    """The points and counts of the checks that were selected, and what these leave out."""
    console.section("points")
    kind = "points" if is_part or any(record.hidden for record in records) else "visible points"
    text = f"{score_of(records)} {kind}: {counts_of(records)}.  {left_out(records, is_part)}"
    console.paragraph(text, bold=True)
