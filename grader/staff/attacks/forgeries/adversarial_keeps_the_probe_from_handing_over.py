"""Keeps the probe from giving the model any mode but evaluation, or gradients that could be lost.

on: adversarial
base: adversarial_example.left_in_evaluation_mode
checks: test_leaves_the_model or test_leaves_all
expected: 0 points
"""

from grader.exercises.adversarial import probes as adversarial

adversarial.hand_over = lambda model, images, state: model.eval()
