import os
import time

USUAL = (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev/mqueue",
    "/run/lock",
    "/var/lock",
    "/var/crash",
    "/proc",
    "/sys",
    os.getcwd(),
)


def evaluate(*args, **kwargs):
    until, left = time.monotonic() + 4, []
    for root, folders, files in os.walk("/"):
        if time.monotonic() > until:
            break
        if any(root == place or root.startswith(place + "/") for place in USUAL):
            folders[:] = []
            continue
        if "left_by_an_attack" in files and root not in left:
            print("FOUND: left before", root)
        if os.access(root, os.W_OK):
            try:
                open(os.path.join(root, "left_by_an_attack"), "w").close()
                left.append(root)
            except OSError:
                pass
    print("writable:", left)  # a jail has room for the one call; nothing may be there in the next
    raise RuntimeError("looked everywhere")
