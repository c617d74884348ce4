"""Grade one submission with all checks, in this process.

python -m grader.staff.grading.grade_one SUBMISSION RESULTS [OPTION ...]

With --full it trains with the whole budget.
With --page it writes feedback.html beside the results.
With --while-open it stops when its standard input closes, as it does when its parent ends.
With --server=N, N is a socket at whose other end a server waits that has imported torch.
"""

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.assignment import CHECKS, STAFF, GraderError
from grader.feedback.page import FILE
from grader.judging.settings import Settings
from grader.plugin import run_checks
from grader.sandbox import boundary
from grader.sandbox.leftovers import adopt_orphans
from grader.staff.grading.report import grade_report
from grader.texts import readable

SECRET = STAFF / "secret.key"
CHILDREN_S = 5.0  # seconds to wait for processes that have been told to end
LAST_S = 20.0  # seconds for ending the run and removing what it staged
INTERRUPTED = 130
SERVER = "--server="


def main(arguments: list[str]) -> int:
    """Returns the exit status: pytest's, or 2 if the staff's secret can't be used."""
    submission, results, *options = arguments
    full, with_page = "--full" in options, "--page" in options
    with run_of_a_batch(options) as waiting:
        try:
            return grade_one(Path(submission), Path(results), full, with_page, waiting)
        except GraderError as error:
            print(error, file=sys.stderr)
            return 2


@contextlib.contextmanager
def run_of_a_batch(options: Sequence[str]) -> Iterator[socket.socket | None]:
    """The socket of the server that waits for this run, if one does; ends what the run started."""
    waiting = waiting_server(options)
    if "--while-open" in options:
        adopt_orphans()  # one server starts the other, and may end before it
        threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    try:
        yield waiting
    finally:
        if waiting is not None:
            waiting.close()  # a server that was never needed ends
        wait_for_children()


def waiting_server(options: Sequence[str]) -> socket.socket | None:
    for option in options:
        if option.startswith(SERVER):
            return socket.socket(fileno=int(option.removeprefix(SERVER)))
    return None


def wait_for_children() -> None:
    """Wait for the servers' end, so that their time and memory count as this process's."""
    last = time.monotonic() + CHILDREN_S
    with contextlib.suppress(ChildProcessError, AttributeError):  # there are none any more, or this is Windows
        while time.monotonic() < last:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)


def stop_at_end_of_input() -> None:
    """Wait until nobody can write to standard input any more; then interrupt the main thread."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)  # ends its waiting, too
    else:
        signal.raise_signal(signal.SIGINT)
    threading.Event().wait(LAST_S)
    os._exit(INTERRUPTED)


def grade_one(
    submission: Path,
    results: Path,
    full: bool = False,
    with_page: bool = False,
    waiting: socket.socket | None = None,
) -> int:
    """Run every check on the submission with its graded seed.  Returns pytest's exit status."""
    apart = grade_report(submission, results.parent)
    if apart is not None:
        print(readable(apart.text))
    settings = Settings(submission, secret=read_secret(), full=full, apart=apart, waiting=waiting)
    page = [f"--page={results.with_name(FILE)}"] if with_page else []
    return run_checks(settings, CHECKS, "-v", f"--results={results}", *page)


def read_secret(path: Path = SECRET) -> bytes:
    """The staff's secret. Every graded run's seed is made from it.

    The first run draws the secret and writes it to a file that other users can't read. Raises
    GraderError if the file can't be used.
    """
    if not path.is_file():
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_bytes(secrets.token_bytes(32))
        if boundary.can_harden():
            os.chown(
                temporary, path.parent.stat().st_uid, -1
            )  # else a teacher who once ran this as root could not read it
        with contextlib.suppress(FileExistsError):  # another run, started at the same time, was first
            os.link(temporary, path)
        temporary.unlink()
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path} can't be read ({error.strerror}): chown it to the user who grades.") from None
    if len(secret) != 32:
        raise GraderError(f"{path} is damaged: delete it, and the next run draws a new secret.")
    return secret


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
