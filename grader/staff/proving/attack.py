"""`grader attack`: try every attack on the grader.

No attack may gain, reveal or leave behind anything, and the next submission must get the same grade
as without the attack. One process grades all of them, one after the other, through the same two
servers and as the same user. That is harder than real grading: `grader grade` starts a process and
servers for each submission.
"""

import argparse
import contextlib
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.assignment import CHECKS, KIT, STAFF, GraderError, read_assignment
from grader.intake.files import write_files
from grader.judging.opening import probe_modules
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.sandbox import boundary
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox
from grader.sandbox.lease import lease_user
from grader.sandbox.leftovers import files_of, processes_of
from grader.sandbox.outcome import Outcome
from grader.staff.grading.grade_one import read_secret
from grader.staff.proving.attack_cases import Attack, base_files, read_attacks
from grader.staff.proving.attack_report import line_of, report, totals
from grader.staff.proving.attack_seen import Seen, judge, kit_files
from grader.staff.proving.container import grader_in_a_container

HELP = (
    "Grades the hostile submissions in grader/staff/attacks/, looks at what each gained, revealed and left behind, grades "
    "an honest submission after each; meanwhile all of them as in a container.  Writes grader/staff/docs/SECURITY.md.  Linux "
    "only, as root.  Exit status: 0 if all went as expected, 1 if not, 2 if attacks can't be tried here."
)
EXAMPLE = "grader attack --only reads_ zip_"
CANARY = "test_evaluate_even_batches"
SECURITY = STAFF / "docs" / "SECURITY.md"
ALL = [""]  # every name starts with this
MOST_S = 60.0  # CPU seconds of a call
SIDE_BY_SIDE = (  # some of every kind for each of two graders
    "replaces_results exits_at_exit fork_bomb kills_everything reads_the_reference leaves_state zip_of_symlinks "
    "patches_wire looks_in_gc network",
    "segfaults carries_hidden_inputs_over renices_the_grader reads_other_submissions daemon_outlives zip_climbs "
    "traces_the_grader writes_instead_of_the_answer reads_git system_calls",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was seen of each attack to this file")
    only = "only those attacks whose names start with NAME; leaves SECURITY.md unchanged"
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help=only)
    container = "all of it without the right to make namespaces, as on Gradescope; leaves SECURITY.md unchanged"
    parser.add_argument("--container", action="store_true", help=container)


def main(options: argparse.Namespace) -> int:
    if not boundary.can_harden():
        raise GraderError("Attacks are tried by root on Linux only: anywhere else they would harm whoever tries them.")
    if options.container:
        as_json = ["--json", str(options.json.absolute())] if options.json else []
        return grader_in_a_container(["attack", *as_json, "--only", *(options.only or ALL)]).wait()
    if options.only:
        seen, beside = try_all(read_attacks(options.only), tell), []
    else:
        attacks = read_attacks()
        with grader_in_a_container(["attack", "--only", *ALL], subprocess.PIPE) as container:
            seen = try_all(attacks, tell)
            beside = [finished("In a container", container), *side_by_side()]
    if options.json is not None:
        options.json.write_text(json.dumps([one.as_data() for one in seen], indent=1), encoding="utf-8")
    print("\n".join(totals(seen)))
    for one in beside:
        print(one.said if one.failed else one.summary)
    if not options.only:
        SECURITY.write_text(report(seen, [one.summary for one in beside]), encoding="utf-8")
    return 1 if not seen or any(one.failed for one in beside) or any(one.wrong for one in seen) else 0


def tell(line: str) -> None:
    print(line, flush=True)


@dataclass(frozen=True)
class Beside:
    """What another run of this command printed, and whether something went wrong there."""

    what: str
    said: str
    failed: bool

    @property
    def summary(self) -> str:
        """Its totals, which are its last lines, in one."""
        return f"{self.what}: {' '.join(self.said.splitlines()[-3:])}"


class HurriedSandbox(Sandbox):
    """A sandbox in which no call has more than `most_s` CPU seconds."""

    most_s = MOST_S

    def ask_each(self, folders: Sequence[Path], call: Call) -> list[Outcome]:
        return super().ask_each(folders, replace(call, cpu_s=min(call.cpu_s, self.most_s)))


class Front:
    """The grader's front, whose two servers and whose user stay from one submission to the next."""

    def __init__(self) -> None:
        self.lease = lease_user()
        preload = probe_modules(read_assignment().exercises)
        self.submissions, self.staff = HurriedSandbox.pair(lease=self.lease, preload=preload)

    def grade(self, submission: Path, checks: str, most_s: float = MOST_S) -> dict[str, Any]:
        """A submission's results.json from these checks, or {} if there is none.

        What the grader prints is in log.txt next to the submission.
        """
        self.submissions.most_s = most_s
        results, log = submission.with_suffix(".json"), io.StringIO()
        settings = Settings(submission, secret=read_secret(), asks=self.submissions, staff_asks=self.staff)
        with contextlib.redirect_stdout(log):
            run_checks(settings, CHECKS, f"--results={results}", "-k", checks, "-q")
        submission.with_name("log.txt").write_text(log.getvalue(), encoding="utf-8")
        return dict(json.loads(results.read_text(encoding="utf-8"))) if results.is_file() else {}

    def left_behind(self) -> list[str]:
        """Processes and files that still belong to the workers' user."""
        files = [f"it left {path}" for path in files_of(self.lease.user)]
        return files + [f"it left process {process.name}" for process in processes_of(self.lease.user)]

    def close(self) -> None:
        for sandbox in (self.submissions, self.staff):
            sandbox.close()
        self.lease.end()


def try_attack(front: Front, attack: Attack, folder: Path, canary: "Canary") -> Seen:
    """Grade the attack, look for what it left, and grade the canary."""
    started = time.monotonic()
    submission = attack.make(folder)
    results = front.grade(submission, attack.checks, attack.cpu_s)
    seen = judge(attack, results, submission)
    harm = [*front.left_behind(), *canary.harmed(front)]
    seen.harmed += harm
    seen.wrong += harm
    seen.seconds = time.monotonic() - started
    return seen


class Canary:
    """The reference, graded before all attacks and after each: nothing may change."""

    def __init__(self, front: Front, folder: Path) -> None:
        self.submission = write_files(base_files("reference"), folder / "canary")
        self.kit = digest_of_kit()
        self.before = self.grade(front)

    def grade(self, front: Front) -> list[Any]:
        results = front.grade(self.submission, CANARY)
        return [[test["name"], test["score"], test.get("output")] for test in results.get("tests", [])]

    def harmed(self, front: Front) -> list[str]:
        wrong = [] if self.grade(front) == self.before else ["the next submission is graded otherwise"]
        return wrong + ([] if digest_of_kit() == self.kit else ["the kit's files have changed"])


def digest_of_kit(kit: Path = KIT) -> str:
    """A hash of the kit's files."""
    digest = hashlib.sha256()
    for path in sorted(kit_files(kit)):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def try_all(attacks: Sequence[Attack], say: Callable[[str], None] = lambda line: None) -> list[Seen]:
    """Try the attacks, one after the other; `say` gets a line on each."""
    front, seen = Front(), []
    with tempfile.TemporaryDirectory(prefix="grader-attacks-") as temporary:
        try:
            folder = Path(temporary)
            canary = Canary(front, folder)
            for attack in attacks:
                seen.append(try_attack(front, attack, folder, canary))
                say(line_of(seen[-1]))
        finally:
            front.close()
    return seen


def side_by_side(most: int = 10) -> list[Beside]:
    """Try so many attacks on each of two graders at the same time."""
    command = [sys.executable, "-m", "grader.cli", "attack", "--only"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    chosen = [names.split()[:most] for names in SIDE_BY_SIDE]
    processes = [subprocess.Popen([*command, *names], cwd=KIT, **pipes) for names in chosen]
    return [finished(f"Grader {i} of two side by side", process) for i, process in enumerate(processes, 1)]


def finished(what: str, process: "subprocess.Popen[str]") -> Beside:
    """What another run printed to its pipe, once it has ended."""
    said = process.communicate()[0]
    return Beside(what, said, failed=process.returncode != 0)
