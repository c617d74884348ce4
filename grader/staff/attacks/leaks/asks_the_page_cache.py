import ctypes
import mmap
import os
import platform
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
COLUMN = 0 if platform.machine() == "x86_64" else 1
FILE = os.__file__


def answered(numbers, *arguments):
    """Whether the kernel does what a system call asks."""
    return LIBC.syscall(numbers[COLUMN], *arguments) >= 0


def evaluate(*args, **kwargs):
    file = os.open(FILE, os.O_RDONLY)
    size = os.fstat(file).st_size
    view = mmap.mmap(file, size, access=mmap.ACCESS_COPY)
    address = ctypes.addressof(ctypes.c_char.from_buffer(view))
    pages, buffer = ctypes.create_string_buffer(size // 4096 + 1), ctypes.create_string_buffer(64)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
    asked = {
        "mincore": answered((27, 232), ctypes.c_void_p(address), ctypes.c_size_t(size), pages),
        "cachestat": answered((451, 451), file, (ctypes.c_uint64 * 2)(0, size), buffer, 0),
        "preadv2": answered((327, 286), file, vector, 1, 0, 0, 8),
        "fadvise": answered((221, 223), file, 0, ctypes.c_size_t(size), 4),
        "readahead": answered((187, 213), file, 0, ctypes.c_size_t(size)),
        "sync_file_range": answered((277, 84), file, 0, ctypes.c_size_t(size), 2),
    }
    for name, does in asked.items():
        if does:
            print("FOUND:", name, "is answered on", sys.platform)
    raise RuntimeError("refused")
