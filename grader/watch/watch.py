"""Decides what runs after each save, and tells the screen."""

from grader.assignment import GraderError, read_assignment
from grader.items import exercises_of
from grader.judging.record import Status
from grader.watch.files import Files, Save
from grader.watch.saves import Saves
from grader.watch.screen import Screen
from grader.watch.session import SavedAgain, Session
from grader.watch.view import View, place_of


class Watch:
    """Runs everything once, then what each save concerns."""

    def __init__(self, session: Session, saves: Saves, screen: Screen) -> None:
        self.session, self.saves, self.screen = session, saves, screen
        self.files = Files(read_assignment().exercises)
        self.functions = {place_of(record) for record in session.records.values()}
        self.left = {*session.checks}  # the checks that are out of date
        self.view = View(session.records)
        session.when_waiting = lambda: self.screen.progress(self.view)

    def keep_on(self) -> None:
        """Go on until Ctrl-C."""
        self.files.take(self.saves.texts(), self.functions)
        self.show(Save(self.files.still_broken()))
        while True:
            self.run()
            self.saves.wait()
            save = self.files.take(self.saves.texts(), self.functions)
            if save.news:
                self.note(save)
                self.show(save)

    def note(self, save: Save) -> None:
        """Remember which checks are out of date."""
        if save.affected is None:
            self.left = {*self.session.checks}
        names = {name for _, name in save.affected or ()}
        for name, record in self.session.records.items():
            if place_of(record) in (save.affected or ()) or not names.isdisjoint(self.session.depends_on(name)):
                self.left.add(name)

    def show(self, save: Save) -> None:
        changed = save.changed & self.functions
        focus = changed | self.view.focus if self.view.running or not changed else changed
        style = "bold red" if self.files.broken else "bold cyan"
        before = {name: record for name, record in self.session.records.items() if record.status != Status.NOT_RUN}
        self.view = View(self.session.records, before, frozenset(focus), save.news, style)
        self.view.running = frozenset(self.ready)
        self.screen.news(self.view)

    @property
    def ready(self) -> list[str]:
        """The checks that are out of date, and whose files are Python."""
        broken = self.files.broken.keys()
        return [
            name for name, item in self.session.checks.items() if name in self.left and not exercises_of(item) & broken
        ]

    def groups(self) -> list[list[str]]:
        """What to run: checks of the changed functions first, and trainings last."""
        groups: dict[str, list[str]] = {"": []}
        trainings = []
        for name in self.ready:
            record = self.session.records[name]
            if self.session.trains(name):
                trainings.append(name)
            else:
                groups.setdefault("" if place_of(record) in self.view.focus else record.exercise, []).append(name)
        return [group for group in (*groups.values(), trainings) if group]

    def run(self) -> None:
        """Run what is out of date, until a save changes that."""
        groups = self.groups()
        if not groups:
            return
        try:
            self.session.run(groups, self.when_run, self.when_named)
        except SavedAgain:
            return
        except GraderError as error:
            self.view.news = str(error)
            self.screen.news(self.view)
            return
        self.view.took, self.view.troubles = self.view.seconds, dict(self.session.troubles)
        self.screen.end(self.view)

    def when_run(self, name: str) -> None:
        self.left.discard(name)
        self.view.running = frozenset(self.ready)
        self.screen.progress(self.view)

    def when_named(self, group: list[str]) -> None:
        self.screen.verdict(self.view, group)
