"""Which mistakes may together explain the facets that are wrong.  Facets are bits of a mask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from grader.judging.mutants import Mutant

MOST_AT_ONCE = 3
MOST_SUSPECTS = 60  # so that all sets of three can be tried


@dataclass(frozen=True)
class Suspect:
    """A mistake and the facets that it changes and explains.

    `changes`: those that differ from the reference's. `gives`: the wrong ones that the submission
    has too. `raises`: all facets of the answers in whose place it raises an exception.
    """

    mutant: Mutant
    changes: int
    gives: int
    raises: int = 0


Group = tuple[Suspect, ...]
Meetings = Mapping[tuple[Mutant, Mutant], int]  # the facets that two mistakes, in order, change only together


def union(masks: Iterable[int]) -> int:
    """All bits that are set in one of the masks."""
    bits = 0
    for mask in masks:
        bits |= mask
    return bits


def changed_together(group: Group, meetings: Meetings) -> int:
    """The facets that more than one of a group changes: only asking tells what they give.

    An exception hides what the others change, but two may raise another one together.
    """
    seen = several = 0
    for suspect in group:
        several |= seen & suspect.changes
        seen |= suspect.changes
    several &= ~union(suspect.raises for suspect in group)
    pairs = combinations([suspect.mutant for suspect in group], 2)
    return several | union(meetings.get(pair, 0) for pair in pairs)


def is_established(suspect: Suspect, group: Group) -> bool:
    """Whether a suspect gives a wrong facet that no other one of the group changes."""
    return bool(suspect.gives & ~union(other.changes for other in group if other is not suspect))


class Doubts(NamedTuple):
    """How many facets speak against a group, and of how many nobody knows.

    Wrong facets that it does not give and right ones that it changes speak against it.
    """

    against: int
    unknown: int


def doubts(group: Group, meetings: Meetings, wrong: int, right: int) -> Doubts:
    """What speaks against a group, as far as its members tell alone."""
    several = changed_together(group, meetings)
    alone = union(suspect.changes for suspect in group) & ~several
    given = union(suspect.gives for suspect in group) & alone
    against = (alone & right).bit_count() + (wrong & ~given & ~several).bit_count()
    return Doubts(against, (several & wrong).bit_count())


def groups_by_doubts(
    suspects: Sequence[Suspect], size: int, meetings: Meetings, wrong: int, right: int, most: int
) -> list[Group]:
    """The groups of this size with at most this many facets against them: likely ones first."""
    groups = combinations(suspects, size)
    doubtful = [(doubts(group, meetings, wrong, right), group) for group in groups]
    left = [(2 * found.against + found.unknown, group) for found, group in doubtful if found.against <= most]
    return [group for _, group in sorted(left, key=lambda entry: entry[0])]


def best_part(suspects: Sequence[Suspect], wrong: int, right: int) -> Group:
    """The suspects that explain the most if nothing explains all; empty if none explains enough.

    What a suspect alone changes to another value than the submission's counts against it.
    """
    chosen: Group = ()
    left = wrong
    while True:
        useful = without_twins([one for one in suspects if one.gives & left], left, right)[:MOST_SUSPECTS]
        groups = [group for size in range(1, MOST_AT_ONCE + 1) for group in combinations(useful, size)]
        best = max(groups, key=lambda group: part_score(group, left, right), default=())
        if not best or part_score(best, left, right)[0] <= 0:
            return tuple(suspect for suspect in chosen if is_established(suspect, chosen))
        chosen += best
        left &= ~union(suspect.gives for suspect in best)


def part_score(group: Group, wrong: int, right: int) -> tuple[int, int]:
    """How many more facets a group explains than contradicts; then fewer mistakes are better."""
    alone = union(suspect.changes for suspect in group) & ~changed_together(group, {})
    given = union(suspect.gives for suspect in group) & wrong
    if alone & right:
        return (0, 0)
    contradicted = alone & wrong & ~given
    return 2 * given.bit_count() - contradicted.bit_count(), -len(group)


def without_twins(suspects: Sequence[Suspect], wrong: int, right: int) -> list[Suspect]:
    """The suspects without those that explain and spoil the same as an earlier one."""
    first: dict[tuple[int, int], Suspect] = {}
    for suspect in suspects:
        first.setdefault((suspect.gives & wrong, suspect.changes & (wrong | right)), suspect)
    return list(first.values())
