"""Limits on the memory and the processes of a whole run: a control group (cgroups(7)).

Version 1 has a tree of groups for each kind of limit, version 2 one tree.  Where neither can be
used, limits of each process must do.
"""

import os
from contextlib import suppress
from pathlib import Path

MEMORY_BYTES = 4 * 2**30  # of a whole run's workers and their files
PROCESSES = 128
LIMITS = {
    "memory": {"memory.limit_in_bytes": MEMORY_BYTES},
    "pids": {"pids.max": PROCESSES},
}
LIMITS_2 = {"memory.max": MEMORY_BYTES, "pids.max": PROCESSES}


def make_groups(name: str) -> list[Path]:
    """Make groups of this name; an empty list if this process may not, or the system can't.

    They may be there already: another server of the same run has made them, or one that was killed.
    """
    made: list[Path] = []
    try:
        for folder, limits in places():
            group = folder / name
            group.mkdir(exist_ok=True)
            made.append(group)
            for file, value in limits.items():
                (group / file).write_text(str(value), encoding="ascii")
    except (OSError, LookupError, ValueError):  # no tree is mounted, or not the part with this process
        remove_groups(made)
        return []
    return made


def places() -> list[tuple[Path, dict[str, int]]]:
    """The folders in which this process may make groups, each with the limits to set there."""
    own = own_groups()
    trees = {tuple(options): (Path(root), Path(place)) for root, place, options in mounted_trees()}
    if all(any(kind in options for options in trees) for kind in LIMITS):
        found = []
        for kind, limits in LIMITS.items():
            root, place = next(tree for options, tree in trees.items() if kind in options)
            found.append((place / Path(own[kind]).relative_to(root), limits))
        return found
    root, place = trees[("cgroup2",)]
    group = place / Path(own[""]).relative_to(root)
    return [(group if group == place else group.parent, LIMITS_2)]  # a group with processes may have no groups in it


def own_groups() -> dict[str, str]:
    """This process's group in each tree, by the tree's kinds of limits; version 2's by ""."""
    lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    entries = [line.split(":", 2) for line in lines]
    return {kind: group for _, kinds, group in entries for kind in kinds.split(",")}


def mounted_trees() -> list[tuple[str, str, list[str]]]:
    """The mounted trees of groups: the group that is mounted, where, and its kinds of limits."""
    trees = []
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        root, place = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup2":
            trees.append((root, place, ["cgroup2"]))
        elif kind == "cgroup":
            trees.append((root, place, options.split(",")))
    return trees


def join(groups: list[Path]) -> None:
    """Move this process, and what it starts from now on, into groups."""
    for group in groups:
        (group / "cgroup.procs").write_text("0", encoding="ascii")


def remove_groups(groups: list[Path]) -> None:
    """Remove groups, except those in which another server of the same run still is."""
    for group in groups:
        with suppress(OSError):
            os.rmdir(group)  # noqa: PTH106  its files are the kernel's
