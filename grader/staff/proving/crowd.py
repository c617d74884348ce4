"""Asks many submissions of the staff's own the same questions, also if some of them never end."""

import compileall
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox.call import Call
from grader.sandbox.outcome import Kind
from grader.staff.proving.memory import Remembering

MOST = 40  # submissions in one worker
ENDED = (Kind.TIMEOUT, Kind.CRASH, Kind.GARBLED, Kind.DISK)  # the whole worker ended, whoever was to blame
LIMIT_S = 4  # CPU seconds for a quick question
GUARD = f'''"""Ends what takes more than {LIMIT_S} s."""

import signal


class TooSlow(BaseException):
    pass


def stop(number, frame):
    raise TooSlow


signal.signal(signal.SIGVTALRM, stop)
signal.setitimer(signal.ITIMER_VIRTUAL, {LIMIT_S})
'''


def guard(folder: Path, is_on: bool) -> None:
    """Let a staged submission raise an exception when a call takes long, or no longer.

    So one that never ends costs seconds, its answer can be kept, and others in its worker are
    asked. The timer starts again with the import of each submission.
    """
    (folder / "src" / "__init__.py").write_text(GUARD if is_on else "", encoding="utf-8")


class Crowd(Remembering):
    """A memory of answers that asks a crowd in parts.

    If a worker ends without an answer, each of its submissions is asked again with fewer others, so
    that none pays for another.
    """

    def ask_now(self, asked: dict[str, Path], call: Call) -> None:
        for folder in asked.values():
            compileall.compile_dir(folder / "src", quiet=2)  # it will be imported often
        for part in parts(asked, MOST):
            self.ask_part(part, call)

    def ask_part(self, asked: dict[str, Path], call: Call) -> None:
        super().ask_now(asked, call)
        failures = [failure for key in asked if (failure := self.memory[key].failure)]
        if len(asked) > 1 and any(failure.kind in ENDED for failure in failures):
            for half in parts(asked, (len(asked) + 1) // 2):
                self.ask_part(half, call)


def parts(asked: dict[str, Path], size: int) -> Iterator[dict[str, Path]]:
    keys = list(asked)
    for start in range(0, len(keys), size):
        yield {key: asked[key] for key in keys[start : start + size]}
