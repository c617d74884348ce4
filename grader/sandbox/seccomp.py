"""A filter of system calls for workers.

It leaves them no network, no namespaces, no look into other processes, and nothing that outlives
them.  The filter is a program for the kernel's packet-filter machine (seccomp(2), linux/filter.h).
prctl sets it for the calling process and for all that this process starts.  Nothing can remove it.
"""

import ctypes
import errno
import platform
import socket
import struct

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
CLONE_NEWUSER = 0x10000000
X32_BIT = 0x40000000  # x86-64's second ABI, whose numbers begin here
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER_MODE = 22, 38, 2

# The system calls that a worker is refused, each with its number on x86-64 and on aarch64, and why.
REFUSED = {
    # Other processes of the same user, such as one that outlives its worker: it could read the next
    # worker's question or write its answer.
    "ptrace": (101, 117),  # stops a process, reads and changes its memory and registers
    "process_vm_readv": (310, 270),  # reads another process's memory
    "process_vm_writev": (311, 271),  # writes to it
    "kcmp": (312, 272),  # tells which files and memory two processes share
    "pidfd_getfd": (438, 438),  # takes a copy of another process's descriptor, such as a pipe
    # io_uring does file and network operations in the kernel, where this filter does not see them.
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # In a user namespace of its own a worker has all privileges, and can attack more of the kernel.
    "unshare": (272, 97),  # makes namespaces
    "setns": (308, 268),  # enters those of another process
    # Parts of the kernel that no submission needs and that many attacks on the kernel began with.
    "bpf": (321, 280),  # loads programs into the kernel
    "perf_event_open": (298, 241),  # measures other processes' work, from caches to addresses
    "userfaultfd": (323, 282),  # stops the kernel in the middle of an access to memory, which wins races
    # Memory that neither the limit on address space nor the watch over the disk counts.
    "memfd_create": (319, 279),
    # The kernel keeps these after the worker has ended, so the next worker could read them.
    "add_key": (248, 217),  # keyrings
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "shmget": (29, 194),  # System V shared memory
    "semget": (64, 190),  # System V semaphores
    "msgget": (68, 186),  # System V queues
    "mq_open": (240, 180),  # POSIX queues
}
FALLOCATE = (285, 47)
# Allowed for AF_UNIX only: multiprocessing needs it, and it reaches no network.
SOCKETS = {"socket": (41, 198), "socketpair": (53, 199)}
CLONE, CLONE3 = (56, 220), (435, 435)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, and the ABI's name in linux/audit.h


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction; a comparison skips the next `if_true` or `if_false` instructions."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def refuse(error: int) -> bytes:
    return instruction(RETURN, ERRNO | error)


def filter_for(machine: str) -> bytes:
    """The filter's instructions.  Raises OSError for a machine that this module does not know."""
    if machine not in MACHINES:
        raise OSError(errno.ENOSYS, f"no filter of system calls is known for {machine}")
    column, abi = MACHINES[machine]
    allow = instruction(RETURN, ALLOW)
    parts = [instruction(LOAD, ARCHITECTURE), instruction(EQUAL, abi, 1), instruction(RETURN, KILL_PROCESS)]
    parts += [instruction(LOAD, NUMBER)]
    if machine == "x86_64":
        parts += [instruction(AT_LEAST, X32_BIT, 0, 1), instruction(RETURN, KILL_PROCESS)]
    for numbers in REFUSED.values():
        parts += [instruction(EQUAL, numbers[column], 0, 1), refuse(errno.EPERM)]
    # its flags are in memory, where a filter can't see them; glibc then falls back to clone
    parts += [instruction(EQUAL, CLONE3[column], 0, 1), refuse(errno.ENOSYS)]
    # it takes disk space faster than the server can watch; programs that try it then write instead
    parts += [instruction(EQUAL, FALLOCATE[column], 0, 1), refuse(errno.EOPNOTSUPP)]
    flags = [instruction(LOAD, FIRST_ARGUMENT), instruction(ANY_BIT, CLONE_NEWUSER, 0, 1), refuse(errno.EPERM), allow]
    parts += [instruction(EQUAL, CLONE[column], 0, len(flags)), *flags]
    family = [instruction(LOAD, FIRST_ARGUMENT), instruction(EQUAL, socket.AF_UNIX, 1), refuse(errno.EPERM), allow]
    for numbers in SOCKETS.values():
        parts += [instruction(EQUAL, numbers[column], 0, len(family)), *family]
    return b"".join([*parts, allow])


def lock() -> None:
    """Give up gaining privileges, and set the filter.  Raises OSError if the system can't."""
    libc = ctypes.CDLL(None, use_errno=True)
    instructions = filter_for(platform.machine())
    program = Program(len(instructions) // 8, instructions)
    settings = [(PR_SET_NO_NEW_PRIVS, 1, 0), (PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(program))]
    for option, value, pointer in settings:
        if libc.prctl(option, value, pointer, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl could not set the filter of system calls")
