"""Runs checks again and again in servers that stay warm, and keeps what each check said last."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from grader.assignment import CHECKS, read_assignment
from grader.collect import collect_from
from grader.items import new_record, run_check
from grader.judging.exchange import Exchange
from grader.judging.naming import diagnose
from grader.judging.opening import probe_modules
from grader.judging.record import Status
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox.call import Call
from grader.sandbox.client import Asker, Sandbox, Sandboxes
from grader.sandbox.frames import Workers
from grader.sandbox.outcome import Outcome

WAIT_FACTOR = 1  # by the clock, times its CPU seconds: the student waits for it
LONG_S = 10.0  # a call that may take so many CPU seconds has a server of its own


class SavedAgain(KeyboardInterrupt):
    """A file was saved: what runs is out of date.  Checks let it pass, as they do Ctrl-C."""


class Warm(Asker):
    """Two servers: one for short calls, which is always ready, and one for training.

    A call that is interrupted costs its server.  So a save during a training leaves the other
    server warm.
    """

    def __init__(self, sandboxes: Sandboxes[Sandbox]) -> None:
        self.short, self.long = sandboxes
        self.short.begin()

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        sandbox = self.long if call.cpu_s >= LONG_S else self.short
        most = call.cpu_s * WAIT_FACTOR
        try:
            return sandbox.ask_each(folders, replace(call, wall_s=min(call.wall_s or most, most)))
        except KeyboardInterrupt:
            sandbox.restart()
            raise
        finally:
            self.short.begin()  # a persistent server that crashed starts again before it is asked

    def close(self) -> None:
        self.short.close()
        self.long.close()


class Session:
    """The checks of one folder.

    Args:
        folder: has src/ in it.
        workers: how the servers run the student's code.
        is_over: whether what runs is out of date.

    `records` and `exchanges` are the last of each check, by its name, and `troubles` say why some
    could not be checked.  `when_waiting` is called about twice a second while a check runs.
    """

    def __init__(self, folder: Path, workers: Workers, is_over: Callable[[], bool]) -> None:
        self.folder, self.is_over = folder, is_over
        self.when_waiting: Callable[[], None] = lambda: None
        assignment = read_assignment()
        preload = probe_modules(assignment.exercises)
        self.warm = Warm(Sandbox.pair(workers, tick=self.tick, preload=preload))
        try:
            self.checks = {item.name: item for item in collect_from([CHECKS[0]])}
        except BaseException:
            self.warm.close()
            raise
        self.records = {name: new_record(item, assignment) for name, item in self.checks.items()}
        self.exchanges: dict[str, list[Exchange]] = {}
        self.troubles: dict[str, str] = {}

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.warm.close()

    def tick(self, seconds: float = 0.0) -> None:
        """Raise SavedAgain if what runs is out of date."""
        if self.is_over():
            raise SavedAgain
        self.when_waiting()

    def cost(self, name: str) -> float:
        """What a check is expected to take: its last time, more than all others if it trains."""
        return self.records[name].seconds + 1000 * self.trains(name)

    def trains(self, name: str) -> bool:
        return self.checks[name].get_closest_marker("trains") is not None

    def depends_on(self, name: str) -> set[str]:
        """The functions and files that a check is about, or asked last time."""
        asked = [exchange.depends_on for exchange in self.exchanges.get(name, [])]
        return {self.records[name].function}.union(*asked)

    def run(
        self,
        groups: Iterable[list[str]],
        when_run: Callable[[str], None],
        when_named: Callable[[list[str]], None],
    ) -> None:
        """Run groups of checks, the cheapest of each group first.

        `when_run` is told each check that has run, and `when_named` each group once the mistakes
        behind its failures have names.  Raises SavedAgain.
        """
        # Recorded answers count, as on a student's machine: to ask the reference takes too long.
        run = Run(Settings(self.folder, live=False, asks=self.warm, staff_asks=self.warm.long))
        try:
            for group in groups:
                for name in sorted(group, key=self.cost):
                    self.tick()
                    self.run_one(run, name)
                    when_run(name)
                self.name_mistakes(run, group)
                when_named(group)
            self.tick()
            self.name_mistakes(run, self.records)
        finally:
            run.close()

    def run_one(self, run: Run, name: str) -> None:
        started = time.monotonic()
        record, item = new_record(self.checks[name], run.assignment), self.checks[name]
        n_before = len(run.exchanges)
        self.troubles.pop(name, None)
        try:
            run_check(item, run, record)
        except Exception as error:  # the grader's own, as in a whole run
            record.status = Status.ERROR
            self.troubles[name] = str(error) or type(error).__name__
        record.seconds = time.monotonic() - started
        self.records[name], self.exchanges[name] = record, run.exchanges[n_before:]

    def name_mistakes(self, run: Run, names: Iterable[str]) -> None:
        """Put the hints of known mistakes into the records of these checks."""
        records = {name: self.records[name] for name in names}
        if all(record.status != Status.FAILED for record in records.values()):
            return
        exchanges = [one for name in records for one in self.exchanges.get(name, [])]
        found = diagnose(exchanges, records, run.mistakes())
        for name, record in records.items():
            record.hints = tuple(mutant.hint for mutant in found.get(name, ()))
