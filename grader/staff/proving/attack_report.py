"""What was seen of the attacks in words: lines for the terminal, and grader/staff/docs/SECURITY.md."""

from collections.abc import Iterable, Sequence

from grader.feedback.terminal import points_text
from grader.staff.proving.attack_seen import Seen

HEAD = """# What the grader promises against submissions that mean harm

Written by `grader attack`: don't edit it. It grades every hostile submission in `grader/staff/attacks/`, looks at what a student would see of
it, at what it left behind, and grades an honest submission (the reference) after each.

## In short
"""

PROMISES = """
## What is promised: on Linux, as root

Gradescope's containers, CI and a teacher's server are such. The header of every run says "hardened", and a run that can't keep this does not start.

- **No point without the code.** Points are given by a process that runs nothing of a submission's. It believes a worker's answer no more than any
  other bytes, and asks with inputs drawn for this submission, of which the worker sees one question at a time. Data with labels (digits that
  scikit-learn ships, MNIST) are public, and a submission may bring them along; so accuracy is measured on trained weights, by the staff's own
  network, and on classes that were renamed for the run.
- **Nothing hidden is told.** The staff's folder, the history of the kit's files, other submissions and all results are closed to the user that a
  submission runs as. No process that it can look into has held the reference, the hidden checks, the secret or the run's seed. Visible checks run
  first; a hidden one says its title, the hint of a known mistake, and sentences of the kit's own.
- **The grader lives.** Time, memory of a process, processes, descriptors, written bytes and files are limited; what a submission starts is ended,
  what it leaves in folders that are open to all is removed, after each question. All that fails or is refused costs the submission's own points alone.
- **The next one is graded as if nothing had been.** So is one that is graded at the same time: every grader's workers have a user of their own.
- **No network**: no socket of any family but Unix ones.

## What is promised elsewhere

On a laptop (no root, or no Linux) a run is "plain": a crash, a loop or a flood ends the question, not the grader, and nothing more is promised.
A student's laptop holds nothing to steal. Don't grade strangers' code in a plain run.

## What is not promised anywhere

- **The kernel's own holes.** A worker is a process under the same kernel; against those, grade in a virtual machine.
- **Timing, and a word a check.** Whether a hidden check passes, and which of the kit's ten sentences a failed one says, tell a few bits about its
  question; grading again tells no more, since the inputs follow from the files. A submission can find out how fast the machine is and what else
  runs on it (names in /proc). It can carry what it was asked from one call of its own to the next, which is why visible checks run first.
- **A right answer found in another way.** Code that recognises a question and works its answer out from the inputs has done what the check asks,
  if not as the assignment means it. Such code stands in the submission for anyone to read.
- **The machine's memory as a whole.** Limits of memory count for each process; if many together take all there is, the kernel ends workers first.
- **Services of the machine on Unix sockets** that every user may use, such as D-Bus: a container for grading has none.
- **Other copies** of the staff's folder that every user of the machine may read.
- `--in-process` and `--pdb` run a submission in pytest's own process: they are for debugging one's own code.
"""


def totals(seen: Sequence[Seen]) -> list[str]:
    """The figures that must all be as they are expected."""
    wrong = [one for one in seen if one.wrong]
    gained, leaked = sum(one.gained for one in seen), sum(one.leaked for one in seen)
    harmed = sum(bool(one.harmed) for one in seen)
    return [
        f"{len(seen)} attacks: {gained:g} points gained, {leaked} bytes of hidden material told.",
        f"After {harmed} of them the grader, the next submission's grade or something left behind was not as it should be.",
        f"{len(wrong)} went otherwise than expected.",
    ]


def line_of(seen: Seen) -> str:
    state = f"WRONG: {'; '.join(seen.wrong)}" if seen.wrong else "as expected"
    return f"{seen.attack.name:<32} {points_text(seen.points, seen.maximum):>6}  {seen.seconds:4.1f} s  {state}  ({seen.said[:90]})"


def report(seen: Sequence[Seen], graders: int = 0, disturbed: int = 0) -> str:
    """The text of SECURITY.md; `graders` tried attacks side by side, of which so many were `disturbed`."""
    together = f"{graders} graders side by side, with attacks of every kind on each: {disturbed} disturbed."
    summary = "\n".join(f"- {line}" for line in [*totals(seen), together])
    table = ["| attack | what it does | expected | seen |", "| --- | --- | --- | --- |", *map(row, seen)]
    wrong = [f"- `{one.attack.name}`: {'; '.join(one.wrong)}" for one in seen if one.wrong] or ["- Nothing."]
    return "\n".join(
        [HEAD, summary, "\n## What went otherwise than expected\n", *wrong, PROMISES, "## The attacks\n", *table, ""]
    )


def row(seen: Seen) -> str:
    cells = [f"`{seen.attack.name}`", seen.attack.title, seen.attack.expected, "; ".join(what_was_seen(seen))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def what_was_seen(seen: Seen) -> Iterable[str]:
    yield "not gradable" if seen.not_gradable else f"{points_text(seen.points, seen.maximum)} points"
    if seen.said:
        yield f'"{seen.said[:120]}"'
    yield from seen.wrong
