"""Landlock: a wall around files that a process puts up around itself (landlock(7), Linux 5.13).

Behind it, a worker can open what it needs, and nothing else, whatever the permissions of files say.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.sandbox.jail import DEVICES, View, check, libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on all machines
VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
MAKE_CHAR, MAKE_BLOCK, REFER, TRUNCATE, IOCTL_DEV = 1 << 6, 1 << 11, 1 << 13, 1 << 14, 1 << 15
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # by the first version that has them
NETWORK, SCOPES = 3, 3  # both rights on TCP (version 4); abstract sockets and signals (version 6)
READ = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
HIGH = 200  # workers use low descriptors for their pipes
NO_DEVICES = ~(MAKE_CHAR | MAKE_BLOCK)


def version() -> int:
    """The kernel's version of Landlock; 0 if it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(libc().syscall(CREATE_RULESET, None, 0, VERSION)))


def ruleset(view: View, shown: Path | None, writable: Iterable[Path]) -> int | None:
    """A file descriptor of rules for workers; None if the kernel has no Landlock.

    They may read the view and what is shown, use harmless devices, and write to `writable`.
    """
    import fcntl

    known = version()
    if not known:
        return None
    rights = max(rights for first, rights in RIGHTS.items() if first <= known)
    fields = [rights] + [NETWORK] * (known >= 4) + [SCOPES] * (known >= 6)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = int(libc().syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0))
    check(rules, "landlock_create_ruleset")
    readable = [part for path in view.paths for part in allowed_to_read(path, view.emptied)]
    for path in [*readable, *([shown] if shown else [])]:
        allow(rules, path, READ)
    for path in view.emptied:
        allow(rules, path, READ_DIR)  # else no package in it is found
    for name in DEVICES:
        allow(rules, Path("/dev", name), (READ_FILE | WRITE_FILE) & rights)
    for path in writable:
        allow(rules, path, rights & NO_DEVICES)
    high = fcntl.fcntl(rules, fcntl.F_DUPFD_CLOEXEC, HIGH)
    os.close(rules)
    return high


def allowed_to_read(path: Path, emptied: Iterable[Path]) -> Iterator[Path]:
    """A path; but of a folder with an emptied one in it, all else.

    A rule holds for all that is in a folder.
    """
    if path in emptied:
        return
    if not any(folder.is_relative_to(path) for folder in emptied):
        yield path
        return
    for entry in path.iterdir():
        yield from allowed_to_read(entry, emptied)


def allow(rules: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        attributes = struct.pack("=Qi", rights if path.is_dir() else rights & OF_FILES, descriptor)
        check(libc().syscall(ADD_RULE, rules, PATH_BENEATH, attributes, 0), f"landlock_add_rule for {path}")
    finally:
        os.close(descriptor)


def restrict(rules: int) -> None:
    """Put up the wall around this process, for good.  It must have given up gaining privileges."""
    if libc().syscall(RESTRICT_SELF, rules, 0) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"landlock_restrict_self failed: {errno.errorcode.get(number, number)}")
    os.close(rules)
