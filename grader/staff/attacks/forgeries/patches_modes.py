"""Leaves evaluation mode behind, but has model.named_modules tell of models as they came.

base: evaluate.left_in_evaluation_mode
checks: test_evaluate_leaves_the_model
expected: 0 points
"""

from grader.exercises.run_model import instruments

true = instruments.modes
instruments.modes = lambda model: dict.fromkeys(true(model), True)
