"""Returns complex numbers, strings of digits, decimals and integers of a million digits.

checks: test_evaluate_even_batches or test_evaluate_dtypes or test_train_epoch_even_batches
expected: 0 points
"""

import decimal
import sys

sys.set_int_max_str_digits(0)


def evaluate(*args, **kwargs):
    return decimal.Decimal("1e99999"), 10**1_000_000


def train_epoch(*args, **kwargs):
    return "1.0986", complex(33, 0)
