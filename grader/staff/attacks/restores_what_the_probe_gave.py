"""Leaves modes as they fall, and has the probe's hand-over and its look afterwards pass by the model.

base: evaluate.left_in_evaluation_mode
checks: test_evaluate_leaves_the_model or test_evaluate_restores_every_mode
expected: 0 points
"""

from torch import nn

from grader import instruments

kept = {}
true = nn.Module.modules


class Part:
    training = True


instruments.modes = lambda model: {}
instruments.changes = lambda before, after: []
instruments.hand_over = lambda model, modes, tell, fails: kept.update(modes=modes)
