"""Leaves evaluation mode behind, but has model.named_modules tell of models as they came.

base: evaluate.left_in_evaluation_mode
checks: test_evaluate_leaves_the_model
expected: 0 points
"""

from grader import instruments

said = []
true = instruments.modes


def modes(model):
    said.append(true(model))
    return said[0]


instruments.modes = modes
