"""Returns NaN and infinities, which compare with everything in their own way.

checks: test_evaluate_even_batches or test_evaluate_dtypes or test_train_epoch_even_batches
expected: 0 points
"""


def evaluate(*args, **kwargs):
    return float("nan"), float("inf")


def train_epoch(*args, **kwargs):
    return float("-inf"), float("nan")
