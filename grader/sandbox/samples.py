"""Where a call was that never ended: samples of a worker's stack.

A thread in the worker writes them by a timer, since nothing outside may look into a container's
processes. The submission runs in the same process and may forge them: the trusted side reads frames
from them and nothing else, and makes only words of frames.
"""

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

from grader.sandbox.raised import MAX_FRAMES, Frame

MAX_BYTES = 32 * 1024  # that are read of a worker's samples: the last ones
EACH = 10  # so many samples are taken while a call uses up its CPU time
LASTING = 5  # a call that is in so many samples in a row has taken about half of the time
LEAST_S = 0.05
# The samples that a call is in, its file, line and function
FRAME = re.compile(r"^(\d{1,9}) (src/[A-Za-z]\w{0,60}\.py):(\d{1,6}) (<?[A-Za-z_]\w{0,60}>?)$", re.ASCII)
END = "end of sample"


class Sampler:
    """Writes samples of the stack of the thread that made it, until it is stopped."""

    def __init__(self, descriptor: int, cpu_s: float) -> None:
        self.descriptor, self.every = descriptor, max(LEAST_S, cpu_s / EACH)
        self.sampled_thread = threading.get_ident()
        self.counts: dict[int, int] = {}
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while not self.stopped.wait(self.every):
            lines = [f"{count} {place}" for place, count in self.sample() if place]
            with suppress(OSError):  # the submission has closed the file
                os.write(self.descriptor, "\n".join([*lines[:MAX_FRAMES], END, ""]).encode())

    def sample(self) -> Iterator[tuple[str, int]]:
        """Each frame's place, and how many samples it is in, innermost first.

        A frame that was seen is marked: f_trace_lines has no other effect without a debugger. So
        its number in `counts` is its own, although ids are used again and again. To keep the frame
        would keep all its variables in memory.
        """
        frame: FrameType | None = sys._current_frames().get(self.sampled_thread)
        while frame is not None:
            seen = 0 if frame.f_trace_lines else self.counts.get(id(frame), 0)
            self.counts[id(frame)], frame.f_trace_lines = seen + 1, False
            yield place_of(frame), seen + 1
            frame = frame.f_back

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join()


def place_of(frame: FrameType) -> str:
    """A frame's file, line and function, or "" for one outside of a submission's files."""
    path = Path(frame.f_code.co_filename)
    return f"src/{path.name}:{frame.f_lineno} {frame.f_code.co_name}" if path.parent.name == "src" else ""


def file_in(folder: str | Path) -> Path:
    """Where a persistent worker keeps its samples, in its server's folder."""
    return Path(folder) / "samples"


def tail(file: IO[bytes]) -> str:
    """The last samples in a file, as text."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - MAX_BYTES))
    return file.read(MAX_BYTES).decode("ascii", errors="replace")


def lasting(text: str) -> tuple[Frame, ...]:
    """The submission's calls that the last samples are all in, outermost first, without their text.

    A call inside a loop comes and goes; the call that has the loop stays. `text` is in the worker's
    hands: a line of it becomes a frame only if it looks like one.
    """
    *samples, _ = text.split(f"{END}\n")
    found = [FRAME.match(line) for line in samples[-1].splitlines()[-MAX_FRAMES:]] if samples else []
    frames = [(int(frame[1]), Frame(frame[2], int(frame[3]), frame[4], "")) for frame in reversed(found) if frame]
    oldest = max((count for count, _ in frames), default=0)
    return tuple(frame for count, frame in frames if count >= min(LASTING, oldest))
