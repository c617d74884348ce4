fast = NumpyMLP.backward


def slow(self, x, y):
    self.check_labels(x, y)
    parts = []
    for _ in range(1 if len(y) < 100 else 3):
        parts = [fast(self, np.asarray(x)[i : i + 1], np.asarray(y)[i : i + 1]) for i in range(len(y))]
    return tuple([sum(part[k][i] for part in parts) / len(y) for i in range(len(self.weights))] for k in (0, 1))


NumpyMLP.backward = slow
