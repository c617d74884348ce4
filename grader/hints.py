"""Names the known mistakes behind the failed checks of a run.

A visible check names the same mistakes when graded as on a student's machine.  So the submission
is asked the student's questions as well, and what was recorded for these is looked up.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

import pytest

from grader.items import is_check, new_record, run_check
from grader.judging.exchange import Exchange
from grader.judging.mistakes import Mistakes
from grader.judging.mutants import Mutant
from grader.judging.naming import diagnose, is_failed
from grader.judging.record import Record
from grader.judging.recorded_mistakes import RecordedMistakes
from grader.judging.reference import read_golden
from grader.judging.run import Run
from grader.judging.seeds import LAPTOP_SEED
from grader.sandbox.client import SandboxError

Named = dict[str, tuple[Mutant, ...]]


class Hints:
    """The known mistakes behind the failed checks of one run.

    Args:
        run: what asks the checks' questions.
        checks: those that run.
        records: how each check ended, by its name.
    """

    def __init__(self, run: Run, checks: Sequence[pytest.Item], records: Mapping[str, Record]) -> None:
        self.run, self.checks, self.records = run, checks, records
        self.is_graded = run.settings.live and not run.settings.recording
        self.asked_again = False
        self.exchanges: list[Exchange] = []  # of visible checks, on a student's machine
        self.there: dict[str, Record] = {}  # how they ended there

    def ask_again(self) -> None:
        """Ask the questions that visible checks ask on a student's machine, if that was not done.

        Call it before a hidden check runs: what a submission learns from one must not reach what
        its student reads.  Whatever goes wrong costs hints and no points, and so does the time.
        """
        if self.asked_again or not self.is_graded:
            return
        self.asked_again, started = True, time.monotonic()
        visible = {name: record for name, record in self.records.items() if not record.hidden}
        exchanges = [one for one in self.run.exchanges if one.check in visible]
        if self.run.seed == LAPTOP_SEED:
            self.exchanges, self.there = exchanges, visible
            return
        concerned = set[str]().union(*(one.depends_on for one in exchanges if is_failed(one, visible)))
        names = {one.check for one in exchanges if one.function in concerned}
        if not names:
            return
        try:
            again = self.run.on_a_laptop()
        except SandboxError:
            return  # there is no recording: said when mistakes are named
        for item in self.checks:
            if isinstance(item, pytest.Function) and is_check(item) and item.name in names:
                self.run_there(item, again)
        self.exchanges = again.exchanges
        self.run.do_not_count(time.monotonic() - started)

    def run_there(self, item: pytest.Function, again: Run) -> None:
        """Run a check as on a student's machine; leave it out if it can't be run there.

        One that trains for long is taken as it was: no known mistake is asked its questions.
        """
        if item.get_closest_marker("trains") is not None:
            again.exchanges += [one for one in self.run.exchanges if one.check == item.name]
            self.there[item.name] = self.records[item.name]
            return
        with suppress(Exception, pytest.fail.Exception, pytest.skip.Exception):
            record = new_record(item, again.assignment)
            run_check(item, again, record)
            record.pictures = []  # nobody looks at them
            self.there[item.name] = record

    def named(self, mistakes: Mistakes | None = None) -> Named:
        """The known mistakes behind each failed check, by the check's name; a check may have none.

        They are looked for among `mistakes`, or among the run's own if that is None.  Raises
        SandboxError if these can't be asked, MutantError if one can't be made.
        """
        if not any(is_failed(one, self.records) for one in self.run.exchanges):
            return {}
        self.ask_again()
        named = self.named_there() if self.is_graded else {}
        others = [name for name in self.records if name not in named]
        first = {mutant.name for mutants in named.values() for mutant in mutants}
        named |= diagnose(self.run.exchanges, self.records, mistakes or self.run.mistakes(), others, first)
        return {check: mutants for check, mutants in named.items() if mutants}

    def named_there(self) -> Named:
        """What a student's machine names, for the checks that fail there and here."""
        named = diagnose(self.exchanges, self.there, RecordedMistakes(read_golden()))
        fails_there = {one.check for one in self.exchanges if is_failed(one, self.there)}
        fails_here = {one.check for one in self.run.exchanges if is_failed(one, self.records)}
        return {check: named.get(check, ()) for check in fails_there & fails_here}
