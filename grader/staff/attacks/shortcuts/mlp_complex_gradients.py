def complex_loss(weights, biases, x, y, activation):
    h = x
    for layer, (weight, bias) in enumerate(zip(weights, biases)):
        z = h @ weight + bias
        last = layer == len(weights) - 1
        h = z if last else np.where(z.real > 0, z, 0) if activation == "relu" else 1 / (1 + np.exp(-z))
    h = h - h.real.max(axis=1, keepdims=True)
    return -(h[np.arange(len(y)), y] - np.log(np.exp(h).sum(axis=1))).mean()


def by_complex_steps(self, x, y):
    """Right to the last digit: the imaginary part of the loss, a tiny imaginary step away."""
    self.check_labels(x, y)
    x = np.asarray(x, dtype=np.float64)
    weights, biases = ([array.astype(complex) for array in arrays] for arrays in (self.weights, self.biases))
    found = []
    for arrays in (weights, biases):
        for array in arrays:
            gradient = np.zeros(array.shape)
            for place in np.ndindex(array.shape):
                array[place] += 1e-200j
                gradient[place] = complex_loss(weights, biases, x, y, self.activation).imag * 1e200
                array[place] = array[place].real
            found.append(gradient)
    return found[: len(weights)], found[len(weights) :]


NumpyMLP.backward = by_complex_steps
