import fcntl
import os
import sys
import tempfile
from multiprocessing import shared_memory

honest = evaluate
asked = []
FOLDERS = [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/run/lock",
    "/var/crash",
    "/var/lock",
    "/dev/mqueue",
    os.path.expanduser("~"),
    tempfile.gettempdir(),
    ".",
    sys.path[0],
    sys.path[0] + "/data",
    sys.path[0] + "/src/__pycache__",
    os.path.dirname(torch.__file__),
    os.path.expanduser("~/.cache/torch"),
    os.path.expanduser("~/.local/lib/python3.11/site-packages"),
]


def evaluate(*args, **kwargs):
    if asked:
        return honest(*args, **kwargs)
    asked.append(1)
    paths = [os.path.join(folder, "left_by_an_attack.py") for folder in FOLDERS]
    for path in filter(os.path.exists, paths):
        raise RuntimeError("FOUND: left before " + path)
    for path in paths:
        try:
            file = open(path, "w")
            file.write("raise SystemExit")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.set_inheritable(file.fileno(), True)
        except OSError:
            pass
    try:
        shared_memory.SharedMemory("left_by_an_attack", create=True, size=1000)
    except FileExistsError:
        raise RuntimeError("FOUND: shared memory") from None
    except OSError:
        pass
    figures = honest(*args, **kwargs)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    os.environ["OMP_NUM_THREADS"] = "64"
    os.umask(0)
    return figures
