"""A container without Docker: a fresh Debian in a folder.

chroot enters it, with mounts and processes of its own, under limits on memory and CPU. It needs
Linux, root and debootstrap. Mounts end with the processes that made them, however these end.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import GraderError

MIRROR = "http://deb.debian.org/debian"
RELEASE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
CGROUPS = Path("/sys/fs/cgroup")
MEMORY_BYTES = 768 * 2**20  # Gradescope's default container
CPU_SHARE = 0.5
CPU_PERIOD = 100_000  # microseconds
OWN_NAMESPACES = ("unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=KILL", "--")
ENTER = """
for group in $GROUPS_OF_CONTAINER; do echo $$ > "$group/cgroup.procs"; done
exec "$@"
"""
MOUNT_AND_CHROOT = """
[ -z "$LAYERS" ] || mount -t overlay -o "$LAYERS" overlay "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t sysfs -o ro sysfs "$ROOT/sys"
mkdir -p "$ROOT/dev/shm"
mount -t tmpfs -o size=64m tmpfs "$ROOT/dev/shm"
for path in $BINDS; do mount --bind "$path" "$ROOT$path"; done
exec chroot "$ROOT" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"
"""


class ContainerError(GraderError):
    """A container can't be made or a command in it failed; the text says which."""


def make_base(tar: Path) -> None:
    """Download a small Debian into `tar`, unless it is there already."""
    if tar.is_file():
        return
    folder = tar.with_suffix(".new")
    remove(folder)
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(folder), MIRROR]
    try:
        subprocess.run([*OWN_NAMESPACES, *command], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["tar", "-C", str(folder), "--one-file-system", "-cf", f"{tar}.new", "."], check=True)
        Path(f"{tar}.new").rename(tar)
    except subprocess.CalledProcessError as error:
        raise ContainerError(f"Debian could not be fetched from {MIRROR}: {error}") from None
    finally:
        remove(folder)


def unpack_base(tar: Path, root: Path) -> None:
    remove(root)
    root.mkdir(parents=True)
    subprocess.run(["tar", "-C", str(root), "-xf", str(tar)], check=True)


def remove(folder: Path) -> None:
    """Delete a folder, but nothing that is mounted in it.

    Nothing is mounted outside the containers' own namespaces.
    """
    if folder.exists():
        shutil.rmtree(folder)


@dataclass
class Limits:
    """A control group with a container's limits, of version 1 or 2."""

    name: str
    folders: list[Path] = field(default_factory=list)
    peak_processes: int = 0

    def __enter__(self) -> "Limits":
        self.second = (CGROUPS / "cgroup.controllers").is_file()
        quota = int(CPU_SHARE * CPU_PERIOD)
        if self.second:
            (CGROUPS / "cgroup.subtree_control").write_text("+memory +cpu")
            group = self.make(CGROUPS / self.name)
            (group / "memory.max").write_text(str(MEMORY_BYTES))
            (group / "memory.swap.max").write_text("0")
            (group / "cpu.max").write_text(f"{quota} {CPU_PERIOD}")
        else:
            (self.make(CGROUPS / "memory" / self.name) / "memory.limit_in_bytes").write_text(str(MEMORY_BYTES))
            group = self.make(CGROUPS / "cpu" / self.name)
            (group / "cpu.cfs_period_us").write_text(str(CPU_PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        return self

    def make(self, folder: Path) -> Path:
        folder.mkdir()
        self.folders.append(folder)
        return folder

    def read(self, file: str, pattern: str = r"(\d+)") -> int:
        found = re.search(pattern, (self.folders[0] / file).read_text(), re.MULTILINE)
        return int(found[1]) if found else 0

    def sample(self) -> None:
        """Note the processes' own memory, without files that are only kept in memory for speed."""
        held = r"^anon (\d+)" if self.second else r"^total_rss (\d+)"
        self.peak_processes = max(self.peak_processes, self.read("memory.stat", held))

    @property
    def peak_bytes(self) -> int:
        """The most memory ever in use, with files that are kept in it until memory is short."""
        return self.read("memory.peak" if self.second else "memory.max_usage_in_bytes")

    @property
    def killed_for_memory(self) -> int:
        return self.read("memory.events" if self.second else "memory.oom_control", r"^oom_kill (\d+)")

    def kill(self) -> None:
        """kill -9 of every process inside, until there is none."""
        while pids := (self.folders[0] / "cgroup.procs").read_text().split():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.02)

    def __exit__(self, *exception: object) -> None:
        if self.folders:
            self.kill()
        for folder in self.folders:
            folder.rmdir()


@dataclass
class Container:
    """A root folder to run commands in.

    With `image`, it is a layer over that folder, and the image itself does not change.
    """

    root: Path
    image: Path | None = None
    binds: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        self.layer = self.root.with_name(f"{self.root.name}.layer") if self.image else self.root
        self.layers = ""
        if self.image is not None:
            work = self.root.with_name(f"{self.root.name}.work")
            for folder in (self.root, self.layer, work):
                remove(folder)
                folder.mkdir(parents=True)
            self.layers = f"lowerdir={self.image},upperdir={self.layer},workdir={work}"
        for path in self.binds:
            target = self.layer / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.mkdir(exist_ok=True) if path.is_dir() else target.touch()

    def path(self, inside: str) -> Path:
        """The path, from outside, of a file that was written inside."""
        return self.layer / inside.lstrip("/")

    def start(self, *command: str, log: Path, limits: Limits | None = None) -> subprocess.Popen[bytes]:
        """Start a command inside, as root, its output into `log`."""
        environment = {
            "ROOT": str(self.root),
            "LAYERS": self.layers,
            "BINDS": " ".join(map(str, self.binds)),
            "GROUPS_OF_CONTAINER": " ".join(map(str, limits.folders)) if limits else "",
        }
        inner = [*OWN_NAMESPACES, "sh", "-ec", MOUNT_AND_CHROOT, "sh", *command]
        with log.open("wb") as output:
            return subprocess.Popen(
                ["sh", "-ec", ENTER, "sh", *inner],
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def remove(self) -> None:
        for folder in (self.root, self.layer, self.root.with_name(f"{self.root.name}.work")):
            remove(folder)


def run(container: Container, *command: str, log: Path) -> float:
    """Run a command inside without limits. Returns the seconds that it took.

    Raises ContainerError, with the command's last output, if it fails.
    """
    started = time.monotonic()
    process = container.start(*command, log=log)
    try:
        status = process.wait()
    finally:
        process.kill()
        process.wait()
    if status != 0:
        last = log.read_text(encoding="utf-8", errors="replace")[-1000:]
        raise ContainerError(f"{command[-1]} failed with status {status} (log: {log}):\n{last}")
    return time.monotonic() - started


@dataclass(frozen=True)
class Measured:
    """What a command cost.

    These are its seconds, the most bytes that its processes held, the most bytes with files kept in
    memory, and how many processes were killed because memory ran out.
    """

    seconds: float
    processes: int
    peak: int
    killed_for_memory: int


def run_limited(container: Container, *command: str, log: Path, stop: Callable[[], bool] = lambda: False) -> Measured:
    """Run a command inside under the limits; kill -9 all of it as soon as `stop` says so."""
    started = time.monotonic()
    with Limits(f"grader-rehearsal-{os.getpid()}") as limits:
        process = container.start(*command, log=log, limits=limits)
        try:
            while process.poll() is None:
                limits.sample()
                if stop():
                    limits.kill()
                time.sleep(0.1)
        finally:
            limits.kill()
            process.wait()
        seconds = time.monotonic() - started
        return Measured(seconds, limits.peak_processes, limits.peak_bytes, limits.killed_for_memory)


def forget_files(root: Path) -> None:
    """Let the kernel drop the files below `root` from memory.

    A machine that has just received the image has none of them in memory either.
    """
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                descriptor = os.open(path, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


def pip_settings() -> Iterator[str]:
    """This machine's pip settings as environment variables.

    Its package registry may be the only one that can be reached.
    """
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    for key, value in re.findall(r"^(?:global|install|:env:)\.([\w-]+)='(.*)'$", said.stdout, re.MULTILINE):
        yield f"PIP_{key.lstrip('.').upper().replace('-', '_')}={value}"


def network_settings() -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """What pip inside needs from this machine.

    These are environment variables, and the paths that the variables or name resolution mention.
    """
    proxies = [f"{name}={value}" for name, value in os.environ.items() if name.lower().endswith("_proxy")]
    variables = tuple(dict.fromkeys([*pip_settings(), *proxies]))
    words = [word.removeprefix("file://") for variable in variables for word in variable.partition("=")[2].split()]
    named = [Path(word) for word in words if word.startswith("/")]
    # an index refers to files beside it
    named = [path.parent if path.name == "simple" else path for path in named]
    return variables, tuple(path for path in [*named, Path("/etc/resolv.conf"), Path("/etc/hosts")] if path.exists())
