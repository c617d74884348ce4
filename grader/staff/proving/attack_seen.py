"""Looks at an attack's points, its feedback, and how much hidden material the feedback holds."""

import base64
import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from grader.assignment import KIT, STAFF, STAFF_EXERCISES
from grader.judging.mutants import read_mutants
from grader.judging.seeds import run_seed
from grader.staff.grading.grade_one import read_secret
from grader.staff.proving.attack_cases import Attack

KIT_SUFFIXES = (".py", ".toml", ".json", ".bin", ".md", ".txt", ".sh")
NOT_THE_KITS = ("__pycache__", "downloads", "attacks", "docs")
LEAST_TELLING = 20  # characters of a line, white space folded, that count as told


@dataclass
class Seen:
    """The result of an attack.

    It has the points, the first sentence of the feedback, how many hidden bytes the feedback holds,
    and what is wrong.
    """

    attack: Attack
    points: float = 0.0
    maximum: float = 0.0
    said: str = ""
    leaked: int = 0
    not_gradable: bool = False
    wrong: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def gained(self) -> float:
        return max(0.0, self.points - self.attack.honest)

    def as_data(self) -> dict[str, Any]:
        named = ("points", "maximum", "said", "leaked", "wrong", "seconds")
        return {"name": self.attack.name, "gained": self.gained, **{name: getattr(self, name) for name in named}}


def judge(attack: Attack, results: dict[str, Any], submission: Path) -> Seen:
    """What is seen in the results, and what of it is wrong."""
    if not results.get("tests"):
        return Seen(attack, wrong=["there are no results"], harmed=["there are no results"])
    tests, details = results["tests"], results["extra_data"]
    seen = Seen(attack, results["score"], sum(test["max_score"] for test in tests))
    feedback = [text for text in (*(test.get("output", "") for test in tests), results.get("output", "")) if text]
    seen.said = re.sub(r"/tmp/\S+/", "", "".join(feedback[:1]).split("\n")[0])
    seen.leaked = told(results, submission)
    seen.not_gradable = bool(details["not gradable"])
    seen.wrong += what_is_wrong(seen, feedback)
    if details["checks"]["error"] or details["checks"]["not run"]:
        seen.harmed.append(f"not judged: {details['checks']}")
    seen.wrong += seen.harmed
    return seen


def what_is_wrong(seen: Seen, feedback: list[str]) -> Iterator[str]:
    attack = seen.attack
    if seen.gained:
        yield f"{seen.gained:g} points gained"
    if seen.leaked:
        yield f"{seen.leaked} bytes told"
    if not (attack.points or 0.0) <= seen.points <= attack.most:
        yield f"{seen.points:g} points, not {attack.points or 0:g}"
    if seen.not_gradable != (attack.points is None):
        yield "not gradable" if seen.not_gradable else "gradable"
    if attack.says and not any(attack.says in text for text in feedback):
        yield f'nothing says "{attack.says}"'


def told(results: dict[str, Any], submission: Path) -> int:
    """How many hidden bytes the results hold.

    Those are lines of hidden material, and whatever an attack says that it has FOUND.
    """
    text = folded(json.dumps(results, ensure_ascii=False).replace("\\n", "\n").replace('\\"', '"'))
    own = folded("\n".join(path.read_text(encoding="utf-8", errors="replace") for path in own_files(submission)))
    found = sum(len(line) for line in material() if line in text and line not in own)
    found += sum(len(word) for word in secrets_of(results["extra_data"].get("submission", "")) if word in text)
    outputs = [results.get("output", ""), *(test.get("output", "") for test in results["tests"])]
    claims = [line for output in outputs for line in output.splitlines() if "FOUND" in line]
    return found + sum(len(line) for line in claims if folded(line) not in own)


def own_files(submission: Path) -> list[Path]:
    """The files whose text a submission may show: its own."""
    return [path for path in submission.glob("src/*.py") if path.is_file() and not path.is_symlink()]


def folded(text: str) -> str:
    return " ".join(text.split())


@cache
def material() -> frozenset[str]:
    """The lines of hidden material that students do not get.

    They come from the reference, hidden checks and their probes, mutants and styles.
    """
    secret = [path.read_text(encoding="utf-8") for path in STAFF_EXERCISES.rglob("*.py")]
    secret += [new for mutant in read_mutants() for _, new in mutant.replacements]
    handed_out = {line for path in kit_files(KIT) if STAFF not in path.parents for line in lines_of(path)}
    titles = {
        folded(title)
        for path in STAFF_EXERCISES.glob("*/test_hidden.py")
        for title in re.findall(r'"""(.*?)"""', path.read_text())
    }
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


def kit_files(kit: Path) -> Iterator[Path]:
    """The files of the kit itself, without attacks and docs.

    Other files that a teacher puts into the kit's folder, such as a log, do not count.
    """
    for name in ("*.py", "*.toml", "*.md", "requirements.txt", "Makefile"):
        yield from (path for path in kit.glob(name) if path.is_file())
    for folder in ("data", "grader", "src", "tests"):
        for path in (kit / folder).rglob("*"):
            names = path.relative_to(kit).parts
            if path.is_file() and path.suffix in KIT_SUFFIXES and not any(name in NOT_THE_KITS for name in names):
                yield path
