"""Chooses the fewest mistakes that together explain the facets that are wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from grader.judging.mistakes import Mistake

MOST_SUSPECTS = 40  # so that all sets of three can be tried
MOST_AT_ONCE = 3
MOST_CHOSEN = 9


@dataclass(frozen=True)
class Suspect:
    """A mistake, or several at once, and the facets (as bits) that they change and explain.

    `changes`: those that differ from the reference's. `gives`: the wrong ones that the submission
    has too.
    """

    mistake: Mistake
    changes: int
    gives: int

    def explains_as(self, other: "Suspect", right: int) -> bool:
        """Whether nothing that was compared tells the two apart."""
        alone = len(self.mistake) == len(other.mistake) == 1
        return alone and self.gives == other.gives and self.changes & right == other.changes & right


def union(masks: Iterable[int]) -> int:
    """All bits that are set in one of the masks."""
    bits = 0
    for mask in masks:
        bits |= mask
    return bits


def covered_by(suspects: Iterable[Suspect]) -> int:
    return union(suspect.gives for suspect in suspects)


def best_cover(suspects: Sequence[Suspect], wrong: int, right: int) -> list[Suspect]:
    """The suspects that explain the most facets; of those the fewest; of those the first.

    A suspect that changes a facet which is right is ruled out, unless another one of the set
    changes it too and so may hide it.  If three are not enough, more are chosen for what is left.
    """
    chosen: list[Suspect] = []
    while len(chosen) < MOST_CHOSEN:
        group = best_group(suspects, wrong & ~covered_by(chosen), right)
        if not group:
            break
        chosen += group
    return chosen


def best_group(suspects: Sequence[Suspect], wrong: int, right: int) -> tuple[Suspect, ...]:
    """At most three suspects; see best_cover."""
    useful = [suspect for suspect in suspects if suspect.gives & wrong]
    useful = without_twins(useful, wrong, right)[:MOST_SUSPECTS]
    best: tuple[Suspect, ...] = ()
    best_score = (0, 0, 0)
    for size in range(1, MOST_AT_ONCE + 1):
        for group in combinations(useful, size):
            score = score_of(group, wrong)
            if score > best_score and is_possible(group, right):
                best, best_score = group, score
        if best_score[0] == wrong.bit_count():
            break
    return best


def without_twins(suspects: Sequence[Suspect], wrong: int, right: int) -> list[Suspect]:
    """The suspects without those that explain and spoil the same as an earlier one."""
    first: dict[tuple[int, int, int], Suspect] = {}
    for suspect in suspects:
        first.setdefault((suspect.gives & wrong, suspect.changes & right, len(suspect.mistake)), suspect)
    return list(first.values())


def score_of(group: Sequence[Suspect], wrong: int) -> tuple[int, int, int]:
    """More facets; then fewer mistakes; then fewer wrong facets with values that are not theirs."""
    covered = covered_by(group) & wrong
    members = {mutant for suspect in group for mutant in suspect.mistake}
    if len(members) > MOST_AT_ONCE:
        return (0, 0, 0)
    otherwise = union(suspect.changes for suspect in group) & wrong & ~covered
    return covered.bit_count(), -len(members), -otherwise.bit_count()


def is_possible(group: Sequence[Suspect], right: int) -> bool:
    """Whether no suspect changes a facet that is right, except if another one changes it too."""
    for one in group:
        spoiled = one.changes & right
        if spoiled and spoiled & ~union(other.changes for other in group if other is not one):
            return False
    return True
