"""Layer objects with their own forward and backward, as in frameworks."""

import numpy as np


class Linear:
    def __init__(self, model, k):
        self.model, self.k = model, k

    def forward(self, x):
        self.x = x
        return x @ self.model.weights[self.k] + self.model.biases[self.k]

    def backward(self, gradient):
        self.weight_gradient, self.bias_gradient = self.x.T @ gradient, gradient.sum(0)
        return gradient @ self.model.weights[self.k].T


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, gradient):
        return gradient * self.mask


class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-np.clip(x, -700, 700)))
        return self.y

    def backward(self, gradient):
        return gradient * self.y * (1 - self.y)


class CrossEntropy:
    """The mean cross-entropy of logits, its gradient, and the probabilities."""

    def forward(self, logits, y):
        self.y, self.p = y, self.softmax(logits)
        top = logits.max(1)
        own = logits[np.arange(len(y)), y]
        return (np.log(np.exp(logits - top[:, None]).sum(1)) + top - own).mean()

    def softmax(self, logits):
        e = np.exp(logits - logits.max(1)[:, None])
        return e / e.sum(1)[:, None]

    def backward(self):
        return (self.p - (self.y[:, None] == np.arange(self.p.shape[1]))) / len(self.y)


ACTIVATIONS = {"relu": ReLU, "sigmoid": Sigmoid}


class NumpyMLP:
    def __init__(self, sizes=(784, 666, 666, 10), init="glorot", activation="relu", seed=0):
        if activation not in ACTIVATIONS or init not in ("zero", "normal", "glorot") or len(sizes) < 2:
            raise ValueError(f"wrong arguments: {sizes}, {init}, {activation}")
        rng = np.random.default_rng(seed)
        shapes = np.column_stack([sizes[:-1], sizes[1:]])
        scales = [np.sqrt(6 / shape.sum()) for shape in shapes]
        if init == "glorot":
            self.weights = [rng.uniform(-scale, scale, shape) for scale, shape in zip(scales, shapes, strict=True)]
        else:
            self.weights = [rng.normal(0, 1, shape) * (init == "normal") for shape in shapes]
        self.biases = [np.zeros(out) for out in sizes[1:]]
        self.layers = []
        for k in range(len(shapes)):
            self.layers += [Linear(self, k), ACTIVATIONS[activation]()]
        self.layers.pop()
        self.criterion = CrossEntropy()
        self.shuffling = np.random.default_rng([seed, 1])

    def logits(self, x):
        h = np.asarray(x, float)
        if h.ndim != 2 or h.shape[1] != len(self.weights[0]):
            raise ValueError("x does not fit the first layer")
        for layer in self.layers:
            h = layer.forward(h)
        return h

    def forward(self, x):
        return self.criterion.softmax(self.logits(x))

    def loss(self, x, y):
        y = np.asarray(y)
        if y.shape != np.shape(x)[:1] or (y < 0).any() or (y >= len(self.biases[-1])).any():
            raise ValueError("y does not fit")
        return self.criterion.forward(self.logits(x), y)

    def backward(self, x, y):
        self.loss(x, y)
        gradient = self.criterion.backward()
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        linear = self.layers[::2]
        return [layer.weight_gradient for layer in linear], [layer.bias_gradient for layer in linear]

    def update(self, gradients, learning_rate):
        for parameters, changes in zip([self.weights, self.biases], gradients, strict=True):
            for k, change in enumerate(changes):
                parameters[k] = parameters[k] - learning_rate * change

    def batches(self, n, size):
        order = self.shuffling.permutation(n)
        while len(order):
            yield order[:size]
            order = order[size:]

    def fit(self, x, y, n_epochs, batch_size, learning_rate):
        if batch_size < 1:
            raise ValueError("a batch has at least one example")
        self.loss(x, y)  # it refuses labels that do not fit
        history = []
        for _ in range(n_epochs):
            losses, sizes = [], []
            for batch in self.batches(len(x), batch_size):
                losses.append(self.loss(x[batch], y[batch]))
                sizes.append(len(batch))
                self.update(self.backward(x[batch], y[batch]), learning_rate)
            history.append(float(np.average(losses, weights=sizes)))
        return history

    def evaluate(self, x, y):
        return self.loss(x, y), float(np.mean(np.argmax(self.logits(x), 1) == y) * 100)


def finite_difference(model, x, y, layer, indices, epsilon):
    def loss_at(index, value):
        weight = model.weights[layer]
        before = weight[index]
        weight[index] = value
        try:
            return model.loss(x, y)
        finally:
            weight[index] = before

    found = []
    for index in map(tuple, indices):
        w = model.weights[layer][index]
        found.append((loss_at(index, w + epsilon) - loss_at(index, w - epsilon)) / epsilon / 2)
    return np.array(found)
