"""`grader record`: records what the reference and the known mistakes answer in visible checks.

Students' machines have neither. tests/golden/ has a file for each exercise: the answers in its
checks (also of other exercises' mistakes that show in them), and a hash of every file that the
answers depend on.
"""

import argparse
import copy
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import GraderError, checked_exercises, visible_checks
from grader.judging.asked import RAISED, Asked
from grader.judging.compare import compare
from grader.judging.exchange import Exchange
from grader.judging.facets import fingerprint
from grader.judging.live_mistakes import LiveMistakes
from grader.judging.mistakes import TOGETHER, name_of
from grader.judging.mutants import Mutant, can_be_combined
from grader.judging.record import Record
from grader.judging.reference import GOLDEN, Golden, RecordingReference, golden_file, packed, read_solution, unpacked
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.plugin import Grading, run_checks
from grader.staff.release.outdated import MADE_FROM, file_name, hashes_of, out_of_date
from grader.staff.release.solution import write_solution

HELP = (
    "Runs the visible checks on the reference and on every known mistake, and writes what they answered to "
    "tests/golden/NAME.bin for each exercise NAME.  Takes some minutes for all exercises.  Exit status: 0, or with --check "
    "1 if what is recorded is out of date."
)
EXAMPLE = "grader record --only run_model"
MAX_BYTES = 3_000_000  # of all files together, since every student downloads them
N_LIKELY = 40  # mistakes of each function that are also recorded in pairs
RTOL = 2e-3  # float noise between machines
Answers = dict[str, dict[str, Any]]  # by key, then by the name of the mistake


class RecordError(GraderError):
    """Nothing could be recorded; the text says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="NAME", help="only the answers in checks of these exercises"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; say whether what is recorded is out of date"
    )


def main(options: argparse.Namespace) -> int:
    exercises = chosen(options.only)
    return check_recorded(exercises) if options.check else record_again(exercises)


def record_again(exercises: Sequence[str]) -> int:
    """Record the answers in the checks of these exercises. Say which others are out of date."""
    write(record(exercises))
    for sentence in out_of_date(checked_exercises()):
        print(sentence)
    return 0


def check_recorded(exercises: Sequence[str]) -> int:
    """Whether recording again would give the same answers; 0 if it would, 1 if not."""
    outdated = out_of_date(exercises) or differences(record(exercises))
    for sentence in outdated or [f"Up to date: {', '.join(map(file_name, exercises))}."]:
        print(sentence)
    return 1 if outdated else 0


def chosen(only: Sequence[str]) -> list[str]:
    """The exercises to record.  Raises RecordError for a name that no exercise has."""
    exercises = checked_exercises()
    for name in only:
        if name not in exercises:
            raise RecordError(f"There is no exercise {name!r}; there are {', '.join(exercises)}.")
    return list(dict.fromkeys(only)) or exercises


# Recording


def record(exercises: Sequence[str]) -> dict[str, bytes]:
    """The content of each exercise's file.

    Raises RecordError if the reference does not pass all visible checks.
    """
    keeper = Keeper()
    with tempfile.TemporaryDirectory(prefix="grader-record-") as temporary:
        settings = Settings(write_solution(Path(temporary)), recording=True)
        status = run_checks(settings, map(visible_checks, exercises), "-q", plugins=[keeper])
    if keeper.stopped:
        raise KeyboardInterrupt
    if status != pytest.ExitCode.OK:
        raise RecordError("The reference does not pass all visible checks (see above). Fix that first.")
    return {exercise: encode(exercise, keeper.recordings[exercise]) for exercise in exercises}


def encode(exercise: str, recording: Golden) -> bytes:
    return packed({MADE_FROM: hashes_of(exercise), **vars(recording)})


class Keeper:
    """Takes what was observed out of a run before the run ends."""

    def __init__(self) -> None:
        self.recordings: dict[str, Golden] = {}
        self.stopped = False

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.stopped = excinfo.type is KeyboardInterrupt  # not pytest's own kind, for files that can't be imported

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus != pytest.ExitCode.OK:
            return
        grading = session.config.pluginmanager.get_plugin("grading")
        assert isinstance(grading, Grading)
        try:
            self.recordings = recordings_of(grading.run, grading.records.values())
        except BaseException:  # Ctrl-C too: the plugin's own hook, which closes the run, is not called then
            grading.run.close()
            raise


def recordings_of(run: Run, records: Iterable[Record]) -> dict[str, Golden]:
    """What a run observed, by the exercise of the check."""
    assert isinstance(run.reference, RecordingReference)
    mistakes = run.mistakes()
    assert isinstance(mistakes, LiveMistakes)
    names: dict[str, set[str]] = {}
    for record in records:
        names.setdefault(record.exercise, set()).add(record.name)
    questions = [exchange for exchange in run.exchanges if not exchange.only_here]
    references = {one.key: reference_facets(mistakes.asked(one)) for one in questions if one.expected is None}
    answers = ask_mistakes(run, mistakes, questions)
    return {
        exercise: Golden(
            of_checks(run.reference.observations, checks),
            of_checks(references, checks),
            mistakes_in(exercise, of_checks(answers, checks), mistakes.known),
            pairs_in(of_checks(answers, checks)),
        )
        for exercise, checks in names.items()
    }


def reference_facets(asked: Asked) -> list[Any]:
    """The path and the fingerprint of each facet of the reference's answer."""
    values = zip(asked.paths, asked.expected, strict=True)
    return [[list(path), fingerprint(value, asked.exchange.rtol)] for path, value in values]


def of_checks(by_key: Mapping[str, Any], checks: set[str]) -> dict[str, Any]:
    """The entries whose keys begin with the name of one of these checks."""
    return {key: value for key, value in by_key.items() if key.rsplit(":", 2)[0] in checks}


def mistakes_in(exercise: str, answers: Answers, known: Sequence[Mutant]) -> dict[str, dict[str, Any]]:
    """The mistakes of an exercise, and others that show in its checks, with their answers there."""
    found, likely = {}, likely_ones(known)
    for mutant in known:
        own = {key: answers[key][mutant.name] for key in sorted(answers) if mutant.name in answers[key]}
        if own or mutant.exercise == exercise:
            found[mutant.name] = {
                "exercise": mutant.exercise,
                "hint": mutant.hint,
                "caught_by": sorted(mutant.failing_checks),
                "in_pairs": mutant in likely,
                "overlaps": overlapping(mutant, known) if mutant.exercise == exercise else [],
                "answers": own,
            }
    return found


def overlapping(mutant: Mutant, known: Iterable[Mutant]) -> list[str]:
    """The later mistakes in the same function that can't be made together with this one."""
    others = [one for one in known if one.function == mutant.function]
    later = others[others.index(mutant) + 1 :]
    return [one.name for one in later if not can_be_combined((mutant, one), read_solution)]


def pairs_in(answers: Answers) -> dict[str, dict[str, Any]]:
    """The answers of pairs of mistakes, by the pair's name and then by key."""
    found: dict[str, dict[str, Any]] = {}
    for key in sorted(answers):
        for name, answer in answers[key].items():
            if TOGETHER in name:
                found.setdefault(name, {})[key] = answer
    return found


def ask_mistakes(run: Run, mistakes: LiveMistakes, questions: list[Exchange]) -> Answers:
    """What each known mistake and each pair answer, if it is not the reference's answer."""
    twin = copy.copy(mistakes)
    twin.sandbox = run.sandbox  # only the reference has run there
    twin.staged, twin.folder = {}, mistakes.folder.with_name("mutants-of-twin")
    found: Answers = {exchange.key: {} for exchange in questions}
    with ThreadPoolExecutor(2) as pool:
        for ask in (ask_singles, ask_pairs):
            list(pool.map(ask, [mistakes, twin], [questions[::2], questions[1::2]], [found, found]))
    return found


def ask_singles(mistakes: LiveMistakes, questions: list[Exchange], found: Answers) -> None:
    """Add what each mistake changes in the answers to these questions, by its name."""
    for exchange in questions:
        asked = mistakes.asked(exchange)
        alone = [(mutant,) for mutant in mistakes.known if exchange.may_show(mutant)]
        for mistake, answer in zip(alone, mistakes.answers(exchange, alone), strict=True):
            if recording := asked.recording_of(answer):
                found[exchange.key][name_of(mistake)] = recording


def ask_pairs(mistakes: LiveMistakes, questions: list[Exchange], found: Answers) -> None:
    """Add what two likely mistakes of a function change only together.

    They are asked if one of them changes the answer.
    """
    likely = likely_ones(mistakes.known)
    for exchange in questions:
        asked, answers = mistakes.asked(exchange), found[exchange.key]
        shown = [mutant for mutant in likely if exchange.may_show(mutant)]
        pairs = [pair for pair in combinations(shown, 2) if pair[0].function == pair[1].function]
        pairs = [pair for pair in pairs if any(mutant.name in answers for mutant in pair)]
        pairs = [pair for pair in pairs if mistakes.can_combine(pair)]
        for pair, answer in zip(pairs, mistakes.answers(exchange, pairs), strict=True):
            singles = [answers.get(mutant.name, {}) for mutant in pair]
            if new := what_is_new(asked, asked.recording_of(answer), singles):
                answers[name_of(pair)] = new


def likely_ones(mutants: Iterable[Mutant]) -> list[Mutant]:
    """The first mistakes of each function: the files have simple and likely ones first."""
    by_function: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_function.setdefault(mutant.function, []).append(mutant)
    return [mutant for of_function in by_function.values() for mutant in of_function[:N_LIKELY]]


def what_is_new(asked: Asked, answer: Mapping[str, Any], singles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What two mistakes change together, as far as it is not what one of them changes alone."""
    if RAISED in answer:
        return {} if answer in singles else dict(answer)
    new = {i: value for i, value in answer.items() if not any(is_alike(value, i, one, asked) for one in singles)}
    hidden = set.intersection(*(set(one) for one in singles)) - answer.keys() - {RAISED}
    return new | dict.fromkeys(sorted(hidden), None)


def is_alike(value: Any, facet: str, single: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a single mistake gives this value of a facet too."""
    return facet in single and asked.is_same(int(facet), single[facet], value, are_fingerprints=True)


# Files


def write(contents: Mapping[str, bytes]) -> None:
    """Write the files, and remove those of exercises that are gone.

    Raises RecordError if all files together would be too large.
    """
    exercises = checked_exercises()
    files = {path.stem: path for path in GOLDEN.glob("*.bin")}
    others = [path for exercise, path in files.items() if exercise in exercises and exercise not in contents]
    total = sum(map(len, contents.values())) + sum(path.stat().st_size for path in others)
    if total > MAX_BYTES:
        raise RecordError(f"tests/golden/ would take {total} bytes, and may take {MAX_BYTES}: use smaller inputs.")
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for exercise, content in contents.items():
        golden_file(exercise).write_bytes(content)
        print(f"Wrote {file_name(exercise)} ({len(content)} bytes).")
    for exercise in files.keys() - set(exercises):
        files[exercise].unlink()


def differences(contents: Mapping[str, bytes]) -> list[str]:
    """A sentence for each file that holds other answers than these, apart from float noise."""
    sentences = []
    for exercise, content in contents.items():
        found = compare(unpacked(golden_file(exercise).read_bytes()), unpacked(content), rtol=RTOL)
        if found is not None:
            sentences.append(f"{file_name(exercise)} is out of date: run  grader record.  {found.sentence}")
    return sentences
