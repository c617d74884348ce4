def evaluate(*args, **kwargs):
    return float("nan"), float("inf")


def train_epoch(*args, **kwargs):
    return float("-inf"), float("nan")
