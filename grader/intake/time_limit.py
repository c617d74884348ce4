"""A limit on the time that reading a submission takes: whoever wrote it may have made it slow."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from grader.intake.sources import SubmissionError

MOST_S = 60.0  # CPU seconds; an honest submission takes less than one


@contextmanager
def time_limit(name: str, seconds: float = MOST_S) -> Iterator[None]:
    """Raise SubmissionError in what takes more CPU seconds of this process.

    There is no limit in other threads than the main one, nor on Windows.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise SubmissionError(f"{name} takes too long to read (over {seconds:g} s): hand in smaller files.")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # again and again: something may catch the exception
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
