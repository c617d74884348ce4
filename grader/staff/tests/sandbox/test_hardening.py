"""Hardened workers: who they are, what they can't reach, and what they leave (Linux, as root)."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment import KIT, STAFF
from grader.judging.reference import solution_file
from grader.judging.run import Run
from grader.judging.settings import Settings
from grader.sandbox import boundary, cgroups, closing, jail, launch, leftovers
from grader.sandbox import lease as leases
from grader.sandbox.call import Call
from grader.sandbox.client import Sandbox, SandboxError
from grader.sandbox.launch import BOOTSTRAP
from grader.sandbox.lease import lease_user
from grader.staff.proving.container import IN_A_CONTAINER
from grader.staff.release.rehearse import environment_in
from grader.staff.tests.submissions import shown_toy
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
            open("/dev/shm/kit-test-daemon", "w").close()
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
    while not os.path.exists("/dev/shm/kit-test-daemon"): time.sleep(0.01)
    return 1
"""
LITTER = """
import os
def answer():
    left = []
    for number, place in enumerate(["/tmp", "/var/tmp", "/dev/shm", "."]):
        if not os.access(place, os.W_OK): continue
        try: open(f"{place}/kit-litter{number}", "w").close()
        except OSError: continue  # a wall
        folder = f"{place}/kit-litter-folder{number}"
        os.makedirs(f"{folder}/a/b")
        os.chmod(f"{folder}/a", 0)
        os.utime(folder, (1, 1))
        left.append(folder)
    os.chdir(left[-1])
    for _ in range(3000):  # deeper than Python's own recursion
        os.mkdir("d"); os.chdir("d")
    return len(left)
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


NO_LANDLOCK = "import grader.sandbox.landlock as l; l.version = lambda: 0; from grader.sandbox.server"


@contextlib.contextmanager
def leased(walls="jail"):
    """A sandbox whose workers have a user of their own, behind these walls."""
    if walls == "jail" and not jail.is_possible():
        pytest.skip("this machine allows no jails")
    lease = replace(lease_user(), jailed=walls == "jail")
    with pytest.MonkeyPatch.context() as patch:
        if walls == "permissions":
            patch.setattr(launch, "BOOTSTRAP", BOOTSTRAP.replace("from grader.sandbox.server", NO_LANDLOCK))
        sandbox = Sandbox(lease=lease)
        sandbox.started()
        yield sandbox
        sandbox.close()
    lease.end()


@pytest.fixture(scope="module", params=["jail", "container", "permissions"])
def sandbox(request):
    """Behind each kind of walls: a jail's, Landlock's, and permissions alone."""
    with leased(request.param) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def open_sandbox():
    """Behind permissions alone."""
    with leased("permissions") as sandbox:
        yield sandbox


@pytest.fixture
def asks(sandbox, open_folder):
    def ask(text, cpu_s=5.0, **arguments):
        return sandbox.ask(shown_toy(sandbox, open_folder, text), Call(answer.name, arguments, 0, cpu_s))

    return ask


def processes_of(user):
    return list(leftovers.processes_of(user))


def test_a_worker_has_no_rights(asks, sandbox):
    text = "import os\ndef answer(): return [*os.getresuid(), *os.getresgid(), os.getgroups()]"
    *ids, groups = asks(text).observation
    assert ids == [sandbox.lease.user] * 6
    assert groups == []
    if sandbox.facts.landlocked:
        return  # /proc is closed
    status = asks("def answer(): return open('/proc/self/status').read()").observation
    for line in ("CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status
    assert asks("def answer(): return open('/proc/self/oom_score_adj').read()").observation == "1000\n"


STAFF_PACKAGE = """
import importlib.machinery, os, site, subprocess, sys
def answer():
    other = subprocess.run([sys.executable, "-c", "import hypothesis.version; print('LOADED')"], capture_output=True, text=True)
    read = False
    for folder in site.getsitepackages():
        try: read |= bool(open(f"{folder}/hypothesis/version.py").read())
        except OSError: pass
    sys.meta_path[:] = [importlib.machinery.PathFinder]
    try:
        import hypothesis.version
        loaded = True
    except (ImportError, OSError, AttributeError):
        loaded = False
    return [loaded, read, "LOADED" in other.stdout]
"""


def test_a_worker_can_not_read_the_staffs_packages_by_another_way(asks):
    with closing.closed(boundary.closed_packages()):  # a run does so where nothing else helps
        assert asks(STAFF_PACKAGE).observation == [False] * 3


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
    assert not Path("/dev/shm/kit-test-daemon").exists()
    assert asks("def answer(): return 1").observation == 1


@pytest.mark.parametrize("flags", [0, 0x8000, 0x8000 | 17], ids=["no signal", "a sister without", "a sister"])
def test_a_child_of_an_odd_kind_is_ended_with_its_call(asks, sandbox, flags):
    """Also one that tells nobody of its end, or that is the server's child from the start."""
    assert asks(ODD_CHILD, flags=flags).observation == 1
    assert processes_of(sandbox.lease.user) == []


def test_files_are_swept_wherever_they_were_left(asks):
    assert asks(LITTER).observation >= 2
    left = [path for place in ("/tmp", "/var/tmp", "/dev/shm") for path in Path(place).glob("kit-litter*")]
    assert left == []


@pytest.mark.slow
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


def test_one_submission_can_not_read_another_that_is_graded_at_the_same_time(asks, solution):
    other = Run(Settings(solution, secret=b"another"))
    file = other.submission.folder / "src" / "run_model.py"
    assert file.is_file()
    text = "import os\ndef answer(path):\n    try: return len(open(path).read())\n    except OSError: return 0"
    assert asks(text, path=str(file)).observation == 0
    other.close()
    assert not file.exists()


def test_what_a_killed_run_left_to_its_user_is_removed(monkeypatch):
    monkeypatch.setattr(leases, "USERS", range(UNUSED, UNUSED + 1))
    left = lease_user()
    os.close(left.lock)
    lease = lease_user()
    assert not left.folder.exists()
    assert lease.folder.is_dir()
    lease.end()


def test_a_server_ends_what_an_earlier_one_of_its_user_left(open_folder):
    lease = lease_user()
    program = f"import os, time; os.setresuid({lease.user}, {lease.user}, {lease.user}); time.sleep(1000)"
    process = subprocess.Popen([sys.executable, "-c", program])
    while not processes_of(lease.user):
        time.sleep(0.05)
    litter = Path("/tmp/kit-litter")
    litter.touch()
    os.chown(litter, lease.user, lease.user)
    sandbox = Sandbox(lease=replace(lease, jailed=False))
    sandbox.started()
    assert process.wait(60) == -signal.SIGKILL
    assert not litter.exists()
    sandbox.close()
    lease.end()


def test_what_the_next_run_relies_on_must_not_be_writable(open_sandbox, open_folder):
    (open_folder / "checks.py").touch()
    (open_folder / "checks.py").chmod(0o666)
    staged = shown_toy(open_sandbox, open_folder, "")
    with pytest.raises(SandboxError, match=r"can write to .*checks.py, which the next run relies on"):
        boundary.require_boundary(open_sandbox, staged, [], [open_folder / "checks.py"])


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
        "    above = [f'/proc/{pid}/{file}' for pid in os.listdir('/proc') if pid.isdigit() and int(pid) != os.getpid()"
        " for file in ('environ', 'mem', 'fd', 'maps', 'cwd')] if reached('/proc') else []\n"
        "    return [path for path in above + paths if reached(path)]"
    )
    secret = [STAFF, STAFF / "secret.key", solution_file("models"), *boundary.histories(KIT)]
    with closing.closed([STAFF, *boundary.histories(KIT)]):
        assert asks(text, paths=[str(path) for path in secret]).observation == []


def test_no_request_is_left_in_memory_for_the_next_worker(asks, sandbox):
    if sandbox.facts.landlocked:
        pytest.skip("a worker can't read /proc")
    needle = "the inputs of a hidden check, " * 40
    asks("def answer(inputs): return 1", inputs=[needle] * 2000)
    assert asks(MEMORY, needle=needle[::-1]).observation == 1  # its own
    seen = asks(
        MEMORY.replace("answer(needle)", "answer(needle, inputs)"), needle=needle[::-1], inputs=[needle]
    ).observation
    assert seen > 1  # it would have found it


def test_what_can_not_be_shut_in_is_not_run(open_folder, monkeypatch):
    broken = (
        "from grader.sandbox import seccomp; seccomp.filter_for = lambda *arguments: b''; from grader.sandbox.server"
    )
    monkeypatch.setattr("grader.sandbox.launch.BOOTSTRAP", BOOTSTRAP.replace("from grader.sandbox.server", broken))
    lease = lease_user()
    sandbox = Sandbox(lease=replace(lease, jailed=False))
    folder = shown_toy(sandbox, open_folder, f"open({str(open_folder / 'ran')!r}, 'w')\ndef answer(): return 1")
    with pytest.raises(SandboxError, match=r"could not be sandboxed, so nothing was run in it: .* prctl"):
        sandbox.ask(folder, Call(answer.name))
    sandbox.close()
    lease.end()
    assert not (open_folder / "ran").exists()


def test_users_are_leased_to_one_at_a_time(monkeypatch, tmp_path):
    monkeypatch.setattr(leases, "LOCKS", (tmp_path,))
    monkeypatch.setattr(leases, "USERS", range(61000, 61002))  # another run may have one of the usual users
    first, second = lease_user(), lease_user()
    assert {first.user, second.user} == {61000, 61001}
    with pytest.raises(SandboxError, match="All 2 users"):
        lease_user()
    first.end()
    assert lease_user().user == first.user
    second.end()


def test_a_folder_that_workers_can_read_stops_the_run(open_sandbox, open_folder):
    secret, staged = open_folder / "secret", shown_toy(open_sandbox, open_folder, "")
    secret.mkdir()
    with pytest.raises(SandboxError, match=r"secret, which must be closed to them: chmod go-rwx it"):
        boundary.require_boundary(open_sandbox, staged, [secret])
    with closing.closed([secret]):
        boundary.require_boundary(open_sandbox, staged, [secret])


def test_the_last_run_that_closed_a_folder_opens_it_again(open_folder):
    folder = open_folder / "submissions"
    folder.mkdir(mode=0o755)

    def mode():
        return stat.S_IMODE(folder.stat().st_mode)

    first, second = closing.closed([folder]), closing.closed([folder])
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert mode() == 0o700
    second.__exit__(None, None, None)
    assert mode() == 0o755


@pytest.mark.parametrize("trees", [[], [("/elsewhere", "/sys/fs/cgroup", ["cgroup2"])]], ids=["none", "another part"])
def test_without_a_tree_of_control_groups_a_run_goes_on_without_their_limits(trees, monkeypatch):
    monkeypatch.setattr(cgroups, "mounted_trees", lambda: trees)
    assert cgroups.make_groups("grader-test") == []


def test_the_next_run_opens_what_a_killed_run_has_left_closed(open_folder, monkeypatch, tmp_path):
    monkeypatch.setattr(leases, "LOCKS", (tmp_path,))
    killed, running = open_folder / "submissions of a killed run", open_folder / "submissions"
    for folder in (killed, running):
        folder.mkdir(mode=0o755)
    child = os.fork()
    if not child:
        with closing.closed([killed]):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with closing.closed([running]):
        assert stat.S_IMODE(killed.stat().st_mode) == 0o700
        with boundary.closed([]):
            assert stat.S_IMODE(killed.stat().st_mode) == 0o755
            assert stat.S_IMODE(running.stat().st_mode) == 0o700
    assert not list(tmp_path.glob("closed-*"))


def test_behind_walls_around_files_no_permission_is_changed(sandbox, open_folder):
    staged, secret = shown_toy(sandbox, open_folder, ""), open_folder / "secret"
    secret.mkdir(mode=0o755)
    if sandbox.facts.jailed or sandbox.facts.landlocked:
        boundary.require_boundary(sandbox, staged, [secret])
        assert stat.S_IMODE(secret.stat().st_mode) == 0o755


def test_a_python_that_workers_can_not_read_stops_the_run(tmp_path):
    hidden = tmp_path / "environment"
    hidden.symlink_to(Path(sys.executable).parents[1])
    command = [*IN_A_CONTAINER, hidden / "bin" / "python", "-m", "pytest", "tests", "-q"]
    result = subprocess.run(command, cwd=KIT, capture_output=True, text=True)
    assert result.returncode == pytest.ExitCode.INTERNAL_ERROR
    assert "use a Python and an environment in a folder that all users can read" in result.stdout


def test_a_temporary_folder_that_workers_can_not_enter_stops_the_run(tmp_path):
    (tmp_path / "t").mkdir()
    tmp_path.chmod(0o700)
    command = [*IN_A_CONTAINER, sys.executable, "-m", "pytest", "tests", "-q"]
    environment = environment_in(KIT) | {"TMPDIR": str(tmp_path / "t")}
    result = subprocess.run(command, cwd=KIT, env=environment, capture_output=True, text=True)
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


@pytest.mark.parametrize(
    ("command", "said"),
    [([], "jail: one worker process for each call, as user 60"), (IN_A_CONTAINER, "container: one worker process")],
    ids=["jail", "container"],
)
def test_a_run_says_which_walls_it_has(command, said):
    command = [*command, sys.executable, "-m", "pytest", "tests", "-q", "-k", "train_epoch_even"]
    result = subprocess.run(command, cwd=KIT, env=environment_in(KIT), capture_output=True, text=True)
    assert said in result.stdout, result.stdout


def test_a_killed_grader_leaves_no_process():
    program = (
        "from pathlib import Path; from grader.sandbox.boundary import *; import grader.staff.tests.toy_probes\n"
        "from grader.sandbox.lease import lease_user; from grader.staff.tests.submissions import shown_toy\n"
        "lease = lease_user(); print(lease.user, flush=True); sandbox = Sandbox(lease=lease)\n"
        "folder = shown_toy(sandbox, Path(), 'import time\\ndef answer(): time.sleep(1000)')\n"
        "sandbox.ask(folder, Call('answer', cpu_s=100))"
    )
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
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
