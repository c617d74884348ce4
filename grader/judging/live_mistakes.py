"""The known mistakes, asked on the staff's machines."""

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from grader.judging.asked import NOTHING, Asked, Effect, asked_of
from grader.judging.exchange import Answer, Exchange, answer_of
from grader.judging.mistakes import Mistake, Mistakes, name_of
from grader.judging.mutants import Mutant, can_be_combined, read_mutants, texts_with
from grader.judging.reference import Golden
from grader.sandbox.client import Asker, SandboxError

# Kinds of problem that no mutant has: to ask them all would only take time.
NO_MISTAKE_GIVES = ("timeout: ", "memory: ", "disk: ", "crash: ", "garbled: ")


class LiveMistakes(Mistakes):
    """Asks the mutants themselves, in the staff's own sandbox, several in one worker.

    Their recorded answers to other inputs (`golden`) make most questions unnecessary: a facet that
    a mutant did not change there, it can't change here.  They are not asked after `ends`.
    """

    def __init__(
        self,
        sandbox: Asker,
        reference: Path,
        folder: Path,
        exercises: tuple[str, ...],
        golden: Golden | None = None,
    ) -> None:
        self.doubts_allowed = 0.5  # two mistakes may do together what neither does alone
        self.sandbox, self.reference, self.folder = sandbox, reference, folder
        self.known = [m for m in read_mutants() if not m.equivalent and m.exercise in exercises]
        golden = golden or Golden()
        self.recorded = {name: entry["answers"] for name, entry in golden.mistakes.items()}
        self.recorded_keys, self.recorded_pairs = set().union(*self.recorded.values()), golden.pairs
        self.ends: float | None = None
        self.spent = 0.0  # CPU seconds
        self.staged: dict[str, Path] = {}
        self.texts: dict[str, str] = {}

    def cpu_seconds(self) -> float:
        return self.spent

    def asked(self, exchange: Exchange) -> Asked:
        expected = exchange.expected
        if expected is None:
            outcome = self.sandbox.ask(self.reference, exchange.call)
            return asked_of(exchange, answer_of(outcome).observation, is_compared=False)
        return asked_of(exchange, expected.observation)

    def effects(self, asked: Asked, mistakes: Sequence[Mistake]) -> list[Effect]:
        if asked.exchange.answer.raised.startswith(NO_MISTAKE_GIVES):
            return [Effect(self.changes_of(asked, mistake), 0) for mistake in mistakes]
        known = asked.known_effects
        unsure = [mistake for mistake in mistakes if mistake not in known and self.changes_of(asked, mistake) != 0]
        for mistake, answer in zip(unsure, self.answers(asked.exchange, unsure), strict=True):
            known[mistake] = asked.effect_of_answer(answer)
        return [known.get(mistake, NOTHING) for mistake in mistakes]

    def changes_of(self, asked: Asked, mistake: Mistake) -> int:
        """The facets that a mistake may change, by what was recorded."""
        changes = 0
        for mutant in mistake:
            expected = self.expected_changes(asked, mutant)
            changes |= asked.everything if expected is None else expected
        return changes

    def expected_changes(self, asked: Asked, mutant: Mutant) -> int | None:
        key = asked.exchange.key
        if mutant.name not in self.recorded or key not in self.recorded_keys:
            return None
        return asked.facets_in(self.recorded[mutant.name].get(key, {}))

    def meetings(self, asked: Sequence[Asked], pair: Mistake) -> list[int]:
        """As recorded; a question without a recording may show anything of a pair that meets."""
        recorded = self.recorded_pairs.get(name_of(pair))
        if recorded is None:
            return []
        keys = [one.exchange.key for one in asked]
        return [
            one.facets_in(recorded.get(key, {})) if key in self.recorded_keys else one.everything
            for one, key in zip(asked, keys, strict=True)
        ]

    def can_combine(self, mistake: Mistake) -> bool:
        return can_be_combined(mistake, self.reference_text)

    def answers_alike(self, exchange: Exchange, mutants: Sequence[Mutant]) -> list[Mutant]:
        answers = self.answers(exchange, [(mutant,) for mutant in mutants])
        return [mutant for mutant, answer in zip(mutants, answers, strict=True) if exchange.is_answered_by(answer)]

    def answers(self, exchange: Exchange, mistakes: Sequence[Mistake]) -> list[Answer]:
        """What these mistakes answer."""
        if not mistakes:
            return []
        if self.ends is not None and time.monotonic() > self.ends:
            raise SandboxError("there is no time left.")
        outcomes = self.sandbox.ask_each(list(map(self.place, mistakes)), exchange.call)
        self.spent += outcomes[0].cpu_s  # one worker answers for all
        return list(map(answer_of, outcomes))

    def reference_text(self, exercise: str) -> str:
        if exercise not in self.texts:
            self.texts[exercise] = (self.reference / "src" / f"{exercise}.py").read_text(encoding="utf-8")
        return self.texts[exercise]

    def place(self, mistake: Mistake) -> Path:
        """The folder where a mistake is staged; done when it is first needed.

        Raises MutantError if the texts of several mutants overlap.
        """
        name = name_of(mistake)
        if name not in self.staged:
            texts = texts_with(mistake, self.reference_text)
            folder = self.folder / name.replace(" ", "")
            shutil.copytree(self.reference, folder, copy_function=os.link)  # a tenth of a copy's time
            for exercise, text in texts.items():
                file = folder / "src" / f"{exercise}.py"
                file.unlink()
                file.write_text(text, encoding="utf-8")
            self.staged[name] = folder
        return self.staged[name]
