"""`grader bench-peers`: what other graders cost and let through, measured beside ours."""

import argparse
import json
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from grader import __version__
from grader.assignment import KIT, GraderError
from grader.feedback.progress import Progress
from grader.staff.proving.peers.submissions import texts
from grader.staff.proving.peers.this_kit import Ours
from grader.staff.proving.peers.tools import FreshProcesses, Graded, GradescopeUtils, NbGrader, Otter, Tool

HELP = (
    "Grades the reference, twelve mistakes and eight attacks with this kit, gradescope-utils, otter run, nbgrader autograde and "
    "a process for each check, all with the same questions.  The other tools are installed into build/peers (700 MB).  Prints "
    "what each costs and lets through, and writes build/peers.json.  Takes about twenty minutes; run it on an idle machine.  "
    "Exit status: 0 if this kit lets nothing through, else 1."
)
EXAMPLE = "grader bench-peers --tools otter"
PEERS = ("otter-grader==7.0.0", "nbgrader==0.9.6", "gradescope-utils==0.5.0")
FOLDER, OUT = KIT / "build" / "peers", KIT / "build" / "peers.json"
TOOLS: tuple[type[Tool], ...] = (Ours, GradescopeUtils, Otter, NbGrader, FreshProcesses)
N_TIMED = 3
IMPORTED_ONCE = (
    "{} imports torch once for a class, in {:.1f} s of CPU time; its figures are those of one submission of a class."
)
LOG_LINES = 20
Results = dict[str, dict[str, dict[str, Graded]]]  # by tool, by kind of submission, by name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "only tools whose name contains one of these words"
    parser.add_argument("--tools", nargs="+", default=(), metavar="WORD", help=about)
    parser.add_argument("--costs", action="store_true", help="only measure what grading the reference costs")


def main(options: argparse.Namespace) -> int:
    tools = [tool for tool in TOOLS if not options.tools or any(word in tool.name for word in options.tools)]
    if not tools:
        raise GraderError(f"No tool has such a name; there are {', '.join(tool.name for tool in TOOLS)}.")
    python = install()
    given = texts()
    if options.costs:
        given = {"reference": given["reference"]}
    results: Results = {}
    progress = Progress(len(tools) * (N_TIMED + sum(map(len, given.values())) - 1))
    with tempfile.TemporaryDirectory(prefix="grader-peers-") as temporary:
        for number, kind_of_tool in enumerate(tools):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            tool = kind_of_tool(folder, python)
            with closing(tool):
                results[tool.name] = grade_all(tool, given, progress)
            if isinstance(tool, Ours):
                print(IMPORTED_ONCE.format(tool.name, tool.import_s))
    versions = {tool.name: version_of(tool, python) for tool in tools}
    print(table(results, versions))
    if not options.tools and not options.costs:
        OUT.write_text(json.dumps(as_json(results, versions), indent=1) + "\n", encoding="utf-8")
        print(f"Written to {OUT}.")
    own = results.get(Ours.name, {})
    return 1 if own and let_through(own) else 0


def install() -> Path:
    """An interpreter with the other tools, and with this one's torch."""
    python = FOLDER / "bin" / "python"
    if not (FOLDER / ".complete").exists():
        print(f"Installing {', '.join(PEERS)} into {FOLDER}.", flush=True)
        for command in ([sys.executable, "-m", "venv", FOLDER], [python, "-m", "pip", "install", "-q", *PEERS]):
            if subprocess.run(list(map(str, command))).returncode != 0:
                raise GraderError(f"The other tools can't be installed: {' '.join(map(str, command))} failed.")
        packages = next(FOLDER.glob("lib/python*/site-packages"))
        (packages / "kit.pth").write_text(sysconfig.get_path("purelib") + "\n")  # after its own packages
        (FOLDER / ".complete").touch()
    return python


def grade_all(tool: Tool, given: dict[str, dict[str, str]], progress: Progress) -> dict[str, dict[str, Graded]]:
    """Grade every submission once, and the reference three times: the cheapest counts."""
    graded: dict[str, dict[str, Graded]] = {}
    for kind, submissions in given.items():
        graded[kind] = {}
        for name, text in submissions.items():
            tries = []
            for _ in range(N_TIMED if kind == "reference" else 1):
                tries.append(tool.grade(text))
                progress.step(f"{tool.name}: {name}")
            graded[kind][name] = min(tries, key=lambda one: one.cpu_s)
    if graded["reference"]["reference"].share != 1:
        log = (tool.folder / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        raise GraderError(
            "\n".join([f"{tool.name} does not give the reference all points.  It printed:", *log[-LOG_LINES:]])
        )
    return graded


def let_through(graded: dict[str, dict[str, Graded]]) -> list[str]:
    """The mistakes that kept all points, and the attacks that gained some or left no result."""
    kept = [name for name, one in graded.get("mistakes", {}).items() if one.share in (1, None)]
    return kept + [name for name, one in graded.get("attacks", {}).items() if one.share != 0]


def table(results: Results, versions: dict[str, str]) -> str:
    lines = [f"{'grading the reference':<28} {'version':>9} {'CPU s':>7} {'clock s':>8} {'MB':>6} {'let through':>12}"]
    for name, graded in results.items():
        one = graded["reference"]["reference"]
        figures = f"{one.cpu_s:>7.1f} {one.clock_s:>8.1f} {one.megabytes:>6.0f} {len(let_through(graded)):>12}"
        lines.append(f"{name:<28} {versions[name]:>9} {figures}")
    for name, graded in results.items():
        for through in let_through(graded):
            one = graded["attacks" if through in graded.get("attacks", {}) else "mistakes"][through]
            gained = "no result" if one.share is None else f"{100 * one.share:.0f} % of the points"
            lines.append(f"  {name}: {through}: {gained}")
    return "\n".join(lines)


def version_of(tool: type[Tool], python: Path) -> str:
    if tool is Ours:
        return __version__
    if not tool.package:
        return version("torch").split("+")[0]
    code = f"from importlib.metadata import version; print(version({tool.package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def as_json(results: Results, versions: dict[str, str]) -> dict[str, object]:
    return {
        tool: {"version": versions[tool]}
        | {kind: {name: vars(one) for name, one in found.items()} for kind, found in graded.items()}
        for tool, graded in results.items()
    }
