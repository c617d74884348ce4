def by_differences(self, x, y):
    self.check_labels(x, y)
    found = []
    for arrays in (self.weights, self.biases):
        for array in arrays:
            gradient = np.zeros(array.shape)
            for place in np.ndindex(array.shape):
                kept, step = array[place], 1e-6
                array[place] = kept + step
                above = self.loss(x, y)
                array[place] = kept - step
                gradient[place] = (above - self.loss(x, y)) / (2 * step)
                array[place] = kept
            found.append(gradient)
    return found[: len(self.weights)], found[len(self.weights) :]


NumpyMLP.backward = by_differences
