def difference(self, x, y, array, place, step):
    kept = array[place]
    array[place] = kept + step
    above = self.loss(x, y)
    array[place] = kept - step
    below = self.loss(x, y)
    array[place] = kept
    return (above - below) / (2 * step)


def extrapolated(self, x, y):
    """Richardson's extrapolation: right to twelve digits, unless a ReLU bends there."""
    self.check_labels(x, y)
    found = []
    for arrays in (self.weights, self.biases):
        for array in arrays:
            gradient = np.zeros(array.shape)
            for place in np.ndindex(array.shape):
                d = [difference(self, x, y, array, place, step) for step in (4e-3, 2e-3, 1e-3)]
                once = [(4 * d[1] - d[0]) / 3, (4 * d[2] - d[1]) / 3]
                gradient[place] = (16 * once[1] - once[0]) / 15
            found.append(gradient)
    return found[: len(self.weights)], found[len(self.weights) :]


NumpyMLP.backward = extrapolated
