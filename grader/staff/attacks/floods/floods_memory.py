hoard = []


def evaluate(*args, **kwargs):
    while True:
        try:
            hoard.append(b"x" * 2**26)
        except MemoryError:
            if len(hoard) > 100:
                raise
            hoard.append(0)
