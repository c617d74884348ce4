"""Names the known mistakes behind the failed checks of a run.

A visible check names the same mistakes when graded as on a student's machine.  So the submission
is asked the student's questions as well, and what was recorded for these is looked up.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress

import pytest

from grader.items import new_record, run_check
from grader.judging.exchange import Exchange
from grader.judging.mistakes import Mistakes
from grader.judging.mutants import Mutant
from grader.judging.naming import diagnose, is_failed
from grader.judging.record import Record, Status
from grader.judging.recorded_mistakes import RecordedMistakes
from grader.judging.reference import read_golden
from grader.judging.run import Run
from grader.judging.seeds import LAPTOP_SEED
from grader.sandbox.client import SandboxError

Named = dict[str, tuple[Mutant, ...]]


def name_mistakes(
    run: Run, checks: Iterable[pytest.Function], records: Mapping[str, Record], mistakes: Mistakes | None = None
) -> Named:
    """The known mistakes behind each failed check, by the check's name; a check may have none.

    Args:
        run: what has asked the checks' questions.
        checks: those that have run.
        records: how each check ended, by its name.
        mistakes: the known mistakes; the run's own if None.

    Raises SandboxError if the known mistakes can't be asked, MutantError if one can't be made.
    """
    if all(record.status != Status.FAILED for record in records.values()):
        return {}
    mistakes = mistakes or run.mistakes()
    if not run.settings.live or run.settings.recording:
        return diagnose(run.exchanges, records, mistakes)
    named = named_on_a_laptop(run, checks, records)
    others = [name for name in records if name not in named]
    first = {mutant.name for mutants in named.values() for mutant in mutants}
    named |= diagnose(run.exchanges, records, mistakes, others, first)
    return {check: mutants for check, mutants in named.items() if mutants}


def named_on_a_laptop(run: Run, checks: Iterable[pytest.Function], records: Mapping[str, Record]) -> Named:
    """What a student's machine names for the failed checks of a graded run that fail there too."""
    visible = {name: record for name, record in records.items() if not record.hidden}
    exchanges = [one for one in run.exchanges if one.check in visible]
    failed = [one for one in exchanges if is_failed(one, visible)]
    if not failed:
        return {}
    if run.seed != LAPTOP_SEED:
        concerned = set[str]().union(*(one.depends_on for one in failed))
        names = {one.check for one in exchanges if one.function in concerned}
        exchanges, visible = asked_on_a_laptop(run, [item for item in checks if item.name in names], visible)
    named = diagnose(exchanges, visible, RecordedMistakes(read_golden(run.exercises)))
    fails_there = {one.check for one in exchanges if is_failed(one, visible)}
    return {one.check: named.get(one.check, ()) for one in failed if one.check in fails_there}


def asked_on_a_laptop(
    run: Run, checks: Iterable[pytest.Function], records: Mapping[str, Record]
) -> tuple[list[Exchange], dict[str, Record]]:
    """The exchanges and records of these checks on a student's machine.

    A check that trains for long is not repeated: nobody asks the known mistakes its questions.  One
    that can't be repeated is left out: it has no recording, or a fixture of its own.
    """
    again, there = run.on_a_laptop(), {}
    for item in checks:
        if item.get_closest_marker("trains") is not None:
            again.exchanges += [one for one in run.exchanges if one.check == item.name]
            there[item.name] = records[item.name]
            continue
        record = new_record(item, run.assignment)
        with suppress(SandboxError, TypeError):
            run_check(item, again, record)
            there[item.name] = record
    return again.exchanges, there
