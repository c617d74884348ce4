"""Works on the staff's own submissions side by side, in processes with one sandbox each: lanes."""

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from grader.assignment import read_assignment
from grader.judging.opening import probe_modules
from grader.sandbox.client import Sandbox

N_LANES = 2
CONTEXT = multiprocessing.get_context("spawn")  # the same on every system, and no thread of this process is copied
Task = Callable[[Any], Any]  # of what a lane works with


def in_lanes(
    open_lane: Callable[..., Any], given: tuple[Any, ...], tasks: Iterable[Task], folder: Path
) -> Iterator[Any]:
    """The results of the tasks, each as soon as it is there. The first error, or Ctrl-C, ends all.

    Each lane does its tasks on the one ``open_lane(sandbox, *given)``. The lanes write into
    `folder`, and the caller removes it. Everything that goes to a lane or comes from it must be
    picklable.
    """
    with ProcessPoolExecutor(N_LANES, CONTEXT, prepare, (open_lane, given, folder)) as pool:
        try:
            for future in as_completed([pool.submit(do, task) for task in tasks]):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for lane in multiprocessing.active_children():
                lane.terminate()  # its sandbox ends with it
            raise


def prepare(open_lane: Callable[..., Any], given: tuple[Any, ...], folder: Path) -> None:
    """Make this process a lane."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that opened the lanes
    threading.Thread(target=end_with_parent, daemon=True).start()
    tempfile.tempdir = str(folder)
    sandbox = Sandbox(preload=probe_modules(read_assignment().exercises))
    LANE.append(open_lane(sandbox, *given))


def end_with_parent() -> None:
    """End this lane as soon as the process that opened it has ended, even if that was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)  # its sandbox ends with it


def do(task: Task) -> Any:
    return task(LANE[0])


LANE: list[Any] = []  # of this process, if it is one: what it works with
