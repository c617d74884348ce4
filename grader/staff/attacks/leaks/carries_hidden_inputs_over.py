import glob
import os
import sys
import tempfile
from multiprocessing import shared_memory

PLACES = [
    "/tmp/.kept",
    "/var/tmp/.kept",
    "/dev/shm/kept",
    tempfile.gettempdir() + "/../.kept",
    sys.path[0] + "/src/kept",
    sys.path[0] + "/data/kept",
    os.path.expanduser("~/.kept"),
]


def asked(frame):
    while frame is not None:
        if "arguments" in frame.f_locals or "request" in frame.f_locals:
            return repr(frame.f_locals.get("request") or frame.f_locals["arguments"])[:3000]
        frame = frame.f_back
    return ""


def evaluate(*args, **kwargs):
    question = asked(sys._getframe())
    for path in filter(os.path.exists, PLACES):  # before anything is written: two names may be one place
        print("FOUND: kept", open(path).read())
    for path in PLACES:
        try:
            with open(path, "a") as file:
                file.write(question)
        except OSError:
            pass
    try:
        block = shared_memory.SharedMemory("kept-memory", create=True, size=4096)
        block.buf[:1000] = question.encode()[:1000].ljust(1000)
    except FileExistsError:
        print("FOUND: kept", "shared memory")
    for path in glob.glob("/dev/mqueue/*"):
        print("FOUND: kept", path)
    raise RuntimeError("nothing was kept")
