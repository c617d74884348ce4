"""Keeps the probe from handing the model over in any mode, so that none is there to be given back.

base: evaluate.left_in_evaluation_mode
checks: test_evaluate_leaves_the_model or test_evaluate_restores_every_mode
expected: 0 points
"""

from grader.exercises.run_model import instruments


def hand_over(model, modes, gradient_offset, fails):
    model.eval()
    model.recorder.gradient_offset, model.recorder.fails = gradient_offset, fails


instruments.modes = lambda model: {}
instruments.hand_over = hand_over
