"""A jail: a place of its own for a server and its workers, in which nothing else is (Linux, root).

The server moves into new namespaces, so it sees no mount, process, network or queue of the machine.
Its root is a small file system that holds read-only views of what it needs, and nothing else.
What does not exist there can't be read, and everything in it is gone when its first process ends.
See namespaces(7), mount(2) and pivot_root(2).

Only the standard library is imported here: `python jail.py` says whether this machine allows jails.
"""

import contextlib
import ctypes
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 0x4000, 1 << 18
MNT_DETACH = 2
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 1 << 17, 1 << 26, 1 << 27, 1 << 29, 1 << 30
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
DEVICES = ("null", "zero", "full", "random", "urandom")
SHOWN = "/submission"  # where the folder of staged submissions is in a jail
ROOM = "/room"  # the only place in a jail that can be written to
ROOM_LINKS = ("/tmp", "/var/tmp", "/dev/shm")  # links to it: programs expect to be able to write there
ROOM_BYTES, ROOM_FILES = 512 * 2**20, 20_000  # hard links count as files: tmpfs takes an inode for each
SCRATCH = f"{ROOM}/scratch"


@dataclass(frozen=True)
class View:
    """What of the machine's files is in a jail, each at its own path and read-only.

    `paths` are files and folders.  `emptied` are folders of which only those of `paths` are there.
    `links` are symbolic links, with what they point to.
    """

    paths: tuple[Path, ...]
    emptied: tuple[Path, ...] = ()
    links: tuple[tuple[Path, str], ...] = ()


def unshare(flags: int) -> None:
    """Move this process (for CLONE_NEWPID: its later children) into new namespaces."""
    check(libc().unshare(flags), "unshare")


def enter(view: View, shown: Path | None) -> None:
    """Move this process into a jail.  It must be the first process of a PID namespace.

    Args:
        view: what is there.
        shown: the folder of staged submissions, which is there as SHOWN.

    Raises OSError for a step that the system refuses.
    """
    unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    check(libc().sethostname(b"jail", 4), "sethostname")
    mount(None, "/", flags=MS_REC | MS_PRIVATE)  # nothing that follows is seen outside
    root = Path("/proc")  # any folder: it is hidden in this namespace only, and nothing in it is needed any more
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,nr_inodes=10000,mode=755")
    furnish(root, view)
    if shown is not None:
        bind(shown, make_folder(root, SHOWN))
    mount("proc", make_folder(root, "/proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid,hidepid=invisible")
    make_read_only(root)
    os.chdir(root)
    check(libc().syscall(PIVOT_ROOT[platform.machine()], b".", b"."), "pivot_root")
    check(libc().umount2(b".", MNT_DETACH), "umount2")
    os.chdir("/")


def furnish(root: Path, view: View) -> None:
    """Fill a new root: the view, links as in /usr, devices, and places for temporary files."""
    for folder in (*view.paths, *view.emptied):
        link_aliases(root, folder)
    for path in sorted({*view.paths, *view.emptied}):  # folders before what is in them
        if path in view.emptied:
            mount("tmpfs", make_folder(root, path), "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=2000,mode=755")
        else:
            bind(path, make_folder(root, path) if path.is_dir() else make_file(root, path))
    for path, target in view.links:
        with contextlib.suppress(OSError):  # it is there, in a view
            below(make_folder(root, path.parent), path.name).symlink_to(target)
    for folder in view.emptied:
        make_read_only(below(root, folder))
    for name in DEVICES:  # read-only: so their time stamps can't be set, but they can be written to
        bind(f"/dev/{name}", make_file(root, f"/dev/{name}"), devices=True)
    make_folder(root, ROOM)
    for link in ROOM_LINKS:
        if not below(root, link).exists():  # Python or a package may be in /tmp
            below(make_folder(root, Path(link).parent), Path(link).name).symlink_to(ROOM)
    below(root, "/dev/fd").symlink_to("/proc/self/fd")


def link_aliases(root: Path, path: Path) -> None:
    """Make /lib and its like links, as they are outside: programs name files by either path."""
    for alias in ("/lib", "/lib64", "/bin"):
        if Path(alias).is_symlink() and path.is_relative_to("/usr") and not below(root, alias).is_symlink():
            below(root, alias).symlink_to(Path(alias).readlink())


def below(root: Path, path: str | Path) -> Path:
    return root / str(path).lstrip("/")


def make_folder(root: Path, path: str | Path) -> Path:
    """The folder in a new root for this path; it may exist already, in a read-only view."""
    folder = below(root, path)
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def make_file(root: Path, path: str | Path) -> Path:
    file = make_folder(root, Path(path).parent) / Path(path).name
    if not file.exists():
        file.touch(0o644)
    return file


def fresh_room() -> str:
    """Mount a new, empty file system for a call's files; the call's scratch folder."""
    size = f"size={ROOM_BYTES},nr_inodes={ROOM_FILES},mode=1777"
    mount("tmpfs", ROOM, "tmpfs", MS_NOSUID | MS_NODEV, size)
    os.mkdir(SCRATCH, 0o700)  # noqa: PTH102  quicker than Path, for every call
    return SCRATCH


def remove_room() -> None:
    """Let go of all files of a call at once, whatever their number.  No process may use them."""
    check(libc().umount2(ROOM.encode(), MNT_DETACH), "umount2")


def is_room_full() -> bool:
    status = os.statvfs(ROOM)
    return status.f_bavail * status.f_frsize < 2**20 or status.f_favail < 16


def mount(source: str | Path | None, target: str | Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    texts = [os.fsencode(text) if text else None for text in (source, target, kind)]
    check(libc().mount(*texts, flags, options.encode() or None), f"mount of {target}")


def bind(source: str | Path, target: Path, devices: bool = False) -> None:
    """Show a file or folder at another path, read-only."""
    mount(source, target, flags=MS_BIND)
    make_read_only(target, 0 if devices else MS_NODEV)


def make_read_only(target: Path, further: int = MS_NODEV) -> None:
    mount(None, target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | further)


@cache
def libc() -> ctypes.CDLL:
    functions = ctypes.CDLL(None, use_errno=True)
    text = ctypes.c_char_p
    functions.mount.argtypes = (text, text, text, ctypes.c_ulong, text)
    return functions


def check(result: int, step: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{step} failed: {os.strerror(number)}")


def try_it(needed: Iterable[Path] = ()) -> None:
    """Enter an empty jail in a child process.  Raises OSError if the system refuses."""
    unshare(CLONE_NEWPID)
    child = os.fork()
    if child == 0:
        try:
            enter(View(tuple(needed)), None)
            fresh_room()
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise OSError("a jail can't be entered")


@cache
def is_possible() -> bool:
    """Whether this process may make jails.  A child process tries it out (30 ms)."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    command = [sys.executable, "-I", "-S", __file__]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0


if __name__ == "__main__":
    try_it()
