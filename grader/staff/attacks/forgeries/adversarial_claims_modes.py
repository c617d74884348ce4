"""Leaves the model in evaluation mode, but has the probe tell of modes that nobody changed.

on: adversarial
base: adversarial_example.left_in_evaluation_mode
checks: test_leaves_the_model or test_leaves_all
expected: 0 points
"""

from grader.exercises.adversarial import probes as adversarial

true = adversarial.left_behind
adversarial.left_behind = lambda model, images: true(model, images) | {"modes": [True for _ in model.modules()]}
