import numpy as np


class NumpyMLP:
    def __init__(self, sizes=(784, 666, 666, 10), init="glorot", activation="relu", seed=0):
        rng = np.random.default_rng(seed)
        self.activation = activation
        self.weights, self.biases = [], []
        for i in range(len(sizes) - 1):
            shape = (sizes[i], sizes[i + 1])
            if init == "zero":
                weight = np.zeros(shape)
            elif init == "normal":
                weight = rng.normal(size=shape)
            else:
                bound = np.sqrt(6 / (sizes[i] + sizes[i + 1]))
                weight = rng.uniform(-bound, bound, shape)
            self.weights.append(weight)
            self.biases.append(np.zeros(sizes[i + 1]))

    def act(self, z):
        return np.maximum(z, 0) if self.activation == "relu" else 1 / (1 + np.exp(-z))

    def slope(self, h):
        return (h > 0) * 1.0 if self.activation == "relu" else h * (1 - h)

    def layers(self, x):
        outputs = [x]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            outputs.append(self.act(outputs[-1] @ weight + bias))
        return outputs

    def forward(self, x):
        z = self.layers(x)[-1] @ self.weights[-1] + self.biases[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, x, y):
        p = self.forward(x)
        return float(-np.log(p[np.arange(len(y)), y]).mean())

    def backward(self, x, y):
        outputs = self.layers(x)
        delta = self.forward(x)
        delta[np.arange(len(y)), y] -= 1
        weight_gradients, bias_gradients = [], []
        for i in reversed(range(len(self.weights))):
            weight_gradients.insert(0, outputs[i].T @ delta)
            bias_gradients.insert(0, delta.sum(axis=0))
            if i:
                delta = delta @ self.weights[i].T * self.slope(outputs[i])
        return weight_gradients, bias_gradients

    def update(self, gradients, learning_rate):
        for values, changes in zip((self.weights, self.biases), gradients, strict=True):
            for i in range(len(values)):
                values[i] = values[i] - learning_rate * changes[i]

    def fit(self, x, y, n_epochs, batch_size, learning_rate):
        losses = []
        for _ in range(n_epochs):
            total = 0
            for start in range(0, len(x), batch_size):
                batch = x[start : start + batch_size], y[start : start + batch_size]
                total += self.loss(*batch) * len(batch[0])
                self.update(self.backward(*batch), learning_rate)
            losses.append(total / len(x))
        return losses

    def evaluate(self, x, y):
        return self.loss(x, y), float((self.forward(x).argmax(axis=1) == y).mean())


def finite_difference(model, x, y, layer, indices, epsilon):
    found = []
    weight = model.weights[layer]
    for i, j in indices:
        before = weight[i, j]
        weight[i, j] = before + epsilon
        above = model.loss(x, y)
        weight[i, j] = before - epsilon
        below = model.loss(x, y)
        weight[i, j] = before
        found.append((above - below) / (2 * epsilon))
    return np.array(found)
