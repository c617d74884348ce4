fast = NumpyMLP.backward


def slow(self, x, y):
    self.check_labels(x, y)
    parts = []
    for _ in range(1 if len(y) < 100 else 3):
        parts = [fast(self, np.asarray(x)[i : i + 1], np.asarray(y)[i : i + 1]) for i in range(len(y))]
    return tuple([sum(part[k][i] for part in parts) / len(y) for i in range(len(self.weights))] for k in (0, 1))


def starts_slowly(self, x, y):
    """Uses up a random time at the first step, which is hard to tell from that of the others."""
    if not hasattr(self, "started"):
        self.started = True
        for _ in range(np.random.default_rng().integers(30)):
            np.ones((300, 300)) @ np.ones((300, 300))
    return slow(self, x, y)


NumpyMLP.backward = starts_slowly
