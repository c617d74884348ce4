"""Try every attack in grader/staff/attacks/ on the grader: nothing may be gained, nothing told, and the next one graded as if nothing had been.

An attack is a file NAME.py.  Its docstring says in its first line what it tries, then, a line each:

    on: run_model                   the exercise that it stands in (the default), or `package`: a zip or folder of its own making
    base: stub                      what its code is put behind: the stub (the default), the reference, or a mutant's name
    where: after                    ... or before
    checks: test_evaluate_dtypes    the checks that it is graded by, as pytest's -k takes them
    honest: 0                       what the base earns in these checks without the attack (the default)
    cpu: 1                          the budget of a call, for what never ends
    expected: 0 points, "words"     what it must earn, and words that its feedback must hold; "not gradable" in place of points

A package's file has a function ``make(path, files)`` that writes the submission at `path`, and returns it; `files` are the base's.

All are graded by one process, one after the other, through the same two servers: more than any submission meets, since `grader grade` starts servers
for each.
"""

import ast
import base64
import contextlib
import hashlib
import importlib.util
import io
import json
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from grader import boundary
from grader.assignment import KIT, read_assignment
from grader.hardening import files_of
from grader.launch import Lease
from grader.mutants import read_mutants
from grader.outcome import Outcome
from grader.plugin import run_checks
from grader.reference import SOLUTION, STAFF
from grader.run import Settings, run_seed
from grader.sandbox import Call, Sandbox
from grader.staff.grade_one import read_secret

ATTACKS = STAFF / "attacks"
CHECKS = "test_evaluate_even_batches or test_evaluate_dtypes"  # a visible and a hidden one
CANARY = "test_evaluate_even_batches"
DEFAULTS = {"on": "run_model", "base": "stub", "where": "after", "checks": CHECKS, "honest": "0", "cpu": "60"}
EXPECTED = re.compile(r'(?:(?P<points>[\d.]+) points?|not gradable)(?:, "(?P<words>.*)")?')
LEAST_TELLING = 20  # characters of a line, white space folded, that count as told


class AttackError(ValueError):
    """An attack that is not written as it should be."""


@dataclass(frozen=True)
class Attack:
    """A hostile submission and what is expected of it; `points` is None where it can't be graded at all."""

    name: str
    title: str
    on: str
    base: str
    where: str
    checks: str
    honest: float
    cpu_s: float
    expected: str
    points: float | None
    words: str
    text: str

    def make(self, folder: Path) -> Path:
        """Write the submission into a new folder; its path."""
        path, files = folder / self.name, base_files(self.base)
        if self.on == "package":
            made: Path = load(ATTACKS / f"{self.name}.py").make(path, files)
            return made
        order = [self.text, files[self.on]] if self.where == "before" else [files[self.on], self.text]
        return write_files(path, files | {self.on: "\n\n".join(order)})


@dataclass
class Seen:
    """What became of an attack: its points, the first sentence of its feedback, how many hidden bytes that holds, and what is wrong."""

    attack: Attack
    points: float = 0.0
    maximum: float = 0.0
    said: str = ""
    leaked: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def gained(self) -> float:
        return max(0.0, self.points - self.attack.honest)


def read_attacks(only: Sequence[str] = ()) -> list[Attack]:
    """Every attack, in the order of names; with `only`, those whose names begin with one of these."""
    paths = [path for path in sorted(ATTACKS.glob("*.py")) if not path.name.startswith("_")]
    return [read_attack(path) for path in paths if not only or path.stem.startswith(tuple(only))]


def read_attack(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    title, *lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    given = dict(line.split(": ", 1) for line in lines if line.strip())
    unknown = sorted(given.keys() - DEFAULTS.keys() - {"expected"})
    expected = EXPECTED.fullmatch(given.get("expected", ""))
    if unknown or not expected:
        raise AttackError(f"{path.name}: unknown {unknown}" if unknown else f"{path.name} does not say what is expected.")
    said = {**DEFAULTS, **given}
    points = None if expected["points"] is None else float(expected["points"])
    return Attack(
        name=path.stem,
        title=title,
        on=said["on"],
        base=said["base"],
        where=said["where"],
        checks=said["checks"],
        honest=float(said["honest"]),
        cpu_s=float(said["cpu"]),
        expected=said["expected"],
        points=points,
        words=expected["words"] or "",
        text=text,
    )


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def base_files(base: str) -> dict[str, str]:
    """The texts of the exercises that an attack is put into: the stubs, the reference, or the reference with a known mistake."""
    folder = KIT / "src" if base == "stub" else SOLUTION
    files = {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in read_assignment().exercises}
    if base not in ("stub", "reference"):
        mutant = next(mutant for mutant in read_mutants() if mutant.name == base)
        files[mutant.exercise] = mutant.apply(files[mutant.exercise])
    return files


def write_files(path: Path, files: dict[str, str]) -> Path:
    (path / "src").mkdir(parents=True)
    for name, text in files.items():
        (path / "src" / f"{name}.py").write_text(text, encoding="utf-8")
    return path


# Grading


class KeptSandbox(Sandbox):
    """A sandbox that serves one run after the other, and gives what a submission may ask no more than `most_s` of time."""

    most_s = 60.0

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        return super().ask_each(folders, replace(call, cpu_s=min(call.cpu_s, self.most_s)))

    def close(self) -> None:
        """Not yet: the next run goes on with it."""

    def end(self) -> None:
        super().close()


class Front:
    """The grader's front, with its two servers kept from one submission to the next, and so their user."""

    def __init__(self) -> None:
        self.lease = boundary.lease_user()
        self.sandboxes: list[Any] = list(KeptSandbox.pair(True, self.lease))

    def grade(self, submission: Path, checks: str, most_s: float = 60.0) -> dict[str, Any]:
        """A submission's results.json from these checks, {} where there is none.  What the grader says is in log.txt beside the submission."""
        self.sandboxes[0].most_s = most_s
        results, log = submission.with_suffix(".json"), io.StringIO()
        again = Lease(self.lease.user, os.dup(self.lease.lock))
        with contextlib.ExitStack() as changed:
            changed.enter_context(mock.patch.object(Sandbox, "pair", lambda *arguments: self.sandboxes))
            changed.enter_context(mock.patch.object(boundary, "lease_user", lambda: again))
            changed.enter_context(contextlib.redirect_stdout(log))
            settings = Settings(submission, secret=read_secret())
            run_checks(settings, (KIT / "tests", STAFF / "hidden"), f"--results={results}", "-k", checks, "-q")
        submission.with_name("log.txt").write_text(log.getvalue(), encoding="utf-8")
        return dict(json.loads(results.read_text(encoding="utf-8"))) if results.is_file() else {}

    def left_behind(self) -> list[str]:
        """Processes and files that still belong to the workers' user."""
        files = [f"it left {path}" for path in files_of(self.lease.user)]
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):  # it has just ended
                if f"\nUid:\t{self.lease.user}\t" in status.read_text():
                    files.append(f"it left process {status.parent.name}")
        return files

    def close(self) -> None:
        for sandbox in self.sandboxes:
            sandbox.end()
        self.lease.end()


def try_attack(front: Front, attack: Attack, folder: Path, canary: "Canary") -> Seen:
    """Grade the attack, look for what it left, and grade the canary."""
    started = time.monotonic()
    submission = attack.make(folder)
    results = front.grade(submission, attack.checks, attack.cpu_s)
    seen = judge(attack, results, submission)
    seen.wrong += [*front.left_behind(), *canary.harmed(front)]
    seen.seconds = time.monotonic() - started
    return seen


def judge(attack: Attack, results: dict[str, Any], submission: Path) -> Seen:
    """What is seen in the results, and what of it is wrong."""
    if not results.get("tests"):
        return Seen(attack, wrong=["there are no results"])
    tests, details = results["tests"], results["extra_data"]
    seen = Seen(attack, results["score"], sum(test["max_score"] for test in tests))
    outputs = [results.get("output", ""), *(test.get("output", "") for test in tests)]
    feedback = [text for text in outputs if text]
    seen.said = (next((test["output"] for test in tests if test.get("output")), "") or results.get("output", "")).split("\n")[0]
    seen.leaked = told(results, submission)
    if seen.points != (attack.points or 0.0):
        seen.wrong.append(f"{seen.points:g} points, not the {attack.points or 0:g} expected")
    if seen.gained:
        seen.wrong.append(f"{seen.gained:g} points gained")
    if seen.leaked:
        seen.wrong.append(f"{seen.leaked} bytes told")
    if bool(details.get("not gradable")) != (attack.points is None):
        seen.wrong.append(f"not gradable: {details.get('not gradable') or 'it is'}")
    if attack.words and not any(attack.words in text for text in feedback):
        seen.wrong.append(f'nothing says "{attack.words}"')
    if details["checks"]["error"] or details["checks"]["not run"]:
        seen.wrong.append(f"not judged: {details['checks']}")
    return seen


class Canary:
    """The reference, graded before all and after each attack: nothing may change."""

    def __init__(self, front: Front, folder: Path) -> None:
        self.submission = write_files(folder / "canary", base_files("reference"))
        self.kit = digest_of_kit()
        self.before = self.grade(front)

    def grade(self, front: Front) -> list[Any]:
        results = front.grade(self.submission, CANARY)
        return [[test["name"], test["score"], test.get("output")] for test in results.get("tests", [])]

    def harmed(self, front: Front) -> list[str]:
        wrong = [] if self.grade(front) == self.before else ["the next submission is graded otherwise"]
        return wrong + ([] if digest_of_kit() == self.kit else ["the kit's files have changed"])


def digest_of_kit() -> str:
    """A hash of the kit's files."""
    digest = hashlib.sha256()
    for path in sorted(kit_files(KIT)):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def kit_files(folder: Path) -> Iterator[Path]:
    passed_over = ("__pycache__", "build", "attacks", "docs")
    for path in folder.iterdir():
        if path.name.startswith((".", "secret.key")) or path.name in passed_over or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from kit_files(path)
        elif path.is_file():
            yield path


# What must not be told


def told(results: dict[str, Any], submission: Path) -> int:
    """How many hidden bytes the results hold: lines of hidden material, or whatever an attack says that it has FOUND."""
    text = folded(json.dumps(results, ensure_ascii=False).replace("\\n", "\n").replace('\\"', '"'))
    own = folded("\n".join(path.read_text(encoding="utf-8", errors="replace") for path in own_files(submission)))
    found = sum(len(line) for line in material() if line in text and line not in own)
    found += sum(len(word) for word in secrets_of(results["extra_data"].get("submission", "")) if word in text)
    outputs = [results.get("output", ""), *(test.get("output", "") for test in results["tests"])]
    claims = [line for output in outputs for line in output.splitlines() if "FOUND" in line]
    return found + sum(len(line) for line in claims if folded(line) not in own)


def own_files(submission: Path) -> list[Path]:
    """What a submission may well tell: its own text."""
    return [path for path in submission.glob("src/*.py") if path.is_file() and not path.is_symlink()]


def folded(text: str) -> str:
    return " ".join(text.split())


@cache
def material() -> frozenset[str]:
    """The lines of hidden material that are not handed out: the reference's, hidden checks' and probes', mutants', styles'."""
    secret = [path.read_text(encoding="utf-8") for folder in ("solution", "hidden", "styles") for path in (STAFF / folder).rglob("*.py")]
    secret += [new for mutant in read_mutants() for _, new in mutant.replacements]
    handed_out = {line for path in kit_files(KIT) if STAFF not in path.parents for line in lines_of(path)}
    titles = {folded(title) for path in (STAFF / "hidden").glob("*.py") for title in re.findall(r'"""(.*?)"""', path.read_text())}
    lines = {folded(line) for text in secret for line in text.splitlines()}
    return frozenset(line for line in lines - handed_out - titles if len(line) >= LEAST_TELLING)


def lines_of(path: Path) -> set[str]:
    with contextlib.suppress(UnicodeDecodeError):
        return {folded(line) for line in path.read_text(encoding="utf-8").splitlines()}
    return set()


def secrets_of(digest: str) -> Iterable[str]:
    """The staff's secret and the run's seed, as they could be written down."""
    secret = read_secret()
    for key in (secret, run_seed(secret, digest)):
        yield from (key.hex(), base64.b64encode(key).decode(), str(int.from_bytes(key, "big")), repr(key)[2:-1])


# All of them


def try_all(attacks: Sequence[Attack], say: Any = print) -> list[Seen]:
    """Try the attacks in turn."""
    seen, front = [], Front()
    with tempfile.TemporaryDirectory(prefix="grader-attacks-") as temporary:
        try:
            canary = Canary(front, Path(temporary))
            for attack in attacks:
                seen.append(try_attack(front, attack, Path(temporary), canary))
                say(line_of(seen[-1]))
        finally:
            front.close()
    return seen


def line_of(seen: Seen) -> str:
    state = "; ".join(seen.wrong) or "as expected"
    return f"{seen.attack.name:<28} {seen.points:g}/{seen.maximum:g} {seen.seconds:5.1f} s  {state}  | {seen.said[:100]}"


def main(only: tuple[str, ...], target: Path | None) -> int:
    seen = try_all(read_attacks(only))
    return 1 if any(one.wrong for one in seen) else 0


if __name__ == "__main__":
    import sys

    sys.exit(main(tuple(sys.argv[1:]), None))
