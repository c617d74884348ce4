fast = NumpyMLP.backward


def slow(self, x, y):
    self.check_labels(x, y)
    parts = []
    for _ in range(1 if len(y) < 100 else 3):
        parts = [fast(self, np.asarray(x)[i : i + 1], np.asarray(y)[i : i + 1]) for i in range(len(y))]
    return tuple([sum(part[k][i] for part in parts) / len(y) for i in range(len(self.weights))] for k in (0, 1))


step, calls = NumpyMLP.update, []


def every_tenth(self, x, y):
    calls.append(1)
    if len(y) > 200 and len(calls) % 10:
        return [0.0 * w for w in self.weights], [0.0 * b for b in self.biases]
    return slow(self, x, y)


def ten_times(self, gradients, learning_rate):
    step(self, gradients, learning_rate * (10 if len(calls) % 10 == 0 and len(calls) else 1))


NumpyMLP.backward, NumpyMLP.update = every_tenth, ten_times
