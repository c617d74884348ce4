"""Which recorded answers are out of date: a file that they depend on has changed since they were recorded."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from grader.assignment import KIT
from grader.judging.reference import golden_file
from grader.sandbox import wire

MADE_FROM = "made from"  # the key, in a file of recorded answers, of the hashes of what they depend on
ALSO = re.compile(r"""\balso\(["'](\w+)["']""")
IMPORTED = re.compile(r"\bgrader\.exercises\.(\w+)")


def out_of_date(exercises: Iterable[str], kit: Path = KIT) -> list[str]:
    """A sentence for each exercise whose recorded answers depend on a file that has changed since, or are missing."""
    sentences = []
    for exercise in exercises:
        recorded, now = recorded_hashes(kit / file_name(exercise)), hashes_of(exercise, kit)
        changed = [name for name in sorted({*recorded, *now}) if recorded.get(name) != now.get(name)]
        if not recorded:
            sentences.append(f"{file_name(exercise)} is missing.  {advice(exercise)}")
        elif changed:
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            names = ", ".join(changed[:3]) + more
            sentences.append(
                f"{file_name(exercise)} is out of date, because of changes in {names}.  {advice(exercise)}"
            )
    return sentences


def advice(exercise: str) -> str:
    return f"Run  grader record --only {exercise}"


def file_name(exercise: str) -> str:
    return golden_file(exercise).relative_to(KIT).as_posix()


def recorded_hashes(path: Path) -> dict[str, str]:
    """The hashes of the files that recorded answers depended on, none if there are no recorded answers."""
    return dict(wire.decode(path.read_bytes())[MADE_FROM]) if path.is_file() else {}


def hashes_of(exercise: str, kit: Path = KIT) -> dict[str, str]:
    """A hash of each file that the answers in an exercise's visible checks depend on, by name: the same whatever line ends are."""
    texts = {path.relative_to(kit).as_posix(): path.read_text(encoding="utf-8") for path in sources(exercise, kit)}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}


def sources(exercise: str, kit: Path) -> list[Path]:
    """The files that the answers in an exercise's visible checks depend on.

    They are the checks; the references and mistakes of the exercises that the checks ask; the probes and questions that the
    checks use; and what all exercises share.
    """
    checks = kit / "tests" / f"test_{exercise}.py"
    staff, shared = kit / "grader/staff/exercises", kit / "grader/exercises"
    asked = [exercise, *ALSO.findall(checks.read_text(encoding="utf-8"))]
    paths = [
        checks,
        *(staff / name / file for name in asked for file in ("solution.py", "mutants.toml")),
        *(path for name in {*asked, *exercises_used(checks, shared)} for path in (shared / name).glob("*.py")),
        *shared.glob("*.py"),
        *(kit / "data").glob("*.py"),
    ]
    return [path for path in sorted({*paths}) if path.is_file()]


def exercises_used(checks: Path, shared: Path) -> set[str]:
    """The exercises whose modules a file of checks imports, directly or through others of them."""
    used: set[str] = set()
    waiting = [checks]
    while waiting:
        names = {*IMPORTED.findall(waiting.pop().read_text(encoding="utf-8"))} - used
        used |= names
        waiting += [path for name in names for path in (shared / name).glob("*.py")]
    return used
