import numpy as np


def NAME_average(values, decay):
    if decay < 0 or decay >= 1:
        raise ValueError("decay must be in [0, 1)")
    result = np.zeros(len(values))
    for t in range(len(values)):
        # the same as a weighted mean: the weight of a value shrinks by `decay` with every step
        weights = [decay ** (t - s) for s in range(t + 1)]
        result[t] = sum(weights[s] * values[s] for s in range(t + 1)) / sum(weights)
    return result
