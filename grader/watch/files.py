"""The student's files as the watch knows them: what a save changed in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.watch.changes import Name, Source, affected, changed_names, read_source
from grader.watch.saves import Texts


@dataclass(frozen=True)
class Save:
    """What a save changed.

    Attributes:
        news: that in words.
        changed: functions and classes, each with its file's name without ".py".
        affected: these, and what uses them; None stands for everything.
    """

    news: str
    changed: frozenset[Name] = frozenset()
    affected: frozenset[Name] | None = frozenset()

    @property
    def concerns_nothing(self) -> bool:
        return self.affected == frozenset()


@dataclass
class Files:
    """The files of src/ that count: those of the exercises, and those that these import.

    `sources` are their last versions that are Python.  `broken` has a sentence for each file whose
    present version is not.
    """

    exercises: tuple[str, ...]
    texts: Texts = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def take(self, texts: Texts, functions: Iterable[Name]) -> Save:
        """Take in the present texts.

        `functions` are those that checks ask for; a change of any other is one of a helper.
        """
        saved = sorted(name for name in {*texts, *self.texts} if texts.get(name) != self.texts.get(name))
        if not saved:
            return Save(self.still_broken())  # an editor also saves what did not change
        was_broken, self.texts = {*self.broken}, texts
        asked, words, changed, everything = {*functions}, [], set[Name](), False
        for name in saved:
            names = self.take_one(name, texts.get(name))
            if name in self.broken:
                words.append(self.broken[name])
            elif not self.counts(name):
                words.append(f"{name}.py: no exercise imports it")
            elif names == set() and name in was_broken:
                words.append(f"{name}.py: the error is gone, and nothing else changed")
            elif names == set():
                words.append(f"{name}.py: nothing that Python reads changed")
            elif names is None or not {(name, one) for one in names} <= asked:
                everything = True
                changed |= {(name, one) for _, one in asked if (name, one) in asked}
                words.append(f"{name}.py: {what_changed(names)} changed, so all checks run")
            else:
                changed |= {(name, one) for one in names}
                words.append(f"{name}.py: {' and '.join(sorted(names))} changed")
        news = sentences(words)
        return Save(news, frozenset(changed), None if everything else frozenset(affected(self.sources, changed)))

    def still_broken(self) -> str:
        """A sentence for each file that is not Python."""
        return sentences(self.broken.values())

    def take_one(self, name: str, text: str | None) -> set[str] | None:
        """What changed in one file: names, or None for anything else."""
        before = self.sources.get(name)
        self.broken.pop(name, "")
        if text is None:
            self.sources.pop(name, None)
            return None
        try:
            self.sources[name] = read_source(text)
        except SyntaxError as error:
            where = f"line {error.lineno}" if error.lineno else "the file"
            self.broken[name] = f"{name}.py, {where}: {error.msg}"
            return None
        return None if before is None else changed_names(before, self.sources[name])

    def counts(self, name: str) -> bool:
        """Whether a file is an exercise's, or one that another file imports."""
        imported = {file for source in self.sources.values() for file, _ in source.imported.values()}
        return name in self.exercises or name in imported


def sentences(words: Iterable[str]) -> str:
    text = ".  ".join(words)
    return f"{text}." if text else ""


def what_changed(names: set[str] | None) -> str:
    return "an import or a constant" if names is None else ", ".join(sorted(names))
