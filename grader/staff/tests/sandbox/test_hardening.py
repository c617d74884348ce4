"""Hardened workers: who they are, what they can't reach, and what they leave (Linux, as root)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.assignment import KIT, STAFF
from grader.judging.reference import solution_file
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox import boundary, leftovers
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox, SandboxError
from grader.sandbox.launch import BOOTSTRAP
from grader.staff.tests.conftest import run
from grader.staff.tests.submissions import toy
from grader.staff.tests.toy_probes import answer

pytestmark = pytest.mark.skipif(not boundary.can_harden(), reason="only root on Linux hardens workers")

SYSCALL = """
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
column = 0 if platform.machine() == "x86_64" else 1
def syscall(numbers, *arguments):
    "0 when the kernel does it, else its error's number"
    return 0 if libc.syscall(numbers[column], *arguments) >= 0 else ctypes.get_errno()
"""
ODD_CHILD = f"""
{SYSCALL}
import os, time
def answer(flags):
    if libc.syscall((56, 220)[column], flags, 0, 0, 0, 0) == 0:
        os.setsid()
        time.sleep(1000)
    return 1
"""
FAMILIES = """
import socket
def answer():
    refused = []
    for family in range(46):
        try:
            socket.socket(family, socket.SOCK_STREAM).close()
        except PermissionError:
            refused.append(family)
        except OSError:
            pass
    one, other = socket.socketpair()
    one.send(b"x")
    return [refused, other.recv(1).decode()]
"""
DAEMON = """
import os, signal, time
def answer(works):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 65):
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            open("/tmp/kit-test-daemon", "w").close()
            if works == "kills":
                while True:
                    for pid in os.listdir("/proc"):
                        if pid.isdigit() and int(pid) not in (1, os.getpid()):
                            try: os.kill(int(pid), 9)
                            except OSError: pass
            while works == "forks":
                try: os.fork()
                except OSError: pass
            time.sleep(1000)
        os._exit(0)
    while not os.path.exists("/tmp/kit-test-daemon"): time.sleep(0.01)
    return 1
"""
LITTER = """
import os
def answer():
    for place in ("/tmp", "/var/tmp", "/dev/shm"):
        open(f"{place}/kit-litter", "w").close()
        os.makedirs(f"{place}/kit-litter-folder/a/b")
        os.chmod(f"{place}/kit-litter-folder/a", 0)
    os.chdir("/tmp/kit-litter-folder")
    for _ in range(3000):  # deeper than Python's own recursion
        os.mkdir("d"); os.chdir("d")
    return 1
"""
MEMORY = """
import ctypes
def answer(needle):
    needle, found = bytes(reversed(needle.encode())), 0
    for line in open("/proc/self/maps").read().splitlines():
        place, rights, *_ = line.split()
        start, end = (int(x, 16) for x in place.split("-"))
        if rights[:2] == "rw" and "[v" not in line and end - start < 2**30:
            found += ctypes.string_at(start, end - start).count(needle)
    return found
"""


@pytest.fixture(scope="module")
def sandbox():
    lease = boundary.lease_user()
    sandbox = Sandbox(lease=lease)
    yield sandbox
    sandbox.close()
    lease.end()


@pytest.fixture
def asks(sandbox, open_folder):
    def ask(text, cpu_s=5.0, **arguments):
        folder = toy(open_folder / f"submission{len(list(open_folder.iterdir()))}", text)
        return sandbox.ask(folder, Call(answer.name, arguments, 0, cpu_s))

    return ask


def processes_of(user):
    return list(leftovers.processes_of(user))


def test_a_worker_has_no_rights(asks, sandbox):
    text = "import os\ndef answer():\n    return [*os.getresuid(), *os.getresgid(), os.getgroups(), open('/proc/self/status').read()]"
    *ids, groups, status = asks(text).observation
    assert ids == [sandbox.lease.user] * 6
    assert groups == []
    for line in ("CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status
    assert asks("def answer(): return open('/proc/self/oom_score_adj').read()").observation == "1000\n"


STAFF_PACKAGE = """
import importlib.machinery, site, subprocess, sys
def answer():
    found = importlib.machinery.PathFinder.find_spec("hypothesis", site.getsitepackages())
    other = subprocess.run([sys.executable, "-c", "import hypothesis.version"], capture_output=True, text=True)
    sys.meta_path[:] = [importlib.machinery.PathFinder]
    try:
        import hypothesis.version
    except ImportError as error:
        return [found.origin is None, error.name, other.stderr.splitlines()[-1]]
"""


def test_a_worker_can_not_read_the_staffs_packages_by_another_way(asks):
    name = "hypothesis.version"
    assert asks(STAFF_PACKAGE).observation == [True, name, f"ModuleNotFoundError: No module named '{name}'"]


def test_a_worker_has_no_network(asks):
    refused, received = asks(FAMILIES).observation
    assert {2, 10, 16, 17} <= set(refused)  # IPv4, IPv6, netlink, packets
    assert set(range(46)) - set(refused) == {1}  # AF_UNIX
    assert received == "x"


@pytest.mark.parametrize(
    "call",
    [
        "(101, 117), 0, 0, 0, 0",  # ptrace
        "(425, 425), 1, 0",  # io_uring_setup
        "(272, 97), 0x10000000",  # unshare a user namespace
        "(56, 220), 0x10000000 | 17, 0, 0, 0, 0",  # clone into one
        "(248, 217), b'user', b'kit', b'x', 1, -4",  # add_key
        "(29, 194), 7, 4096, 0o1600",  # shmget
        "(321, 280), 0, 0, 0",  # bpf
        "(285, 47), 1, 0, 0, 1 << 20",  # fallocate
    ],
    ids=["ptrace", "io_uring", "unshare", "clone", "keys", "shared memory", "bpf", "fallocate"],
)
def test_a_worker_is_refused_calls_that_reach_further(asks, call):
    assert asks(f"{SYSCALL}\ndef answer(): return syscall({call})").observation in (1, 95)  # EPERM, EOPNOTSUPP


def test_a_worker_of_the_other_abi_is_killed(asks):
    failure = asks(f"{SYSCALL}\ndef answer(): return syscall((0x40000000 + 39, 10**6))").failure
    if os.uname().machine == "x86_64":
        assert failure.exit == -signal.SIGSYS


@pytest.mark.parametrize("works", ["sleeps", "kills", "forks"])
def test_a_daemon_is_ended_with_its_call(asks, sandbox, works):
    asks(DAEMON, works=works)  # the one that kills may kill its own worker
    assert processes_of(sandbox.lease.user) == []
    assert not Path("/tmp/kit-test-daemon").exists()
    assert asks("def answer(): return 1").observation == 1


@pytest.mark.parametrize("flags", [0, 0x8000, 0x8000 | 17], ids=["no signal", "a sister without", "a sister"])
def test_a_child_of_an_odd_kind_is_ended_with_its_call(asks, sandbox, flags):
    """Also one that tells nobody of its end, or that is the server's child from the start."""
    assert asks(ODD_CHILD, flags=flags).observation == 1
    assert processes_of(sandbox.lease.user) == []


def test_files_are_swept_wherever_they_were_left(asks):
    assert asks(LITTER).observation == 1
    left = [path for place in ("/tmp", "/var/tmp", "/dev/shm") for path in Path(place).glob("kit-litter*")]
    assert left == []


def test_many_processes_have_no_more_time_than_one(asks, monkeypatch):
    monkeypatch.setattr("grader.sandbox.call.WALL_FACTOR", 300)  # on a busy machine the clock must not stop them first
    text = "import os, time\ndef answer():\n    for _ in range(4): os.fork()\n    while True: pass"
    started = time.monotonic()
    failure = asks(text, cpu_s=3).failure
    assert (failure.kind, failure.is_cpu_time) == ("timeout", True)
    assert time.monotonic() - started < 600  # and not the 900 s that the clock allows


def test_a_flood_of_answers_is_stopped(asks):
    failure = asks("import os\ndef answer():\n    while True: os.write(3, bytes(2**20))", cpu_s=60).failure
    assert (failure.kind, failure.is_too_long) == ("garbled", True)


def test_a_process_with_an_odd_name_disturbs_nobody(asks):
    text = "import ctypes, time\ndef answer():\n    ctypes.CDLL(None).prctl(15, b'\\xff\\xfe', 0, 0, 0)\n    time.sleep(2.5)\n    return 1"
    assert asks(text).observation == 1


UNUSED = 60900  # a user that no grader leases, nor has as its guard


def test_one_submission_can_not_read_another_that_is_graded_at_the_same_time(asks, monkeypatch, solution):
    other = Run(Settings(solution, secret=b"another"))
    file = other.submission.folder / "src" / "run_model.py"
    assert file.is_file()
    assert other.lease is not None
    assert asks("import os\ndef answer(path): return os.access(path, os.R_OK)", path=str(file)).observation is False
    os.chown(other.folder, 0, UNUSED)
    monkeypatch.setattr(boundary, "USERS", range(UNUSED, UNUSED + 1))
    Run(Settings(solution, secret=b"yet another")).close()
    assert not other.folder.exists()  # it counts as left by a run that was killed
    other.close()


def test_a_server_ends_what_an_earlier_one_of_its_user_left(open_folder):
    lease = boundary.lease_user()
    program = f"import os, time; os.setresuid({lease.user}, {lease.user}, {lease.user}); time.sleep(1000)"
    process = subprocess.Popen([sys.executable, "-c", program])
    while not processes_of(lease.user):
        time.sleep(0.05)
    litter = Path("/tmp/kit-litter")
    litter.touch()
    os.chown(litter, lease.user, lease.user)
    sandbox = Sandbox(lease=lease)
    sandbox.started()
    assert process.wait(60) == -signal.SIGKILL
    assert not litter.exists()
    sandbox.close()
    lease.end()


def test_what_the_next_run_relies_on_must_not_be_writable(sandbox, open_folder):
    (open_folder / "checks.py").touch()
    (open_folder / "checks.py").chmod(0o666)
    with pytest.raises(SandboxError, match=r"can write to .*checks.py, which the next run relies on"):
        boundary.require_boundary(sandbox, open_folder, [], [open_folder / "checks.py"])


def test_a_flood_on_the_disk_is_stopped(asks):
    text = (
        "import os\ndef answer():\n    files = []\n    while True:\n"
        "        files.append(open(f'{len(files)}', 'wb'))\n        files[-1].write(bytes(2**25))"
    )
    assert asks(text, cpu_s=30).failure.kind == "disk"
    unlinked = text.replace("        files[-1]", "        os.unlink(f'{len(files) - 1}')\n        files[-1]")
    assert asks(unlinked, cpu_s=30).failure.kind == "disk"


def test_the_server_and_the_staff_are_out_of_reach(asks, sandbox):
    text = (
        "import os\n"
        "def reached(path):\n"
        "    try: return bool(os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(9))\n"
        "    except OSError: return False\n"
        "def answer(paths):\n"
        "    above = [f'/proc/{pid}/{file}' for pid in (os.getppid(), int(open(f'/proc/{os.getppid()}/stat').read().split()[3]))"
        " for file in ('environ', 'mem', 'fd', 'maps', 'cwd')]\n"
        "    return [path for path in above + paths if reached(path)]"
    )
    boundary.close([STAFF, *boundary.histories(KIT)])
    secret = [STAFF, STAFF / "secret.key", solution_file("models"), *boundary.histories(KIT)]
    assert asks(text, paths=[str(path) for path in secret]).observation == []


def test_no_request_is_left_in_memory_for_the_next_worker(asks):
    needle = "the inputs of a hidden check, " * 40
    asks("def answer(inputs): return 1", inputs=[needle] * 2000)
    assert asks(MEMORY, needle=needle[::-1]).observation == 1  # its own
    seen = asks(
        MEMORY.replace("answer(needle)", "answer(needle, inputs)"), needle=needle[::-1], inputs=[needle]
    ).observation
    assert seen > 1  # it would have found it


def test_what_can_not_be_shut_in_is_not_run(open_folder, monkeypatch):
    broken = "from grader.sandbox import seccomp; seccomp.filter_for = lambda machine: b''; from grader.sandbox.server"
    monkeypatch.setattr("grader.sandbox.launch.BOOTSTRAP", BOOTSTRAP.replace("from grader.sandbox.server", broken))
    lease = boundary.lease_user()
    sandbox = Sandbox(lease=lease)
    folder = toy(open_folder / "s", f"open({str(open_folder / 'ran')!r}, 'w')\ndef answer(): return 1")
    with pytest.raises(SandboxError, match=r"could not be sandboxed, so nothing was run in it: .* prctl"):
        sandbox.ask(folder, Call(answer.name))
    sandbox.close()
    lease.end()
    assert not (open_folder / "ran").exists()


def test_users_are_leased_to_one_at_a_time(monkeypatch, tmp_path):
    monkeypatch.setattr(boundary, "LOCKS", (tmp_path,))  # another grader may hold a user in the usual place
    monkeypatch.setattr(boundary, "USERS", range(60700, 60702))
    first, second = boundary.lease_user(), boundary.lease_user()
    assert {first.user, second.user} == {60700, 60701}
    with pytest.raises(SandboxError, match="All 2 users"):
        boundary.lease_user()
    first.end()
    assert boundary.lease_user().user == first.user
    second.end()


def test_a_folder_that_workers_can_read_stops_the_run(sandbox, open_folder):
    (open_folder / "secret").mkdir()
    with pytest.raises(SandboxError, match=r"secret, which must be closed to them: chmod go-rwx it"):
        boundary.require_boundary(sandbox, open_folder, [open_folder / "secret"])
    boundary.close([open_folder / "secret"])
    boundary.require_boundary(sandbox, open_folder, [open_folder / "secret"])


def test_a_python_that_workers_can_not_read_stops_the_run(tmp_path):
    hidden = tmp_path / "environment"
    hidden.symlink_to(Path(sys.executable).parents[1])
    command = [hidden / "bin" / "python", "-m", "pytest", "tests", "-q"]
    result = subprocess.run(command, cwd=KIT, capture_output=True, text=True)
    assert result.returncode == pytest.ExitCode.INTERNAL_ERROR
    assert "use a Python and an environment in a folder that all users can read" in result.stdout


def test_a_temporary_folder_that_workers_can_not_enter_stops_the_run(tmp_path):
    (tmp_path / "t").mkdir()
    tmp_path.chmod(0o700)
    result = run("-m", "pytest", "tests", "-q", TMPDIR=str(tmp_path / "t"))
    assert result.returncode == pytest.ExitCode.INTERNAL_ERROR
    assert "set TMPDIR to a folder that all users can enter" in result.stdout
    assert list((tmp_path / "t").iterdir()) == []


def test_a_git_folder_is_found_above_and_behind_a_work_tree(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path / "repository"], check=True)
    kit = tmp_path / "repository" / "homework" / "kit"
    kit.mkdir(parents=True)
    assert list(boundary.histories(kit)) == [tmp_path / "repository" / ".git"]
    (kit / ".git").write_text(f"gitdir: {tmp_path}/other/.git/worktrees/kit\n")
    (tmp_path / "other" / ".git" / "worktrees" / "kit").mkdir(parents=True)
    (tmp_path / "other" / ".git" / "worktrees" / "kit" / "commondir").write_text("../..\n")
    assert tmp_path / "other" / ".git" in boundary.histories(kit)


def test_a_run_says_that_it_is_hardened_and_as_whom():
    result = run("-m", "pytest", "tests", "-q", "-k", "train_epoch_even")
    assert "hardened: one worker process for each call, as user 60" in result.stdout


def test_a_killed_grader_leaves_no_process(open_folder):
    folder = toy(open_folder / "s", "import time\ndef answer(): time.sleep(1000)")
    program = (
        "import sys; from pathlib import Path; from grader.sandbox.boundary import *; import grader.staff.tests.toy_probes\n"
        "lease = lease_user(); print(lease.user, flush=True)\n"
        "Sandbox(lease=lease).ask(Path(sys.argv[1]), Call('answer', cpu_s=100))"
    )
    grader = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
    user, until = int(grader.stdout.readline()), time.monotonic() + 300
    while not processes_of(user) and time.monotonic() < until:
        time.sleep(0.05)
    assert processes_of(user)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    until = time.monotonic() + 60
    while processes_of(user) and time.monotonic() < until:
        time.sleep(0.05)
    assert processes_of(user) == []
