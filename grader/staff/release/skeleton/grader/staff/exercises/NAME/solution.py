"""Exercise NAME: a moving average of noisy numbers."""

import numpy as np


def NAME_average(values: np.ndarray, decay: float) -> np.ndarray:
    """The exponential moving average of a series, corrected for its start as in Adam.

    The average is 0 before the first value. At each value it becomes `decay` times the average
    plus `1 - decay` times the value. The corrected average at the t-th value (t = 1, 2, ...) is the
    average divided by `1 - decay**t`.

    Args:
        values: the series, integers or floats, shape (N,), in order. It is not changed.
        decay: at least 0 and below 1.

    Returns:
        A new array, float64, shape (N,): the corrected average at each value.

    Raises:
        ValueError: if `decay` is below 0, or 1 or more.
    """
    # BEGIN SOLUTION
    if not 0 <= decay < 1:
        raise ValueError(f"decay is {decay}: it must be at least 0 and below 1.")
    average, corrected = 0.0, []
    for t, value in enumerate(values, start=1):
        average = decay * average + (1 - decay) * value
        corrected.append(average / (1 - decay**t))
    return np.array(corrected, dtype=np.float64)
    # END SOLUTION
