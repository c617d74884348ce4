"""Functions of the parameters do the work, with one-hot labels and einsum."""

import numpy as np


def nonlinearity(name):
    known = {
        "relu": (lambda z: np.where(z > 0, z, 0.0), lambda z: np.heaviside(z, 0.0)),
        "sigmoid": (stable_sigmoid, lambda z: stable_sigmoid(z) * stable_sigmoid(-z)),
    }
    if name not in known:
        raise ValueError(f"unknown activation: {name}")
    return known[name]


def stable_sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def log_sum_exp(z):
    return np.logaddexp.reduce(z, axis=1)


def pre_activations(parameters, act, x):
    zs, h = [], x
    for k, (w, b) in enumerate(parameters):
        z = np.einsum("ni,io->no", h, w, optimize=True) + b
        zs.append(z)
        h = z if k == len(parameters) - 1 else act(z)
    return zs


def mean_cross_entropy(logits, y):
    own = np.take_along_axis(logits, y[:, None], axis=1)[:, 0]
    return np.mean(log_sum_exp(logits) - own)


def one_hot(y, classes):
    return np.eye(classes)[y]


def gradients(parameters, act, slope, x, y):
    zs = pre_activations(parameters, act, x)
    targets = one_hot(y, zs[-1].shape[1])
    error = (np.exp(zs[-1] - log_sum_exp(zs[-1])[:, None]) - targets) / len(y)
    found = []
    for k in range(len(parameters) - 1, -1, -1):
        below = act(zs[k - 1]) if k else x
        found.insert(0, (below.T.dot(error), np.ones(len(y)).dot(error)))
        if k:
            error = error.dot(parameters[k][0].T) * slope(zs[k - 1])
    return found


class NumpyMLP:
    def __init__(self, sizes=(784, 666, 666, 10), init="glorot", activation="relu", seed=0):
        if len(sizes) < 2:
            raise ValueError("at least an input and an output size are needed")
        self.act, self.slope = nonlinearity(activation)
        self.generator = np.random.default_rng(seed)
        draw = {
            "zero": lambda n, m: np.zeros((n, m)),
            "normal": lambda n, m: self.generator.normal(size=(n, m)),
            "glorot": lambda n, m: (2 * self.generator.random((n, m)) - 1) * (6 / (n + m)) ** 0.5,
        }.get(init)
        if draw is None:
            raise ValueError(f"unknown init: {init}")
        self.weights = [draw(sizes[k - 1], sizes[k]) for k in range(1, len(sizes))]
        self.biases = [np.zeros(m) for m in sizes[1:]]

    @property
    def parameters(self):
        return list(zip(self.weights, self.biases, strict=True))

    def inputs(self, x):
        x = np.array(x, dtype=float)
        if x.ndim != 2 or x.shape[1] != self.weights[0].shape[0]:
            raise ValueError("x has the wrong shape")
        return x

    def labels(self, x, y):
        y = np.array(y).astype(int)
        if y.shape != (len(x),) or not set(y.tolist()) <= set(range(len(self.biases[-1]))):
            raise ValueError("y has the wrong shape, or labels out of range")
        return y

    def forward(self, x):
        logits = pre_activations(self.parameters, self.act, self.inputs(x))[-1]
        return np.exp(logits - log_sum_exp(logits)[:, None])

    def loss(self, x, y):
        x = self.inputs(x)
        return mean_cross_entropy(pre_activations(self.parameters, self.act, x)[-1], self.labels(x, y))

    def backward(self, x, y):
        x = self.inputs(x)
        found = gradients(self.parameters, self.act, self.slope, x, self.labels(x, y))
        return [w for w, _ in found], [b for _, b in found]

    def update(self, gradients, learning_rate):
        for values, changes in zip((self.weights, self.biases), gradients, strict=True):
            values[:] = [value - learning_rate * change for value, change in zip(values, changes, strict=True)]

    def fit(self, x, y, n_epochs, batch_size, learning_rate):
        if batch_size < 1:
            raise ValueError("batch_size must be positive")
        self.labels(x, y)
        return [self.epoch(x, y, batch_size, learning_rate) for _ in range(n_epochs)]

    def epoch(self, x, y, batch_size, learning_rate):
        order = np.argsort(self.generator.random(len(y)))
        losses = np.empty(len(y))
        for batch in np.split(order, range(batch_size, len(y), batch_size)):
            losses[batch] = self.loss(x[batch], y[batch])
            self.update(self.backward(x[batch], y[batch]), learning_rate)
        return losses.mean()

    def evaluate(self, x, y):
        return self.loss(x, y), 100 * (np.argmax(self.forward(x), axis=1) == y).mean()


def finite_difference(model, x, y, layer, indices, epsilon):
    original = model.weights[layer]

    def loss_with(index, step):
        model.weights[layer] = original.copy()
        model.weights[layer][tuple(index)] += step
        return model.loss(x, y)

    try:
        return np.array([(loss_with(i, epsilon) - loss_with(i, -epsilon)) / (2 * epsilon) for i in indices])
    finally:
        model.weights[layer] = original
