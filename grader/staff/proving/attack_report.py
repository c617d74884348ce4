"""Describes the results of attacks: lines for the terminal, and grader/staff/docs/SECURITY.md."""

from collections.abc import Iterable, Sequence

from grader.feedback.words import points_text
from grader.staff.proving.attack_seen import Seen

HEAD = """# What the grader promises against submissions that mean harm

`grader attack` writes this page: don't edit it. The command grades every hostile submission in `grader/staff/attacks/`. It
looks at what a student would see, and at what the submission left behind. After each one it grades an honest submission (the
reference).

## In short
"""

PROMISES = """
## What is promised: on Linux, as root

This is the case in Gradescope's container, in CI and on a teacher's server. The header of every such run says "hardened". A
run that can't keep these promises does not start.

- **No points without the code.** The process that gives points runs nothing of a submission. It does not trust
  what a worker sends: the bytes are data, and are checked. Inputs are drawn for each submission, and a worker sees one
  question at a time. Data sets with labels (MNIST, and the digits of scikit-learn) are public, so a submission can bring
  them along. Therefore accuracy is measured on trained weights, by the staff's own network, and the classes are renumbered
  for each run.
- **Nothing hidden is revealed.** A submission runs as a user that can't read the staff's folder, the history of the kit's files,
  other submissions, or any results. No process that it can look into has ever held the reference, the hidden checks, the
  secret or the seed of the run. Visible checks run first. The feedback of a hidden check contains its title, the hint of a
  known mistake, and fixed sentences of the kit, and nothing else.
- **The grader survives.** There are limits on time, on the memory of a process, and on the number of processes, open files,
  bytes written and files written. After each question, every process that the submission started is ended, and every file
  that it left in a folder open to all users is removed. Whatever fails or is refused costs only the submission's own points.
- **The next submission is graded as if nothing had happened.** So is one that is graded at the same time: the workers of each
  grader have a user of their own.
- **No network.** Unix sockets are the only sockets.

## What is promised elsewhere

On a laptop (without root, or not Linux) a run is "plain". A crash, an endless loop or a flood ends the question, not the
grader. Nothing more is promised. There is nothing to steal on a student's laptop. Don't grade strangers' code in a plain run.

## What is not promised anywhere

- **That PentagonMLP was trained, in check 6.9.** A network that no step changes, and whose weights hold the area that is most
  often inside, is right on more points than the threshold asks for (80.2 %) in four runs of ten.
- **Holes in the kernel.** A worker is a process under the same kernel. To be safe from such holes, grade in a virtual machine.
- **A few bits for each hidden check.** Students learn whether a hidden check passes, how long it takes, and which of the kit's
  ten sentences it shows. Handing in the same files again tells nothing new, because the inputs are drawn from the files.
- **What is public on the machine.** A submission can find out how fast the machine is and what else runs on it (names in
  /proc).
- **Memory between calls.** A submission can carry what it was asked from one of its calls to the next. This is why visible
  checks run first.
- **A right answer that is found in another way.** Code that recognises a question and computes its answer from the inputs has
  done what the check asks, even if the assignment meant it differently. Anyone can read such code in the submission.
- **The memory of the whole machine.** Memory limits count for each process. If many processes together take all memory, the
  kernel ends workers first.
- **Unix sockets of the machine** that every user may use, such as D-Bus. A container for grading has none.
- **Other copies** of the staff's folder that every user of the machine can read.
- **The scheduler of a cluster** (`grader grade --cluster`). Whoever can connect to it can run code on its workers: submissions
  can't, other users of the network or the machine may.
- `--in-process` and `--pdb` run a submission in pytest's own process. They are for debugging one's own code.
"""


def totals(seen: Sequence[Seen]) -> list[str]:
    """The totals of all attacks, in sentences."""
    wrong = [one for one in seen if one.wrong]
    gained, leaked = sum(one.gained for one in seen), sum(one.leaked for one in seen)
    harmed = sum(bool(one.harmed) for one in seen)
    return [
        f"{len(seen)} attacks: {gained:g} points gained, {leaked} bytes of hidden material revealed.",
        f"{harmed} of them harmed the grader, changed the next submission's grade, or left something behind.",
        f"{len(wrong)} had another result than expected.",
    ]


def line_of(seen: Seen) -> str:
    state = f"WRONG: {'; '.join(seen.wrong)}" if seen.wrong else "as expected"
    return f"{seen.attack.name:<32} {points_text(seen.points, seen.maximum):>6}  {seen.seconds:4.1f} s  {state}  ({seen.said[:90]})"


def report(seen: Sequence[Seen], graders: int = 0, disturbed: int = 0) -> str:
    """The text of SECURITY.md.

    `graders` graders tried attacks side by side, and `disturbed` of them were disturbed.
    """
    together = f"{graders} graders side by side, with attacks of every kind on each: {disturbed} disturbed."
    summary = "\n".join(f"- {line}" for line in [*totals(seen), together])
    table = ["| attack | what it does | expected | seen |", "| --- | --- | --- | --- |", *map(row, seen)]
    wrong = [f"- `{one.attack.name}`: {'; '.join(one.wrong)}" for one in seen if one.wrong] or ["- Nothing."]
    return "\n".join(
        [HEAD, summary, "\n## Other results than expected\n", *wrong, PROMISES, "## The attacks\n", *table, ""]
    )


def row(seen: Seen) -> str:
    cells = [f"`{seen.attack.name}`", seen.attack.title, seen.attack.expected, "; ".join(what_was_seen(seen))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def what_was_seen(seen: Seen) -> Iterable[str]:
    yield "not gradable" if seen.not_gradable else f"{points_text(seen.points, seen.maximum)} points"
    if seen.said:
        yield f'"{seen.said[:120]}"'
    yield from seen.wrong
