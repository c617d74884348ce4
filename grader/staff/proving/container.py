"""Runs a command as in a container: as root, but without the right to make namespaces."""

import shutil
import subprocess
import sys
from collections.abc import Sequence

from grader.assignment import KIT, GraderError

IN_A_CONTAINER = ["setpriv", "--bounding-set=-sys_admin"]


def grader_in_a_container(arguments: Sequence[str], output: int | None = None) -> "subprocess.Popen[str]":
    """Start `grader` with these arguments.  `output` takes all that it prints, as in subprocess.

    Raises GraderError if the machine has no setpriv.
    """
    if shutil.which(IN_A_CONTAINER[0]) is None:
        raise GraderError("The program setpriv is missing.  Install util-linux, which has it.")
    command = [*IN_A_CONTAINER, sys.executable, "-m", "grader.cli", *arguments]
    return subprocess.Popen(
        command, cwd=KIT, text=True, stdout=output, stderr=None if output is None else subprocess.STDOUT
    )
