"""Finds the recorded answers that are older than a file that they depend on."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from grader.assignment import KIT
from grader.judging.reference import golden_file, unpacked

MADE_FROM = "made from"  # the key, in a file of recorded answers, of the hashes of what they depend on
ALSO = re.compile(r"""\balso\(["'](\w+)["']""")
IMPORTED = re.compile(r"\bgrader\.exercises\.(\w+)")


def out_of_date(exercises: Iterable[str], kit: Path = KIT) -> list[str]:
    """A sentence for each of these exercises whose recorded answers are out of date, then advice.

    Empty if all are up to date.
    """
    reasons = {exercise: reason(exercise, kit) for exercise in exercises}
    outdated = [exercise for exercise in reasons if reasons[exercise]]
    advice = [f"Run  grader record --only {' '.join(outdated)}"] if outdated else []
    return [*filter(None, reasons.values()), *advice]


def reason(exercise: str, kit: Path) -> str:
    """Why an exercise's recorded answers are out of date, in a sentence; "" if they are not."""
    recorded, now = recorded_hashes(kit / file_name(exercise)), hashes_of(exercise, kit)
    changed = [name for name in sorted({*recorded, *now}) if recorded.get(name) != now.get(name)]
    if not recorded:
        return f"{file_name(exercise)} is missing."
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return f"{file_name(exercise)} is older than {', '.join(changed[:3])}{more}." if changed else ""


def file_name(exercise: str) -> str:
    return golden_file(exercise).relative_to(KIT).as_posix()


def recorded_hashes(path: Path) -> dict[str, str]:
    """The hashes that a file of recorded answers has, none if there is no such file."""
    return dict(unpacked(path.read_bytes())[MADE_FROM]) if path.is_file() else {}


def hashes_of(exercise: str, kit: Path = KIT) -> dict[str, str]:
    """A hash of each file that the answers in an exercise's visible checks depend on, by name.

    Line endings don't count: git may change them.
    """
    texts = {path.relative_to(kit).as_posix(): path.read_text(encoding="utf-8") for path in sources(exercise, kit)}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}


def sources(exercise: str, kit: Path) -> list[Path]:
    """The files that the answers in an exercise's visible checks depend on.

    They are the checks; the references and mistakes of the exercises that the checks ask; the
    probes and questions that the checks use; and what all exercises share.
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
