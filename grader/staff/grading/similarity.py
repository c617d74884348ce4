"""Finds the most similar pairs of submissions, in a process with limits of its own.

python -m grader.staff.grading.similarity

It reads texts from standard input and writes pairs to standard output, both as JSON: pygments
takes a hostile text apart, which may take long.
"""

import io
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from grader.assignment import KIT, GraderError
from grader.intake.files import exercise_file
from grader.sandbox import hardening

LIMIT_S = 600
MAX_MEMORY = 4 * 2**30  # bytes
MAX_TEXT = 200_000  # characters of a file that is compared
KGRAM, WINDOW = 25, 10  # tokens that must be the same, and how densely they are sampled
MOST_PAIRS = 20
CANDIDATES = 100  # pairs that are measured exactly
LEAST_SHARE = 0.3  # of both files, for a pair that is listed


class SimilarityError(GraderError):
    """The submissions could not be compared; the text says why."""


@dataclass(frozen=True)
class Pair:
    """Two submissions, and the share of each one's code that is in the other, from 0 to 1."""

    exercise: str
    first: str
    second: str
    share_of_first: float
    share_of_second: float


def similar_pairs(texts: Mapping[str, Mapping[str, str]]) -> list[Pair]:
    """The most similar pairs among the texts of each exercise, by submission.

    Raises SimilarityError if they could not be compared in time.
    """
    stubs = {exercise: (KIT / exercise_file(exercise)).read_text(encoding="utf-8") for exercise in texts}
    command = [sys.executable, "-m", "grader.staff.grading.similarity"]
    asked = json.dumps({"texts": texts, "stubs": stubs})
    try:
        process = subprocess.run(
            command, cwd=KIT, input=asked, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=True
        )
        return [Pair(**pair) for pair in json.loads(process.stdout)]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise SimilarityError(f"The submissions could not be compared: {error}") from None


def main() -> None:
    asked = json.load(sys.stdin)
    pairs = [
        pair
        for exercise, texts in asked["texts"].items()
        for pair in pairs_of(exercise, texts, asked["stubs"][exercise])
    ]
    pairs.sort(key=lambda pair: -min(pair.share_of_first, pair.share_of_second))
    json.dump([asdict(pair) for pair in pairs[:MOST_PAIRS]], sys.stdout)


def pairs_of(exercise: str, texts: Mapping[str, str], stub: str) -> Iterator[Pair]:
    """The pairs that share most of their code, apart from what the stub has."""
    from copydetect import CodeFingerprint, compare_files  # imports matplotlib

    def prints_of(name: str, text: str, known: object = None) -> CodeFingerprint:
        return CodeFingerprint(f"{name}.py", KGRAM, WINDOW, known, language="python", fp=io.StringIO(text[:MAX_TEXT]))

    known = sorted(CodeFingerprint("stub.py", KGRAM, 1, language="python", fp=io.StringIO(stub)).hashes)
    prints = {name: prints_of(name, text, known) for name, text in texts.items()}
    prints = {name: found for name, found in prints.items() if found.hashes}

    def shared(pair: tuple[str, str]) -> float:
        first, second = (prints[name].hashes for name in pair)
        return len(first & second) / max(len(first), len(second))

    for a, b in sorted(itertools.combinations(sorted(prints), 2), key=shared, reverse=True)[:CANDIDATES]:
        _, shares, _ = compare_files(prints[a], prints[b])
        if min(shares) >= LEAST_SHARE:
            yield Pair(exercise, a, b, round(float(shares[0]), 3), round(float(shares[1]), 3))


if __name__ == "__main__":
    hardening.limit_own_process(MAX_MEMORY)
    main()
