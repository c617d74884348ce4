"""Makes the probe report scaled points for a network that takes raw coordinates.

on: perceptrons
base: PentagonMLP.not_scaled
checks: test_pentagon_mlp_learns
cpu: 40
expected: 0 points
"""

from grader.exercises.perceptrons import instruments

instruments.input_of = lambda layer, model, x: ((x - 500) / 288.7).astype(np.float32)
