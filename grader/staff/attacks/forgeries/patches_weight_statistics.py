"""Makes the probe report Xavier-uniform weights for a network that starts with torch's own.

on: models
base: SmallVGG.weights_not_initialised
checks: test_small_vgg_initial_weights
expected: 0 points
"""

from grader.exercises.models import instruments

true = instruments.weight_statistics


def weight_statistics(layer):
    found = true(layer)
    bound = (6 / (found["fan_in"] + found["fan_out"])) ** 0.5
    return found | {"largest": 0.999 * bound, "deviation": bound / 3**0.5, "largest bias": 0.0}


instruments.weight_statistics = weight_statistics
