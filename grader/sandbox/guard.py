"""A server's guard: its parent, which ends it, and everything that it started.

The trusted side holds one end of the control pipe.  When that end is closed, because the trusted
side says so or has ended, the guard kills the server.  So nobody needs to know the server's pid.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
from collections.abc import Iterable

from grader.sandbox import cgroups, jail
from grader.sandbox.leftovers import kill_group
from grader.sandbox.plan import Plan

PR_SET_PDEATHSIG = 1
LOOK_MS = 200  # how often the guard looks whether the server has ended, if the system can't tell it


def divide_from_guard(control: int, plan: Plan, pipes: Iterable[int]) -> bool:
    """Become two processes.  The guard never returns.  The server does.

    A server that is to be jailed is then the first process of a PID namespace.

    Args:
        control: the guard's end of the control pipe.
        plan: the server's.
        pipes: the server's other pipes, which the guard must not hold open.

    Returns whether a control group limits the whole run.
    """
    with contextlib.suppress(PermissionError):  # it has a session of its own
        os.setsid()
    groups = cgroups.make_groups(f"grader-{plan.user}") if plan.jailed else []
    if plan.jailed:
        jail.unshare(jail.CLONE_NEWPID)  # a process with one thread, as this one, may do so for its children
    server = os.fork()
    if server == 0:
        os.close(control)
        die_with_guard()
        os.setsid()
        cgroups.join(groups)
        return bool(groups)
    for descriptor in pipes:
        os.close(descriptor)
    try:
        watch(server, control)
        cgroups.remove_groups(groups)
    finally:
        os._exit(0)


def die_with_guard() -> None:
    """Let the kernel kill this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def watch(server: int, control: int) -> None:
    """Wait until the server ends, or until it must be killed."""
    poll = select.poll()
    poll.register(control, 0)  # reports only that the other end is closed
    with contextlib.suppress(AttributeError, OSError):  # an old kernel, or not Linux
        poll.register(os.pidfd_open(server), select.POLLIN)
    while not os.waitpid(server, os.WNOHANG)[0]:
        if any(descriptor == control for descriptor, _ in poll.poll(LOOK_MS)):
            kill_group(server)
            with contextlib.suppress(ProcessLookupError):
                os.kill(server, signal.SIGKILL)
            os.waitpid(server, 0)
            return
