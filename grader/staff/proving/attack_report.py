"""Describes the results of attacks: lines for the terminal, and grader/staff/docs/SECURITY.md."""

from collections.abc import Iterable, Sequence

from grader.feedback.words import points_text
from grader.staff.proving.attack_seen import Seen

HEAD = """# What the grader promises against submissions that mean harm

`grader attack` writes this page: don't edit it. The command grades every hostile submission in `grader/staff/attacks/`. It
looks at what a student would see, and at what the submission left behind. After each one it grades an honest submission (the
reference). It tries all of them once more as in a container. The table below is that of the first run.

## In short
"""

PROMISES = """
## What is promised, and which wall keeps it

The header of every run says how it runs. A run that can't keep the promises of its way does not start.

- **jail**: on Linux, as root, where root may make namespaces: a teacher's server, CI. A submission's workers live in
  namespaces of their own. There is Python, the packages of requirements.txt, and the staged files, all read-only, and nothing
  else: no other submission, no staff folder, no home, no other process, no socket of the machine, no folder that others see.
- **container**: on Linux, as root without that right: Gradescope. Workers are an unprivileged user that no other run has.
  Landlock keeps them to Python, the packages and the staged files; where the kernel lacks it, the permissions of files do, which
  are restored at the end. One submission is graded at a time.
- **plain**: a laptop (without root, or not Linux). A crash, an endless loop or a flood ends the question, not the grader. Nothing
  more is promised: there is nothing to steal on a student's laptop. Don't grade strangers' code in a plain run.

| promise | jail | container |
| --- | --- | --- |
| **No points without the code.** | The process that gives points runs nothing of a submission, and takes what a worker sends as data, whose size and form it checks. Inputs are drawn for each submission, and a worker sees one question at a time. What a check is built on is asked first. A record that is made beside the submission (which batches a model saw, which layers a network has) counts only if it leads to the weights or logits that came with it. | the same |
| **NumPy alone** (exercise numpy_mlp) | The file runs in a server that never imported torch. No other package is there. System calls that map executable memory or start programs are refused, and a process can't write to its own code. | the same, but other packages are closed by Landlock, or by nothing: then only the system calls are the wall |
| **Nothing hidden is revealed.** | It is not there. No process that a worker can look into has ever held the reference, the hidden checks, the secret or the run's seed. Visible checks, and what they ask on a student's machine, come first. A hidden check's feedback holds fixed sentences and the hint of a known mistake. | Landlock, or permissions |
| **The grader survives.** | Limits for each process (memory, CPU, clock, descriptors, bytes of a file), for a call (512 MB and 20,000 files and links), and for the run (a control group's memory and processes, if the header says so; 9 minutes by the clock). Answers, texts and results.json are cut. | limits for each process and call; the disk is watched every 0.2 s |
| **The next submission is graded as if nothing had happened.** | All processes of a call are killed, and its file system is thrown away. Time stamps of files and devices can't be set. | All processes of the user are killed, and its files are looked for and removed. Time stamps can't be set. |
| **Nothing of a submission runs in what people open.** | `feedback.html` escapes every text. It loads nothing, and its security policy refuses scripts. Pictures are drawn from bounded plain data and shown as images. | the same, also for pictures on Gradescope |
| **A neighbour is not disturbed.** | Another run is in another jail. | One submission at a time. |
| **No network.** | There is no network device; Unix sockets are the only sockets. | Unix sockets are the only sockets. |
| **The page cache tells nothing.** | mincore, cachestat, preadv2 with flags, fadvise, readahead and sync_file_range are refused. | the same |
| **A teacher's folders stay as they are.** | No permission is changed. | None is changed behind Landlock. Without it they are restored when the last run that needs them closed has ended. |

## What is not promised anywhere

- **That PentagonMLP was trained, in check 6.9.** A network that no step changes, and whose weights hold the area that is most
  often inside, is right on more points than the threshold asks for (80.2 %) in four runs of ten.
- **That each step of a long training was taken**, in 3.11, 7.13, 7.14 and 8.14. The same functions must take exactly the right
  steps on small problems first. The digits that they then learn have other labels, and for fully connected networks other places
  of their pixels, in each run, so that nothing learnt elsewhere fits them.
- **What only a look into the submission's process tells**: how many parameters a network has and whether its logits are random
  (4.1, 5.2), the spread of initial weights (4.5), whether graphs are kept (1.8), whether NumpyMLP's methods leave their arguments
  as they were (8.9 to 8.12). The kit's code looks, but in the worker, where a submission can replace it. All else is judged by
  numbers that only the work gives.
- **That a submission does not use the kit's own code.** `grader/` is on every student's machine. It has a training loop for the
  hidden checks, and counts the parameters of layers. Whoever imports them instead of writing them shows it in the file's text.
- **That a batch has many layouts of memory.** All runs of a batch are copies of one process: torch lies at the same place in each.
  The copies hold nothing of the batch, of the staff or of another submission.
- **Holes in the kernel.** A worker is a process under the same kernel. To be safe from such holes, grade in a virtual machine.
- **Timing.** How long things take tells a submission how fast the machine is and what else runs on it.
- **A few bits for each hidden check.** Students learn whether a hidden check passes, how long it takes, and which of the kit's
  ten sentences it shows. Handing in the same files again tells nothing new, because the inputs are drawn from the files.
- **Memory between calls.** In a container a submission may find a way to carry what it was asked from one of its calls to the
  next. In a jail a call learns how many processes the calls before it have started. This is why visible checks run first.
- **A right answer that is found in another way.** Code that recognises a question and computes its answer from the inputs has
  done what the check asks, even if the assignment meant it differently. Anyone can read such code in the submission. The text
  of numpy_mlp.py is read as a service, to name the line to change: it is no wall.
- **The memory of the whole machine**, without a control group. If many processes together take all memory, the kernel ends
  workers first.
- **What any user may reach in a container**: names and sizes of files, Unix sockets of the machine, and, without Landlock, other
  copies of the staff's folder that every user can read.
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


def report(seen: Sequence[Seen], beside: Sequence[str] = ()) -> str:
    """The text of SECURITY.md.  `beside` has a line on each further run."""
    summary = "\n".join(f"- {line}" for line in [*totals(seen), *beside])
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
