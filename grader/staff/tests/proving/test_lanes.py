"""Lanes: what they return, and that none outlives the process that opened it."""

import subprocess
import sys
import time

import psutil

from grader.assignment import KIT

PROGRAM = """
import sys
from functools import partial
from pathlib import Path
from grader.staff.proving.lanes import in_lanes

print(list(in_lanes(print, (), [partial(eval, code) for code in sys.argv[2:]], Path(sys.argv[1]))))
"""
WAIT = "[print(__import__('os').getpid(), flush=True), __import__('time').sleep(1000)]"


def start(folder, *codes):
    command = [sys.executable, "-c", PROGRAM, str(folder), *codes]
    return subprocess.Popen(command, cwd=KIT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_results_of_all_tasks_are_returned(tmp_path):
    said, errors = start(tmp_path, "1 + 1", "2 + 2").communicate()
    assert said.splitlines()[-1] in ("[2, 4]", "[4, 2]"), errors


def test_the_first_error_ends_all(tmp_path):
    process = start(tmp_path, WAIT, "1 / 0")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "ZeroDivisionError" in errors


def test_a_lane_ends_with_the_process_that_opened_it(tmp_path):
    with start(tmp_path, WAIT) as process:
        lane = next(int(line) for line in process.stdout if line.strip().isdecimal())
        process.kill()
    until = time.monotonic() + 60
    while is_alive(lane) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(lane)


def is_alive(pid):
    """Whether a process runs (a zombie that nobody waits for does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
