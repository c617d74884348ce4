"""How soon `grader watch` answers a save, next to the same checks in pytest."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.assignment import KIT
from grader.staff.proving.figure import Figure, timed
from grader.staff.proving.watching import Watched, five_saves
from grader.staff.release.solution import write_solution

CHECK = (
    "import sys, pytest; from pathlib import Path; from grader.judging.settings import Settings\n"
    "run = Settings(Path(sys.argv[1]), live=False)\n"
    "sys.exit(pytest.main(['tests', '-q', '-k', 'train_epoch'], plugins=[run]))"
)


def watch_figures() -> list[Figure]:
    """Time from saving a file to the verdict on the function that changed, for five saves."""
    seconds = dict(save_seconds())
    with_pytest = seconds.pop("pytest")
    figures = [Figure(f"watch, from saving to verdict: {name}", value, 1, "s") for name, value in seconds.items()]
    figures.append(Figure("the same checks in pytest -k train_epoch", with_pytest, 30, "s"))
    ratio = with_pytest / max(seconds.values())
    return [*figures, Figure("which is as many times the slowest of them", ratio, 3, "x", is_least=True)]


def save_seconds() -> Iterator[tuple[str, float]]:
    """For each of five saves, the seconds until the verdict; last, those that pytest takes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_solution(Path(temporary) / "solution")
        saves = five_saves()
        _, first_line = saves.pop("start")
        with Watched(folder) as watched:
            watched.wait_for(first_line)
            for name, (text, line) in saves.items():
                yield name, watched.seconds_until(line, text)
                time.sleep(3)  # the other checks run, and a person reads
        command = [sys.executable, "-c", CHECK, str(folder)]
        yield "pytest", timed(lambda: subprocess.run(command, cwd=KIT, stdout=subprocess.DEVNULL))
