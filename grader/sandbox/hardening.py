"""What sandboxes a worker: limits and, on Linux as root, an unprivileged user of its own.

leftovers.py clears up after such a user's workers; boundary.py leases the user.
"""

import contextlib
import math
import os
import sys

from grader.sandbox import landlock, seccomp
from grader.sandbox.frames import Limits

MAX_OUTPUT = 64 * 1024  # bytes kept of what a worker printed
MAX_FILE = 64 * 2**20  # bytes
MAX_PROCESSES, MAX_DESCRIPTORS = 64, 256


def set_limits(limits: Limits) -> None:
    """Set a worker's resource limits.  The limit on processes does not bind root, the others do."""
    import resource

    seconds = max(1, math.ceil(limits.cpu_s))
    set_limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    set_limit(resource.RLIMIT_FSIZE, MAX_FILE, MAX_FILE)
    set_limit(resource.RLIMIT_NPROC, MAX_PROCESSES, MAX_PROCESSES)
    set_limit(resource.RLIMIT_NOFILE, MAX_DESCRIPTORS, MAX_DESCRIPTORS)
    set_limit(resource.RLIMIT_CORE, 0, 0)
    limit_memory(limits.memory_bytes)


def limit_memory(memory_bytes: int) -> None:
    """Limit this process's address space, if the system can."""
    try:
        import resource
    except ImportError:
        return  # Windows
    set_limit(resource.RLIMIT_AS, memory_bytes, memory_bytes)


def set_limit(name: int, soft: int, hard: int) -> None:
    """Set a resource limit, as far as the present hard limit allows."""
    import resource

    most = resource.getrlimit(name)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    if sys.platform == "linux":
        resource.setrlimit(name, (soft, hard))
        return
    with contextlib.suppress(ValueError, OSError):  # macOS has no limit on address space
        resource.setrlimit(name, (soft, hard))


def limit_own_process(memory_bytes: int) -> None:
    """Limit the memory and files of this process, which reads what a student wrote.

    Of all processes, it is among the first to be killed when memory runs out.
    """
    limit_memory(memory_bytes)
    with contextlib.suppress(ImportError):  # Windows
        import resource

        set_limit(resource.RLIMIT_FSIZE, MAX_FILE, MAX_FILE)
    with contextlib.suppress(OSError):  # not Linux
        die_first()


def die_first() -> None:
    """Let the system kill this process before others when memory runs out."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123  quicker than Path, in every worker
        score.write("1000")


def become(user: int, numpy_alone: bool = False, rules: int | None = None) -> None:
    """Turn this process of root's into the user's, for good: no groups, no privileges, no network.

    It is the first to be killed when memory runs out.  `rules` are Landlock's.  Raises OSError
    for a step that the system refuses.
    """
    die_first()
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    seccomp.gain_no_privileges()
    if rules is not None:
        landlock.restrict(rules)
    seccomp.lock(numpy_alone)
