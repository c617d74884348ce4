import os

kept = []


def evaluate(*args, **kwargs):
    block = b"x" * 2**24
    try:
        for number in range(64):
            kept.append(os.memfd_create(f"hoard{number}"))
            os.write(kept[-1], block)
    except OSError as error:
        print("stopped:", error)
    raise RuntimeError(f"{len(kept)} memory files")
