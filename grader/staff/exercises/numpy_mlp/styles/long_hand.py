"""Everything written out: loops over layers, a cache in the model, steps in place, RandomState."""

import numpy as np


class NumpyMLP:
    def __init__(self, sizes=(784, 666, 666, 10), init="glorot", activation="relu", seed=0):
        if activation != "relu" and activation != "sigmoid":
            raise ValueError("activation must be relu or sigmoid")
        if init != "zero" and init != "normal" and init != "glorot":
            raise ValueError("init must be zero, normal or glorot")
        if len(sizes) < 2:
            raise ValueError("sizes must have two entries or more")
        self.activation = activation
        self.n_layers = len(sizes) - 1
        self.random = np.random.RandomState(seed)
        self.weights = []
        self.biases = []
        for i in range(self.n_layers):
            n_in = sizes[i]
            n_out = sizes[i + 1]
            if init == "zero":
                w = np.zeros((n_in, n_out))
            elif init == "normal":
                w = self.random.randn(n_in, n_out)
            else:
                limit = np.sqrt(6.0 / (n_in + n_out))
                w = self.random.uniform(low=-limit, high=limit, size=(n_in, n_out))
            self.weights.append(w)
            self.biases.append(np.zeros(n_out))
        self.cache = {}

    def activate(self, z):
        if self.activation == "relu":
            a = z.copy()
            a[a < 0] = 0
            return a
        a = np.empty_like(z)
        positive = z >= 0
        a[positive] = 1 / (1 + np.exp(-z[positive]))
        e = np.exp(z[~positive])
        a[~positive] = e / (1 + e)
        return a

    def derivative(self, z):
        if self.activation == "relu":
            d = np.zeros(z.shape)
            d[z > 0] = 1
            return d
        a = self.activate(z)
        return a * (1 - a)

    def forward(self, x):
        x = np.array(x).astype("float64")
        if len(x.shape) != 2:
            raise ValueError("x must have two axes")
        if x.shape[1] != self.weights[0].shape[0]:
            raise ValueError("x must have as many columns as the network has inputs")
        self.cache = {"A0": x}
        a = x
        for i in range(self.n_layers):
            z = np.dot(a, self.weights[i]) + self.biases[i]
            self.cache["Z" + str(i + 1)] = z
            if i < self.n_layers - 1:
                a = self.activate(z)
                self.cache["A" + str(i + 1)] = a
        e = np.exp(z - np.max(z, axis=1).reshape(-1, 1))
        p = e / np.sum(e, axis=1).reshape(-1, 1)
        self.cache["P"] = p
        return p.copy()

    def check(self, x, y):
        if np.shape(y) != (np.shape(x)[0],):
            raise ValueError("y must have a label for each example")
        for label in np.unique(y):
            if not 0 <= label < len(self.biases[-1]):
                raise ValueError("a label is out of range: " + str(label))

    def loss(self, x, y):
        self.check(x, y)
        self.forward(x)
        z = self.cache["Z" + str(self.n_layers)]
        m = np.max(z, axis=1)
        total = 0.0
        for n in range(len(y)):
            total = total + m[n] + np.log(np.sum(np.exp(z[n] - m[n]))) - z[n, y[n]]
        return total / len(y)

    def backward(self, x, y):
        self.check(x, y)
        self.forward(x)
        n = len(y)
        dz = self.cache["P"].copy()
        dz[range(n), y] -= 1
        dz /= n
        dws = [None] * self.n_layers
        dbs = [None] * self.n_layers
        for i in range(self.n_layers - 1, -1, -1):
            dws[i] = np.dot(self.cache["A" + str(i)].T, dz)
            dbs[i] = np.sum(dz, axis=0)
            if i > 0:
                da = np.dot(dz, self.weights[i].T)
                dz = da * self.derivative(self.cache["Z" + str(i)])
        return dws, dbs

    def update(self, gradients, learning_rate):
        dws, dbs = gradients
        for i in range(self.n_layers):
            self.weights[i] -= learning_rate * dws[i]
            self.biases[i] -= learning_rate * dbs[i]

    def fit(self, x, y, n_epochs, batch_size, learning_rate):
        if batch_size <= 0:
            raise ValueError("batch_size must be positive")
        self.check(x, y)
        n = len(x)
        history = []
        for _ in range(n_epochs):
            index = np.arange(n)
            self.random.shuffle(index)
            x_shuffled = x[index]
            y_shuffled = y[index]
            summed = 0.0
            start = 0
            while start < n:
                x_batch = x_shuffled[start : start + batch_size]
                y_batch = y_shuffled[start : start + batch_size]
                summed += self.loss(x_batch, y_batch) * x_batch.shape[0]
                self.update(self.backward(x_batch, y_batch), learning_rate)
                start += batch_size
            history.append(summed / n)
        return history

    def evaluate(self, x, y):
        probabilities = self.forward(x)
        right = 0
        for n in range(len(y)):
            if np.argmax(probabilities[n]) == y[n]:
                right += 1
        return self.loss(x, y), 100 * right / len(y)


def finite_difference(model, x, y, layer, indices, epsilon):
    result = []
    kept = model.weights[layer].copy()
    try:
        for index in indices:
            i, j = index
            model.weights[layer][i][j] = kept[i][j] + epsilon
            plus = model.loss(x, y)
            model.weights[layer][i][j] = kept[i][j] - epsilon
            minus = model.loss(x, y)
            model.weights[layer][i][j] = kept[i][j]
            result.append((plus - minus) / (2 * epsilon))
    finally:
        model.weights[layer] = kept
    return np.array(result)
