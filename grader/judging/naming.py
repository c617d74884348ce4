"""Names the known mistakes behind failed checks."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from grader.judging.diagnosis import Diagnosis
from grader.judging.exchange import BUILT_ON, Exchange, Verdict
from grader.judging.mistakes import Mistakes
from grader.judging.mutants import Mutant
from grader.judging.record import Record, Status


def diagnose(
    exchanges: Iterable[Exchange],
    records: Mapping[str, Record],
    mistakes: Mistakes,
    checks: Collection[str] | None = None,
    first: Collection[str] = (),
) -> dict[str, tuple[Mutant, ...]]:
    """The known mistakes behind each failed check, by the check's name; a check may have none.

    A mistake is told for a check only if it gives a wrong value, or the exception, that the
    submission gave there.

    Args:
        exchanges: what all checks asked the submission.
        records: how each check ended, by its name.
        mistakes: the known mistakes.
        checks: the names of those to find mistakes for; all if None.
        first: the names of mistakes that are tried together before others.
    """
    judged = [one for one in exchanges if one.check in records]
    failed = [one for one in judged if is_failed(one, records) and (checks is None or one.check in checks)]
    found = diagnoses_of(failed, judged, records, mistakes, first)
    hints: dict[str, list[Mutant]] = {}
    for exchange in failed:
        told = hints.setdefault(exchange.check, [])
        number = records[exchange.check].number
        told += [mutant for mutant in told_for(exchange, number, found) if mutant not in told]
    return {check: tuple(told) for check, told in hints.items() if told}


def diagnoses_of(
    failed: Sequence[Exchange],
    judged: Sequence[Exchange],
    records: Mapping[str, Record],
    mistakes: Mistakes,
    first: Collection[str],
) -> dict[str, Diagnosis]:
    """The diagnoses of the functions that failed exchanges depend on, from all that was judged.

    A function that others call comes before them: what is found in it may explain them too.
    """
    found: dict[str, Diagnosis] = {}
    wrong = {one.function for one in judged if is_failed(one, records)}
    wrong &= set[str]().union(*(one.depends_on for one in failed))
    for function in sorted(wrong, key=lambda name: name in BUILT_ON):
        own = [one for one in judged if one.function == function and not one.only_here]
        relevant = [mistakes.asked(one) for one in own if one.verdict == Verdict.AGREED or is_failed(one, records)]
        below = [mutant for name in BUILT_ON.get(function, ()) if name in found for mutant in found[name].told]
        found[function] = Diagnosis(function, relevant, below, mistakes, first)
        found[function].settle_ties([one for one in own if one.verdict == Verdict.OPEN])
    return found


def is_failed(exchange: Exchange, records: Mapping[str, Record]) -> bool:
    record = records.get(exchange.check)
    return exchange.verdict == Verdict.FAILED and record is not None and record.status == Status.FAILED


def told_for(exchange: Exchange, number: str, found: Mapping[str, Diagnosis]) -> list[Mutant]:
    """The mistakes to tell for a failed exchange.

    Nobody asks the mutants an expensive question.  There a mistake is told if it is known to fail
    this check, or if it explains the same exception, or the same key of an observation, elsewhere.
    """
    if not exchange.only_here:
        return found[exchange.function].explaining(exchange)
    related = [found[name] for name in sorted(exchange.depends_on & found.keys())]
    alike = [mutant for one in related for mutant in one.explaining_alike(exchange)]
    if alike or exchange.answer.raised:
        return alike
    return [mutant for one in related for mutant in one.told if number in mutant.failing_checks]
