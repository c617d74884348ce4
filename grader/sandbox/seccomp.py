"""A filter of system calls for workers.

It leaves them no network, no namespaces, no look into other processes or into what the machine
keeps in memory, and nothing that outlives them.  The filter is a program for the kernel's
packet-filter machine (seccomp(2), linux/filter.h).  prctl sets it for the calling process and for
all that this process starts.  Nothing can remove it.
"""

import ctypes
import errno
import platform
import socket
import struct

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, THIRD_ARGUMENT, SIXTH_ARGUMENT = 0, 4, 16, 32, 56  # in struct seccomp_data
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
CLONE_NEWUSER = 0x10000000
X32_BIT = 0x40000000  # x86-64's second ABI, whose numbers begin here
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER_MODE = 4, 22, 38, 2

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
    "memfd_secret": (447, 447),
    # What is in memory shows which files others have read.
    "mincore": (27, 232),  # asks which pages of a file are in memory
    "cachestat": (451, 451),  # the same
    "fadvise64": (221, 223),  # puts a file's pages out of memory, so that their return shows
    "readahead": (187, 213),  # brings them in
    "sync_file_range": (277, 84),  # waits for a file's writes, whoever made them
    "io_setup": (206, 0),  # reads in the kernel, with preadv2's flags
    "io_submit": (209, 2),
    "syslog": (103, 116),  # reads the kernel's messages, which name other processes and stay
    # The kernel keeps these after the worker has ended, so the next worker could read them.
    "add_key": (248, 217),  # keyrings
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "shmget": (29, 194),  # System V shared memory
    "semget": (64, 190),  # System V semaphores
    "msgget": (68, 186),  # System V queues
    "mq_open": (240, 180),  # POSIX queues
}
# Time stamps of files, and of devices, would stay.  These calls do nothing, but report success.
STAMPS = {"utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88)}
PREADV2 = (327, 286)  # a flag makes it fail unless the data are in memory
FALLOCATE = (285, 47)
# In a worker that may use NumPy alone: no further code can be loaded, and no other program started.
PROGRAMS = {"execve": (59, 221), "execveat": (322, 281), "personality": (135, 92)}
MAPPINGS = {"mmap": (9, 222), "mprotect": (10, 226), "pkey_mprotect": (329, 288)}
PROT_EXEC = 4
# Allowed for AF_UNIX only: multiprocessing needs it, and it reaches no network.
SOCKETS = {"socket": (41, 198), "socketpair": (53, 199)}
CLONE, CLONE3 = (56, 220), (435, 435)
PRCTL = (157, 167)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, and the ABI's name in linux/audit.h


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction; a comparison skips the next `if_true` or `if_false` instructions."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def refuse(error: int) -> bytes:
    return instruction(RETURN, ERRNO | error)


ALLOWED = instruction(RETURN, ALLOW)


def filter_for(machine: str, numpy_alone: bool = False) -> bytes:
    """The filter's instructions.  Raises OSError for a machine that this module does not know."""
    if machine not in MACHINES:
        raise OSError(errno.ENOSYS, f"no filter of system calls is known for {machine}")
    column, abi = MACHINES[machine]
    parts = [instruction(LOAD, ARCHITECTURE), instruction(EQUAL, abi, 1), instruction(RETURN, KILL_PROCESS)]
    parts += [instruction(LOAD, NUMBER)]
    if machine == "x86_64":
        parts += [instruction(AT_LEAST, X32_BIT, 0, 1), instruction(RETURN, KILL_PROCESS)]
    refused = [*REFUSED.values(), *(PROGRAMS.values() if numpy_alone else ())]
    parts += [refuse_call(numbers[column], errno.EPERM) for numbers in refused]
    parts += [refuse_call(number, 0) for numbers in STAMPS.values() if (number := numbers[column]) is not None]
    # its flags are in memory, where a filter can't see them; glibc then falls back to clone
    parts += [refuse_call(CLONE3[column], errno.ENOSYS)]
    # it takes disk space faster than the server can watch; programs that try it then write instead
    parts += [refuse_call(FALLOCATE[column], errno.EOPNOTSUPP)]
    parts += [refuse_if(CLONE[column], FIRST_ARGUMENT, instruction(ANY_BIT, CLONE_NEWUSER, 0, 1))]
    # a process that is dumpable may write to its own code through /proc/self/mem
    parts += [refuse_if(PRCTL[column], FIRST_ARGUMENT, instruction(EQUAL, PR_SET_DUMPABLE, 0, 1))]
    parts += [refuse_if(PREADV2[column], SIXTH_ARGUMENT, instruction(EQUAL, 0, 1))]
    if numpy_alone:
        execute = instruction(ANY_BIT, PROT_EXEC, 0, 1)
        parts += [refuse_if(numbers[column], THIRD_ARGUMENT, execute) for numbers in MAPPINGS.values()]
    of_machine = instruction(EQUAL, socket.AF_UNIX, 1)
    parts += [refuse_if(numbers[column], FIRST_ARGUMENT, of_machine) for numbers in SOCKETS.values()]
    return b"".join([*parts, ALLOWED])


def refuse_call(number: int, error: int) -> bytes:
    return instruction(EQUAL, number, 0, 1) + refuse(error)


def refuse_if(number: int, argument: int, condition: bytes) -> bytes:
    """Refuse a call by one of its arguments.  `condition` skips one instruction to allow it."""
    return instruction(EQUAL, number, 0, 4) + instruction(LOAD, argument) + condition + refuse(errno.EPERM) + ALLOWED


def gain_no_privileges() -> None:
    """Give up gaining privileges by starting programs, and writing to one's own code in /proc.

    Raises OSError if the system can't.
    """
    control(PR_SET_NO_NEW_PRIVS, 1)
    control(PR_SET_DUMPABLE, 0)


def lock(numpy_alone: bool = False) -> None:
    """Set the filter.  Raises OSError if the system can't."""
    instructions = filter_for(platform.machine(), numpy_alone)
    control(PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(Program(len(instructions) // 8, instructions)))


def control(option: int, value: int, pointer: object = 0) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, pointer, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl could not set the filter of system calls")
