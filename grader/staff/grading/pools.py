"""Where submissions are graded: in processes of this machine, or on the workers of a Dask cluster.

A cluster's workers need the same kit, with the same grader/staff/secret.key, as this machine.
`pip install .[cluster]` installs Dask's scheduler.
"""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import psutil

from grader.assignment import GraderError
from grader.staff.grading.fingerprint import kit_mark
from grader.staff.grading.job import Job, Result, grade_job
from grader.staff.grading.processes import remove_leftovers, stop_all

LOCAL = "local:"
MOST_DEATHS = 3  # of workers that a submission was graded on, before it is skipped
CONNECT_S = 30
JOB_BYTES = 700_000_000  # of memory that a submission takes, at most, with its sandboxes


class ClusterError(GraderError):
    """The cluster can't be used; the text says why and what to do."""


@dataclass(frozen=True)
class Pool:
    """Something that grades `size` submissions at a time; `grade` runs there."""

    executor: Executor
    size: int
    grade: Callable[[Job], Result]


def default_jobs() -> int:
    """How many submissions to grade at a time: one more than processors, as each waits at times.

    Fewer if there is not enough memory for all of them.
    """
    return max(1, min((os.cpu_count() or 1) + 1, psutil.virtual_memory().available // JOB_BYTES))


@contextmanager
def local_pool(jobs: int) -> Iterator[Pool]:
    """Processes of this machine.  If the block ends early, they end too."""
    remove_leftovers()
    executor = ThreadPoolExecutor(jobs)
    try:
        yield Pool(executor, jobs, grade_job)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        stop_all()


@contextmanager
def cluster_pool(address: str) -> Iterator[Pool]:
    """The workers of the cluster at an address, or of a new one here for `local:4`.

    Raises ClusterError if it can't be reached.
    """
    try:
        import dask
        import distributed
    except ImportError:
        raise ClusterError("--cluster needs Dask: run  pip install '.[cluster]'  in the kit's folder.") from None
    dask.config.set({"distributed.scheduler.allowed-failures": MOST_DEATHS - 1})
    cluster: Any = None
    if address.startswith(LOCAL):
        n_workers = int(address.removeprefix(LOCAL)) if address.removeprefix(LOCAL).isdigit() else 0
        if n_workers < 1:
            raise ClusterError(f"--cluster {address}: write a number of workers, as in local:4.")
        options = {
            "n_workers": n_workers,
            "threads_per_worker": 1,
            "dashboard_address": "127.0.0.1:0",
            "memory_limit": 0,
        }
        cluster = distributed.LocalCluster(**options)
    try:
        client = distributed.Client(cluster or address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise ClusterError(f"--cluster {address}: there is no scheduler to talk to ({error}).") from None
    try:
        size = sum(client.nthreads().values())
        if not size:
            raise ClusterError(f"--cluster {address}: the scheduler has no workers.  Start some, and try again.")
        yield Pool(client.get_executor(pure=False), size, partial(grade_there, kit_mark()))
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def grade_there(mark: str, job: Job) -> Result:
    """Grade a submission on a worker, if its kit is the same.  Raises ClusterError if not."""
    if kit_mark() != mark:
        raise ClusterError(
            f"the kit on {socket.gethostname()} differs from this one: install the same kit on every worker, "
            "with the same grader/staff/secret.key, packages and Python"
        )
    return grade_job(job)


def what_happened(error: Exception) -> str:
    """A sentence on a submission whose grading failed outside of the grader."""
    if type(error).__name__ == "KilledWorker":
        return f"its worker died {MOST_DEATHS} times while it was graded, so it was skipped"
    return f"it could not be graded: {error}"
